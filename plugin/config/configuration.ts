/**
 * The configuration of one archive device, as the rest of the plugin reads it: every setting has a value, and every
 * value says where it comes from. Made by `resolve.ts`, never changed.
 */
import type { Level, ValuesAt } from './settings.ts'

export type Origin =
  | { readonly level: 'default' }
  | {
      readonly level: Level
      readonly dn: string
      /** The values as the directory holds them. */
      readonly written: readonly string[]
    }

export interface Effective<T> {
  readonly value: T
  readonly origin: Origin
}

export type SettingsAt<L extends Level> = { readonly [K in keyof ValuesAt<L>]: Effective<ValuesAt<L>[K]> }

export type DeviceSettings = SettingsAt<'device'>
export type AeSettings = SettingsAt<'ae'>

export interface AeConfiguration {
  readonly aeTitle: string
  readonly dn: string
  readonly description?: string
  /** FALSE on the device counts here too: `settings.installed.value`, for short. */
  readonly installed: boolean
  readonly settings: AeSettings
}

/** An attribute of the UPS family that stands in an entry and is not honoured there. */
export interface IgnoredAttribute {
  readonly dn: string
  readonly attribute: string
}

export interface ArchiveConfiguration {
  readonly deviceName: string
  readonly deviceDn: string
  readonly description?: string
  /** Path or URL of the directory. */
  readonly source: string
  readonly installed: boolean
  readonly settings: DeviceSettings
  /** One at least, in the order of the directory, those that are not installed included. */
  readonly aes: readonly AeConfiguration[]
  readonly aesByTitle: ReadonlyMap<string, AeConfiguration>
  /** By each dcmOtherAETitle. */
  readonly aesByAlias: ReadonlyMap<string, AeConfiguration>
  readonly ignored: readonly IgnoredAttribute[]
}

export type AeLookup =
  | { readonly status: 'found'; readonly ae: AeConfiguration }
  | { readonly status: 'not installed'; readonly ae: AeConfiguration }
  | { readonly status: 'unknown' }

/**
 * The AE that answers to a title: the one of that title, else the one that lists it in dcmOtherAETitle, else one whose
 * title is `*`. An AE that is not installed still owns its titles: nobody else answers in its place.
 */
export function findAe(configuration: ArchiveConfiguration, aeTitle: string): AeLookup {
  const { aesByTitle, aesByAlias } = configuration
  const ae = aesByTitle.get(aeTitle) ?? aesByAlias.get(aeTitle) ?? aesByTitle.get('*')
  if (!ae) return { status: 'unknown' }
  return { status: ae.installed ? 'found' : 'not installed', ae }
}
