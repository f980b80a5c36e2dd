/**
 * The terms under which a workitem is found: small letters and digits, those of one key after its code. What they mean is
 * known here and in `narrowing.ts`, and nowhere else.
 */
import { Buffer } from 'node:buffer'
import { isFilled, itemsOfAttribute } from '../dicom/attribute-value.ts'
import type { Attribute, Dataset, PersonName, Value } from '../dicom/dataset.ts'
import { isDate } from '../dicom/date-time.ts'
import { rungTermsOf } from '../dicom/ladder.ts'
import { momentOfDateTime } from '../dicom/matching-date-time.ts'
import { foldedGroups } from '../dicom/matching-fold.ts'
import { DAY, dayNumber, SECOND, startOfDate } from '../dicom/matching-moment.ts'
import { wordsOf } from '../dicom/matching-name.ts'
import { soundex } from '../dicom/matching-soundex.ts'
import { significantText } from '../dicom/matching-text.ts'
import { keyOfComponents } from '../dicom/order.ts'
import { isPersonName, MOST_COMPONENTS } from '../dicom/person-name.ts'
import { VR_MATCHING } from '../dicom/query-vr-table.ts'
import { type IndexedKey, INDEXED_KEYS, type IndexedKeys } from './index-keys.ts'

/** Of every workitem. */
export const EVERY = 'zz'

/** Bytes of UTF-8 beyond which texts are not told apart. */
export const MOST_BYTES = 64

/** What stands for a half of a surrogate pair, and for itself. */
const REPLACEMENT = 'efbfbd'

/** Whether a term with that text is of no other one: three characters are in front of the digits. */
export const isOfOneText = (term: string): boolean => term.length < 2 * MOST_BYTES + 3 && !term.includes(REPLACEMENT)

const DIGITS = Array.from({ length: 0x80 }, (_, code) => code.toString(16).padStart(2, '0'))

/** The bytes of a text, in whose order texts are. Written out here since that takes a third of the time. */
function textDigits(text: string): string {
  if (text.length > MOST_BYTES) return bytesOf(text)
  let digits = ''
  for (let i = 0; i < text.length; i++) {
    const two = DIGITS[text.charCodeAt(i)]
    if (two === undefined) return bytesOf(text)
    digits += two
  }
  return digits
}

const bytesOf = (text: string): string => Buffer.from(text).subarray(0, MOST_BYTES).toString('hex')

export const textTerm = (code: string, text: string): string => `${code}x${textDigits(text)}`
/** The text that a term of a text stands for; undefined: it stands for several. */
export const textOfTerm = (term: string): string | undefined =>
  isOfOneText(term) ? Buffer.from(term.slice(3), 'hex').toString() : undefined

export const componentTerm = (code: string, component: number, text: string): string =>
  `${code}${component}${textDigits(text)}`
export const soundTerm = (code: string, sound: string): string => `${code}s${textDigits(sound)}`

/** Date-times by the clock that they were written on. */
export type Ladder = 'utc' | 'local' | 'day'
const LADDER = { utc: 'u', local: 'l', day: 'd' } as const satisfies Readonly<Record<Ladder, string>>

export const ladderTerm = (code: string, ladder: Ladder, rung: string): string => `${code}${LADDER[ladder]}${rung}`
/** What the terms begin with that are in the order of texts and names. */
export const orderPrefix = ({ code, kind }: IndexedKey): string => `${code}${kind === 'name' ? 'o' : 'x'}`
/** The order of this workitem is not that of its terms: it has several values of the key, or one of another kind. */
export const disorderTerm = (code: string): string => `${code}m`
/** The workitem has a value of the key that has a place in an order. `ladder`: of dates and date-times. */
export const presentTerm = (code: string, ladder?: Ladder): string => `${code}p${ladder ? LADDER[ladder] : ''}`

/** Microseconds of the lowest rung of date-times. */
export const QUARTER = 900 * SECOND
const FIRST_DAY = dayNumber(0, 1, 1)
/** Clocks are up to a day ahead of UTC or behind it. */
const FIRST_QUARTER = ((FIRST_DAY - 2) * DAY) / QUARTER

