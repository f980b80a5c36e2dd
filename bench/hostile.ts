/**
 * What somebody sends who wishes the service ill, by clients in a process of their own: each sends the next as soon as the one before
 * is answered. All of it is refused, or as much as one may ask for.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ')
const list = (count: number, item: string): string => `[${Array.from({ length: count }, () => item).join()}]`

const FIELDS = [
  'uid',
  'state',
  'version',
  'patientID',
  'patientSex',
  'worklistLabel',
  'procedureStepLabel',
  'studyInstanceUID',
  'admissionID',
  'issuerOfPatientID',
  'sopClassUID',
  'sopInstanceUID',
  'pregnancyStatus',
  'specialNeeds',
  'inputReadinessState',
  'commentsOnTheScheduledProcedureStep',
  'scheduledProcedureStepPriority',
  'procedureStepState',
  'medicalAlerts',
]

const BY_ID = 'query ($l: [String!]) { workitems(filter: { patientID: $l }) { position } }'

/** The document, and its variables as JSON; each costs the service as much as its kind can. */
const OPERATIONS: readonly (readonly [query: string, variables?: string])[] = [
  [`{ ${times(100, () => '... { __typename }')} }`],
  [`{ ${times(100, (n) => `...f${n}`)} } ${times(100, (n) => `fragment f${n} on Query { __typename }`)}`],
  [`{ ${times(150, (n) => `workitem(uid: "1.${n}") { state }`)} }`],
  [`{ workitems { nodes { ${times(13, (n) => times(150, () => FIELDS[n] ?? 'uid'))} } } }`],
  [`{ ${times(1_900, (n) => `workitm${n}`)} }`],
  [`{ workitems(filter: { ${times(450, (n) => `patientNam${n}: "x"`)} }) { position } }`],
  [`{ __type(name: "Workitem") ${'{ ofType '.repeat(16)}{ name }${' }'.repeat(16)} }`],
  [`{ workitems(filter: { patientID: ${'['.repeat(900)}${']'.repeat(900)} }) { position } }`],
  [`{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }`],
  [
    `{ workitems { nodes { ...f0 } } } ${times(49, (n) => `fragment f${n} on Workitem { ...f${n + 1} ...f${n + 1} }`)} fragment f49 on Workitem { uid }`,
  ],
  [`mutation { ${times(101, (n) => `a${n}: cancelAbandoned(uid: "1.${n}", reason: "x") { position }`)} }`],
  [`{ ${times(99, (n) => `a${n}: workitems(first: 100) { totalCount nodes { dataset } }`)} }`],
  [BY_ID, `{"l":${list(100_000, '1')}}`],
  [BY_ID, `{"l":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  [BY_ID, `{"l":["${'x'.repeat(200_000)}"]}`],
]

/** `n`: no cache of documents may know it. */
export function hostileRequest(n: number): Buffer {
  const [query, variables = '{}'] = OPERATIONS[n % OPERATIONS.length] ?? ['']
  const body = `{"query":${JSON.stringify(`${query} # ${n}`)},"variables":${variables}}`
  return Buffer.from(
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

export interface Hostile {
  /** @returns how many were answered */
  stop(): Promise<number>
}

export function startHostile(port: number, clients: number): Hostile {
  const child = fork(fileURLToPath(import.meta.url), [String(port), String(clients)])
  return {
    async stop() {
      child.send('stop')
      const [answered] = (await once(child, 'message')) as [number]
      child.disconnect()
      return answered
    },
  }
}

async function attack(port: number, clients: number): Promise<void> {
  const over = new AbortController()
  process.once('message', () => over.abort())
  let [n, answered] = [0, 0]
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await ask(port, hostileRequest(n++))
      answered++
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  process.send?.(answered)
}

const ask = (port: number, request: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(request))
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.resume()
  })

if (import.meta.main) await attack(Number(process.argv[2]), Number(process.argv[3]))
