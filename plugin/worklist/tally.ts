/** What commands and searches tell those who count. */
import type { ChangeKind } from '../store/store.ts'
import type { RefusalKey } from '../ups/statuses.ts'

export interface Tally {
  committed(kind: ChangeKind): void
  refused(refusal: RefusalKey): void
  /** A search was answered by the store's own engine, or by the index that is asked before it. */
  searched(by: 'store' | 'index'): void
}
