/** What workitems are counted by, as demands on top of a query. */
import type { Path, Tag } from '../dicom/dataset.ts'
import type { AttributeCriterion, Moment, Span, Text } from '../dicom/query-criteria.ts'
import { enumerationOf } from './enumerations.ts'
import { quarterOf, startOfQuarter } from './index-terms.ts'
import { TAG } from './tags.ts'
import type { State } from './workitem.ts'

export type Demands = { readonly [tag: Tag]: AttributeCriterion }

export const PRIORITIES = enumerationOf(TAG.ScheduledProcedureStepPriority) ?? []
export const READINESSES = enumerationOf(TAG.InputReadinessState) ?? []

export const STATION_CODE: Path = `${TAG.ScheduledStationNameCodeSequence}.${TAG.CodeValue}`

/** Exactly this text at the path, also where it has `*` or `?` in it. */
export function demandText(path: Path, value: string): Demands {
  const [tag = '', ...inner] = path.split('.')
  if (inner.length === 0) return { [tag]: oneOf([value]) }
  return { [tag]: { type: 'sequence', item: demandText(inner.join('.'), value) } }
}

const oneOf = (values: readonly string[]): Text => ({ type: 'text', values, patterns: [] })

/** Workitems that are in these states still and should not be, by what the attribute says. */
export interface Overdue {
  readonly states: readonly State[]
  readonly by: Tag
}

export const OVERDUE = {
  toStart: { states: ['SCHEDULED'], by: TAG.ScheduledProcedureStepStartDateTime },
  toFinish: { states: ['SCHEDULED', 'IN PROGRESS'], by: TAG.ExpectedCompletionDateTime },
} as const satisfies Readonly<Record<string, Overdue>>

/** Before `now`, microseconds since 1970. */
export const demandOverdue = ({ states, by }: Overdue, now: number): Demands =>
  demandBetween(states, by, [{ before: at(now) }])

/**
 * The same in two parts, of which an index knows the first and the second is small: with an attribute of several values a
 * workitem may be in both, and is in the third then.
 */
export function demandOverdueInParts({ states, by }: Overdue, now: number): readonly [Demands, Demands, Demands] {
  const quarter = at(startOfQuarter(quarterOf(now)))
  const [first, second] = [{ before: quarter }, { from: quarter, before: at(now) }]
  const [one, other] = [demandBetween(states, by, [first]), demandBetween(states, by, [second])]
  const both: Demands = { ...one, [by]: { type: 'all', of: [dateTimes([first]), dateTimes([second])] } }
  return [one, other, both]
}

const demandBetween = (states: readonly State[], by: Tag, ranges: readonly Span<Moment>[]): Demands => ({
  [TAG.ProcedureStepState]: oneOf(states),
  [by]: dateTimes(ranges),
})

const dateTimes = (ranges: readonly Span<Moment>[]): AttributeCriterion => ({ type: 'date-time', ranges })
const at = (microseconds: number): Moment => ({ at: microseconds, local: false })
