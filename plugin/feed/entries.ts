/** What a consumer of the feed asks before it relies on a position that it had. */
import type { FeedEntry, Position, Store } from '../store/store.ts'
import { before, type Reached } from './position.ts'

/** Whether every entry behind it can still be read. */
export async function isKept(reached: Reached, store: Pick<Store, 'feedStart'>): Promise<boolean> {
  return reached >= ((await store.feedStart()) ?? 0)
}

/** Undefined: it is no longer there, or has never been. */
export async function entryAt(position: Position, store: Pick<Store, 'readFeed'>): Promise<FeedEntry | undefined> {
  const [entry] = await store.readFeed(before(position), 1)
  return entry?.position === position ? entry : undefined
}
