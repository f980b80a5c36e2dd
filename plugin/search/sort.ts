/** The order of search as Elasticsearch sorts. */
import type { estypes } from '@elastic/elasticsearch'
import type { Ordering } from '../dicom/order.ts'
import { type SearchKey, SORT_KEYS } from './keys.ts'

/**
 * Undefined: the index does not have this order. `zones`: those of the search and of the index; another one would give
 * date-times another order.
 */
export function sortOf(
  order: readonly Ordering[],
  zones: { readonly asked: string | undefined; readonly indexed: string | undefined },
): estypes.SortCombinations[] | undefined {
  const sort: estypes.SortCombinations[] = []
  for (const { tag, descending } of order) {
    const key = SORT_KEYS.get(tag)
    if (key === undefined || (key.kind === 'date-time' && zones.asked !== zones.indexed)) return undefined
    sort.push({ [`order.${key.keyword}`]: { order: descending ? 'desc' : 'asc', missing: '_last' } })
  }
  return [...sort, { sequence: { order: 'asc' } }]
}

/**
 * Finds the documents that `sortOf` would put in a wrong place: a value is too long for the index, is no well-formed text, or
 * has another VR than its attribute. A search that finds one of them has to be put in order by others.
 */
export function disorderOf(order: readonly Ordering[]): estypes.QueryDslQueryContainer {
  const keys = order.map(({ tag }) => SORT_KEYS.get(tag)).filter((key): key is SearchKey => key !== undefined)
  return { terms: { disorder: keys.map(({ keyword }) => keyword) } }
}
