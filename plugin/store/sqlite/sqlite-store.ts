/** The embedded engine of the store, on `node:sqlite`. Its promises are those of `store.ts`. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Path } from '../../dicom/dataset.ts'
import { UpsError } from '../../errors.ts'
import type { EventReport } from '../../ups/event-reports.ts'
import type { GlobalRecord } from '../../ups/subscription.ts'
import { isGlobalUid } from '../../ups/tags.ts'
import { isState, type State, type Workitem } from '../../ups/workitem.ts'
import type { Abortable, Candidates, Criteria } from '../candidates.ts'
import type {
  AnnouncedBatch,
  Announcement,
  Attended,
  BacklogSize,
  Candidate,
  ChangeKind,
  Commit,
  FeedEntry,
  GlobalCommit,
  GlobalSubscriptions,
  Listed,
  ListOptions,
  Loaded,
  Place,
  Position,
  Progress,
  Replaced,
  Retrieved,
  Sequence,
  Since,
  Store,
  Subscribed,
  Waiting,
  Watcher,
} from '../store.ts'
import { storedDataset } from '../stored-dataset.ts'
import { BacklogWriter } from './backlog.ts'
import { DONE, GroupCommit, type Unit } from './group-commit.ts'
import type { Hold } from './hold.ts'
import { Ledger } from './ledger.ts'
import { SearchFinder } from './search-finder.ts'
import { type Reindexed, SearchIndex } from './search-index.ts'
import { SearchReader } from './search-reader.ts'
import { prepareAll, type Row, type Statements } from './statements.ts'
import { Subscriptions } from './subscriptions.ts'
import { WorkitemCommits } from './workitem-commits.ts'

export class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #hold: Hold
  readonly #sql: Statements<typeof SQL>
  readonly #commits: GroupCommit
  readonly #ledger: Ledger
  readonly #workitems: WorkitemCommits
  readonly #subscriptions: Subscriptions
  readonly #backlog: BacklogWriter
  readonly #index: SearchIndex
  readonly #reader: SearchReader
  readonly #finder: SearchFinder
  readonly #watchers = new Set<Watcher>()
  #reindexing: Promise<number> | undefined
  readonly #reindexProgress = new Set<Progress>()

  /**
   * Fulfilled once the index of search holds every workitem: after a new version of it, those that were there before are
   * indexed little by little. Searches look at all workitems meanwhile. False: it could not be, and is when the store is opened
   * the next time.
   */
  readonly indexed: Promise<boolean>

  constructor(database: DatabaseSync, hold: Hold) {
    this.#database = database
    this.#hold = hold
    this.#sql = prepareAll(database, SQL)
    this.#ledger = new Ledger(database, (added) => {
      for (const watcher of this.#watchers) watcher(added)
    })
    this.#backlog = new BacklogWriter(database, this.#ledger)
    this.#subscriptions = new Subscriptions(database, this.#ledger, this.#backlog)
    this.#index = new SearchIndex(database)
    this.#reader = new SearchReader(database, guarded)
    this.#finder = new SearchFinder(this.#index, this.#reader)
    this.#workitems = new WorkitemCommits(database, this.#ledger, this.#backlog, this.#index)
    this.#commits = new GroupCommit(database, {
      forget: () => {
        this.#ledger.forget()
        this.#index.forget()
      },
      committed: () => {
        this.#index.committed()
        this.#ledger.committed()
        if (this.#index.isFull) void this.#writeIndex()
      },
    })
    this.indexed = this.#indexAll().catch(() => false)
  }

  get isIndexed(): boolean {
    return this.#index.isComplete
  }

  load(uid: string): Promise<Loaded> {
    return this.#answer(() => {
      const row = this.#sql.load.get(uid)
      if (!row) return UNKNOWN
      return row.uid === null ? DELETED : this.#loaded(row)
    })
  }

  retrieve(uid: string): Promise<Retrieved> {
    return this.#answer(() => {
      const row = this.#sql.retrieve.get(uid)
      if (row) return { is: 'there', json: row.dataset as string }
      return this.#sql.tombstone.get(uid) ? DELETED : UNKNOWN
    })
  }

  retrieveAll(uids: readonly string[]): Promise<readonly Listed[]> {
    return this.#answer(() => this.#reader.retrieve(uids))
  }

  list({ after, limit }: ListOptions): Promise<readonly Listed[]> {
    return this.#answer(() => this.#reader.list(after ?? 0, limit, 0))
  }

  count(): Promise<number> {
    return this.#answer(() => this.#reader.countAll())
  }

  find(criteria: Criteria): Promise<Candidates> {
    return this.#answer(() => this.#finder.find(criteria))
  }

  async values(path: Path, most: number, signal?: Abortable): Promise<readonly string[]> {
    return this.#finder.values(path, most, signal)
  }

  reindex(progress?: Progress): Promise<number> {
    if (progress) this.#reindexProgress.add(progress)
    return (this.#reindexing ??= this.#indexAgain().finally(() => {
      this.#reindexing = undefined
      this.#reindexProgress.clear()
    }))
  }

  commit(commit: Commit): Promise<Position> {
    return this.#write(() => this.#workitems.apply(commit))
  }

  readFeed(after: Position | undefined, limit: number): Promise<readonly FeedEntry[]> {
    return this.#answer(() => this.#sql.readFeed.all(after ?? 0, limit).map(entryOf))
  }

  histories(of: readonly Since[]): Promise<readonly FeedEntry[]> {
    return this.#answer(() => this.#sql.histories.all(JSON.stringify(of)).map(entryOf))
  }

  feedStart(): Promise<Position | undefined> {
    return this.#answer(() => {
      const first = this.#sql.firstEntry.get()?.position as number | null
      // Where everything has been forgotten, it was up to the head.
      return ((first === null ? this.#ledger.head : first - 1) || undefined) as Position | undefined
    })
  }

  head(): Promise<Position | undefined> {
    return this.#answer(() => (this.#ledger.head || undefined) as Position | undefined)
  }

  cursor(consumer: string): Promise<Position | undefined> {
    return this.#answer(() => this.#sql.cursor.get(consumer)?.position as Position | undefined)
  }

  moveCursor(consumer: string, to: Position | undefined): Promise<void> {
    return this.#write(() => {
      if (to === undefined) this.#sql.endCursor.run(consumer)
      else this.#sql.moveCursor.run(consumer, to)
      return DONE
    })
  }

  globalSubscriptions(): Promise<GlobalSubscriptions> {
    return this.#answer(() => this.#ledger.globals)
  }

  attended(uids: readonly string[]): Promise<readonly Attended[]> {
    return this.#answer(() => this.#subscriptions.attended(uids))
  }

  commitGlobal(commit: GlobalCommit): Promise<Position> {
    return this.#write(() => this.#subscriptions.commit(commit), 'last')
  }

  hasEntries(subscriber: string): Promise<boolean> {
    return this.#answer(() => this.#subscriptions.hasEntries(subscriber))
  }

  hasEntryWithout(record: GlobalRecord, subscriber: string, moment: number): Promise<boolean> {
    return this.#answer(() => this.#subscriptions.hasEntryWithout(record, subscriber, moment))
  }

  subscribers(): Promise<readonly string[]> {
    return this.#answer(() => this.#subscriptions.subscribers())
  }

  listEntries(
    subscriber: string,
    { after, limit }: { readonly after?: Sequence; readonly limit: number },
  ): Promise<readonly Subscribed[]> {
    return this.#answer(() => this.#subscriptions.list(subscriber, after, limit))
  }

  readBacklog(subscriber: string, after: Place | undefined, limit: number): Promise<readonly Waiting[]> {
    return this.#answer(() => this.#backlog.read(subscriber, after, limit))
  }

  receipt(subscriber: string, through: Place): Promise<void> {
    return this.#write(() => this.#backlog.receipt(subscriber, through))
  }

  trimBacklog(subscriber: string, keep: number): Promise<number> {
    return this.#write(() => this.#backlog.trim(subscriber, keep))
  }

  backlogs(): Promise<readonly BacklogSize[]> {
    return this.#answer(() => this.#backlog.sizes())
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  announcements(): Promise<readonly Announcement[]> {
    return this.#answer(() => this.#subscriptions.announcements())
  }

  readAnnouncement(announcement: Announcement, limit: number): Promise<readonly Candidate[]> {
    return this.#answer(() =>
      this.#subscriptions
        .candidates(announcement, limit)
        .map((row) => ({ ...this.#loaded(row), sequence: row.sequence as Sequence })),
    )
  }

  announce(batch: AnnouncedBatch, histories: Position | undefined): Promise<void> {
    return this.#write(() => this.#subscriptions.announce(batch, histories))
  }

  endAnnouncement(announcement: Announcement): Promise<void> {
    return this.#write(() => this.#subscriptions.endAnnouncement(announcement))
  }

  forgetEntries(limit: number): Promise<boolean> {
    return this.#write(() => this.#subscriptions.forget(limit))
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    try {
      this.#commits.flush()
      this.#database.close()
    } finally {
      this.#hold.release()
    }
  }

  #loaded(row: Row): Extract<Loaded, { is: 'there' }> {
    return {
      is: 'there',
      workitem: workitemOf(row),
      version: row.position as Position,
      createdAt: row.created_at as Position,
      entries: this.#subscriptions.entriesOf(row.sequence as number),
    }
  }

  async #write<Result>(unit: Unit<Result>, place?: 'last'): Promise<Result> {
    if (!this.#database.isOpen) throw unavailable(undefined)
    try {
      return await this.#commits.submit(unit, place)
    } catch (error) {
      throw error instanceof UpsError ? error : unavailable(error)
    }
  }

  async #answer<Result>(read: () => Result): Promise<Result> {
    return guarded(read)
  }

  /** With the next commit, and made durable with it. What fails is tried again with the one after it. */
  async #writeIndex(): Promise<void> {
    await this.#write(() => this.#index.write(), 'last').catch(() => undefined)
  }

  async #indexAll(): Promise<boolean> {
    while (!this.#index.isComplete) {
      await this.#write(() => this.#index.step())
      guarded(() => this.#index.look())
    }
    return true
  }

  /** In place: searches go on in the index meanwhile. */
  async #indexAgain(): Promise<number> {
    let done = 0
    for (let after: number | undefined = 0; after !== undefined;) {
      const from: number = after
      const step: Reindexed = await this.#write(() => this.#index.again(from))
      done += step.count
      after = step.last
      const all = Math.max(
        done,
        guarded(() => this.#reader.countAll()),
      )
      for (const progress of this.#reindexProgress) progress(done, all)
    }
    return done
  }
}