/** The one that a moment is in. */
export const quarterOf = (microseconds: number): number => Math.floor(microseconds / QUARTER) - FIRST_QUARTER
/** Microseconds since 1970 of its beginning. */
export const startOfQuarter = (quarter: number): number => (quarter + FIRST_QUARTER) * QUARTER
/** Of a text that `isDate` accepts. */
export const dayOf = (date: string): number => startOfDate(date) / DAY - FIRST_DAY

export const LAST_QUARTER = quarterOf(dayNumber(10_001, 1, 1) * DAY)
export const LAST_DAY = dayNumber(10_001, 1, 1) - FIRST_DAY

/** Separated by spaces. Some may be there twice. */
export function indexTerms(dataset: Dataset): string {
  const terms: string[] = [EVERY]
  addTerms(dataset, INDEXED_KEYS, dataset, terms)
  for (const [tag, key] of INDEXED_KEYS) addOrder(key, dataset[tag], terms)
  return terms.join(' ')
}

/** `item`: the dataset itself, or an item in it. */
function addTerms(item: Dataset, keys: IndexedKeys, dataset: Dataset, terms: string[]): void {
  for (const [tag, key] of keys) {
    const attribute = item[tag]
    if (attribute?.Value === undefined) continue
    if (key.items.size > 0) {
      for (const inner of itemsOfAttribute(attribute)) addTerms(inner, key.items, dataset, terms)
    } else {
      for (const value of attribute.Value) addValue(key, attribute, value, dataset, terms)
    }
  }
}

function addValue(
  { code, kind }: IndexedKey,
  { vr }: Attribute,
  value: Value,
  dataset: Dataset,
  terms: string[],
): void {
  if (kind === 'name') {
    if (isFilled(value) && isPersonName(value)) addName(code, value, terms)
    return
  }
  const text = typeof value === 'string' ? significantText(vr, value) : ''
  if (text === '') return
  if (kind === 'date-time') addDateTime(code, text, dataset, terms)
  else if (kind === 'date') addDate(code, text, terms)
  else terms.push(textTerm(code, text))
}

function addDateTime(code: string, text: string, dataset: Dataset, terms: string[]): void {
  const moment = momentOfDateTime(text, dataset)
  if (moment === undefined) return
  addRungs(code, moment.local ? 'local' : 'utc', quarterOf(moment.at), terms)
}

function addDate(code: string, text: string, terms: string[]): void {
  if (isDate(text)) addRungs(code, 'day', dayOf(text), terms)
}

function addRungs(code: string, ladder: Ladder, number: number, terms: string[]): void {
  terms.push(presentTerm(code, ladder))
  for (const rung of rungTermsOf(number)) terms.push(ladderTerm(code, ladder, rung))
}

function addName(code: string, name: PersonName, terms: string[]): void {
  const groups = foldedGroups(name)
  for (const components of groups) {
    components.slice(0, MOST_COMPONENTS).forEach((component, i) => {
      if (component !== '') terms.push(componentTerm(code, i, component))
    })
    for (const word of components.flatMap(wordsOf)) terms.push(soundTerm(code, soundex(word)))
  }
  terms.push(presentTerm(code), `${code}o${textDigits(keyOfComponents(groups))}`)
}

/** Whether an attribute of the top level has a place in the order of its values: the first one counts. */
function addOrder({ code, kind, items }: IndexedKey, attribute: Attribute | undefined, terms: string[]): void {
  const value = items.size === 0 ? attribute?.Value?.find(isFilled) : undefined
  if (attribute?.Value === undefined || value === undefined) return
  const isOdd = typeof value === 'string' && !value.isWellFormed()
  if (attribute.Value.length > 1 || isOdd || VR_MATCHING[attribute.vr].kind !== kind) terms.push(disorderTerm(code))
  if (kind === 'text') terms.push(presentTerm(code))
}
