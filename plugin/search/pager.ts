/** Reads UIDs from one moment of an index, page after page: however deep, each page costs the same. */
import type { estypes } from '@elastic/elasticsearch'
import type { Abortable } from '../store/candidates.ts'
import { type Cluster, SEARCH_WAITS } from './cluster.ts'
import { ClusterFailure } from './failure.ts'

/** Few for those who want a page, and then more. */
const FIRST_PAGE = 50
const LARGEST_PAGE = 1_000
/** The most that the cluster gives at a time, and passes over at a time. */
const WINDOW = 10_000

/** How long the cluster keeps that moment for whoever reads on. */
const KEEP_ALIVE = '5m'

export type Container = NonNullable<estypes.QueryDslQueryContainer>

export interface Paged {
  readonly index: string
  readonly query: Container
  /** Total: no two documents are equal. */
  readonly sort: readonly estypes.SortCombinations[]
}

export class Pager {
  readonly #cluster: Cluster
  readonly #paged: Paged
  /** The moment. */
  #id = ''
  /** Sort values of the last hit. */
  #after: estypes.SortResults | undefined

  constructor(cluster: Cluster, paged: Paged) {
    this.#cluster = cluster
    this.#paged = paged
  }

  /** Once the signal is aborted the cluster is asked for nothing more, and there are no more pages. */
  async *pages(skip: number, signal?: Abortable): AsyncGenerator<readonly string[]> {
    if (signal?.aborted) return
    await this.#open()
    try {
      const isFar = skip > WINDOW - FIRST_PAGE
      if (isFar && !(await this.#skip(skip, signal))) return
      let from = isFar ? 0 : skip
      for (let size = FIRST_PAGE; ; size = Math.min(size * 4, LARGEST_PAGE)) {
        if (signal?.aborted) return
        const uids = (await this.#read(size, { from })).map(({ _id }) => _id ?? '')
        if (uids.length > 0 && !signal?.aborted) yield uids
        if (uids.length < size) return
        from = 0
      }
    } finally {
      this.#close()
    }
  }

  /** Asks for nothing but the places of those that are passed over. Fulfilled with whether there are that many. */
  async #skip(skip: number, signal: Abortable | undefined): Promise<boolean> {
    for (let left = skip; left > 0; left -= WINDOW) {
      if (signal?.aborted) return false
      const size = Math.min(left, WINDOW)
      const hits = await this.#read(size, { stored_fields: '_none_' })
      if (hits.length < size) return false
    }
    return true
  }

  async #read(
    size: number,
    more: { readonly from?: number; readonly stored_fields?: string },
  ): Promise<readonly estypes.SearchHit[]> {
    const { query, sort } = this.#paged
    const answer = await this.#cluster.ask(
      (client, options) =>
        client.search(
          {
            pit: { id: this.#id, keep_alive: KEEP_ALIVE },
            query,
            sort: [...sort],
            size,
            ...(this.#after === undefined ? {} : { search_after: this.#after }),
            ...more,
            _source: false,
            track_total_hits: false,
            // A shard that is away would leave workitems out, and nobody would know.
            allow_partial_search_results: false,
          },
          options,
        ),
      SEARCH_WAITS,
    )
    if (answer.timed_out) throw new ClusterFailure('busy', 'a search was cut short')
    this.#id = answer.pit_id ?? this.#id
    const { hits } = answer.hits
    this.#after = hits.at(-1)?.sort ?? this.#after
    return hits
  }

  async #open(): Promise<void> {
    const { index } = this.#paged
    const { id } = await this.#cluster.ask(
      (client, options) => client.openPointInTime({ index, keep_alive: KEEP_ALIVE }, options),
      SEARCH_WAITS,
    )
    this.#id = id
  }

  /** Nobody waits for that. Where it fails the cluster forgets the moment by itself, later. */
  #close(): void {
    this.#cluster.ask((client, options) => client.closePointInTime({ id: this.#id }, options)).catch(() => undefined)
  }
}
