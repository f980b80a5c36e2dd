/**
 * The port through which the configuration is read: a directory gives the entry of a device and those of its network
 * AEs as they are, without understanding them. Engines: `ldap-directory.ts`, `ldif-directory.ts`; what the entries
 * mean: `resolve.ts`.
 */
import { UpsError } from '../errors.ts'

export interface DirectoryAttribute {
  /** As the directory spells it, options included (`cn;lang-de`, which is not `cn`). */
  readonly name: string
  /** One at least, in the directory's order. */
  readonly values: readonly string[]
}

export interface DirectoryEntry {
  readonly dn: string
  /** By name in lower case: LDAP compares names without case. */
  readonly attributes: ReadonlyMap<string, DirectoryAttribute>
  /** Where a person finds the entry, when the DN does not say it all: `ldif/20-archive.ldif:12`. */
  readonly place?: string
}

export interface DeviceTree {
  /** The dicomDevice. */
  readonly device: DirectoryEntry
  /** The dicomNetworkAEs directly below it. */
  readonly networkAEs: readonly DirectoryEntry[]
}

export interface Directory {
  /** Path or URL, for people. Holds no credentials. */
  readonly source: string
  /**
   * The present entries of the device, all of them: any result but a complete one is a DirectoryError, never half a
   * tree. `deviceName` is compared as LDAP does, without case.
   */
  readDevice(deviceName: string): Promise<DeviceTree>
  /**
   * A text that is another one once anything in that tree has been changed, added or removed; much cheaper than the tree.
   * Taken before the tree is read, it tells later whether reading it again is worth while. It fails as `readDevice` does
   * when the directory cannot be asked; what makes a directory unusable may show in the tree alone.
   */
  stampDevice?(deviceName: string): Promise<string>
}

/**
 * Why a directory gave no tree.
 * `unreachable`: it could not be asked, so asking again later may help. `unusable`: it was, and does not hold what it
 * should; somebody must change it.
 */
export type DirectoryFailure = 'unreachable' | 'unusable'

export class DirectoryError extends UpsError {
  readonly failure: DirectoryFailure

  /** `message` is one readable sentence that names the source. */
  constructor(failure: DirectoryFailure, message: string, options?: ErrorOptions) {
    super('UPS_BAD_CONFIGURATION', message, options)
    this.failure = failure
  }
}

/** The entry that holds these attribute values; a name may come several times, in any case. */
export function directoryEntry(dn: string, pairs: Iterable<readonly [name: string, value: string]>): DirectoryEntry {
  const attributes = new Map<string, { name: string; values: string[] }>()
  for (const [name, value] of pairs) {
    const key = name.toLowerCase()
    const known = attributes.get(key)
    if (known) known.values.push(value)
    else attributes.set(key, { name, values: [value] })
  }
  return { dn, attributes }
}

/** The values of an attribute, none if the entry does not have it. `name` in any case. */
export const valuesOf = (entry: DirectoryEntry, name: string): readonly string[] =>
  entry.attributes.get(name.toLowerCase())?.values ?? []
