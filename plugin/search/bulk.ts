/** Writes changes into an index with bulk requests that are bounded in number and bytes. */
import type { Client, estypes } from '@elastic/elasticsearch'
import { setImmediate } from 'node:timers/promises'
import { BackOff } from './back-off.ts'
import type { Change } from './changes.ts'
import type { Cluster } from './cluster.ts'
import { ClusterFailure, failureOf, isFailure, kindOf, NOT_FOUND } from './failure.ts'

const MOST_CHANGES = 500
const MOST_BYTES = 4 * 1024 * 1024

/** Milliseconds for an answer; the cluster itself waits a little less for a shard that is not there. */
const ANSWERS_WITHIN = 30_000
const SHARDS_WITHIN = '10s'

/** How often in a row something may be refused for now before that is somebody else's trouble. */
const MOST_TRIES = 6

export interface BulkWriterOptions {
  readonly cluster: Cluster
  /** Something was refused for now. */
  readonly refusedForNow: () => void
  readonly stopping: AbortSignal
}

export class BulkWriter {
  readonly #options: BulkWriterOptions

  constructor(options: BulkWriterOptions) {
    this.#options = options
  }

  /** @returns UIDs of what the cluster will never take. Rejected with a ClusterFailure: some of it may be written. */
  async write(index: string, changes: readonly Change[]): Promise<readonly string[]> {
    const refused: string[] = []
    for (const chunk of chunksOf(changes)) {
      refused.push(...(await this.#writeChunk(index, chunk)))
      await setImmediate()
    }
    return refused
  }

  async #writeChunk(index: string, chunk: readonly Change[]): Promise<readonly string[]> {
    const refused: string[] = []
    const backOff = new BackOff(this.#options.stopping)
    let left = chunk
    for (let tries = 1; ; tries++) {
      const sorted = await this.#send(index, left)
      refused.push(...sorted.refused)
      left = sorted.again
      if (left.length === 0) return refused
      this.#options.refusedForNow()
      if (tries === MOST_TRIES || this.#options.stopping.aborted) throw new ClusterFailure('busy', 'refused for now')
      await backOff.wait()
    }
  }

  async #send(index: string, changes: readonly Change[]): Promise<Sorted> {
    try {
      const { errors, items } = await this.#options.cluster.ask(
        (client, options) => client.bulk(requestOf(index, changes), { ...options, maxRetries: 0 }),
        ANSWERS_WITHIN,
      )
      return errors ? sort(changes, items) : NOTHING_LEFT
    } catch (error) {
      if (isFailure(error, 'busy')) return { again: changes, refused: [] }
      // Too large, or not understood: as small as can be it is the fault of one.
      if (isFailure(error, 'refused')) return this.#halve(index, changes)
      throw failureOf(error)
    }
  }

  async #halve(index: string, changes: readonly Change[]): Promise<Sorted> {
    if (changes.length === 1) return { again: [], refused: changes.map(({ uid }) => uid) }
    const middle = Math.ceil(changes.length / 2)
    const halves = [await this.#send(index, changes.slice(0, middle)), await this.#send(index, changes.slice(middle))]
    return { again: halves.flatMap(({ again }) => again), refused: halves.flatMap(({ refused }) => refused) }
  }
}

interface Sorted {
  readonly again: readonly Change[]
  readonly refused: readonly string[]
}

const NOTHING_LEFT: Sorted = { again: [], refused: [] }

const requestOf = (index: string, changes: readonly Change[]): Parameters<Client['bulk']>[0] => ({
  index,
  operations: changes.flatMap(linesOf),
  timeout: SHARDS_WITHIN,
  // Items are answered in the order in which they were sent.
  filter_path: ['errors', 'items.*.status', 'items.*.error.type'],
})

/** The position in the feed as external version: what is older than what the index has is a conflict, and that is fine. */
function linesOf({ uid, version, document }: Change): string[] {
  const head = JSON.stringify({ _id: uid, version, version_type: 'external' })
  return document === undefined ? [`{"delete":${head}}`] : [`{"index":${head}}`, document]
}

function sort(changes: readonly Change[], items: estypes.BulkResponse['items']): Sorted {
  const again: Change[] = []
  const refused: string[] = []
  changes.forEach((change, at) => {
    const kind = kindOfItem(change, items[at])
    if (kind === 'busy') again.push(change)
    if (kind === 'refused') refused.push(change.uid)
  })
  return { again, refused }
}

/** @throws ClusterFailure where the index is not there, or nobody may write it */
function kindOfItem(change: Change, item: estypes.BulkResponse['items'][number] | undefined) {
  const { status = NO_ANSWER, error } = item?.[change.document === undefined ? 'delete' : 'index'] ?? {}
  // What is to be deleted may not be there.
  if (status < 300 || status === CONFLICT || (error === undefined && status === NOT_FOUND)) return 'done'
  const kind = kindOf(status, error?.type ?? '')
  if (kind === 'busy' || kind === 'refused') return kind
  throw new ClusterFailure(kind, `${status} ${error?.type ?? ''}`.trim(), status)
}

/** An item without an answer is answered as by a server in trouble. */
const NO_ANSWER = 500
/** The index has what is newer, or the same. */
const CONFLICT = 409

function* chunksOf(changes: readonly Change[]): Generator<readonly Change[]> {
  let chunk: Change[] = []
  let bytes = 0
  for (const change of changes) {
    const size = change.document === undefined ? 0 : Buffer.byteLength(change.document)
    if (chunk.length > 0 && (chunk.length === MOST_CHANGES || bytes + size > MOST_BYTES)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(change)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}
