/**
 * How many workitems there are of each kind. Where an index decides what matches, each value is counted by it, so that it
 * takes as long as there are values, not as there are workitems; else all that match are looked at, once.
 */
import { firstString } from '../dicom/access.ts'
import type { Path } from '../dicom/dataset.ts'
import { bothOf } from '../dicom/query-criteria.ts'
import type { Abortable } from '../store/candidates.ts'
import { demandText, STATION_CODE } from '../ups/counted.ts'
import { TAG } from '../ups/tags.ts'
import { STATES } from '../ups/workitem.ts'
import { countByIndex } from './count-by-index.ts'
import { countByLooking } from './count-by-looking.ts'
import { type Counting, type Counts, ENUMERATED, MOST_VALUES, type Overdues } from './counts.ts'
import { Patience } from './patience.ts'
import { type Searched, type TooBroad, withCandidates } from './search.ts'

export interface StatisticsOptions extends Omit<Counting, 'patience'> {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: Abortable
}

/** How many workitems hold a value. One that holds several counts for each of them. */
export interface ValueCount {
  readonly value: string
  readonly count: number
}

export interface StationCount extends ValueCount {
  /** Coding Scheme Designator, as the first workitem has it. */
  readonly scheme?: string
  /** Code Meaning, as the first workitem has it. */
  readonly meaning?: string
}

export interface Group<One extends ValueCount> {
  /** Many first, then in order of values. */
  readonly counts: readonly One[]
  /** There may be others: values that are too many to be counted. */
  readonly others: boolean
}

/** Each number is right by itself; where workitems change meanwhile, two need not fit together. Nothing is there of which there is none. */
export interface Statistics {
  readonly total: number
  /** By Procedure Step State, Scheduled Procedure Step Priority and Input Readiness State, in the order of their values. */
  readonly states: readonly ValueCount[]
  readonly priorities: readonly ValueCount[]
  readonly readinesses: readonly ValueCount[]
  /** By Worklist Label. */
  readonly labels: Group<ValueCount>
  /** By Code Value of the Scheduled Station Name Code Sequence. */
  readonly stations: Group<StationCount>
  readonly overdue: Overdues
}

export type StatisticsOutcome = { readonly outcome: 'counted'; readonly statistics: Statistics } | TooBroad

/** Stations of which it is said what they are called. */
const MOST_DESCRIBED = 100

/** @throws RangeError if Intl does not know the time zone and it is needed; UpsError UPS_STORE_UNAVAILABLE */
export async function statistics(
  where: Searched,
  { signal, ...options }: StatisticsOptions,
): Promise<StatisticsOutcome> {
  const counting: Counting = { ...options, patience: new Patience(signal) }
  const counts = await countsOf(where, counting)
  const counted = counts && (await statisticsOf(counts))
  return counting.patience.aborted || !counted ? TOO_BROAD : { outcome: 'counted', statistics: counted }
}

const TOO_BROAD: TooBroad = { outcome: 'too broad' }

/** It is one search for those who count searches. Undefined: it is too broad. */
async function countsOf(where: Searched, counting: Counting): Promise<Counts | undefined> {
  const { query, timeZone } = counting
  const one = bothOf(query, demandText(TAG.ProcedureStepState, STATES[0]))
  const isIndexed = await withCandidates(where, { query: one, timeZone, order: [] }, async ({ exact }) => exact)
  const unseen = { ...where, tally: { searched: () => undefined } }
  if (isIndexed) return countByIndex(unseen, counting)
  return withCandidates(unseen, { query, timeZone, order: [] }, (candidates) => countByLooking(candidates, counting))
}

const statisticsOf = async (counts: Counts): Promise<Statistics> => ({
  total: counts.total,
  states: enumerated(TAG.ProcedureStepState, counts),
  priorities: enumerated(TAG.ScheduledProcedureStepPriority, counts),
  readinesses: enumerated(TAG.InputReadinessState, counts),
  labels: grouped(TAG.WorklistLabel, counts),
  stations: await described(grouped(STATION_CODE, counts), counts),
  overdue: counts.overdue,
})

function enumerated(path: Path, { values }: Counts): readonly ValueCount[] {
  const counts = values.get(path)
  const all = (ENUMERATED.get(path) ?? []).map((value) => ({ value, count: counts?.get(value) ?? 0 }))
  return all.filter((one) => one.count > 0)
}

function grouped(path: Path, { values, others }: Counts): Group<ValueCount> {
  const all = [...(values.get(path) ?? [])].map(([value, count]) => ({ value, count })).filter((one) => one.count > 0)
  const inOrder = all.toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  return { counts: inOrder.slice(0, MOST_VALUES), others: others.has(path) || inOrder.length > MOST_VALUES }
}

async function described({ counts, others }: Group<ValueCount>, from: Counts): Promise<Group<StationCount>> {
  const stations: StationCount[] = []
  for (const one of counts) {
    const code = stations.length < MOST_DESCRIBED ? await from.station(one.value) : undefined
    const [scheme, meaning] = [TAG.CodingSchemeDesignator, TAG.CodeMeaning].map((tag) => code && firstString(code, tag))
    stations.push({ ...one, ...(scheme !== undefined && { scheme }), ...(meaning !== undefined && { meaning }) })
  }
  return { counts: stations, others }
}
