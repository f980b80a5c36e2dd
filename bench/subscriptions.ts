/**
 * `npm run bench:subscriptions`: what subscriptions cost, and whom. Each line is a ratio of two measurements of the same run.
 *
 *   npm run bench:subscriptions [-- --workitems 1000000 --requests 6000]
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { parseDatasetJson, stringifyDataset } from '../plugin/dicom/json.ts'
import { uidFromUuid } from '../plugin/dicom/uid.ts'
import { type Measured, post, run } from './client.ts'
import { startServer, type ServerUnderTest } from './servers.ts'
import { fill } from './fill.ts'

const { values } = parseArgs({
  options: { workitems: { type: 'string', default: '1000000' }, requests: { type: 'string', default: '6000' } },
})
const WORKITEMS = Number(values.workitems)
const REQUESTS = Number(values.requests)
const CONNECTIONS = 32
const PATH = '/aets/WORKLIST/rs/workitems'
const WORKLIST = '1.2.840.10008.5.1.4.34.5'
const DATASET = dataset('minimal')

function dataset(name: string): string {
  const parsed = parseDatasetJson(
    JSON.parse(readFileSync(new URL(`../docs/examples/${name}.json`, import.meta.url), 'utf8')),
  )
  if (!parsed.ok) throw new Error('the sample cannot be read')
  return stringifyDataset(parsed.value)
}

const newUid = (): string => uidFromUuid(randomUUID())
const uids = (count: number): readonly string[] => Array.from({ length: count }, newUid)

async function load(port: number, requests: readonly Buffer[], connections = CONNECTIONS): Promise<Measured> {
  const measured = await run({ port, connections, request: (n) => requests[n] })
  const wrong = [...measured.statuses.keys()].filter((status) => status !== 201 && status !== 200)
  if (wrong.length > 0) throw new Error(`answered ${wrong.join(', ')}`)
  return measured
}

const creations = (count: number): readonly Buffer[] => uids(count).map((uid) => post(`${PATH}?${uid}`, DATASET))

interface Watcher {
  readonly socket: WebSocket
  readonly raw: Socket
  received: number
  /** When the first report of each workitem came. */
  readonly at: Map<string, number>
}

async function watch(port: number, subscriber: string): Promise<Watcher> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/aets/WORKLIST/ws/subscribers/${subscriber}`)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const { _socket: raw } = socket as unknown as { readonly _socket: Socket }
  const watcher: Watcher = { socket, raw, received: 0, at: new Map() }
  socket.on('error', () => undefined)
  socket.on('message', (data: Buffer) => {
    watcher.received++
    const uid = /"00001000":\{"vr":"UI","Value":\["([^"]+)"/.exec(data.toString('latin1', 0, 400))?.[1]
    if (uid !== undefined && !watcher.at.has(uid)) watcher.at.set(uid, performance.now())
  })
  return watcher
}

async function received(watcher: Watcher, count: number, patience = 600_000): Promise<void> {
  const end = performance.now() + patience
  while (watcher.received < count) {
    if (performance.now() > end) throw new Error(`${watcher.received} of ${count} reports came`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const at = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN

const line = (what: string, cells: Readonly<Record<string, number | string>>): void =>
  console.log(
    `${what.padEnd(46)} ${Object.entries(cells)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? value.toFixed(2) : value}`)
      .join(', ')}`,
  )

/** Subscribing to everything, one request after the other: what it takes on a full store and on an empty one. */
async function subscribing(empty: ServerUnderTest, full: ServerUnderTest): Promise<void> {
  const requests = (lock: boolean): readonly Buffer[] =>
    Array.from({ length: 300 }, (_, n) => post(`${PATH}/${WORKLIST}/subscribers/BENCH${n}?deletionlock=${lock}`, ''))
  for (const lock of [false, true]) {
    await load(empty.port, requests(lock), 1)
    const a = await load(empty.port, requests(lock), 1)
    await load(full.port, requests(lock), 1)
    const b = await load(full.port, requests(lock), 1)
    line(`global subscription ${lock ? 'with' : 'w/o'} lock, ${WORKITEMS} / 0`, {
      'p50 ratio': b.p50 / a.p50,
      'p50 ms': `${b.p50.toFixed(2)} / ${a.p50.toFixed(2)}`,
      'p99 ms': `${b.p99.toFixed(2)} / ${a.p99.toFixed(2)}`,
    })
  }
  for (const { port } of [empty, full]) {
    const gone = Array.from({ length: 300 }, (_, n) => post(`${PATH}/${WORKLIST}/subscribers/BENCH${n}`, '', 'DELETE'))
    await load(port, gone, 1)
  }
}

