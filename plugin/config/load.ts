/** From a directory to its configuration, or to what is wrong with it. */
import { hasCode, type UpsError } from '../errors.ts'
import { type DeviceTree, type Directory, DirectoryError, type DirectoryFailure } from './directory.ts'
import { type ConfigurationProblem, configurationError } from './problems.ts'
import { resolveConfiguration } from './resolve.ts'
import type { ArchiveConfiguration } from './configuration.ts'

export interface Good {
  readonly ok: true
  /** What the directory said before it was read; see `Directory.stampDevice`. */
  readonly stamp: string | undefined
  readonly tree: DeviceTree
  readonly configuration: ArchiveConfiguration
}

export interface Failed {
  readonly ok: false
  readonly stamp: string | undefined
  /** `unreachable`: asking again may help. `unusable`, `invalid`: somebody must change the directory. */
  readonly kind: DirectoryFailure | 'invalid'
  readonly error: UpsError
  readonly problems: readonly ConfigurationProblem[]
}

export type Read = Good | Failed

/** Reads a directory and understands it, or says what is wrong with it. */
export async function readConfiguration(directory: Directory, deviceName: string): Promise<Read> {
  let stamp: string | undefined
  try {
    // Before the tree: what changes in between is seen at the next look.
    stamp = await directory.stampDevice?.(deviceName)
    const tree = await directory.readDevice(deviceName)
    const resolved = resolveConfiguration(tree, directory.source)
    if (resolved.ok) return { ok: true, stamp, tree, configuration: resolved.configuration }
    const { problems } = resolved
    return { ok: false, stamp, kind: 'invalid', error: configurationError(directory.source, problems), problems }
  } catch (error) {
    if (!hasCode(error, 'UPS_BAD_CONFIGURATION')) throw error
    const kind = error instanceof DirectoryError ? error.failure : 'unusable'
    return { ok: false, stamp, kind, error, problems: [] }
  }
}
