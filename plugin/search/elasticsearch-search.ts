/**
 * Search in Elasticsearch. It sees every commit that was fulfilled before: a search notes where the feed is, waits until the
 * index has come there, and has it refreshed if need be. It answers nothing while that cannot be had soon.
 */
import type { Reached } from '../feed/position.ts'
import type { Candidates, Criteria } from '../store/candidates.ts'
import type { Progress } from '../store/store.ts'
import type { SearchEngine, SearchStatus } from '../worklist/search-engine.ts'
import { BulkWriter } from './bulk.ts'
import { Cluster, SEARCH_WAITS } from './cluster.ts'
import { isFailure, unavailable } from './failure.ts'
import type { FollowedIndex } from './followed-index.ts'
import { type Aim, countIn, FoundInIndex } from './found-in-index.ts'
import { indexNames } from './index-names.ts'
import { Indices } from './indices.ts'
import { Keeper } from './keeper.ts'
import { Leases } from './leases.ts'
import type { Container } from './pager.ts'
import type { SearchPorts } from './ports.ts'
import { queryOf, type SearchQuery } from './query.ts'
import type { ElasticsearchSettings } from './settings.ts'
import { disorderOf, sortOf } from './sort.ts'
import { Surprises } from './surprises.ts'

const DEFAULT_PREFIX = 'archive-ups-'

export interface Reindexed {
  /** How many workitems were copied. */
  readonly indexed: number
  readonly index: string
}

export class ElasticsearchSearch implements SearchEngine {
  readonly #ports: SearchPorts
  readonly #cluster: Cluster
  readonly #leases = new Leases()
  readonly #stopping = new AbortController()
  readonly #keeper: Keeper
  readonly #surprises: Surprises
  readonly #unwatch: () => void
  #stopped: Promise<void> | undefined

