/**
 * `npm run bench:graphql`: what hostile operations cost others, what a page costs through GraphQL and through UPS-RS, and what live
 * subscriptions cost those who create. Each line is a ratio of two measurements of the same run, turn by turn.
 *
 *   npm run bench:graphql [-- --rounds 5 --seconds 10 --requests 2000]
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { uidFromUuid } from '../plugin/dicom/uid.ts'
import { get, post, run } from './client.ts'
import { fill } from './fill.ts'
import { startHostile } from './hostile.ts'
import { paced } from './paced.ts'
import { PATH, workitem } from './search-load.ts'
import { startServer, type ServerUnderTest } from './servers.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
    requests: { type: 'string', default: '2000' },
  },
})
const [ROUNDS, SECONDS, REQUESTS] = [Number(values.rounds), Number(values.seconds), Number(values.requests)]

/** Honest requests in a second: half of them retrieve, half create. */
const RATE = 100
const HOSTILE = 4
const SUBSCRIPTIONS = 200
const CONNECTIONS = 32
const WORKITEMS = 10_000
const DATASET = readFileSync(new URL('../docs/examples/ai-triage.json', import.meta.url), 'utf8')

const newUid = (): string => uidFromUuid(randomUUID())
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
const at = (times: readonly number[], share: number): number => times[Math.floor(times.length * share)] ?? NaN

const line = (what: string, cells: Readonly<Record<string, number>>): void =>
  console.log(
    [what.padEnd(44), ...Object.entries(cells).map(([name, number]) => `${name} ${number.toFixed(2)}`)].join('   '),
  )

const honest = (port: number): Promise<readonly number[]> =>
  paced({
    port,
    perSecond: RATE,
    count: RATE * SECONDS,
    request: (n) =>
      n % 2 === 0
        ? { method: 'GET', path: `${PATH}/1.2.61.${n % WORKITEMS}` }
        : { method: 'POST', path: `${PATH}?${newUid()}`, body: DATASET },
    expect: (status) => status === 200 || status === 201,
  })

interface Round {
  readonly alone: readonly number[]
  /** While the same is sent to another server on this machine: what it costs in processors alone. */
  readonly beside: readonly number[]
  readonly among: readonly number[]
  readonly answered: number
}

async function othersWhileHostile({ port }: ServerUnderTest, bystander: ServerUnderTest): Promise<void> {
  const rounds: Round[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const alone = await honest(port)
    const [beside] = await whileHostile(bystander.port, port)
    const [among, answered] = await whileHostile(port, port)
    // The first round warms up.
    if (round >= 0) rounds.push({ alone, beside, among, answered })
  }
  for (const share of [0.5, 0.99]) {
    line(`others while ${HOSTILE} clients are hostile, p${share * 100}`, {
      'ratio to beside': median(rounds.map(({ beside, among }) => at(among, share) / at(beside, share))),
      'to alone': median(rounds.map(({ alone, among }) => at(among, share) / at(alone, share))),
      'ms alone': median(rounds.map(({ alone }) => at(alone, share))),
      'ms beside': median(rounds.map(({ beside }) => at(beside, share))),
      'ms among': median(rounds.map(({ among }) => at(among, share))),
      'hostile/s': median(rounds.map(({ answered }) => answered / SECONDS)),
    })
  }
}

async function whileHostile(attacked: number, port: number): Promise<readonly [readonly number[], number]> {
  const hostile = startHostile(attacked, HOSTILE)
  const times = await honest(port)
  return [times, await hostile.stop()]
}

/** What a search of UPS-RS returns of each by itself, as far as the sample has it; then what a dashboard shows; then the whole. */
const SELECTIONS: Readonly<Record<string, string>> = {
  'what a search returns': `uid state scheduledProcedureStepPriority procedureStepLabel worklistLabel inputReadinessState
    scheduledProcedureStepStartDateTime { value } expectedCompletionDateTime { value }
    scheduledProcedureStepModificationDateTime { value } commentsOnTheScheduledProcedureStep
    scheduledStationNameCodeSequence { codeValue codingSchemeDesignator codeMeaning }
    scheduledWorkitemCodeSequence { codeValue codingSchemeDesignator codeMeaning }
    patientName { text } patientID issuerOfPatientID patientBirthDate { value } patientSex studyInstanceUID
    referencedRequestSequence { studyInstanceUID accessionNumber requestedProcedureID }`,
  'what a dashboard shows': `uid state procedureStepLabel patientName { formatted } patientID
    scheduledProcedureStepStartDateTime { instant } scheduledStationNameCodeSequence { codeValue }`,
  'whole datasets': 'dataset',
}

