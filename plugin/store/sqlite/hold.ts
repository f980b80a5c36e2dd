/**
 * One process at a time holds an embedded store. The hold is a lock that the operating system takes back when the
 * process dies, however it dies; who holds it can be read beside it.
 */
import { hostname } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { UpsError } from '../../errors.ts'

export interface Hold {
  release(): void
}

/**
 * Takes the hold on `file` (a real path: two names of one file are one store).
 * @throws UPS_STORE_HELD with a sentence that names the file and the process that has it.
 */
export function takeHold(file: string): Hold {
  const lock = new DatabaseSync(`${file}.lock`)
  try {
    lock.exec('PRAGMA busy_timeout = 0')
    writeHolder(lock)
    // RESERVED: nobody else can write, everybody can still read who we are.
    lock.exec('BEGIN IMMEDIATE')
  } catch (cause) {
    const holder = isBusy(cause) ? readHolder(lock) : undefined
    lock.close()
    if (holder === undefined) throw cause
    throw new UpsError('UPS_STORE_HELD', `The store ${file} is held by ${holder}; only one process can hold it.`, {
      cause,
    })
  }
  return { release: () => lock.close() }
}

/** SQLITE_BUSY: another connection has the lock. */
const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === 5

function writeHolder(lock: DatabaseSync): void {
  lock.exec('BEGIN IMMEDIATE')
  lock.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, since TEXT)')
  lock.exec('DELETE FROM holder')
  lock
    .prepare('INSERT INTO holder (pid, host, since) VALUES (?, ?, ?)')
    .run(process.pid, hostname(), new Date().toISOString())
  lock.exec('COMMIT')
}

function readHolder(lock: DatabaseSync): string {
  try {
    const row = lock.prepare('SELECT pid, host, since FROM holder').get()
    if (row) return `process ${String(row.pid)} on ${String(row.host)} since ${String(row.since)}`
  } catch {
    // The other process is at this moment writing who it is.
  }
  return 'another process'
}
