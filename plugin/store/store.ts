/**
 * The system of record: workitems, and the feed of what happened to them. Every engine keeps these promises; the suite
 * in `test/store/contract.ts` holds them to it.
 *
 * - **Commit**: one change of one workitem and its feed entry, both or neither. When the promise of `commit` is
 *   fulfilled, the change survives the death of the process and the loss of power. When it is rejected, nothing of it
 *   is there, and the next commit works as if it had not been tried. (One failure is different: where the disk itself failed
 *   while a commit was made durable, nobody can tell; the store takes no further commits until it is opened anew.)
 * - **Version**: the position of the workitem's last commit. A commit names the version that its decision was based on;
 *   when another one was faster it is rejected with UPS_STALE_VERSION. So of any number of competitors one wins.
 * - **Feed**: one entry for each commit, in commit order. A reader that has seen a position has seen all before it:
 *   positions have no gap and no duplicate, and no entry appears later below one that could already be read.
 * - **Read your writes**: whatever is read after a fulfilled commit sees it.
 * - **Tombstone**: a deleted workitem is remembered; `load` and `retrieve` answer `deleted` for it, and its UID cannot
 *   be created again while it is.
 * - The Transaction UID is given to `load` (the write path) alone.
 *
 * Failures: UPS_STORE_UNAVAILABLE when the store cannot take or give data now (disk full, I/O error, closed).
 */
import type { Attribute, Tag } from '../dicom/dataset.ts'
import type { EventReport } from '../ups/event-reports.ts'
import type { State, Workitem } from '../ups/workitem.ts'

declare const position: unique symbol

/** A place in the feed. Opaque outside `store/` and `feed/`: order is promised per workitem only. */
export type Position = number & { readonly [position]: true }

/** What happened, by the command that did it. */
export type ChangeKind = 'create' | 'update' | 'changeState' | 'requestCancel' | 'delete'

export interface Commit {
  readonly uid: string
  /** `undefined`: the workitem must not exist (nor be remembered as deleted). */
  readonly expected: Position | undefined
  /** `undefined`: the workitem is deleted and leaves a tombstone. */
  readonly next: Workitem | undefined
  readonly kind: ChangeKind
  readonly replaced: Replaced
  readonly reports: readonly EventReport[]
  readonly at: Date
}

/** What top-level attributes held before a change; null: the attribute was not there. */
export type Replaced = Readonly<Record<Tag, Attribute | null>>

export interface FeedEntry {
  readonly position: Position
  readonly uid: string
  /** The entry before this one of the same workitem. */
  readonly previous: Position | undefined
  readonly kind: ChangeKind
  readonly at: Date
  /** State after the change; `undefined`: deleted. */
  readonly state: State | undefined
  /**
   * Undoes the change: the dataset before is the dataset after, with these put back. Empty for a creation, and for
   * every entry of a workitem that has been deleted since.
   */
  readonly replaced: Replaced
  readonly reports: readonly EventReport[]
}

export type Loaded =
  | { readonly is: 'there'; readonly workitem: Workitem; readonly version: Position }
  | { readonly is: 'deleted' }
  | { readonly is: 'unknown' }

export type Retrieved =
  { readonly is: 'there'; readonly json: string } | { readonly is: 'deleted' } | { readonly is: 'unknown' }

/** A place in the order of creation. */
declare const sequence: unique symbol
export type Sequence = number & { readonly [sequence]: true }

export interface ListOptions {
  /** Any of these states; absent: all. */
  readonly states?: readonly State[]
  /** Start behind this one. */
  readonly after?: Sequence
  readonly offset?: number
  readonly limit: number
}

export interface Listed {
  readonly sequence: Sequence
  readonly uid: string
  readonly json: string
}

export interface Store {
  /** For the write path: the workitem with its lock, and the version to commit against. */
  load(uid: string): Promise<Loaded>
  /** For readers: the canonical DICOM JSON text of one workitem. */
  retrieve(uid: string): Promise<Retrieved>
  /** In order of creation. */
  list(options: ListOptions): Promise<readonly Listed[]>
  count(states?: readonly State[]): Promise<number>
  /** Resolves with the position of the new feed entry once it is durable. */
  commit(commit: Commit): Promise<Position>
  /** At most `limit` entries behind `after` (`undefined`: from the beginning), in order. */
  readFeed(after: Position | undefined, limit: number): Promise<readonly FeedEntry[]>
  /** Waits for commits under way, then gives everything back. Closing twice is harmless. */
  close(): Promise<void>
}
