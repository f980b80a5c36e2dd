/** `DicomDate`, `DicomTime` and `DicomDateTime`: the text of DICOM, and what it means in the forms of RFC 3339. */
import type { Dataset } from '../dicom/dataset.ts'
import { isDate, isDateTime, isTime } from '../dicom/date-time.ts'
import { instantOfDateTime } from '../dicom/matching-date-time.ts'
import { SECOND } from '../dicom/matching-moment.ts'
import type { Resolver } from './attribute-source.ts'

/** The source is the text. */
export const DICOM_DATE = {
  value: (text) => text,
  date: (text) => (isDate(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : null),
} as const satisfies Readonly<Record<string, Resolver<string>>>

/** The source is the text. What it leaves out begins at its first moment; second 60 stays, as RFC 3339 has it too. */
export const DICOM_TIME = {
  value: (text) => text,
  time: (text) => (isTime(text) ? `${text.slice(0, 2)}:${text.slice(2, 4) || '00'}:${text.slice(4) || '00'}` : null),
} as const satisfies Readonly<Record<string, Resolver<string>>>

export interface DateTimeSource {
  readonly text: string
  /** The workitem's dataset, for its (0008,0201). */
  readonly root: Dataset
}

export const DICOM_DATE_TIME = {
  value: ({ text }) => text,
  instant: ({ text, root }, _, { timeZone }) => {
    const instant = instantOfDateTime(text, { dataset: root, timeZone })
    return instant === undefined ? null : utcText(instant)
  },
  precision: ({ text }) => precisionOf(text),
} as const satisfies Readonly<Record<string, Resolver<DateTimeSource>>>

/** `2026-11-24T07:00:00.5Z`. Null outside the years 0000 to 9999, which is all that RFC 3339 has. */
function utcText(microseconds: number): string | null {
  const fraction = ((microseconds % SECOND) + SECOND) % SECOND
  const second = new Date((microseconds - fraction) / 1000)
  const year = second.getUTCFullYear()
  if (year < 0 || year > 9999) return null
  const digits = String(fraction).padStart(6, '0').replace(/0+$/, '')
  return `${second.toISOString().slice(0, 19)}${digits === '' ? '' : `.${digits}`}Z`
}

/** By how many characters the clock has: YYYY, YYYYMM, ..., YYYYMMDDHHMMSS. */
const PRECISIONS: Readonly<Record<number, string>> = {
  4: 'YEAR',
  6: 'MONTH',
  8: 'DAY',
  10: 'HOUR',
  12: 'MINUTE',
  14: 'SECOND',
}

const OFFSET = /[+-]\d{4}$/

const precisionOf = (text: string): string | null =>
  isDateTime(text) ? (PRECISIONS[text.replace(OFFSET, '').length] ?? 'FRACTION') : null
