/** Date-times of a dataset against those of a query: as instants, on whatever clocks each of them was written. */
import { firstString } from './access.ts'
import type { Dataset, Tag } from './dataset.ts'
import { isDate } from './date-time.ts'
import { atTime, offsetOf, startOfDate, startOfDateTime, startOfTime } from './matching-moment.ts'
import { instantOf, offsetsAround } from './matching-time-zone.ts'
import type { Moment, Span } from './query-criteria.ts'

const TIMEZONE_OFFSET_FROM_UTC = '00080201'

/** What says when it is, of a text that does not say it itself. */
export interface Clocks {
  /** The outermost dataset: its (0008,0201) is that of its items too. */
  readonly dataset: Dataset
  /** An id that Intl knows; undefined: the zone of the process. */
  readonly timeZone: string | undefined
}

/** A stored DT is its first microsecond; one that is no DT is in no range. */
export function isDateTimeIn(ranges: readonly Span<Moment>[], text: string, clocks: Clocks): boolean {
  const moment = momentOfDateTime(text, clocks.dataset)
  return moment !== undefined && ranges.some((range) => isIn(range, moment, clocks.timeZone))
}

/** The first microsecond of a stored DT; undefined if it is none. `dataset`: the outermost one. */
export function momentOfDateTime(text: string, dataset: Dataset): Moment | undefined {
  const found = startOfDateTime(text)
  return found && storedMoment(found.start, found.offset, dataset)
}

/** The first microsecond of a stored DT, since 1970 of UTC; undefined if it is none. */
export function instantOfDateTime(text: string, { dataset, timeZone }: Clocks): number | undefined {
  const moment = momentOfDateTime(text, dataset)
  return moment && instantOfMoment(moment, timeZone)
}

/** A stored date and its time, in the item that both are in. */
export function isPairIn(range: Span<Moment>, date: Tag, time: Tag, item: Dataset, clocks: Clocks): boolean {
  const dateText = firstString(item, date)
  const timeOfDay = startOfTime(firstString(item, time) ?? '')
  if (dateText === undefined || !isDate(dateText) || timeOfDay === undefined) return false
  const moment = storedMoment(atTime(startOfDate(dateText), timeOfDay), undefined, clocks.dataset)
  return isIn(range, moment, clocks.timeZone)
}

function storedMoment(clock: number, own: number | undefined, dataset: Dataset): Moment {
  const offset = own ?? offsetOf(firstString(dataset, TIMEZONE_OFFSET_FROM_UTC) ?? '')
  return offset === undefined ? { at: clock, local: true } : { at: clock - offset, local: false }
}

const isIn = ({ from, before }: Span<Moment>, moment: Moment, timeZone: string | undefined): boolean =>
  (from === undefined || difference(from, moment, timeZone) <= 0) &&
  (before === undefined || difference(moment, before, timeZone) < 0)

/** Microseconds from `b` to `a`. On the same clocks the zone does not matter, and need not be looked up. */
const difference = (a: Moment, b: Moment, timeZone: string | undefined): number =>
  a.local === b.local ? a.at - b.at : instantOfMoment(a, timeZone) - instantOfMoment(b, timeZone)

/** Of UTC. */
export const instantOfMoment = ({ at, local }: Moment, timeZone: string | undefined): number =>
  local ? instantOf(at, timeZone) : at

/**
 * What clocks of the zone may show at that moment: not one time only, where they are put forward or back on such a day.
 * @throws RangeError if Intl does not know the time zone and it is needed
 */
export function onClocks(
  { at, local }: Moment,
  timeZone: string | undefined,
): { readonly least: number; readonly most: number } {
  if (local) return { least: at, most: at }
  const { least, most } = offsetsAround(at, timeZone)
  return { least: at + least, most: at + most }
}
