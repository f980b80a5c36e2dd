/**
 * Which terms of the index (index-terms.ts) a workitem has that a query matches. What a query asks for beyond them has to be
 * looked at in the workitem.
 */
import type { Tag } from '../dicom/dataset.ts'
import { type Rung, rungsOfRange, rungTerm } from '../dicom/ladder.ts'
import { instantOfMoment, onClocks } from '../dicom/matching-date-time.ts'
import { hasWildcard, literalOf } from '../dicom/matching-glob.ts'
import { COMPONENT_DELIMITER } from '../dicom/person-name.ts'
import {
  isUniversal,
  type Criterion,
  type DateRange,
  type Moment,
  type NameGroupKey,
  type Query,
  type Span,
} from '../dicom/query-criteria.ts'
import { type IndexedKey, INDEXED_KEYS, type IndexedKeys } from './index-keys.ts'
import {
  componentTerm,
  dayOf,
  isOfOneText,
  type Ladder,
  ladderTerm,
  LAST_DAY,
  LAST_QUARTER,
  QUARTER,
  quarterOf,
  soundTerm,
  textTerm,
} from './index-terms.ts'
import { TAG } from './tags.ts'

/** What the terms of a workitem satisfy. */
export type Narrowing =
  | { readonly is: 'everything' }
  | { readonly is: 'term' | 'prefix'; readonly text: string }
  | { readonly is: 'all' | 'any'; readonly of: readonly Narrowing[] }

export interface Narrowed {
  readonly to: Narrowing
  /** Every workitem with such terms matches. */
  readonly exact: boolean
}

/** The SOP Instance UIDs that a query is for; undefined: it names none. */
export function queriedUids(query: Query): readonly string[] | undefined {
  const criterion = query[TAG.SOPInstanceUID]
  return criterion?.type === 'uid' ? criterion.values : undefined
}

/** `timeZone`: as in matching. */
export const narrow = (query: Query, timeZone: string | undefined): Narrowed =>
  narrowLevel(query, INDEXED_KEYS, timeZone)

const EVERYTHING: Narrowing = { is: 'everything' }
const UNCHANGED: Narrowed = { to: EVERYTHING, exact: true }
/** The index says nothing about it. */
const UNKNOWN: Narrowed = { to: EVERYTHING, exact: false }

const term = (text: string): Narrowing => ({ is: 'term', text })
const roughly = (to: Narrowing): Narrowed => ({ to, exact: false })

function all(parts: readonly Narrowed[]): Narrowed {
  const of = parts.map(({ to }) => to).filter(({ is }) => is !== 'everything')
  const exact = parts.every((part) => part.exact)
  const [first, ...more] = of
  if (first === undefined) return exact ? UNCHANGED : UNKNOWN
  return { to: more.length === 0 ? first : { is: 'all', of }, exact }
}

function any(parts: readonly Narrowed[]): Narrowed {
  if (parts.some(({ to }) => to.is === 'everything')) return UNKNOWN
  const of = withoutCovered(parts.map(({ to }) => to))
  const exact = parts.every((part) => part.exact)
  const [first, ...more] = of
  return { to: first !== undefined && more.length === 0 ? first : { is: 'any', of }, exact }
}

/** Each is gone through by itself, so none that another one holds is left. */
function withoutCovered(of: readonly Narrowing[]): readonly Narrowing[] {
  const prefixes = new Set(of.flatMap((one) => (one.is === 'prefix' ? [one.text] : [])))
  const isCovered = (text: string, from: number): boolean =>
    Array.from({ length: from }, (_, length) => text.slice(0, length)).some((start) => prefixes.has(start))
  const seen = new Set<string>()
  return of.filter((one) => {
    if (one.is !== 'term' && one.is !== 'prefix') return true
    const isNew = !seen.has(one.is + one.text)
    seen.add(one.is + one.text)
    return isNew && !isCovered(one.text, one.is === 'prefix' ? one.text.length : one.text.length + 1)
  })
}

