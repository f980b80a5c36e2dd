/** Brings a database file to the schema of this version, or says why it cannot be used. */
import { readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { UpsError } from '../../errors.ts'

/** "UPS1" as SQLite application_id: this file is a worklist, not somebody else's database. */
const APPLICATION_ID = 0x55505331

interface Migration {
  readonly number: number
  readonly sql: string
}

function migrations(): readonly Migration[] {
  const folder = fileURLToPath(new URL('.', import.meta.resolve('archive-ups/schema/sqlite/0001-worklist.sql')))
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .toSorted()
    .map((name) => ({ number: Number(name.slice(0, 4)), sql: readFileSync(`${folder}${name}`, 'utf8') }))
}

/**
 * Runs the migrations that the file has not seen, each in its own transaction with its number.
 * @throws UPS_STORE_FROM_THE_FUTURE, UPS_STORE_CANNOT_OPEN (another application's database)
 */
export function migrate(database: DatabaseSync, file: string): void {
  const known = migrations()
  const newest = known.at(-1)?.number ?? 0
  const at = pragma(database, 'user_version')
  refuseForeign(database, file, at)
  if (at > newest) {
    throw new UpsError(
      'UPS_STORE_FROM_THE_FUTURE',
      `The store ${file} has schema version ${at}, this version of archive-ups knows ${newest} at most; use a newer one.`,
    )
  }
  for (const { number, sql } of known.filter((migration) => migration.number > at)) {
    database.exec('BEGIN IMMEDIATE')
    database.exec(sql)
    database.exec(`PRAGMA user_version = ${number}`)
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    database.exec('COMMIT')
  }
}

function refuseForeign(database: DatabaseSync, file: string, version: number): void {
  const id = pragma(database, 'application_id')
  if (id === APPLICATION_ID) return
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n)
  if (id === 0 && version === 0 && tables === 0) return
  throw new UpsError('UPS_STORE_CANNOT_OPEN', `The store ${file} is a database of another application.`)
}

const pragma = (database: DatabaseSync, name: 'user_version' | 'application_id'): number =>
  Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
