/** Whether a dataset is what a query asks for (PS3.4 C.2.2.2, decisions.md 5). */
import { hasValue, itemsOfAttribute } from './attribute-value.ts'
import type { Attribute, Dataset, Tag } from './dataset.ts'
import { type Clocks, isPairIn } from './matching-date-time.ts'
import { matchesValue } from './matching-value.ts'
import { PrivateBlocks } from './private-blocks.ts'
import {
  isUniversal,
  type AttributeCriterion,
  type Criterion,
  type OfStoredVr,
  type Private,
  type Query,
  type ValueCriterion,
} from './query-criteria.ts'
import { isRefused, readValues } from './query-values.ts'
import { isPrivateTag } from './tag.ts'

export interface MatchingContext {
  /**
   * The zone of dates and times for which neither the query nor the dataset says one: an id that Intl knows
   * (`Europe/Vienna`, `+01:00`). Undefined: the zone of the process.
   */
  readonly timeZone?: string | undefined
}

/**
 * An attribute that is absent or empty matches no key but a universal one and `""`. Any value of an attribute may be the
 * one that matches. A stored time or date-time of low precision is its first microsecond; what cannot be read matches no
 * value.
 * @throws RangeError if Intl does not know the time zone and it is needed
 */
export const matches = (query: Query, dataset: Dataset, { timeZone }: MatchingContext = {}): boolean =>
  matchesAll(query, dataset, { dataset, timeZone })

/** `item`: the dataset itself, or an item in it. */
function matchesAll(query: Query, item: Dataset, clocks: Clocks): boolean {
  for (const tag in query) {
    const criterion = query[tag]
    if (criterion !== undefined && !matchesKey(criterion, tag, item, clocks)) return false
  }
  return true
}

function matchesKey(criterion: Criterion, tag: Tag, item: Dataset, clocks: Clocks): boolean {
  switch (criterion.type) {
    case 'date-time pair':
      return isPairIn(criterion.range, tag, criterion.time, item, clocks)
    case 'private':
      return matchesPrivate(criterion, tag, item, clocks)
    default:
      return matchesAttribute(criterion, item[tag], clocks)
  }
}

function matchesAttribute(criterion: AttributeCriterion, attribute: Attribute | undefined, clocks: Clocks): boolean {
  switch (criterion.type) {
    case 'universal':
      return true
    case 'empty':
      return !hasValue(attribute)
    case 'any':
      return criterion.of.some((one) => matchesAttribute(one, attribute, clocks))
    case 'all':
      return criterion.of.every((one) => matchesAttribute(one, attribute, clocks))
    case 'sequence':
      return matchesSomeItem(criterion.item, attribute, clocks)
    case 'stored VR':
      return attribute !== undefined && matchesStoredVr(criterion, attribute, clocks)
    default:
      return matchesSomeValue(criterion, attribute, clocks)
  }
}

function matchesSomeValue(criterion: ValueCriterion, attribute: Attribute | undefined, clocks: Clocks): boolean {
  if (attribute?.Value === undefined) return false
  for (const value of attribute.Value) {
    if (value !== null && matchesValue(criterion, attribute.vr, value, clocks)) return true
  }
  return false
}

/** All keys within one item (PS3.4 C.2.2.2.6). A query of an item that asks for nothing is also content with none. */
const matchesSomeItem = (query: Query, attribute: Attribute | undefined, clocks: Clocks): boolean =>
  (attribute !== undefined && itemsOfAttribute(attribute).some((item) => matchesAll(query, item, clocks))) ||
  isUniversal(query)

/** A creator may have several blocks: any of them may have the attribute that matches. */
function matchesPrivate({ creator, of }: Private, tag: Tag, item: Dataset, clocks: Clocks): boolean {
  const attributes = privateAttributes(item, tag, creator)
  return attributes.length === 0
    ? matchesAttribute(of, undefined, clocks)
    : attributes.some((attribute) => matchesAttribute(of, attribute, clocks))
}

function privateAttributes(item: Dataset, tag: Tag, creator: string): readonly Attribute[] {
  const found: Attribute[] = []
  for (const other of privateTags(item, tag, creator)) {
    const attribute = item[other]
    if (attribute !== undefined) found.push(attribute)
  }
  return found
}

/** All tags in the item with that group and the last two digits of the element in a block of the creator. */
export function privateTags(item: Dataset, tag: Tag, creator: string): readonly Tag[] {
  const found: Tag[] = []
  let blocks: PrivateBlocks | undefined
  for (const other in item) {
    if (!isSameElement(other, tag)) continue
    blocks ??= new PrivateBlocks(item)
    if (blocks.masked(other).creator === creator) found.push(other)
  }
  return found
}

const isSameElement = (a: Tag, b: Tag): boolean =>
  isPrivateTag(a) && a.startsWith(b.slice(0, 4)) && a.endsWith(b.slice(6))

/** Values that cannot be of the VR match nothing, and no value of a binary attribute or a sequence is looked at. */
function matchesStoredVr(criterion: OfStoredVr, attribute: Attribute, clocks: Clocks): boolean {
  const { values, fuzzy, every, offset } = criterion
  const read = readValues([attribute.vr], values, { fuzzy, every, offset, empty: false, allowed: undefined })
  return !isRefused(read) && matchesAttribute(read, attribute, clocks)
}
