/**
 * `npm run bench:search`: pages of 25 workitems at several sizes of the worklist, and how much slower they get. One request
 * at a time over HTTP, each with other values.
 *
 *   npm run bench:search [-- --sizes 10000,100000,1000000 --requests 1000]
 */
import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseDatasetJson, stringifyDataset } from '../plugin/dicom/json.ts'
import type { Dataset } from '../plugin/dicom/dataset.ts'
import { get, type Measured, run } from './client.ts'
import { fill, type Filling } from './fill.ts'
import { startServer } from './servers.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    requests: { type: 'string', default: '1000' },
  },
})
const SIZES = values.sizes.split(',').map(Number)
const REQUESTS = Number(values.requests)

const SAMPLE = sample()

function sample(): Dataset {
  const text = readFileSync(new URL('../docs/examples/ai-triage.json', import.meta.url), 'utf8')
  const parsed = parseDatasetJson(JSON.parse(text))
  if (!parsed.ok) throw new Error('the sample cannot be read')
  return parsed.value
}

/** Always the same: what is measured must not depend on the dice. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const STATES = ['SCHEDULED', 'IN PROGRESS', 'CANCELED', ...Array.from({ length: 17 }, () => 'COMPLETED')]
const [STATIONS, LABELS, DAYS] = [50, 20, 365]
const patientId = (n: number): string => `PAT${100_000 + n}`
const accession = (n: number): string => `ACC${10_000_000 + n}`

function workitem(n: number, size: number): Filling {
  const roll = dice(n + 1)
  for (let i = 0; i < 3; i++) roll(2)
  const state = STATES[roll(STATES.length)] ?? ''
  const text = (vr: 'LO' | 'SH' | 'CS' | 'UI' | 'DT', value: string) => ({ vr, Value: [value] })
  const uid = `1.2.61.${n}`
  const day = new Date(Date.UTC(2026, 0, 1 + roll(DAYS), 7 + roll(12), roll(60)))
  const dataset: Dataset = {
    ...SAMPLE,
    '00080018': text('UI', uid),
    '00741000': text('CS', state),
    '00741202': text('LO', `LABEL${roll(LABELS)}`),
    '00100010': { vr: 'PN', Value: [{ Alphabetic: `FAMILY${roll(size / 20)}^GIVEN${roll(1000)}` }] },
    '00100020': text('LO', patientId(roll(size / 4))),
    '00404005': text(
      'DT',
      day
        .toISOString()
        .replace(/[-:TZ.]/g, '')
        .slice(0, 14),
    ),
    '00404025': { vr: 'SQ', Value: [{ '00080100': text('SH', `ST${roll(STATIONS)}`), '00080102': text('SH', '99X') }] },
    '0040A370': { vr: 'SQ', Value: [{ '00080050': text('SH', accession(n)), '00401001': text('SH', `RP${n}`) }] },
  }
  return { uid, state, dataset: stringifyDataset(dataset) }
}

const day = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10).replaceAll('-', '')

type Roll = (sides: number) => number
const SEARCHES: Readonly<Record<string, (roll: Roll, size: number) => string>> = {
  'state + station': (roll) =>
    `ProcedureStepState=SCHEDULED&ScheduledStationNameCodeSequence.CodeValue=ST${roll(STATIONS)}`,
  PatientID: (roll, size) => `PatientID=${patientId(roll(size / 4))}`,
  'start range': (roll) => {
    const from = roll(DAYS - 7)
    return `ScheduledProcedureStepStartDateTime=${day(from)}-${day(from + roll(7))}`
  },
  'label + accession': (roll, size) => {
    const n = roll(size)
    return `WorklistLabel=LABEL${roll(LABELS)}&ReferencedRequestSequence.AccessionNumber=${accession(n)}`
  },
  'state, by start': () => 'ProcedureStepState=SCHEDULED&orderby=ScheduledProcedureStepStartDateTime',
  'all, latest start first': () => 'orderby=-ScheduledProcedureStepStartDateTime',
  'family name*': (roll, size) => `PatientName=family${roll(size / 20)}*`,
}

interface Line {
  readonly size: number
  readonly name: string
  readonly measured: Measured
}

async function measure(size: number): Promise<readonly Line[]> {
  const server = await startServer('archive-ups', async (file) => {
    const started = performance.now()
    const bytes = await fill(file, size, (n) => workitem(n, size))
    const seconds = (performance.now() - started) / 1000
    const ratio = statSync(file).size / bytes
    process.stderr.write(`${size} workitems in ${seconds.toFixed(0)} s; file / datasets: ${ratio.toFixed(2)}\n`)
  })
  try {
    const lines: Line[] = []
    for (const [name, search] of Object.entries(SEARCHES)) {
      const roll = dice(size + name.length)
      const requests = Array.from({ length: REQUESTS }, () =>
        get(`/aets/WORKLIST/rs/workitems?limit=25&${search(roll, size)}`),
      )
      // A first round warms up.
      await run({ port: server.port, connections: 1, request: (n) => requests[n < REQUESTS / 5 ? n : REQUESTS] })
      const measured = await run({ port: server.port, connections: 1, request: (n) => requests[n] })
      const wrong = [...measured.statuses.keys()].filter((status) => status !== 200 && status !== 204)
      if (wrong.length > 0) throw new Error(`${name} was answered with ${wrong.join(', ')}`)
      lines.push({ size, name, measured })
    }
    return lines
  } finally {
    await server.stop()
  }
}

const lines: Line[] = []
for (const size of SIZES) lines.push(...(await measure(size)))
console.log(`pages of 25, one request at a time, ${REQUESTS} of each; growth: p99 against the smallest worklist`)
console.log('search                     workitems    p50 ms    p99 ms    growth')
for (const name of Object.keys(SEARCHES)) {
  const rows = lines.filter((line) => line.name === name)
  const smallest = rows[0]?.measured.p99 ?? NaN
  for (const { size, measured } of rows) {
    const cells = [
      name.padEnd(26),
      String(size).padStart(9),
      measured.p50.toFixed(2).padStart(9),
      measured.p99.toFixed(2).padStart(9),
      (measured.p99 / smallest).toFixed(2).padStart(9),
    ]
    console.log(cells.join(' '))
  }
}
