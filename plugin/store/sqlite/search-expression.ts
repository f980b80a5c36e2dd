/** What the terms of a workitem have to satisfy, in the language of FTS5's MATCH. */
import { EVERY } from '../../ups/index-terms.ts'
import type { Narrowing } from '../../ups/narrowing.ts'

const NO_TERM = 'none'

export function expressionOf(narrowing: Narrowing): string {
  switch (narrowing.is) {
    case 'everything':
      return EVERY
    case 'term':
      return narrowing.text
    case 'prefix':
      return `${narrowing.text}*`
    case 'all':
      return both(...narrowing.of.map(expressionOf))
    case 'any':
      return either(narrowing.of.map(expressionOf))
  }
}

export const both = (...expressions: readonly string[]): string => `(${expressions.join(' AND ')})`
export const either = (expressions: readonly string[]): string =>
  expressions.length === 0 ? NO_TERM : `(${expressions.join(' OR ')})`
export const without = (expression: string, others: readonly string[]): string =>
  `(${expression} NOT ${either(others)})`
