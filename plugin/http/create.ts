/** PS3.18 11.4 Create Workitem. */
import { randomUUID } from 'node:crypto'
import { firstString } from '../dicom/access.ts'
import type { Dataset } from '../dicom/dataset.ts'
import { uidFromUuid } from '../dicom/uid.ts'
import { TAG } from '../ups/tags.ts'
import { execute } from '../worklist/execute.ts'
import { answerReceipt } from './answer.ts'
import { readDataset } from './body.ts'
import { type Call, requireUid, workitemUrl } from './call.ts'
import { agreed, bareUids, valuesOf } from './query.ts'

const UID_PARAMETERS: ReadonlySet<string> = new Set(['workitem', 'affectedsopinstanceuid', '00001000'])

export async function createWorkitem(call: Call): Promise<void> {
  const attributes = readDataset(call.ctx)
  const uid = uidOf(call, attributes)
  const command = { kind: 'create', uid, receivingAE: call.ae.aeTitle, attributes } as const
  const receipt = await execute(command, call.policy, call.service.desk())
  answerReceipt(call, 'create', receipt, { location: workitemUrl(call, uid) })
}

/** From the query or the dataset; where they say nothing, a new one (decisions.md 1). */
function uidOf({ query }: Call, attributes: Dataset): string {
  const inDataset = [TAG.SOPInstanceUID, TAG.AffectedSOPInstanceUID].flatMap(
    (tag) => firstString(attributes, tag) ?? [],
  )
  const given = agreed([...valuesOf(query, UID_PARAMETERS), ...bareUids(query), ...inDataset], 'the Workitem UID')
  return given === undefined ? uidFromUuid(randomUUID()) : requireUid(given, 'The Workitem UID')
}
