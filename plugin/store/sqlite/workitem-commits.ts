/** Writes commits of workitems inside the transaction of the group. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { stringifyDataset } from '../../dicom/json.ts'
import type { EntryChange } from '../../ups/subscription.ts'
import type { Workitem } from '../../ups/workitem.ts'
import type { Commit, Position } from '../store.ts'
import type { BacklogWriter } from './backlog.ts'
import type { Outcome } from './group-commit.ts'
import { type Ledger, stale } from './ledger.ts'
import type { SearchIndex } from './search-index.ts'
import { prepareAll, type Statements } from './statements.ts'

export class WorkitemCommits {
  readonly #sql: Statements<typeof SQL>
  readonly #ledger: Ledger
  readonly #backlog: BacklogWriter
  readonly #search: SearchIndex

  constructor(database: DatabaseSync, ledger: Ledger, backlog: BacklogWriter, search: SearchIndex) {
    this.#sql = prepareAll(database, SQL)
    this.#ledger = ledger
    this.#backlog = backlog
    this.#search = search
  }

  apply(commit: Commit): Outcome<Position> {
    if (commit.histories !== this.#ledger.globals.version) return stale('The global subscriptions are')
    const position = (this.#ledger.head + 1) as Position
    if (!this.#write(commit, position)) return stale(`The workitem ${commit.uid} is`)
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
    this.#ledger.head = position
    for (const change of commit.entries) this.#record(commit.uid, change, position)
    this.#backlog.deliver(commit.uid, position, commit.deliveries)
    return { ok: true, result: position }
  }

  /** Whether the workitem was at the expected version. */
  #write({ uid, expected, next, replaced, at }: Commit, position: Position): boolean {
    if (expected === undefined) return next !== undefined && this.#insert(next, position)
    if (next === undefined) return this.#delete(uid, expected, position, at)
    const changed = this.#sql.update.get(
      position,
      next.state,
      next.lock?.transactionUid ?? null,
      next.lock?.performer ?? null,
      next.finishedAt?.getTime() ?? null,
      stringifyDataset(next.attributes),
      uid,
      expected,
    )
    if (changed === undefined) return false
    this.#search.change(changed.sequence as number, next.attributes, replaced)
    return true
  }

  #insert(next: Workitem, position: Position): boolean {
    const { lock, finishedAt } = next
    const changed = this.#sql.insert.run(
      next.uid,
      position,
      position,
      next.state,
      next.receivingAE,
      lock?.transactionUid ?? null,
      lock?.performer ?? null,
      finishedAt?.getTime() ?? null,
      stringifyDataset(next.attributes),
      next.uid,
    )
    if (changed.changes !== 1) return false
    this.#search.add(Number(changed.lastInsertRowid), next.attributes)
    return true
  }

  #delete(uid: string, expected: Position, position: Position, at: Date): boolean {
    const sequence = this.#sql.at.get(uid, expected)?.sequence
    if (sequence === undefined) return false
    this.#search.remove(sequence as number)
    // They refer to it, so they go first.
    this.#sql.removeEntries.run(sequence)
    this.#sql.remove.run(uid)
    this.#sql.bury.run(uid, at.getTime(), position)
    // What the workitem once held goes with it (decisions.md 7).
    for (let entry: SQLOutputValue | undefined = expected; entry; entry = this.#sql.previous.get(entry)?.previous) {
      this.#sql.blank.run(entry)
    }
    return true
  }

  #record(uid: string, change: EntryChange, position: Position): void {
    const subscriber = this.#ledger.numberOf(change.subscriber)
    if (!('makers' in change)) {
      this.#sql.forgetEntry.run(uid, subscriber)
      return
    }
    const { state, makers, since = position } = change
    this.#sql.record.run(subscriber, state, JSON.stringify(makers), since, position, uid)
  }
}

const SQL = {
  insert: `INSERT INTO workitem
             (uid, position, created_at, state, receiving_ae, transaction_uid, performer, finished_at, dataset)
           SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE uid = ?)
           ON CONFLICT (uid) DO NOTHING`,
  update: `UPDATE workitem
           SET position = ?, state = ?, transaction_uid = ?, performer = ?, finished_at = ?, dataset = ?
           WHERE uid = ? AND position = ? RETURNING sequence`,
  at: 'SELECT sequence FROM workitem WHERE uid = ? AND position = ?',
  removeEntries: 'DELETE FROM entry WHERE workitem = ?',
  remove: 'DELETE FROM workitem WHERE uid = ?',
  bury: 'INSERT INTO tombstone (uid, deleted_at, position) VALUES (?, ?, ?)',
  insertFeed: `INSERT INTO feed (position, uid, previous, kind, at, state, replaced, reports)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  previous: 'SELECT previous FROM feed WHERE position = ?',
  blank: "UPDATE feed SET replaced = NULL, reports = '[]' WHERE position = ?",
  record: `INSERT INTO entry (subscriber, state, makers, since, position, workitem)
           SELECT ?, ?, ?, ?, ?, sequence FROM workitem WHERE uid = ?
           ON CONFLICT (workitem, subscriber) DO UPDATE
           SET state = excluded.state, makers = excluded.makers, since = excluded.since, position = excluded.position`,
  forgetEntry: 'DELETE FROM entry WHERE workitem = (SELECT sequence FROM workitem WHERE uid = ?) AND subscriber = ?',
} as const
