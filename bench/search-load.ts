/** Worklists that look like real ones, and searches in them; always the same, so that the dice are not measured. */
import { readFileSync } from 'node:fs'
import { itemsOf } from '../plugin/dicom/access.ts'
import type { Dataset } from '../plugin/dicom/dataset.ts'
import { parseDatasetJson, stringifyDataset } from '../plugin/dicom/json.ts'
import { get, type Measured, run } from './client.ts'
import type { Filling } from './fill.ts'

const SAMPLE = sample()
const [station = {}] = itemsOf(SAMPLE, '00404025')
const [request = {}] = itemsOf(SAMPLE, '0040A370')

function sample(): Dataset {
  const text = readFileSync(new URL('../docs/examples/ai-triage.json', import.meta.url), 'utf8')
  const parsed = parseDatasetJson(JSON.parse(text))
  if (!parsed.ok) throw new Error('the sample cannot be read')
  return parsed.value
}

export function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const STATES = ['SCHEDULED', 'IN PROGRESS', 'CANCELED', ...Array.from({ length: 17 }, () => 'COMPLETED')]
const [STATIONS, LABELS, DAYS] = [50, 20, 365]
const patientId = (n: number): string => `PAT${100_000 + n}`
const labelOf = (n: number): string => `LABEL${n % LABELS}`
const accession = (n: number): string => `ACC${10_000_000 + n}`

export function workitem(n: number, size: number): Filling {
  const roll = dice(n + 1)
  for (let i = 0; i < 3; i++) roll(2)
  const state = STATES[roll(STATES.length)] ?? ''
  const text = (vr: 'LO' | 'SH' | 'CS' | 'UI' | 'DT', value: string) => ({ vr, Value: [value] })
  const uid = `1.2.61.${n}`
  const start = new Date(Date.UTC(2026, 0, 1 + roll(DAYS), 7 + roll(12), roll(60)))
  const dataset: Dataset = {
    ...SAMPLE,
    '00080018': text('UI', uid),
    '00741000': text('CS', state),
    '00741202': text('LO', labelOf(n)),
    '00100010': { vr: 'PN', Value: [{ Alphabetic: `FAMILY${roll(size / 20)}^GIVEN${roll(1000)}` }] },
    '00100020': text('LO', patientId(roll(size / 4))),
    '00404005': text('DT', digitsOf(start).slice(0, 14)),
    '00404025': { vr: 'SQ', Value: [{ ...station, '00080100': text('SH', `ST${roll(STATIONS)}`) }] },
    '0040A370': {
      vr: 'SQ',
      Value: [{ ...request, '00080050': text('SH', accession(n)), '00401001': text('SH', `RP${n}`) }],
    },
  }
  return { uid, state, dataset: stringifyDataset(dataset) }
}

const digitsOf = (at: Date): string => at.toISOString().replace(/\D/g, '')
const day = (n: number): string => digitsOf(new Date(Date.UTC(2026, 0, 1 + n))).slice(0, 8)

export type Roll = (sides: number) => number
export const SEARCHES: Readonly<Record<string, (roll: Roll, size: number) => string>> = {
  'state + station': (roll) =>
    `ProcedureStepState=SCHEDULED&ScheduledStationNameCodeSequence.CodeValue=ST${roll(STATIONS)}`,
  PatientID: (roll, size) => `PatientID=${patientId(roll(size / 4))}`,
  'start range': (roll) => {
    const from = roll(DAYS - 7)
    return `ScheduledProcedureStepStartDateTime=${day(from)}-${day(from + roll(7))}`
  },
  'label + accession': (roll, size) => {
    const n = roll(size)
    return `WorklistLabel=${labelOf(n)}&ReferencedRequestSequence.AccessionNumber=${accession(n)}`
  },
  'state, by start': () => 'ProcedureStepState=SCHEDULED&orderby=ScheduledProcedureStepStartDateTime',
  'all, latest start first': () => 'orderby=-ScheduledProcedureStepStartDateTime',
  'family name*': (roll, size) => `PatientName=family${roll(size / 20)}*`,
}

