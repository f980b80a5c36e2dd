import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The published schema, as text: `schema/graphql/archive-ups.graphql`. */
export const readSdl = (): string =>
  readFileSync(fileURLToPath(import.meta.resolve('archive-ups/schema/graphql/archive-ups.graphql')), 'utf8')
