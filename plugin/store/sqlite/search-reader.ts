/** Reads the index of search, and the workitems that it names. Every step is short; between them others have their turn. */
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Listed, Position, Sequence } from '../store.ts'
import { prepareAll, type Row, type Statements } from './statements.ts'

/** Workitems that are read at a time. */
const PAGE = 100

/** Sequences that are read at a time: few for those who want a page, and then more, since an index must be gone through again. */
const FIRST_BATCH = PAGE
const LARGEST_BATCH = 10_000

/** Runs a read, and says in the words of the contract why it cannot be. */
export type Guard = <Result>(read: () => Result) => Result

export class SearchReader {
  readonly #sql: Statements<typeof SQL>
  readonly #guard: Guard

  constructor(database: DatabaseSync, guard: Guard) {
    this.#sql = prepareAll(database, SQL)
    this.#guard = guard
  }

  /** How many satisfy the expression, or `most` if they are more. */
  count(expression: string, most: number): number {
    return this.#guard(() => Number(this.#sql.count.get(expression, limitOf(most))?.n))
  }

  countAll(): number {
    return this.#guard(() => Number(this.#sql.countAll.get()?.n))
  }

  /** Position of the newest entry of the feed. */
  head(): number {
    return this.#guard(() => Number(this.#sql.head.get()?.seq ?? 0))
  }

  /** In order of creation. */
  list(after: number, limit: number, offset: number): readonly Listed[] {
    return this.#guard(() => this.#sql.list.all(after, limit, offset).map(listedOf))
  }

  /** In the order asked. */
  retrieve(uids: readonly string[]): readonly Listed[] {
    return this.#guard(() => this.#sql.byUid.all(JSON.stringify(uids)).map(listedOf))
  }

  async *all(skip: number): AsyncGenerator<readonly Listed[]> {
    let offset = skip
    for (let after = 0; ;) {
      const page = this.list(after, PAGE, offset)
      if (page.length > 0) yield page
      if (page.length < PAGE) return
      offset = 0
      after = page.at(-1)?.sequence ?? after
      await setImmediate()
    }
  }

  /** Those that satisfy the expression, in order of creation. */
  async *matching(expression: string, skip: number): AsyncGenerator<readonly Listed[]> {
    for await (const sequences of this.sequences(expression, skip)) yield* this.ofSequences(sequences)
  }

  async *sequences(expression: string, skip: number): AsyncGenerator<readonly number[]> {
    let [after, offset] = [0, skip]
    for (let size = FIRST_BATCH; ; size = Math.min(size * 10, LARGEST_BATCH)) {
      const rows = this.#guard(() => this.#sql.sequences.all(expression, after, size, offset))
      const found = rows.map(({ rowid }) => rowid as number)
      if (found.length > 0) yield found
      if (found.length < size) return
      offset = 0
      after = found.at(-1) ?? after
      await setImmediate()
    }
  }

  /** In the order asked. */
  async *ofSequences(sequences: readonly number[]): AsyncGenerator<readonly Listed[]> {
    for (let at = 0; at < sequences.length; at += PAGE) {
      if (at > 0) await setImmediate()
      const page = JSON.stringify(sequences.slice(at, at + PAGE))
      yield this.#guard(() => this.#sql.bySequence.all(page).map(listedOf))
    }
  }

  /** In order, those that begin with it and go on with hex digits. The list knows how many have each: that is counted as it is read. */
  async *terms(prefix: string, atOnce: number): AsyncGenerator<readonly string[]> {
    for (let above = prefix; ;) {
      const from = above
      const rows = this.#guard(() => this.#sql.terms.all(from, `${prefix}g`, atOnce))
      const terms = rows.map(({ term }) => term as string)
      if (terms.length > 0) yield terms
      if (terms.length < atOnce) return
      above = terms.at(-1) ?? above
      await setImmediate()
    }
  }
}

const limitOf = (most: number): number => Math.min(most, Number.MAX_SAFE_INTEGER)

export const listedOf = ({ sequence, uid, position, dataset }: Row): Listed => ({
  sequence: sequence as Sequence,
  uid: uid as string,
  version: position as Position,
  json: dataset as string,
})

const SQL = {
  count: 'SELECT count(*) AS n FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)',
  countAll: 'SELECT count(*) AS n FROM workitem',
  head: "SELECT seq FROM sqlite_sequence WHERE name = 'feed'",
  // What is skipped is the index alone, not the datasets.
  list: `SELECT w.sequence, w.uid, w.position, w.dataset
         FROM (SELECT sequence FROM workitem WHERE sequence > ? ORDER BY sequence LIMIT ? OFFSET ?) page
         JOIN workitem w ON w.sequence = page.sequence ORDER BY w.sequence`,
  byUid: `SELECT w.sequence, w.uid, w.position, w.dataset
          FROM json_each(?) wanted CROSS JOIN workitem w ON w.uid = wanted.value ORDER BY wanted.key`,
  sequences: 'SELECT rowid FROM search WHERE search MATCH ? AND rowid > ? ORDER BY rowid LIMIT ? OFFSET ?',
  bySequence: `SELECT w.sequence, w.uid, w.position, w.dataset
               FROM json_each(?) wanted CROSS JOIN workitem w ON w.sequence = wanted.value ORDER BY wanted.key`,
  terms: 'SELECT term FROM search_term WHERE term > ? AND term < ? ORDER BY term LIMIT ?',
} as const
