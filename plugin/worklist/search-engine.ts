/** What may answer searches before the store's own engine does, such as an index in a cluster. */
import type { Candidates, Criteria } from '../store/candidates.ts'
import type { Progress } from '../store/store.ts'

/** Makes an index anew. @returns how many workitems are in it */
export type Reindexing = (progress?: Progress) => Promise<number>

export interface SearchEngine {
  /**
   * Sees every commit that was fulfilled before. Undefined: it cannot answer now (away, behind, being rebuilt), or not this.
   * It is never rejected; what it gave may fail with UPS_SEARCH_UNAVAILABLE when the engine goes away meanwhile.
   */
  find(criteria: Criteria): Promise<Candidates | undefined>
}
