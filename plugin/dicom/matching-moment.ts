/** Times and date-times (PS3.5 6.2, TM and DT) in microseconds: the first that a text means, and the one after the last. */
import { isDateTime, isTime } from './date-time.ts'

export const SECOND = 1_000_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Microseconds: the step of times that are too far from 1970 for a double to hold each. A second is whole steps. */
const FAR_STEP = 64

/** Days since 1970-01-01 in the Gregorian calendar, of any year; `month` from 1 to 13, which is the next January. */
export function dayNumber(year: number, month: number, day: number): number {
  // Years begin in March here, so that the leap day is the last one.
  const marchYear = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + dayOfYear - 719_468
}

/** Of a date that `isDate` accepts. */
export const startOfDate = (text: string): number =>
  DAY * dayNumber(number(text, 0, 4), number(text, 4, 6), number(text, 6, 8))

/** Since midnight. Undefined if the text is no TM. */
export const startOfTime = (text: string): number | undefined => (isTime(text) ? timeStart(text, 0) : undefined)
export const endOfTime = (text: string): number | undefined =>
  isTime(text) ? timeStart(text, 0) + timeWidth(text.length) : undefined

/** A DT in microseconds since 1970 of its own clock. */
export interface DateTimeStart {
  readonly start: number
  /** How far that clock is ahead of UTC, in microseconds; undefined if the text does not say. */
  readonly offset: number | undefined
}

/** The first microsecond of a DT; undefined if the text is none. */
export function startOfDateTime(text: string): DateTimeStart | undefined {
  if (!isDateTime(text)) return undefined
  const end = endOfClock(text)
  return { start: clockStart(text, end), offset: end < text.length ? offsetAt(text, end) : undefined }
}

/** The microsecond after the last one of a DT that `isDateTime` accepts, on its own clock. */
export function endOfDateTime(text: string): number {
  const end = endOfClock(text)
  const year = number(text, 0, 4)
  if (end === 4) return DAY * dayNumber(year + 1, 1, 1)
  if (end === 6) return DAY * dayNumber(year, number(text, 4, 6) + 1, 1)
  const start = clockStart(text, end)
  const width = end === 8 ? DAY : timeWidth(end - 8)
  return start + (Number.isSafeInteger(start) ? width : Math.max(width, FAR_STEP))
}

/** An offset from UTC as it may follow a date-time, `+0100`, in microseconds; undefined if the text is none. */
export const offsetOf = (text: string): number | undefined =>
  /^[+-]/.test(text) && isDateTime(`2000${text}`) ? offsetAt(text, 0) : undefined

function offsetAt(text: string, at: number): number {
  const size = number(text, at + 1, at + 3) * HOUR + number(text, at + 3, at + 5) * MINUTE
  return text[at] === '-' ? -size : size
}

/** Where the clock ends and the offset, if any, begins; it has five characters. */
function endOfClock(text: string): number {
  const sign = text.length - 5
  return text[sign] === '+' || text[sign] === '-' ? sign : text.length
}

function clockStart(text: string, end: number): number {
  const month = end > 4 ? number(text, 4, 6) : 1
  const day = end > 6 ? number(text, 6, 8) : 1
  const date = DAY * dayNumber(number(text, 0, 4), month, day)
  return end > 8 ? atTime(date, timeStart(text.slice(0, end), 8)) : date
}

/** `time` after the beginning of a day. */
export const atTime = (date: number, time: number): number =>
  date + (Number.isSafeInteger(date) ? time : time - (time % FAR_STEP))

/** Second 60, a leap second, is the first one of the next minute: only so long is a day. */
function timeStart(text: string, at: number): number {
  let start = number(text, at, at + 2) * HOUR
  if (text.length > at + 2) start += number(text, at + 2, at + 4) * MINUTE
  if (text.length > at + 4) start += number(text, at + 4, at + 6) * SECOND
  if (text.length > at + 6) start += Number(text.slice(at + 7).padEnd(6, '0'))
  return start
}

/** How long a time of that many characters is: HH, HHMM, HHMMSS, or with a point and 1 to 6 digits. */
function timeWidth(length: number): number {
  if (length === 2) return HOUR
  if (length === 4) return MINUTE
  return length === 6 ? SECOND : 10 ** (13 - length)
}

/** Of decimal digits. */
function number(text: string, start: number, end: number): number {
  let value = 0
  for (let i = start; i < end; i++) value = value * 10 + text.charCodeAt(i) - 0x30
  return value
}
