/** What every engine of the store must keep, in the words of `plugin/store/store.ts`. Called once for each engine. */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { hasCode } from '../../plugin/errors.ts'
import type { Commit, FeedEntry, Loaded, Position, Store } from '../../plugin/store/store.ts'
import type { State, Workitem } from '../../plugin/ups/workitem.ts'
import { deletion, UNATTENDED } from '../support/deletion.ts'
import { sample } from '../support/workitems.ts'
import { searchContract } from './search-contract.ts'
import { subscriptionContract } from './subscription-contract.ts'

export interface StoreUnderTest {
  open(): Promise<Store>
  /** Ends whatever `open` began, and forgets its data. */
  end(): Promise<void>
}

const AT = new Date('2026-03-01T09:05:00.123Z')

export const workitem = (uid: string, changes: Partial<Workitem> = {}): Workitem => ({
  uid,
  state: 'SCHEDULED',
  receivingAE: 'WORKLIST',
  attributes: { '00080018': { vr: 'UI', Value: [uid] }, '00741204': { vr: 'LO', Value: ['Lung ÄÖ 肺'] } },
  ...changes,
})

export const creation = (uid: string, changes: Partial<Workitem> = {}): Commit => ({
  uid,
  expected: undefined,
  next: workitem(uid, changes),
  kind: 'create',
  replaced: {},
  reports: [],
  at: AT,
  ...UNATTENDED,
})

export const change = (
  uid: string,
  expected: Position,
  next: Partial<Workitem>,
  changes: Partial<Commit> = {},
): Commit => ({
  ...creation(uid, next),
  expected,
  kind: 'update',
  ...changes,
})

export async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('it was accepted')
}

export const expectStale = async (work: Promise<unknown>): Promise<void> => {
  expect(hasCode(await rejection(work), 'UPS_STALE_VERSION')).to.equal(true)
}

const there = (item: Workitem, version: Position, createdAt = version): Loaded => ({
  is: 'there',
  workitem: item,
  version,
  createdAt,
  entries: [],
})

const all = (store: Store): Promise<readonly FeedEntry[]> => store.readFeed(undefined, 1_000_000)

