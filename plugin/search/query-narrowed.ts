/** Parts of a query for Elasticsearch, and what is known of what they find. */
import type { estypes } from '@elastic/elasticsearch'

export type Container = estypes.QueryDslQueryContainer

export interface Narrowed {
  /** Undefined: everything. It finds whatever matches. */
  readonly query: Container | undefined
  /** Whatever it finds matches, but for what is `undecided`. */
  readonly exact: boolean
  /** Of what these find, the index does not hold enough to say. */
  readonly undecided: readonly Container[]
  /** How many clauses the query has. */
  readonly clauses: number
}

/** Elasticsearch refuses queries of too many clauses. The least that it may be set to is 1024. */
const MOST_CLAUSES = 500

export const EVERYTHING: Narrowed = { query: undefined, exact: true, undecided: [], clauses: 0 }
/** The index says nothing about it. */
export const UNKNOWN: Narrowed = { query: undefined, exact: false, undecided: [], clauses: 0 }
const NOTHING: Narrowed = exactly({ match_none: {} })

export function exactly(query: Container, undecided: readonly Container[] = []): Narrowed {
  return { query, exact: true, undecided, clauses: 1 }
}

export const roughly = ({ query, clauses }: Narrowed): Narrowed => ({ query, exact: false, undecided: [], clauses })

/** What would be too much is left out. */
export function all(parts: readonly Narrowed[]): Narrowed {
  const taken: Narrowed[] = []
  let clauses = 0
  let exact = true
  for (const part of parts) {
    exact &&= part.exact
    if (part.query === undefined) continue
    if (clauses + part.clauses > MOST_CLAUSES) {
      exact = false
    } else {
      taken.push(part)
      clauses += part.clauses
    }
  }
  const [first, ...more] = queriesOf(taken)
  if (first === undefined) return exact ? EVERYTHING : UNKNOWN
  const query = more.length === 0 ? first : { bool: { filter: [first, ...more] } }
  return { query, exact, undecided: taken.flatMap(({ undecided }) => undecided), clauses }
}

export function any(parts: readonly Narrowed[]): Narrowed {
  const [first, ...more] = parts
  if (first === undefined) return NOTHING
  if (more.length === 0) return first
  const clauses = parts.reduce((sum, part) => sum + part.clauses, 0)
  const should = queriesOf(parts)
  if (should.length < parts.length || clauses > MOST_CLAUSES) return UNKNOWN
  return {
    query: { bool: { should, minimum_should_match: 1 } },
    exact: parts.every(({ exact }) => exact),
    undecided: parts.flatMap(({ undecided }) => undecided),
    clauses,
  }
}

const queriesOf = (parts: readonly Narrowed[]): readonly Container[] & Container[] =>
  parts.flatMap(({ query }) => (query === undefined ? [] : [query]))

export const not = (query: Container): Container => ({ bool: { must_not: [query] } })

/** All of it in one and the same item of the sequence, or name, that is at this path. */
export function within(path: string, part: Narrowed): Narrowed {
  return {
    query: nested(path, part.query ?? { match_all: {} }),
    exact: part.exact,
    undecided: part.undecided.map((query) => nested(path, query)),
    clauses: part.clauses + 1,
  }
}

const nested = (path: string, query: Container): Container => ({ nested: { path, query, score_mode: 'none' } })
