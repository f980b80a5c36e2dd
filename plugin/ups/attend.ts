/**
 * Who hears of a change to a workitem, and which standings it records: PS3.4 CC.2.4.3 and CC.2.3.3.1, decisions.md 4.
 * Everybody subscribed gets every report. An AE whose filter begins to match is subscribed and gets the initial State
 * Report.
 */
import type { Dataset } from '../dicom/dataset.ts'
import { matches, type MatchingContext } from '../dicom/matching.ts'
import { type EventReport, initialReport } from './event-reports.ts'
import { lastMoment } from './history.ts'
import type { Filter } from './matching-keys.ts'
import {
  become,
  creationUnder,
  isSubscribed,
  joined,
  type RecordInForce,
  recordsAt,
  standingOf,
  type Subject,
} from './standing.ts'
import type { Delivery, Entry, EntryChange, Histories, History, Moment, Standing } from './subscription.ts'
import type { Workitem } from './workitem.ts'

/** All that the rules of subscriptions may look at, for one workitem. */
export interface SubscriptionFacts {
  readonly histories: Histories
  /** Those recorded for the workitem. */
  readonly entries: readonly Entry[]
  readonly createdAt: Moment
  readonly matching: MatchingContext
}

export interface Attendance {
  readonly entries: readonly EntryChange[]
  readonly deliveries: readonly Delivery[]
}

/** What of a workitem subscriptions depend on. */
type Attributed = Pick<Workitem, 'attributes'>

/** The standing of every AE that has one, subscribed or not, by AE title. */
export function standingsOf(workitem: Attributed, facts: SubscriptionFacts): ReadonlyMap<string, Standing> {
  const subject = subjectOf(workitem.attributes, facts)
  const recorded = new Map(facts.entries.map((entry) => [entry.subscriber, entry]))
  const subscribers = new Set([...recorded.keys(), ...facts.histories.keys()])
  return new Map([...subscribers].map((one) => [one, standingOf(facts.histories.get(one), recorded.get(one), subject)]))
}

/** That of one AE alone. */
export function standingFor(subscriber: string, workitem: Attributed, facts: SubscriptionFacts): Standing {
  const recorded = facts.entries.find((entry) => entry.subscriber === subscriber)
  return standingOf(facts.histories.get(subscriber), recorded, subjectOf(workitem.attributes, facts))
}

export const subscribersIn = (standings: ReadonlyMap<string, Standing>): readonly string[] =>
  [...standings].flatMap(([subscriber, standing]) => (isSubscribed(standing) ? [subscriber] : []))

const subjectOf = (attributes: Dataset, { createdAt, matching }: SubscriptionFacts): Subject => ({
  createdAt,
  matches: ({ query, timeZone }: Filter) =>
    matches(query, attributes, timeZone === undefined ? matching : { timeZone }),
})

/** Those of a workitem that is about to be created. */
export function attendCreation(
  created: Workitem,
  reports: readonly EventReport[],
  facts: SubscriptionFacts,
): Attendance {
  const subject = subjectOf(created.attributes, facts)
  const entries: EntryChange[] = []
  const deliveries: Delivery[] = []
  for (const [subscriber, history] of facts.histories) {
    const { global, filtered } = recordsAt(history)
    const entered = filtered && subject.matches(filtered.filter) ? [filtered] : []
    const covering = [...(global ? [global] : []), ...entered]
    if (covering.length === 0) continue
    deliveries.push({ subscriber, reports })
    // What the global record alone does follows from the history.
    if (entered.length === 0) continue
    const state = become(creationUnder(covering.map(({ deletionLock }) => deletionLock)), 'null')
    entries.push({ subscriber, state, makers: covering.map(({ record }) => record) })
  }
  return { entries, deliveries }
}

/**
 * Those of a change. `own`: what a Subscribe or Unsubscribe to this workitem makes of the AE's standing; it alone gets the
 * reports of that.
 */
export function attendChange(
  before: Workitem,
  after: Workitem,
  reports: readonly EventReport[],
  facts: SubscriptionFacts,
  own?: Attendance,
): Attendance {
  const entries: EntryChange[] = [...(own?.entries ?? [])]
  const deliveries: Delivery[] = [...(own?.deliveries ?? [])]
  const decided = new Set(entries.map(({ subscriber }) => subscriber))
  const anchors = new Map(facts.entries.map(({ subscriber, at }) => [subscriber, at]))
  // What a filter says of attributes that stay can still be asked later.
  const changes = before.attributes !== after.attributes
  const [was, is] = [subjectOf(before.attributes, facts), subjectOf(after.attributes, facts)]
  for (const [subscriber, standing] of standingsOf(before, facts)) {
    if (decided.has(subscriber)) continue
    const history = facts.histories.get(subscriber)
    const entered = changes ? enteredFilter(history, was, is) : undefined
    const now = entered ? joined(standing, 'filtered', entered.deletionLock, NOW) : standing
    if (entered || (changes && awaitsFilter(history, anchors.get(subscriber) ?? facts.createdAt))) {
      entries.push(entryOf(subscriber, now))
    }
    const got = isSubscribed(standing) ? reports : isSubscribed(now) ? [initialReport(after)] : []
    if (got.length > 0) deliveries.push({ subscriber, reports: got })
  }
  return { entries, deliveries }
}

/** Stands for the moment of the commit, which is known when it is written. */
const NOW = Infinity

const entryOf = (subscriber: string, { state, makers, since }: Standing): EntryChange =>
  since === NOW ? { subscriber, state, makers } : { subscriber, state, makers, since }

/** The filter in force that the workitem did not match and matches now. */
function enteredFilter(history: History | undefined, was: Subject, is: Subject): RecordInForce<'filtered'> | undefined {
  const { filtered } = recordsAt(history)
  return filtered && is.matches(filtered.filter) && !was.matches(filtered.filter) ? filtered : undefined
}

/** Whether a filter has looked at the workitem since its standing was recorded: it must not look again at another. */
const awaitsFilter = (history: History | undefined, anchor: Moment): boolean =>
  history?.operations.some(
    (operation) => operation.does === 'subscribe' && operation.record === 'filtered' && lastMoment(operation) > anchor,
  ) ?? false
