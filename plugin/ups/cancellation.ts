/** How a workitem is cancelled: what a request may say of it, and what the service fills in (CC.2.1.3, CC.2.2.3, decisions.md 2). */
import { hasValue, itemsOf } from '../dicom/access.ts'
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { formatDateTime } from '../dicom/date-time.ts'
import { rootRow } from './attribute-table.ts'
import { checkDataset } from './check.ts'
import { CANCEL_REQUEST_ATTRIBUTES } from './event-reports.ts'
import type { Strictness } from './policy.ts'
import type { AttributeProblem } from './problems.ts'
import { examine } from './requirements.ts'
import { single, stamped } from './stamp.ts'
import { TAG } from './tags.ts'
import type { State, Workitem } from './workitem.ts'

export interface CancelRequest {
  /** The four attributes that count; clients send others along (decisions.md 1). */
  readonly request: Dataset
  readonly problems: readonly AttributeProblem[]
}

export function readCancelRequest(attributes: Dataset, strictness: Strictness): CancelRequest {
  const request = counting(attributes)
  const examined = examine(request, REASON_ROWS, 'set', strictness)
  return { request, problems: [...examined.problems, ...checkDataset(request)] }
}

/** The reason is a code sequence, the same as in the progress information. */
const REASON_ROWS = (rootRow(TAG.ProcedureStepProgressInformationSequence)?.items ?? []).filter(
  ({ tag }) => tag === TAG.ProcedureStepDiscontinuationReasonCodeSequence,
)

function counting(attributes: Dataset): Dataset {
  const request: Record<Tag, Attribute> = {}
  for (const tag of CANCEL_REQUEST_ATTRIBUTES) {
    const attribute = attributes[tag]
    if (attribute) request[tag] = attribute
  }
  return request
}

/** The workitem at the end of these states, cancelled by the service for the reasons of the request. */
export function cancelled(workitem: Workitem, request: Dataset, states: readonly State[], now: Date): Workitem {
  const state = states.at(-1) ?? workitem.state
  const attributes = stamped(
    workitem.attributes,
    {
      [TAG.ProcedureStepState]: single('CS', state),
      [TAG.ProcedureStepProgressInformationSequence]: cancelledProgress(workitem.attributes, request, now),
    },
    now,
  )
  return { ...workitem, state, finishedAt: now, attributes }
}

/** (110513, DCM, "Discontinued for unspecified reason"), PS3.16 CID 9300. */
const UNSPECIFIED_REASON: Attribute = {
  vr: 'SQ',
  Value: [
    {
      [TAG.CodeValue]: single('SH', '110513'),
      [TAG.CodingSchemeDesignator]: single('SH', 'DCM'),
      [TAG.CodeMeaning]: single('LO', 'Discontinued for unspecified reason'),
    },
  ],
}

/** (0074,1002) with the cancellation date-time and a reason code, and what a cancel request brought. */
export function cancelledProgress(attributes: Dataset, request: Dataset, now: Date): Attribute {
  const [progress = {}, ...others] = itemsOf(attributes, TAG.ProcedureStepProgressInformationSequence)
  const item: Dataset = {
    ...progress,
    ...pick(request, [TAG.ReasonForCancellation, TAG.ProcedureStepDiscontinuationReasonCodeSequence]),
    ...contact(progress, request),
  }
  const reason = TAG.ProcedureStepDiscontinuationReasonCodeSequence
  const filled: Dataset = {
    ...item,
    ...(hasValue(item[TAG.ProcedureStepCancellationDateTime])
      ? {}
      : { [TAG.ProcedureStepCancellationDateTime]: single('DT', formatDateTime(now)) }),
    ...(hasValue(item[reason]) ? {} : { [reason]: UNSPECIFIED_REASON }),
  }
  return { vr: 'SQ', Value: [filled, ...others] }
}

/** Whom to ask about the cancellation joins the other contacts (0074,1008). */
function contact(progress: Dataset, request: Dataset): Dataset {
  const item = pick(request, [TAG.ContactURI, TAG.ContactDisplayName])
  if (Object.keys(item).length === 0) return {}
  const known = itemsOf(progress, TAG.ProcedureStepCommunicationsURISequence)
  return { [TAG.ProcedureStepCommunicationsURISequence]: { vr: 'SQ', Value: [...known, item] } }
}

function pick(from: Dataset, tags: readonly Tag[]): Dataset {
  const picked: Record<Tag, Attribute> = {}
  for (const tag of tags) {
    const attribute = from[tag]
    if (attribute && hasValue(attribute)) picked[tag] = attribute
  }
  return picked
}
