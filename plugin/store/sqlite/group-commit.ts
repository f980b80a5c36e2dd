/**
 * Group commit: what arrives while a transaction is made durable shares the next one, and with it the next fsync. Each
 * unit still succeeds or fails on its own.
 */
import type { DatabaseSync } from 'node:sqlite'

/** Does its work inside a transaction. One that is refused has changed nothing; a thrown error ends the transaction. */
export type Unit<Result> = () => Outcome<Result>

interface Waiting {
  readonly unit: Unit<unknown>
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

/** What one unit came to: its result, or the error that it alone must hear of. */
export type Outcome<Result> =
  { readonly ok: true; readonly result: Result } | { readonly ok: false; readonly error: Error }

/** Of a unit that has nothing to tell. */
export const DONE: Outcome<void> = { ok: true, result: undefined }

export interface Memory {
  /** The transaction did not take place: forget what units remembered. Must not touch the database. */
  forget(): void
  /** The transaction is durable. Must not throw. */
  committed(): void
}

export class GroupCommit {
  readonly #database: DatabaseSync
  readonly #memory: Memory
  #waiting: Waiting[] = []
  #waitingLast: Waiting[] = []
  #scheduled = false
  /** Why nothing can be committed any more. */
  #broken: Error | undefined

  constructor(database: DatabaseSync, memory: Memory) {
    this.#database = database
    this.#memory = memory
  }

  /** `last`: behind all others of its transaction, since it would make them stale. */
  submit<Result>(unit: Unit<Result>, place: 'in turn' | 'last' = 'in turn'): Promise<Result> {
    return new Promise((resolve, reject) => {
      const queue = place === 'last' ? this.#waitingLast : this.#waiting
      queue.push({ unit, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      // After the poll phase: every request that could be read by now has been decided and waits here.
      setImmediate(() => this.flush())
    })
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#scheduled = false
    const batch = [...this.#waiting, ...this.#waitingLast]
    this.#waiting = []
    this.#waitingLast = []
    if (batch.length === 0) return
    const failed = this.#transact(batch)
    if (!failed) return
    // A unit that breaks its transaction must not take its neighbours with it.
    if (batch.length === 1) batch[0]?.reject(failed.error)
    else for (const waiting of batch) this.#alone(waiting)
  }

  #alone(waiting: Waiting): void {
    const failed = this.#transact([waiting])
    if (failed) waiting.reject(failed.error)
  }

  /** One transaction; answers everybody in it, or nobody and returns why. */
  #transact(batch: readonly Waiting[]): { readonly error: unknown } | undefined {
    const outcomes: Outcome<unknown>[] = []
    let committing = false
    try {
      if (this.#broken) throw this.#broken
      this.#database.exec('BEGIN IMMEDIATE')
      for (const { unit } of batch) outcomes.push(unit())
      committing = true
      this.#database.exec('COMMIT')
    } catch (error) {
      // Whether a commit whose fsync failed is on the disk nobody can tell; writing on could make it so, and a unit that was
      // rejected would come back after a crash. Only opening the file anew finds out.
      if (committing && isIoError(error)) this.#broken = error
      this.#rollback()
      return { error }
    }
    this.#memory.committed()
    batch.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index]
      if (outcome?.ok) resolve(outcome.result as never)
      else reject(outcome?.error)
    })
    return undefined
  }

  #rollback(): void {
    this.#memory.forget()
    try {
      // SQLite has already rolled back by itself after some errors (disk full, I/O).
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK')
    } catch {
      // Then the next BEGIN fails, and tells its own units.
    }
  }
}

/** SQLITE_IOERR, in any of its extended forms. */
const isIoError = (error: unknown): error is Error =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 10
