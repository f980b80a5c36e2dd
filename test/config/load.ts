import { readConfiguration } from '../../plugin/config/load.ts'
import type { ArchiveConfiguration } from '../../plugin/config/configuration.ts'
import type { Directory } from '../../plugin/config/directory.ts'

/** The configuration in a directory; rejected with what is wrong with it. */
export async function loadConfiguration(directory: Directory, deviceName: string): Promise<ArchiveConfiguration> {
  const read = await readConfiguration(directory, deviceName)
  if (!read.ok) throw read.error
  return read.configuration
}