function guarded<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw unavailable(error)
  }
}

const DELETED = { is: 'deleted' } as const
const UNKNOWN = { is: 'unknown' } as const

const unavailable = (cause: unknown): UpsError =>
  new UpsError('UPS_STORE_UNAVAILABLE', 'The store cannot take or give data now.', { cause })

const SQL = {
  // One round: the workitem, or a row of nulls for a tombstone, or nothing.
  load: `SELECT uid, sequence, position, created_at, state, receiving_ae, transaction_uid, performer, finished_at, dataset
         FROM workitem WHERE uid = ?1
         UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM tombstone WHERE uid = ?1`,
  retrieve: 'SELECT dataset FROM workitem WHERE uid = ?',
  tombstone: 'SELECT 1 FROM tombstone WHERE uid = ?',
  cursor: 'SELECT position FROM feed_cursor WHERE consumer = ?',
  moveCursor: `INSERT INTO feed_cursor (consumer, position) VALUES (?, ?)
               ON CONFLICT (consumer) DO UPDATE SET position = excluded.position`,
  endCursor: 'DELETE FROM feed_cursor WHERE consumer = ?',
  readFeed: `SELECT position, uid, previous, kind, at, state, replaced, reports
             FROM feed WHERE position > ? ORDER BY position LIMIT ?`,
  firstEntry: 'SELECT min(position) AS position FROM feed',
  // CROSS JOIN keeps this order: a workitem for each that is asked for, then its chain, an entry at a time.
  histories: `WITH RECURSIVE chain (position, lowest) AS (
                SELECT w.position, asked.value ->> 'after'
                FROM json_each(?) asked CROSS JOIN workitem w ON w.uid = asked.value ->> 'uid'
                WHERE w.position > asked.value ->> 'after'
                UNION ALL
                SELECT f.previous, c.lowest
                FROM chain c CROSS JOIN feed f ON f.position = c.position
                WHERE f.previous > c.lowest
              )
              SELECT position, uid, previous, kind, at, state, replaced, reports
              FROM feed WHERE position IN (SELECT position FROM chain) ORDER BY position`,
} as const

