/**
 * What a value of each VR has to be, as PS3.5 Table 6.2-1 says. Lengths are in characters, as the table has them for
 * text, and padding does not count.
 */
import { isAeTitle } from './ae-title.ts'
import type { Value } from './dataset.ts'
import { isDate, isDateTime, isTime } from './date-time.ts'
import { isDecimal, NUMBER_RANGES, type NumberVR } from './numbers.ts'
import { withoutPadding, withoutTrailingSpaces } from './padding.ts'
import { COMPONENT_DELIMITER, GROUP_DELIMITER, isPersonName, MOST_COMPONENTS, NAME_GROUPS } from './person-name.ts'
import { normalTag } from './tag.ts'
import { isUid } from './uid.ts'
import type { VR } from './vr.ts'

export interface VrRule {
  readonly holds: (value: Value) => boolean
  /** Goes on after "expected". */
  readonly expected: string
}

const text = (holds: (text: string) => boolean, expected: string): VrRule => ({
  holds: (value) => typeof value === 'string' && holds(value),
  expected,
})

/** Text of one line, in which the backslash separates values. */
const line = (most: number): VrRule =>
  text((value) => isLine(value) && fitsIn(value, most), `${upTo(most)} without control characters and backslash`)

/** Text of several lines, in which the backslash is an ordinary character. */
const lines = (most: number): VrRule =>
  text(
    (value) => isLines(value) && fitsIn(value, most),
    `${upTo(most)} without control characters other than TAB, LF, FF and CR`,
  )

const upTo = (most: number): string => (most === Infinity ? 'text' : `at most ${most} characters`)

/** A JSON number. */
const number = (vr: NumberVR): VrRule => ({
  holds: (value) => typeof value === 'number' && NUMBER_RANGES[vr].holds(value),
  expected: NUMBER_RANGES[vr].expected,
})

/** Text, or a JSON number, which need not keep to the length of the text. */
const numeric = (
  holdsText: (text: string) => boolean,
  holdsNumber: (value: number) => boolean,
  expected: string,
): VrRule => ({
  holds: (value) =>
    typeof value === 'number' ? holdsNumber(value) : typeof value === 'string' && holdsText(withoutPadding(value)),
  expected,
})

const none = (expected: string): VrRule => ({ holds: () => false, expected })

const AGE = /^\d{3}[DWMY]$/
const CODE = /^[A-Z0-9 _]{1,16}$/
const INTEGER = /^[+-]?\d+$/
/** Printable ASCII without space and backslash: a superset of RFC 3986 chapter 2. */
const URI = /^[\x21-\x5B\x5D-\x7E]+$/
/** C0 and C1, and the two non-characters that XML 1.0 does not have. */
const NOT_IN_LINE = /[\\\u0000-\u001f\u007f-\u009f\ufffe\uffff]/
/** The same but for the backslash, TAB, LF, FF and CR. */
const NOT_IN_LINES = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\ufffe\uffff]/

const isLine = (value: string): boolean => !NOT_IN_LINE.test(value) && value.isWellFormed()
const isLines = (value: string): boolean => !NOT_IN_LINES.test(value) && value.isWellFormed()

/** In code points, which are what PS3.5 calls characters. */
function fitsIn(value: string, most: number): boolean {
  if (value.length <= most) return true
  const significant = withoutTrailingSpaces(value)
  return significant.length <= most || (significant.length <= 2 * most && codePointsIn(significant) <= most)
}

const codePointsIn = (value: string): number => [...value].length

function isNameGroup(group: string): boolean {
  if (!isLine(group) || group.includes(GROUP_DELIMITER) || !fitsIn(group, 64)) return false
  return !group.includes(COMPONENT_DELIMITER) || group.split(COMPONENT_DELIMITER).length <= MOST_COMPONENTS
}

const isInt32 = (value: number): boolean => Number.isInteger(value) && value >= -0x80000000 && value <= 0x7fffffff

/** A 64-bit integer has 20 digits at most; making a BigInt of a very long text would take its time. */
const isBigInteger = (value: string, min: bigint, max: bigint): boolean =>
  value.length <= 32 && INTEGER.test(value) && isBetween(BigInt(value.replace('+', '')), min, max)

const isBetween = (value: bigint, min: bigint, max: bigint): boolean => value >= min && value <= max

export const VR_RULES: Readonly<Record<VR, VrRule>> = {
  AE: text(
    (value) => isAeTitle(withoutPadding(value)),
    'an AE title: 1 to 16 ASCII characters without control characters and backslash',
  ),
  AS: text((value) => AGE.test(value), 'an age as nnnD, nnnW, nnnM or nnnY'),
  AT: text((value) => normalTag(value) === value, 'a tag as 8 upper-case hex digits'),
  CS: text(
    (value) => CODE.test(withoutPadding(value)),
    'a code: at most 16 upper-case letters, digits, spaces and underscores',
  ),
  DA: text(isDate, 'a date as YYYYMMDD'),
  DS: numeric(
    (value) => value.length <= 16 && isDecimal(value),
    Number.isFinite,
    'a decimal number of at most 16 characters',
  ),
  DT: text(
    (value) => isDateTime(withoutTrailingSpaces(value)),
    'a date and time as YYYY[MM[DD[HH[MM[SS[.F]]]]]][&ZZXX]',
  ),
  FD: number('FD'),
  FL: number('FL'),
  IS: numeric(
    (value) => value.length <= 12 && INTEGER.test(value) && isInt32(Number(value)),
    isInt32,
    'an integer from -2147483648 to 2147483647 of at most 12 characters',
  ),
  LO: line(64),
  LT: lines(10_240),
  OB: none('InlineBinary'),
  OD: none('InlineBinary'),
  OF: none('InlineBinary'),
  OL: none('InlineBinary'),
  OV: none('InlineBinary'),
  OW: none('InlineBinary'),
  PN: {
    holds: (value) => isPersonName(value) && NAME_GROUPS.every((group) => isNameGroup(value[group] ?? '')),
    expected: 'a person name: groups of at most 64 characters and 5 components, without control characters, \\ and =',
  },
  SH: line(16),
  SL: number('SL'),
  SQ: none('items'),
  SS: number('SS'),
  ST: lines(1024),
  SV: numeric(
    (value) => isBigInteger(value, -(2n ** 63n), 2n ** 63n - 1n),
    Number.isSafeInteger,
    'an integer from -2^63 to 2^63-1, as text where a JSON number is not exact',
  ),
  TM: text((value) => isTime(withoutTrailingSpaces(value)), 'a time as HH[MM[SS[.F]]]'),
  UC: line(Infinity),
  UI: text(isUid, 'a UID: at most 64 digits and dots, no component empty or with a leading zero'),
  UL: number('UL'),
  UN: none('InlineBinary'),
  UR: text(
    (value) => URI.test(withoutTrailingSpaces(value)),
    'a URI of ASCII characters without spaces, control characters and backslash',
  ),
  US: number('US'),
  UT: lines(Infinity),
  UV: numeric(
    (value) => isBigInteger(value, 0n, 2n ** 64n - 1n),
    (value) => Number.isSafeInteger(value) && value >= 0,
    'an integer from 0 to 2^64-1, as text where a JSON number is not exact',
  ),
}
