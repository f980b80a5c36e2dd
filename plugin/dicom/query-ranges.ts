/**
 * Range matching (PS3.4 C.2.2.2.5): `a-b`, `a-`, `-b`, both ends included; and single dates and times, which are the range
 * of all their microseconds. `a` must not be after `b`. What cannot be read is undefined.
 */
import type { Tag } from './dataset.ts'
import { isDate, isDateTime, isTime } from './date-time.ts'
import { keywordOf, lookupKeyword } from './dictionary.ts'
import { atTime, endOfDateTime, endOfTime, startOfDate, startOfDateTime, startOfTime } from './matching-moment.ts'
import type { DateRange, Moment, Span } from './query-criteria.ts'

interface Ends {
  readonly from: string | undefined
  readonly to: string | undefined
  /** Not one value, which is both ends. */
  readonly isRange: boolean
}

/**
 * Taken as one value if it can be: the `-` of 2026-0500 belongs to an offset, that of 2026-2027 does not. Else the first
 * end is as long as it can be.
 */
function endsOf(text: string, isOne: (text: string) => boolean): Ends | undefined {
  if (isOne(text)) return { from: text, to: text, isRange: false }
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] !== '-') continue
    const from = text.slice(0, at)
    const to = text.slice(at + 1)
    if (from === '' ? isOne(to) : isOne(from) && (to === '' || isOne(to))) {
      return { from: from || undefined, to: to || undefined, isRange: true }
    }
  }
  return undefined
}

export function dateRange(text: string): DateRange | undefined {
  const { from, to } = endsOf(text, isDate) ?? {}
  if (from !== undefined && to !== undefined) return from <= to ? { from, to } : undefined
  if (from !== undefined) return { from }
  return to === undefined ? undefined : { to }
}

/** Within one day: it cannot go over midnight. */
export function timeRange(text: string): Span<number> | undefined {
  const ends = endsOf(text, isTime)
  if (ends === undefined) return undefined
  const span = spanOf(startOfTime(ends.from ?? ''), endOfTime(ends.to ?? ''))
  const { from = 0, before = Infinity } = span
  return from < before ? span : undefined
}

/** `offset`: of (0008,0201) of the query, in microseconds. */
export function dateTimeRange(text: string, offset: number | undefined): Span<Moment> | undefined {
  const ends = endsOf(text, isDateTime)
  if (ends === undefined) return undefined
  const from = ends.from === undefined ? undefined : startMoment(ends.from, offset)
  const before = ends.to === undefined ? undefined : endMoment(ends.to, offset)
  const span = spanOf(from, before)
  return isReversed(span) ? undefined : span
}

const spanOf = <T>(from: T | undefined, before: T | undefined): Span<T> => ({
  ...(from !== undefined && { from }),
  ...(before !== undefined && { before }),
})

const momentOf = (clock: number, offset: number | undefined): Moment =>
  offset === undefined ? { at: clock, local: true } : { at: clock - offset, local: false }

function startMoment(text: string, offset: number | undefined): Moment | undefined {
  const found = startOfDateTime(text)
  return found && momentOf(found.start, found.offset ?? offset)
}

const endMoment = (text: string, offset: number | undefined): Moment =>
  momentOf(endOfDateTime(text), startOfDateTime(text)?.offset ?? offset)

/** Where only one end is local, the context says which is first. If it is the wrong one, nothing matches. */
export const isReversed = ({ from, before }: Span<Moment>): boolean =>
  from !== undefined && before !== undefined && from.local === before.local && from.at >= before.at

/**
 * The time that goes with a date: StudyDate and StudyTime, PatientBirthDate and PatientBirthTime, AdmittingDate and
 * AdmittingTime, ScheduledProcedureStepStartDate and ScheduledProcedureStepStartTime, DateOfLastCalibration and
 * TimeOfLastCalibration, ...: PS3.6 names all of them alike. UPS itself has DT instead.
 */
export function timeTagOf(dateTag: Tag): Tag | undefined {
  const time = lookupKeyword(keywordOf(dateTag)?.replace('Date', 'Time') ?? '')
  return time?.vrs[0] === 'TM' ? time.tag : undefined
}

/**
 * What a date and a time that are ranges of the same form mean together, from the first to the last; undefined if they
 * are no such ranges. The result may be reversed.
 */
export function pairedRange(date: string, time: string, offset: number | undefined): Span<Moment> | undefined {
  const dates = endsOf(date, isDate)
  const times = endsOf(time, isTime)
  if (!dates?.isRange || !times?.isRange) return undefined
  if ((dates.from === undefined) !== (times.from === undefined)) return undefined
  if ((dates.to === undefined) !== (times.to === undefined)) return undefined
  return spanOf(
    pairedMoment(dates.from, startOfTime(times.from ?? ''), offset),
    pairedMoment(dates.to, endOfTime(times.to ?? ''), offset),
  )
}

const pairedMoment = (
  date: string | undefined,
  time: number | undefined,
  offset: number | undefined,
): Moment | undefined =>
  date === undefined || time === undefined ? undefined : momentOf(atTime(startOfDate(date), time), offset)