export const PATH = '/aets/WORKLIST/rs/workitems'

export interface Line {
  readonly size: number
  readonly name: string
  readonly measured: Measured
}

/** One request at a time, each with other values. */
export async function measureSearches(port: number, size: number, count: number): Promise<readonly Line[]> {
  const lines: Line[] = []
  for (const [name, search] of Object.entries(SEARCHES)) {
    const roll = dice(size + name.length)
    const requests = Array.from({ length: count }, () => get(`${PATH}?limit=25&${search(roll, size)}`))
    // A first round warms up.
    await run({ port, connections: 1, request: (n) => requests[n < count / 5 ? n : count] })
    const measured = await run({ port, connections: 1, request: (n) => requests[n] })
    const wrong = [...measured.statuses.keys()].filter((status) => status !== 200 && status !== 204)
    if (wrong.length > 0) throw new Error(`${name} was answered with ${wrong.join(', ')}`)
    lines.push({ size, name, measured })
  }
  return lines
}

/** Creates a workitem like the n-th, and searches for it at once by a key that few others have. @returns whether it is found */
export async function createAndFind(port: number, uid: string, n: number): Promise<boolean> {
  const url = `http://127.0.0.1:${port}${PATH}`
  const { dataset } = workitem(n, 1_000_000)
  const fresh = { ...(JSON.parse(dataset) as Dataset), '00080018': undefined, '00741000': SCHEDULED }
  const created = await fetch(`${url}?${uid}`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(fresh) })
  if (created.status !== 201) throw new Error(`created with ${created.status}: ${await created.text()}`)
  await created.arrayBuffer()
  const found = await fetch(`${url}?${KEYS[n % KEYS.length]?.(fresh) ?? ''}`)
  return (await found.text()).includes(`"${uid}"`)
}

/** @returns how many of them were not found */
export async function missedAtOnce(port: number, count: number): Promise<number> {
  let missed = 0
  for (let n = 0; n < count; n++) {
    if (!(await createAndFind(port, `1.2.62.${n}`, 10_000_000 + n))) missed++
  }
  return missed
}

const JSON_TYPE = { 'Content-Type': 'application/dicom+json' }
const SCHEDULED = { vr: 'CS', Value: ['SCHEDULED'] }

const textOf = (dataset: object, ...path: readonly string[]): string => {
  let at: unknown = dataset
  for (const step of path) at = (at as Record<string, unknown> | undefined)?.[step]
  return String(at)
}

/** That only this workitem has, or few. */
const KEYS: readonly ((dataset: object) => string)[] = [
  (dataset) =>
    `ReferencedRequestSequence.AccessionNumber=${textOf(dataset, '0040A370', 'Value', '0', '00080050', 'Value', '0')}`,
  (dataset) =>
    `ReferencedRequestSequence.RequestedProcedureID=${textOf(dataset, '0040A370', 'Value', '0', '00401001', 'Value', '0')}`,
  (dataset) => `PatientID=${textOf(dataset, '00100020', 'Value', '0')}`,
  (dataset) => `PatientName=${textOf(dataset, '00100010', 'Value', '0', 'Alphabetic').toLowerCase()}`,
]

/** `growth`: p99 against the smallest worklist. */
export function tableOf(lines: readonly Line[]): string {
  const rows = ['search                     workitems    p50 ms    p99 ms    growth']
  for (const name of Object.keys(SEARCHES)) {
    const own = lines.filter((line) => line.name === name)
    const smallest = own[0]?.measured.p99 ?? NaN
    for (const { size, measured } of own) {
      const cells = [
        name.padEnd(26),
        String(size).padStart(9),
        measured.p50.toFixed(2).padStart(9),
        measured.p99.toFixed(2).padStart(9),
        (measured.p99 / smallest).toFixed(2).padStart(9),
      ]
      rows.push(cells.join(' '))
    }
  }
  return rows.join('\n')
}