/** How many terms and beginnings of terms it goes through. A beginning may be that of very many. */
function effortOf(narrowing: Narrowing): Effort {
  switch (narrowing.is) {
    case 'everything':
      return { terms: 0, prefixes: 0 }
    case 'term':
      return { terms: 1, prefixes: 0 }
    case 'prefix':
      return { terms: 0, prefixes: 1 }
    case 'all':
    case 'any':
      return narrowing.of.map(effortOf).reduce(
        (sum, one) => ({
          terms: sum.terms + one.terms,
          prefixes: sum.prefixes + one.prefixes,
        }),
        { terms: 0, prefixes: 0 },
      )
  }
}

export interface Effort {
  readonly terms: number
  readonly prefixes: number
}

/** The same if it takes no more than so many terms and beginnings of terms; else less narrow. */
export function lighter(narrowing: Narrowing, most: Effort): Narrowing {
  const { terms, prefixes } = effortOf(narrowing)
  if (terms <= most.terms && prefixes <= most.prefixes) return narrowing
  if (narrowing.is !== 'all') return EVERYTHING
  const of = narrowing.of.map((one) => lighter(one, most)).filter(({ is }) => is !== 'everything')
  const isLight = of.length > 0 && effortOf({ is: 'all', of }).terms <= most.terms
  return isLight && effortOf({ is: 'all', of }).prefixes <= most.prefixes ? { is: 'all', of } : EVERYTHING
}

function narrowLevel(query: Query, keys: IndexedKeys, timeZone: string | undefined): Narrowed {
  return all(
    Object.entries(query).map(([tag, criterion]) =>
      criterion.type === 'universal' ? UNCHANGED : narrowKey(keys, tag, criterion, timeZone),
    ),
  )
}

function narrowKey(keys: IndexedKeys, tag: Tag, criterion: Criterion, timeZone: string | undefined): Narrowed {
  const key = keys.get(tag)
  return key === undefined ? UNKNOWN : narrowCriterion(key, criterion, timeZone)
}

function narrowCriterion(key: IndexedKey, criterion: Criterion, timeZone: string | undefined): Narrowed {
  const { code } = key
  switch (criterion.type) {
    case 'sequence':
      return narrowItem(key.items, criterion.item, timeZone)
    case 'any':
      return any(criterion.of.map((one) => narrowCriterion(key, one, timeZone)))
    case 'all':
      return all(criterion.of.map((one) => narrowCriterion(key, one, timeZone)))
    case 'text':
      return any([
        ...criterion.values.map((value) => narrowText(code, value)),
        ...criterion.patterns.map((pattern) => narrowPattern(textTerm(code, literalOf(pattern)), pattern)),
      ])
    case 'uid':
      return any(criterion.values.map((value) => narrowText(code, value)))
    case 'name':
      return any(criterion.names.map((name) => all(name.map((group) => narrowName(code, group)))))
    case 'date':
      return narrowDates(code, criterion.ranges)
    case 'date-time':
      return narrowDateTimes(code, criterion.ranges, timeZone)
    default:
      return UNKNOWN
  }
}

/** The index does not know which terms come from one and the same item: it is enough for one key with one value. */
function narrowItem(keys: IndexedKeys, item: Query, timeZone: string | undefined): Narrowed {
  if (isUniversal(item)) return UNCHANGED
  const { to, exact } = narrowLevel(item, keys, timeZone)
  const asked = Object.values(item).filter(({ type }) => type !== 'universal')
  return { to, exact: exact && asked.length === 1 && asked.every(({ type }) => type !== 'all') }
}

/** A text that may have been cut stands for others too. */
const narrowWhole = (text: string): Narrowed => ({ to: term(text), exact: isOfOneText(text) })
const narrowText = (code: string, value: string): Narrowed => narrowWhole(textTerm(code, value))

/** `start`: the term of what is before the first `*` or `?`. */
function narrowPattern(start: string, pattern: string): Narrowed {
  const literal = literalOf(pattern)
  if (literal === '') return UNKNOWN
  const rest = pattern.slice(literal.length)
  return { to: { is: 'prefix', text: start }, exact: isOfOneText(start) && /^\*+$/.test(rest) }
}

