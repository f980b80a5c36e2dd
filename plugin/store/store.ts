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
 *   positions have no gap and no duplicate, and no entry appears later below one that could already be read. Old entries may
 *   be forgotten, the oldest first: `feedStart` says how far. What is left of a workitem's entries leads from its version
 *   back through `previous`, and `replaced` of each takes its dataset back to what it was before.
 * - **Read your writes**: whatever is read after a fulfilled commit sees it.
 * - **Tombstone**: a deleted workitem is remembered; `load` and `retrieve` answer `deleted` for it, and its UID cannot
 *   be created again while it is.
 * - The Transaction UID is given to `load` (the write path) alone.
 * - **Subscriptions** change with the commit that changes them: entries of one workitem with a commit of that workitem,
 *   histories (global subscriptions) with a commit of their own, which has its place in the feed. A commit of a workitem
 *   names the version of the histories that its decision was based on, and is stale like above when another was faster:
 *   so nobody's report falls between.
 * - **Backlog**: what one subscriber is to get, in commit order, written with the change that causes it; it holds copies,
 *   so that nothing is taken from it when a workitem is deleted. It grows until somebody takes a receipt for the oldest or
 *   trims it.
 *
 * Failures: UPS_STORE_UNAVAILABLE when the store cannot take or give data now (disk full, I/O error, closed).
 */
import type { Attribute, Path, Tag } from '../dicom/dataset.ts'
import type { EventName, EventReport } from '../ups/event-reports.ts'
import type { Delivery, Entry, EntryChange, GlobalCommand, GlobalRecord, Histories } from '../ups/subscription.ts'
import type { State, Workitem } from '../ups/workitem.ts'
import type { Abortable, Candidates, Criteria } from './candidates.ts'

declare const position: unique symbol

/** A place in the feed. Opaque outside `store/` and `feed/`: order is promised per workitem only. */
export type Position = number & { readonly [position]: true }

/** What happened, by the command that did it. */
export type ChangeKind =
  | 'create'
  | 'update'
  | 'changeState'
  | 'requestCancel'
  | 'cancelAbandoned'
  | 'delete'
  | 'subscribe'
  | 'unsubscribe'
  | 'suspend'

export interface Commit {
  readonly uid: string
  /** `undefined`: the workitem must not exist (nor be remembered as deleted). */
  readonly expected: Position | undefined
  /** `undefined`: the workitem is deleted and leaves a tombstone. */
  readonly next: Workitem | undefined
  readonly kind: ChangeKind
  readonly replaced: Replaced
  /** What everybody who is subscribed hears; kept in the feed. */
  readonly reports: readonly EventReport[]
  readonly at: Date
  /** The histories that the decision was based on. */
  readonly histories: Position | undefined
  readonly entries: readonly EntryChange[]
  readonly deliveries: readonly Delivery[]
}

/** What somebody does to a global subscription. */
export interface GlobalCommit {
  /** The well-known one of the worklist that was meant. */
  readonly uid: string
  readonly subscriber: string
  readonly kind: ChangeKind
  readonly change: GlobalCommand
  /** Begin an announcement: existing workitems get an initial report. */
  readonly announce: boolean
  readonly at: Date
  readonly expected: Position | undefined
}

/** What top-level attributes held before a change; null: the attribute was not there. */
export type Replaced = Readonly<Record<Tag, Attribute | null>>

export interface FeedEntry {
  readonly position: Position
  /** `there`, `deleted`: a workitem is, after this. `global`: a global subscription changed, no workitem. */
  readonly is: 'there' | 'deleted' | 'global'
  /** Of a workitem; of a well-known instance, where a global subscription changed. */
  readonly uid: string
  /** The entry before this one of the same workitem. */
  readonly previous: Position | undefined
  readonly kind: ChangeKind
  readonly at: Date
  /** State after the change, where the workitem is there. */
  readonly state: State | undefined
  /**
   * Undoes the change: the dataset before is the dataset after, with these put back. Empty for a creation, and for
   * every entry of a workitem that has been deleted since.
   */
  readonly replaced: Replaced
  readonly reports: readonly EventReport[]
}

