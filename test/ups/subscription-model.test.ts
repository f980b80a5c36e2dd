/**
 * Random sequences of creations, updates and subscriptions by several AEs, against a naive table (subscription-model.ts):
 * the rules alone, and the rules with the worklist on a real store that is opened anew at random moments.
 * More of them: SUBSCRIPTION_SEQUENCES=200000 npx mocha --no-config test/ups/subscription-model.test.ts
 */
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Place, Store } from '../../plugin/store/store.ts'
import {
  attendChange,
  attendCreation,
  type Attendance,
  standingsOf,
  type SubscriptionFacts,
} from '../../plugin/ups/attend.ts'
import {
  decideGlobalSubscription,
  decideSubscription,
  RECORD_OF,
  type SubscriptionCommand,
} from '../../plugin/ups/decide-subscription.ts'
import type { EventReport } from '../../plugin/ups/event-reports.ts'
import { historyAfter } from '../../plugin/ups/history.ts'
import { readFilter } from '../../plugin/ups/matching-keys.ts'
import { isSubscribed } from '../../plugin/ups/standing.ts'
import type { Entry, History, Moment, Standing } from '../../plugin/ups/subscription.ts'
import type { Workitem } from '../../plugin/ups/workitem.ts'
import { announceNext } from '../../plugin/worklist/announce.ts'
import { type Desk, execute } from '../../plugin/worklist/execute.ts'
import { situationOf } from '../../plugin/worklist/situation.ts'
import { Turns } from '../../plugin/worklist/turns.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { changed, sample } from '../support/workitems.ts'
import { type Label, NaiveTable, type Outcome, type Step } from './subscription-model.ts'
import { LENIENT } from './support.ts'

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
  }
}

const REPORT: EventReport = { event: 'UPS Progress Report', information: {} }

/** Drives the rules as a store would. */
class Rules implements System {
  #moment: Moment = 0
  #histories = new Map<string, History>()
  readonly #cleared = new Map<string, Moment>()
  readonly #items: { workitem: Workitem; createdAt: Moment; entries: Map<string, Entry> }[] = []

  take(one: Step): Outcome {
    const outcome: Outcome = { refused: false, told: [], owed: [] }
    const command = commandOf(one)
    if (one.does === 'create') this.#create(one.label, outcome)
    else if (one.does === 'update') this.#update(one.item, one.label, outcome)
    else if (command) this.#subscription(command, outcome)
    return outcome
  }

