/** The query of a search (PS3.18 8.3.4, decisions.md 5): matching keys, what is returned, in which order, which page. */
import type { Ordering } from '../dicom/order.ts'
import type { Query } from '../dicom/query.ts'
import { readFilter, withDefaultLabels } from '../ups/matching-keys.ts'
import { type ReturnedFields, returnedFields } from '../ups/search-result.ts'
import { HttpRefusal } from './http-statuses.ts'
import { INCLUDEFIELD, readIncludedFields } from './include-fields.ts'
import { keyParameters, MATCHING_FLAGS, matchingOptions, problemText } from './matching-parameters.ts'
import { ORDERBY, readOrder } from './orderby.ts'
import { type Parameter, unsigned } from './query.ts'

/** Which workitems are meant, and what is shown of them. */
export interface SearchCriteria {
  readonly query: Query
  readonly fields: ReturnedFields
  /** Parameters were ignored; the answer must say so (PS3.18 8.3). */
  readonly hasUnknown: boolean
}

export interface SearchQuery extends SearchCriteria {
  /** Empty: the order of creation, which also decides between equals. */
  readonly order: readonly Ordering[]
  readonly limit: number | undefined
  readonly offset: number
}

/** What a search understands beside attributes. */
export const SEARCH_PARAMETERS = [INCLUDEFIELD, ...MATCHING_FLAGS, 'limit', 'offset', ORDERBY, 'accept'] as const

const CONTROL: ReadonlySet<string> = new Set([...SEARCH_PARAMETERS, 'charset'])

/**
 * `labels`: the Worklist Labels that are searched when the query names none.
 * @throws HttpRefusal that names the parameter; never "matches everything"
 */
export function parseSearchQuery(query: readonly Parameter[], labels: readonly string[]): SearchQuery {
  return {
    ...parseSearchCriteria(query, labels),
    order: readOrder(query),
    limit: unsigned(query, 'limit'),
    offset: unsigned(query, 'offset') ?? 0,
  }
}

/** The same without order and page. @throws HttpRefusal that names the parameter */
export function parseSearchCriteria(parameters: readonly Parameter[], labels: readonly string[]): SearchCriteria {
  const { keys, hasUnknown } = keyParameters(parameters, CONTROL)
  const { all, tags, privateKeys } = readIncludedFields(parameters, keys)
  const read = readFilter([...keys, ...privateKeys], matchingOptions(parameters))
  if (!read.ok) throw new HttpRefusal('malformedParameter', problemText(read.problems))
  const { query } = read.filter
  return { query: withDefaultLabels(query, labels), fields: returnedFields(query, tags, all), hasUnknown }
}
