/** `orderby` of a search (extension, decisions.md 5): attributes of the top level, `-` in front for descending order. */
import { lookupTag, parseAttributeId } from '../dicom/dictionary.ts'
import { quoted } from '../dicom/found.ts'
import { hasOrder, MOST_ORDERINGS, type Ordering } from '../dicom/order.ts'
import { TAG } from '../ups/tags.ts'
import { HttpRefusal } from './http-statuses.ts'
import type { Parameter } from './query.ts'

export const ORDERBY = 'orderby'

/** @throws HttpRefusal that names the parameter */
export function readOrder(query: readonly Parameter[]): readonly Ordering[] {
  const given = query.filter(({ name }) => name.toLowerCase() === ORDERBY)
  const order = given.flatMap(({ value, list }) => (value === undefined ? [''] : list)).map(readOrdering)
  if (order.length <= MOST_ORDERINGS) return order
  throw new HttpRefusal(
    'malformedParameter',
    `orderby has ${order.length} attributes, expected at most ${MOST_ORDERINGS}.`,
  )
}

function readOrdering(text: string): Ordering {
  const descending = text.startsWith('-')
  const tag = parseAttributeId(descending ? text.slice(1) : text)
  const vr = tag === undefined || tag === TAG.TransactionUID ? undefined : lookupTag(tag)?.vrs.find(hasOrder)
  if (tag !== undefined && vr !== undefined) return { tag, descending }
  throw new HttpRefusal(
    'malformedParameter',
    `orderby is ${quoted(text)}, expected a keyword of PS3.6 or the 8 hex digits of an attribute of the top level that ` +
      'has values with an order (no sequence, no binary, no private one, not the Transaction UID), with - in front for ' +
      'descending order.',
  )
}
