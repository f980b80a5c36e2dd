/** A store with many workitems, written past the write path: how they came there is not what is measured. */
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../plugin/store/sqlite/open.ts'

export interface Filling {
  readonly uid: string
  readonly state: string
  /** Canonical DICOM JSON. */
  readonly dataset: string
}

/** @returns the bytes of the datasets */
export async function fill(file: string, count: number, workitem: (n: number) => Filling): Promise<number> {
  await openSqliteStore({ file }).close()
  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = OFF')
  database.exec('BEGIN')
  const insert = database.prepare(
    "INSERT INTO workitem (uid, position, state, receiving_ae, dataset) VALUES (?, 0, ?, 'WORKLIST', ?)",
  )
  let bytes = 0
  for (let n = 0; n < count; n++) {
    const { uid, state, dataset } = workitem(n)
    insert.run(uid, state, dataset)
    bytes += Buffer.byteLength(dataset)
  }
  // The index is made as it is after a new version of it.
  database.exec("UPDATE search_progress SET version = ''")
  database.exec('COMMIT')
  database.close()
  const store = openSqliteStore({ file })
  await store.indexed
  await store.close()
  return bytes
}
