/** What is in one attribute. */
import type { Attribute, Dataset, Value } from './dataset.ts'
import { withoutTrailingSpaces } from './padding.ts'
import { isPersonName, personNameText } from './person-name.ts'

const NO_ITEMS: readonly Dataset[] = []
const EMPTY_ITEM: Dataset = {}

/**
 * Whether there is a value: a sequence has one when it has an item, any other attribute when not all its values are
 * empty (absent, or nothing but spaces, which are padding).
 */
export function hasValue(attribute: Attribute | undefined): boolean {
  if (attribute === undefined) return false
  if (attribute.InlineBinary !== undefined) return attribute.InlineBinary !== ''
  const values = attribute.Value
  if (values === undefined) return false
  return attribute.vr === 'SQ' ? values.length > 0 : values.some(isFilled)
}

export function isFilled(value: Value): boolean {
  if (typeof value === 'string') return withoutTrailingSpaces(value) !== ''
  if (isPersonName(value)) return withoutTrailingSpaces(personNameText(value)) !== ''
  return value !== null
}

/** The items of a sequence; none if the attribute is empty or no sequence. */
export function itemsOfAttribute(attribute: Attribute): readonly Dataset[] {
  const values = attribute.vr === 'SQ' ? attribute.Value : undefined
  if (values === undefined) return NO_ITEMS
  return values.every(isItem) ? values : values.map((value) => (isItem(value) ? value : EMPTY_ITEM))
}

/** A value of a sequence that is there. */
const isItem = (value: Value): value is Dataset => typeof value === 'object' && value !== null
