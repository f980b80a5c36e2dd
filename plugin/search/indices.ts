/** The physical indices, the template that they are made by, and the alias in front of the one that is complete. */
import type { Cluster } from './cluster.ts'
import { ClusterFailure, isFailure, NOT_FOUND } from './failure.ts'
import type { IndexMeta } from './index-meta.ts'
import type { IndexNames } from './index-names.ts'
import { INDEX_TEMPLATE } from './mapping.ts'

/** Wins over templates that an administrator has made for everything. */
const PRIORITY = 500

/**
 * It is refreshed when a search needs it, and not else. What was deleted is remembered for longer than a request may be on
 * its way: one that was given up and arrives all the same must not bring it back.
 */
const SETTINGS = { refresh_interval: '-1', gc_deletes: '10m' } as const

export interface CurrentIndex {
  readonly name: string
  readonly meta: Partial<IndexMeta>
}

export class Indices {
  readonly #cluster: Cluster
  readonly #names: IndexNames

  constructor(cluster: Cluster, names: IndexNames) {
    this.#cluster = cluster
    this.#names = names
  }

  async putTemplate(): Promise<void> {
    const { template: name, pattern } = this.#names
    await this.#cluster.ask((client, options) =>
      client.indices.putIndexTemplate(
        {
          name,
          index_patterns: [pattern],
          priority: PRIORITY,
          // A write that comes too late must not bring an index back that was deleted.
          allow_auto_create: false,
          template: INDEX_TEMPLATE,
        },
        options,
      ),
    )
  }

  /** What the alias stands for; undefined: for nothing, or not for one index. */
  async current(): Promise<CurrentIndex | undefined> {
    const [name, ...more] = await this.#named(this.#names.alias)
    if (name === undefined || more.length > 0) return undefined
    const mappings = await this.#cluster.ask((client, options) => client.indices.getMapping({ index: name }, options))
    const { _meta: meta = {} } = mappings[name]?.mappings ?? {}
    return { name, meta }
  }

  async isCurrent(name: string): Promise<boolean> {
    const [current, ...more] = await this.#named(this.#names.alias)
    return current === name && more.length === 0
  }

  create(name: string, meta: IndexMeta): Promise<unknown> {
    return this.#cluster.ask((client, options) =>
      client.indices.create({ index: name, settings: SETTINGS, mappings: { _meta: { ...meta } } }, options),
    )
  }

  writeMeta(name: string, meta: IndexMeta): Promise<unknown> {
    return this.#cluster.ask((client, options) =>
      client.indices.putMapping({ index: name, _meta: { ...meta } }, options),
    )
  }

  /** Searches see then what was written before. */
  async refresh(name: string): Promise<void> {
    const { _shards } = await this.#cluster.ask((client, options) => client.indices.refresh({ index: name }, options))
    if (_shards && _shards.failed > 0) throw new ClusterFailure('busy', 'a shard was not refreshed')
  }

  /** The newest version of a workitem in it; 0: it holds none. */
  async newest(name: string): Promise<number> {
    await this.refresh(name)
    const { hits } = await this.#cluster.ask((client, options) =>
      client.search<{ readonly version: number }>(
        {
          index: name,
          size: 1,
          sort: [{ version: 'desc' }],
          _source: ['version'],
          track_total_hits: false,
          allow_partial_search_results: false,
        },
        options,
      ),
    )
    const { _source: newest } = hits.hits[0] ?? {}
    return newest?.version ?? 0
  }

  /** From one moment to the next the alias stands for this index. */
  pointTo(name: string): Promise<unknown> {
    const { alias, everyVersion } = this.#names
    return this.#cluster.ask((client, options) =>
      client.indices.updateAliases(
        {
          actions: [{ remove: { index: everyVersion, alias, must_exist: false } }, { add: { index: name, alias } }],
        },
        options,
      ),
    )
  }

  /** Names of those there are, complete or not. */
  all(): Promise<readonly string[]> {
    return this.#named(undefined)
  }

  remove(name: string): Promise<unknown> {
    return this.#cluster.ask((client, options) =>
      client.indices.delete({ index: name, ignore_unavailable: true }, options),
    )
  }

  async #named(alias: string | undefined): Promise<readonly string[]> {
    const index = this.#names.everyVersion
    try {
      const found = await this.#cluster.ask((client, options) =>
        client.indices.getAlias({ index, ...(alias === undefined ? {} : { name: alias }) }, options),
      )
      return Object.keys(found)
    } catch (error) {
      if (isFailure(error) && error.status === NOT_FOUND) return []
      throw error
    }
  }
}
