/**
 * The pure rules of subscriptions, driven as a store drives them, against the naive list of subscription-model.ts.
 * More of them: SUBSCRIPTION_SEQUENCES=200000 npx mocha --no-config --no-package test/ups/subscription-model.test.ts
 */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { QueryKey } from '../../plugin/dicom/query.ts'
import {
  attendChange,
  attendCreation,
  type Attendance,
  standingsOf,
  subscribersIn,
  type SubscriptionFacts,
} from '../../plugin/ups/attend.ts'
import {
  decideGlobalSubscription,
  decideSubscription,
  type SubscriptionCommand,
} from '../../plugin/ups/decide-subscription.ts'
import type { EventReport } from '../../plugin/ups/event-reports.ts'
import { historyAfter } from '../../plugin/ups/history.ts'
import { type Filter, readFilter } from '../../plugin/ups/matching-keys.ts'
import type { Delivery, Entry, History, Moment, Standing } from '../../plugin/ups/subscription.ts'
import type { Workitem } from '../../plugin/ups/workitem.ts'
import {
  type Looks,
  type ModelStep,
  type NaiveFilter,
  NaiveList,
  type RecordName,
  type RowState,
  type StepResult,
} from './subscription-model.ts'

const SEQUENCES = Number(process.env.SUBSCRIPTION_SEQUENCES ?? 3_000)
const AES = ['A', 'B', 'C'] as const
const WORKLISTS: Readonly<Record<RecordName, string>> = {
  global: '1.2.840.10008.5.1.4.34.5',
  filtered: '1.2.840.10008.5.1.4.34.5.1',
}
const STATES: Readonly<Record<Standing['state'], RowState>> = {
  'Not Subscribed': 'Not',
  'Subscribed with Lock': 'Lock',
  'Subscribed w/o Lock': 'Free',
}

// --- filters: keys for the rules, a sentence for the model

const key = (name: string, ...list: readonly string[]): QueryKey => ({ name, list })
const FILTERS: readonly (NaiveFilter & { readonly keys: readonly QueryKey[] })[] = [
  { name: 'label X', keys: [key('WorklistLabel', 'X')], holds: ({ label }) => label === 'X' },
  { name: 'label Y', keys: [key('WorklistLabel', 'Y')], holds: ({ label }) => label === 'Y' },
  { name: 'label X or Y', keys: [key('WorklistLabel', 'X', 'Y')], holds: ({ label }) => label !== 'Z' },
  { name: 'patient A', keys: [key('PatientID', 'A')], holds: ({ patient }) => patient === 'A' },
  {
    name: 'SCHEDULED',
    keys: [key('ProcedureStepState', 'SCHEDULED')],
    holds: ({ state }) => state === 'SCHEDULED',
  },
  {
    name: 'label X, patient B',
    keys: [key('WorklistLabel', 'X'), key('PatientID', 'B')],
    holds: ({ label, patient }) => label === 'X' && patient === 'B',
  },
  {
    name: 'from 2026',
    keys: [key('ScheduledProcedureStepStartDateTime', '20260101-')],
    holds: ({ year }) => year === 2026,
  },
]

const READ = new Map<string, Filter>(
  FILTERS.map(({ name, keys }) => {
    const read = readFilter(keys)
    if (!read.ok) throw new Error(`the filter ${name} cannot be read`)
    return [name, read.filter]
  }),
)

function filterNamed(name: string): Filter {
  const filter = READ.get(name)
  if (!filter) throw new Error(`no filter ${name}`)
  return filter
}

// --- workitems

const code = (value: string): Dataset => ({
  '00080100': { vr: 'SH', Value: [value] },
  '00080102': { vr: 'SH', Value: ['99TEST'] },
  '00080104': { vr: 'LO', Value: [value] },
})
const REASONS: Dataset = {
  '00741238': { vr: 'LT', Value: ['no reason'] },
  '0074100E': { vr: 'SQ', Value: [code('STOP')] },
}

function workitemOf(item: number, { label, patient, year, state, ready, comment }: Looks): Workitem {
  const attributes: Dataset = {
    '00741202': { vr: 'LO', Value: [label] },
    ...(patient && { '00100020': { vr: 'LO', Value: [patient] } }),
    '00404005': { vr: 'DT', Value: [`${year}0601`] },
    '00404041': { vr: 'CS', Value: [ready] },
    '00741000': { vr: 'CS', Value: [state] },
    '00400400': { vr: 'LT', Value: [comment] },
    '00741002': { vr: 'SQ', Value: [{ ...REASONS, '00741006': { vr: 'ST', Value: ['going on'] } }] },
  }
  return { uid: uidOf(item), state, receivingAE: 'WORKLIST', attributes }
}

