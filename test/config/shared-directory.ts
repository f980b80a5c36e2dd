/**
 * Where other people's test data lies: ARCHIVE_UPS_SHARED, else `../shared` beside the repository. It is not part of the
 * repository, so a test that needs it asks here first.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const SHARED = process.env['ARCHIVE_UPS_SHARED'] ?? resolve(import.meta.dirname, '../../../shared')

const missing = new Set<string>()

/** The path of something shared; undefined where it is missing, which one loud line at the end of the run tells. */
export function sharedPath(...segments: readonly string[]): string | undefined {
  const path = join(SHARED, ...segments)
  if (existsSync(path)) return path
  if (missing.size === 0) process.once('exit', tell)
  missing.add(join(...segments))
  return undefined
}

function tell(): void {
  const what = [...missing].join(', ')
  console.warn(`!!! SKIPPED, IN ${SHARED} IS MISSING: ${what}; set ARCHIVE_UPS_SHARED to the folder that holds them`)
}
