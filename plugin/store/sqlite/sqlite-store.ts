/** The embedded engine of the store, on `node:sqlite`. Its promises are those of `store.ts`. */
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import { stringifyDataset } from '../../dicom/json.ts'
import { UpsError } from '../../errors.ts'
import type { EventReport } from '../../ups/event-reports.ts'
import { isState, type State, type Workitem } from '../../ups/workitem.ts'
import type {
  ChangeKind,
  Commit,
  FeedEntry,
  Listed,
  ListOptions,
  Loaded,
  Position,
  Replaced,
  Retrieved,
  Sequence,
  Store,
} from '../store.ts'
import { storedDataset } from '../stored-dataset.ts'
import { GroupCommit, type Outcome, type Writer } from './group-commit.ts'
import type { Hold } from './hold.ts'

type Row = Record<string, SQLOutputValue>

export class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #hold: Hold
  readonly #sql: Statements
  readonly #commits: GroupCommit<Commit, Position>

  constructor(database: DatabaseSync, hold: Hold) {
    this.#database = database
    this.#hold = hold
    this.#sql = prepare(database)
    this.#commits = new GroupCommit(database, new CommitWriter(this.#sql))
  }

  load(uid: string): Promise<Loaded> {
    return this.#answer(() => {
      const row = this.#sql.load.get(uid)
      if (!row) return UNKNOWN
      return row.uid === null ? DELETED : { is: 'there', workitem: workitemOf(row), version: row.position as Position }
    })
  }

  retrieve(uid: string): Promise<Retrieved> {
    return this.#answer(() => {
      const row = this.#sql.retrieve.get(uid)
      if (row) return { is: 'there', json: row.dataset as string }
      return this.#sql.tombstone.get(uid) ? DELETED : UNKNOWN
    })
  }

  list({ states, after, offset = 0, limit }: ListOptions): Promise<readonly Listed[]> {
    return this.#answer(() => {
      const rows = states
        ? this.#sql.listByState.all(JSON.stringify(states), after ?? 0, limit, offset)
        : this.#sql.list.all(after ?? 0, limit, offset)
      return rows.map((row) => ({
        sequence: row.sequence as Sequence,
        uid: row.uid as string,
        json: row.dataset as string,
      }))
    })
  }

  count(states?: readonly State[]): Promise<number> {
    return this.#answer(() => {
      const row = states ? this.#sql.countByState.get(JSON.stringify(states)) : this.#sql.count.get()
      return Number(row?.n)
    })
  }

  async commit(commit: Commit): Promise<Position> {
    if (!this.#database.isOpen) throw unavailable(undefined)
    try {
      return await this.#commits.submit(commit)
    } catch (error) {
      throw error instanceof UpsError ? error : unavailable(error)
    }
  }

  readFeed(after: Position | undefined, limit: number): Promise<readonly FeedEntry[]> {
    return this.#answer(() => this.#sql.readFeed.all(after ?? 0, limit).map(entryOf))
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

  async #answer<Result>(read: () => Result): Promise<Result> {
    try {
      return read()
    } catch (error) {
      throw unavailable(error)
    }
  }
}

const DELETED = { is: 'deleted' } as const
const UNKNOWN = { is: 'unknown' } as const

const unavailable = (cause: unknown): UpsError =>
  new UpsError('UPS_STORE_UNAVAILABLE', 'The store cannot take or give data now.', { cause })

/** Applies commits inside the transaction of the group, handing out positions as it goes. */
class CommitWriter implements Writer<Commit, Position> {
  readonly #sql: Statements
  /** Of the feed; undefined: to be read. */
  #head: number | undefined

  constructor(sql: Statements) {
    this.#sql = sql
  }

