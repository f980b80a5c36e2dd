/** What the engine of search works with; given by the composition root. */
import type { Logger } from '../host.ts'
import type { Store } from '../store/store.ts'

export type IndexedStore = Pick<
  Store,
  'readFeed' | 'feedStart' | 'head' | 'cursor' | 'moveCursor' | 'watch' | 'list' | 'count' | 'retrieveAll'
>

export interface SearchPorts {
  readonly store: IndexedStore
  /** The zone of dates and times that say none, as it is in force now; undefined: that of the process. */
  timeZone(): string | undefined
  readonly logger: Logger
  readonly tally: SearchTally
}

export interface SearchTally {
  /** Workitems written into the index, and taken out of it. */
  indexed(workitems: number): void
  /** Workitems that the cluster will not take as they are. */
  refused(workitems: number): void
  /** How many feed entries the index is behind. */
  behind(entries: number): void
  /** The cluster did not answer, or not with what was asked for. */
  failed(): void
  refreshed(): void
}
