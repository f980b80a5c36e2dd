/** What configuration and options decide for one request; rules look at this and at nothing else of the settings. */

/**
 * `lenient`: missing type 2 attributes are added as empty and the answer says so; `strict`: they are refused
 * (decisions.md 3).
 */
export type Strictness = 'lenient' | 'strict'

export interface Policy {
  readonly strictness: Strictness
  /** The Worklist Label for a workitem that brings none. */
  readonly worklistLabel: string
  /** `dcmUPSUpdateWithoutTransactionUID`: Update and the two final states accept a missing Transaction UID. */
  readonly updateWithoutTransactionUid: boolean
  /** The zone of dates and times that say none, an IANA name; absent: that of the process. */
  readonly timeZone?: string
}
