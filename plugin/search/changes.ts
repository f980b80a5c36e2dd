/** What is to be written into an index: of the workitems as they are now, and of feed entries. */
import type { FeedEntry, Listed, Position } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { documentOf } from './document.ts'
import type { IndexedStore } from './ports.ts'

/** What is older than what the index has already is passed over by it: so changes may be repeated, and overtake each other. */
export interface Change {
  readonly uid: string
  /** Position in the feed. */
  readonly version: Position
  /** JSON; undefined: the workitem is taken out. */
  readonly document: string | undefined
}

export interface Changes {
  readonly changes: readonly Change[]
  /** Of which no document can be made. */
  readonly unfit: readonly string[]
}

/** The last entry of each workitem counts. */
export async function changesOf(
  entries: readonly FeedEntry[],
  store: IndexedStore,
  timeZone: string | undefined,
): Promise<Changes> {
  const last = new Map(entries.filter(({ is }) => is !== 'global').map((entry) => [entry.uid, entry]))
  const { there = [], deleted = [] } = Object.groupBy(last.values(), ({ is }) => (is === 'deleted' ? is : 'there'))
  // Who is gone by now was deleted by an entry that comes later.
  const listed = there.length === 0 ? [] : await store.retrieveAll(there.map(({ uid }) => uid))
  const { changes, unfit } = documentsOf(listed, timeZone)
  const removals = deleted.map(({ uid, position }) => ({ uid, version: position, document: undefined }))
  return { changes: [...changes, ...removals], unfit }
}

export function documentsOf(listed: readonly Listed[], timeZone: string | undefined): Changes {
  const changes: Change[] = []
  const unfit: string[] = []
  for (const one of listed) {
    const document = textOf(one, timeZone)
    if (document === undefined) unfit.push(one.uid)
    else changes.push({ uid: one.uid, version: one.version, document })
  }
  return { changes, unfit }
}

/** A workitem of which no document can be made must not hold up the others. */
function textOf(listed: Listed, timeZone: string | undefined): string | undefined {
  try {
    return JSON.stringify(documentOf(listed, storedDataset(listed.json), timeZone))
  } catch {
    return undefined
  }
}