/** Creating while the initial reports of a global subscription with lock are on their way, and while nothing else is. */
async function initialReports(full: ServerUnderTest): Promise<void> {
  await load(full.port, creations(REQUESTS))
  const idle = await load(full.port, creations(REQUESTS))
  const watcher = await watch(full.port, 'STREAM')
  await load(full.port, [post(`${PATH}/${WORKLIST}/subscribers/STREAM?deletionlock=true`, '')], 1)
  await received(watcher, 1_000)
  const [from, started] = [watcher.received, performance.now()]
  const busy = await load(full.port, creations(REQUESTS))
  const during = ((watcher.received - from) / (performance.now() - started)) * 1000
  line('creating while initial reports stream / idle', {
    'p99 ratio': busy.p99 / idle.p99,
    'p99 ms': `${busy.p99.toFixed(1)} / ${idle.p99.toFixed(1)}`,
    'requests/s': `${busy.requestsPerSecond.toFixed(0)} / ${idle.requestsPerSecond.toFixed(0)}`,
    'reports/s meanwhile': during.toFixed(0),
  })
  const [before, alone] = [watcher.received, performance.now()]
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  line('initial reports with nothing else to do', {
    'reports/s': (((watcher.received - before) / (performance.now() - alone)) * 1000).toFixed(0),
  })
  watcher.socket.terminate()
}

/** Creating with subscribers that listen, and with none. */
async function listening(server: ServerUnderTest): Promise<void> {
  await load(server.port, creations(REQUESTS))
  const none = await load(server.port, creations(REQUESTS))
  const watchers: Watcher[] = []
  for (const count of [1, 10]) {
    while (watchers.length < count) {
      const subscriber = `LISTEN${watchers.length}`
      await load(server.port, [post(`${PATH}/${WORKLIST}/subscribers/${subscriber}`, '')], 1)
      watchers.push(await watch(server.port, subscriber))
    }
    const before = watchers.map((watcher) => watcher.received)
    const some = await load(server.port, creations(REQUESTS))
    for (const [n, watcher] of watchers.entries()) await received(watcher, (before[n] ?? 0) + REQUESTS)
    line(`creating with ${count} global subscriber${count > 1 ? 's' : ''} / with none`, {
      ratio: some.requestsPerSecond / none.requestsPerSecond,
      'requests/s': `${some.requestsPerSecond.toFixed(0)} / ${none.requestsPerSecond.toFixed(0)}`,
      'p99 ms': `${some.p99.toFixed(1)} / ${none.p99.toFixed(1)}`,
    })
  }
  for (const [n, watcher] of watchers.entries()) {
    await load(server.port, [post(`${PATH}/${WORKLIST}/subscribers/LISTEN${n}`, '', 'DELETE')], 1)
    watcher.socket.terminate()
  }
}

/** From the request to the report on four channels of one AE, while a fifth one reads or does not. */
async function stalled(server: ServerUnderTest): Promise<void> {
  await load(server.port, [post(`${PATH}/${WORKLIST}/subscribers/FIVE`, '')], 1)
  const watchers: Watcher[] = []
  for (let n = 0; n < 5; n++) watchers.push(await watch(server.port, 'FIVE'))
  const [fifth, ...others] = watchers
  const measure = async (): Promise<readonly number[]> => {
    const made = uids(REQUESTS)
    const sent: number[] = []
    const before = others.map((watcher) => watcher.received)
    await run({
      port: server.port,
      connections: 8,
      request: (n) => {
        const uid = made[n]
        if (uid === undefined) return undefined
        sent[n] = performance.now()
        return post(`${PATH}?${uid}`, DATASET)
      },
    })
    for (const [n, watcher] of others.entries()) await received(watcher, (before[n] ?? 0) + REQUESTS)
    return made.flatMap((uid, n) => others.map((watcher) => (watcher.at.get(uid) ?? NaN) - (sent[n] ?? NaN)))
  }
  await measure()
  const reading = await measure()
  fifth?.raw.pause()
  const alone = await measure()
  line('report to 4 channels, a 5th stalled / reading', {
    'p99 ratio': at(alone, 0.99) / at(reading, 0.99),
    'p50 ms': `${at(alone, 0.5).toFixed(1)} / ${at(reading, 0.5).toFixed(1)}`,
    'p99 ms': `${at(alone, 0.99).toFixed(1)} / ${at(reading, 0.99).toFixed(1)}`,
  })
  for (const { socket } of watchers) socket.terminate()
}

const empty = await startServer('archive-ups')
const full = await startServer('archive-ups', {
  prepare: (file) => fill(file, WORKITEMS, (n) => ({ uid: `1.2.61.${n}`, state: 'SCHEDULED', dataset: DATASET })),
})
try {
  await subscribing(empty, full)
  await initialReports(full)
  await listening(empty)
  await stalled(empty)
} finally {
  await Promise.all([empty.stop(), full.stop()])
}
