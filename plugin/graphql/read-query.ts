/** A filter as the query that search, subscriptions and statistics work with. */
import type { Query } from '../dicom/query.ts'
import { refuse } from '../ups/decision.ts'
import { readFilter } from '../ups/matching-keys.ts'
import { problemAt } from '../ups/problems.ts'
import { refusedError } from './errors.ts'
import { readWorkitemFilter, type WorkitemFilterInput } from './filter.ts'

/** Without a filter everything matches. @throws BadArgument, GraphQLError INVALID_ARGUMENT that names the keys */
export function readQuery(filter: WorkitemFilterInput | null | undefined): Query {
  const { keys, options } = readWorkitemFilter(filter)
  const read = readFilter(keys, options)
  if (read.ok) return read.filter.query
  const problems = read.problems.map(({ path, reason }) => problemAt('invalidValue', path, reason))
  throw refusedError(refuse('invalidArgument', problems).refusal)
}
