/**
 * Words used by the rules of subscriptions.
 *
 * - Standing: how one AE stands to one workitem, and what made it so.
 * - Entry: a standing that is recorded for that workitem. Without one it follows from the history alone.
 * - Global record: a subscription to the whole worklist, or to the filtered one. An AE has one of each at most.
 * - History: what an AE did to its global records since it last unsubscribed from all. The standing to any workitem
 *   follows from it, so that a global subscription costs one row whatever the size of the worklist.
 * - Moment: a place in the order of commits.
 */
import type { EventReport } from './event-reports.ts'
import type { Filter } from './matching-keys.ts'
import type { SubscriptionState } from './subscription-table.ts'

export type Moment = number

export type GlobalRecord = 'global' | 'filtered'

/** Why an AE is subscribed to a workitem; a global record that covers it counts beside others. */
export type Maker = 'explicit' | GlobalRecord

export interface Standing {
  readonly state: SubscriptionState
  readonly makers: readonly Maker[]
  /** Since when this state holds. */
  readonly since: Moment
}

export interface Entry extends Standing {
  readonly subscriber: string
  /** What the history did until then is part of the standing. */
  readonly at: Moment
}

interface Subscribing {
  readonly does: 'subscribe'
  readonly deletionLock: boolean
  readonly at: Moment
  /**
   * When it was repeated, with nothing in between. Only the last time counts where it announces nothing: then nobody can
   * tell which one subscribed a workitem.
   */
  readonly again: readonly Moment[]
}

export type GlobalOperation =
  | (Subscribing & { readonly record: 'global' })
  | (Subscribing & { readonly record: 'filtered'; readonly filter: Filter })
  /** No further workitems; the standings stay. */
  | { readonly does: 'suspend'; readonly record: GlobalRecord; readonly at: Moment }
  /** Unsubscribed while the other record is left: what this record alone made goes. */
  | { readonly does: 'drop'; readonly record: GlobalRecord; readonly at: Moment }

export interface History {
  readonly subscriber: string
  /** In order. */
  readonly operations: readonly GlobalOperation[]
}

/** The histories of all AEs that have one. */
export type Histories = ReadonlyMap<string, History>

/** What one commit of a workitem records of an AE; `since` absent: the moment of that commit. */
export type EntryChange =
  | {
      readonly subscriber: string
      readonly state: SubscriptionState
      readonly makers: readonly Maker[]
      readonly since?: Moment
    }
  /** Not subscribed, and nothing in the history could make it so: the entry is not needed. */
  | { readonly subscriber: string; readonly state: 'forgotten' }

/** The reports that one AE gets, in order. */
export interface Delivery {
  readonly subscriber: string
  readonly reports: readonly EventReport[]
}

type Open<Operation> = Operation extends { readonly at: Moment } ? Omit<Operation, 'at' | 'again'> : never

/** A global operation before it has its moment. */
export type GlobalCommand = Open<GlobalOperation> | { readonly does: 'clear' }
