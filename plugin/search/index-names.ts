/** What things are called in the cluster. The version of the mapping is in each name but that of the alias. */
import { randomBytes } from 'node:crypto'
import { MAPPING_VERSION } from './mapping.ts'

export interface IndexNames {
  /** What others may search by. */
  readonly alias: string
  readonly template: string
  /** Indices of this version of the mapping. */
  readonly pattern: string
  /** Indices of every version. */
  readonly everyVersion: string
}

export function indexNames(prefix: string): IndexNames {
  const alias = `${prefix}workitem`
  const template = `${alias}-v${MAPPING_VERSION}`
  return { alias, template, pattern: `${template}-*`, everyVersion: `${alias}-v*` }
}

/** Of an index that there has not been before; they sort by when they were made. */
export function newIndexName({ template }: IndexNames, now = new Date()): string {
  const digits = now.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return `${template}-${digits}-${randomBytes(3).toString('hex')}`
}
