/**
 * Search over the store. A query of states alone is answered by the store; any other one by a scan, which finds out who
 * matches, and reads the workitems of the page again when they are written. So an answer that has begun is never refused, and
 * holds nothing that does not match any more.
 */
import { setImmediate } from 'node:timers/promises'
import type { Dataset } from '../dicom/dataset.ts'
import { matches as isMatch } from '../dicom/matching.ts'
import { compareSortKeys } from '../dicom/order.ts'
import type { ListOptions, Sequence, Store } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { queriedStates } from '../ups/queried-states.ts'
import type { State } from '../ups/workitem.ts'
import { type Criteria, type Match, scan } from './scan.ts'

export interface Search extends Criteria {
  readonly offset: number
  /** Infinity: as many as there are. */
  readonly limit: number
  /** More matches than this are not answered. Infinity: any number is. */
  readonly most: number
  /** Whether it must be known how many matches there are beyond the page. */
  readonly counted: boolean
}

export interface Result {
  readonly uid: string
  readonly dataset: Dataset
}

export type Searched =
  | {
      readonly outcome: 'found'
      /** All of them; if that need not be known, at least those up to the end of the page. */
      readonly matches: number
      readonly page: AsyncGenerator<Result>
    }
  | { readonly outcome: 'too many'; readonly matches: number }
  /** It would take more time or memory than a search may have. */
  | TooBroad

export interface TooBroad {
  readonly outcome: 'too broad'
}

export type Counted = { readonly outcome: 'counted'; readonly matches: number } | TooBroad

export async function search(store: Store, wanted: Search): Promise<Searched> {
  const { states, decide } = queriedStates(wanted.query)
  if (decide && wanted.order.length === 0) return searchByState(store, states, wanted)
  const scanned = await scan(store, wanted, enoughFor(wanted))
  if (scanned.is === 'too broad') return { outcome: 'too broad' }
  const { matches } = scanned
  if (matches.length > wanted.most) return { outcome: 'too many', matches: matches.length }
  return { outcome: 'found', matches: matches.length, page: pageOf(store, wanted, matches) }
}

export async function count(store: Store, criteria: Omit<Criteria, 'order'>): Promise<Counted> {
  const { states, decide } = queriedStates(criteria.query)
  if (decide) return { outcome: 'counted', matches: await store.count(states) }
  const scanned = await scan(store, { ...criteria, order: [] }, Infinity)
  return scanned.is === 'done' ? { outcome: 'counted', matches: scanned.matches.length } : { outcome: 'too broad' }
}

/** How many matches, in order of creation, decide what is answered. */
function enoughFor({ order, offset, limit, most, counted }: Search): number {
  if (order.length > 0 || counted || most < Infinity) return Infinity
  return limit === 0 ? 0 : offset + limit
}

async function searchByState(store: Store, states: readonly State[] | undefined, wanted: Search): Promise<Searched> {
  const matches = await store.count(states)
  if (matches > wanted.most) return { outcome: 'too many', matches }
  const limit = Math.min(wanted.limit, Math.max(matches - wanted.offset, 0))
  return { outcome: 'found', matches, page: listed(store, states ? { states } : {}, { offset: wanted.offset, limit }) }
}

/** How many workitems are read from the store at a time: a long answer must not be held in memory. */
const PAGE = 200

async function* listed(
  store: Store,
  filter: Pick<ListOptions, 'states'>,
  { offset, limit }: Pick<Search, 'offset' | 'limit'>,
): AsyncGenerator<Result> {
  let after: Sequence | undefined
  for (let left = limit; left > 0;) {
    const size = Math.min(left, PAGE)
    const from = after === undefined ? { offset } : { after }
    const page = await store.list({ ...filter, ...from, limit: size })
    for (const { uid, json } of page) yield { uid, dataset: storedDataset(json) }
    // The embedded store answers at once: without this nobody else would have a turn before the last page.
    await setImmediate()
    after = page.at(-1)?.sequence
    if (page.length < size) return
    left -= page.length
  }
}

/** What is gone or matches no more since the scan is left out, and the page goes on with what is next. */
async function* pageOf(store: Store, wanted: Search, matches: readonly Match[]): AsyncGenerator<Result> {
  const { query, timeZone, offset, limit } = wanted
  let left = limit
  for (const [index, { uid }] of inOrder(matches, wanted).slice(offset).entries()) {
    if (left === 0) return
    if (index % PAGE === PAGE - 1) await setImmediate()
    const retrieved = await store.retrieve(uid)
    const dataset = retrieved.is === 'there' ? storedDataset(retrieved.json) : undefined
    if (dataset === undefined || !isMatch(query, dataset, { timeZone })) continue
    left--
    yield { uid, dataset }
  }
}

/** Sorting is stable: the order of creation decides between equals. */
const inOrder = (matches: readonly Match[], { order }: Criteria): readonly Match[] =>
  order.length === 0 ? matches : matches.toSorted((a, b) => compareSortKeys(a.keys, b.keys, order))