function workitemOf(row: Row): Workitem {
  return {
    uid: row.uid as string,
    state: stateOf(row.state),
    receivingAE: row.receiving_ae as string,
    attributes: storedDataset(row.dataset as string),
    ...(row.transaction_uid === null ? {} : { lock: lockOf(row) }),
    ...(row.finished_at === null ? {} : { finishedAt: new Date(row.finished_at as number) }),
  }
}

const lockOf = (row: Row) => ({
  transactionUid: row.transaction_uid as string,
  ...(row.performer === null ? {} : { performer: row.performer as string }),
})

function stateOf(value: SQLOutputValue | undefined): State {
  const state = String(value)
  if (!isState(state)) throw new TypeError('The store holds a workitem in a state that does not exist.')
  return state
}

function entryOf(row: Row): FeedEntry {
  const uid = row.uid as string
  return {
    position: row.position as Position,
    is: row.state === null ? (isGlobalUid(uid) ? 'global' : 'deleted') : 'there',
    uid,
    previous: row.previous === null ? undefined : (row.previous as Position),
    kind: row.kind as ChangeKind,
    at: new Date(row.at as number),
    state: row.state === null ? undefined : stateOf(row.state),
    replaced: row.replaced === null ? {} : (JSON.parse(row.replaced as string) as Replaced),
    reports: JSON.parse(row.reports as string) as readonly EventReport[],
  }
}
