/**
 * `npm run bench:elasticsearch`: searches in Elasticsearch, whether what was created is found at once, and an index that is made
 * anew under load while searches run. It starts an Elasticsearch of its own.
 *
 *   npm run bench:elasticsearch [-- --workitems 100000 --requests 1000 --fresh 10000]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startOwnElasticsearch } from '../test/support/elasticsearch.ts'
import { fill } from './fill.ts'
import { createAndFind, measureSearches, missedAtOnce, PATH, tableOf, workitem } from './search-load.ts'
import { type ServerUnderTest, startServer } from './servers.ts'

const { values } = parseArgs({
  options: {
    workitems: { type: 'string', default: '100000' },
    requests: { type: 'string', default: '1000' },
    fresh: { type: 'string', default: '10000' },
  },
})
const [WORKITEMS, REQUESTS, FRESH] = [Number(values.workitems), Number(values.requests), Number(values.fresh)]

async function untilReady({ port }: ServerUnderTest): Promise<number> {
  const started = performance.now()
  for (;;) {
    const { search } = (await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()) as { search: { state: string } }
    if (search.state === 'ready') return performance.now() - started
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function searchesAnsweredBy({ port }: ServerUnderTest): Promise<string> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return [...metrics.matchAll(/^ups_searches_total.*"(\w+)"\} (\d+)/gm)].map(([, by, n]) => `${by} ${n}`).join(', ')
}

/** The command as a person runs it, its output to a pipe. */
async function reindex({ port }: ServerUnderTest): Promise<readonly string[]> {
  const script = fileURLToPath(new URL('../plugin/standalone/main.ts', import.meta.url))
  const child = spawn(process.execPath, [script, 'reindex', '--url', `http://127.0.0.1:${port}`])
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const [code] = (await once(child, 'exit')) as [number]
  if (code !== 0) throw new Error(`reindex ended with ${code}`)
  return lines
}

async function reindexUnderLoad(server: ServerUnderTest): Promise<void> {
  const started = performance.now()
  const work = reindex(server)
  const state = { isOver: false }
  const over = work.finally(() => {
    state.isOver = true
  })
  let [created, missed] = [0, 0]
  const clients = Array.from({ length: 4 }, async (_, client) => {
    while (!state.isOver) {
      if (!(await createAndFind(server.port, `1.2.63.${client}.${created}`, 20_000_000 + created))) missed++
      created++
    }
  })
  const lines = await over
  await Promise.all(clients)
  const seconds = (performance.now() - started) / 1000
  console.log(
    `reindex under load: ${seconds.toFixed(1)} s; meanwhile ${created} created, ${missed} of them not found at once`,
  )
  console.log(`it printed ${lines.length} lines, the last: ${lines.at(-1)}`)
  const { count } = (await (await fetch(`http://127.0.0.1:${server.port}${PATH}/count`)).json()) as { count: number }
  const expected = WORKITEMS + FRESH + created
  console.log(`in the index afterwards: ${count} of ${expected}`)
}

const cluster = await startOwnElasticsearch({ measured: true })
const server = await startServer('archive-ups', {
  prepare: (file) => fill(file, WORKITEMS, (n) => workitem(n, WORKITEMS)),
  flags: ['--search', cluster.url],
})
try {
  const built = await untilReady(server)
  console.log(`index of ${WORKITEMS} made in ${(built / 1000).toFixed(1)} s`)
  console.log(`pages of 25, one request at a time, ${REQUESTS} of each`)
  console.log(tableOf(await measureSearches(server.port, WORKITEMS, REQUESTS)))
  console.log(`created, then searched for at once: ${await missedAtOnce(server.port, FRESH)} of ${FRESH} not found`)
  await reindexUnderLoad(server)
  console.log(`searches answered by: ${await searchesAnsweredBy(server)}`)
} finally {
  await server.stop()
  await cluster.dispose()
}
