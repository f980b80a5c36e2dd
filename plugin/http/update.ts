/** PS3.18 11.6 Update Workitem. */
import { execute } from '../worklist/execute.ts'
import { answerReceipt } from './answer.ts'
import { readDataset } from './body.ts'
import { type Call, requirePathUid } from './call.ts'
import { transactionUidOf } from './transaction-uid-argument.ts'

export async function updateWorkitem(call: Call): Promise<void> {
  const uid = requirePathUid(call.ctx)
  const attributes = readDataset(call.ctx)
  const transactionUid = transactionUidOf(call.query, attributes)
  const command = { kind: 'update', uid, transactionUid, attributes } as const
  answerReceipt(call, 'update', await execute(command, call.policy, call.service.desk()))
}
