/** Bounds that no honest query comes near: a query is kept, and matched with every workitem and every change. */
import { hasWildcard } from './matching-glob.ts'
import type { ProblemList } from './problem-list.ts'
import { shownName, type QueryKey } from './query-tree.ts'

export const MOST_KEYS = 100
/** Of all keys together. */
export const MOST_VALUES = 1000
/** Of one value. */
export const MOST_CHARACTERS = 1024
/** Of all values with `*` or `?` together: each may be tried at every character of a text. */
export const MOST_WILDCARD_CHARACTERS = 512

/** Whether the keys keep to all of them. */
export function keepsToLimits(keys: readonly QueryKey[], problems: ProblemList): boolean {
  const values = keys.reduce((count, { list }) => count + list.length, 0)
  if (keys.length > MOST_KEYS) {
    problems.malformed('', `expected at most ${MOST_KEYS} matching keys, found ${keys.length}`)
    return false
  }
  if (values > MOST_VALUES) {
    problems.malformed('', `expected at most ${MOST_VALUES} values in all matching keys, found ${values}`)
    return false
  }
  return areShort(keys, problems) && haveFewWildcards(keys, problems)
}

function areShort(keys: readonly QueryKey[], problems: ProblemList): boolean {
  const long = keys.filter(({ list }) => list.some((text) => text.length > MOST_CHARACTERS))
  for (const { name } of long) {
    problems.invalid(shownName(name), `expected at most ${MOST_CHARACTERS} characters in a value, found more`)
  }
  return long.length === 0
}

function haveFewWildcards(keys: readonly QueryKey[], problems: ProblemList): boolean {
  const patterns = keys.flatMap(({ list }) => list).filter(hasWildcard)
  const characters = patterns.reduce((count, { length }) => count + length, 0)
  if (characters <= MOST_WILDCARD_CHARACTERS) return true
  const expected = `expected at most ${MOST_WILDCARD_CHARACTERS} characters in all values with * or ?`
  problems.invalid('', `${expected}, found ${characters}`)
  return false
}
