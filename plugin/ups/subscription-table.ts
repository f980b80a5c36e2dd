/**
 * PS3.4 Table CC.2.3-2, read across: what happens to the subscription of one AE to one workitem. Total by type: deleting
 * a cell does not compile. The filtered worklist has the same rows, for the workitems that match its keys (CC.2.3.3.1).
 */

export type SubscriptionState = 'Not Subscribed' | 'Subscribed with Lock' | 'Subscribed w/o Lock'

/** `null`: there is no such workitem yet. */
export type SubscriptionColumn = 'null' | SubscriptionState

export type SubscriptionEvent =
  | 'created, no global subscription'
  | 'created, global subscription with lock'
  | 'created, global subscription w/o lock'
  | 'subscribes globally with lock'
  | 'subscribes globally w/o lock'
  | 'subscribes with lock'
  | 'subscribes w/o lock'
  | 'unsubscribes'
  | 'unsubscribes globally'
  | 'suspends global subscription'

export interface SubscriptionCell {
  readonly becomes: SubscriptionState
  /** The Receiving AE gets the initial State Report. */
  readonly initialEvent: boolean
}

const to = (becomes: SubscriptionState): SubscriptionCell => ({ becomes, initialEvent: false })
const reporting = (becomes: SubscriptionState): SubscriptionCell => ({ becomes, initialEvent: true })

const NOT = 'Not Subscribed'
const LOCK = 'Subscribed with Lock'
const FREE = 'Subscribed w/o Lock'
/** n/a in the printed table. */
const never = undefined

// prettier-ignore
export const SUBSCRIPTION_TABLE = {
  'created, no global subscription':
    { null: to(NOT), [NOT]: never, [LOCK]: never, [FREE]: never },
  'created, global subscription with lock':
    { null: reporting(LOCK), [NOT]: never, [LOCK]: never, [FREE]: never },
  'created, global subscription w/o lock':
    { null: reporting(FREE), [NOT]: never, [LOCK]: never, [FREE]: never },
  'subscribes globally with lock':
    { null: never, [NOT]: reporting(LOCK), [LOCK]: to(LOCK), [FREE]: to(FREE) },
  'subscribes globally w/o lock':
    { null: never, [NOT]: to(FREE), [LOCK]: to(LOCK), [FREE]: to(FREE) },
  'subscribes with lock':
    { null: never, [NOT]: reporting(LOCK), [LOCK]: reporting(LOCK), [FREE]: reporting(LOCK) },
  'subscribes w/o lock':
    { null: never, [NOT]: reporting(FREE), [LOCK]: reporting(FREE), [FREE]: reporting(FREE) },
  'unsubscribes':
    { null: never, [NOT]: to(NOT), [LOCK]: to(NOT), [FREE]: to(NOT) },
  'unsubscribes globally':
    { null: never, [NOT]: to(NOT), [LOCK]: to(NOT), [FREE]: to(NOT) },
  'suspends global subscription':
    { null: never, [NOT]: to(NOT), [LOCK]: to(LOCK), [FREE]: to(FREE) },
} as const satisfies Readonly<Record<SubscriptionEvent, Readonly<Record<SubscriptionColumn, SubscriptionCell | undefined>>>>
