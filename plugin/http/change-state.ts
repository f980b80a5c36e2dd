/** PS3.18 11.7 Change Workitem State. */
import { firstString } from '../dicom/access.ts'
import type { Tag } from '../dicom/dataset.ts'
import { TAG } from '../ups/tags.ts'
import { execute } from '../worklist/execute.ts'
import { answerReceipt } from './answer.ts'
import { readDataset } from './body.ts'
import { type Call, requirePathUid } from './call.ts'
import { requireOneValue } from './body.ts'
import { requesterOf } from './requester.ts'
import { transactionUidOf } from './transaction-uid-argument.ts'

/** What the payload holds; the character set tells of the payload itself. */
const COUNTING: ReadonlySet<Tag> = new Set([TAG.ProcedureStepState, TAG.TransactionUID, TAG.SpecificCharacterSet])

export async function changeWorkitemState(call: Call): Promise<void> {
  const uid = requirePathUid(call.ctx)
  const requester = requesterOf(call)
  const attributes = readDataset(call.ctx)
  requireOneValue(attributes, TAG.ProcedureStepState)
  const command = {
    kind: 'changeState',
    uid,
    requester,
    transactionUid: transactionUidOf(call.query, attributes),
    state: attributes[TAG.ProcedureStepState] && (firstString(attributes, TAG.ProcedureStepState) ?? ''),
    hasOtherAttributes: Object.keys(attributes).some((tag) => !COUNTING.has(tag)),
  } as const
  answerReceipt(call, 'changeState', await execute(command, call.policy, call.service.desk()))
}
