/**
 * What entries of the feed did to workitems: the dataset before and after each, though the store has only the present one.
 * What happened since is undone, back from the version that was read.
 */
import type { Dataset } from '../dicom/dataset.ts'
import { undone } from '../store/replaced.ts'
import type { FeedEntry, Listed, Position, Replaced, Store } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'

/** Datasets of a change share what it did not change, and so do those of one workitem. */
export interface Change {
  readonly entry: FeedEntry
  /** Undefined: a creation; or the workitem is deleted, and with it what it was. */
  readonly before: Dataset | undefined
  /** Undefined: the workitem is deleted. */
  readonly after: Dataset | undefined
}

type Entries = ReadonlyMap<Position | undefined, FeedEntry>

/**
 * `entries`: of one reading, none left out in between. Left out of the answer are global subscriptions, and what was done to
 * workitems that are deleted by now, but for the deletion; so is, where the feed was pruned meanwhile, what cannot be told.
 */
export async function changesOf(
  entries: readonly FeedEntry[],
  store: Pick<Store, 'retrieveAll' | 'histories'>,
): Promise<readonly Change[]> {
  const last = new Map<string, Position>()
  for (const { is, uid, position } of entries) if (is === 'there') last.set(uid, position)
  const listed = last.size === 0 ? [] : await store.retrieveAll([...last.keys()])
  const later = byPosition(await entriesSince(last, listed, store))
  const own = byPosition(entries)
  const changes = new Map(
    listed.flatMap((one) => changesBack(one, own, later)).map((change) => [change.entry.position, change]),
  )
  return entries.flatMap((entry) => (entry.is === 'deleted' ? deletion(entry) : (changes.get(entry.position) ?? [])))
}

/** Of workitems that had changed again when they were read. One that has been deleted since then has none. */
async function entriesSince(
  last: ReadonlyMap<string, Position>,
  listed: readonly Listed[],
  store: Pick<Store, 'histories'>,
): Promise<readonly FeedEntry[]> {
  const changed = listed.flatMap(({ uid, version }) => {
    const after = last.get(uid)
    return after === undefined || after === version ? [] : [{ uid, after }]
  })
  return changed.length === 0 ? [] : store.histories(changed)
}

/**
 * From the version that was read back through `previous`. What the store has added behind that version is not on this way;
 * nor are the entries of an earlier workitem with this UID, or of one whose later entries are gone.
 */
function changesBack({ version, json }: Listed, own: Entries, later: Entries): readonly Change[] {
  const { at, replaced } = undoAll(version, later)
  const changes: Change[] = []
  let after: Dataset | undefined = undone(storedDataset(json), replaced)
  for (let entry = own.get(at); entry && after; entry = own.get(entry.previous)) {
    const before: Dataset | undefined = entry.previous === undefined ? undefined : undone(after, entry.replaced)
    changes.push({ entry, before, after })
    after = before
  }
  return changes
}

/** All in one: of what several replaced, the earliest holds. `at`: the entry before them. */
function undoAll(
  version: Position,
  later: Entries,
): { readonly at: Position | undefined; readonly replaced: Replaced } {
  const replaced: Record<string, Replaced[string]> = {}
  let at: Position | undefined = version
  for (let entry = later.get(at); entry; entry = later.get(at)) {
    Object.assign(replaced, entry.replaced)
    at = entry.previous
  }
  return { at, replaced }
}

const deletion = (entry: FeedEntry): Change => ({ entry, before: undefined, after: undefined })

const byPosition = (entries: readonly FeedEntry[]): Entries => new Map(entries.map((entry) => [entry.position, entry]))
