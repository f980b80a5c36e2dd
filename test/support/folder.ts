import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Folder {
  readonly path: string
  remove(): void
}

/** A folder of its own for one test. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'archive-ups-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
