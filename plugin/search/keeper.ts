/**
 * Keeps an index up with the feed, in one loop: finds the index or has it made, applies what happens, and comes back by
 * itself when the cluster was away. What the index has is not taken for granted after that: it is asked again.
 */
import { hasCode } from '../errors.ts'
import { Nudge } from '../feed/nudge.ts'
import { entriesBehind, type Reached } from '../feed/position.ts'
import { BackOff } from './back-off.ts'
import { ClusterFailure, isFailure } from './failure.ts'
import { FollowedIndex, type FollowerTools } from './followed-index.ts'
import { CONSUMER, misfit, zoneName } from './index-meta.ts'
import type { IndexNames } from './index-names.ts'
import type { Leases } from './leases.ts'
import { REBUILDING } from './rebuild.ts'
import { Rebuilder } from './rebuilder.ts'
import { Sweeper } from './sweeper.ts'

/** Milliseconds between looks at the alias. */
const LOOK = 5_000

/** Milliseconds after which the index, and the store, keep in mind how far it has come. */
const NOTE = 10_000

/** Milliseconds after a rebuild that failed, before it is tried again while another index answers. */
const REBUILD_AGAIN = 30_000

export interface KeeperOptions extends FollowerTools {
  readonly names: IndexNames
  readonly leases: Leases
  readonly timeZone: () => string | undefined
  readonly stopping: AbortSignal
}

export class Keeper {
  readonly #options: KeeperOptions
  readonly #sweeper: Sweeper
  readonly #nudge = new Nudge()
  /** The index that answers. */
  #live: FollowedIndex | undefined
  #isAway = false
  /** Where the feed and the index were when they were last looked at. */
  #head: Reached = 0
  #applied: Reached | undefined
  #trouble: string | undefined
  #looked = -Infinity
  #noted = -Infinity
  #rebuildNotBefore = 0
  readonly rebuilder: Rebuilder
  readonly #kept: Promise<void>

