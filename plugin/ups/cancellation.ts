/** The progress information of a cancelled workitem: what the service fills in (CC.2.1.3, CC.2.2.3, decisions.md 2). */
import { hasValue, itemsOf } from '../dicom/access.ts'
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { formatDateTime } from '../dicom/date-time.ts'
import { single } from './stamp.ts'
import { TAG } from './tags.ts'

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
