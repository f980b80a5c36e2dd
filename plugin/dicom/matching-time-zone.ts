/** Which instant the clocks of a time zone mean. All numbers are microseconds. */
import { DAY, dayNumber, SECOND } from './matching-moment.ts'

/** Of year 2: Intl counts the years before the first one in another era. */
const FIRST_DAY = dayNumber(2, 1, 1)

/**
 * `timeZone`: an id that Intl knows (`Europe/Vienna`, `+01:00`); undefined: the zone of the process. A time that comes
 * twice is the earlier one; one that is skipped is meant as before the change (as `compatible` of Temporal has it).
 * @throws RangeError if Intl does not know the id
 */
export function instantOf(local: number, timeZone: string | undefined): number {
  const day = Math.floor(local / DAY)
  const before = offsetOnDay(day - 1, timeZone)
  const after = offsetOnDay(day + 2, timeZone)
  if (before === after) return local - before
  const early = local - before
  if (offsetAt(early, timeZone) === before) return early
  const late = local - after
  return offsetAt(late, timeZone) === after ? late : early
}

/** The least and the most that clocks of the zone are ahead of UTC from the day before that instant to the day after it. */
export function offsetsAround(
  instant: number,
  timeZone: string | undefined,
): { readonly least: number; readonly most: number } {
  const day = Math.floor(instant / DAY)
  const [before, after] = [offsetOnDay(day - 1, timeZone), offsetOnDay(day + 2, timeZone)]
  return { least: Math.min(before, after), most: Math.max(before, after) }
}

interface Zone {
  readonly format: Intl.DateTimeFormat
  /** At the beginning of a day of UTC, by its number. */
  readonly offsets: Map<number, number>
}

/** What was looked up before. No state: what an entry holds depends on its key alone, and any may be forgotten. */
const zones = new Map<string, Zone>()
const MOST_OFFSETS = 10_000

function offsetOnDay(day: number, timeZone: string | undefined): number {
  if (timeZone === undefined) return processOffsetAt(day * DAY)
  const { format, offsets } = zoneOf(timeZone)
  const known = offsets.get(day)
  if (known !== undefined) return known
  const offset = offsetIn(format, day * DAY)
  if (offsets.size >= MOST_OFFSETS) offsets.clear()
  offsets.set(day, offset)
  return offset
}

/** How far the clocks of the zone are ahead of UTC. */
const offsetAt = (instant: number, timeZone: string | undefined): number =>
  timeZone === undefined ? processOffsetAt(instant) : offsetIn(zoneOf(timeZone).format, instant)

const processOffsetAt = (instant: number): number => new Date(instant / 1000).getTimezoneOffset() * -60_000_000

function offsetIn(format: Intl.DateTimeFormat, instant: number): number {
  const seconds = Math.floor(Math.max(instant, FIRST_DAY * DAY) / SECOND)
  const part = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 }
  for (const { type, value } of format.formatToParts(new Date(seconds * 1000))) {
    if (Object.hasOwn(part, type)) part[type as keyof typeof part] = Number(value)
  }
  const clock = (part.hour * 60 + part.minute) * 60 + part.second - seconds
  return dayNumber(part.year, part.month, part.day) * DAY + clock * SECOND
}

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const zone: Zone = { format, offsets: new Map() }
  zones.set(timeZone, zone)
  return zone
}
