/** Which terms of a field a text, or a pattern, finds. */
import { hasWildcard, literalOf } from '../dicom/matching-glob.ts'
import { MOST_BYTES, REPLACEMENT, termOf } from './document-text.ts'
import { any, exactly, type Narrowed, roughly, UNKNOWN } from './query-narrowed.ts'
import { isPrefix, wildcardOf } from './query-pattern.ts'

export interface TextField {
  readonly field: string
  /** Where its level says what was cut. */
  readonly cutField: string
  /** How it is called there. */
  readonly name: string
  /** What its texts have in front of them. */
  readonly head: string
}

/** Fewer terms become a clause each. */
const MOST_CLAUSES_OF_TERMS = 16

/** No code point of a pattern stands for more. */
const BYTES_OF_UNIT = 4

export function narrowTexts(
  place: TextField,
  { values, patterns }: { readonly values: readonly string[]; readonly patterns: readonly string[] },
): Narrowed {
  const parts = patterns.map((pattern) => narrowPattern(place, pattern))
  return any(values.length > 0 ? [narrowValues(place, values), ...parts] : parts)
}

/** One of the texts. */
export function narrowValues({ field, head }: TextField, values: readonly string[]): Narrowed {
  const terms = values.map((value) => termOf(head + value))
  const few = Math.min(terms.length, MOST_CLAUSES_OF_TERMS)
  const part = { ...exactly({ terms: { [field]: terms.map(({ text }) => text) } }), clauses: few }
  return values.every(isTold) && !terms.some(({ isCut }) => isCut) ? part : roughly(part)
}

export function narrowPattern(place: TextField, pattern: string): Narrowed {
  if (!hasWildcard(pattern)) return narrowValues(place, [pattern])
  // Half a surrogate pair may be at the end of a text in the index as well as in the middle of a pair.
  if (!pattern.isWellFormed()) return UNKNOWN
  const part = isPrefix(pattern) ? narrowPrefix(place, literalOf(pattern)) : narrowWildcard(place, pattern)
  return isTold(pattern) ? part : roughly(part)
}

function narrowPrefix({ field, head }: TextField, literal: string): Narrowed {
  const { text, isCut } = termOf(head + literal)
  if (text === '') return exactly({ exists: { field } })
  const part = exactly({ prefix: { [field]: text } })
  return isCut ? roughly(part) : part
}

function narrowWildcard(place: TextField, pattern: string): Narrowed {
  const { field, head, cutField, name } = place
  const { value, exact } = wildcardOf(head, pattern)
  const part = exactly({ wildcard: { [field]: { value } } })
  const known = exact ? part : roughly(part)
  if (isShorter(pattern, head)) return known
  const cut = { term: { [cutField]: name } }
  return any([known, exactly(cut, [cut])])
}

/** Whether what it accepts is never cut. */
const isShorter = (pattern: string, head: string): boolean =>
  !pattern.includes('*') && (head.length + pattern.length) * BYTES_OF_UNIT <= MOST_BYTES

/** Whether the index tells the text from others: one that is not well-formed is kept as if it had this instead. */
const isTold = (text: string): boolean => text.isWellFormed() && !text.includes(REPLACEMENT)