/** Table CC.2.4-1; the reasons only when CANCELED (decisions.md 4). */
const initialReportOf = ({ state, ready }: Looks): EventReport => ({
  event: 'UPS State Report',
  information: {
    '00741000': { vr: 'CS', Value: [state] },
    '00404041': { vr: 'CS', Value: [ready] },
    ...(state === 'CANCELED' && REASONS),
  },
})

const uidOf = (item: number): string => `1.2.3.${item + 1}`

/** Those of a change: the rules have to hand them on as they are. */
const reportsOf = (count: number): readonly EventReport[] =>
  Array.from({ length: count }, (_, n) => ({
    event: 'UPS Progress Report',
    information: { '00741004': { vr: 'DS', Value: [n] } },
  }))

const CREATION_REPORTS = reportsOf(2)

// --- the rules, driven as a store drives them

interface Stored {
  workitem: Workitem
  readonly createdAt: Moment
  entries: Map<string, Entry>
}

interface RulesResult {
  readonly refused?: string
  readonly deliveries: readonly Delivery[]
  readonly owed: readonly number[]
}

class Rules {
  position: Moment = 0
  readonly items: Stored[] = []
  readonly #cleared = new Map<string, Moment>()
  #histories = new Map<string, History>()

  facts(item: number): SubscriptionFacts {
    const { createdAt, entries } = this.#item(item)
    return {
      histories: this.#histories,
      entries: [...entries.values()].filter(({ subscriber, at }) => at > (this.#cleared.get(subscriber) ?? 0)),
      createdAt,
      matching: {},
    }
  }

  standings(item: number): ReadonlyMap<string, Standing> {
    return standingsOf(this.#item(item).workitem, this.facts(item))
  }

  history(ae: string): History | undefined {
    return this.#histories.get(ae)
  }

  restart(): void {
    this.#histories = reread(this.#histories)
    for (const one of this.items) one.entries = reread(one.entries)
  }

  create(workitem: Workitem): RulesResult {
    const attendance = attendCreation(workitem, CREATION_REPORTS, {
      histories: this.#histories,
      matching: {},
      entries: [],
      createdAt: Infinity,
    })
    this.items.push({ workitem, createdAt: ++this.position, entries: new Map() })
    this.#record(this.items.length - 1, attendance)
    return { deliveries: attendance.deliveries, owed: [] }
  }

  update(item: number, after: Workitem, reports: readonly EventReport[]): RulesResult {
    const stored = this.#item(item)
    const attendance = attendChange(stored.workitem, after, reports, this.facts(item))
    this.position++
    stored.workitem = after
    this.#record(item, attendance)
    return { deliveries: attendance.deliveries, owed: [] }
  }

  onWorkitem(command: SubscriptionCommand, item: number): RulesResult {
    const { workitem } = this.#item(item)
    const decision = decideSubscription(command, { ...this.facts(item), workitem, deleted: false })
    if (decision.outcome === 'refused') return refusedBy(decision.refusal.key)
    this.position++
    this.#record(item, decision)
    return { deliveries: decision.deliveries, owed: [] }
  }

  onWorklist(command: SubscriptionCommand, record: RecordName): RulesResult {
    const { subscriber } = command
    const history = this.#histories.get(subscriber)
    const hasEntries = this.items.some((_, item) =>
      this.facts(item).entries.some((entry) => entry.subscriber === subscriber && entry.state !== 'Not Subscribed'),
    )
    const decision = decideGlobalSubscription(command, record, { history, hasEntries })
    if (decision.outcome === 'refused') return refusedBy(decision.refusal.key)
    const at = ++this.position
    const after = historyAfter(history, subscriber, decision.change, at)
    if (after) this.#histories.set(subscriber, after)
    else this.#histories.delete(subscriber)
    if (decision.change.does === 'clear') this.#cleared.set(subscriber, at)
    return { deliveries: [], owed: decision.announce ? this.#since(subscriber, at) : [] }
  }

  #since(subscriber: string, at: Moment): number[] {
    return [...this.items.keys()].filter((item) => {
      const standing = this.standings(item).get(subscriber)
      return standing !== undefined && standing.state !== 'Not Subscribed' && standing.since === at
    })
  }

  #record(item: number, { entries }: Attendance): void {
    const recorded = this.#item(item).entries
    for (const change of entries) {
      const { subscriber } = change
      if (!('makers' in change)) recorded.delete(subscriber)
      else {
        const { state, makers, since = this.position } = change
        recorded.set(subscriber, { subscriber, state, makers, since, at: this.position })
      }
    }
  }

  #item(item: number): Stored {
    const stored = this.items[item]
    if (!stored) throw new Error(`no workitem ${item}`)
    return stored
  }
}

const reread = <Value>(map: ReadonlyMap<string, Value>): Map<string, Value> =>
  new Map(JSON.parse(JSON.stringify([...map])) as [string, Value][])

const refusedBy = (refused: string): RulesResult => ({ refused, deliveries: [], owed: [] })

function drive(rules: Rules, list: NaiveList, step: ModelStep): RulesResult {
  switch (step.does) {
    case 'create':
      return rules.create(workitemOf(rules.items.length, step.looks))
    case 'update': {
      const looks = list.items[step.item]
      if (!looks) throw new Error('the model updates first')
      return rules.update(step.item, workitemOf(step.item, looks), reportsOf(step.reports))
    }
    case 'subscribe':
      return rules.onWorkitem(
        { kind: 'subscribe', uid: uidOf(step.item), subscriber: step.ae, deletionLock: step.lock },
        step.item,
      )
    case 'unsubscribe':
      return rules.onWorkitem({ kind: 'unsubscribe', uid: uidOf(step.item), subscriber: step.ae }, step.item)
    case 'subscribeGlobally':
      return rules.onWorklist(
        { kind: 'subscribe', uid: WORKLISTS.global, subscriber: step.ae, deletionLock: step.lock },
        'global',
      )
    case 'subscribeFiltered':
      return rules.onWorklist(
        {
          kind: 'subscribe',
          uid: WORKLISTS.filtered,
          subscriber: step.ae,
          deletionLock: step.lock,
          filter: filterNamed(step.filter.name),
        },
        'filtered',
      )
    case 'suspend':
      return rules.onWorklist({ kind: 'suspend', uid: WORKLISTS[step.record], subscriber: step.ae }, step.record)
    case 'unsubscribeGlobally':
      return rules.onWorklist({ kind: 'unsubscribe', uid: WORKLISTS[step.record], subscriber: step.ae }, step.record)
  }
}

// --- comparison

/** Who gets what, in one text each: comparing texts is fast enough for millions of steps. */
function toldByModel(result: StepResult, step: ModelStep, list: NaiveList): string {
  if (result.refused) return 'refused: notSubscribed'
  const told = [...result.sent].map(([ae, what]) => `${ae} gets ${JSON.stringify(contents(what, step, list))}`)
  return [...told.toSorted(), `owed: ${result.owed.join()}`].join('\n')
}

function contents(what: 'reports' | 'initial', step: ModelStep, list: NaiveList): readonly EventReport[] {
  if (what === 'reports') return step.does === 'update' ? reportsOf(step.reports) : CREATION_REPORTS
  const looks = 'item' in step ? list.items[step.item] : undefined
  if (!looks) throw new Error('an initial report for no workitem')
  return [initialReportOf(looks)]
}

function toldByRules({ refused, deliveries, owed }: RulesResult): string {
  if (refused !== undefined) return `refused: ${refused}`
  const told = deliveries
    .filter(({ reports }) => reports.length > 0)
    .map(({ subscriber, reports }) => `${subscriber} gets ${JSON.stringify(reports)}`)
  return [...told.toSorted(), `owed: ${owed.join()}`].join('\n')
}

const byName = (a: string, b: string): number => a.localeCompare(b)
const makersText = (makers: Iterable<string>): string => [...makers].toSorted(byName).join('+')

function rowsOfModel(list: NaiveList): string {
  return list.items
    .flatMap((_, item) =>
      AES.map((ae) => {
        const { state, makers } = list.row(ae, item)
        return `${item} ${ae} ${state} ${makersText(makers)}`
      }),
    )
    .join('\n')
}

function rowsOfRules(rules: Rules): string {
  return rules.items
    .flatMap((_, item) => {
      const standings = rules.standings(item)
      return AES.map((ae) => {
        const { state, makers } = standings.get(ae) ?? { state: 'Not Subscribed', makers: [] }
        // As they are, not as a set: a maker counted twice would be one too many.
        return `${item} ${ae} ${STATES[state]} ${makersText(makers)}`
      })
    })
    .join('\n')
}

/** The global subscriptions with lock so far, by AE: each may still owe reports that nobody has sent yet. */
type Locking = Map<string, Moment[]>

/** Whoever sends the initial reports later must find the same workitems, but for those that are unsubscribed by then. */
function debtsOfModel(list: NaiveList): string {
  return list.items
    .flatMap((_, item) => AES.map((ae) => `${item} ${ae} ${list.row(ae, item).owedBy ?? '-'}`))
    .join('\n')
}

function debtsOfRules(rules: Rules, locking: Locking): string {
  return rules.items
    .flatMap((_, item) => {
      const standings = rules.standings(item)
      return AES.map((ae) => {
        const standing = standings.get(ae)
        const owed = standing && standing.state !== 'Not Subscribed' && locking.get(ae)?.includes(standing.since)
        return `${item} ${ae} ${owed ? standing.since : '-'}`
      })
    })
    .join('\n')
}

type Plan = ModelStep | { readonly does: 'restart' } | { readonly does: 'repeat'; readonly ae: string }

function agree(plan: readonly Plan[]): void {
  const list = new NaiveList(AES)
  const rules = new Rules()
  const locking: Locking = new Map()
  const lastGlobal = new Map<string, ModelStep>()
  const done: string[] = []
  for (const planned of plan) {
    if (planned.does === 'restart') {
      rules.restart()
      done.push('restart')
      continue
    }
    const step = concrete(planned, list, lastGlobal)
    if (!step) continue
    done.push(JSON.stringify(step))
    const where = () => `after:\n${done.join('\n')}\n`
    const byModel = list.take(step)
    const byRules = drive(rules, list, step)
    if (step.does === 'subscribeGlobally' || step.does === 'subscribeFiltered') {
      lastGlobal.set(step.ae, step)
      if (step.lock) locking.set(step.ae, [...(locking.get(step.ae) ?? []), rules.position])
    }
    same(toldByRules(byRules), toldByModel(byModel, step, list), where)
    same(rowsOfRules(rules), rowsOfModel(list), where)
    same(debtsOfRules(rules, locking), debtsOfModel(list), where)
    same(recipients(rules), recipientsOfModel(list), where)
  }
}

const recipients = (rules: Rules): string =>
  rules.items.map((_, item) => subscribersIn(rules.standings(item)).toSorted(byName).join()).join(';')

const recipientsOfModel = (list: NaiveList): string =>
  list.items.map((_, item) => AES.filter((ae) => list.row(ae, item).state !== 'Not').join()).join(';')

function same(got: string, wanted: string, where: () => string): void {
  if (got !== wanted) expect(got, where()).to.equal(wanted)
}

/** Workitems are chosen among those that are there; what has none to act on, or nothing to repeat, is left out. */
function concrete(
  planned: Exclude<Plan, { does: 'restart' }>,
  list: NaiveList,
  lastGlobal: ReadonlyMap<string, ModelStep>,
): ModelStep | undefined {
  if (planned.does === 'repeat') return lastGlobal.get(planned.ae)
  if (!('item' in planned)) return planned
  const count = list.items.length
  return count === 0 ? undefined : { ...planned, item: planned.item % count }
}

// --- what may happen

const ae = fc.constantFrom(...AES)
const lock = fc.boolean()
const item = fc.nat(5)
const which = fc.constantFrom<RecordName>('global', 'filtered')
const label = fc.constantFrom<Looks['label']>('X', 'Y', 'Z')
const patient = fc.constantFrom<Looks['patient']>('A', 'B', undefined)
const year = fc.constantFrom<Looks['year']>(2025, 2026)
const state = fc.constantFrom<Looks['state']>('SCHEDULED', 'IN PROGRESS', 'CANCELED')
const ready = fc.constantFrom<Looks['ready']>('READY', 'INCOMPLETE')
const comment = fc.constantFrom('a', 'b')
const looks = fc.record({ label, patient, year, state, ready, comment })
/** Often nothing that a filter looks at, sometimes nothing at all. */
const patch: fc.Arbitrary<Partial<Looks>> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ label }) },
  { weight: 2, arbitrary: fc.record({ patient }) },
  { weight: 2, arbitrary: fc.record({ state, ready }) },
  { weight: 1, arbitrary: fc.record({ year }) },
  { weight: 2, arbitrary: fc.record({ comment }) },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: looks },
)
const does = <Name extends string>(name: Name) => fc.constant(name)

