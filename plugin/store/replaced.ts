import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import type { Replaced } from './store.ts'

/** What must be put back into `after` to have `before` again, to the letter. */
export function replacedBetween(before: Dataset, after: Dataset): Replaced {
  const replaced: Record<Tag, Attribute | null> = {}
  for (const tag of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (differ(before[tag], after[tag])) replaced[tag] = before[tag] ?? null
  }
  return replaced
}

/** The dataset before, of the dataset after and what the change replaced. What did not change they share. */
export function undone(after: Dataset, replaced: Replaced): Dataset {
  const tags = Object.keys(replaced)
  if (tags.length === 0) return after
  const before: Record<Tag, Attribute> = { ...after }
  for (const tag of tags) {
    const attribute = replaced[tag]
    if (attribute) before[tag] = attribute
    else delete before[tag]
  }
  return before
}

/** Most attributes are the very same object: rules change what they change and keep the rest. */
const differ = (before: Attribute | undefined, after: Attribute | undefined): boolean =>
  before !== after && JSON.stringify(before) !== JSON.stringify(after)
