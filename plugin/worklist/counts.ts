/** What statistics (statistics.ts) are made of, however it was counted. */
import type { Dataset, Path } from '../dicom/dataset.ts'
import type { Query } from '../dicom/query-criteria.ts'
import type { Abortable } from '../store/candidates.ts'
import { PRIORITIES, READINESSES, STATION_CODE } from '../ups/counted.ts'
import { TAG } from '../ups/tags.ts'
import { STATES } from '../ups/workitem.ts'

export interface Counting {
  /** Which workitems are counted. */
  readonly query: Query
  /** As of `Criteria`. */
  readonly timeZone: string | undefined
  /** What is overdue is so now. */
  readonly now: Date
  /** Once it is aborted no number is right, and the sooner an end is made the better. */
  readonly patience: Abortable
}

export interface Counts {
  readonly total: number
  /** By value; some may be 0. */
  readonly values: ReadonlyMap<Path, ReadonlyMap<string, number>>
  /** Where there may be values that were not counted. */
  readonly others: ReadonlySet<Path>
  readonly overdue: Overdues
  /** The code of a station, as the first workitem has it. */
  station(value: string): Promise<Dataset | undefined>
}

export interface Overdues {
  /** SCHEDULED, and the Scheduled Procedure Step Start DateTime is over. */
  readonly toStart: number
  /** SCHEDULED or IN PROGRESS, and the Expected Completion DateTime is over. */
  readonly toFinish: number
}

/** Values that are known beforehand. */
export const ENUMERATED: ReadonlyMap<Path, readonly string[]> = new Map<Path, readonly string[]>([
  [TAG.ProcedureStepState, STATES],
  [TAG.ScheduledProcedureStepPriority, PRIORITIES],
  [TAG.InputReadinessState, READINESSES],
])

export const FREE: readonly Path[] = [TAG.WorklistLabel, STATION_CODE]

/** Values of one path. */
export const MOST_VALUES = 1_000

export const microseconds = (date: Date): number => date.getTime() * 1_000
