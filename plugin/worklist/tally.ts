/** What the write path tells those who count. */
import type { ChangeKind } from '../store/store.ts'
import type { RefusalKey } from '../ups/statuses.ts'

export interface Tally {
  committed(kind: ChangeKind): void
  refused(refusal: RefusalKey): void
}
