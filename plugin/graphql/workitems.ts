/** One workitem, and pages of those that match (a connection as Relay has it). */
import type { ArchiveConfiguration } from '../config/configuration.ts'
import { firstString } from '../dicom/access.ts'
import type { Ordering } from '../dicom/order.ts'
import type { Query } from '../dicom/query.ts'
import { positionText, type Reached } from '../feed/position.ts'
import { uidProblem } from '../ups/arguments.ts'
import { refuse } from '../ups/decision.ts'
import { withDefaultLabels } from '../ups/matching-keys.ts'
import { TAG } from '../ups/tags.ts'
import { parsePlace, placeText } from '../worklist/place-text.ts'
import { count, type Result, search } from '../worklist/search.ts'
import { requireAe } from './ae.ts'
import { BadArgument } from './bad-argument.ts'
import { type OperationContext, type WorkitemSource, workitemSource } from './context.ts'
import { ownError, refusedError } from './errors.ts'
import type { WorkitemFilterInput } from './filter.ts'
import { readWorkitemOrder, type WorkitemOrderInput } from './order.ts'
import { readQuery } from './read-query.ts'

export interface Matching {
  readonly filter?: WorkitemFilterInput | null
  readonly aeTitle?: string | null
}

interface PageArguments extends Matching {
  readonly orderBy?: readonly WorkitemOrderInput[] | null
  readonly first: number
  readonly after?: string | null
}

export const MOST_ON_A_PAGE = 1_000

/** `WorkitemConnection`. */
interface Connection {
  readonly matching: Criteria
  readonly edges: readonly { readonly cursor: string; readonly node: WorkitemSource }[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly position: Reached
}

interface Criteria {
  readonly query: Query
  /** The limits of the AE, or of the device. */
  readonly settings: Pick<ArchiveConfiguration['settings'], 'qidoMaxResults' | 'queryMaxResults'>
}

/** @throws BadArgument, GraphQLError that names what is wrong */
export function readCriteria({ filter, aeTitle }: Matching, context: OperationContext): Criteria {
  const query = readQuery(filter)
  if (aeTitle === null || aeTitle === undefined) return { query, settings: context.service.configuration().settings }
  const { settings } = requireAe(aeTitle, context)
  return { query: withDefaultLabels(query, settings.worklistLabelFilter.value), settings }
}

/** @throws BadArgument */
export function checkFirst(first: number): void {
  if (first >= 1 && first <= MOST_ON_A_PAGE) return
  throw new BadArgument('first', `is ${first}, expected 1 to ${MOST_ON_A_PAGE}`)
}

async function workitems(_: unknown, given: PageArguments, context: OperationContext): Promise<Connection> {
  checkFirst(given.first)
  const matching = readCriteria(given, context)
  const order = readWorkitemOrder(given.orderBy)
  const after = readCursor(given.after, order)
  const limit = Math.min(given.first, matching.settings.qidoMaxResults.value || Infinity)
  // Before the search: whoever goes on from there misses nothing.
  const position = await context.service.feed().head()
  // One more than the page has, to know whether there is a next one.
  const found = await pageOf({ ...matching, order, after, limit: limit + 1 }, context)
  return {
    matching,
    edges: found.slice(0, limit).map(({ uid, version, dataset, place }) => ({
      cursor: placeText(place, order),
      node: workitemSource(uid, version, dataset),
    })),
    hasNextPage: found.length > limit,
    hasPreviousPage: after !== undefined,
    position,
  }
}

interface Wanted extends Criteria {
  readonly order: readonly Ordering[]
  readonly after: ReturnType<typeof readCursor>
  readonly limit: number
}

/** @throws GraphQLError TOO_MANY_MATCHES, SEARCH_TOO_BROAD */
async function pageOf({ settings, ...wanted }: Wanted, context: OperationContext): Promise<readonly Result[]> {
  const most = settings.queryMaxResults.value || Infinity
  const { timeZone, signal, service } = context
  const searched = await search(service.desk(), { ...wanted, timeZone, signal, offset: 0, most, counted: false })
  switch (searched.outcome) {
    case 'found':
      return Array.fromAsync(searched.page)
    case 'too many':
      throw ownError('TOO_MANY_MATCHES', `The search matches ${searched.matches} Workitems, the limit is ${most}.`)
    case 'too broad':
      throw ownError('SEARCH_TOO_BROAD')
  }
}

function readCursor(text: string | null | undefined, order: readonly Ordering[]) {
  if (text === null || text === undefined) return undefined
  const place = parsePlace(text, order)
  if (place) return place
  throw new BadArgument(
    'after',
    'is no cursor of this order, expected one that this service has given for the same orderBy',
  )
}

async function totalCount(
  { matching: { query } }: Connection,
  _: unknown,
  { service, timeZone, signal }: OperationContext,
): Promise<number> {
  const counted = await count(service.desk(), { query, timeZone, signal })
  if (counted.outcome === 'counted') return counted.matches
  throw ownError('SEARCH_TOO_BROAD')
}

function workitem(_: unknown, { uid }: { readonly uid: string }, { loaders }: OperationContext) {
  const problem = uidProblem(uid, 'uid')
  if (problem === undefined) return loaders.workitem.load(uid)
  throw refusedError(refuse('invalidArgument', [], problem).refusal)
}

export const WORKITEM_RESOLVERS = {
  Query: { workitem, workitems },
  WorkitemConnection: {
    totalCount,
    nodes: ({ edges }: Connection) => edges.map(({ node }) => node),
    position: ({ position }: Connection) => positionText(position),
    pageInfo: ({ edges, hasNextPage, hasPreviousPage }: Connection) => ({
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor,
      endCursor: edges.at(-1)?.cursor,
    }),
  },
  Workitem: {
    state: ({ dataset }: WorkitemSource) => firstString(dataset, TAG.ProcedureStepState),
    version: ({ version }: WorkitemSource) => positionText(version),
    subscriptions: ({ uid }: WorkitemSource, _: unknown, { loaders }: OperationContext) =>
      loaders.subscriptions.load(uid),
  },
}
