/** N-CREATE (PS3.4 CC.2.5, PS3.18 11.4; decisions.md 3). */
import { firstString, hasValue, withoutAttributes } from '../dicom/access.ts'
import type { Tag } from '../dicom/dataset.ts'
import { withoutPadding } from '../dicom/padding.ts'
import { ATTRIBUTE_TABLE } from './attribute-table.ts'
import { agrees, checkDataset } from './check.ts'
import { accept, type Create, type Decision, type Facts, refuse, refuseFor } from './decision.ts'
import { reportsOfCreation } from './event-reports.ts'
import { type AttributeProblem, problemAt } from './problems.ts'
import { examine } from './requirements.ts'
import { single, stamped } from './stamp.ts'
import { STATE_TABLE } from './state-table.ts'
import { isGlobalUid, TAG, UPS_PUSH_SOP_CLASS } from './tags.ts'
import type { State } from './workitem.ts'

/** Sent by some clients, kept by the service: accepted when they agree (the UIDs) or ignored (the rest). */
const SERVER_OWNED: ReadonlySet<Tag> = new Set([
  TAG.AffectedSOPInstanceUID,
  TAG.SOPClassUID,
  TAG.SOPInstanceUID,
  TAG.ScheduledProcedureStepModificationDateTime,
])

const TRANSACTION_UID: ReadonlySet<Tag> = new Set([TAG.TransactionUID])

export function decideCreate(command: Create, facts: Facts): Decision {
  const cell = STATE_TABLE.create[facts.workitem?.state ?? 'null']
  if (cell.does === 'refuse') return refuse(cell.refusal)
  if (facts.deleted || isGlobalUid(command.uid)) return refuse('duplicate')

  const sent = withoutAttributes(command.attributes, SERVER_OWNED)
  const { dataset, problems, added } = examine(sent, ATTRIBUTE_TABLE, 'create', facts.policy.strictness)
  const all = [...problems, ...checkIdentity(command), ...checkDataset(sent)]
  if (all.length > 0) return refuseFor(all)
  if (withoutPadding(firstString(dataset, TAG.ProcedureStepState) ?? '') !== INITIAL_STATE) {
    return refuse('notScheduled', [problemAt('invalidValue', TAG.ProcedureStepState, 'expected SCHEDULED')])
  }

  const labelled = hasValue(dataset[TAG.WorklistLabel])
  const attributes = stamped(
    dataset,
    {
      [TAG.ProcedureStepState]: single('CS', INITIAL_STATE),
      [TAG.SOPClassUID]: single('UI', UPS_PUSH_SOP_CLASS),
      [TAG.SOPInstanceUID]: single('UI', command.uid),
      ...(labelled ? {} : { [TAG.WorklistLabel]: single('LO', facts.policy.worklistLabel) }),
    },
    facts.now,
    TRANSACTION_UID,
  )
  const next = { uid: command.uid, state: INITIAL_STATE, receivingAE: command.receivingAE, attributes }
  const modified = added.length > 0 || !labelled
  return accept(next, reportsOfCreation(attributes), modified ? ['createdWithModifications'] : [])
}

const INITIAL_STATE: State = 'SCHEDULED'

function checkIdentity({ attributes, uid }: Create): readonly AttributeProblem[] {
  return [
    ...agrees(attributes, TAG.SOPClassUID, UPS_PUSH_SOP_CLASS, 'expected the UPS Push SOP Class or nothing'),
    ...agrees(attributes, TAG.SOPInstanceUID, uid, 'differs from the UID of the Workitem'),
    ...agrees(attributes, TAG.AffectedSOPInstanceUID, uid, 'differs from the UID of the Workitem'),
  ]
}