export function storeContract(engine: string, underTest: StoreUnderTest): void {
  describe(`The store contract, kept by ${engine}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await underTest.open()
    })
    afterEach(() => underTest.end())

    describe('a commit', () => {
      it('of a new workitem gives it back as it was', async () => {
        const full = workitem('1.1', {
          state: 'COMPLETED',
          lock: { transactionUid: '1.9', performer: 'TDD' },
          finishedAt: AT,
          attributes: sample('ai-triage'),
        })
        const version = await store.commit({ ...creation('1.1'), next: full })
        expect(await store.load('1.1')).to.deep.equal(there(full, version))
      })

      it('gives back no lock, performer or time of finish where there was none', async () => {
        const version = await store.commit(creation('1.1'))
        expect(await store.load('1.1')).to.deep.equal(there(workitem('1.1'), version))
        const claimed = workitem('1.1', { lock: { transactionUid: '1.9' } })
        const next = await store.commit({ ...creation('1.1'), expected: version, next: claimed })
        expect(await store.load('1.1')).to.deep.equal(there(claimed, next, version))
      })

      it('against the version that was loaded replaces the workitem', async () => {
        const first = await store.commit(creation('1.1'))
        const second = await store.commit(change('1.1', first, { state: 'IN PROGRESS' }))
        expect(second).to.be.greaterThan(first)
        const loaded = await store.load('1.1')
        expect(loaded).to.deep.equal(there(workitem('1.1', { state: 'IN PROGRESS' }), second, first))
      })

      it('against an older version is stale and changes nothing', async () => {
        const first = await store.commit(creation('1.1'))
        await store.commit(change('1.1', first, { state: 'IN PROGRESS' }))
        const before = [await store.load('1.1'), await all(store)]
        await expectStale(store.commit(change('1.1', first, { state: 'CANCELED' })))
        await expectStale(store.commit(deletion('1.1', first)))
        expect([await store.load('1.1'), await all(store)]).to.deep.equal(before)
      })

      it('of a UID that exists is stale and changes nothing', async () => {
        await store.commit(creation('1.1'))
        const before = [await store.load('1.1'), await all(store)]
        await expectStale(store.commit(creation('1.1', { receivingAE: 'OTHER' })))
        expect([await store.load('1.1'), await all(store)]).to.deep.equal(before)
      })

      it('of a UID that was never there, as if it were, is stale', async () => {
        await expectStale(store.commit(change('1.1', 1 as Position, {})))
        await expectStale(store.commit(deletion('1.1', 1 as Position)))
        expect(await all(store)).to.deep.equal([])
      })

      it('lets exactly one of many racing ones through, and leaves one entry', async () => {
        const first = await store.commit(creation('1.1'))
        const racing = Array.from({ length: 64 }, (_, n) =>
          store.commit(change('1.1', first, { lock: { transactionUid: `1.2.${n}` } })),
        )
        const outcomes = await Promise.allSettled(racing)
        const won = outcomes.flatMap((outcome, n) => (outcome.status === 'fulfilled' ? [n] : []))
        expect(won).to.have.length(1)
        const loaded = await store.load('1.1')
        expect(loaded.is === 'there' && loaded.workitem.lock?.transactionUid).to.equal(`1.2.${won[0]}`)
        expect(await all(store)).to.have.length(2)
      })

      it('that is stale does not disturb others of the same moment', async () => {
        const first = await store.commit(creation('1.1'))
        const outcomes = await Promise.allSettled([
          store.commit(creation('1.2')),
          store.commit(creation('1.1')),
          store.commit(change('1.1', first, { state: 'CANCELED' })),
          store.commit(change('1.1', first, { state: 'COMPLETED' })),
          store.commit(creation('1.3')),
        ])
        expect(outcomes.map(({ status }) => status)).to.deep.equal([
          'fulfilled',
          'rejected',
          'fulfilled',
          'rejected',
          'fulfilled',
        ])
        expect((await all(store)).map(({ uid }) => uid)).to.deep.equal(['1.1', '1.2', '1.1', '1.3'])
      })
    })

    describe('reading', () => {
      it('knows nothing of a UID that was never there', async () => {
        expect(await store.load('1.1')).to.deep.equal({ is: 'unknown' })
        expect(await store.retrieve('1.1')).to.deep.equal({ is: 'unknown' })
      })

      it('gives readers the dataset as canonical DICOM JSON, and nothing of the lock', async () => {
        const attributes: Dataset = {
          '21000140': { vr: 'AE', Value: ['B'] },
          '00741204': { vr: 'LO', Value: ['ä'] },
          '00080018': { vr: 'UI', Value: ['1.1'] },
        }
        await store.commit(creation('1.1', { attributes, lock: { transactionUid: '1.2.3.4.5' } }))
        expect(await store.retrieve('1.1')).to.deep.equal({
          is: 'there',
          json: '{"00080018":{"vr":"UI","Value":["1.1"]},"00741204":{"vr":"LO","Value":["ä"]},"21000140":{"vr":"AE","Value":["B"]}}',
        })
        const listed = await store.list({ limit: 10 })
        expect(JSON.stringify([listed, await all(store)])).not.to.contain('1.2.3.4.5')
      })

      it('sees every commit that was acknowledged', async () => {
        for (let n = 1; n <= 50; n++) {
          await store.commit(creation(`1.${n}`))
          expect((await store.load(`1.${n}`)).is).to.equal('there')
          expect(await store.count()).to.equal(n)
        }
      })
    })

    describe('listing', () => {
      const states: readonly State[] = ['SCHEDULED', 'CANCELED', 'SCHEDULED', 'IN PROGRESS', 'SCHEDULED']
      const list = async (options: Parameters<Store['list']>[0]): Promise<readonly string[]> =>
        (await store.list(options)).map(({ uid }) => uid)

      beforeEach(async () => {
        for (const [n, state] of states.entries()) await store.commit(creation(`1.${9 - n}`, { state }))
      })

      it('goes by the order of creation, also after changes', async () => {
        const loaded = await store.load('1.9')
        if (loaded.is === 'there') await store.commit(change('1.9', loaded.version, {}))
        expect(await list({ limit: 10 })).to.deep.equal(['1.9', '1.8', '1.7', '1.6', '1.5'])
      })

      it('gives pages that do not overlap, by where the last one ended', async () => {
        const [first, second] = await store.list({ limit: 2 })
        expect([first?.uid, second?.uid]).to.deep.equal(['1.9', '1.8'])
        expect(await list({ limit: 2, ...(second && { after: second.sequence }) })).to.deep.equal(['1.7', '1.6'])
      })

      it('counts what it would list', async () => {
        expect(await store.count()).to.equal(5)
      })

      it('gives those that are asked for, in that order, with their versions and without those that are not there', async () => {
        const listed = await store.retrieveAll(['1.5', '1.1', '1.9', '1.5'])
        expect(listed.map(({ uid, version }) => [uid, version])).to.deep.equal([
          ['1.5', 5],
          ['1.9', 1],
          ['1.5', 5],
        ])
        expect(await store.retrieveAll([])).to.deep.equal([])
      })
    })

    describe('cursors of the feed', () => {
      it('are nowhere at first, then where they were moved, each for itself', async () => {
        expect([await store.head(), await store.cursor('one')]).to.deep.equal([undefined, undefined])
        const first = await store.commit(creation('1.1'))
        const second = await store.commit(creation('1.2'))
        await store.moveCursor('one', first)
        await store.moveCursor('two', second)
        await store.moveCursor('one', second)
        await store.moveCursor('two', first)
        expect([await store.head(), await store.cursor('one'), await store.cursor('two')]).to.deep.equal([
          second,
          second,
          first,
        ])
        await store.moveCursor('one', undefined)
        expect(await store.cursor('one')).to.equal(undefined)
      })
    })

    describe('the feed', () => {
      it('has one entry for each commit, with what it says', async () => {
        const report = {
          event: 'UPS State Report',
          information: { '00741000': { vr: 'CS', Value: ['CANCELED'] } },
        } as const
        const replaced = { '00741204': { vr: 'LO', Value: ['before'] }, '00404041': null } as const
        const first = await store.commit(creation('1.1'))
        const second = await store.commit(
          change('1.1', first, { state: 'CANCELED' }, { kind: 'changeState', replaced, reports: [report, report] }),
        )
        expect(await all(store)).to.deep.equal([
          {
            position: first,
            is: 'there',
            uid: '1.1',
            previous: undefined,
            kind: 'create',
            at: AT,
            state: 'SCHEDULED',
            replaced: {},
            reports: [],
          },
          {
            position: second,
            is: 'there',
            uid: '1.1',
            previous: first,
            kind: 'changeState',
            at: AT,
            state: 'CANCELED',
            replaced,
            reports: [report, report],
          },
        ])
      })

      it('has positions without gap and without duplicate, though commits fail in between', async () => {
        const positions: Position[] = []
        for (let n = 0; n < 20; n++) {
          const outcomes = await Promise.allSettled([
            store.commit(creation(`1.${n}`)),
            store.commit(creation(`1.${n}`)),
            store.commit(creation(`2.${n}`)),
          ])
          for (const outcome of outcomes) if (outcome.status === 'fulfilled') positions.push(outcome.value)
        }
        expect(positions).to.deep.equal(Array.from({ length: 40 }, (_, n) => n + 1))
        expect((await all(store)).map(({ position }) => position)).to.deep.equal(positions)
      })

      it('can be read from anywhere, a few entries at a time', async () => {
        for (let n = 1; n <= 7; n++) await store.commit(creation(`1.${n}`))
        const read: string[] = []
        for (let after: Position | undefined; ;) {
          const page = await store.readFeed(after, 3)
          if (page.length === 0) break
          read.push(...page.map(({ uid }) => uid))
          after = page.at(-1)?.position
        }
        expect(read).to.deep.equal(['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7'])
      })

      it('shows a reader who runs beside the writers every position once, in order', async () => {
        const writers = Array.from({ length: 200 }, (_, n) => store.commit(creation(`1.${n}`)))
        const seen: Position[] = []
        while (seen.length < 200) {
          seen.push(...(await store.readFeed(seen.at(-1), 17)).map(({ position }) => position))
          await new Promise(setImmediate)
        }
        await Promise.all(writers)
        expect(seen).to.deep.equal(Array.from({ length: 200 }, (_, n) => n + 1))
      })
    })

    describe('histories', () => {
      const positions = async (...of: readonly (readonly [string, Position])[]): Promise<readonly Position[]> =>
        (await store.histories(of.map(([uid, after]) => ({ uid, after })))).map(({ position }) => position)
      const BEGINNING = 0 as Position
      let first: Position
      let second: Position
      let third: Position
      beforeEach(async () => {
        first = await store.commit(creation('1.1'))
        await store.commit(creation('1.2'))
        second = await store.commit(
          change('1.1', first, { state: 'IN PROGRESS' }, { kind: 'changeState', replaced: { '00741000': null } }),
        )
        await store.commit(creation('1.3'))
        third = await store.commit(change('1.1', second, {}))
      })

      it('are the entries behind a position, of the workitem alone, as the feed has them', async () => {
        const feed = await all(store)
        const entries = await store.histories([{ uid: '1.1', after: first }])
        expect(entries).to.deep.equal(feed.filter(({ uid, position }) => uid === '1.1' && position > first))
        expect(await positions(['1.1', BEGINNING])).to.deep.equal([first, second, third])
        expect(await positions(['1.1', third], ['1.1', (third + 1) as Position])).to.deep.equal([])
      })

      it('of many come in feed order, each from its own position', async () => {
        expect(await positions(['1.3', BEGINNING], ['1.1', second], ['1.2', BEGINNING])).to.deep.equal([2, 4, 5])
        expect(await positions()).to.deep.equal([])
      })

      it('have nothing of what is gone, or was never there', async () => {
        await store.commit(deletion('1.1', third))
        expect(await positions(['1.1', BEGINNING], ['1.2', BEGINNING], ['1.9', BEGINNING])).to.deep.equal([2])
      })
    })

    it('keeps all that there ever was, until somebody prunes it', async () => {
      expect(await store.feedStart()).to.equal(undefined)
      const first = await store.commit(creation('1.1'))
      await store.commit(deletion('1.1', first))
      expect(await store.feedStart()).to.equal(undefined)
    })

    describe('a deletion', () => {
      let version: Position
      beforeEach(async () => {
        const first = await store.commit(creation('1.1'))
        version = await store.commit(
          change('1.1', first, {}, { replaced: { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'DOE' }] } } }),
        )
        await store.commit(creation('1.2'))
      })

      it('leaves a tombstone, and an entry in the feed', async () => {
        await store.commit(deletion('1.1', version))
        expect(await store.load('1.1')).to.deep.equal({ is: 'deleted' })
        expect(await store.retrieve('1.1')).to.deep.equal({ is: 'deleted' })
        expect((await store.list({ limit: 10 })).map(({ uid }) => uid)).to.deep.equal(['1.2'])
        const last = (await all(store)).at(-1)
        expect([last?.kind, last?.state, last?.previous]).to.deep.equal(['delete', undefined, version])
      })

      it('keeps the UID from being created again', async () => {
        await store.commit(deletion('1.1', version))
        await expectStale(store.commit(creation('1.1')))
        expect(await store.load('1.1')).to.deep.equal({ is: 'deleted' })
      })

      it('takes what the workitem held out of older entries, and out of no others', async () => {
        await store.commit(deletion('1.1', version))
        expect(JSON.stringify(await all(store))).not.to.contain('DOE')
        expect((await all(store)).map(({ position }) => position)).to.deep.equal([1, 2, 3, 4])
      })
    })

    subscriptionContract(underTest)
    searchContract(underTest)

    describe('closing', () => {
      it('waits for commits under way, and is harmless a second time', async () => {
        const commits = Array.from({ length: 20 }, (_, n) => store.commit(creation(`1.${n}`)))
        await store.close()
        await store.close()
        expect((await Promise.allSettled(commits)).every(({ status }) => status === 'fulfilled')).to.equal(true)
      })

      it('makes every later use a failure that says the store is unavailable', async () => {
        await store.close()
        const uses = [
          store.load('1.1'),
          store.retrieve('1.1'),
          store.list({ limit: 1 }),
          store.count(),
          store.readFeed(undefined, 1),
          store.histories([]),
          store.feedStart(),
          store.commit(creation('1.1')),
          store.globalSubscriptions(),
          store.attended(['1.1']),
          store.values('00741202', 1),
          store.values('00400400', 1),
          store.hasEntries('TMS'),
          store.readBacklog('TMS', undefined, 1),
          store.trimBacklog('TMS', 0),
          store.announcements(),
        ]
        for (const use of uses) expect(hasCode(await rejection(use), 'UPS_STORE_UNAVAILABLE')).to.equal(true)
      })
    })
  })
}
