/** What a directory holds for a device, or what is wrong with it, without starting anything. */
import { readConfiguration } from './config/load.ts'
import type { ConfigurationProblem } from './config/problems.ts'
import { type ConfigurationReport, describeConfiguration } from './config/report.ts'
import { directoryOf } from './directories.ts'
import { checkOptions, type UpsPluginOptions } from './options.ts'

export type ConfigurationCheck =
  | { readonly ok: true; readonly source: string; readonly report: ConfigurationReport }
  | {
      readonly ok: false
      readonly source: string
      /** One sentence. */
      readonly message: string
      /** The values that cannot be used; empty when the directory could not be read at all. */
      readonly problems: readonly ConfigurationProblem[]
    }

/** Uses the options `config`, `ldap`, `device` and `host.clock`. @throws UpsError UPS_BAD_OPTION */
export async function checkConfiguration(given: UpsPluginOptions): Promise<ConfigurationCheck> {
  const options = checkOptions(given)
  const directory = directoryOf(options)
  const read = await readConfiguration(directory, options.device)
  if (!read.ok) {
    return { ok: false, source: directory.source, message: read.error.message, problems: read.problems }
  }
  const inForce = { configuration: read.configuration, readAt: options.host.clock(), from: 'directory' } as const
  return { ok: true, source: directory.source, report: describeConfiguration(inForce) }
}
