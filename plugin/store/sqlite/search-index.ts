/**
 * Writes the index of search. Terms are taken when a workitem changes, and written together, sorted: when somebody searches,
 * or when they are many. That costs half of what it costs to write them with each change. What a crash leaves unwritten is
 * found again in the feed.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Dataset, Tag } from '../../dicom/dataset.ts'
import { INDEX_VERSION, INDEXED_KEYS } from '../../ups/index-keys.ts'
import { indexTerms } from '../../ups/index-terms.ts'
import type { Replaced } from '../store.ts'
import { storedDataset } from '../stored-dataset.ts'
import { DONE, type Memory, type Outcome } from './group-commit.ts'
import { prepareAll, type Row, type Statements } from './statements.ts'

/** Workitems in one step of a new index: others wait for it. */
const STEP = 200

/** Changes that are kept in memory. */
const MANY = 256

/** How many, and the last of them. */
export interface Reindexed {
  readonly count: number
  readonly last: number | undefined
}

export class SearchIndex implements Memory {
  readonly #database: DatabaseSync
  readonly #sql: Statements<typeof SQL>
  #isComplete = false
  /** Terms of workitems by sequence: of those that are committed, and of those of the transaction under way. */
  readonly #pending = new Map<number, string>()
  readonly #uncommitted = new Map<number, string>()
  /** By the transaction under way. */
  readonly #removed = new Set<number>()
  /** The transaction under way holds them all. */
  #isWritten = false

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#sql = prepareAll(database, SQL)
    const isCurrent = this.#sql.progress.get()?.version === INDEX_VERSION
    this.#inTransaction(() => (isCurrent ? this.#catchUp() : this.#begin()))
    this.#isComplete = this.#isDone()
  }

  /** Whether all workitems that were there before the index are in it. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  get isFull(): boolean {
    return this.#pending.size >= MANY
  }

  add(sequence: number, dataset: Dataset): void {
    this.#uncommitted.set(sequence, indexTerms(dataset))
  }

  change(sequence: number, dataset: Dataset, replaced: Replaced): void {
    if (Object.keys(replaced).some(isIndexed)) this.add(sequence, dataset)
  }

  /** At once: afterwards nobody could tell which one it was. */
  remove(sequence: number): void {
    this.#sql.remove.run(sequence)
    this.#removed.add(sequence)
  }

  forget(): void {
    this.#uncommitted.clear()
    this.#removed.clear()
    this.#isWritten = false
  }

  committed(): void {
    if (this.#isWritten) this.#pending.clear()
    else for (const [sequence, terms] of this.#uncommitted) this.#pending.set(sequence, terms)
    for (const sequence of this.#removed) this.#pending.delete(sequence)
    this.forget()
  }

  /** Writes what is pending, as the last of a transaction. */
  write(): Outcome<void> {
    const inOrder = [...this.#pending, ...this.#uncommitted].toSorted(([a], [b]) => a - b)
    for (const [sequence, terms] of inOrder) {
      if (!this.#removed.has(sequence)) this.#sql.put.run(sequence, terms)
    }
    this.#sql.reached.run()
    this.#isWritten = true
    return DONE
  }

  /** It need not be waited for until it is on disk: a crash would only have it written again. */
  writeNow(): void {
    if (this.#pending.size === 0) return
    this.#database.exec('PRAGMA synchronous = NORMAL')
    try {
      this.#inTransaction(() => this.write())
      this.committed()
    } catch (error) {
      this.forget()
      throw error
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL')
    }
  }

  /** Some of those that were there before. @returns how many */
  step(): Outcome<number> {
    const rows = this.#sql.next.all(STEP)
    for (const row of rows) this.#put(row)
    const through = rows.at(-1)?.sequence
    if (through === undefined || rows.length < STEP) this.#sql.finish.run()
    else this.#sql.proceed.run(through)
    return { ok: true, result: rows.length }
  }

  /** Indexes some workitems behind that one again; where there are none, rows of workitems that are no more go. */
  again(after: number): Outcome<Reindexed> {
    const rows = this.#sql.behind.all(after, STEP)
    for (const row of rows) this.#put(row)
    if (rows.length === 0) this.#sql.removeStrays.run()
    return { ok: true, result: { count: rows.length, last: rows.at(-1)?.sequence as number | undefined } }
  }

  /** The transaction of a step is durable. */
  look(): void {
    this.#isComplete ||= this.#isDone()
  }

  #isDone(): boolean {
    const { through, last } = this.#sql.progress.get() ?? {}
    return Number(through) >= Number(last)
  }

  #begin(): void {
    this.#sql.clear.run()
    this.#sql.begin.run(INDEX_VERSION)
    this.#sql.reached.run()
  }

  #catchUp(): void {
    for (const row of this.#sql.missed.iterate()) this.#put(row)
    this.#sql.reached.run()
  }

  #put({ sequence, dataset }: Row): void {
    this.#sql.put.run(sequence as number, indexTerms(storedDataset(dataset as string)))
  }

  #inTransaction(work: () => unknown): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

/** The offset says what date-times without one mean. */
const TIMEZONE_OFFSET_FROM_UTC = '00080201'

const isIndexed = (tag: Tag): boolean => INDEXED_KEYS.has(tag) || tag === TIMEZONE_OFFSET_FROM_UTC

const HEAD = "(SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'feed')"

const SQL = {
  progress: 'SELECT version, through, last FROM search_progress',
  clear: "INSERT INTO search (search) VALUES ('delete-all')",
  begin: `UPDATE search_progress
          SET version = ?, through = 0, last = (SELECT coalesce(max(sequence), 0) FROM workitem)`,
  put: 'INSERT OR REPLACE INTO search (rowid, terms) VALUES (?, ?)',
  remove: 'DELETE FROM search WHERE rowid = ?',
  reached: `UPDATE search_progress SET position = ${HEAD} WHERE position < ${HEAD}`,
  missed: `SELECT sequence, dataset FROM workitem
           WHERE uid IN (SELECT uid FROM feed WHERE position > (SELECT position FROM search_progress))
           ORDER BY sequence`,
  next: `SELECT w.sequence, w.dataset FROM search_progress p
         JOIN workitem w ON w.sequence > p.through AND w.sequence <= p.last ORDER BY w.sequence LIMIT ?`,
  behind: 'SELECT sequence, dataset FROM workitem WHERE sequence > ? ORDER BY sequence LIMIT ?',
  removeStrays: `DELETE FROM search WHERE rowid IN
                   (SELECT id FROM search_docsize WHERE id NOT IN (SELECT sequence FROM workitem))`,
  proceed: 'UPDATE search_progress SET through = ?',
  finish: 'UPDATE search_progress SET through = last',
} as const
