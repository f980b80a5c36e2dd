/** The cluster as the engine of search asks it: within a bound of time, called off by a stop, failing in one way. */
import { Client, type TransportRequestOptions } from '@elastic/elasticsearch'
import { TellingConnection } from './connection.ts'
import { ClusterFailure, failureOf } from './failure.ts'
import { authorizationOf, type ElasticsearchSettings } from './settings.ts'

/** Milliseconds for an answer, where nobody says otherwise. */
const ANSWERS_WITHIN = 10_000

/** The same, where a search waits for it. */
export const SEARCH_WAITS = 2_000

/** Milliseconds more for an answer that has begun: the client has an eye on its beginning alone. */
const GRACE = 250

/** The same, of what is asked to leave things in order at the end. */
const LAST_ANSWERS_WITHIN = 2_000

export type Question<Answer> = (client: Client, options: TransportRequestOptions) => Promise<Answer>

export class Cluster {
  readonly #settings: ElasticsearchSettings
  readonly #client: Client
  /** What is being asked. Each with a signal of its own: the client abuses it to end a request that takes too long. */
  readonly #asked = new Set<AbortController>()
  /** Undefined: to be found out. */
  #headers: Readonly<Record<string, string>> | undefined
  #longest = Infinity
  #closed = false

  constructor(settings: ElasticsearchSettings) {
    this.#settings = settings
    this.#client = new Client({
      nodes: [...settings.nodes],
      Connection: TellingConnection,
      // Each node is asked before the cluster counts as away.
      maxRetries: settings.nodes.length - 1,
      ...(settings.ca === undefined ? {} : { tls: { ca: settings.ca } }),
    })
  }

  /** Rejected with a ClusterFailure. Secrets are asked for again when the cluster does not accept them. */
  async ask<Answer>(question: Question<Answer>, within = ANSWERS_WITHIN): Promise<Answer> {
    try {
      return await this.#ask(question, within)
    } catch (error) {
      const failure = failureOf(error)
      if (failure.status !== 401) throw failure
      this.#headers = undefined
    }
    return this.#ask(question, within).catch((error: unknown) => {
      throw failureOf(error)
    })
  }

  /** What is being asked now is not waited for, and what is asked from now on not for long. */
  callOff(): void {
    this.#longest = LAST_ANSWERS_WITHIN
    for (const asked of this.#asked) asked.abort()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.callOff()
    await this.#client.close()
  }

  async #ask<Answer>(question: Question<Answer>, within: number): Promise<Answer> {
    if (this.#closed) throw new ClusterFailure('away', 'closed')
    const asked = new AbortController()
    this.#asked.add(asked)
    const requestTimeout = Math.min(within, this.#longest)
    let isLate = false
    const late = setTimeout(() => {
      isLate = true
      asked.abort()
    }, requestTimeout + GRACE)
    try {
      const headers = (this.#headers ??= this.#authorize())
      return await question(this.#client, { headers, requestTimeout, signal: asked.signal })
    } catch (error) {
      throw isLate ? new ClusterFailure('away', 'TimeoutError') : error
    } finally {
      clearTimeout(late)
      this.#asked.delete(asked)
    }
  }

  #authorize(): Readonly<Record<string, string>> {
    const authorization = authorizationOf(this.#settings)
    return authorization === undefined ? {} : { authorization }
  }
}
