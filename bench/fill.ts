/** A store with many workitems, written past the write path: how they came there is not what is measured. */
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../plugin/store/sqlite/open.ts'

export async function fill(file: string, count: number, dataset: string): Promise<void> {
  await openSqliteStore({ file }).close()
  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = OFF')
  database.exec('BEGIN')
  const insert = database.prepare(
    "INSERT INTO workitem (uid, position, state, receiving_ae, dataset) VALUES (?, 0, 'SCHEDULED', 'WORKLIST', ?)",
  )
  for (let n = 0; n < count; n++) insert.run(`1.2.61.${n}`, dataset)
  database.exec('COMMIT')
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}
