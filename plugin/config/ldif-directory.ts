/** LDIF files as a directory: one file, or every `*.ldif` of a folder in the order of their names. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { isUtf8 } from 'node:buffer'
import { join } from 'node:path'
import { DirectoryError, valuesOf } from './directory.ts'
import { comparable, parseDn } from './dn.ts'
import { parseLdif } from './ldif-parser.ts'
import type { DeviceTree, Directory, DirectoryEntry } from './directory.ts'
import type { Dn } from './dn.ts'
import type { LdifEntry } from './ldif-parser.ts'

/** Reads the files anew for each tree; opens nothing until then. Other entries in them, such as a schema, do no harm. */
export const ldifDirectory = (path: string): Directory => ({
  source: path,
  readDevice: async (deviceName) => findDevice(withoutDuplicates(await readEntries(path)), deviceName, path),
  stampDevice: () => stamp(path),
})

/** Of the contents: their times and sizes may stay the same, and change without them. */
async function stamp(path: string): Promise<string> {
  const contents = createHash('sha256')
  for (const file of await listFiles(path)) {
    const bytes = await reading(file, readFile(file))
    contents.update(JSON.stringify([file, bytes.length])).update(bytes)
  }
  return contents.digest('base64url')
}

interface Located {
  readonly entry: LdifEntry
  readonly dn: Dn
}

const unusable = (message: string): DirectoryError => new DirectoryError('unusable', message)

async function readEntries(path: string): Promise<readonly LdifEntry[]> {
  const byFile: (readonly LdifEntry[])[] = []
  for (const file of await listFiles(path)) byFile.push(parseLdif(await readText(file), file))
  return byFile.flat()
}

async function listFiles(path: string): Promise<readonly string[]> {
  const isFolder = (await reading(path, stat(path))).isDirectory()
  if (!isFolder) return [path]
  const names = (await reading(path, readdir(path))).filter((name) => name.endsWith('.ldif')).toSorted()
  if (names.length === 0) throw unusable(`The folder ${path} holds no *.ldif file.`)
  return names.map((name) => join(path, name))
}

async function readText(file: string): Promise<string> {
  const bytes = await reading(file, readFile(file))
  if (!isUtf8(bytes)) throw unusable(`${file}:${firstLineNotUtf8(bytes)}: expected UTF-8.`)
  return new TextDecoder().decode(bytes)
}

function firstLineNotUtf8(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split('\n')
  return 1 + lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')))
}

async function reading<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (cause) {
    throw new DirectoryError('unreachable', `${path} cannot be read: ${reason(cause)}.`, { cause })
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
}

function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  return REASONS[code] ?? code
}

function withoutDuplicates(entries: readonly LdifEntry[]): readonly Located[] {
  const byKey = new Map<string, Located>()
  for (const entry of entries) {
    const located = locate(entry)
    const other = byKey.get(located.dn.key)?.entry
    if (other) throw unusable(`${entry.place}: the entry ${entry.dn} is already in ${other.place}.`)
    byKey.set(located.dn.key, located)
  }
  return [...byKey.values()]
}

function locate(entry: LdifEntry): Located {
  const dn = parseDn(entry.dn)
  if (!dn) throw unusable(`${entry.place}: expected a distinguished name (RFC 4514) after "dn:".`)
  return { entry, dn }
}

function findDevice(entries: readonly Located[], deviceName: string, source: string): DeviceTree {
  const devices = entries.filter(hasObjectClass('dicomDevice'))
  const [found, another] = devices.filter(({ entry }) => isNamed(entry, deviceName))
  if (!found) throw unusable(`${source} holds no device ${deviceName}; ${listed(devices)}.`)
  if (another) {
    throw unusable(`The device ${deviceName} is in ${found.entry.place} and again in ${another.entry.place}.`)
  }
  const children = entries.filter(({ dn }) => dn.parentKey === found.dn.key)
  return {
    device: found.entry,
    networkAEs: children.filter(hasObjectClass('dicomNetworkAE')).map(({ entry }) => entry),
  }
}

const hasObjectClass =
  (name: string) =>
  ({ entry }: Located): boolean =>
    valuesOf(entry, 'objectClass').some((value) => value.trim().toLowerCase() === name.toLowerCase())

const isNamed = (entry: DirectoryEntry, deviceName: string): boolean =>
  valuesOf(entry, 'dicomDeviceName').some((name) => sameDeviceName(name, deviceName))

const sameDeviceName = (one: string, other: string): boolean =>
  comparable('dicomDeviceName', one) === comparable('dicomDeviceName', other)

function listed(devices: readonly Located[]): string {
  const names = devices.flatMap(({ entry }) => valuesOf(entry, 'dicomDeviceName'))
  return names.length === 0 ? 'it holds none at all' : `it holds ${names.join(', ')}`
}
