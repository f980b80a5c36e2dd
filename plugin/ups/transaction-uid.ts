/** How the Transaction UID of a request stands to the one that the claim recorded (PS3.4 CC.1.1). */
import { isUid } from '../dicom/uid.ts'
import { refuse, type Refused } from './decision.ts'
import { problemAt } from './problems.ts'
import type { RefusalKey } from './statuses.ts'
import { TAG } from './tags.ts'
import type { Workitem } from './workitem.ts'

export type Standing = 'correct' | 'incorrect' | 'missing' | 'malformed'

/**
 * Where none is recorded (still SCHEDULED, or cancelled while SCHEDULED) any well-formed one is correct.
 * `mayBeMissing` (`dcmUPSUpdateWithoutTransactionUID`) lets a missing one pass for the recorded one.
 */
export function standingOf(sent: string | undefined, workitem: Workitem, mayBeMissing: boolean): Standing {
  if (sent === undefined || sent === '') return mayBeMissing ? 'correct' : 'missing'
  if (!isUid(sent)) return 'malformed'
  return workitem.lock === undefined || workitem.lock.transactionUid === sent ? 'correct' : 'incorrect'
}

/** The refusal of what is not the correct one; the wording for an incorrect one depends on what was asked. */
export function refuseTransactionUid(standing: Standing, incorrect: RefusalKey): Refused {
  if (standing === 'malformed') return refuse('invalidValue', [MALFORMED])
  return refuse(standing === 'missing' ? 'transactionUidMissing' : incorrect)
}

const MALFORMED = problemAt('invalidValue', TAG.TransactionUID, 'expected a UID (PS3.5 9.1)')