  standings(index: number): ReadonlyMap<string, Standing> {
    const found = this.#items[index]
    if (!found) throw new Error('no such workitem')
    return standingsOf(found.workitem, this.#facts(index))
  }

  restart(): void {
    this.#histories = new Map(JSON.parse(JSON.stringify([...this.#histories])) as [string, History][])
    for (const one of this.#items)
      one.entries = new Map(JSON.parse(JSON.stringify([...one.entries])) as [string, Entry][])
  }

  entryCount(): number {
    return this.#items.reduce((sum, { entries }) => sum + entries.size, 0)
  }

  operations(title: string): number {
    return this.#histories.get(title)?.operations.length ?? 0
  }

  #facts(index: number): SubscriptionFacts {
    const { createdAt = Infinity, entries = new Map<string, Entry>() } = this.#items[index] ?? {}
    const valid = [...entries.values()].filter(({ subscriber, at }) => at > (this.#cleared.get(subscriber) ?? 0))
    return { histories: this.#histories, entries: valid, createdAt, matching: {} }
  }

  #create(text: Label, outcome: Outcome): void {
    const index = this.#items.length
    const workitem = labelled(index, text)
    const attendance = attendCreation(workitem, [REPORT], this.#facts(index))
    this.#items.push({ workitem, createdAt: ++this.#moment, entries: new Map() })
    this.#apply(index, attendance, outcome)
  }

  #update(index: number, text: Label, outcome: Outcome): void {
    const found = this.#items[index]
    if (!found) throw new Error('no such workitem')
    const after = labelled(index, text)
    const attendance = attendChange(found.workitem, after, [REPORT], this.#facts(index))
    found.workitem = after
    this.#moment++
    this.#apply(index, attendance, outcome)
  }

  #subscription(command: SubscriptionCommand, outcome: Outcome): void {
    const record = RECORD_OF[command.uid]
    if (record) {
      this.#global(command, record, outcome)
      return
    }
    const index = itemOf(command.uid)
    const workitem = this.#items[index]?.workitem
    const decision = decideSubscription(command, { ...this.#facts(index), workitem, deleted: false })
    outcome.refused = decision.outcome === 'refused'
    if (decision.outcome === 'refused') return
    this.#moment++
    this.#apply(index, decision, outcome)
  }

  #global(command: SubscriptionCommand, which: 'global' | 'filtered', outcome: Outcome): void {
    const { subscriber } = command
    const history = this.#histories.get(subscriber)
    const hasEntries = this.#items.some((_, index) =>
      this.#facts(index).entries.some((entry) => entry.subscriber === subscriber && isSubscribed(entry)),
    )
    const decision = decideGlobalSubscription(command, which, { history, hasEntries })
    outcome.refused = decision.outcome === 'refused'
    if (decision.outcome === 'refused') return
    const at = ++this.#moment
    const after = historyAfter(history, subscriber, decision.change, at)
    if (after) this.#histories.set(subscriber, after)
    else this.#histories.delete(subscriber)
    if (decision.change.does === 'clear') this.#cleared.set(subscriber, at)
    if (!decision.announce) return
    this.#items.forEach((_, index) => {
      const standing = this.standings(index).get(subscriber)
      if (standing && isSubscribed(standing) && standing.since === at) outcome.owed.push(index)
    })
  }

  #apply(index: number, { entries, deliveries }: Attendance, outcome: Outcome): void {
    const recorded = this.#items[index]?.entries
    for (const change of entries) {
      if ('makers' in change) recorded?.set(change.subscriber, { since: this.#moment, ...change, at: this.#moment })
      else recorded?.delete(change.subscriber)
    }
    for (const { subscriber, reports } of deliveries) outcome.told.push(...reports.map(() => subscriber))
  }
}

const MINIMAL = sample('minimal')
const labelAttribute = (text: Label) => ({ vr: 'LO', Value: [text] }) as const

const labelled = (index: number, text: Label): Workitem => ({
  uid: uidOf(index),
  state: 'SCHEDULED',
  receivingAE: 'WORKLIST',
  attributes: { '00741202': labelAttribute(text) },
})

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
      tally: { committed: () => undefined, refused: () => undefined },
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

const SEQUENCES = Number(process.env.SUBSCRIPTION_SEQUENCES ?? 3_000)
const steps = fc.array(step, { maxLength: 40, size: 'max' })

describe('Subscriptions of several AEs, against a naive table', () => {
  it(`the rules alone, ${SEQUENCES} sequences`, async function () {
    this.timeout(0)
    await fc.assert(
      fc.asyncProperty(steps, (all) => compare(all, new Rules())),
      { numRuns: SEQUENCES },
    )
  })

  describe('on a real store', () => {
    let folder: Folder
    beforeEach(() => {
      folder = temporaryFolder()
    })
    afterEach(() => folder.remove())

    it('the write path, entries, histories, backlogs and announcements', async function () {
      this.timeout(60_000)
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
        { numRuns: 60 },
      )
    })
  })
})

describe('A global subscription', () => {
  it('costs one row, whatever the number of workitems and however often it is repeated', () => {
    const rules = new Rules()
    for (let n = 0; n < 1_000; n++) rules.take({ does: 'create', label: 'X' })
    for (let n = 0; n < 100; n++) rules.take({ does: 'subscribe globally', ae: 'A', lock: true })
    for (let n = 0; n < 100; n++) rules.take({ does: 'subscribe filtered', ae: 'B', lock: true, labels: ['X'] })
    expect([rules.entryCount(), rules.operations('A'), rules.operations('B')]).to.deep.equal([0, 1, 1])
  })
})
