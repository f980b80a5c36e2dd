/**
 * Random sequences of creations, updates and subscriptions by several AEs, against a naive table (naive-table.ts): the whole
 * write path on a real store that is opened anew at random moments. (The rules alone: test/ups/subscription-model.test.ts.)
 * More of them: SUBSCRIPTION_SEQUENCES=5000 npx mocha --no-config test/worklist/subscriptions.test.ts
 */
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { SILENT } from '../../plugin/host.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Place, Sequence, Store } from '../../plugin/store/store.ts'
import { standingsOf } from '../../plugin/ups/attend.ts'
import type { SubscriptionCommand } from '../../plugin/ups/decide-subscription.ts'
import { readFilter } from '../../plugin/ups/matching-keys.ts'
import type { Standing } from '../../plugin/ups/subscription.ts'
import { announceNext } from '../../plugin/worklist/announce.ts'
import { type Desk, execute } from '../../plugin/worklist/execute.ts'
import { situationOf } from '../../plugin/worklist/situation.ts'
import { subscriptionsOf, type WorkitemSubscription, workitemsHeldBy } from '../../plugin/worklist/subscriptions.ts'
import { Turns } from '../../plugin/worklist/turns.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { changed, sample } from '../support/workitems.ts'
import { type Label, NaiveTable, type Outcome, type Step } from './naive-table.ts'
import { LENIENT } from '../ups/support.ts'

const SEQUENCES = Number(process.env.SUBSCRIPTION_SEQUENCES ?? 60)
const AES = ['A', 'B', 'C'] as const
const UIDS = { global: '1.2.840.10008.5.1.4.34.5', filtered: '1.2.840.10008.5.1.4.34.5.1' } as const
const uidOf = (item: number): string => `1.2.60.${item + 1}`
const itemOf = (uid: string): number => Number(uid.split('.')[3]) - 1

const ae = fc.constantFrom(...AES)
const lock = fc.boolean()
const label = fc.constantFrom<Label>('X', 'Y', 'Z')
const item = fc.nat(7)
const worklist = fc.constantFrom('global' as const, 'filtered' as const)
const step: fc.Arbitrary<Step | 'restart'> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('create' as const), label }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('update' as const), item, label }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('subscribe' as const), item, ae, lock }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('unsubscribe' as const), item, ae }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('subscribe globally' as const), ae, lock }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('subscribe filtered' as const),
      ae,
      lock,
      labels: fc.uniqueArray(label, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('suspend' as const), ae, record: worklist }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('unsubscribe globally' as const), ae, record: worklist }) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
)

function filterFor(labels: readonly Label[]) {
  const read = readFilter([{ name: 'WorklistLabel', list: labels }])
  if (!read.ok) throw new Error('a bad filter')
  return read.filter
}

/** The command that a step is, if it is one of subscriptions. */
function commandOf(one: Step): SubscriptionCommand | undefined {
  switch (one.does) {
    case 'create':
    case 'update':
      return undefined
    case 'subscribe':
      return { kind: 'subscribe', uid: uidOf(one.item), subscriber: one.ae, deletionLock: one.lock }
    case 'unsubscribe':
      return { kind: 'unsubscribe', uid: uidOf(one.item), subscriber: one.ae }
    case 'subscribe globally':
      return { kind: 'subscribe', uid: UIDS.global, subscriber: one.ae, deletionLock: one.lock }
    case 'subscribe filtered':
      return {
        kind: 'subscribe',
        uid: UIDS.filtered,
        subscriber: one.ae,
        deletionLock: one.lock,
        filter: filterFor(one.labels),
      }
    case 'suspend':
      return { kind: 'suspend', uid: UIDS[one.record], subscriber: one.ae }
    case 'unsubscribe globally':
      return { kind: 'unsubscribe', uid: UIDS[one.record], subscriber: one.ae }
  }
}

interface System {
  take(one: Step): Promise<Outcome> | Outcome
  standings(index: number): Promise<ReadonlyMap<string, Standing>> | ReadonlyMap<string, Standing>
  subscriptions(indices: readonly number[]): Promise<ReadonlyMap<string, readonly WorkitemSubscription[]>>
  heldBy(title: string): Promise<readonly string[]>
  restart(): Promise<void> | void
}

const byText = (a: string, b: string): number => a.localeCompare(b)

const STATE_WORDS = { Not: 'Not Subscribed', Lock: 'Subscribed with Lock', Free: 'Subscribed w/o Lock' } as const

async function compare(steps: readonly (Step | 'restart')[], system: System): Promise<void> {
  const naive = new NaiveTable(AES)
  for (const one of steps) {
    if (one === 'restart') {
      await system.restart()
      continue
    }
    if ('item' in one && one.item >= naive.labels.length) continue
    const expected = naive.take(one)
    const got = await system.take(one)
    const sorted = ({ refused, told, owed }: Outcome) => ({
      refused,
      told: told.toSorted(),
      owed: owed.toSorted((a, b) => a - b),
    })
    expect(sorted(got), JSON.stringify(one)).to.deep.equal(sorted(expected))
    for (const index of naive.labels.keys()) {
      const standings = await system.standings(index)
      for (const title of AES) {
        const { state, makers } = standings.get(title) ?? { state: 'Not Subscribed', makers: [] }
        const row = naive.row(title, index)
        expect(
          [state, makers.toSorted(byText)],
          `${title}, workitem ${index}, after ${JSON.stringify(one)}`,
        ).to.deep.equal([STATE_WORDS[row.state], [...row.makers].toSorted(byText)])
      }
    }
    await compareListings(naive, system)
  }
}

