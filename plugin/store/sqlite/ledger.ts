/** What writers share inside a transaction: the head of the feed, the numbers of subscribers, the histories. */
import type { DatabaseSync } from 'node:sqlite'
import { UpsError } from '../../errors.ts'
import { historyAfter } from '../../ups/history.ts'
import type { GlobalCommand, GlobalOperation, History } from '../../ups/subscription.ts'
import type { GlobalSubscriptions, Position } from '../store.ts'
import type { Memory, Outcome } from './group-commit.ts'
import { prepareAll, type Statements } from './statements.ts'

export class Ledger implements Memory {
  readonly #sql: Statements<typeof SQL>
  readonly #tell: (added: ReadonlyMap<string, number>) => void
  /** Undefined: to be read. */
  #head: number | undefined
  #globals: GlobalSubscriptions | undefined
  readonly #numbers = new Map<string, number>()
  #added = new Map<string, number>()
  /** The head when watchers were told last. */
  #told: number | undefined

  /** `tell`: after a commit, how many reports it added for whom. */
  constructor(database: DatabaseSync, tell: (added: ReadonlyMap<string, number>) => void) {
    this.#sql = prepareAll(database, SQL)
    this.#tell = tell
  }

  get head(): number {
    return (this.#head ??= Number(this.#sql.head.get()?.seq ?? 0))
  }

  /** Of the last commit. It counts once its entry is in the feed. */
  set head(position: number) {
    this.#head = position
  }

  get globals(): GlobalSubscriptions {
    return (this.#globals ??= this.#readGlobals())
  }

  /** The number that stands for an AE title in the tables. */
  numberOf(subscriber: string): number {
    const known = this.#numbers.get(subscriber)
    if (known !== undefined) return known
    this.#sql.addSubscriber.run(subscriber)
    const number = Number(this.#sql.subscriber.get(subscriber)?.id)
    this.#numbers.set(subscriber, number)
    return number
  }

  /** Without giving a number to an AE that has none. */
  lookUp(subscriber: string): number | undefined {
    const id = this.#numbers.get(subscriber) ?? this.#sql.subscriber.get(subscriber)?.id
    return id === undefined ? undefined : Number(id)
  }

  added(subscriber: string, reports: number): void {
    this.#added.set(subscriber, (this.#added.get(subscriber) ?? 0) + reports)
  }

  changeHistory(subscriber: string, change: GlobalCommand, at: Position): void {
    const { histories } = this.globals
    const before = histories.get(subscriber)
    const after = historyAfter(before, subscriber, change, at)
    this.#writeHistory(this.numberOf(subscriber), before, after, at)
    const next = new Map(histories)
    if (after) next.set(subscriber, after)
    else next.delete(subscriber)
    this.#globals = { version: at, histories: next }
  }

  forget(): void {
    this.#head = undefined
    this.#globals = undefined
    this.#numbers.clear()
    this.#added = new Map()
  }

  committed(): void {
    // Of a transaction that wrote nothing into the feed nobody need hear.
    if (this.#added.size === 0 && this.#head === this.#told) return
    this.#told = this.#head
    const added = this.#added
    this.#added = new Map()
    this.#tell(added)
  }

  #writeHistory(number: number, before: History | undefined, after: History | undefined, at: Position): void {
    if (!after) {
      this.#sql.clearHistory.run(number)
      this.#sql.clearAnnouncements.run(number)
      this.#sql.cleared.run(at, number)
      return
    }
    const last = after.operations.at(-1)
    if (!last) return
    if (after.operations.length === before?.operations.length) {
      this.#sql.repeat.run(JSON.stringify(last), at, last.at)
      return
    }
    this.#sql.addOperation.run(last.at, number, JSON.stringify(last), at)
  }

  #readGlobals(): GlobalSubscriptions {
    const histories = new Map<string, { subscriber: string; operations: GlobalOperation[] }>()
    for (const { ae_title: subscriber, operation } of this.#sql.histories.iterate()) {
      const history = histories.get(subscriber as string) ?? { subscriber: subscriber as string, operations: [] }
      history.operations.push(JSON.parse(operation as string) as GlobalOperation)
      histories.set(history.subscriber, history)
    }
    const version = this.#sql.version.get()?.version
    return { version: version === null || version === undefined ? undefined : (version as Position), histories }
  }
}

export const stale = (what: string): Outcome<never> => ({
  ok: false,
  error: new UpsError('UPS_STALE_VERSION', `${what} no longer at the version that the change was decided on.`),
})

const SQL = {
  head: "SELECT seq FROM sqlite_sequence WHERE name = 'feed'",
  subscriber: 'SELECT id FROM subscriber WHERE ae_title = ?',
  addSubscriber: 'INSERT INTO subscriber (ae_title) VALUES (?) ON CONFLICT DO NOTHING',
  histories: `SELECT ae_title, operation FROM global_operation o JOIN subscriber s ON s.id = o.subscriber
              ORDER BY position`,
  // A history that was cleared has left its moment with the subscriber.
  version: `SELECT max(version) AS version FROM
              (SELECT max(last) AS version FROM global_operation UNION ALL SELECT nullif(max(cleared), 0) FROM subscriber)`,
  addOperation: 'INSERT INTO global_operation (position, subscriber, operation, last) VALUES (?, ?, ?, ?)',
  repeat: 'UPDATE global_operation SET operation = ?, last = ? WHERE position = ?',
  clearHistory: 'DELETE FROM global_operation WHERE subscriber = ?',
  clearAnnouncements: 'DELETE FROM announcement WHERE subscriber = ?',
  cleared: 'UPDATE subscriber SET cleared = ? WHERE id = ?',
} as const
