/** What an index says of itself in the `_meta` of its mapping, and whether it can be followed further with this store. */
import { entryAt, isKept } from '../feed/entries.ts'
import type { Reached } from '../feed/position.ts'
import { MAPPING_VERSION } from './mapping.ts'
import type { IndexedStore } from './ports.ts'

/** How far the search has come in the feed: entries up to there are no more needed by it. */
export const CONSUMER = 'search'

export interface IndexMeta {
  readonly mappingVersion: number
  /** Of dates and times that say none. */
  readonly timeZone: string
  /** Everything up to it has been applied, perhaps some of what comes behind it, too. */
  readonly position: Reached
  /** When the feed entry at that position was made: by it another store is told from this one. */
  readonly at: string | null
  /** UIDs of workitems that the cluster would not take; null: they are too many to be named. */
  readonly unindexed: readonly string[] | null
}

/** The name of the zone, also where it is that of the process. */
export const zoneName = (timeZone: string | undefined): string =>
  timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone

/** When the entry at the position was made; undefined: it is no longer there. */
export async function momentOf(store: IndexedStore, position: Reached): Promise<string | undefined> {
  const entry = position === 0 ? undefined : await entryAt(position, store)
  return entry?.at.toISOString()
}

/**
 * Why the index cannot be kept up with this store; undefined: it can. `seen`: the newest version of a workitem in it.
 */
export async function misfit(
  { mappingVersion, position, at, unindexed }: Partial<IndexMeta>,
  seen: () => Promise<number>,
  store: IndexedStore,
): Promise<string | undefined> {
  if (mappingVersion !== MAPPING_VERSION || position === undefined) return 'it has another mapping'
  if (!Array.isArray(unindexed)) return 'it lacks workitems'
  const head = (await store.head()) ?? 0
  if (Math.max(position, await seen()) > head) return 'it has seen more than the store holds'
  if (head > 0 && (await store.cursor(CONSUMER)) === undefined) return 'it was not made from this store'
  const made = await momentOf(store, position)
  if (made !== undefined && made !== at) return 'it was made from another store'
  return (await isKept(position, store)) ? undefined : 'the feed has forgotten what it lacks'
}
