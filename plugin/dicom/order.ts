/**
 * The order of datasets by what attributes hold: numbers by size, dates, times and date-times by when they are (as
 * matching understands them), person names without case and accents and component by component, all other text by its
 * characters (code points, as UTF-8 has them in order too). The first value of an attribute counts. An attribute without one that can be read is last, in descending
 * order too.
 */
import { isFilled } from './attribute-value.ts'
import type { Attribute, Dataset, PersonName, Tag, Value } from './dataset.ts'
import { isDate } from './date-time.ts'
import { type Clocks, instantOfDateTime } from './matching-date-time.ts'
import { type FoldedGroups, foldedGroups } from './matching-fold.ts'
import { startOfTime } from './matching-moment.ts'
import { comparableNumber } from './matching-number.ts'
import { significantText } from './matching-text.ts'
import { isPersonName } from './person-name.ts'
import { VR_MATCHING } from './query-vr-table.ts'
import type { VR } from './vr.ts'

export interface Ordering {
  readonly tag: Tag
  readonly descending: boolean
}

/** A bound that no honest search comes near: what each of them holds is kept of every match. */
export const MOST_ORDERINGS = 10

/** What an attribute counts for; undefined: nothing that has a place in the order. */
export type SortKey = string | number | undefined

/** Sequences and binary values have no order. */
export const hasOrder = (vr: VR): boolean => VR_MATCHING[vr].kind !== 'none'

/**
 * In the order of `order`. `timeZone`: as in matching.
 * @throws RangeError if Intl does not know the time zone and it is needed
 */
export function sortKeysOf(
  dataset: Dataset,
  order: readonly Ordering[],
  timeZone: string | undefined,
): readonly SortKey[] {
  const clocks: Clocks = { dataset, timeZone }
  return order.map(({ tag }) => sortKeyOf(dataset[tag], clocks))
}

/** 0: they are equal in every one of them. */
export function compareSortKeys(a: readonly SortKey[], b: readonly SortKey[], order: readonly Ordering[]): number {
  for (let i = 0; i < order.length; i++) {
    const [one, other] = [a[i], b[i]]
    if (one === other) continue
    if (one === undefined) return 1
    if (other === undefined) return -1
    return isBefore(one, other) === (order[i]?.descending ?? false) ? 1 : -1
  }
  return 0
}

/** Where an attribute has another VR than most, numbers and moments are before texts. */
function isBefore(one: string | number, other: string | number): boolean {
  if (typeof one === 'string') return typeof other === 'string' && compareCharacters(one, other) < 0
  return typeof other === 'string' || one < other
}

/** By code points. In UTF-16 those beyond the BMP, written as surrogates, come before the last ones of it. */
function compareCharacters(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (one === other) continue
    if (isSurrogate(one) === isSurrogate(other)) return one - other
    return isSurrogate(one) ? 1 : -1
  }
  return a.length - b.length
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000

function sortKeyOf(attribute: Attribute | undefined, clocks: Clocks): SortKey {
  const value = attribute?.Value?.find(isFilled)
  return attribute === undefined || value === undefined ? undefined : keyOfValue(attribute.vr, value, clocks)
}

function keyOfValue(vr: VR, value: Value, clocks: Clocks): SortKey {
  const { kind } = VR_MATCHING[vr]
  if (kind === 'number') return keyOfNumber(vr, value)
  if (kind === 'name') return isPersonName(value) ? keyOfName(value) : undefined
  return typeof value === 'string' ? keyOfText(vr, significantText(vr, value), clocks) : undefined
}

/** 64-bit integers lose their last digits here: those that a double cannot tell apart count as equal. */
function keyOfNumber(vr: VR, value: Value): number | undefined {
  const number = comparableNumber(vr, value)
  return number === undefined ? undefined : Number(number)
}

/** NUL between the components: DOE^JOHN is before DOE JR^ADAM, since DOE is before DOE JR. */
const keyOfName = (name: PersonName): string => keyOfComponents(foldedGroups(name))

export const keyOfComponents = (groups: FoldedGroups): string =>
  groups.map((components) => components.join('\0')).join('\0\0')

function keyOfText(vr: VR, text: string, clocks: Clocks): SortKey {
  switch (VR_MATCHING[vr].kind) {
    case 'date':
      return isDate(text) ? text : undefined
    case 'time':
      return startOfTime(text)
    case 'date-time':
      return instantOfDateTime(text, clocks)
    default:
      return text
  }
}
