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

/** How it is with an index that follows the store. */
export interface SearchStatus {
  /**
   * `building`: there is no complete index yet. `behind`: the index has not come as far as a search needed it in time, or
   * lacks a workitem that the cluster refuses. In all but `ready` the store answers searches.
   */
  readonly state: 'ready' | 'building' | 'behind' | 'away'
  /** Feed entries that the index has still to apply. */
  readonly behind: number
  /** Why it is `away`: a code, or a status with its type, e.g. `ECONNREFUSED`, `401 security_exception`. */
  readonly reason?: string
}
