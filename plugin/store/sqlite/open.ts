/** Opens the embedded store: the file, its lock, its durability settings, its schema. */
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { UpsError } from '../../errors.ts'
import { takeHold } from './hold.ts'
import { migrate } from './migrate.ts'
import { SqliteStore } from './sqlite-store.ts'

export interface SqliteStoreOptions {
  /** Path of the database file; its folder is made when it does not exist. */
  readonly file: string
  /** For tests of a full disk: the most pages of 4 KiB that the file may have. */
  readonly maxPages?: number
}

/** @throws UPS_STORE_HELD, UPS_STORE_FROM_THE_FUTURE, UPS_STORE_CANNOT_OPEN */
export function openSqliteStore({ file, maxPages }: SqliteStoreOptions): SqliteStore {
  const opened: (() => void)[] = []
  try {
    const path = realPath(file)
    const hold = takeHold(path)
    opened.push(() => hold.release())
    // Another program that writes into the file for a moment is waited for.
    const database = new DatabaseSync(path, { timeout: 1_000 })
    opened.push(() => database.close())
    configure(database, maxPages)
    migrate(database, path)
    return new SqliteStore(database, hold)
  } catch (error) {
    for (const close of opened.toReversed()) close()
    throw cannotOpen(file, error)
  }
}

/** The settings on which durability and speed of a connection rest. */
export function configure(database: DatabaseSync, maxPages?: number): void {
  // An acknowledged commit must survive the loss of power: FULL syncs the log at every commit, NORMAL would not.
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('PRAGMA foreign_keys = ON')
  // A checkpoint copies each page once however often it was written since the last one.
  database.exec('PRAGMA wal_autocheckpoint = 4000')
  database.exec('PRAGMA journal_size_limit = 67108864')
  database.exec('PRAGMA cache_size = -65536')
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`)
}

/** The real path of the file, so that two names of it are one store; its folder exists afterwards. */
function realPath(file: string): string {
  const folder = dirname(resolve(file))
  const made = mkdirSync(folder, { recursive: true })
  if (made) syncFolders(folder, dirname(made))
  // It must be there before its real path is asked for: a link may name what is not there yet.
  closeSync(openSync(file, 'a', 0o600))
  return realpathSync(file)
}

/** A new folder survives the loss of power once its own parent is on disk. */
function syncFolders(from: string, to: string): void {
  for (let folder = from; ; folder = dirname(folder)) {
    const descriptor = openSync(folder, 'r')
    fsyncSync(descriptor)
    closeSync(descriptor)
    if (folder === to || folder === dirname(folder)) return
  }
}

function cannotOpen(file: string, error: unknown): UpsError {
  if (error instanceof UpsError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new UpsError('UPS_STORE_CANNOT_OPEN', `The store ${resolve(file)} cannot be opened: ${reason}.`, {
    cause: error,
  })
}
