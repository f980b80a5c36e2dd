/**
 * Where other people's test data lies: ARCHIVE_UPS_SHARED, else `../shared` beside the repository. It is not part of the
 * repository, so a test that needs it asks here first.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const SHARED = process.env['ARCHIVE_UPS_SHARED'] ?? resolve(import.meta.dirname, '../../../shared')

/** The path of something shared; undefined, and one loud line on the console, where it is missing. */
export function sharedPath(...segments: readonly string[]): string | undefined {
  const path = join(SHARED, ...segments)
  if (existsSync(path)) return path
  console.warn(
    `\n!!! SKIPPED, ${path} IS MISSING: set ARCHIVE_UPS_SHARED to the folder that holds ${join(...segments)}\n`,
  )
  return undefined
}