/** What people are shown of many workitems at once. */
async function compareListings(naive: NaiveTable, system: System): Promise<void> {
  const indices = [...naive.labels.keys()]
  const shown = await system.subscriptions([...indices, 99])
  expect([...shown.keys()]).to.deep.equal(indices.map(uidOf))
  for (const index of indices) {
    const expected = AES.map((subscriber) => ({ subscriber, row: naive.row(subscriber, index) }))
      .filter(({ row }) => row.state !== 'Not')
      .map(({ subscriber, row }) => ({
        subscriber,
        deletionLock: row.state === 'Lock',
        by: [...row.makers].toSorted(byText),
      }))
    const found = shown.get(uidOf(index))?.map(({ by, ...rest }) => ({ ...rest, by: by.toSorted(byText) }))
    expect(found, `workitem ${index}`).to.have.deep.members(expected)
  }
  for (const title of AES) {
    const held = await system.heldBy(title)
    expect(held, 'in order of creation').to.deep.equal(held.toSorted((a, b) => itemOf(a) - itemOf(b)))
    const isSubscribed = (uid: string): boolean => naive.row(title, itemOf(uid)).state !== 'Not'
    expect(held.every(isSubscribed)).to.equal(true)
    const explicit = indices.filter((index) => naive.row(title, index).makers.has('explicit')).map(uidOf)
    expect(held, title).to.include.members(explicit)
  }
}

const MINIMAL = sample('minimal')
const labelAttribute = (text: Label) => ({ vr: 'LO', Value: [text] }) as const

/** The write path on a real store. */
class Real implements System {
  #store: Store
  readonly #file: string
  readonly #seen = new Map<string, Place>()
  #made = 0
  readonly #ready = new Map<number, boolean>()

  constructor(file: string) {
    this.#file = file
    this.#store = openSqliteStore({ file })
  }

  async take(one: Step): Promise<Outcome> {
    const receipt = await execute(commandOf(one) ?? this.#workitemCommand(one), LENIENT, this.#desk())
    const told = await this.#news()
    const owed: number[] = []
    for (const title of AES) while (await announceNext(title, this.#store, undefined));
    for (const [title, index] of (await this.#news('with workitem')) as [string, number][]) {
      if (!('ae' in one) || one.ae !== title) throw new Error(`an initial report for ${title}, who asked for none`)
      owed.push(index)
    }
    return { refused: receipt.outcome === 'refused', told: told as string[], owed }
  }

  async standings(index: number): Promise<ReadonlyMap<string, Standing>> {
    const [loaded, globals] = [await this.#store.load(uidOf(index)), await this.#store.globalSubscriptions()]
    const { workitem, facts } = situationOf(loaded, globals, undefined)
    if (!workitem) throw new Error('no such workitem')
    return standingsOf(workitem, facts)
  }

  subscriptions(indices: readonly number[]): Promise<ReadonlyMap<string, readonly WorkitemSubscription[]>> {
    return subscriptionsOf(indices.map(uidOf), this.#store, undefined)
  }

  /** Those that are recorded for it, by pages of three. */
  async heldBy(title: string): Promise<readonly string[]> {
    const uids: string[] = []
    for (let after = 0 as Sequence | undefined; after !== undefined;) {
      const page = await workitemsHeldBy(title, { after, limit: 3 }, this.#store, undefined)
      uids.push(...page.workitems.map(({ uid }) => uid))
      after = page.next
    }
    return uids
  }

  async restart(): Promise<void> {
    await this.#store.close()
    this.#store = openSqliteStore({ file: this.#file })
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #desk(): Desk {
    return {
      store: this.#store,
      turns: new Turns(),
      clock: () => new Date('2026-03-01T09:05:00Z'),
      tally: { committed: () => undefined, refused: () => undefined, searched: () => undefined },
      logger: SILENT,
    }
  }

  #workitemCommand(one: Step): Parameters<typeof execute>[0] {
    if (one.does === 'create') {
      const readiness = { vr: 'CS', Value: ['INCOMPLETE'] } as const
      const attributes = changed(MINIMAL, { '00741202': labelAttribute(one.label), '00404041': readiness })
      return { kind: 'create', uid: uidOf(this.#made++), receivingAE: 'WORKLIST', attributes }
    }
    if (one.does !== 'update') throw new Error('no command of workitems')
    // Readiness changes, so everybody who is subscribed hears of it.
    const ready = !this.#ready.get(one.item)
    this.#ready.set(one.item, ready)
    const attributes: Dataset = {
      '00741202': labelAttribute(one.label),
      '00404041': { vr: 'CS', Value: [ready ? 'UNAVAILABLE' : 'INCOMPLETE'] },
    }
    return { kind: 'update', uid: uidOf(one.item), transactionUid: undefined, attributes }
  }

  /** What came into the backlogs since the last time: for whom, and about which workitem. */
  async #news(with_?: 'with workitem'): Promise<(string | [string, number])[]> {
    const news: (string | [string, number])[] = []
    for (const title of AES) {
      for (const { place, uid } of await this.#store.readBacklog(title, this.#seen.get(title), 1_000)) {
        this.#seen.set(title, place)
        news.push(with_ ? [title, itemOf(uid)] : title)
      }
    }
    return news
  }
}

const steps = fc.array(step, { maxLength: 40, size: 'max' })

describe('Subscriptions of several AEs on a real store, against a naive table', () => {
  let folder: Folder
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  it(`${SEQUENCES} sequences: the write path, entries, histories, backlogs and announcements`, async function () {
    this.timeout(0)
    let made = 0
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const real = new Real(join(folder.path, `${++made}.db`))
        try {
          await compare(all, real)
        } finally {
          await real.close()
        }
      }),
      { numRuns: SEQUENCES },
    )
  })
})
