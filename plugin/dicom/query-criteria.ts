/**
 * A query: what UPS-RS search, filtered subscriptions and every engine understand by matching keys (PS3.4 C.2.2.2).
 *
 * It is plain JSON: it is stored, read back and sent about. All keys have to be satisfied (AND); the keys of one sequence
 * by one and the same item. What can be worked out when a query is read (folded names, first and last microsecond of a
 * date-time) is in it, so that matching has little left to do.
 *
 * - Local: read in no zone yet, since neither the value nor the query or dataset names one; the context of matching does.
 * - Pattern: text with `*` (any characters, or none) and `?` (exactly one). There is no escape.
 */
import type { Tag } from './dataset.ts'
import type { NameGroup } from './person-name.ts'

/**
 * Criteria by tag. A private tag has the block number that the client wrote; its criterion says whose it is. The keys
 * Specific Character Set and Timezone Offset From UTC are `universal` here: they say how the other ones are meant.
 */
export interface Query {
  readonly [tag: Tag]: Criterion
}

export type Criterion = AttributeCriterion | DateTimePair | Private

/** What looks at nothing but the attribute at its tag. */
export type AttributeCriterion = Universal | EmptyValue | AnyOf | AllOf | ValueCriterion | InSequence | OfStoredVr

/** What one value of an attribute satisfies. */
export type ValueCriterion = Text | Uid | Name | Numeric | Dates | Times | DateTimes

/** C.2.2.2.3: everything matches; the attribute is only to be returned. */
export interface Universal {
  readonly type: 'universal'
}

/** The key `""`: the attribute is absent or empty. */
export interface EmptyValue {
  readonly type: 'empty'
}

/** At least one of them. */
export interface AnyOf {
  readonly type: 'any'
  readonly of: readonly (EmptyValue | ValueCriterion)[]
}

/** Each of them by the attribute, by whichever of its values: multiple value matching, and queries that are put together. */
export interface AllOf {
  readonly type: 'all'
  readonly of: readonly AttributeCriterion[]
}

/** One of the values exactly, or one of the patterns; with case, without the padding of the VR. */
export interface Text {
  readonly type: 'text'
  readonly values: readonly string[]
  readonly patterns: readonly string[]
}

export interface Uid {
  readonly type: 'uid'
  readonly values: readonly string[]
}

/** One of the names. */
export interface Name {
  readonly type: 'name'
  readonly names: readonly NameKey[]
}

/** All these groups have to match. */
export type NameKey = readonly NameGroupKey[]

/** All texts are folded (matching-fold.ts). */
export interface NameGroupKey {
  /** Absent: any of the three. */
  readonly group?: NameGroup
  /** Pattern of each component; an empty one, like one that is not there, accepts anything. */
  readonly components: readonly string[]
  /** The pattern that the whole group may match instead; only where there are `*` or `?`. */
  readonly whole?: string
  /** What the words of the group may match instead, in any order; only with fuzzymatching. */
  readonly words?: readonly NameWord[]
}

/** The sound of a word (matching-soundex.ts), or a pattern for it. */
export type NameWord = { readonly sound: string } | { readonly pattern: string }

/** One of the numbers; those of SV and UV as decimal text, since a JSON number is not exact. */
export interface Numeric {
  readonly type: 'number'
  readonly values: readonly (number | string)[]
}

/** YYYYMMDD. Both ends are included; one that is absent is open, but never both. */
export interface DateRange {
  readonly from?: string
  readonly to?: string
}

export interface Dates {
  readonly type: 'date'
  readonly ranges: readonly DateRange[]
}

/** The last microsecond of the key's end is included: `before` is the one after it. At least one of them is there. */
export interface Span<T> {
  readonly from?: T
  readonly before?: T
}

/** Microseconds since midnight. */
export interface Times {
  readonly type: 'time'
  readonly ranges: readonly Span<number>[]
}

export interface DateTimes {
  readonly type: 'date-time'
  readonly ranges: readonly Span<Moment>[]
}

/** A double holds every second that there is, and from 1684 to 2255 every microsecond. */
export interface Moment {
  /** Microseconds since 1970, of UTC, or if local of the clocks in the zone to be read in. */
  readonly at: number
  readonly local: boolean
}

/** Combined date-time matching: stands at the date's tag. The time's own criterion is `universal` then. */
export interface DateTimePair {
  readonly type: 'date-time pair'
  readonly time: Tag
  readonly range: Span<Moment>
}

/** One item satisfies the whole query. An item query that is universal matches everything, also no item. */
export interface InSequence {
  readonly type: 'sequence'
  readonly item: Query
}

/** The private attribute of that creator with the last two digits of the tag, in whatever block. */
export interface Private {
  readonly type: 'private'
  readonly creator: string
  readonly of: AttributeCriterion
}

/** Values of a private key as they were sent: which VR they are for, only the attribute of a dataset says. */
export interface OfStoredVr {
  readonly type: 'stored VR'
  readonly values: readonly string[]
  readonly fuzzy: boolean
  /** Multiple value matching. */
  readonly every: boolean
  /** Microseconds, from (0008,0201) of the query. */
  readonly offset?: number
}

/** Matched by what matches both. */
export function bothOf(one: Query, other: { readonly [tag: Tag]: AttributeCriterion }): Query {
  const both: Record<Tag, Criterion> = { ...one }
  for (const tag in other) {
    const [there, more] = [one[tag], other[tag]]
    if (more === undefined) continue
    const isFree = there === undefined || isUniversalCriterion(there)
    // What is no criterion of one attribute is at tags of dates and of private attributes, for which `other` has none.
    both[tag] = isFree ? more : { type: 'all', of: [there as AttributeCriterion, more] }
  }
  return both
}

/** Whether every dataset matches. Whether such a search is answered is the caller's decision. */
export function isUniversal(query: Query): boolean {
  for (const tag in query) {
    const criterion = query[tag]
    if (criterion !== undefined && !isUniversalCriterion(criterion)) return false
  }
  return true
}

function isUniversalCriterion(criterion: Criterion): boolean {
  switch (criterion.type) {
    case 'universal':
      return true
    case 'sequence':
      return isUniversal(criterion.item)
    case 'private':
      return isUniversalCriterion(criterion.of)
    default:
      return false
  }
}
