/** What the service itself writes into a dataset that is about to be committed. */
import { hasNonAscii } from '../dicom/access.ts'
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { formatDateTime } from '../dicom/date-time.ts'
import type { VR } from '../dicom/vr.ts'
import { TAG } from './tags.ts'

/** An attribute with this one value. */
export const single = (vr: VR, value: string): Attribute => ({ vr, Value: [value] })

const UTF8 = single('CS', 'ISO_IR 192')

/**
 * The dataset with these attributes, the modification date-time, and ISO_IR 192 when any value is not ASCII: text is
 * Unicode inside, and what leaves the house is UTF-8 (decisions.md 3). `without`: attributes that are left out.
 */
export function stamped(
  dataset: Dataset,
  attributes: Readonly<Record<Tag, Attribute>>,
  now: Date,
  without: ReadonlySet<Tag> = NOTHING,
): Dataset {
  const next: Record<Tag, Attribute> = {}
  for (const tag in dataset) {
    const attribute = dataset[tag]
    if (attribute && !without.has(tag)) next[tag] = attribute
  }
  Object.assign(next, attributes)
  next[TAG.ScheduledProcedureStepModificationDateTime] = single('DT', formatDateTime(now))
  if (hasNonAscii(next)) next[TAG.SpecificCharacterSet] = UTF8
  return next
}

const NOTHING: ReadonlySet<Tag> = new Set()
