/**
 * N-ACTION Subscribe, Unsubscribe and Suspend Global Subscription (PS3.4 CC.2.3, PS3.18 11.10 to 11.12; decisions.md 4),
 * for one workitem and for the two well-known instances.
 */
import { isUniversal } from '../dicom/query.ts'
import { type Attendance, attendChange, standingFor, type SubscriptionFacts } from './attend.ts'
import { type Refused, refuse, refuseUnknown } from './decision.ts'
import { initialReport } from './event-reports.ts'
import type { Filter } from './matching-keys.ts'
import { announcesExisting, become, isSubscribed, recordsAt, subscribing } from './standing.ts'
import type { EntryChange, GlobalCommand, GlobalRecord, History, Maker } from './subscription.ts'
import type { SubscriptionEvent, SubscriptionState } from './subscription-table.ts'
import { FILTERED_GLOBAL_SUBSCRIPTION_UID, GLOBAL_SUBSCRIPTION_UID } from './tags.ts'
import type { Workitem } from './workitem.ts'

export interface Subscribe {
  readonly kind: 'subscribe'
  /** Of a workitem, or one of the two well-known ones. */
  readonly uid: string
  /** The Receiving AE; anybody may subscribe anybody (D.3). */
  readonly subscriber: string
  readonly deletionLock: boolean
  /** For the filtered worklist, and only for it. */
  readonly filter?: Filter
}

export interface Unsubscribe {
  readonly kind: 'unsubscribe'
  readonly uid: string
  readonly subscriber: string
}

export interface Suspend {
  readonly kind: 'suspend'
  readonly uid: string
  readonly subscriber: string
}

export type SubscriptionCommand = Subscribe | Unsubscribe | Suspend

/** Which record a well-known instance stands for. */
export const RECORD_OF: Readonly<Record<string, GlobalRecord>> = {
  [GLOBAL_SUBSCRIPTION_UID]: 'global',
  [FILTERED_GLOBAL_SUBSCRIPTION_UID]: 'filtered',
}

export interface WorkitemSubscriptionFacts extends SubscriptionFacts {
  readonly workitem: Workitem | undefined
  readonly deleted: boolean
}

/** @returns what the commit of the workitem, which itself stays as it is, records and sends */
export function decideSubscription(
  command: SubscriptionCommand,
  facts: WorkitemSubscriptionFacts,
): Refused | ({ readonly outcome: 'accepted' } & Attendance) {
  const { workitem } = facts
  if (command.kind === 'suspend') return workitem ? refuse('onlyForTheWorklist') : refuseUnknown(facts)
  if (!workitem) return refuseUnknown(facts)
  if (command.kind === 'subscribe' && command.filter) return refuse('filterNotAppropriate')
  const standing = standingFor(command.subscriber, workitem, facts)
  if (command.kind === 'unsubscribe' && !isSubscribed(standing)) return refuse('notSubscribed')

  const state = become(eventOf(command), standing.state)
  const own: Attendance = {
    entries: [entryAfter(command, state, facts.histories.get(command.subscriber), standing.makers)],
    deliveries:
      command.kind === 'subscribe' ? [{ subscriber: command.subscriber, reports: [initialReport(workitem)] }] : [],
  }
  return { outcome: 'accepted', ...attendChange(workitem, workitem, [], facts, own) }
}

const eventOf = (command: Subscribe | Unsubscribe): SubscriptionEvent =>
  command.kind === 'subscribe' ? subscribing(command.deletionLock) : 'unsubscribes'

function entryAfter(
  command: Subscribe | Unsubscribe,
  state: SubscriptionState,
  history: History | undefined,
  makers: readonly Maker[],
): EntryChange {
  const { subscriber } = command
  if (command.kind === 'subscribe') return { subscriber, state, makers: [...new Set([...makers, 'explicit'] as const)] }
  return history ? { subscriber, state, makers: [] } : { subscriber, state: 'forgotten' }
}

export interface GlobalFacts {
  readonly history: History | undefined
  /** The AE is subscribed to a workitem, whatever made it so. */
  readonly hasEntries: boolean
}

export interface AcceptedGlobally {
  readonly outcome: 'accepted'
  readonly change: GlobalCommand
  /** Workitems that this subscribes get an initial State Report: global subscription with lock (Table CC.2.3-2). */
  readonly announce: boolean
}

/** A command to the worklist or the filtered worklist. */
export function decideGlobalSubscription(
  command: SubscriptionCommand,
  record: GlobalRecord,
  facts: GlobalFacts,
): Refused | AcceptedGlobally {
  switch (command.kind) {
    case 'subscribe':
      return subscribeGlobally(command, record)
    case 'unsubscribe':
      return unsubscribeGlobally(record, facts)
    case 'suspend':
      return recordsAt(facts.history)[record] ? acceptGlobally({ does: 'suspend', record }) : refuse('notSubscribed')
  }
}

function subscribeGlobally({ deletionLock, filter }: Subscribe, record: GlobalRecord): Refused | AcceptedGlobally {
  if (record === 'global') {
    if (filter) return refuse('filterNotAppropriate')
    return acceptGlobally({ does: 'subscribe', record, deletionLock }, announcesExisting(deletionLock))
  }
  if (!filter || isUniversal(filter.query)) return refuse('matchingKeysMissing')
  return acceptGlobally({ does: 'subscribe', record, deletionLock, filter }, announcesExisting(deletionLock))
}

const OTHER: Readonly<Record<GlobalRecord, GlobalRecord>> = { global: 'filtered', filtered: 'global' }

/**
 * While the other record is left, only what this one alone made goes; else everything does, what was subscribed one by
 * one included.
 */
function unsubscribeGlobally(record: GlobalRecord, { history, hasEntries }: GlobalFacts): Refused | AcceptedGlobally {
  if (!recordsAt(history)[OTHER[record]]) {
    return history || hasEntries ? acceptGlobally({ does: 'clear' }) : refuse('notSubscribed')
  }
  return wasEver(record, history) ? acceptGlobally({ does: 'drop', record }) : refuse('notSubscribed')
}

/** Since it was last dropped: a suspended one has made subscriptions that are still there. */
function wasEver(record: GlobalRecord, history: History | undefined): boolean {
  const last = history?.operations.findLast((operation) => operation.record === record && operation.does !== 'suspend')
  return last?.does === 'subscribe'
}

const acceptGlobally = (change: GlobalCommand, announce = false): AcceptedGlobally => ({
  outcome: 'accepted',
  change,
  announce,
})
