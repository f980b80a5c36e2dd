/** From the entries of a device to its configuration, or to everything that is wrong with them. Pure. */
import { titleClashes } from './ae-titles.ts'
import { valuesOf } from './directory.ts'
import { aeSettings, deviceSettings } from './inherit.ts'
import { problem, readAttribute, readOwnSettings } from './own-settings.ts'
import * as types from './value-types.ts'
import type { AeConfiguration, ArchiveConfiguration } from './configuration.ts'
import type { DeviceTree, DirectoryEntry } from './directory.ts'
import type { OwnSettings, Read } from './own-settings.ts'
import type { ConfigurationProblem } from './problems.ts'
import type { Level } from './settings.ts'
import type { ValueType } from './value-types.ts'

export type Resolved =
  | { readonly ok: true; readonly configuration: ArchiveConfiguration }
  | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] }

/** All or nothing: one value that cannot be used, at any level, and there is no configuration. */
export function resolveConfiguration(tree: DeviceTree, source: string): Resolved {
  const device = readEntry(tree.device, 'device', 'dicomDeviceName', types.plainText)
  const networkAEs = tree.networkAEs.map((entry) => readEntry(entry, 'ae', 'dicomAETitle', types.aeTitle))
  const aes = networkAEs.flatMap((ae) => (ae.name.ok ? [aeConfiguration(ae, ae.name.value, device.own)] : []))
  const problems = [
    ...[device, ...networkAEs].flatMap(problemsOf),
    ...(networkAEs.length === 0 ? [withoutAe(tree.device)] : []),
    ...titleClashes(aes),
  ]
  if (!device.name.ok || problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    configuration: {
      ...archiveConfiguration(device, device.name.value, aes),
      source,
      ignored: [device, ...networkAEs].flatMap(({ own }) => own.ignored),
    },
  }
}

interface ReadEntry {
  readonly entry: DirectoryEntry
  readonly name: Read<string>
  readonly own: OwnSettings
}

function readEntry(entry: DirectoryEntry, level: Level, nameAttribute: string, type: ValueType<string>): ReadEntry {
  const missing = { ok: false, problems: [problem(entry, nameAttribute, { expected: type.form })] } as const
  const name = readAttribute(entry, nameAttribute, type) ?? missing
  return { entry, name, own: readOwnSettings(entry, level) }
}

const problemsOf = ({ name, own }: ReadEntry): readonly ConfigurationProblem[] =>
  name.ok ? own.problems : [...name.problems, ...own.problems]

const withoutAe = (device: DirectoryEntry): ConfigurationProblem =>
  problem(device, 'dicomAETitle', { expected: 'at least one dicomNetworkAE directly below the device' })

function aeConfiguration({ entry, own }: ReadEntry, aeTitle: string, device: OwnSettings): AeConfiguration {
  const settings = aeSettings(aeTitle, own, device)
  return { aeTitle, dn: entry.dn, ...description(entry), installed: settings.installed.value, settings }
}

function archiveConfiguration(
  { entry, own }: ReadEntry,
  deviceName: string,
  aes: readonly AeConfiguration[],
): Omit<ArchiveConfiguration, 'source' | 'ignored'> {
  const settings = deviceSettings(own)
  return {
    deviceName,
    deviceDn: entry.dn,
    ...description(entry),
    installed: settings.installed.value,
    settings,
    aes,
    aesByTitle: new Map(aes.map((ae) => [ae.aeTitle, ae])),
    aesByAlias: new Map(aes.flatMap((ae) => ae.settings.otherAETitles.value.map((alias) => [alias, ae]))),
  }
}

function description(entry: DirectoryEntry): { description?: string } {
  const [text] = valuesOf(entry, 'dicomDescription')
  return text === undefined ? {} : { description: text }
}
