/** Matches by looking at candidates, page by page. */
import { setImmediate } from 'node:timers/promises'
import { matches } from '../dicom/matching.ts'
import { type SortKey, sortKeysOf } from '../dicom/order.ts'
import type { Abortable, Candidates, Criteria } from '../store/candidates.ts'
import { storedDataset } from '../store/stored-dataset.ts'

export interface Match {
  readonly uid: string
  /** By which matches are still to be sorted. */
  readonly keys: readonly SortKey[]
}

export type Scanned = { readonly is: 'done'; readonly matches: readonly Match[] } | { readonly is: 'too broad' }

/** What is held in memory for one search. */
const MOST_MATCHES = 500_000

/** In the order of the candidates, and no further once there are `enough`. */
export async function scan(
  candidates: Candidates,
  criteria: Criteria,
  enough: number,
  patience: Abortable,
): Promise<Scanned> {
  const { query, timeZone } = criteria
  const order = candidates.ordered ? [] : criteria.order
  const found: Match[] = []
  if (enough === 0) return { is: 'done', matches: found }
  for await (const page of candidates.pages(0, patience)) {
    for (const { uid, json } of page) {
      const dataset = storedDataset(json)
      if (!matches(query, dataset, { timeZone })) continue
      found.push({ uid, keys: sortKeysOf(dataset, order, timeZone) })
      if (found.length === enough) return { is: 'done', matches: found }
    }
    if (patience.aborted || found.length > MOST_MATCHES) return { is: 'too broad' }
    // The embedded store answers at once: without this nobody else would have a turn before the last page.
    await setImmediate()
  }
  return patience.aborted ? { is: 'too broad' } : { is: 'done', matches: found }
}
