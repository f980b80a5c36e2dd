/**
 * Search: an engine narrows, the matcher decides. Where the engine says that each candidate is a match, those of the page are
 * all that is looked at. Else a scan of the candidates finds out who matches, and the workitems of the page are read again
 * when they are written: so an answer that has begun is never refused, and holds nothing that does not match any more.
 */
import { setImmediate } from 'node:timers/promises'
import type { Dataset } from '../dicom/dataset.ts'
import { matches as isMatch } from '../dicom/matching.ts'
import { compareSortKeys } from '../dicom/order.ts'
import { hasCode, UpsError } from '../errors.ts'
import type { Abortable, Candidates, Criteria } from '../store/candidates.ts'
import type { Listed, Store } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { Patience } from './patience.ts'
import { type Match, scan } from './scan.ts'
import type { SearchEngine } from './search-engine.ts'
import type { Tally } from './tally.ts'

export interface Search extends Criteria {
  readonly offset: number
  /** Infinity: as many as there are. */
  readonly limit: number
  /** More matches than this are not answered. Infinity: any number is. */
  readonly most: number
  /** Whether it must be known how many matches there are beyond the page. */
  readonly counted: boolean
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: Abortable
}

/** Where is searched. */
export interface Searched {
  readonly store: Store
  /** Asked before the store's own. */
  readonly engine?: SearchEngine | undefined
  readonly tally: Pick<Tally, 'searched'>
}

export interface Result {
  readonly uid: string
  readonly dataset: Dataset
}

export type Outcome =
  | {
      readonly outcome: 'found'
      /** All of them; undefined: it need not be known, and was not found out. */
      readonly matches: number | undefined
      readonly page: AsyncGenerator<Result>
    }
  | { readonly outcome: 'too many'; readonly matches: number }
  /** It would take more time or memory than a search may have. */
  | TooBroad

export interface TooBroad {
  readonly outcome: 'too broad'
}

export type Counted = { readonly outcome: 'counted'; readonly matches: number } | TooBroad

export function search(where: Searched, wanted: Search): Promise<Outcome> {
  const patience = new Patience(wanted.signal)
  return withCandidates(where, wanted, (candidates) =>
    candidates.exact && candidates.ordered
      ? taken(where, wanted, candidates, patience)
      : sifted(where, wanted, candidates, patience),
  )
}

export function count(where: Searched, criteria: Omit<Criteria, 'order'> & Pick<Search, 'signal'>): Promise<Counted> {
  const patience = new Patience(criteria.signal)
  const wanted = { ...criteria, order: [] }
  return withCandidates(where, wanted, async (candidates) => {
    if (candidates.exact) return { outcome: 'counted', matches: await candidates.count() }
    const found = await scan(candidates, wanted, Infinity, patience)
    return found.is === 'done' ? { outcome: 'counted', matches: found.matches.length } : { outcome: 'too broad' }
  })
}

/** An engine that cannot answer, or goes away while it does, leaves it to the store's own. */
async function withCandidates<Answer>(
  { store, engine, tally }: Searched,
  criteria: Criteria,
  answer: (candidates: Candidates) => Promise<Answer>,
): Promise<Answer> {
  const candidates = await engine?.find(criteria)
  if (candidates) {
    try {
      const answered = await answer(candidates)
      tally.searched('index')
      return answered
    } catch (error) {
      if (!hasCode(error, 'UPS_SEARCH_UNAVAILABLE')) throw error
    }
  }
  tally.searched('store')
  return answer(await store.find(criteria))
}

/** Each candidate is a match, in order. The first one is waited for: what cannot be had in time can still be refused then. */
async function taken(where: Searched, wanted: Search, candidates: Candidates, patience: Patience): Promise<Outcome> {
  const { most, counted } = wanted
  const matches = counted || most < Infinity ? await candidates.count() : undefined
  if (matches !== undefined && matches > most) return { outcome: 'too many', matches }
  const page = pageOfCandidates(where, wanted, candidates, patience)
  const first = await page.next()
  if (first.done && patience.aborted) return { outcome: 'too broad' }
  patience.begun()
  return { outcome: 'found', matches, page: begunWith(first, page) }
}

async function* begunWith<One>(first: IteratorResult<One, void>, rest: AsyncGenerator<One>): AsyncGenerator<One> {
  try {
    if (first.done) return
    yield first.value
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

async function* pageOfCandidates(
  where: Searched,
  wanted: Search,
  candidates: Candidates,
  patience: Abortable,
): AsyncGenerator<Result, void> {
  const { offset, limit } = wanted
  if (limit === 0) return
  let given = 0
  try {
    for await (const result of resultsOf(candidates.pages(offset, patience), wanted)) {
      given++
      yield result
      if (given === limit) return
    }
    return
  } catch (error) {
    if (!hasCode(error, 'UPS_SEARCH_UNAVAILABLE')) throw error
  }
  const rest = await search(
    { store: where.store, tally: where.tally },
    { ...wanted, offset: offset + given, limit: limit - given, most: Infinity, counted: false },
  )
  if (rest.outcome !== 'found') throw new UpsError('UPS_SEARCH_UNAVAILABLE', 'The engine of search went away.')
  yield* rest.page
}

async function sifted(where: Searched, wanted: Search, candidates: Candidates, patience: Patience): Promise<Outcome> {
  const found = await scan(candidates, wanted, enoughFor(wanted, candidates), patience)
  if (found.is === 'too broad') return { outcome: 'too broad' }
  const { matches } = found
  if (matches.length > wanted.most) return { outcome: 'too many', matches: matches.length }
  const inOrder = candidates.ordered ? matches : sorted(matches, wanted)
  return { outcome: 'found', matches: matches.length, page: pageOfMatches(where.store, wanted, inOrder) }
}

/** How many matches decide what is answered. */
function enoughFor({ offset, limit, most, counted }: Search, { ordered }: Candidates): number {
  if (!ordered || counted || most < Infinity) return Infinity
  return limit === 0 ? 0 : offset + limit
}

/** Sorting is stable: the order of creation decides between equals. */
const sorted = (matches: readonly Match[], { order }: Criteria): readonly Match[] =>
  matches.toSorted((a, b) => compareSortKeys(a.keys, b.keys, order))

/** How many workitems are read from the store at a time: a long answer must not be held in memory. */
const PAGE = 100

async function* pageOfMatches(store: Store, wanted: Search, matches: readonly Match[]): AsyncGenerator<Result> {
  let left = wanted.limit
  for (let at = wanted.offset; at < matches.length && left > 0; at += PAGE) {
    if (at > wanted.offset) await setImmediate()
    const page = store.retrieveAll(matches.slice(at, at + PAGE).map(({ uid }) => uid))
    for (const result of matchesAmong(await page, wanted)) {
      if (left-- === 0) return
      yield result
    }
  }
}

async function* resultsOf(pages: AsyncIterable<readonly Listed[]>, wanted: Search): AsyncGenerator<Result> {
  for await (const page of pages) yield* matchesAmong(page, wanted)
}

/** What matches no more since it was found is left out, and the page goes on with what is next. */
function* matchesAmong(page: readonly Listed[], { query, timeZone }: Criteria): Generator<Result> {
  for (const { uid, json } of page) {
    const dataset = storedDataset(json)
    if (isMatch(query, dataset, { timeZone })) yield { uid, dataset }
  }
}
