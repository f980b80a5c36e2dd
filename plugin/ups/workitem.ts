/**
 * Words used by the rules.
 *
 * - Workitem: one unified procedure step, its dataset and what the service keeps beside it.
 * - Lock: the Transaction UID of whoever claimed it, and, where known, the AE title that did. It outlives the final
 *   state, or a stranger's late COMPLETE would look like the performer's (PS3.4 CC.1.1).
 * - Receiving AE: the AE of this archive through which the workitem was created.
 */
import type { Dataset } from '../dicom/dataset.ts'

export type FinalState = 'COMPLETED' | 'CANCELED'
export type State = 'SCHEDULED' | 'IN PROGRESS' | FinalState

export const STATES = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED'] as const satisfies readonly State[]

export const isState = (text: string | undefined): text is State => STATES.some((state) => state === text)

export interface Lock {
  readonly transactionUid: string
  readonly performer?: string
}

export interface Workitem {
  readonly uid: string
  readonly state: State
  readonly receivingAE: string
  readonly lock?: Lock
  /** When COMPLETED or CANCELED was reached; the clock of retention. */
  readonly finishedAt?: Date
  /** Without (0008,1195): the Transaction UID lives in the lock alone. */
  readonly attributes: Dataset
}
