/** Reads flags and variables: a flag wins, and an empty variable counts as none. */
import { readFileSync } from 'node:fs'
import { UpsError } from '../index.ts'
import { FLAGS, type FlagKey } from './flags.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** What the command line gave, by flag; lists as arrays, switches as true. */
export type GivenFlags = Partial<Record<FlagKey, string | readonly string[] | boolean>>

export function readText(key: FlagKey, given: GivenFlags, variables: Variables): string | undefined {
  const flag = given[key]
  const variable = variables[FLAGS[key].variable]
  return typeof flag === 'string' ? flag : variable || undefined
}

export function readList(key: FlagKey, given: GivenFlags, variables: Variables): readonly string[] {
  const flag = given[key]
  const texts = Array.isArray(flag) ? flag : [variables[FLAGS[key].variable] ?? '']
  return texts
    .flatMap((text: string) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')
}

/** @throws UpsError UPS_BAD_OPTION */
export function readFile(key: FlagKey, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw bad(key, path, 'a file that can be read')
  }
}

/**
 * Reads the file whenever it is asked, so that the secret can be changed; one line break at its end is not part of it.
 * @throws UpsError UPS_BAD_OPTION for a file that is not there now: a mistake of who starts the service
 */
export function secretFile(key: FlagKey, path: string): () => string {
  const read = (): string => readFile(key, path).replace(/\r?\n$/, '')
  read()
  return read
}

export const bad = (key: FlagKey, value: string, expected: string): UpsError =>
  new UpsError(
    'UPS_BAD_OPTION',
    `${FLAGS[key].name} (${FLAGS[key].variable}) is ${JSON.stringify(value)}, expected ${expected}.`,
  )
