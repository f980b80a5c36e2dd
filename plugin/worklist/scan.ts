/** Matches by looking at candidates, page by page. */
import { setImmediate } from 'node:timers/promises'
import type { Abortable, Candidates, Criteria } from '../store/candidates.ts'
import type { Position } from '../store/store.ts'
import { type Found, foundIn } from './found.ts'
import { InOrder } from './in-order.ts'
import { compareRanks, isBehind, type Rank } from './place.ts'

/** Without its dataset, which is read again for those that are wanted. */
export type Match = Omit<Found, 'dataset'>

export interface Sifted {
  readonly is: 'done'
  /** In order, of those behind the place. */
  readonly matches: readonly Match[]
  /** How many matches are not behind it. */
  readonly before: number
  /** There are no others. */
  readonly all: boolean
}

export type Scanned = Sifted | { readonly is: 'too broad' }

export interface ScanOptions {
  /** Of the feed before the candidates were found. */
  readonly head: Position | undefined
  /** Matches behind it are wanted; undefined: all. */
  readonly after: Rank | undefined
  /** No further once there are so many; Infinity where the candidates are in another order. */
  readonly enough: number
  readonly patience: Abortable
}

/** What is held in memory for one search. */
const MOST_MATCHES = 500_000

export async function scan(candidates: Candidates, criteria: Criteria, options: ScanOptions): Promise<Scanned> {
  const { head, after, enough, patience } = options
  const { order } = criteria
  const inOrder = candidates.ordered ? new InOrder<Match>(order, head) : undefined
  const matches: Match[] = []
  let before = 0
  if (enough === 0) return { is: 'done', matches, before, all: false }
  for await (const page of candidates.pages(0, patience)) {
    for (const { uid, version, rank } of foundIn(page, criteria)) {
      const match = { uid, version, rank }
      if (!isBehind(rank, after, order)) before++
      else if (inOrder) matches.push(...inOrder.next(match))
      else matches.push(match)
      if (matches.length >= enough) return { is: 'done', matches, before, all: false }
    }
    if (patience.aborted || matches.length > MOST_MATCHES) return { is: 'too broad' }
    // The embedded store answers at once: without this nobody else would have a turn before the last page.
    await setImmediate()
  }
  if (patience.aborted) return { is: 'too broad' }
  if (inOrder) matches.push(...inOrder.rest())
  else matches.sort((a, b) => compareRanks(a.rank, b.rank, order))
  return { is: 'done', matches, before, all: true }
}
