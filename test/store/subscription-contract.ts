/** The second half of the store contract: entries, histories, backlogs and announcements. Called by `contract.ts`. */
import { expect } from 'chai'
import type { Commit, GlobalCommit, Place, Position, Store, Waiting } from '../../plugin/store/store.ts'
import type { EventReport } from '../../plugin/ups/event-reports.ts'
import type { Delivery, EntryChange } from '../../plugin/ups/subscription.ts'
import type { Workitem } from '../../plugin/ups/workitem.ts'
import { deleteWorkitem, deletion } from '../support/deletion.ts'
import { change, creation, expectStale, type StoreUnderTest, workitem } from './contract.ts'

const GLOBAL = '1.2.840.10008.5.1.4.34.5'
const AT = new Date('2026-03-01T09:05:00.123Z')

const stateReport = (state: string): EventReport => ({
  event: 'UPS State Report',
  information: { '00741000': { vr: 'CS', Value: [state] } },
})
const cancelRequest: EventReport = {
  event: 'UPS Cancel Requested',
  information: { '00741236': { vr: 'AE', Value: ['ÄRZTE'] } },
}

const to = (subscriber: string, ...reports: readonly EventReport[]): Delivery => ({ subscriber, reports })

const entry = (subscriber: string, changes: Partial<Extract<EntryChange, { makers: unknown }>> = {}): EntryChange => ({
  subscriber,
  state: 'Subscribed with Lock',
  makers: ['explicit'],
  ...changes,
})

const globally = (subscriber: string, expected: Position | undefined, changes: Partial<GlobalCommit> = {}) => ({
  uid: GLOBAL,
  subscriber,
  kind: 'subscribe' as const,
  change: { does: 'subscribe', record: 'global', deletionLock: true } as const,
  announce: false,
  at: AT,
  expected,
  ...changes,
})