/** A workitem, and the position behind which its entries are asked for. */
export interface Since {
  readonly uid: string
  readonly after: Position
}

export type Loaded =
  | {
      readonly is: 'there'
      readonly workitem: Workitem
      readonly version: Position
      readonly createdAt: Position
      /** The standings recorded for it, but for those of AEs that have unsubscribed from everything since. */
      readonly entries: readonly Entry[]
    }
  | { readonly is: 'deleted' }
  | { readonly is: 'unknown' }

export type Retrieved =
  { readonly is: 'there'; readonly json: string } | { readonly is: 'deleted' } | { readonly is: 'unknown' }

/** A place in the order of creation. */
declare const sequence: unique symbol
export type Sequence = number & { readonly [sequence]: true }

export interface ListOptions {
  /** Start behind this one. */
  readonly after?: Sequence
  readonly limit: number
}

/** A workitem for readers, who must not see its lock. */
export interface Listed {
  readonly sequence: Sequence
  readonly uid: string
  /** Position of its last commit. */
  readonly version: Position
  /** Canonical DICOM JSON. */
  readonly json: string
}

/** A workitem for readers, with all that is recorded of who is subscribed to it. */
export interface Attended extends Listed {
  readonly createdAt: Position
  /** As `load` gives them. */
  readonly entries: readonly Entry[]
}

/** Every global subscription, and the version to commit against. */
export interface GlobalSubscriptions {
  readonly version: Position | undefined
  readonly histories: Histories
}

/** A subscription recorded for one workitem. */
export interface Subscribed {
  readonly sequence: Sequence
  readonly uid: string
  readonly entry: Entry
}

/** The place of a report in the backlog of one subscriber. Opaque, but for `comparePlaces`. */
export interface Place {
  /** 0: a report of present values, in the place of lost ones. */
  readonly position: number
  readonly ordinal: number
}

export const comparePlaces = (a: Place, b: Place): number => a.position - b.position || a.ordinal - b.ordinal

/** Undefined: a place before all. */
export const isBeyond = (place: Place, other: Place | undefined): boolean =>
  other === undefined || comparePlaces(place, other) > 0

export interface Waiting {
  readonly place: Place
  /** Of the workitem. */
  readonly uid: string
  readonly event: EventName
  /** The event information, a dataset in canonical DICOM JSON; undefined: a State Report of the values at this moment. */
  readonly information: string | undefined
}

export interface BacklogSize {
  readonly subscriber: string
  readonly waiting: number
  /** How many reports were ever dropped. */
  readonly dropped: number
}

/** The initial reports that a global subscription with lock still owes. */
export interface Announcement {
  readonly subscriber: string
  /** The global subscription. */
  readonly operation: Position
}

export interface Candidate extends Extract<Loaded, { is: 'there' }> {
  readonly sequence: Sequence
}

export interface AnnouncedBatch {
  readonly announcement: Announcement
  /** Workitems up to here have been looked at. */
  readonly through: Sequence
  readonly reports: readonly { readonly uid: string; readonly expected: Position; readonly report: EventReport }[]
}

/**
 * Called after commits with how many reports they added for whom; 0: an announcement has begun. A hint to look, no promise:
 * it may be missed.
 */
export type Watcher = (added: ReadonlyMap<string, number>) => void

/** How many workitems are done, and of how many. */
export type Progress = (done: number, all: number) => void

