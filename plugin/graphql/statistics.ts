/** `workitemStatistics`: how many workitems there are of each kind. */
import { type StationCount, type Statistics, statistics, type ValueCount } from '../worklist/statistics.ts'
import type { OperationContext } from './context.ts'
import { ownError } from './errors.ts'
import { type Matching, readCriteria } from './workitems.ts'

/** @throws GraphQLError SEARCH_TOO_BROAD */
async function workitemStatistics(_: unknown, given: Matching, context: OperationContext): Promise<Statistics> {
  const { query } = readCriteria(given, context)
  const { service, timeZone, signal } = context
  const counted = await statistics(service.desk(), { query, timeZone, signal, now: service.clock() })
  if (counted.outcome === 'counted') return counted.statistics
  throw ownError('SEARCH_TOO_BROAD')
}

/** The field that a count is of has another name in each type. */
const value = (one: ValueCount): string => one.value

export const STATISTICS_RESOLVERS = {
  Query: { workitemStatistics },
  WorkitemStatistics: {
    byState: ({ states }: Statistics) => states,
    byPriority: ({ priorities }: Statistics) => priorities,
    byReadiness: ({ readinesses }: Statistics) => readinesses,
    byWorklistLabel: ({ labels }: Statistics) => labels,
    byStation: ({ stations }: Statistics) => stations,
  },
  StateCount: { state: value },
  PriorityCount: { priority: value },
  ReadinessCount: { readiness: value },
  LabelCount: { label: value },
  StationCount: {
    codeValue: value,
    codingSchemeDesignator: ({ scheme }: StationCount) => scheme,
    codeMeaning: ({ meaning }: StationCount) => meaning,
  },
}
