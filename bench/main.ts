/**
 * `npm run bench`: create, retrieve, claim and update at 32 connections, against a ceiling that is measured in the same
 * run, turn by turn. The load comes from this process, each server has its own. What counts is the ratio.
 *
 *   npm run bench [-- --rounds 5 --requests 4000]
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { randomUUID } from 'node:crypto'
import { parseDatasetJson, stringifyDataset } from '../plugin/dicom/json.ts'
import { uidFromUuid } from '../plugin/dicom/uid.ts'
import { get, type Measured, post, run } from './client.ts'
import { startServer, type ServerUnderTest } from './servers.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, requests: { type: 'string', default: '6000' } },
})
const ROUNDS = Number(values.rounds)
const REQUESTS = Number(values.requests)
const CONNECTIONS = 32

/** In the canonical form in which it is kept, so that both sides receive, store and return the same bytes. */
const DATASET = canonical(readFileSync(new URL('../docs/examples/ai-triage.json', import.meta.url), 'utf8'))
const TRANSACTION_UID = '1.2.826.0.1.3680043.2.1'

/** One kind of work, as bytes for the n-th request. */
interface Work {
  readonly name: string
  readonly expect: number
  readonly ours: (uid: string, n: number) => Buffer
  readonly ceiling: (uid: string, n: number) => Buffer
  /** Each request needs a UID that has not been used. */
  readonly creates?: true
}

const PATH = '/aets/WORKLIST/rs/workitems'
const CLAIM = JSON.stringify({
  '00081195': { vr: 'UI', Value: [TRANSACTION_UID] },
  '00741000': { vr: 'CS', Value: ['IN PROGRESS'] },
})

const progress = (n: number): string =>
  JSON.stringify({
    '00741002': {
      vr: 'SQ',
      Value: [{ '00741004': { vr: 'DS', Value: [String(n % 100)] }, '00741006': { vr: 'ST', Value: [`step ${n}`] } }],
    },
  })

const WORKS: readonly Work[] = [
  {
    name: 'create',
    expect: 201,
    creates: true,
    ours: (uid) => post(`${PATH}?${uid}`, DATASET),
    ceiling: (uid) => post(`/${uid}`, DATASET),
  },
  { name: 'retrieve', expect: 200, ours: (uid) => get(`${PATH}/${uid}`), ceiling: (uid) => get(`/${uid}`) },
  {
    name: 'claim',
    expect: 200,
    ours: (uid) => post(`${PATH}/${uid}/state/BENCH`, CLAIM, 'PUT'),
    // The bytes that such a commit makes durable are those of the workitem, not those of the request.
    ceiling: (uid) => post(`/${uid}`, DATASET, 'PUT'),
  },
  {
    name: 'update',
    expect: 200,
    ours: (uid, n) => post(`${PATH}/${uid}?transaction-uid=${TRANSACTION_UID}`, progress(n)),
    ceiling: (uid) => post(`/${uid}`, DATASET, 'PUT'),
  },
]

async function measure(
  server: ServerUnderTest,
  request: (uid: string, n: number) => Buffer,
  uids: readonly string[],
  expect: number,
): Promise<Measured> {
  const prepared = uids.map(request)
  const measured = await run({ port: server.port, connections: CONNECTIONS, request: (n) => prepared[n] })
  const wrong = [...measured.statuses.keys()].filter((status) => status !== expect)
  if (wrong.length > 0) throw new Error(`${server.name} answered ${wrong.join(', ')} where ${expect} was due`)
  return measured
}

function canonical(text: string): string {
  const parsed = parseDatasetJson(JSON.parse(text))
  if (!parsed.ok) throw new Error('the sample cannot be read')
  return stringifyDataset(parsed.value)
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN

interface Line {
  readonly work: string
  readonly ours: readonly Measured[]
  readonly ceiling: readonly Measured[]
}

async function bench(): Promise<readonly Line[]> {
  const [ours, ceiling] = [await startServer('archive-ups'), await startServer('ceiling')]
  try {
    const lines = new Map(
      WORKS.map(({ name }) => [name, { work: name, ours: [] as Measured[], ceiling: [] as Measured[] }]),
    )
    for (let round = -1; round < ROUNDS; round++) {
      const uids = Array.from({ length: REQUESTS }, () => uidFromUuid(randomUUID()))
      for (const work of WORKS) {
        const line = lines.get(work.name)
        const a = await measure(ours, work.ours, uids, work.expect)
        const b = await measure(ceiling, work.ceiling, uids, work.expect)
        // The first round warms both up.
        if (round < 0) continue
        line?.ours.push(a)
        line?.ceiling.push(b)
      }
      process.stderr.write(round < 0 ? 'warm\n' : `round ${round + 1} of ${ROUNDS}\n`)
    }
    return [...lines.values()]
  } finally {
    await Promise.all([ours.stop(), ceiling.stop()])
  }
}

function report({ work, ours, ceiling }: Line): string {
  const of = (measured: readonly Measured[], what: 'requestsPerSecond' | 'p50' | 'p99'): number =>
    median(measured.map((one) => one[what]))
  const ratio = median(ours.map((one, i) => one.requestsPerSecond / (ceiling[i]?.requestsPerSecond ?? NaN)))
  const cells = [
    work.padEnd(9),
    ratio.toFixed(2).padStart(6),
    of(ours, 'requestsPerSecond').toFixed(0).padStart(12),
    of(ceiling, 'requestsPerSecond').toFixed(0).padStart(13),
    of(ours, 'p50').toFixed(1).padStart(9),
    of(ours, 'p99').toFixed(1).padStart(9),
    of(ceiling, 'p99').toFixed(1).padStart(12),
  ]
  return cells.join(' ')
}

const lines = await bench()
console.log(
  `${CONNECTIONS} connections, ${REQUESTS} requests a turn, median of ${ROUNDS} rounds; durable commits (fsync)`,
)
console.log('work       ratio   archive-ups       ceiling    p50 ms    p99 ms  ceiling p99')
console.log('                    requests/s    requests/s')
for (const line of lines) console.log(report(line))
