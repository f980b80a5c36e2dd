/** Small readers and makers of datasets that everything else is built on. */
import { isFilled, itemsOfAttribute } from './attribute-value.ts'
import type { Attribute, Dataset, Tag, Value } from './dataset.ts'
import { withoutTrailingSpaces } from './padding.ts'
import { isPersonName, NAME_GROUPS, personNameText } from './person-name.ts'

export { hasValue } from './attribute-value.ts'
export { sameAttribute, sameDataset } from './equality.ts'

const NON_ASCII = /[^\x00-\x7f]/

/**
 * The first value that is not empty, as text without trailing spaces: numbers in decimal, a person name with its groups
 * joined by `=`. Undefined if there is none, and for sequences and binary values.
 */
export function firstString(dataset: Dataset, tag: Tag): string | undefined {
  const attribute = dataset[tag]
  if (attribute?.Value === undefined || attribute.vr === 'SQ') return undefined
  const value = attribute.Value.find(isFilled)
  if (value === undefined || value === null) return undefined
  return withoutTrailingSpaces(isPersonName(value) ? personNameText(value) : String(value))
}

/** The items of a sequence; none if the attribute is absent, empty, or no sequence. */
export function itemsOf(dataset: Dataset, tag: Tag): readonly Dataset[] {
  const attribute = dataset[tag]
  return attribute === undefined ? [] : itemsOfAttribute(attribute)
}

/** The dataset without some attributes of its top level. */
export function withoutAttributes(dataset: Dataset, tags: ReadonlySet<Tag>): Dataset {
  const rest: Record<Tag, Attribute> = {}
  for (const tag in dataset) {
    const attribute = dataset[tag]
    if (attribute && !tags.has(tag)) rest[tag] = attribute
  }
  return rest
}

export const isAscii = (text: string): boolean => !NON_ASCII.test(text)

/** Whether any value, at any depth, needs more than ASCII: then (0008,0005) has to name the character set. */
export function hasNonAscii(dataset: Dataset): boolean {
  for (const tag in dataset) {
    const attribute = dataset[tag]
    if (attribute && attributeHasNonAscii(attribute)) return true
  }
  return false
}

function attributeHasNonAscii(attribute: Attribute): boolean {
  if (attribute.vr === 'SQ') return itemsOfAttribute(attribute).some(hasNonAscii)
  return attribute.Value?.some(valueHasNonAscii) ?? false
}

function valueHasNonAscii(value: Value): boolean {
  if (typeof value === 'string') return !isAscii(value)
  return isPersonName(value) && NAME_GROUPS.some((group) => !isAscii(value[group] ?? ''))
}
