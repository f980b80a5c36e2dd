/** `POST /ctrl/workitems/{uid}/cancel-abandoned` (decisions.md 2, 9): what an administrator does for a performer. */
import type { Context } from 'koa'
import { devicePolicyOf } from '../config/policy.ts'
import { firstString } from '../dicom/access.ts'
import type { Dataset } from '../dicom/dataset.ts'
import { single } from '../ups/stamp.ts'
import { TAG } from '../ups/tags.ts'
import { execute } from '../worklist/execute.ts'
import { answerReceipt } from './answer.ts'
import { readOptionalDataset } from './body.ts'
import { decodePath, requirePathUid, serviceBase } from './call.ts'
import { agreed, parseQuery, valuesOf } from './query.ts'
import type { Service } from './service.ts'

export async function cancelAbandoned(ctx: Context, service: Service): Promise<void> {
  decodePath(ctx.path)
  const uid = requirePathUid(ctx)
  const attributes = withReason(ctx, await readOptionalDataset(ctx))
  // It comes through no AE.
  const policy = devicePolicyOf(service.configuration(), service.strictness)
  const receipt = await execute({ kind: 'cancelAbandoned', uid, attributes }, policy, service.desk())
  answerReceipt({ ctx, base: serviceBase(ctx, service) }, 'cancelAbandoned', receipt)
}

const PARAMETER: ReadonlySet<string> = new Set(['reason'])

/** `?reason=`, or the payload of a cancel request; both must say the same. */
function withReason(ctx: Context, attributes: Dataset): Dataset {
  const inDataset = firstString(attributes, TAG.ReasonForCancellation)
  const values = [...valuesOf(parseQuery(ctx.querystring), PARAMETER), ...(inDataset === undefined ? [] : [inDataset])]
  const reason = agreed(values, 'the reason')
  if (reason === undefined || inDataset !== undefined) return attributes
  return { ...attributes, [TAG.ReasonForCancellation]: single('LT', reason) }
}
