/** N-SET (PS3.4 CC.2.6, PS3.18 11.6; decisions.md 3). */
import { hasValue, sameDataset, sameAttribute } from '../dicom/access.ts'
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { rebasePrivateAttributes } from '../dicom/private-rebase.ts'
import { ATTRIBUTE_TABLE, requirementOf, rootRow } from './attribute-table.ts'
import { agrees, checkDataset } from './check.ts'
import {
  accept,
  type Decision,
  type Facts,
  refuse,
  refuseFor,
  refuseUnknown,
  type Refused,
  unchanged,
  type Update,
} from './decision.ts'
import { reportsOfUpdate } from './event-reports.ts'
import type { Strictness } from './policy.ts'
import { type AttributeProblem, problemAt } from './problems.ts'
import { examine } from './requirements.ts'
import { single, stamped } from './stamp.ts'
import { STATE_TABLE } from './state-table.ts'
import { TAG } from './tags.ts'
import { refuseTransactionUid, standingOf } from './transaction-uid.ts'
import type { Workitem } from './workitem.ts'

/** Arguments of the request, or kept by the service: never part of what is set. */
const NOT_SET: ReadonlySet<Tag> = new Set([
  TAG.TransactionUID,
  TAG.AffectedSOPInstanceUID,
  TAG.RequestedSOPInstanceUID,
  TAG.ScheduledProcedureStepModificationDateTime,
])

export function decideUpdate(command: Update, facts: Facts): Decision {
  const { workitem, policy } = facts
  if (!workitem) return refuseUnknown(facts)
  const refused = refuseByState(command, workitem, facts)
  if (refused) return refused

  const { payload, problems } = settable(command.attributes, workitem.attributes, policy.strictness)
  const examined = examine(payload, ATTRIBUTE_TABLE, 'set', policy.strictness)
  const all = [
    ...problems,
    ...otherInstance(command),
    ...examined.problems,
    ...blanked(payload),
    ...checkDataset(payload),
  ]
  if (all.length > 0) return refuseFor(all)

  const rebased = rebasePrivateAttributes(examined.dataset, workitem.attributes)
  if (!rebased) return refuseFor([NO_PRIVATE_BLOCK])
  const { dataset, relabelled } = withLabel(rebased, policy.worklistLabel)
  const modified = examined.added.length > 0 || relabelled
  const warnings = modified ? (['updatedWithModifications'] as const) : []
  const attributes = stamped(workitem.attributes, dataset, facts.now)
  if (nothingChanged(workitem.attributes, attributes)) return unchanged(...warnings)
  const reports = reportsOfUpdate(workitem.attributes, attributes, workitem.state)
  return accept({ ...workitem, attributes }, reports, warnings)
}

function refuseByState(command: Update, workitem: Workitem, { policy }: Facts): Refused | undefined {
  // A SCHEDULED workitem has nothing that a missing one could pass for: there it says that none is meant.
  const mayBeMissing = policy.updateWithoutTransactionUid && workitem.lock !== undefined
  const standing = standingOf(command.transactionUid, workitem, mayBeMissing)
  if (standing === 'malformed') return refuseTransactionUid(standing, 'transactionUidIncorrect')
  const arrival = standing === 'correct' ? 'update, correct Transaction UID' : 'update, no correct Transaction UID'
  const cell = STATE_TABLE[arrival][workitem.state]
  if (cell.does === 'refuse') return refuse(cell.refusal)
  if (cell.does === 'refuse for the Transaction UID') return refuseTransactionUid(standing, 'transactionUidIncorrect')
  return undefined
}

const NO_PRIVATE_BLOCK = problemAt('invalidValue', '', 'no block is left in a private group for another creator')

/** The payload without what equals the stored value anyway: clients send whole datasets back (decisions.md 3). */
function settable(
  sent: Dataset,
  stored: Dataset,
  strictness: Strictness,
): { readonly payload: Dataset; readonly problems: readonly AttributeProblem[] } {
  const payload: Record<Tag, Attribute> = {}
  const problems: AttributeProblem[] = []
  for (const [tag, attribute] of Object.entries(sent)) {
    if (NOT_SET.has(tag)) continue
    if (!isForbidden(tag)) payload[tag] = attribute
    else if (strictness === 'strict' || !sameAttribute(attribute, stored[tag])) {
      problems.push(problemAt('notAllowedAttribute', tag, 'must not be changed by an Update'))
    }
  }
  return { payload, problems }
}

/** Some clients name the workitem in the dataset too. */
const otherInstance = ({ attributes, uid }: Update): readonly AttributeProblem[] =>
  [TAG.AffectedSOPInstanceUID, TAG.RequestedSOPInstanceUID].flatMap((tag) =>
    agrees(attributes, tag, uid, 'differs from the UID of the Workitem'),
  )

function isForbidden(tag: Tag): boolean {
  const row = rootRow(tag)
  return row !== undefined && requirementOf(row.set) === 'forbidden'
}

/** Zero length blanks, but not what N-CREATE demands a value for (CC.2.5.1.1, decisions.md 3). */
const blanked = (payload: Dataset): readonly AttributeProblem[] =>
  Object.keys(payload)
    .filter((tag) => !hasValue(payload[tag]) && demandsValue(tag))
    .map((tag) => problemAt('missingValue', tag, 'must have a value, it cannot be blanked'))

function demandsValue(tag: Tag): boolean {
  const row = rootRow(tag)
  return row !== undefined && requirementOf(row.create) === 'value'
}

function withLabel(dataset: Dataset, label: string): { readonly dataset: Dataset; readonly relabelled: boolean } {
  const sent = dataset[TAG.WorklistLabel]
  if (sent === undefined || hasValue(sent)) return { dataset, relabelled: false }
  return { dataset: { ...dataset, [TAG.WorklistLabel]: single('LO', label) }, relabelled: true }
}

function nothingChanged(before: Dataset, after: Dataset): boolean {
  const stamp = before[TAG.ScheduledProcedureStepModificationDateTime]
  return sameDataset(before, stamp ? { ...after, [TAG.ScheduledProcedureStepModificationDateTime]: stamp } : after)
}
