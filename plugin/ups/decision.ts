/**
 * Command: what somebody wants. Facts: all that a rule may look at. Decision: what becomes of it. The `decide*`
 * functions are pure: no clock, no store, no configuration beyond the facts.
 */
import type { Dataset } from '../dicom/dataset.ts'
import type { EventReport } from './event-reports.ts'
import type { Policy } from './policy.ts'
import { type AttributeProblem, refusalFor } from './problems.ts'
import type { RefusalKey, WarningKey } from './statuses.ts'
import type { Workitem } from './workitem.ts'

export interface Create {
  readonly kind: 'create'
  readonly uid: string
  readonly receivingAE: string
  readonly attributes: Dataset
}

export interface Update {
  readonly kind: 'update'
  readonly uid: string
  readonly transactionUid: string | undefined
  readonly attributes: Dataset
}

export interface ChangeState {
  readonly kind: 'changeState'
  readonly uid: string
  readonly transactionUid: string | undefined
  /** As sent, perhaps no state at all. */
  readonly state: string | undefined
  /** Recorded as performer of a successful claim. */
  readonly requester: string | undefined
  /** The request held attributes beyond the two that count. */
  readonly hasOtherAttributes: boolean
}

export interface RequestCancel {
  readonly kind: 'requestCancel'
  readonly uid: string
  readonly requestingAE: string
  readonly attributes: Dataset
}

/** Of an administrator, for a performer that has lost its Transaction UID. */
export interface CancelAbandoned {
  readonly kind: 'cancelAbandoned'
  readonly uid: string
  /** As of a cancel request; the reason must be there. */
  readonly attributes: Dataset
}

export type Command = Create | Update | ChangeState | RequestCancel | CancelAbandoned

export interface Facts {
  readonly workitem: Workitem | undefined
  /** The service remembers that a workitem of this UID was deleted. */
  readonly deleted: boolean
  /** AE titles subscribed to the workitem. */
  readonly subscribers: readonly string[]
  readonly policy: Policy
  readonly now: Date
}

export interface Refusal {
  readonly key: RefusalKey
  readonly attributes: readonly AttributeProblem[]
  /** One sentence that names the argument, its value and what was expected, where the usual one does not say it. */
  readonly detail?: string
}

export interface Accepted {
  readonly outcome: 'accepted'
  /** Absent when nothing changes and nobody is told: nothing is committed then. */
  readonly change?: { readonly next: Workitem; readonly reports: readonly EventReport[] }
  readonly warnings: readonly WarningKey[]
}

export interface Refused {
  readonly outcome: 'refused'
  readonly refusal: Refusal
}

export type Decision = Accepted | Refused

export const accept = (
  next: Workitem,
  reports: readonly EventReport[],
  warnings: readonly WarningKey[] = [],
): Accepted => ({ outcome: 'accepted', change: { next, reports }, warnings })

export const unchanged = (...warnings: readonly WarningKey[]): Accepted => ({ outcome: 'accepted', warnings })

export const refuse = (key: RefusalKey, attributes: readonly AttributeProblem[] = [], detail?: string): Refused => ({
  outcome: 'refused',
  refusal: { key, attributes, ...(detail === undefined ? {} : { detail }) },
})

export const refuseFor = (problems: readonly AttributeProblem[]): Refused => refuse(refusalFor(problems), problems)

/** Not there: never was, or deleted and still remembered. */
export const refuseUnknown = (facts: Pick<Facts, 'deleted'>): Refused => refuse(facts.deleted ? 'gone' : 'notFound')