  apply(commit: Commit): Outcome<Position> {
    const position = ((this.#head ??= this.#readHead()) + 1) as Position
    if (!this.#write(commit, position)) {
      const message = `The workitem ${commit.uid} is no longer at the version that the change was decided on.`
      return { ok: false, error: new UpsError('UPS_STALE_VERSION', message) }
    }
    this.#sql.insertFeed.run(
      position,
      commit.uid,
      commit.expected ?? null,
      commit.kind,
      commit.at.getTime(),
      commit.next?.state ?? null,
      commit.expected === undefined ? null : JSON.stringify(commit.replaced),
      JSON.stringify(commit.reports),
    )
    this.#head = position
    return { ok: true, result: position }
  }

  forget(): void {
    this.#head = undefined
  }

  #readHead(): number {
    return Number(this.#sql.head.get()?.seq ?? 0)
  }

  /** Whether the workitem was at the expected version. */
  #write({ uid, expected, next, at }: Commit, position: Position): boolean {
    if (expected === undefined) return next !== undefined && this.#insert(next, position)
    if (next === undefined) return this.#delete(uid, expected, position, at)
    const changed = this.#sql.update.run(
      position,
      next.state,
      next.lock?.transactionUid ?? null,
      next.lock?.performer ?? null,
      next.finishedAt?.getTime() ?? null,
      stringifyDataset(next.attributes),
      uid,
      expected,
    )
    return changed.changes === 1
  }

  #insert(next: Workitem, position: Position): boolean {
    const { lock, finishedAt } = next
    const changed = this.#sql.insert.run(
      next.uid,
      position,
      next.state,
      next.receivingAE,
      lock?.transactionUid ?? null,
      lock?.performer ?? null,
      finishedAt?.getTime() ?? null,
      stringifyDataset(next.attributes),
      next.uid,
    )
    return changed.changes === 1
  }

  #delete(uid: string, expected: Position, position: Position, at: Date): boolean {
    if (this.#sql.remove.run(uid, expected).changes !== 1) return false
    this.#sql.bury.run(uid, at.getTime(), position)
    // What the workitem once held goes with it (decisions.md 7).
    for (let entry: SQLOutputValue | undefined = expected; entry; entry = this.#sql.previous.get(entry)?.previous) {
      this.#sql.blank.run(entry)
    }
    return true
  }
}

type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>

const SQL = {
  // One round: the workitem, or a row of nulls for a tombstone, or nothing.
  load: `SELECT uid, position, state, receiving_ae, transaction_uid, performer, finished_at, dataset
         FROM workitem WHERE uid = ?1
         UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM tombstone WHERE uid = ?1`,
  retrieve: 'SELECT dataset FROM workitem WHERE uid = ?',
  tombstone: 'SELECT 1 FROM tombstone WHERE uid = ?',
  // What is skipped and sorted is the index alone, not the datasets.
  list: `SELECT w.sequence, w.uid, w.dataset
         FROM (SELECT sequence FROM workitem WHERE sequence > ? ORDER BY sequence LIMIT ? OFFSET ?) page
         JOIN workitem w ON w.sequence = page.sequence ORDER BY w.sequence`,
  listByState: `SELECT w.sequence, w.uid, w.dataset
                FROM (SELECT sequence FROM workitem WHERE state IN (SELECT value FROM json_each(?)) AND sequence > ?
                      ORDER BY sequence LIMIT ? OFFSET ?) page
                JOIN workitem w ON w.sequence = page.sequence ORDER BY w.sequence`,
  count: 'SELECT count(*) AS n FROM workitem',
  countByState: 'SELECT count(*) AS n FROM workitem WHERE state IN (SELECT value FROM json_each(?))',
  insert: `INSERT INTO workitem
             (uid, position, state, receiving_ae, transaction_uid, performer, finished_at, dataset)
           SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE uid = ?)
           ON CONFLICT (uid) DO NOTHING`,
  update: `UPDATE workitem
           SET position = ?, state = ?, transaction_uid = ?, performer = ?, finished_at = ?, dataset = ?
           WHERE uid = ? AND position = ?`,
  remove: 'DELETE FROM workitem WHERE uid = ? AND position = ?',
  bury: 'INSERT INTO tombstone (uid, deleted_at, position) VALUES (?, ?, ?)',
  insertFeed: `INSERT INTO feed (position, uid, previous, kind, at, state, replaced, reports)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  previous: 'SELECT previous FROM feed WHERE position = ?',
  blank: "UPDATE feed SET replaced = NULL, reports = '[]' WHERE position = ?",
  head: "SELECT seq FROM sqlite_sequence WHERE name = 'feed'",
  readFeed: `SELECT position, uid, previous, kind, at, state, replaced, reports
             FROM feed WHERE position > ? ORDER BY position LIMIT ?`,
} as const

function prepare(database: DatabaseSync): Statements {
  const entries = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)] as const)
  return Object.fromEntries(entries) as Statements
}

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
  return {
    position: row.position as Position,
    uid: row.uid as string,
    previous: row.previous === null ? undefined : (row.previous as Position),
    kind: row.kind as ChangeKind,
    at: new Date(row.at as number),
    state: row.state === null ? undefined : stateOf(row.state),
    replaced: row.replaced === null ? {} : (JSON.parse(row.replaced as string) as Replaced),
    reports: JSON.parse(row.reports as string) as readonly EventReport[],
  }
}
