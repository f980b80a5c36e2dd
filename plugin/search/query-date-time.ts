/** Dates and date-times, on the clocks that they were written on. */
import { instantOfMoment, onClocks } from '../dicom/matching-date-time.ts'
import type { DateRange, Moment, Span } from '../dicom/query-criteria.ts'
import { any, exactly, type Narrowed, roughly } from './query-narrowed.ts'

export const narrowDates = (field: string, ranges: readonly DateRange[]): Narrowed =>
  any(
    ranges.map(({ from, to }) =>
      exactly({
        range: {
          [field]: { ...(from !== undefined && { gte: Number(from) }), ...(to !== undefined && { lte: Number(to) }) },
        },
      }),
    ),
  )

/** @throws RangeError if Intl does not know the time zone and it is needed */
export const narrowDateTimes = (
  field: string,
  ranges: readonly Span<Moment>[],
  timeZone: string | undefined,
): Narrowed => any(ranges.map((range) => narrowDateTime(field, range, timeZone)))

function narrowDateTime(field: string, { from, before }: Span<Moment>, timeZone: string | undefined): Narrowed {
  const utc = between(
    `${field}.utc`,
    from && instantOfMoment(from, timeZone),
    before && instantOfMoment(before, timeZone),
  )
  const [first, last] = [from && onClocks(from, timeZone), before && onClocks(before, timeZone)]
  const local = between(`${field}.local`, first?.least, last?.most)
  return any([utc, isOne(first) && isOne(last) ? local : roughly(local)])
}

const between = (field: string, from: number | undefined, before: number | undefined): Narrowed =>
  exactly({
    range: { [field]: { ...(from !== undefined && { gte: from }), ...(before !== undefined && { lt: before }) } },
  })

const isOne = (clocks: ReturnType<typeof onClocks> | undefined): boolean => clocks?.least === clocks?.most
