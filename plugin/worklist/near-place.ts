/** Candidates in order from a place on, without going through all that are before it. */
import type { Abortable, Candidates, Criteria } from '../store/candidates.ts'
import type { Listed, Position } from '../store/store.ts'
import { foundIn } from './found.ts'
import { mayHaveMoved } from './in-order.ts'
import { isBehind, type Place } from './place.ts'

export interface Begun {
  readonly pages: AsyncIterable<readonly Listed[]>
  /** Candidates in front of them. */
  readonly skipped: number
}

export interface Beginning {
  readonly place: Place
  /** Of the feed before the candidates were found. */
  readonly head: Position | undefined
  readonly patience: Abortable
}

/** So many may have come or gone in front of the place before it takes a second try. */
const SLACK = 16

/**
 * Begins where the place was and goes back, further each time, until what is read begins in front of it. The candidates are
 * matches, and in order.
 */
export async function beginNear(candidates: Candidates, criteria: Criteria, from: Beginning): Promise<Begun> {
  const { place, patience } = from
  const at = place.at > SLACK ? Math.min(place.at, await candidates.count()) : 0
  for (let slack = SLACK; slack < at; slack *= 2) {
    const pages = each(candidates.pages(at - slack, patience))
    const first = await pages.next()
    if (!first.done && isInFront(first.value, criteria, from)) {
      return { pages: begunWith(first.value, pages), skipped: at - slack }
    }
    await pages.return(undefined)
  }
  return { pages: candidates.pages(0, patience), skipped: 0 }
}

/** Whether the page begins in front of the place. One that may have moved does not tell. */
function isInFront(page: readonly Listed[], criteria: Criteria, { place, head }: Beginning): boolean {
  for (const { version, rank } of foundIn(page, criteria)) {
    if (!mayHaveMoved(version, criteria.order, head)) return !isBehind(rank, place, criteria.order)
  }
  return false
}

async function* each<One>(source: AsyncIterable<One>): AsyncGenerator<One> {
  yield* source
}

/** What was read already, and then the others. */
export async function* begunWith<One>(first: One, rest: AsyncGenerator<One>): AsyncGenerator<One> {
  try {
    yield first
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}