async function pages({ port }: ServerUnderTest): Promise<void> {
  for (const [name, selection] of Object.entries(SELECTIONS)) {
    const query = `{ workitems(filter: { procedureStepState: SCHEDULED }, first: 25) { nodes { ${selection} } } }`
    const graphql = post('/graphql', JSON.stringify({ query }))
      .toString()
      .replace('application/dicom+json', 'application/json')
    const include = name === 'whole datasets' ? '&includefield=all' : ''
    const rest = get(`${PATH}?limit=25&ProcedureStepState=SCHEDULED${include}`)
    const rounds: { readonly ours: number; readonly theirs: number }[] = []
    for (let round = -1; round < ROUNDS; round++) {
      const ours = await measure(port, () => Buffer.from(graphql))
      const theirs = await measure(port, () => rest)
      if (round >= 0) rounds.push({ ours, theirs })
    }
    line(`a page of 25, ${name}`, {
      ratio: median(rounds.map(({ ours, theirs }) => ours / theirs)),
      'GraphQL/s': median(rounds.map(({ ours }) => ours)),
      'UPS-RS/s': median(rounds.map(({ theirs }) => theirs)),
    })
  }
}

/** Requests in a second. */
async function measure(port: number, request: (n: number) => Buffer): Promise<number> {
  const { requestsPerSecond, statuses } = await run({
    port,
    connections: CONNECTIONS,
    request: (n) => (n < REQUESTS ? request(n) : undefined),
  })
  const wrong = [...statuses.keys()].filter((status) => status !== 200 && status !== 201)
  if (wrong.length > 0) throw new Error(`answered ${wrong.join(', ')}`)
  return requestsPerSecond
}

const SUBSCRIPTION =
  'subscription { workitemChanges { position kind transition workitem { uid state procedureStepLabel } } }'

interface Watchers {
  /** Of all of them. */
  received: number
  close(): void
}

async function watch(port: number): Promise<Watchers> {
  const sockets = await Promise.all(Array.from({ length: SUBSCRIPTIONS }, () => subscribed(port)))
  const watchers: Watchers = { received: 0, close: () => sockets.forEach((socket) => socket.terminate()) }
  for (const socket of sockets) socket.on('message', () => watchers.received++)
  // That a subscription has begun is not told.
  await new Promise((resolve) => setTimeout(resolve, 500))
  return watchers
}

function subscribed(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false })
  socket.once('open', () => socket.send('{"type":"connection_init"}'))
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    // The acknowledgement.
    socket.once('message', () => {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } }))
      resolve(socket)
    })
  })
}

async function creationsWhileWatched({ port }: ServerUnderTest): Promise<void> {
  const create = (): Buffer => post(`${PATH}?${newUid()}`, DATASET)
  const rounds: { readonly alone: number; readonly watched: number; readonly events: number }[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const alone = await measure(port, create)
    const watchers = await watch(port)
    const started = performance.now()
    const watched = await measure(port, create)
    while (watchers.received < REQUESTS * SUBSCRIPTIONS) await new Promise((resolve) => setTimeout(resolve, 5))
    const seconds = (performance.now() - started) / 1000
    watchers.close()
    if (round >= 0) rounds.push({ alone, watched, events: (REQUESTS * SUBSCRIPTIONS) / seconds })
  }
  line(`creations while ${SUBSCRIPTIONS} subscriptions are live`, {
    ratio: median(rounds.map(({ alone, watched }) => watched / alone)),
    'alone/s': median(rounds.map(({ alone }) => alone)),
    'watched/s': median(rounds.map(({ watched }) => watched)),
    'events/s': median(rounds.map(({ events }) => events)),
  })
}

const prepare = (file: string): Promise<number> => fill(file, WORKITEMS, (n) => workitem(n, WORKITEMS))
const [server, bystander] = [
  await startServer('archive-ups', { prepare }),
  await startServer('archive-ups', { prepare }),
]
console.log(
  `median of ${ROUNDS} rounds; ${RATE} honest requests/s for ${SECONDS} s, else ${REQUESTS} at ${CONNECTIONS} connections`,
)
try {
  await othersWhileHostile(server, bystander)
  await pages(server)
  await creationsWhileWatched(server)
} finally {
  await Promise.all([server.stop(), bystander.stop()])
}
