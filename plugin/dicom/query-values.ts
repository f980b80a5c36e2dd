/** The values of one key: which type of matching they ask for, and whether they can be values of its VR at all. */
import { glob, hasWildcard } from './matching-glob.ts'
import { comparableNumber } from './matching-number.ts'
import { significantText } from './matching-text.ts'
import { isNumberVR, numberOf } from './numbers.ts'
import { withoutPadding, withoutTrailingSpaces } from './padding.ts'
import type {
  AllOf,
  AttributeCriterion,
  EmptyValue,
  NameKey,
  Text,
  Universal,
  ValueCriterion,
} from './query-criteria.ts'
import { nameKeyOf } from './query-name-key.ts'
import { dateRange, dateTimeRange, timeRange } from './query-ranges.ts'
import { VR_MATCHING } from './query-vr-table.ts'
import { normalTag } from './tag.ts'
import { VR_RULES } from './vr-rules.ts'
import type { VR } from './vr.ts'

/** How the values of one key are to be read. */
export interface ValueReading {
  readonly fuzzy: boolean
  /** Empty value matching: `""` is no text. */
  readonly empty: boolean
  /** Multiple value matching was asked for and the VM allows several values. */
  readonly every: boolean
  /** Of (0008,0201) of the query, in microseconds. */
  readonly offset: number | undefined
  /** Enumerated values; undefined: none are defined. */
  readonly allowed: readonly string[] | undefined
}

/** A value that cannot be used; `expected` goes on after "expected". */
export interface RefusedValue {
  readonly expected: string
  /** Undefined if it is not one value that is wrong. */
  readonly found: string | undefined
}

export const isRefused = (read: AttributeCriterion | RefusedValue): read is RefusedValue => !('type' in read)

export const UNIVERSAL: Universal = { type: 'universal' }
const EMPTY: EmptyValue = { type: 'empty' }

/** Empty value matching (PS3.18 8.3.4.5). */
const TWO_QUOTATION_MARKS = '""'

const refused = (expected: string, found?: string): RefusedValue => ({ expected, found })

/** No value, or one of no length, or a lone `*`, which clients send with any VR. */
export const isUniversalList = (list: readonly string[]): boolean =>
  list.length === 0 || (list.length === 1 && (list[0] === '' || list[0] === '*'))

/** What a private key asks for, whose VR is not known before there is a dataset. */
export function readPrivateValues(list: readonly string[], how: ValueReading): AttributeCriterion | RefusedValue {
  if (isUniversalList(list)) return UNIVERSAL
  if (list.some(isBlank)) return refused(NOT_BLANK)
  if (how.empty && list.length === 1 && list[0] === TWO_QUOTATION_MARKS) return EMPTY
  const { fuzzy, every, offset } = how
  return { type: 'stored VR', values: list, fuzzy, every, ...(offset !== undefined && { offset }) }
}

/** `vrs`: those that the attribute may have. */
export function readValues(
  vrs: readonly VR[],
  list: readonly string[],
  how: ValueReading,
): AttributeCriterion | RefusedValue {
  if (isUniversalList(list)) return UNIVERSAL
  const readable = vrs.filter((vr) => VR_MATCHING[vr].kind !== 'none')
  const [vr] = readable
  if (vr === undefined) return refused(`no value, since VR ${vrs.join(' or ')} cannot be matched by value`)
  if (list.some(isBlank)) return refused(NOT_BLANK)
  if (how.every && list.length > 1 && VR_MATCHING[vr].multiple) return readEvery(vr, list, how)
  if (how.empty && VR_MATCHING[vr].empty && list.includes(TWO_QUOTATION_MARKS)) return readSomeEmpty(vr, list, how)
  return readAny(readable, vr, list, how)
}

const isBlank = (text: string): boolean => withoutPadding(text) === ''
const NOT_BLANK = 'a value with more than spaces, or none at all'

function readEvery(vr: VR, list: readonly string[], how: ValueReading): AllOf | RefusedValue {
  const of: ValueCriterion[] = []
  for (const text of list) {
    if ((VR_MATCHING[vr].wildcard && hasWildcard(text)) || (how.empty && text === TWO_QUOTATION_MARKS)) {
      return refused('single values without * and ?, since multiplevaluematching asks for all of them', text)
    }
    const criterion = readAny([vr], vr, [text], how)
    if (isRefused(criterion)) return criterion
    of.push(criterion)
  }
  return { type: 'all', of }
}

