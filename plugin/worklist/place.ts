/** Places in the order of a search: what a page begins behind, whatever happens to the workitems before it. */
import { compareSortKeys, type Ordering, type SortKey } from '../dicom/order.ts'
import type { Sequence } from '../store/store.ts'

/** What decides which of two workitems comes first. No two are equal. */
export interface Rank {
  /** In the order that was asked for. */
  readonly keys: readonly SortKey[]
  /** Decides between equals. */
  readonly sequence: Sequence
}

export interface Place extends Rank {
  /** How many matches were before it when it was found. A hint where to look, no more. */
  readonly at: number
}

export const compareRanks = (a: Rank, b: Rank, order: readonly Ordering[]): number =>
  compareSortKeys(a.keys, b.keys, order) || a.sequence - b.sequence

/** Undefined: a place before all. */
export const isBehind = (rank: Rank, place: Rank | undefined, order: readonly Ordering[]): boolean =>
  place === undefined || compareRanks(rank, place, order) > 0
