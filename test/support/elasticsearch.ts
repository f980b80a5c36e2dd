/**
 * A real Elasticsearch as a private process: on ports of 127.0.0.1, its configuration, data and log in a temporary folder
 * of its own. It is the distribution that Elastic publishes for tests at Maven Central, fetched once per machine:
 *
 *     node test/support/elasticsearch-distribution.ts
 *
 * fetches it ahead of the tests. All tests of a run share one, started when the first asks; what they write they keep
 * apart by an index prefix. ARCHIVE_UPS_TEST_ELASTICSEARCH names the URL of one that runs already and is to be shared.
 *
 * The distribution holds no more than a node needs: no ingest, no scripts, and no answer to `GET /` (`client.info()`).
 */
import { randomBytes } from 'node:crypto'
import { elasticsearchMissing, fetchElasticsearch, FETCHED_WITHIN_MS, RUNNING } from './elasticsearch-distribution.ts'
import { ask } from './elasticsearch-requests.ts'
import { ANSWERS_WITHIN_MS, type OwnOptions, startServer } from './elasticsearch-server.ts'
import { closed, opened } from './leaks.ts'

export { elasticsearchMissing }

export interface ElasticsearchServer {
  readonly url: string
}

export interface OwnElasticsearch extends ElasticsearchServer {
  /** In order, as a machine that is shut down. */
  stop(): Promise<void>
  /** kill -9 */
  kill(): Promise<void>
  /** Again, on the same port with the same data. Fulfilled when it answers. */
  start(): Promise<void>
  /** Ends it for good, and removes the folder. */
  dispose(): Promise<void>
}

let shared: Promise<ElasticsearchServer> | undefined
let endShared = async (): Promise<void> => {}

/** The one of this run, started when the first asks. */
export const elasticsearch = (): Promise<ElasticsearchServer> => (shared ??= startShared())

async function startShared(): Promise<ElasticsearchServer> {
  if (RUNNING) {
    await ask(RUNNING, 'GET', '/_cluster/health')
    return { url: RUNNING }
  }
  const server = await startServer({})
  endShared = () => server.dispose()
  return { url: server.url }
}

// Of the whole run, as this file is loaded outside of every suite. There is no mocha where it is the program.
if (typeof after === 'function') after(() => endShared())

/** One of its own, which the test may stop and start again (same port, same data). */
export async function startOwnElasticsearch(options: OwnOptions = {}): Promise<OwnElasticsearch> {
  const server = await startServer(options)
  opened(server, `Elasticsearch at ${server.url}`, () => server.signal('SIGKILL'))
  return {
    url: server.url,
    stop: () => server.stop(),
    kill: () => server.kill(),
    start: () => server.start(),
    dispose: async () => {
      await server.dispose()
      closed(server)
    },
  }
}

/** A prefix that no other test has, e.g. for index names: lower case letters, digits and `-`. */
export const indexPrefix = (): string => `test-${randomBytes(6).toString('hex')}`

interface Resolved {
  readonly indices: readonly { readonly name: string }[]
  readonly aliases: readonly { readonly name: string; readonly indices: readonly string[] }[]
}

/** Deletes what begins with the prefix (indices, aliases, templates). */
export async function removeIndices(url: string, prefix: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(prefix)) throw new Error(`'${prefix}' is no prefix of a test`)
  const resolve = (): Promise<Resolved> =>
    ask(url, 'GET', `/_resolve/index/${prefix}*?expand_wildcards=all`) as Promise<Resolved>
  for (const { name } of (await resolve()).indices) await ask(url, 'DELETE', `/${name}?ignore_unavailable=true`)
  for (const { name, indices } of (await resolve()).aliases)
    await ask(url, 'DELETE', `/${indices.join(',')}/_alias/${name}`)
  for (const kind of ['_index_template', '_component_template', '_template'])
    await ask(url, 'DELETE', `/${kind}/${prefix}*`, { alsoGood: 404 })
}

/** `describe` that is skipped, with one loud line in the whole run, where there is no Elasticsearch. */
export const describeWithElasticsearch = (title: string, body: () => void): void => {
  describe(title, function () {
    // A test may start one of its own; when it fails, its own error is to be seen, not the timeout of the test.
    this.timeout(2 * ANSWERS_WITHIN_MS)
    before('Elasticsearch', async function () {
      this.timeout(FETCHED_WITHIN_MS + 2 * ANSWERS_WITHIN_MS)
      await fetchElasticsearch().catch(() => {})
      // Loud: asking why has it told at the end of the run, and `.ci/run` counts a skipped test as failed.
      if (elasticsearchMissing() !== undefined) this.skip()
      await elasticsearch()
    })
    body()
  })
}
