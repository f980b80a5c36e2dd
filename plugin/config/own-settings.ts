/**
 * What one entry says itself, before inheritance.
 *
 * An attribute counts wherever it is present, whatever the object classes of the entry: a directory with its schema does
 * not let it in without the class, and an LDIF file should not lose a setting in silence because a line is missing.
 */
import { valuesOf } from './directory.ts'
import { isOfUpsFamily } from './relevant.ts'
import { SETTINGS_AT } from './settings.ts'
import type { Effective, IgnoredAttribute } from './configuration.ts'
import type { DirectoryEntry } from './directory.ts'
import type { ConfigurationProblem } from './problems.ts'
import type { Level, Setting } from './settings.ts'
import type { ValueType } from './value-types.ts'

export interface OwnSettings {
  /** By setting key; a setting that is absent from the entry is absent here. */
  readonly values: ReadonlyMap<string, Effective<unknown>>
  readonly ignored: readonly IgnoredAttribute[]
  readonly problems: readonly ConfigurationProblem[]
}

export function readOwnSettings(entry: DirectoryEntry, level: Level): OwnSettings {
  const values = new Map<string, Effective<unknown>>()
  const problems: ConfigurationProblem[] = []
  for (const [key, { attribute, type }] of SETTINGS_AT[level]) {
    const read = readAttribute(entry, attribute, type)
    if (!read) continue
    if (!read.ok) problems.push(...read.problems)
    else values.set(key, { value: read.value, origin: { level, dn: entry.dn, written: valuesOf(entry, attribute) } })
  }
  return { values, ignored: ignoredAttributes(entry, level), problems }
}

export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] }

/** undefined: the entry does not have the attribute. */
export function readAttribute<T>(entry: DirectoryEntry, attribute: string, type: ValueType<T>): Read<T> | undefined {
  const written = valuesOf(entry, attribute)
  if (written.length === 0) return undefined
  const parsed = type.parse(written)
  if (parsed.ok) return parsed
  return { ok: false, problems: parsed.rejected.map((rejected) => problem(entry, attribute, rejected)) }
}

/** A problem of this entry, with the place that the entry may have. */
export function problem(
  { dn, place }: DirectoryEntry,
  attribute: string,
  what: { readonly value?: string; readonly expected: string },
): ConfigurationProblem {
  return { dn, attribute, ...what, ...(place === undefined ? {} : { place }) }
}

function ignoredAttributes(entry: DirectoryEntry, level: Level): readonly IgnoredAttribute[] {
  const honoured = HONOURED[level]
  return [...entry.attributes]
    .filter(([key]) => isOfUpsFamily(key) && !honoured.has(key))
    .map(([, { name }]) => ({ dn: entry.dn, attribute: name }))
}

const HONOURED: Readonly<Record<Level, ReadonlySet<string>>> = {
  device: attributeKeys(SETTINGS_AT.device),
  ae: attributeKeys(SETTINGS_AT.ae),
}

function attributeKeys(settings: ReadonlyMap<string, Setting>): ReadonlySet<string> {
  return new Set([...settings.values()].map(({ attribute }) => attribute.toLowerCase()))
}
