/** What the index goes by to give an order: a step for each attribute of it. */
import type { Ordering } from '../../dicom/order.ts'
import { type IndexedKey, INDEXED_KEYS } from '../../ups/index-keys.ts'
import { disorderTerm, type Ladder, presentTerm } from '../../ups/index-terms.ts'
import { both } from './search-expression.ts'
import type { SearchReader } from './search-reader.ts'

export interface Step {
  readonly ordering: Ordering
  readonly key: IndexedKey
  /** On which of them values are; none: it goes by terms. */
  readonly ladders: readonly Ladder[]
}

/** Undefined where the index cannot give the order for workitems that satisfy the expression. */
export function stepsTo(
  order: readonly Ordering[],
  expression: string,
  reader: SearchReader,
): readonly Step[] | undefined {
  const steps = order.map((ordering) => stepOf(ordering, expression, reader))
  return steps.every((step) => step !== undefined) ? steps : undefined
}

function stepOf(ordering: Ordering, expression: string, reader: SearchReader): Step | undefined {
  const key = INDEXED_KEYS.get(ordering.tag)
  const has = (term: string): boolean => reader.count(both(expression, term), 1) > 0
  if (key === undefined || key.items.size > 0 || has(disorderTerm(key.code))) return undefined
  if (key.kind === 'date') return { ordering, key, ladders: ['day'] }
  if (key.kind !== 'date-time') return { ordering, key, ladders: [] }
  return { ordering, key, ladders: has(presentTerm(key.code, 'local')) ? ['utc', 'local'] : ['utc'] }
}

/** Of every workitem that has a place in the order of the step. */
export const presentTerms = ({ key, ladders }: Step): readonly string[] =>
  ladders.length === 0 ? [presentTerm(key.code)] : ladders.map((ladder) => presentTerm(key.code, ladder))
