/** What a person reads when the service starts: what it serves, where it is configured, where its data lies. */
import { resolve } from 'node:path'
import { DEFAULTS } from '../options.ts'
import type { HostSettings } from './settings.ts'

export function banner({ plugin }: HostSettings): string {
  const store = String(plugin.store ?? DEFAULTS.store).replace(/^sqlite:/, '')
  const lines = [
    ['Device', plugin.device ?? DEFAULTS.device],
    ['Configured in', typeof plugin.config === 'string' ? resolve(plugin.config) : 'the sample directory of the package'],
    ['Data in', resolve(store)],
    ['Strictness', plugin.strictness ?? DEFAULTS.strictness],
  ]
  return `archive-ups: Unified Worklist (UPS-RS)\n${lines.map(([name, value]) => `  ${`${name}:`.padEnd(15)}${value}\n`).join('')}`
}
