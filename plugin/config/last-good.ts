/**
 * The last good configuration on disk, so that the service starts while its directory is away or broken. It is kept with
 * the source and the device that it came from, and is used for the same ones only.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isRelevant } from './relevant.ts'
import type { DeviceTree, DirectoryEntry } from './directory.ts'

export interface LastGood {
  /** What was kept for this source and device; undefined when there is nothing, or nothing that can be read. */
  load(source: string, deviceName: string): Kept | undefined
  /** @throws when the file cannot be written */
  save(source: string, deviceName: string, tree: DeviceTree, at: Date): void
}

export interface Kept {
  readonly tree: DeviceTree
  readonly savedAt: Date
}

interface Written {
  readonly format: 1
  readonly source: string
  readonly deviceName: string
  readonly savedAt: string
  readonly device: WrittenEntry
  readonly networkAEs: readonly WrittenEntry[]
}

interface WrittenEntry {
  readonly dn: string
  readonly place?: string
  readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[]
}

export const lastGoodFile = (file: string): LastGood => ({
  load(source, deviceName) {
    const written = read(file)
    if (written?.source !== source || written.deviceName !== deviceName) return undefined
    const tree = { device: entryOf(written.device), networkAEs: written.networkAEs.map(entryOf) }
    return { tree, savedAt: new Date(written.savedAt) }
  },
  save(source, deviceName, { device, networkAEs }, at) {
    const written: Written = {
      format: 1,
      source,
      deviceName,
      savedAt: at.toISOString(),
      device: writtenOf(device),
      networkAEs: networkAEs.map(writtenOf),
    }
    writeWhole(file, `${JSON.stringify(written, null, 1)}\n`)
  },
})

/** A directory also holds passwords; only what is read of it is written down. */
const writtenOf = ({ dn, place, attributes }: DirectoryEntry): WrittenEntry => ({
  dn,
  ...(place === undefined ? {} : { place }),
  attributes: [...attributes].flatMap(([key, attribute]) => (isRelevant(key) ? [attribute] : [])),
})

const entryOf = ({ dn, place, attributes }: WrittenEntry): DirectoryEntry => ({
  dn,
  ...(place === undefined ? {} : { place }),
  attributes: new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute])),
})

function read(file: string): Written | undefined {
  try {
    const written = JSON.parse(readFileSync(file, 'utf8')) as Partial<Written>
    const isWhole = written.format === 1 && written.device !== undefined && Array.isArray(written.networkAEs)
    return isWhole ? (written as Written) : undefined
  } catch {
    // Not there yet, or not ours: the directory has to answer then.
    return undefined
  }
}

/** Either the old text or the new one is there, whatever happens in between. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.new`
  const descriptor = openSync(draft, 'w', 0o600)
  try {
    // Not writeSync: on a disk that is nearly full it may write a part and say nothing.
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(draft, file)
}
