/** A physical index that follows the feed. What is written may be repeated: the index passes over what it has. */
import { setImmediate } from 'node:timers/promises'
import { isKept } from '../feed/entries.ts'
import { behind, type Reached } from '../feed/position.ts'
import type { Logger } from '../host.ts'
import type { Listed } from '../store/store.ts'
import type { BulkWriter } from './bulk.ts'
import { type Changes, changesOf, documentsOf } from './changes.ts'
import { ClusterFailure } from './failure.ts'
import { Freshness } from './freshness.ts'
import { type IndexMeta, momentOf, zoneName } from './index-meta.ts'
import type { Indices } from './indices.ts'
import { MAPPING_VERSION } from './mapping.ts'
import type { IndexedStore, SearchTally } from './ports.ts'

/** Feed entries, or workitems, that are read at a time; nobody else has a turn while their documents are made. */
export const BATCH = 200

/** UIDs of workitems that were refused, which an index can keep in mind. */
const MOST_UNINDEXED = 1_000

/** How many of them are worth a line of the log. */
const MOST_TOLD = 100

export interface FollowerTools {
  readonly store: IndexedStore
  readonly indices: Indices
  readonly bulk: BulkWriter
  readonly tally: SearchTally
  readonly logger: Logger
}

export interface Start {
  readonly name: string
  readonly timeZone: string | undefined
  readonly position: Reached
  readonly unindexed: readonly string[]
}

export class FollowedIndex {
  readonly name: string
  readonly timeZone: string | undefined
  readonly freshness: Freshness
  readonly #tools: FollowerTools
  /** Workitems that the cluster will not take as they are. While there is one, the index cannot tell who matches. */
  readonly #unindexed: Set<string>
  /** How far the index knows that it has come. */
  #noted: Reached
  #unnoted = false

  constructor({ name, timeZone, position, unindexed }: Start, tools: FollowerTools) {
    this.name = name
    this.timeZone = timeZone
    this.#tools = tools
    this.#noted = position
    this.#unindexed = new Set(unindexed)
    this.freshness = new Freshness(position, async () => {
      await tools.indices.refresh(name)
      tools.tally.refreshed()
    })
  }

  get applied(): Reached {
    return this.freshness.applied
  }

  get isComplete(): boolean {
    return this.#unindexed.size === 0
  }

  /** Whether the index itself does not know how far it has come, or what it lacks. */
  get isUnnoted(): boolean {
    return this.#unnoted || this.applied > this.#noted
  }

  /** Applies the next entries of the feed. Fulfilled with whether there may be more. */
  async step(): Promise<boolean> {
    const { applied } = this
    const { store } = this.#tools
    const entries = await store.readFeed(behind(applied), BATCH)
    if (!(await isKept(applied, store))) throw new ClusterFailure('gone', 'the feed has forgotten entries')
    const last = entries.at(-1)
    if (!last) return false
    const wrote = await this.#write(await changesOf(entries, store, this.timeZone))
    this.freshness.advance(last.position, wrote)
    if (this.#unnoted) await this.note()
    return entries.length === BATCH
  }

  /** Workitems as they are, from before the index follows the feed. */
  async copy(listed: readonly Listed[]): Promise<void> {
    await this.#write(documentsOf(listed, this.timeZone))
  }

  /** The index keeps in mind how far it has come. @returns that position */
  async note(): Promise<Reached> {
    const { applied } = this
    await this.#tools.indices.writeMeta(this.name, await this.#meta(applied))
    this.#noted = applied
    this.#unnoted = false
    return applied
  }

  async #meta(position: Reached): Promise<IndexMeta> {
    return {
      ...firstMeta(this.timeZone),
      position,
      at: (await momentOf(this.#tools.store, position)) ?? null,
      unindexed: this.#unindexed.size > MOST_UNINDEXED ? null : [...this.#unindexed],
    }
  }

  /** Fulfilled with whether there was anything to write. */
  async #write({ changes, unfit }: Changes): Promise<boolean> {
    const refused = new Set(unfit)
    // Documents have been made of many: somebody else may have a turn.
    await setImmediate()
    for (const uid of await this.#tools.bulk.write(this.name, changes)) refused.add(uid)
    for (const { uid } of changes) if (!refused.has(uid) && this.#unindexed.delete(uid)) this.#unnoted = true
    for (const uid of refused) this.#refuse(uid)
    this.#tools.tally.indexed(changes.length)
    return changes.length > 0
  }

  #refuse(uid: string): void {
    this.#tools.tally.refused(1)
    if (this.#unindexed.has(uid)) return
    this.#unindexed.add(uid)
    this.#unnoted = true
    if (this.#unindexed.size > MOST_TOLD) return
    this.#tools.logger.error({ uid }, 'a workitem cannot be indexed: until it changes the store answers searches')
  }
}

/** Of an index that holds nothing yet. */
export const firstMeta = (timeZone: string | undefined): IndexMeta => ({
  mappingVersion: MAPPING_VERSION,
  timeZone: zoneName(timeZone),
  position: 0,
  at: null,
  unindexed: [],
})
