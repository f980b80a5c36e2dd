import { sameAttribute } from '../dicom/access.ts'
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import type { Replaced } from './store.ts'

/** What must be put back into `after` to have `before` again. */
export function replacedBetween(before: Dataset, after: Dataset): Replaced {
  const replaced: Record<Tag, Attribute | null> = {}
  for (const tag of Object.keys(after)) {
    // Most attributes are the very same object: rules change what they change and keep the rest.
    if (before[tag] !== after[tag] && !sameAttribute(before[tag], after[tag])) replaced[tag] = before[tag] ?? null
  }
  for (const [tag, attribute] of Object.entries(before)) {
    if (after[tag] === undefined) replaced[tag] = attribute
  }
  return replaced
}
