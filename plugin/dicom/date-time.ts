/** A point in time as DT (PS3.5 6.2), to the millisecond, in UTC with its offset: `20260301090500.000+0000`. */
export function formatDateTime(at: Date): string {
  const iso = at.toISOString() // 2026-03-01T09:05:00.000Z
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 10)}${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 23)}+0000`
}

const DATE = /^(\d{4})(\d{2})(\d{2})$/
const TIME = /^(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?$/
const DATE_TIME =
  /^(\d{4})(?:(0[1-9]|1[0-2])(?:(\d{2})(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?)?)?([+-]\d{4})?$/

/** PS3.5 6.2, VR DA: `YYYYMMDD`, a day of the Gregorian calendar. */
export function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? []
  return isDay(Number(year), Number(month), Number(day))
}

/** PS3.5 6.2, VR TM: `HH[MM[SS[.F]]]`, 1 to 6 digits of fraction; second 60 is a leap second. */
export const isTime = (text: string): boolean => TIME.test(text)

/** PS3.5 6.2, VR DT: `YYYY[MM[DD[HH[MM[SS[.F]]]]]][&ZZXX]`; the offset may follow a date-time of any precision. */
export function isDateTime(text: string): boolean {
  const found = DATE_TIME.exec(text)
  if (found === null) return false
  const [, year, month, day, offset] = found
  if (day !== undefined && !isDay(Number(year), Number(month), Number(day))) return false
  return offset === undefined || isOffset(offset)
}

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/** -1200 to +1400; UTC is +0000, and -0000 shall not be used. */
function isOffset(text: string): boolean {
  const hoursAndMinutes = Number(text)
  if (Number(text.slice(3)) > 59 || text === '-0000') return false
  return hoursAndMinutes >= -1200 && hoursAndMinutes <= 1400
}