function readSomeEmpty(vr: VR, list: readonly string[], how: ValueReading): AttributeCriterion | RefusedValue {
  const others = list.filter((text) => text !== TWO_QUOTATION_MARKS)
  if (others.length === 0) return EMPTY
  const criterion = readAny([vr], vr, others, how)
  return isRefused(criterion) ? criterion : { type: 'any', of: [EMPTY, criterion] }
}

function readAny(
  vrs: readonly VR[],
  vr: VR,
  list: readonly string[],
  how: ValueReading,
): ValueCriterion | RefusedValue {
  switch (VR_MATCHING[vr].kind) {
    case 'text':
      return readTexts(vr, list, how)
    case 'uid':
      return each(list, VR_RULES.UI.expected, uidOf, (values) => ({ type: 'uid', values }))
    case 'name':
      return each<NameKey>(
        list,
        'a person name of at most 3 groups and 5 components, not all of them empty',
        (text) => nameKeyOf(text, how.fuzzy),
        (names) => ({ type: 'name', names }),
      )
    case 'number':
      return each(
        list,
        VR_RULES[vr].expected,
        (text) => numberOfSome(vrs, text),
        (values) => ({ type: 'number', values }),
      )
    case 'date':
      return each(list, orRange(vr), trimmed(dateRange), (ranges) => ({ type: 'date', ranges }))
    case 'time':
      return each(list, orRange(vr), trimmed(timeRange), (ranges) => ({ type: 'time', ranges }))
    case 'date-time': {
      const read = (text: string) => dateTimeRange(text, how.offset)
      return each(list, orRange(vr), trimmed(read), (ranges) => ({ type: 'date-time', ranges }))
    }
    case 'none':
      return refused('no value')
  }
}

/** Every value read, or the first that cannot be. */
function each<T>(
  list: readonly string[],
  expected: string,
  read: (text: string) => T | undefined,
  criterion: (all: readonly T[]) => ValueCriterion,
): ValueCriterion | RefusedValue {
  const all: T[] = []
  for (const text of list) {
    const one = read(text)
    if (one === undefined) return refused(expected, text)
    all.push(one)
  }
  return criterion(all)
}

const orRange = (vr: VR): string =>
  `${VR_RULES[vr].expected}, or a range of them as a-b, a- or -b, in which a is not after b`

const trimmed =
  <T>(read: (text: string) => T): ((text: string) => T) =>
  (text) =>
    read(withoutTrailingSpaces(text))

function uidOf(text: string): string | undefined {
  const uid = withoutTrailingSpaces(text)
  return VR_RULES.UI.holds(uid) ? uid : undefined
}

/** Of the first of the VRs that can hold it: an attribute may be US or SS. */
function numberOfSome(vrs: readonly VR[], text: string): number | string | undefined {
  for (const vr of vrs) {
    const number = isNumberVR(vr) ? (numberOf(text) ?? text) : text
    if (VR_RULES[vr].holds(number)) return comparableNumber(vr, number)
  }
  return undefined
}

function readTexts(vr: VR, list: readonly string[], how: ValueReading): Text | RefusedValue {
  const values: string[] = []
  const patterns: string[] = []
  for (const text of list) {
    const significant = vr === 'AT' ? (normalTag(text) ?? text) : significantText(vr, text)
    const isPattern = VR_MATCHING[vr].wildcard && hasWildcard(significant)
    if (!VR_MATCHING[vr].wildcard && !VR_RULES[vr].holds(significant)) return refused(VR_RULES[vr].expected, text)
    if (how.allowed && !holdsOneOf(how.allowed, significant)) {
      return refused(`one of ${how.allowed.join(', ')}`, text)
    }
    ;(isPattern ? patterns : values).push(significant)
  }
  return { type: 'text', values, patterns }
}

/** A pattern has to match one of them. */
const holdsOneOf = (allowed: readonly string[], text: string): boolean =>
  hasWildcard(text) ? allowed.some((value) => glob(text, value)) : allowed.includes(text)
