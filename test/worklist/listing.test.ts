/** A page of workitems with their subscriptions takes the same number of calls of the store, however many they are. */
import { join } from 'node:path'
import { expect } from 'chai'
import { SILENT } from '../../plugin/host.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Store } from '../../plugin/store/store.ts'
import { readFilter } from '../../plugin/ups/matching-keys.ts'
import { FILTERED_GLOBAL_SUBSCRIPTION_UID, GLOBAL_SUBSCRIPTION_UID } from '../../plugin/ups/tags.ts'
import { type Command, execute } from '../../plugin/worklist/execute.ts'
import { subscribersOf, subscriptionsOf, workitemsHeldBy } from '../../plugin/worklist/subscriptions.ts'
import { Turns } from '../../plugin/worklist/turns.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { changed, sample } from '../support/workitems.ts'
import { LENIENT } from '../ups/support.ts'

/** The store, which notes what it is called for. */
const noting = (store: Store, calls: string[]): Store =>
  new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      calls.push(String(name))
      return member.bind(target) as unknown
    },
  })

describe('Listing subscriptions', () => {
  let folder: Folder
  let store: Store
  const uids = Array.from({ length: 120 }, (_, n) => `1.2.90.${n}`)
  const run = async (command: Command): Promise<void> => {
    const tally = { committed: () => undefined, refused: () => undefined, searched: () => undefined }
    const clock = (): Date => new Date('2026-03-01T09:05:00Z')
    expect(
      (await execute(command, LENIENT, { store, turns: new Turns(), clock, tally, logger: SILENT })).outcome,
    ).to.equal('accepted')
  }
  const read = readFilter([{ name: 'WorklistLabel', list: ['Even', 'Ev*'] }], { fuzzymatching: true })
  if (!read.ok) throw new Error('a bad filter')
  const { filter } = read

  before(async () => {
    folder = temporaryFolder()
    store = openSqliteStore({ file: join(folder.path, 'worklist.db') })
    for (const [n, uid] of uids.entries()) {
      const label = { vr: 'LO', Value: [n % 2 ? 'Odd' : 'Even'] } as const
      const attributes = changed(sample('minimal'), { '00741202': label })
      await run({ kind: 'create', uid, receivingAE: 'WORKLIST', attributes })
      if (n % 3 === 0) await run({ kind: 'subscribe', uid, subscriber: 'TMS', deletionLock: n % 2 === 0 })
    }
    const [worklist, filtered] = [GLOBAL_SUBSCRIPTION_UID, FILTERED_GLOBAL_SUBSCRIPTION_UID]
    await run({ kind: 'subscribe', uid: worklist, subscriber: 'PACS', deletionLock: false })
    await run({ kind: 'subscribe', uid: filtered, subscriber: 'LAB', deletionLock: true, filter })
  })
  after(async () => {
    await store.close()
    folder.remove()
  })

  const calls = async (list: (noted: Store) => Promise<unknown>): Promise<readonly string[]> => {
    const noted: string[] = []
    await list(noting(store, noted))
    return noted.toSorted()
  }

  it('of one workitem and of 120 takes two calls, and says of each who holds what', async () => {
    expect(await calls((noted) => subscriptionsOf(uids, noted, undefined))).to.deep.equal([
      'attended',
      'globalSubscriptions',
    ])
    const found = await subscriptionsOf([...uids, '1.2.91'], store, undefined)
    expect([...found.keys()]).to.deep.equal(uids)
    for (const [n, uid] of uids.entries()) {
      expect(found.get(uid), uid).to.have.deep.members([
        { subscriber: 'PACS', deletionLock: false, by: ['global'] },
        ...(n % 2 ? [] : [{ subscriber: 'LAB', deletionLock: true, by: ['filtered'] }]),
        ...(n % 3 ? [] : [{ subscriber: 'TMS', deletionLock: n % 2 === 0, by: ['explicit'] }]),
      ])
    }
  })

  it('of one AE takes three calls, whatever the page', async () => {
    for (const limit of [1, 40, 1_000]) {
      expect(await calls((noted) => workitemsHeldBy('TMS', { limit }, noted, undefined))).to.deep.equal([
        'attended',
        'globalSubscriptions',
        'listEntries',
      ])
    }
    const { workitems, next } = await workitemsHeldBy('TMS', { limit: 40 }, store, undefined)
    expect(workitems.map(({ uid }) => uid)).to.deep.equal(uids.filter((_, n) => n % 3 === 0))
    expect(next).not.to.equal(undefined)
    expect(await workitemsHeldBy('PACS', { limit: 40 }, store, undefined)).to.deep.equal({ workitems: [] })
  })

  it('of the worklist shows AEs, their records and what waits', async () => {
    const channels = (subscriber: string): number => (subscriber === 'LAB' ? 2 : 0)
    const idle = { channels: 0, waiting: 0, dropped: 0 }
    const all = await subscribersOf(store, channels)
    expect(all).to.deep.equal([
      {
        subscriber: 'LAB',
        ...idle,
        channels: 2,
        filtered: { deletionLock: true, filter: { ...filter, timeZone: all[0]?.filtered?.filter.timeZone } },
      },
      { subscriber: 'PACS', ...idle, global: { deletionLock: false } },
      { subscriber: 'TMS', ...idle, waiting: 40 },
    ])
    expect(await subscribersOf(store, channels, 'TMS')).to.deep.equal(all.slice(2))
    expect(await subscribersOf(store, channels, 'NOBODY')).to.deep.equal([{ subscriber: 'NOBODY', ...idle }])
    expect(await calls((noted) => subscribersOf(noted, channels))).to.deep.equal([
      'backlogs',
      'globalSubscriptions',
      'subscribers',
    ])
  })
})