function narrowName(code: string, key: NameGroupKey): Narrowed {
  const ways = [all(key.components.map((component, i) => narrowComponent(code, i, component)))]
  if (key.whole !== undefined) ways.push(narrowWholeGroup(code, key.whole))
  if (key.words !== undefined) {
    ways.push(all(key.words.map((word) => ('sound' in word ? roughly(term(soundTerm(code, word.sound))) : UNKNOWN))))
  }
  const { to, exact } = any(ways)
  // Two components may be found in two groups.
  const isOne = key.group === undefined && key.components.filter((one) => one !== '').length === 1
  return { to, exact: exact && isOne }
}

function narrowComponent(code: string, component: number, pattern: string): Narrowed {
  if (pattern === '') return UNCHANGED
  if (hasWildcard(pattern)) return narrowPattern(componentTerm(code, component, literalOf(pattern)), pattern)
  return narrowWhole(componentTerm(code, component, pattern))
}

/** What is before the first delimiter is a whole component, else the beginning of one. */
function narrowWholeGroup(code: string, pattern: string): Narrowed {
  const [first = '', ...more] = literalOf(pattern).split(COMPONENT_DELIMITER)
  if (first === '') return UNKNOWN
  const start = componentTerm(code, 0, first)
  return roughly(more.length === 0 ? { is: 'prefix', text: start } : term(start))
}

function narrowDates(code: string, ranges: readonly DateRange[]): Narrowed {
  const intervals = ranges.map(({ from, to }) => ({
    from: from === undefined ? 0 : dayOf(from),
    before: to === undefined ? LAST_DAY : dayOf(to) + 1,
    exact: true,
  }))
  return onLadder(code, 'day', intervals)
}

function narrowDateTimes(code: string, ranges: readonly Span<Moment>[], timeZone: string | undefined): Narrowed {
  const utc = ranges.map(({ from, before }) =>
    quartersOf(from && instantOfMoment(from, timeZone), before && instantOfMoment(before, timeZone)),
  )
  const local = ranges.map(({ from, before }) => {
    const [first, last] = [from && onClocks(from, timeZone), before && onClocks(before, timeZone)]
    const isSure = first?.least === first?.most && last?.least === last?.most
    const quarters = quartersOf(first?.least, last?.most)
    return { ...quarters, exact: quarters.exact && isSure }
  })
  return any([onLadder(code, 'utc', utc), onLadder(code, 'local', local)])
}

/** Numbers on a ladder. */
interface Interval {
  readonly from: number
  readonly before: number
  /** It is not wider than what was asked for. */
  readonly exact: boolean
}

/** Of microseconds; an end that is absent is open. */
const quartersOf = (from: number | undefined, before: number | undefined): Interval => ({
  from: from === undefined ? 0 : quarterOf(from),
  before: before === undefined ? LAST_QUARTER : quarterOf(before) + (isOnQuarter(before) ? 0 : 1),
  exact: isOnQuarter(from) && isOnQuarter(before),
})

const isOnQuarter = (end: number | undefined): boolean => end === undefined || end % QUARTER === 0

/** Rungs beyond which one interval from the first to the last will do: an expression is gone through again and again. */
const MOST_RUNGS = 500

function onLadder(code: string, ladder: Ladder, intervals: readonly Interval[]): Narrowed {
  const merged = mergedOf(intervals)
  const rungs = merged.flatMap(({ from, before }) => rungsOfRange(from, before))
  const termsOf = (some: readonly Rung[]): Narrowing => ({
    is: 'any',
    of: some.map((rung) => term(ladderTerm(code, ladder, rungTerm(rung)))),
  })
  if (rungs.length <= MOST_RUNGS) return { to: termsOf(rungs), exact: intervals.every(({ exact }) => exact) }
  return roughly(termsOf(rungsOfRange(merged[0]?.from ?? 0, merged.at(-1)?.before ?? 0)))
}

/**
 * In order, and none that touch each other. One that was reversed holds nothing: which end of a range is first may depend on
 * the time zone.
 */
function mergedOf(intervals: readonly Interval[]): readonly Interval[] {
  const merged: Interval[] = []
  const inOrder = intervals.filter(({ from, before }) => from < before).toSorted((a, b) => a.from - b.from)
  for (const next of inOrder) {
    const last = merged.at(-1)
    if (last === undefined || next.from > last.before) merged.push(next)
    else merged[merged.length - 1] = { ...last, before: Math.max(last.before, next.before) }
  }
  return merged
}
