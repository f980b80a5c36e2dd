/** Matches by looking at every workitem that may be one, page by page: the store knows no attribute but the state. */
import { setImmediate } from 'node:timers/promises'
import { type Ordering, type SortKey, sortKeysOf } from '../dicom/order.ts'
import { matches } from '../dicom/matching.ts'
import type { Query } from '../dicom/query.ts'
import type { ListOptions, Sequence, Store } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { queriedStates } from '../ups/queried-states.ts'

export interface Criteria {
  readonly query: Query
  /** Empty: the order of creation. */
  readonly order: readonly Ordering[]
  /** The zone of dates and times that say none; absent: that of the process. */
  readonly timeZone: string | undefined
}

export interface Match {
  readonly uid: string
  readonly keys: readonly SortKey[]
}

export type Scanned = { readonly is: 'done'; readonly matches: readonly Match[] } | { readonly is: 'too broad' }

/** How many workitems are read from the store at a time; nobody else has a turn meanwhile. */
const PAGE = 100

/** A search that takes longer than this keeps others from being answered. */
const MOST_MILLISECONDS = 10_000

/** What is held in memory for one search. */
const MOST_MATCHES = 500_000

/** In order of creation, and no further once there are `enough`. */
export async function scan(store: Store, criteria: Criteria, enough: number): Promise<Scanned> {
  const { query, order, timeZone } = criteria
  const filter = narrowing(query)
  const deadline = performance.now() + MOST_MILLISECONDS
  const found: Match[] = []
  let after: Sequence | undefined
  while (found.length < enough) {
    if (performance.now() > deadline || found.length > MOST_MATCHES) return { is: 'too broad' }
    const page = await store.list({ ...filter, ...(after === undefined ? {} : { after }), limit: PAGE })
    for (const { uid, json } of page) {
      const dataset = storedDataset(json)
      if (!matches(query, dataset, { timeZone })) continue
      found.push({ uid, keys: sortKeysOf(dataset, order, timeZone) })
    }
    if (page.length < PAGE) break
    after = page.at(-1)?.sequence
    // The embedded store answers at once: without this nobody else would have a turn before the last page.
    await setImmediate()
  }
  return { is: 'done', matches: found }
}

/** One state alone: the store would have to sort those of several again for every page. */
function narrowing(query: Query): Pick<ListOptions, 'states'> {
  const { states } = queriedStates(query)
  return states !== undefined && states.length <= 1 ? { states } : {}
}
