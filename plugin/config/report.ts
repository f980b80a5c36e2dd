/**
 * The configuration as `GET /ctrl/config` shows it. Only what is in the settings table gets in, and of what is ignored
 * or described only names: a directory also holds passwords.
 */
import { formatDuration } from './duration.ts'
import { SETTINGS_AT } from './settings.ts'
import type { AeSettings, DeviceSettings, IgnoredAttribute } from './configuration.ts'
import type { InForce, Trouble } from './keeper.ts'
import type { ConfigurationProblem } from './problems.ts'
import { withoutFolder } from './shown.ts'
import type { Level, Setting } from './settings.ts'

export interface SettingReport {
  /** null: there is none. Durations as the directory holds them, else in ISO form. */
  readonly value: string | number | boolean | readonly string[] | null
  readonly unit?: string
  readonly origin: { readonly level: Level | 'default'; readonly dn?: string }
}

/** By attribute name, every setting that is honoured at the level. */
export type SettingReports = Readonly<Record<string, SettingReport>>

export interface ConfigurationReport {
  readonly source: string
  /** When what is in force was read, and whether from the directory or from the last good configuration on disk. */
  readonly readAt: string
  readonly from: InForce['from']
  readonly device: EntryReport & { readonly deviceName: string }
  readonly networkAEs: readonly (EntryReport & { readonly aeTitle: string })[]
  readonly ignored: readonly IgnoredAttribute[]
  /** What is wrong with the directory now; absent: nothing. What is in force is then what was good before. */
  readonly trouble?: ShownTrouble
}

export interface ShownTrouble {
  readonly kind: Trouble['kind']
  readonly message: string
  readonly since: string
  readonly problems: readonly ConfigurationProblem[]
}

export interface EntryReport {
  readonly dn: string
  readonly description?: string
  readonly installed: boolean
  readonly settings: SettingReports
}

export function describeConfiguration(
  { configuration, readAt, from }: InForce,
  trouble?: Trouble,
): ConfigurationReport {
  const { source, deviceName, deviceDn, installed, settings, aes, ignored } = configuration
  return {
    source: withoutFolder(source)(source),
    readAt: readAt.toISOString(),
    from,
    device: {
      deviceName,
      dn: deviceDn,
      ...described(configuration),
      installed,
      settings: settingReports('device', settings),
    },
    networkAEs: aes.map((ae) => ({
      aeTitle: ae.aeTitle,
      dn: ae.dn,
      ...described(ae),
      installed: ae.installed,
      settings: settingReports('ae', ae.settings),
    })),
    ignored,
    ...(trouble ? { trouble: describeTrouble(trouble, source) } : {}),
  }
}

/** What is wrong, for those who only reach the service. */
export function describeTrouble({ kind, message, problems, since }: Trouble, source: string): ShownTrouble {
  const showing = withoutFolder(source)
  return {
    kind,
    message: showing(message),
    since: since.toISOString(),
    problems: problems.map(({ place, ...rest }) => (place === undefined ? rest : { ...rest, place: showing(place) })),
  }
}

const described = ({ description }: { description?: string }): { description?: string } =>
  description === undefined ? {} : { description }

function settingReports(level: Level, settings: DeviceSettings | AeSettings): SettingReports {
  const reports = Object.entries(settings).flatMap(([key, effective]): [string, SettingReport][] => {
    const setting = SETTINGS_AT[level].get(key)
    return setting ? [[setting.attribute, settingReport(setting, effective)]] : []
  })
  return Object.fromEntries(reports)
}

type AnyEffective = DeviceSettings[keyof DeviceSettings] | AeSettings[keyof AeSettings]
type Shown = SettingReport['value']

function settingReport(setting: Setting, effective: AnyEffective): SettingReport {
  const { origin } = effective
  return {
    value: shown(setting, effective),
    ...(setting.unit === undefined ? {} : { unit: setting.unit }),
    origin: origin.level === 'default' ? { level: 'default' } : { level: origin.level, dn: origin.dn },
  }
}

function shown({ type }: Setting, { value, origin }: AnyEffective): Shown {
  if (value === undefined) return null
  if (isSizes(value)) return [...value].map(([aeTitle, size]) => `${aeTitle}=${size}`)
  if (type.name !== 'duration' || typeof value !== 'number') return value
  return origin.level === 'default' ? formatDuration(value) : origin.written.join()
}

const isSizes = (value: unknown): value is ReadonlyMap<string, number> => value instanceof Map
