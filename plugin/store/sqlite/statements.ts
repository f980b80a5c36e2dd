import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'

export type Row = Record<string, SQLOutputValue>

export type Statements<Sql> = Readonly<Record<keyof Sql, StatementSync>>

/** Prepares each of the texts once. */
export function prepareAll<Sql extends Readonly<Record<string, string>>>(
  database: DatabaseSync,
  sql: Sql,
): Statements<Sql> {
  const entries = Object.entries(sql).map(([name, text]) => [name, database.prepare(text)] as const)
  return Object.fromEntries(entries) as Statements<Sql>
}
