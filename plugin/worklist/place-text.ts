/**
 * Places as clients carry them: opaque, bound to the order that they are of. Such a text holds what the order goes by, which
 * may be a patient's name or ID. It is given to a client that sees that workitem anyway, but is patient data like the
 * workitem itself: it belongs in no log, no URL that is logged and no message.
 */
import { Buffer } from 'node:buffer'
import type { Ordering, SortKey } from '../dicom/order.ts'
import type { Sequence } from '../store/store.ts'
import type { Place } from './place.ts'

/** Characters. Nothing is cut, so a text that is longer is of values that are longer than anybody needs to go on behind. */
const MOST_CHARACTERS = 65_536

export const placeText = ({ keys, sequence, at }: Place, order: readonly Ordering[]): string =>
  Buffer.from(JSON.stringify([orderText(order), keys.map(written), sequence, at])).toString('base64url')

/** Undefined: it is no such text, not in the one form that it has, or of another order. */
export function parsePlace(text: string, order: readonly Ordering[]): Place | undefined {
  const place = text.length <= MOST_CHARACTERS ? placeIn(decoded(text), order) : undefined
  return place && placeText(place, order) === text ? place : undefined
}

const orderText = (order: readonly Ordering[]): string =>
  order.map(({ tag, descending }) => (descending ? '-' : '') + tag).join()

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

function placeIn(value: unknown, order: readonly Ordering[]): Place | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined
  const [of, keys, sequence, at] = value as readonly unknown[]
  if (of !== orderText(order) || !Array.isArray(keys) || keys.length !== order.length) return undefined
  if (!keys.every(isWritten) || !isCount(sequence) || !isCount(at)) return undefined
  return { keys: keys.map(read), sequence: sequence as Sequence, at }
}

/** JSON has no infinity, which a DS like 1e999 comes to. */
type Written = string | number | null | boolean

const isWritten = (value: unknown): value is Written =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

function written(key: SortKey): Written {
  if (key === undefined) return null
  return typeof key === 'string' || Number.isFinite(key) ? key : key > 0
}

function read(value: Written): SortKey {
  if (typeof value === 'boolean') return value ? Infinity : -Infinity
  return value ?? undefined
}
