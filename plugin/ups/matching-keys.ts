/** Matching keys for workitems: those of any dataset, with what the UPS IOD says of their values. */
import type { DatasetProblem } from '../dicom/parsed.ts'
import { parseQueryKeys, type Query, type QueryKey, type QueryOptions } from '../dicom/query.ts'
import { significantText } from '../dicom/matching-text.ts'
import { enumerationOf } from './enumerations.ts'
import { TAG } from './tags.ts'

export type MatchingOptions = Omit<QueryOptions, 'enumerations'>

/**
 * A query, and the keys that it was read from: people are shown those, and another form of query can be read from them
 * again.
 */
export interface Filter {
  readonly query: Query
  readonly keys: readonly QueryKey[]
  readonly options: MatchingOptions
  /** In which it is read for good: a filter must not mean something else because a setting changes. */
  readonly timeZone?: string
}

export type ReadFilter =
  { readonly ok: true; readonly filter: Filter } | { readonly ok: false; readonly problems: readonly DatasetProblem[] }

export function readFilter(keys: readonly QueryKey[], options: MatchingOptions = {}): ReadFilter {
  const parsed = parseQueryKeys(keys, { ...options, enumerations: enumerationOf })
  return parsed.ok ? { ok: true, filter: { query: parsed.value, keys, options } } : parsed
}

/**
 * The query with one of these labels demanded, if there are any and the query does not name the Worklist Label itself: a
 * universal key names it too. The labels are meant exactly, also one with `*` or `?` in it.
 */
export function withDefaultLabels(query: Query, labels: readonly string[]): Query {
  if (labels.length === 0 || query[TAG.WorklistLabel] !== undefined) return query
  const values = labels.map((label) => significantText('LO', label))
  return { ...query, [TAG.WorklistLabel]: { type: 'text', values, patterns: [] } }
}
