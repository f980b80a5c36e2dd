/** Dates and times of filters: in the form of DICOM, or of ISO 8601 and RFC 3339, which is then that of DICOM. */
import { isDate, isDateTime, isTime } from '../dicom/date-time.ts'
import { VR_RULES } from '../dicom/vr-rules.ts'

export interface MomentForm {
  /** In the form of DICOM; undefined if the text is no such date or time. */
  readonly read: (text: string) => string | undefined
  /** Goes on after "expected". */
  readonly expected: string
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?$/
/** Month, day, hour, minute, second and fraction may be missing from the end, the offset always. */
const DATE_TIME =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[Tt ](\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?)?)?([Zz]|[+-]\d{2}:?\d{2})?$/

const either =
  (fromIso: (text: string) => string | undefined, isOne: (text: string) => boolean) =>
  (text: string): string | undefined => {
    if (isOne(text)) return text
    const dicom = fromIso(text)
    return dicom !== undefined && isOne(dicom) ? dicom : undefined
  }

function dateOf(text: string): string | undefined {
  const found = DATE.exec(text)
  return found?.slice(1).join('')
}

function timeOf(text: string): string | undefined {
  const found = TIME.exec(text)
  if (found === null) return undefined
  const [, hour, minute, second = '', fraction] = found
  return `${hour}${minute}${second}${fractionOf(fraction)}`
}

function dateTimeOf(text: string): string | undefined {
  const found = DATE_TIME.exec(text)
  if (found === null) return undefined
  const [, year, month, day = '', hour = '', minute = '', second = '', fraction, offset] = found
  return `${year}${month}${day}${hour}${minute}${second}${fractionOf(fraction)}${offsetOf(offset)}`
}

/** DICOM has 6 digits at most; more of them would have to be cut, and mean another moment. */
const fractionOf = (digits: string | undefined): string =>
  digits === undefined ? '' : `.${digits.replace(/(?<=^\d{6})0+$/, '')}`

/** `-00:00` is UTC too (RFC 3339 4.3). */
function offsetOf(text: string | undefined): string {
  if (text === undefined) return ''
  const offset = text.replace(':', '')
  return offset.toUpperCase() === 'Z' || offset === '-0000' ? '+0000' : offset
}

export const MOMENT_FORMS: Readonly<Record<'DA' | 'TM' | 'DT', MomentForm>> = {
  DA: { read: either(dateOf, isDate), expected: `${VR_RULES.DA.expected} or YYYY-MM-DD` },
  TM: { read: either(timeOf, isTime), expected: `${VR_RULES.TM.expected} or HH:MM[:SS[.F]]` },
  DT: {
    read: either(dateTimeOf, isDateTime),
    expected: `${VR_RULES.DT.expected}, or as YYYY-MM[-DD[THH[:MM[:SS[.F]]]]] with or without Z or an offset`,
  },
}
