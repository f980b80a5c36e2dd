/**
 * Makes a new index beside the one that answers: workitems are copied in order of creation, then what happened since is
 * applied from the feed, and the alias is put before it. Nothing is written into it from anywhere else meanwhile, so what
 * was deleted stays away.
 */
import { behind, type Reached } from '../feed/position.ts'
import type { Progress, Sequence } from '../store/store.ts'
import { BackOff } from './back-off.ts'
import { ClusterFailure, type FailureKind, isFailure } from './failure.ts'
import { BATCH, firstMeta, FollowedIndex, type FollowerTools } from './followed-index.ts'
import { CONSUMER } from './index-meta.ts'

/** The place in the feed that an unfinished index still needs. */
export const REBUILDING = 'search-rebuild'

/** For how many milliseconds in a row a cluster in trouble is waited for, before what has been copied is given up. */
const PATIENCE = 60_000

export interface RebuildOptions extends FollowerTools {
  readonly name: string
  readonly timeZone: string | undefined
  /** How far the index has come that answers now. */
  readonly answering: () => Reached
  readonly progress: Progress
  readonly stopping: AbortSignal
}

export interface Rebuilt {
  readonly index: FollowedIndex
  readonly copied: number
}

/** Rejected with a ClusterFailure, or an error of the store; nothing is left then, if the cluster lets us. */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { name, timeZone, store, indices } = options
  const position = (await store.head()) ?? 0
  try {
    await store.moveCursor(REBUILDING, behind(position))
    await indices.create(name, firstMeta(timeZone))
    const index = new FollowedIndex({ name, timeZone, position, unindexed: [] }, options)
    const copied = await copyAll(index, options)
    await takeOver(index, options)
    return { index, copied }
  } catch (error) {
    await indices.remove(name).catch(() => undefined)
    throw error
  } finally {
    await store.moveCursor(REBUILDING, undefined).catch(() => undefined)
  }
}

/** @returns how many workitems there were */
async function copyAll(index: FollowedIndex, options: RebuildOptions): Promise<number> {
  const { store, progress } = options
  const all = await store.count()
  let copied = 0
  let after: Sequence | undefined
  for (;;) {
    const page = await store.list({ ...(after === undefined ? {} : { after }), limit: BATCH })
    if (page.length > 0) await patiently(() => index.copy(page), options)
    copied += page.length
    progress(copied, Math.max(all, copied))
    if (page.length < BATCH) return copied
    after = page.at(-1)?.sequence
  }
}

/** The alias stands for the index when it has all that the one has that answers now, and searches see it. */
async function takeOver(index: FollowedIndex, options: RebuildOptions): Promise<void> {
  const { store, indices, answering } = options
  await catchUp(index, options)
  await patiently(() => indices.refresh(index.name), options)
  await catchUp(index, options)
  const position = await patiently(() => index.note(), options)
  if (position !== 0) await store.moveCursor(CONSUMER, position)
  await patiently(() => indices.pointTo(index.name), options)
  // Searches need not wait again for what they have seen.
  while (index.applied < answering()) await patiently(() => index.step(), options)
}

async function catchUp(index: FollowedIndex, options: RebuildOptions): Promise<void> {
  while (await patiently(() => index.step(), options));
}

const TROUBLE: readonly FailureKind[] = ['away', 'busy']

async function patiently<Result>(work: () => Promise<Result>, { stopping, tally }: RebuildOptions): Promise<Result> {
  const backOff = new BackOff(stopping)
  const end = performance.now() + PATIENCE
  for (;;) {
    if (stopping.aborted) throw new ClusterFailure('away', 'stopped')
    try {
      return await work()
    } catch (error) {
      if (!isFailure(error, ...TROUBLE) || performance.now() > end) throw error
      tally.failed()
      await backOff.wait()
    }
  }
}
