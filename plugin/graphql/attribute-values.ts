/** Values of a dataset as resolvers give them. What cannot be of its type is null: a dataset is what it is. */
import type { Value } from '../dicom/dataset.ts'
import { significantText } from '../dicom/matching-text.ts'
import { numberOf } from '../dicom/numbers.ts'
import type { VR } from '../dicom/vr.ts'
import type { AttributeSource } from './attribute-source.ts'
import type { DateTimeSource } from './date-times.ts'
import { readPersonName } from './person-names.ts'

/** Undefined: it is no value of that type. */
export type ReadValue = (value: Value, source: AttributeSource) => unknown

const textOf =
  (vr: VR): ((value: Value) => string | undefined) =>
  (value) =>
    typeof value === 'string' ? significantText(vr, value) : undefined

function finite(value: Value): number | undefined {
  const number = typeof value === 'string' ? numberOf(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** Int of GraphQL has 32 bits. */
function integer(value: Value): number | undefined {
  const number = finite(value)
  return number !== undefined && (number | 0) === number ? number : undefined
}

function dateTime(value: Value, { root }: AttributeSource): DateTimeSource | undefined {
  const text = textOf('DT')(value)
  return text === undefined ? undefined : { text, root }
}

const READ: Readonly<Partial<Record<VR, ReadValue>>> = {
  PN: readPersonName,
  DT: dateTime,
  DS: finite,
  IS: integer,
  US: integer,
}

/** Of an attribute with that VR. */
export const readValueOf = (vr: VR): ReadValue => READ[vr] ?? textOf(vr)

/** One of those, else undefined. */
export function readOneOf(vr: VR, allowed: readonly string[]): ReadValue {
  const read = textOf(vr)
  return (value) => {
    const text = read(value)
    return text !== undefined && allowed.includes(text) ? text : undefined
  }
}