export function subscriptionContract(underTest: StoreUnderTest): void {
  describe('subscriptions', () => {
    let store: Store
    /** Of what was committed last. */
    let version: Position
    beforeEach(async () => {
      store = await underTest.open()
    })
    afterEach(() => underTest.end())

    const commit = async (one: Commit): Promise<Position> => (version = await store.commit(one))
    const deliver = (uid: string, ...deliveries: readonly Delivery[]): Promise<Position> =>
      commit({ ...creation(uid), deliveries })
    const backlog = async (subscriber: string, after?: Place, limit = 100): Promise<readonly string[]> =>
      (await store.readBacklog(subscriber, after, limit)).map(described)
    const places = async (subscriber: string): Promise<readonly Place[]> =>
      (await store.readBacklog(subscriber, undefined, 1000)).map(({ place }) => place)

    describe('an entry', () => {
      const load = async (uid = '1.1') => {
        const loaded = await store.load(uid)
        return loaded.is === 'there' ? loaded.entries : undefined
      }

      it('comes with the workitem, with the moment at which it was recorded', async () => {
        await commit({
          ...creation('1.1'),
          entries: [entry('TMS'), entry('PACS', { state: 'Not Subscribed', makers: [] })],
        })
        expect(await load()).to.have.deep.members([
          { subscriber: 'TMS', state: 'Subscribed with Lock', makers: ['explicit'], since: version, at: version },
          { subscriber: 'PACS', state: 'Not Subscribed', makers: [], since: version, at: version },
        ])
      })

      it('is replaced by the next of the same AE, which may keep since when it holds, and can be forgotten', async () => {
        const first = await commit({ ...creation('1.1'), entries: [entry('TMS')] })
        const again = entry('TMS', { makers: ['explicit', 'filtered'], since: first })
        const second = await commit({ ...change('1.1', first, {}), entries: [again] })
        expect(await load()).to.deep.equal([
          {
            subscriber: 'TMS',
            state: 'Subscribed with Lock',
            makers: ['explicit', 'filtered'],
            since: first,
            at: second,
          },
        ])
        await commit({ ...change('1.1', second, {}), entries: [{ subscriber: 'TMS', state: 'forgotten' }] })
        expect(await load()).to.deep.equal([])
      })

      it('is not there when its commit was stale', async () => {
        const first = await commit(creation('1.1'))
        await commit(change('1.1', first, {}))
        await expectStale(
          store.commit({
            ...change('1.1', first, {}),
            entries: [entry('TMS')],
            deliveries: [to('TMS', cancelRequest)],
          }),
        )
        expect([await load(), await backlog('TMS')]).to.deep.equal([[], []])
      })

      it('goes with its workitem', async () => {
        await commit({ ...creation('1.1'), entries: [entry('TMS')] })
        await commit(deletion('1.1', version))
        expect(await store.hasEntries('TMS')).to.equal(false)
        expect(await store.listEntries('TMS', { limit: 9 })).to.deep.equal([])
      })

      it('is found by when it was recorded, and by the record that has no part in it', async () => {
        const left = entry('TMS', { state: 'Not Subscribed', makers: [] })
        await commit({ ...creation('1.1'), entries: [left, entry('PACS', { makers: ['explicit', 'filtered'] })] })
        const without = (record: 'global' | 'filtered', subscriber: string, moment = version - 1) =>
          store.hasEntryWithout(record, subscriber, moment)
        expect([await without('global', 'TMS'), await without('global', 'TMS', version)]).to.deep.equal([true, false])
        expect([await without('global', 'PACS'), await without('filtered', 'PACS')]).to.deep.equal([true, false])
        expect(await without('global', 'NOBODY')).to.equal(false)
      })

      it('comes with each of many workitems for readers, in the order asked, without those that are not there', async () => {
        const made = await commit({ ...creation('1.1'), entries: [entry('TMS'), entry('PACS')] })
        const other = await commit({
          ...creation('1.2', { lock: { transactionUid: '1.2.3.4.5' } }),
          entries: [entry('TMS', { makers: ['explicit', 'global'] })],
        })
        const plain = await commit(creation('1.3'))
        await commit(creation('1.4'))
        await commit(deletion('1.4', version))
        const again = await commit({
          ...change('1.1', made, {}),
          entries: [entry('TMS', { state: 'Subscribed w/o Lock', since: made })],
        })
        const attended = await store.attended(['1.3', '1.4', '1.2', '1.9', '1.1', '1.2'])
        expect(attended.map(({ uid, version: at, createdAt }) => [uid, at, createdAt])).to.deep.equal([
          ['1.3', plain, plain],
          ['1.2', other, other],
          ['1.1', again, made],
          ['1.2', other, other],
        ])
        const listed = await store.retrieveAll(['1.3', '1.2', '1.1', '1.2'])
        expect(attended.map(({ createdAt: _at, entries: _entries, ...rest }) => rest)).to.deep.equal(listed)
        for (const { uid, entries } of attended)
          expect(entries, uid).to.have.deep.members([...((await load(uid)) ?? [])])
        expect(attended.map(({ entries }) => entries.length)).to.deep.equal([0, 1, 2, 1])
        expect(JSON.stringify(attended)).not.to.contain('1.2.3.4.5')
        expect(await store.attended([])).to.deep.equal([])
      })

      it('does not come with any workitem once its AE has unsubscribed from everything', async () => {
        await commit({ ...creation('1.1'), entries: [entry('TMS'), entry('PACS')] })
        await store.commitGlobal(globally('TMS', undefined, { change: { does: 'clear' } }))
        const [attended] = await store.attended(['1.1'])
        expect(attended?.entries.map(({ subscriber }) => subscriber)).to.deep.equal(['PACS'])
      })

      it('is listed by AE, in order of creation, page by page, without those that are not subscribed', async () => {
        for (const uid of ['1.3', '1.1', '1.2', '1.9'])
          await commit({ ...creation(uid), entries: [entry('TMS'), entry('PACS')] })
        await commit({
          ...change('1.1', (version - 2) as Position, {}),
          entries: [entry('TMS', { state: 'Not Subscribed', makers: [] })],
        })
        const first = await store.listEntries('TMS', { limit: 2 })
        expect(first.map(({ uid }) => uid)).to.deep.equal(['1.3', '1.2'])
        const after = first.at(-1)?.sequence
        const second = await store.listEntries('TMS', { limit: 2, ...(after === undefined ? {} : { after }) })
        expect(second.map(({ uid }) => uid)).to.deep.equal(['1.9'])
        expect(await store.listEntries('NOBODY', { limit: 9 })).to.deep.equal([])
      })
    })

    describe('a global subscription', () => {
      it('is part of the histories at once, and has its place in the feed', async () => {
        await commit(creation('1.1'))
        const at = await store.commitGlobal(globally('TMS', undefined))
        expect(await store.globalSubscriptions()).to.deep.equal({
          version: at,
          histories: new Map([
            [
              'TMS',
              {
                subscriber: 'TMS',
                operations: [{ does: 'subscribe', record: 'global', deletionLock: true, at, again: [] }],
              },
            ],
          ]),
        })
        expect(
          (await store.readFeed(version, 9)).map(({ uid, kind, state, previous, reports }) => [
            uid,
            kind,
            state,
            previous,
            reports,
          ]),
        ).to.deep.equal([[GLOBAL, 'subscribe', undefined, undefined, []]])
      })

      it('against older histories is stale and changes nothing', async () => {
        await store.commitGlobal(globally('TMS', undefined))
        const before = [await store.globalSubscriptions(), await store.readFeed(undefined, 9)]
        await expectStale(store.commitGlobal(globally('PACS', undefined)))
        expect([await store.globalSubscriptions(), await store.readFeed(undefined, 9)]).to.deep.equal(before)
      })

      it('makes commits stale that were decided before it: nobody is forgotten in between', async () => {
        const first = await commit(creation('1.1'))
        const at = await store.commitGlobal(globally('TMS', undefined))
        await expectStale(store.commit(creation('1.2')))
        await expectStale(store.commit(change('1.1', first, {})))
        await store.commit({ ...creation('1.2'), histories: at })
      })

      it('lets exactly one of many racing ones through', async () => {
        const racing = Array.from({ length: 16 }, (_, n) => store.commitGlobal(globally(`AE${n}`, undefined)))
        const outcomes = await Promise.allSettled(racing)
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1)
        expect((await store.globalSubscriptions()).histories.size).to.equal(1)
      })

      it('does not make commits stale that come in the same moment, however many subscribe', async () => {
        const racing = Array.from({ length: 16 }, (_, n) => store.commitGlobal(globally(`AE${n}`, undefined)))
        const creating = Array.from({ length: 16 }, (_, n) => store.commit(creation(`1.${n}`)))
        await Promise.allSettled(racing)
        await Promise.all(creating)
        expect(await store.count()).to.equal(16)
      })

      it('repeated, dropped, suspended, cleared: the histories are what the rules make of it', async () => {
        let at: Position | undefined
        const then = async (command: GlobalCommit['change']): Promise<Position> =>
          (at = await store.commitGlobal(globally('TMS', at, { change: command })))
        const filter = { '00741000': { is: 'anything that a query holds', ÄÖ: [1] } } as never
        const first = await then({ does: 'subscribe', record: 'global', deletionLock: false })
        const again = await then({ does: 'subscribe', record: 'global', deletionLock: false })
        const filtered = await then({ does: 'subscribe', record: 'filtered', deletionLock: true, filter })
        const suspended = await then({ does: 'suspend', record: 'filtered' })
        const dropped = await then({ does: 'drop', record: 'global' })
        expect((await store.globalSubscriptions()).histories.get('TMS')?.operations).to.deep.equal([
          { does: 'subscribe', record: 'global', deletionLock: false, at: first, again: [again] },
          { does: 'subscribe', record: 'filtered', deletionLock: true, filter, at: filtered, again: [] },
          { does: 'suspend', record: 'filtered', at: suspended },
          { does: 'drop', record: 'global', at: dropped },
        ])
        const cleared = await then({ does: 'clear' })
        expect(await store.globalSubscriptions()).to.deep.equal({ version: cleared, histories: new Map() })
      })

      it('that is cleared takes the entries recorded until then with it, and no later ones', async () => {
        await commit({ ...creation('1.1'), entries: [entry('TMS'), entry('PACS')] })
        const cleared = await store.commitGlobal(globally('TMS', undefined, { change: { does: 'clear' } }))
        const entries = async (uid: string) => {
          const loaded = await store.load(uid)
          return loaded.is === 'there' && loaded.entries.map(({ subscriber }) => subscriber)
        }
        expect(await entries('1.1')).to.deep.equal(['PACS'])
        expect([await store.hasEntries('TMS'), await store.subscribers()]).to.deep.equal([false, ['PACS']])
        await commit({ ...creation('1.2'), histories: cleared, entries: [entry('TMS')] })
        expect(await entries('1.2')).to.deep.equal(['TMS'])
        while (await store.forgetEntries(1)) expect(await entries('1.1')).to.deep.equal(['PACS'])
        expect(await entries('1.2')).to.deep.equal(['TMS'])
        expect(await store.hasEntries('TMS')).to.equal(true)
      })

      it('makes its AE one of the subscribers; an entry that says "not subscribed" does not', async () => {
        await commit({ ...creation('1.1'), entries: [entry('A'), entry('B', { state: 'Not Subscribed', makers: [] })] })
        await store.commitGlobal(globally('C', undefined))
        expect((await store.subscribers()).toSorted()).to.deep.equal(['A', 'C'])
      })
    })

    describe('a backlog', () => {
      it('has the reports in commit order, each for whom it is meant', async () => {
        await deliver('1.1', to('TMS', stateReport('SCHEDULED'), cancelRequest), to('PACS', stateReport('SCHEDULED')))
        await deliver('1.2', to('TMS', stateReport('CANCELED')))
        expect(await backlog('TMS')).to.deep.equal([
          '1.1 UPS State Report {"00741000":{"vr":"CS","Value":["SCHEDULED"]}}',
          '1.1 UPS Cancel Requested {"00741236":{"vr":"AE","Value":["ÄRZTE"]}}',
          '1.2 UPS State Report {"00741000":{"vr":"CS","Value":["CANCELED"]}}',
        ])
        expect(await backlog('PACS')).to.have.length(1)
        expect(await backlog('NOBODY')).to.deep.equal([])
      })

      it('is read from any place, a few at a time', async () => {
        for (const uid of ['1.1', '1.2', '1.3']) await deliver(uid, to('TMS', stateReport(uid), cancelRequest))
        const read: string[] = []
        for (let after: Place | undefined; ;) {
          const page: readonly Waiting[] = await store.readBacklog('TMS', after, 2)
          if (page.length === 0) break
          read.push(...page.map(({ uid }) => uid))
          after = page.at(-1)?.place
        }
        expect(read).to.deep.equal(['1.1', '1.1', '1.2', '1.2', '1.3', '1.3'])
      })

      it('loses what was receipted, up to that place, of that subscriber alone', async () => {
        for (const uid of ['1.1', '1.2'])
          await deliver(uid, to('TMS', stateReport(uid), cancelRequest), to('PACS', cancelRequest))
        const [, second, third] = await places('TMS')
        if (!second || !third) throw new Error('too few')
        await store.receipt('TMS', third)
        expect(await places('TMS')).to.have.length(1)
        await store.receipt('TMS', second)
        expect(await places('TMS')).to.have.length(1)
        expect(await places('PACS')).to.have.length(2)
        await store.receipt('NOBODY', third)
      })

      it('keeps its copies when a workitem is deleted', async () => {
        await deliver('1.1', to('TMS', stateReport('COMPLETED')))
        await deleteWorkitem(store, '1.1')
        expect(await backlog('TMS')).to.deep.equal([
          '1.1 UPS State Report {"00741000":{"vr":"CS","Value":["COMPLETED"]}}',
        ])
      })

      it('says how much waits for whom', async () => {
        await deliver('1.1', to('TMS', stateReport('SCHEDULED'), cancelRequest))
        expect(await store.backlogs()).to.deep.equal([{ subscriber: 'TMS', waiting: 2, dropped: 0 }])
      })

      it('tells its watchers of commits that add nothing for anybody too', async () => {
        const seen: (readonly [string, number])[][] = []
        const unwatch = store.watch((added) => seen.push([...added]))
        const created = await commit(creation('1.1'))
        await commit(change('1.1', created, {}))
        unwatch()
        expect(seen).to.deep.equal([[], []])
      })

      it('tells its watchers after the commit how much came for whom, and nothing of what was stale', async () => {
        const seen: [string, number][][] = []
        const unwatch = store.watch((added) => seen.push([...added]))
        await deliver('1.1', to('TMS', stateReport('SCHEDULED'), cancelRequest), to('PACS', cancelRequest))
        await expectStale(deliver('1.1', to('TMS', cancelRequest)))
        await store.commitGlobal(globally('SCP', undefined, { announce: true }))
        unwatch()
        await commit({ ...creation('1.2'), histories: 2 as Position, deliveries: [to('TMS', cancelRequest)] })
        expect(seen).to.deep.equal([
          [
            ['TMS', 2],
            ['PACS', 1],
          ],
          [['SCP', 0]],
        ])
      })
    })

    describe('trimming', () => {
      beforeEach(async () => {
        await deliver('1.1', to('TMS', stateReport('A')), to('PACS', stateReport('A')))
        await deliver('1.2', to('TMS', stateReport('B'), cancelRequest))
        await deliver('1.3', to('TMS', stateReport('C')))
        await commit({ ...change('1.3', version, {}), deliveries: [to('TMS', stateReport('D'))] })
      })
      const short = async () =>
        (await backlog('TMS')).map((text) => text.replace(/UPS (\w+) .*?(?:\["(.)"\].*|$)/, '$1 $2'))

      it('drops the oldest, and has present values reported in front, once for each workitem', async () => {
        expect(await store.trimBacklog('TMS', 2)).to.equal(3)
        expect(await backlog('TMS')).to.deep.equal([
          '1.1 UPS State Report present',
          '1.2 UPS State Report present',
          '1.3 UPS State Report present',
          '1.2 UPS Cancel Requested {"00741236":{"vr":"AE","Value":["ÄRZTE"]}}',
          '1.3 UPS State Report {"00741000":{"vr":"CS","Value":["D"]}}',
        ])
        expect(await store.backlogs()).to.have.deep.members([
          { subscriber: 'TMS', waiting: 2, dropped: 3 },
          { subscriber: 'PACS', waiting: 1, dropped: 0 },
        ])
      })

      it('drops a Cancel Requested last of all', async () => {
        expect(await store.trimBacklog('TMS', 1)).to.equal(4)
        expect((await short()).at(-1)).to.contain('Cancel')
        expect(await store.trimBacklog('TMS', 0)).to.equal(1)
        expect(
          (await store.readBacklog('TMS', undefined, 9)).map(({ uid, place }) => [uid, place.position]),
        ).to.deep.equal([
          ['1.1', 0],
          ['1.2', 0],
          ['1.3', 0],
        ])
      })

      it('does nothing where there is not too much, nor for nobody', async () => {
        const before = await backlog('TMS')
        expect([await store.trimBacklog('TMS', 5), await store.trimBacklog('NOBODY', 0)]).to.deep.equal([0, 0])
        expect(await backlog('TMS')).to.deep.equal(before)
      })

      it('forgets a workitem that is gone, and what it put in front is receipted like the rest', async () => {
        await deleteWorkitem(store, '1.2')
        await store.trimBacklog('TMS', 1)
        const [first] = await places('TMS')
        expect((await store.readBacklog('TMS', undefined, 9)).map(({ uid }) => uid)).to.deep.equal([
          '1.1',
          '1.3',
          '1.2',
        ])
        if (first) await store.receipt('TMS', first)
        expect(await places('TMS')).to.have.length(2)
      })
    })

    describe('an announcement', () => {
      let operation: Position
      beforeEach(async () => {
        for (const uid of ['1.1', '1.2', '1.3']) await commit(creation(uid))
        operation = await store.commitGlobal(globally('TMS', undefined, { announce: true }))
        await store.commit({ ...creation('1.4'), histories: operation })
      })
      const owing = () => ({ subscriber: 'TMS', operation })
      const announce = async (uids: readonly string[], histories: Position | undefined = operation) => {
        const candidates = (await store.readAnnouncement(owing(), 9)).filter(({ workitem: { uid } }) =>
          uids.includes(uid),
        )
        const through = candidates.at(-1)?.sequence
        if (through === undefined) throw new Error('no candidates')
        const reports = candidates.map(({ workitem: { uid }, version: expected }) => ({
          uid,
          expected,
          report: stateReport(uid),
        }))
        return { batch: { announcement: owing(), through, reports }, histories }
      }

      it('is about the workitems that were there when it came, in order of creation', async () => {
        expect(await store.announcements()).to.deep.equal([owing()])
        const candidates = await store.readAnnouncement(owing(), 9)
        expect(candidates.map(({ workitem: { uid } }) => uid)).to.deep.equal(['1.1', '1.2', '1.3'])
        expect(candidates[0]).to.deep.include({
          is: 'there',
          workitem: workitem('1.1') satisfies Workitem,
          version: 1,
          createdAt: 1,
          entries: [],
        })
        expect(await store.readAnnouncement(owing(), 1)).to.have.length(1)
      })

      it('goes on where it ended, behind all that waited before and before all that comes later', async () => {
        const { batch, histories } = await announce(['1.1', '1.2'])
        await store.commit({ ...creation('1.5'), histories: operation, deliveries: [to('TMS', cancelRequest)] })
        await store.announce(batch, histories)
        await store.commit({ ...creation('1.6'), histories: operation, deliveries: [to('TMS', cancelRequest)] })
        expect((await store.readBacklog('TMS', undefined, 9)).map(({ uid }) => uid)).to.deep.equal([
          '1.5',
          '1.1',
          '1.2',
          '1.6',
        ])
        expect((await store.readAnnouncement(owing(), 9)).map(({ workitem: { uid } }) => uid)).to.deep.equal(['1.3'])
      })

      it('never comes before what a reader has seen, also where two announcements meet at one position', async () => {
        const { batch } = await announce(['1.3'])
        await store.announce(batch, operation)
        const [seen] = await places('TMS')
        await store.announce(batch, operation)
        expect(await store.readBacklog('TMS', seen, 9)).to.have.length(1)
      })

      it('is stale as a whole when one workitem of the batch, or a history, has changed', async () => {
        const { batch } = await announce(['1.1', '1.2'])
        await store.commit({ ...change('1.2', 2 as Position, {}), histories: operation })
        await expectStale(store.announce(batch, operation))
        const { batch: fresh } = await announce(['1.1', '1.2'])
        const later = await store.commitGlobal(globally('PACS', operation))
        await expectStale(store.announce(fresh, operation))
        expect(await backlog('TMS')).to.deep.equal([])
        await store.announce(fresh, later)
        expect(await backlog('TMS')).to.have.length(2)
      })

      it('ends when it is ended, or when its AE unsubscribes from everything', async () => {
        await store.endAnnouncement(owing())
        expect(await store.announcements()).to.deep.equal([])
        const again = await store.commitGlobal(globally('TMS', operation, { announce: true }))
        expect(await store.announcements()).to.have.length(1)
        await store.commitGlobal(globally('TMS', again, { change: { does: 'clear' } }))
        expect(await store.announcements()).to.deep.equal([])
        expect(await store.readAnnouncement({ subscriber: 'TMS', operation: again }, 9)).to.deep.equal([])
      })
    })
  })
}

const described = ({ uid, event, information }: Waiting): string => `${uid} ${event} ${information ?? 'present'}`
