/** PS3.18 11.8 Request Cancellation. */
import { execute } from '../worklist/execute.ts'
import { answerReceipt } from './answer.ts'
import { readOptionalDataset } from './body.ts'
import { type Call, requirePathUid } from './call.ts'
import { requesterOf } from './requester.ts'

export async function requestCancellation(call: Call): Promise<void> {
  const uid = requirePathUid(call.ctx)
  // Requesting AE (0074,1236) is type 1 in the report; who does not say gets the AE of the URL (decisions.md 2).
  const requestingAE = requesterOf(call) ?? call.ae.aeTitle
  const command = { kind: 'requestCancel', uid, requestingAE, attributes: await readOptionalDataset(call.ctx) } as const
  answerReceipt(call, 'requestCancel', await execute(command, call.policy, call.service.desk()))
}
