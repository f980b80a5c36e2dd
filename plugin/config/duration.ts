/**
 * Durations as dcm4chee's schema writes them, `P[nD][T[nH][nM][n[.n]S]]`, and weeks alone, `PnW`; upper or lower case.
 * In this code a duration is a number of milliseconds.
 */
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY

/** Half of what a Date can reach, in milliseconds, so that now plus or minus any duration is still a date. */
const LONGEST = 50_000_000 * DAY

const WEEKS = /^P(\d+)W$/i
const DAYS_AND_TIME = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i

/**
 * The milliseconds of `text`, fractions of one rounded; undefined if it is no duration, or one of more than 50 million
 * days.
 */
export function parseDuration(text: string): number | undefined {
  const milliseconds = weeks(text) ?? daysAndTime(text)
  return milliseconds !== undefined && milliseconds <= LONGEST ? milliseconds : undefined
}

function weeks(text: string): number | undefined {
  const match = WEEKS.exec(text)
  return match ? Number(match[1]) * WEEK : undefined
}

function daysAndTime(text: string): number | undefined {
  const match = DAYS_AND_TIME.exec(text)
  if (!match) return undefined
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = match
  return Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + Math.round(Number(seconds) * SECOND)
}

/** The shortest way to write `milliseconds` (not negative): `P7D`, `PT1.5S`, and `PT0S` for none. */
export function formatDuration(milliseconds: number): string {
  const days = part(Math.floor(milliseconds / DAY), 'D')
  const time =
    part(Math.floor(milliseconds / HOUR) % 24, 'H') +
    part(Math.floor(milliseconds / MINUTE) % 60, 'M') +
    part((milliseconds % MINUTE) / SECOND, 'S')
  if (days + time === '') return 'PT0S'
  return time === '' ? `P${days}` : `P${days}T${time}`
}

const part = (amount: number, designator: string): string => (amount === 0 ? '' : `${amount}${designator}`)
