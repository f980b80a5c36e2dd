/**
 * Search: an engine narrows, the matcher decides. Where the engine says that each candidate is a match, those of the page are
 * all that is looked at. Else a scan of the candidates finds out who matches, and the workitems of the page are read again
 * when they are written: so an answer that has begun is never refused, and holds nothing that does not match any more.
 */
import { setImmediate } from 'node:timers/promises'
import type { Dataset } from '../dicom/dataset.ts'
import { hasCode, UpsError } from '../errors.ts'
import type { Abortable, Candidates, Criteria } from '../store/candidates.ts'
import type { Position, Store } from '../store/store.ts'
import { type Found, foundIn } from './found.ts'
import { InOrder } from './in-order.ts'
import { beginNear, type Begun, begunWith } from './near-place.ts'
import { Patience } from './patience.ts'
import { isBehind, type Place } from './place.ts'
import { scan, type Sifted } from './scan.ts'
import type { SearchEngine } from './search-engine.ts'
import type { Tally } from './tally.ts'

export interface Search extends Criteria {
  /**
   * The page begins behind it: it holds exactly the matches that compare greater, whatever was created, changed or deleted
   * since. A place is of one order (and one time zone). Undefined: it begins with the first match.
   */
  readonly after?: Place | undefined
  /** Matches that are passed over from there. */
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
  /** Position of the last commit of it that is in the dataset. */
  readonly version: Position
  /**
   * Where the next page begins, if it is the last of this one. One that changed while it was searched for may stand for the
   * place of the one before it.
   */
  readonly place: Place
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

/** @throws RangeError if Intl does not know the time zone and it is needed; UpsError UPS_STORE_UNAVAILABLE */
export async function search(where: Searched, wanted: Search): Promise<Outcome> {
  const patience = new Patience(wanted.signal)
  const head = wanted.order.length > 0 ? await where.store.head() : undefined
  return withCandidates(where, wanted, (candidates) =>
    candidates.exact && candidates.ordered
      ? taken({ where, wanted, candidates, patience, head })
      : sifted({ where, wanted, candidates, patience, head }),
  )
}

export function count(where: Searched, criteria: Omit<Criteria, 'order'> & Pick<Search, 'signal'>): Promise<Counted> {
  const patience = new Patience(criteria.signal)
  const wanted = { ...criteria, order: [] }
  return withCandidates(where, wanted, async (candidates) => {
    if (candidates.exact) return { outcome: 'counted', matches: await candidates.count() }
    const found = await scan(candidates, wanted, { head: undefined, after: undefined, enough: Infinity, patience })
    return found.is === 'done' ? { outcome: 'counted', matches: found.matches.length } : { outcome: 'too broad' }
  })
}

/** An engine that cannot answer, or goes away while it does, leaves it to the store's own. */
export async function withCandidates<Answer>(
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

interface Searching {
  readonly where: Searched
  readonly wanted: Search
  readonly candidates: Candidates
  readonly patience: Patience
  /** Of the feed before the candidates were found. */
  readonly head: Position | undefined
}

/** Each candidate is a match, in order. The first one is waited for: what cannot be had in time can still be refused then. */
async function taken(searching: Searching): Promise<Outcome> {
  const { wanted, candidates, patience } = searching
  const { most, counted } = wanted
  const matches = counted || most < Infinity ? await candidates.count() : undefined
  if (matches !== undefined && matches > most) return { outcome: 'too many', matches }
  const page = pageOfCandidates(searching)
  const first = await page.next()
  if (first.done && patience.aborted) return { outcome: 'too broad' }
  patience.begun()
  return { outcome: 'found', matches, page: first.done ? page : begunWith(first.value, page) }
}

/** An engine that goes away in the middle leaves the rest to the store: what is behind the last one given. */
async function* pageOfCandidates(searching: Searching): AsyncGenerator<Result, void> {
  const { where, wanted } = searching
  let left = wanted.limit
  if (left === 0) return
  let last: Place | undefined
  try {
    for await (const result of resultsOf(searching)) {
      last = result.place
      yield result
      if (--left === 0) return
    }
    return
  } catch (error) {
    if (!hasCode(error, 'UPS_SEARCH_UNAVAILABLE')) throw error
  }
  yield* restOfPage({ store: where.store, tally: where.tally }, wanted, last, left)
}

/** `last`: behind it there may be more; undefined: nothing has been given. */
async function* restOfPage(
  where: Searched,
  wanted: Search,
  last: Place | undefined,
  left: number,
): AsyncGenerator<Result> {
  const behind = last && { after: last, offset: 0 }
  const rest = await search(where, { ...wanted, ...behind, limit: left, most: Infinity, counted: false })
  if (rest.outcome !== 'found') throw new UpsError('UPS_SEARCH_UNAVAILABLE', 'The engine of search went away.')
  yield* rest.page
}

/** What matches no more since it was found is left out, and the page goes on with what is next. */
async function* resultsOf({ wanted, candidates, patience, head }: Searching): AsyncGenerator<Result> {
  const { after, offset, order } = wanted
  const { pages, skipped } = await begin(candidates, wanted, { head, patience })
  const inOrder = new InOrder<Found>(order, head)
  // The engine has passed over those that are not behind a place.
  let [at, left] = [skipped, after ? offset : 0]
  const next = function* (found: readonly Found[]): Generator<Result> {
    for (const { uid, dataset, version, rank } of found) {
      const place = { ...rank, at: at++ }
      if (left > 0) left--
      else yield { uid, dataset, version, place }
    }
  }
  for await (const page of pages) {
    for (const found of foundIn(page, wanted)) {
      if (isBehind(found.rank, after, order)) yield* next(inOrder.next(found))
      else at++
    }
  }
  yield* next(inOrder.rest())
}

type Reading = Pick<Searching, 'head' | 'patience'>

function begin(candidates: Candidates, wanted: Search, reading: Reading): Promise<Begun> | Begun {
  const { after, offset } = wanted
  if (after) return beginNear(candidates, wanted, { place: after, ...reading })
  return { pages: candidates.pages(offset, reading.patience), skipped: offset }
}

async function sifted({ where, wanted, candidates, patience, head }: Searching): Promise<Outcome> {
  const { most, after } = wanted
  const found = await scan(candidates, wanted, { head, after, enough: enoughFor(wanted, candidates), patience })
  if (found.is === 'too broad') return { outcome: 'too broad' }
  const matches = found.all ? found.before + found.matches.length : undefined
  if (matches !== undefined && matches > most) return { outcome: 'too many', matches }
  return { outcome: 'found', matches, page: pageOfMatches(where, wanted, found) }
}

/** How many matches decide what is answered. */
function enoughFor({ offset, limit, most, counted }: Search, { ordered }: Candidates): number {
  if (!ordered || counted || most < Infinity) return Infinity
  return limit === 0 ? 0 : offset + limit
}

/** How many workitems are read from the store at a time: a long answer must not be held in memory. */
const PAGE = 100

/** What matches no more since it was found is left out, and the page goes on with what is next. */
async function* pageOfMatches(
  where: Searched,
  wanted: Search,
  { matches, before, all }: Sifted,
): AsyncGenerator<Result> {
  let [left, last] = [wanted.limit, wanted.after]
  for (let from = wanted.offset; from < matches.length && left > 0; from += PAGE) {
    if (from > wanted.offset) await setImmediate()
    const page = matches
      .slice(from, from + PAGE)
      .map(({ uid, rank }, i) => [uid, { ...rank, at: before + from + i }] as const)
    const places = new Map(page)
    last = page.at(-1)?.[1]
    for (const { uid, dataset, version } of foundIn(await where.store.retrieveAll([...places.keys()]), wanted)) {
      const place = places.get(uid)
      if (left-- === 0 || place === undefined) return
      yield { uid, dataset, version, place }
    }
  }
  if (!all && left > 0) yield* restOfPage(where, wanted, last, left)
}