const anything: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: does('create'), looks }) },
  { weight: 6, arbitrary: fc.record({ does: does('update'), item, looks: patch, reports: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ does: does('subscribe'), item, ae, lock }) },
  { weight: 4, arbitrary: fc.record({ does: does('unsubscribe'), item, ae }) },
  { weight: 3, arbitrary: fc.record({ does: does('subscribeGlobally'), ae, lock }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: does('subscribeFiltered'), ae, lock, filter: fc.constantFrom(...FILTERS) }),
  },
  { weight: 2, arbitrary: fc.record({ does: does('repeat'), ae }) },
  { weight: 3, arbitrary: fc.record({ does: does('suspend'), ae, record: which }) },
  { weight: 2, arbitrary: fc.record({ does: does('unsubscribeGlobally'), ae, record: which }) },
  { weight: 1, arbitrary: fc.record({ does: does('restart') }) },
)

/** A client that keeps subscribing and suspending one record, while others create and change workitems. */
const gaps: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: does('create'), looks }) },
  { weight: 3, arbitrary: fc.record({ does: does('update'), item, looks: patch, reports: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ does: does('subscribeGlobally'), ae: does('A'), lock }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: does('subscribeFiltered'),
      ae: does('A'),
      lock,
      filter: fc.constantFrom(...FILTERS.slice(0, 2)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: does('repeat'), ae: does('A') }) },
  { weight: 2, arbitrary: fc.record({ does: does('suspend'), ae: does('A'), record: which }) },
  { weight: 2, arbitrary: fc.record({ does: does('unsubscribe'), item, ae: does('A') }) },
  { weight: 1, arbitrary: fc.record({ does: does('unsubscribeGlobally'), ae: does('A'), record: which }) },
)