  private constructor(settings: ElasticsearchSettings, ports: SearchPorts) {
    this.#ports = ports
    this.#cluster = new Cluster(settings)
    this.#surprises = new Surprises(ports)
    const names = indexNames(settings.prefix ?? DEFAULT_PREFIX)
    const stopping = this.#stopping.signal
    this.#keeper = new Keeper({
      ...ports,
      timeZone: () => ports.timeZone(),
      names,
      indices: new Indices(this.#cluster, names),
      bulk: new BulkWriter({ cluster: this.#cluster, refusedForNow: () => ports.tally.failed(), stopping }),
      leases: this.#leases,
      stopping,
    })
    this.#unwatch = ports.store.watch(() => this.#keeper.nudge())
  }

  /** Never waits for the cluster: what is away now is tried again. */
  static start(settings: ElasticsearchSettings, ports: SearchPorts): ElasticsearchSearch {
    return new ElasticsearchSearch(settings, ports)
  }

  async find(criteria: Criteria): Promise<Candidates | undefined> {
    try {
      return await this.#find(criteria)
    } catch (error) {
      this.#surprises.note(error)
      return undefined
    }
  }

  /**
   * One at a time: a second caller joins the one that runs. Progress: how many of how many are copied.
   * Rejected with UPS_SEARCH_UNAVAILABLE, or what the store says.
   */
  async reindex(progress?: Progress): Promise<Reindexed> {
    try {
      const { index, copied } = await this.#keeper.rebuilder.run(progress)
      return { indexed: copied, index: index.name }
    } catch (error) {
      throw isFailure(error) ? unavailable(error) : error
    }
  }

  status(): SearchStatus {
    const { live, isAway, behind, trouble } = this.#keeper
    if (!live && isAway) return { state: 'away', behind, ...(trouble === undefined ? {} : { reason: trouble }) }
    if (!live) return { state: 'building', behind }
    return { state: canAnswer(live) ? 'ready' : 'behind', behind }
  }

  /** Fulfilled when nothing is under way. Stopping twice is harmless. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop())
  }

  async #stop(): Promise<void> {
    this.#unwatch()
    this.#stopping.abort()
    this.#leases.giveUp()
    this.#cluster.callOff()
    await this.#keeper.stopped()
    await this.#cluster.close()
  }

  async #find(criteria: Criteria): Promise<Candidates | undefined> {
    const { live: now } = this.#keeper
    if (!now || !canAnswer(now)) {
      // Word of the commit that makes it well may have been missed.
      this.#keeper.nudge()
      return undefined
    }
    if (!sortFor(now, criteria)) return undefined
    const asked = queryFor(criteria)
    if (!asked) return undefined
    const position: Reached = (await this.#ports.store.head()) ?? 0
    const live = await this.#freshIndex(position)
    const sort = live && sortFor(live, criteria)
    if (!live || !sort) return undefined
    const [isOrdered, exact] = await this.#reading(live, () =>
      Promise.all([this.#isOrdered(live, criteria, asked), this.#isExact(live, asked)]),
    )
    if (!isOrdered) return undefined
    return new FoundInIndex({
      exact,
      aim: () => this.#aim(position, criteria, asked),
      cluster: this.#cluster,
      store: this.#ports.store,
      failed: (index, error) => {
        this.#keeper.failed(index, error)
        this.#surprises.note(error)
      },
    })
  }

  /** The index that answers now, once searches see the position in it; undefined: not soon enough. */
  async #freshIndex(position: Reached): Promise<FollowedIndex | undefined> {
    const { live } = this.#keeper
    if (!live || !canAnswer(live)) return undefined
    // Word of a commit may be missed.
    if (live.applied < position) this.#keeper.nudge()
    const isFresh = await this.#reading(live, () => live.freshness.reach(position, SEARCH_WAITS))
    if (this.#keeper.live !== live) return this.#freshIndex(position)
    // The workitem that was waited for may be one that the cluster will not take.
    return isFresh && live.isComplete ? live : undefined
  }

  /** Documents without their right place in the order. */
  async #isOrdered({ name }: FollowedIndex, { order }: Criteria, { query }: SearchQuery): Promise<boolean> {
    if (order.length === 0) return true
    const disorder = { bool: { filter: [query, disorderOf(order)] } }
    return (await countIn(this.#cluster, name, disorder, 1)) === 0
  }

  async #isExact({ name }: FollowedIndex, { exact, exactUnless }: SearchQuery): Promise<boolean> {
    return exact || (exactUnless !== undefined && (await countIn(this.#cluster, name, exactUnless, 1)) === 0)
  }

  /** Another index may answer by now than when the search was begun. */
  async #aim(position: Reached, criteria: Criteria, { query }: SearchQuery): Promise<Aim> {
    const live = await this.#freshIndex(position).catch((error: unknown) => {
      this.#surprises.note(error)
      throw unavailable(error)
    })
    const sort = live && sortFor(live, criteria)
    if (!live || !sort) throw unavailable(undefined)
    return { index: live.name, query: query as Container, sort, release: this.#leases.take(live.name) }
  }

  async #reading<Result>({ name }: FollowedIndex, read: () => Promise<Result>): Promise<Result> {
    const release = this.#leases.take(name)
    try {
      return await read()
    } catch (error) {
      this.#keeper.failed(name, error)
      throw error
    } finally {
      release()
    }
  }
}

const canAnswer = ({ isComplete, freshness }: FollowedIndex): boolean => isComplete && !freshness.isBehind

const sortFor = ({ timeZone }: FollowedIndex, { order, timeZone: asked }: Criteria) =>
  sortOf(order, { asked, indexed: timeZone })

/** Undefined: Intl does not know the time zone. What is the matter with that the store's own search will tell. */
function queryFor({ query, timeZone }: Criteria): SearchQuery | undefined {
  try {
    return queryOf(query, timeZone)
  } catch (error) {
    if (error instanceof RangeError && !isTimeZone(timeZone)) return undefined
    throw error
  }
}

function isTimeZone(timeZone: string | undefined): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
