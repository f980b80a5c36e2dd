/**
 * `npm run bench:search`: pages of 25 workitems at several sizes of the worklist, and how much slower they get; over HTTP, one
 * request at a time, each with other values. And whether what was created is found at once.
 *
 *   npm run bench:search [-- --sizes 10000,100000,1000000 --requests 1000 --fresh 10000]
 */
import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fill } from './fill.ts'
import { type Line, measureSearches, missedAtOnce, tableOf, workitem } from './search-load.ts'
import { startServer } from './servers.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    requests: { type: 'string', default: '1000' },
    fresh: { type: 'string', default: '10000' },
  },
})
const SIZES = values.sizes.split(',').map(Number)
const [REQUESTS, FRESH] = [Number(values.requests), Number(values.fresh)]

async function measure(size: number): Promise<readonly Line[]> {
  const server = await startServer('archive-ups', {
    async prepare(file) {
      const started = performance.now()
      const bytes = await fill(file, size, (n) => workitem(n, size))
      const seconds = (performance.now() - started) / 1000
      const ratio = statSync(file).size / bytes
      process.stderr.write(`${size} workitems in ${seconds.toFixed(0)} s; file / datasets: ${ratio.toFixed(2)}\n`)
    },
  })
  try {
    return await measureSearches(server.port, size, REQUESTS)
  } finally {
    await server.stop()
  }
}

const lines: Line[] = []
for (const size of SIZES) lines.push(...(await measure(size)))
console.log(`pages of 25, one request at a time, ${REQUESTS} of each`)
console.log(tableOf(lines))

const server = await startServer('archive-ups')
console.log(`created, then searched for at once: ${await missedAtOnce(server.port, FRESH)} of ${FRESH} not found`)
await server.stop()