const plan = fc.oneof(
  { weight: 2, arbitrary: fc.array(anything, { maxLength: 40, size: 'max' }) },
  { weight: 1, arbitrary: fc.array(gaps, { maxLength: 40, size: 'max' }) },
)

describe('The rules of subscriptions, against a naive list', () => {
  it(`agree in ${SEQUENCES} sequences of up to 40 commands by 3 AEs`, function () {
    this.timeout(0)
    fc.assert(fc.property(plan, agree), { numRuns: SEQUENCES })
  })
})

describe('A global subscription costs O(1)', () => {
  let rules: Rules
  let list: NaiveList
  const take = (step: ModelStep): RulesResult => {
    list.take(step)
    return drive(rules, list, step)
  }
  const entries = (): number => rules.items.reduce((sum, one) => sum + one.entries.size, 0)
  const operations = (): number => rules.history('A')?.operations.length ?? 0

  beforeEach(() => {
    rules = new Rules()
    list = new NaiveList(AES)
    for (let n = 0; n < 1_000; n++) {
      const of: Looks = { label: 'X', patient: 'A', year: 2026, state: 'SCHEDULED', ready: 'READY', comment: '' }
      take({ does: 'create', looks: of })
    }
  })

  it('w/o lock: its history does not even grow by a moment for each repetition', () => {
    const size = (): number => JSON.stringify(rules.history('A')?.operations).length
    const globally: ModelStep = { does: 'subscribeGlobally', ae: 'A', lock: false }
    for (let n = 0; n < 2; n++) take(globally)
    const before = size()
    for (let n = 0; n < 100; n++) take(globally)
    expect(size()).to.equal(before)
  })

  for (const withLock of [true, false]) {
    const word = withLock ? 'with' : 'w/o'
    const globally: ModelStep = { does: 'subscribeGlobally', ae: 'A', lock: withLock }
    const filtered: ModelStep = {
      does: 'subscribeFiltered',
      ae: 'A',
      lock: withLock,
      filter: FILTERS[0] as NaiveFilter,
    }

    for (const [name, step] of [
      ['unfiltered', globally],
      ['filtered', filtered],
    ] as const) {
      it(`${name}, ${word} lock: one operation and no entry for 1 000 workitems, however often it is repeated`, () => {
        take(step)
        expect([operations(), entries()]).to.deep.equal([1, 0])
        for (let n = 0; n < 100; n++) take(step)
        expect([operations(), entries()]).to.deep.equal([1, 0])
        expect(rowsOfRules(rules)).to.equal(rowsOfModel(list))
      })
    }
  }
})