  constructor(options: KeeperOptions) {
    this.#options = options
    this.rebuilder = new Rebuilder({
      ...options,
      answering: () => this.#live?.applied ?? 0,
      rebuilt: ({ index, copied }) => this.#replace(index, copied),
    })
    this.#sweeper = new Sweeper({
      ...options,
      isUsed: (name) => name === this.#live?.name || name === this.rebuilder.building,
    })
    this.#kept = this.#keep()
  }

  get live(): FollowedIndex | undefined {
    return this.#live
  }

  get isAway(): boolean {
    return this.#isAway
  }

  /** Why the index cannot be followed, in a code or a few words; undefined: it can. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** How many feed entries the index had still to apply when that was last looked at. */
  get behind(): number {
    return entriesBehind(this.#applied ?? 0, this.#head)
  }

  /** Something may have been committed. */
  nudge(): void {
    this.#nudge.give()
  }

  /** Somebody who read that index found it, or the cluster, away. */
  failed(index: string, error: unknown): void {
    if (this.#options.stopping.aborted || this.#live?.name !== index) return
    if (!isFailure(error, 'gone', 'away')) return
    this.#fell(error)
    this.#nudge.give()
  }

  /** After the stopping was signalled. */
  async stopped(): Promise<void> {
    this.#nudge.give()
    await Promise.all([this.#kept, this.rebuilder.settled(), this.#sweeper.settled()])
    const live = this.#live
    if (live?.isUnnoted) await this.#note(live).catch(() => undefined)
    live?.freshness.giveUp()
  }

  async #keep(): Promise<void> {
    const { stopping } = this.#options
    const backOff = new BackOff(stopping)
    while (!stopping.aborted) {
      try {
        await this.#turn()
        backOff.reset()
      } catch (error) {
        if (stopping.aborted) return
        this.#fell(error)
        await this.#measure().catch(() => undefined)
        await backOff.wait()
      }
    }
  }

  async #turn(): Promise<void> {
    const live = this.#live ?? (await this.#begin())
    try {
      await this.#follow(live)
    } catch (error) {
      // That of an index that has been replaced meanwhile is nobody's trouble.
      if (this.#live === undefined || this.#live === live) throw error
    }
  }

  async #follow(live: FollowedIndex): Promise<void> {
    const mayBeMore = await live.step()
    await live.freshness.recover()
    await this.#measure()
    // Somebody who reads it may have found it away meanwhile.
    if (this.#live === live) this.#well()
    const now = performance.now()
    if (live.isUnnoted && now - this.#noted >= NOTE) await this.#note(live)
    if (now - this.#looked >= LOOK) await this.#look(live)
    if (mayBeMore) return
    this.#followTimeZone(live)
    await this.#nudge.wait(LOOK)
  }

  /** The index that is there, where it can be followed; else one is made. */
  async #begin(): Promise<FollowedIndex> {
    const { indices, store, logger } = this.#options
    await indices.putTemplate()
    const found = await this.#adopt()
    this.#isAway = false
    // A rebuild that somebody asked for may have been faster.
    if (this.#live) return this.#live
    if (typeof found === 'string') {
      if (this.rebuilder.building === undefined) logger.info({ reason: found }, 'the search index is made')
      return (await this.rebuilder.run()).index
    }
    this.#live = found
    this.#looked = performance.now()
    if (this.rebuilder.building === undefined && (await store.cursor(REBUILDING)) !== undefined)
      await store.moveCursor(REBUILDING, undefined)
    this.#sweeper.sweep()
    return found
  }

  /** The index behind the alias, or why it is of no use. */
  async #adopt(): Promise<FollowedIndex | string> {
    const { indices, store, timeZone } = this.#options
    const current = await indices.current()
    if (!current) return 'there is none'
    const { name, meta } = current
    const why = await misfit(meta, () => indices.newest(name), store)
    if (why !== undefined) return why
    const zone = meta.timeZone === zoneName(timeZone()) ? timeZone() : meta.timeZone
    const { position = 0, unindexed } = meta
    return new FollowedIndex({ name, timeZone: zone, position, unindexed: unindexed ?? [] }, this.#options)
  }

  #replace(index: FollowedIndex, workitems: number): void {
    const before = this.#live
    this.#live = index
    this.#isAway = false
    this.#looked = performance.now()
    this.#options.logger.info({ index: index.name, workitems }, 'the search index has been made')
    before?.freshness.giveUp()
    this.#sweeper.sweep()
    this.#nudge.give()
  }

  /** Also while the index is away: that is when somebody wants to know. */
  async #measure(): Promise<void> {
    this.#head = (await this.#options.store.head()) ?? 0
    // As long as no index has been seen, what the store remembers of one is the best guess.
    this.#applied = this.#live?.applied ?? this.#applied ?? (await this.#options.store.cursor(CONSUMER)) ?? 0
    this.#options.tally.behind(this.behind)
  }

  async #note(live: FollowedIndex): Promise<void> {
    const position = await live.note()
    this.#noted = performance.now()
    if (position !== 0 && this.#live === live) await this.#options.store.moveCursor(CONSUMER, position)
  }

  /** An administrator may have deleted it, and nothing is written into it that would tell. */
  async #look(live: FollowedIndex): Promise<void> {
    const isCurrent = await this.#options.indices.isCurrent(live.name)
    this.#looked = performance.now()
    if (!isCurrent && this.#live === live) throw new ClusterFailure('gone', 'the alias does not stand for it')
  }

  /** Sort keys of date-times depend on the zone. */
  #followTimeZone(live: FollowedIndex): void {
    const { timeZone, logger } = this.#options
    if (zoneName(timeZone()) === zoneName(live.timeZone) || this.rebuilder.building !== undefined) return
    if (performance.now() < this.#rebuildNotBefore) return
    logger.info({ reason: 'the time zone has changed' }, 'the search index is made')
    this.rebuilder.run().catch((error: unknown) => {
      this.#rebuildNotBefore = performance.now() + REBUILD_AGAIN
      logger.warn({ reason: reasonOf(error) }, 'the search index could not be made')
    })
  }

  #fell(error: unknown): void {
    if (isFailure(error)) this.#options.tally.failed()
    if (isFailure(error, 'gone', 'away', 'refused')) {
      this.#live?.freshness.giveUp()
      this.#live = undefined
      this.#isAway = error.kind !== 'gone'
    }
    const trouble = reasonOf(error)
    // The same trouble at every try is told once.
    if (trouble !== this.#trouble) this.#options.logger.warn({ reason: trouble }, 'the search index cannot be followed')
    this.#trouble = trouble
  }

  #well(): void {
    if (this.#trouble !== undefined) this.#options.logger.info({}, 'the search index is followed again')
    this.#trouble = undefined
  }
}

/** Nothing of a request or a workitem: messages of other errors may quote both. */
function reasonOf(error: unknown): string {
  if (isFailure(error)) return error.message
  if (hasCode(error, 'UPS_STORE_UNAVAILABLE')) return error.code
  return error instanceof Error ? error.name : typeof error
}
