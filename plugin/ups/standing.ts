/**
 * How an AE stands to a workitem: its entry, and everything that its history did since (Table CC.2.3-2, decisions.md 4).
 *
 * A filter looks at attributes, so its answer must not change afterwards: whoever changes a workitem records the standings
 * of AEs with filters (`attend.ts`). Hence a workitem without such a record is as it was when the filter came.
 */
import type { Filter } from './matching-keys.ts'
import type { Entry, GlobalOperation, GlobalRecord, History, Maker, Moment, Standing } from './subscription.ts'
import {
  SUBSCRIPTION_TABLE,
  type SubscriptionCell,
  type SubscriptionColumn,
  type SubscriptionEvent,
  type SubscriptionState,
} from './subscription-table.ts'

/** What the standing of any AE to one workitem follows from. */
export interface Subject {
  readonly createdAt: Moment
  /** Whether the attributes, as they are, match a filter. */
  readonly matches: (filter: Filter) => boolean
}

export const isSubscribed = ({ state }: Pick<Standing, 'state'>): boolean => IS_SUBSCRIBED[state]

/** Whether the workitem must not be deleted for this AE. */
export const holdsLock = ({ state }: Pick<Standing, 'state'>): boolean => HOLDS_LOCK[state]

const IS_SUBSCRIBED: Readonly<Record<SubscriptionState, boolean>> = {
  'Not Subscribed': false,
  'Subscribed with Lock': true,
  'Subscribed w/o Lock': true,
}

const HOLDS_LOCK: Readonly<Record<SubscriptionState, boolean>> = {
  'Not Subscribed': false,
  'Subscribed with Lock': true,
  'Subscribed w/o Lock': false,
}

export function standingOf(history: History | undefined, entry: Entry | undefined, subject: Subject): Standing {
  const anchor = entry?.at ?? subject.createdAt
  let standing: Standing = entry ?? standingAtCreation(history, subject.createdAt)
  for (const operation of history?.operations ?? []) standing = after(operation, standing, anchor, subject)
  return standing
}

/** Without an entry no filter covered it at its creation. */
function standingAtCreation(history: History | undefined, createdAt: Moment): Standing {
  const { global } = recordsAt(history, createdAt)
  if (!global) return { state: become('created, no global subscription', 'null'), makers: [], since: createdAt }
  return { state: become(CREATED[lockWord(global.deletionLock)], 'null'), makers: ['global'], since: createdAt }
}

function after(operation: GlobalOperation, standing: Standing, anchor: Moment, subject: Subject): Standing {
  switch (operation.does) {
    case 'subscribe':
      return subscribed(operation, standing, anchor, subject)
    case 'drop':
      return operation.at > anchor ? without(operation.record, standing, operation.at) : standing
    case 'suspend':
      return standing
  }
}

function subscribed(
  operation: Extract<GlobalOperation, { does: 'subscribe' }>,
  standing: Standing,
  anchor: Moment,
  { matches }: Subject,
): Standing {
  const at = [operation.at, ...operation.again].find((moment) => moment > anchor)
  if (at === undefined) return standing
  // What it covers already need not be matched again.
  if (standing.makers.includes(operation.record)) return standing
  if (operation.record === 'filtered' && !matches(operation.filter)) return standing
  return joined(standing, operation.record, operation.deletionLock, at)
}

/** A global record covers the workitem from now on: an AE that is subscribed already stays as it is. */
export function joined(standing: Standing, record: GlobalRecord, deletionLock: boolean, at: Moment): Standing {
  if (standing.makers.includes(record)) return standing
  const state = become(GLOBALLY[lockWord(deletionLock)], standing.state)
  const since = state === standing.state ? standing.since : at
  return { state, makers: [...standing.makers, record], since }
}

function without(record: GlobalRecord, standing: Standing, at: Moment): Standing {
  if (!standing.makers.includes(record)) return standing
  const makers = standing.makers.filter((maker): maker is Maker => maker !== record)
  if (makers.length > 0) return { ...standing, makers }
  return { state: become('unsubscribes globally', standing.state), makers, since: at }
}

export type RecordInForce<R extends GlobalRecord> = Extract<GlobalOperation, { does: 'subscribe'; record: R }>

export interface RecordsInForce {
  readonly global?: RecordInForce<'global'>
  readonly filtered?: RecordInForce<'filtered'>
}

/** The global records of an AE as they were at a moment; without one: as they are. */
export function recordsAt(history: History | undefined, moment: Moment = Infinity): RecordsInForce {
  let records: RecordsInForce = {}
  for (const operation of history?.operations ?? []) {
    if (operation.at > moment) break
    const { [operation.record]: _gone, ...others } = records
    records = operation.does === 'subscribe' ? { ...others, [operation.record]: operation } : others
  }
  return records
}

/** Where the table says n/a there is nothing to do. */
export function become(event: SubscriptionEvent, column: SubscriptionColumn): SubscriptionState {
  const row: Readonly<Record<SubscriptionColumn, SubscriptionCell | undefined>> = SUBSCRIPTION_TABLE[event]
  return row[column]?.becomes ?? (column === 'null' ? 'Not Subscribed' : column)
}

type LockWord = 'with lock' | 'w/o lock'

const lockWord = (deletionLock: boolean): LockWord => (deletionLock ? 'with lock' : 'w/o lock')

const CREATED = {
  'with lock': 'created, global subscription with lock',
  'w/o lock': 'created, global subscription w/o lock',
} as const satisfies Record<LockWord, SubscriptionEvent>

const GLOBALLY = {
  'with lock': 'subscribes globally with lock',
  'w/o lock': 'subscribes globally w/o lock',
} as const satisfies Record<LockWord, SubscriptionEvent>

const EXPLICITLY = {
  'with lock': 'subscribes with lock',
  'w/o lock': 'subscribes w/o lock',
} as const satisfies Record<LockWord, SubscriptionEvent>

/** The event that a Subscribe to one workitem is. */
export const subscribing = (deletionLock: boolean): SubscriptionEvent => EXPLICITLY[lockWord(deletionLock)]

/** Whether a global subscription sends an initial event for workitems that are there. */
export const announcesExisting = (deletionLock: boolean): boolean =>
  SUBSCRIPTION_TABLE[GLOBALLY[lockWord(deletionLock)]]['Not Subscribed'].initialEvent

/** The event that a creation is for an AE whose records cover the new workitem, with lock if either has it. */
export const creationUnder = (deletionLocks: readonly boolean[]): SubscriptionEvent =>
  deletionLocks.length === 0 ? 'created, no global subscription' : CREATED[lockWord(deletionLocks.includes(true))]
