/**
 * The forms that the values of LDAP settings have: what is accepted, what it becomes, and how a person is told.
 *
 * Spaces around a value are never meant, and not kept.
 */
import { isAeTitle } from '../dicom/ae-title.ts'
import { withoutPadding } from '../dicom/padding.ts'
import { checkAttribute } from '../dicom/values.ts'
import { formatDuration, parseDuration } from './duration.ts'

/** A value that cannot be used, and the form it should have had; `expected` completes the words "expected ...". */
export interface Rejected {
  readonly value: string
  readonly expected: string
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly rejected: readonly Rejected[] }

export type TypeName =
  'text' | 'texts' | 'aeTitle' | 'aeTitles' | 'boolean' | 'duration' | 'integer' | 'queueSizes' | 'timeZone'

export interface ValueType<T> {
  readonly name: TypeName
  /** The form of one value, in words that complete "expected ...". */
  readonly form: string
  /** `written`: what the directory holds, one value at least. Every value that is wrong is rejected, not just the first. */
  parse(written: readonly string[]): Parsed<T>
}

/** Any attribute of VR LO and VM 1 would do. */
const WORKLIST_LABEL = '00741202'

type ParseOne<T> = (text: string) => T | undefined

const reject = (value: string, expected: string): Parsed<never> => ({ ok: false, rejected: [{ value, expected }] })

function single<T extends {}>(name: TypeName, form: string, parseOne: ParseOne<T>): ValueType<T> {
  return {
    name,
    form,
    parse(written) {
      const text = written.map(withoutPadding).join(', ')
      if (written.length !== 1) return reject(text, `one value only, ${form}`)
      const value = parseOne(text)
      return value === undefined ? reject(text, form) : { ok: true, value }
    },
  }
}

function list<T extends {}>(name: TypeName, form: string, parseOne: ParseOne<T>): ValueType<readonly T[]> {
  return {
    name,
    form,
    parse(written) {
      const results = written.map(withoutPadding).map((text) => ({ text, value: parseOne(text) }))
      const wrong = results.filter(({ value }) => value === undefined)
      if (wrong.length > 0) return { ok: false, rejected: wrong.map(({ text }) => ({ value: text, expected: form })) }
      return { ok: true, value: results.flatMap(({ value }) => (value === undefined ? [] : [value])) }
    },
  }
}

// U+FFFD stands where bytes were not UTF-8 (ldif-parser.ts).
const parseText: ParseOne<string> = (text) => (/^[^\p{Cc}\uFFFD]+$/u.test(text) ? text : undefined)

const parseLongString: ParseOne<string> = (text) =>
  checkAttribute(WORKLIST_LABEL, { vr: 'LO', Value: [text] }).length === 0 ? parseText(text) : undefined

const parseAeTitle: ParseOne<string> = (text) => (isAeTitle(text) ? text : undefined)

// LDAP's own syntaxes, RFC 4517 3.3.3 (its literals are without case, RFC 5234 2.3) and 3.3.16.
const parseBoolean: ParseOne<boolean> = (text) =>
  /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined
const parseInteger: ParseOne<number> = (text) => (/^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : undefined)

const within =
  ({ min, max }: { min: number; max: number }, parseOne: ParseOne<number>): ParseOne<number> =>
  (text) => {
    const value = parseOne(text)
    return value !== undefined && value >= min && value <= max ? value : undefined
  }

const LONG_STRING = 'a text of 1 to 64 characters without backslash and control characters'
const AE_TITLE = 'an AE title (1 to 16 ASCII characters without backslash and control characters)'
const LARGEST_INTEGER = 2 ** 31 - 1

/** One text that becomes the value of a DICOM attribute with VR LO. */
export const longString = single('text', LONG_STRING, parseLongString)

/** Any number of such texts, at least one. */
export const longStrings = list('texts', LONG_STRING, parseLongString)

const TEXT = 'a text without control characters'

/** Texts that stay outside DICOM. */
export const plainText = single('text', TEXT, parseText)
export const plainTexts = list('texts', TEXT, parseText)

export const aeTitle = single('aeTitle', AE_TITLE, parseAeTitle)
export const aeTitles = list('aeTitles', AE_TITLE, parseAeTitle)

export const boolean = single('boolean', 'TRUE or FALSE', parseBoolean)

/** Bounds are inclusive; without `max` it is the largest integer that dcm4chee can hold as well. */
export const integer = ({ min, max = LARGEST_INTEGER }: { min: number; max?: number }): ValueType<number> =>
  single('integer', `an integer from ${min} to ${max}`, within({ min, max }, parseInteger))

/** `min` in milliseconds, inclusive. */
export const duration = ({ min }: { min: number }): ValueType<number> => {
  const form = 'a duration P[nD][T[nH][nM][n[.n]S]] or PnW'
  const bound = min > 0 ? ` of at least ${formatDuration(min)}` : ''
  return single('duration', form + bound, within({ min, max: Infinity }, parseDuration))
}

/** A time zone that `Intl` knows, `+01:00` forms included. Java's own form for those, `GMT+1`, is translated. */
export const timeZone = single('timeZone', 'a time zone such as Europe/Vienna, UTC or GMT+01:00', (text) => {
  const zone = javaOffset(text) ?? text
  return isTimeZone(zone) ? zone : undefined
})

function javaOffset(text: string): string | undefined {
  const match = /^GMT([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(text)
  if (!match) return undefined
  const [, sign = '', hours = '', minutes = '00'] = match
  return `${sign}${hours.padStart(2, '0')}:${minutes}`
}

function isTimeZone(text: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: text }))
  } catch {
    return false
  }
}

type QueueSize = readonly [aeTitle: string, size: number]

const parseQueueSize: ParseOne<QueueSize> = (text) => {
  // The last one: an AE title may hold an equals sign, a number may not.
  const equals = text.lastIndexOf('=')
  const title = parseAeTitle(withoutPadding(text.slice(0, Math.max(equals, 0))))
  const size = within({ min: 0, max: LARGEST_INTEGER }, parseInteger)(withoutPadding(text.slice(equals + 1)))
  return title !== undefined && size !== undefined ? [title, size] : undefined
}

const pairs = list('queueSizes', `<aet>=<size>, the size an integer from 0 to ${LARGEST_INTEGER}`, parseQueueSize)

/** Sizes by AE title; a title given twice is rejected, whatever the sizes. */
export const queueSizes: ValueType<ReadonlyMap<string, number>> = {
  name: 'queueSizes',
  form: pairs.form,
  parse(written) {
    const parsed = pairs.parse(written)
    if (!parsed.ok) return parsed
    const value = new Map(parsed.value)
    return value.size === parsed.value.length
      ? { ok: true, value }
      : reject(repeated(parsed.value), 'each AE title once')
  },
}

function repeated(sizes: readonly QueueSize[]): string {
  const titles = sizes.map(([title]) => title)
  return sizes
    .filter(([title]) => titles.indexOf(title) !== titles.lastIndexOf(title))
    .map((size) => size.join('='))
    .join(', ')
}
