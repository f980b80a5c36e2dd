/** What a search found in the index: read page by page from one moment of it, and the workitems from the store. */
import type { Abortable, Candidates } from '../store/candidates.ts'
import type { Listed } from '../store/store.ts'
import { type Cluster, SEARCH_WAITS } from './cluster.ts'
import { ClusterFailure, unavailable } from './failure.ts'
import { type Container, type Paged, Pager } from './pager.ts'
import type { IndexedStore } from './ports.ts'

/** An index that a search reads, and how it asks it. */
export interface Aim extends Paged {
  /** It is no longer read. */
  readonly release: () => void
}

export interface FoundOptions {
  readonly exact: boolean
  /** The index as it must be for the search that found this. Rejected with UPS_SEARCH_UNAVAILABLE: there is none any more. */
  readonly aim: () => Promise<Aim>
  readonly cluster: Cluster
  readonly store: Pick<IndexedStore, 'retrieveAll'>
  /** Told of what went wrong while the index was read. */
  readonly failed: (index: string, error: unknown) => void
}

export class FoundInIndex implements Candidates {
  readonly exact: boolean
  readonly ordered = true
  readonly #options: FoundOptions

  constructor(options: FoundOptions) {
    this.exact = options.exact
    this.#options = options
  }

  async count(): Promise<number> {
    const { aim, cluster, failed } = this.#options
    const { index, query, release } = await aim()
    try {
      return await countIn(cluster, index, query)
    } catch (error) {
      failed(index, error)
      throw unavailable(error)
    } finally {
      release()
    }
  }

  async *pages(skip: number, signal?: Abortable): AsyncGenerator<readonly Listed[]> {
    for await (const uids of this.#uids(skip, signal)) {
      const listed = await this.#options.store.retrieveAll(uids)
      if (signal?.aborted) return
      if (listed.length > 0) yield listed
    }
  }

  async *#uids(skip: number, signal: Abortable | undefined): AsyncGenerator<readonly string[]> {
    const { aim, cluster, failed } = this.#options
    if (signal?.aborted) return
    const aimed = await aim()
    try {
      yield* new Pager(cluster, aimed).pages(skip, signal)
    } catch (error) {
      failed(aimed.index, error)
      throw unavailable(error)
    } finally {
      aimed.release()
    }
  }
}

/** `enough`: it may stop there. */
export async function countIn(cluster: Cluster, index: string, query: Container, enough?: number): Promise<number> {
  const { count, _shards } = await cluster.ask(
    (client, options) =>
      client.count({ index, query, ...(enough === undefined ? {} : { terminate_after: enough }) }, options),
    SEARCH_WAITS,
  )
  if (_shards.failed > 0) throw new ClusterFailure('busy', 'a shard did not count')
  return count
}
