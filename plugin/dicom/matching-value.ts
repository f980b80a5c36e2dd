/** One value of an attribute against a key that has values. */
import { isFilled } from './attribute-value.ts'
import type { Value } from './dataset.ts'
import { isDate } from './date-time.ts'
import { type Clocks, isDateTimeIn } from './matching-date-time.ts'
import { glob } from './matching-glob.ts'
import { startOfTime } from './matching-moment.ts'
import { matchesName } from './matching-name.ts'
import { comparableNumber } from './matching-number.ts'
import { significantText } from './matching-text.ts'
import { isPersonName } from './person-name.ts'
import type { DateRange, Span, ValueCriterion } from './query-criteria.ts'
import type { VR } from './vr.ts'

/** `vr`: of the stored attribute; it may be another one than the key was read for (US or SS, UR or UT). */
export function matchesValue(criterion: ValueCriterion, vr: VR, value: Value, clocks: Clocks): boolean {
  if (criterion.type === 'number') return isOneOf(criterion.values, comparableNumber(vr, value))
  if (criterion.type === 'name') return isFilled(value) && isPersonName(value) && matchesName(criterion.names, value)
  return typeof value === 'string' && matchesText(criterion, significantText(vr, value), clocks)
}

type TextCriterion = Exclude<ValueCriterion, { readonly type: 'number' | 'name' }>

function matchesText(criterion: TextCriterion, text: string, clocks: Clocks): boolean {
  if (text === '') return false
  switch (criterion.type) {
    case 'text':
      return criterion.values.includes(text) || criterion.patterns.some((pattern) => glob(pattern, text))
    case 'uid':
      return criterion.values.includes(text)
    case 'date':
      return isDate(text) && criterion.ranges.some((range) => isDateIn(range, text))
    case 'time':
      return isTimeIn(criterion.ranges, text)
    case 'date-time':
      return isDateTimeIn(criterion.ranges, text, clocks)
  }
}

function isTimeIn(ranges: readonly Span<number>[], text: string): boolean {
  const time = startOfTime(text)
  return time !== undefined && ranges.some(({ from = 0, before = Infinity }) => from <= time && time < before)
}

const isDateIn = ({ from, to }: DateRange, date: string): boolean =>
  (from === undefined || from <= date) && (to === undefined || date <= to)

const isOneOf = (values: readonly (number | string)[], value: number | string | undefined): boolean =>
  value !== undefined && values.includes(value)
