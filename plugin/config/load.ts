/** Directory to configuration, for a caller that has nothing to fall back on. */
import { configurationError } from './problems.ts'
import { resolveConfiguration } from './resolve.ts'
import type { ArchiveConfiguration } from './configuration.ts'
import type { Directory } from './directory.ts'

/** @throws UpsError UPS_BAD_CONFIGURATION: a DirectoryError, or one whose message names every value that is wrong. */
export async function loadConfiguration(directory: Directory, deviceName: string): Promise<ArchiveConfiguration> {
  const resolved = resolveConfiguration(await directory.readDevice(deviceName), directory.source)
  if (!resolved.ok) throw configurationError(directory.source, resolved.problems)
  return resolved.configuration
}
