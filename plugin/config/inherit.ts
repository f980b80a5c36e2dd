/** Device -> AE, attribute by attribute: the nearest entry that has it, else the default. */
import { OWN_AE_TITLE, SETTINGS_AT } from './settings.ts'
import type { AeSettings, DeviceSettings, Effective, SettingsAt } from './configuration.ts'
import type { OwnSettings } from './own-settings.ts'
import type { Level, Setting } from './settings.ts'

export const deviceSettings = (device: OwnSettings): DeviceSettings => effective('device', [device])

/** Any attribute of the AE wins, but for one: a device that is not installed has no AE that is. */
export function aeSettings(aeTitle: string, ae: OwnSettings, device: OwnSettings): AeSettings {
  const settings = effective('ae', [ae, device], aeTitle)
  const { installed } = deviceSettings(device)
  return installed.value ? settings : { ...settings, installed }
}

function effective<L extends Level>(level: L, nearestFirst: readonly OwnSettings[], aeTitle?: string): SettingsAt<L> {
  const entries = [...SETTINGS_AT[level]].map(([key, setting]): readonly [string, Effective<unknown>] => {
    const own = nearestFirst.find(({ values }) => values.has(key))?.values.get(key)
    return [key, own ?? { value: defaultOf(setting, aeTitle), origin: { level: 'default' } }]
  })
  // The type comes from the very table that was looped over (settings.ts), but a loop over keys is beyond TypeScript.
  return Object.fromEntries(entries) as unknown as SettingsAt<L>
}

const defaultOf = (setting: Setting, aeTitle: string | undefined): unknown =>
  setting.default === OWN_AE_TITLE ? aeTitle : setting.default