export interface Store {
  /** For the write path: the workitem with its lock, and the version to commit against. */
  load(uid: string): Promise<Loaded>
  /** For readers: the canonical DICOM JSON text of one workitem. */
  retrieve(uid: string): Promise<Retrieved>
  /** Those of them that are there, in the order asked. */
  retrieveAll(uids: readonly string[]): Promise<readonly Listed[]>
  /** In order of creation. */
  list(options: ListOptions): Promise<readonly Listed[]>
  count(): Promise<number>
  /** The store's own search. It sees every commit that was fulfilled before. */
  find(criteria: Criteria): Promise<Candidates>
  /**
   * Texts that workitems hold at that path, without padding: all of them, or `most` if they are more; perhaps also some that
   * only workitems held that are gone. Of a key of text that every server matches by (Table CC.2.5-3, R) without looking at
   * each workitem. Once the signal is aborted it may be any of them.
   */
  values(path: Path, most: number, signal?: Abortable): Promise<readonly string[]>
  /**
   * Makes the index of the store's own search anew; who asks meanwhile joins. Searches are right all the time.
   * @returns how many workitems
   */
  reindex(progress?: Progress): Promise<number>
  /** Resolves with the position of the new feed entry once it is durable. */
  commit(commit: Commit): Promise<Position>
  /** At most `limit` entries behind `after` (`undefined`: from the beginning), in order. */
  readFeed(after: Position | undefined, limit: number): Promise<readonly FeedEntry[]>
  /**
   * The entries of these workitems behind those positions, as far as they are kept, in feed order; nothing of one that is gone.
   * A UID comes once.
   */
  histories(of: readonly Since[]): Promise<readonly FeedEntry[]>
  /** Every entry behind it can be read. Undefined: all that there ever was. */
  feedStart(): Promise<Position | undefined>
  /** Position of the newest entry; undefined: nothing has been committed yet. */
  head(): Promise<Position | undefined>
  /** How far a consumer of the feed has come, which is nowhere before it first says. */
  cursor(consumer: string): Promise<Position | undefined>
  /** Everything up to `to` has been applied. Undefined: the consumer is no more. */
  moveCursor(consumer: string, to: Position | undefined): Promise<void>

  globalSubscriptions(): Promise<GlobalSubscriptions>
  /** Those of them that are there, in the order asked. It costs as much for many as for one, but for what is read. */
  attended(uids: readonly string[]): Promise<readonly Attended[]>
  /** Resolves with the position of its feed entry, which is the new version of the histories. */
  commitGlobal(commit: GlobalCommit): Promise<Position>
  /** Whether an entry says that the AE is subscribed. */
  hasEntries(subscriber: string): Promise<boolean>
  /** Whether an entry was recorded after that moment that this record has no part in. */
  hasEntryWithout(record: GlobalRecord, subscriber: string, moment: number): Promise<boolean>
  /** AEs that are subscribed to anything. */
  subscribers(): Promise<readonly string[]>
  /** Recorded subscriptions of one AE, in order of creation of the workitems. */
  listEntries(
    subscriber: string,
    options: { readonly after?: Sequence; readonly limit: number },
  ): Promise<readonly Subscribed[]>

  /** At most `limit` reports behind `after`, in order; fewer where they are large, none only where there are none. */
  readBacklog(subscriber: string, after: Place | undefined, limit: number): Promise<readonly Waiting[]>
  /** The subscriber has them all, up to and with this one. */
  receipt(subscriber: string, through: Place): Promise<void>
  /**
   * Drops the oldest until `keep` are left, Cancel Requested last of all, and puts one report of present values in front for
   * each workitem that lost one. @returns how many were dropped
   */
  trimBacklog(subscriber: string, keep: number): Promise<number>
  backlogs(): Promise<readonly BacklogSize[]>
  watch(watcher: Watcher): () => void

  announcements(): Promise<readonly Announcement[]>
  /** The next workitems that were there when the subscription came; none: it owes nothing more. */
  readAnnouncement(announcement: Announcement, limit: number): Promise<readonly Candidate[]>
  /** Rejected with UPS_STALE_VERSION, all of it, when one of the workitems or any history has changed since. */
  announce(batch: AnnouncedBatch, histories: Position | undefined): Promise<void>
  /** The announcement owes nothing more. */
  endAnnouncement(announcement: Announcement): Promise<void>
  /** Forgets some of what AEs had recorded that have unsubscribed from everything. @returns whether there may be more */
  forgetEntries(limit: number): Promise<boolean>

  /** Waits for commits under way, then gives everything back. Closing twice is harmless. */
  close(): Promise<void>
}
