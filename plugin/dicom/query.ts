/** Matching keys as UPS-RS has them (PS3.18 8.3.4.1), read into the query that search and subscriptions share. */
import { quoted } from './found.ts'
import { offsetOf } from './matching-moment.ts'
import { withoutTrailingSpaces } from './padding.ts'
import type { Parsed } from './parsed.ts'
import { ProblemList } from './problem-list.ts'
import type { Query } from './query-criteria.ts'
import { readLevel, TIMEZONE_OFFSET_FROM_UTC, type QueryOptions } from './query-level.ts'
import { keepsToLimits } from './query-limits.ts'
import { keyTree, shownName, type KeyNode, type QueryKey } from './query-tree.ts'
import { isUniversalList } from './query-values.ts'

export { isUniversal } from './query-criteria.ts'
export type { Criterion, Query } from './query-criteria.ts'
export type { QueryOptions } from './query-level.ts'
export type { QueryKey } from './query-tree.ts'

/**
 * Every problem has as its path the attribute as the client wrote it, or nothing where the whole query is meant; its
 * reason quotes dates, numbers, UIDs and codes, and never what may be a patient's. `malformed`: the keys themselves are
 * wrong; `invalid`: only values are.
 */
export function parseQueryKeys(keys: readonly QueryKey[], options: QueryOptions = {}): Parsed<Query> {
  const problems = new ProblemList()
  if (!keepsToLimits(keys, problems)) return problems.result({})
  const level = keyTree(keys, problems)
  const offset = queryOffset(level.get(TIMEZONE_OFFSET_FROM_UTC), problems)
  return problems.result(readLevel(level, { options, problems, offset }))
}

/** Timezone query adjustment: dates and times of the keys without an offset of their own are meant in that one. */
function queryOffset(node: KeyNode | undefined, problems: ProblemList): number | undefined {
  if (node?.list === undefined || isUniversalList(node.list)) return undefined
  const [text = '', ...more] = node.list
  const offset = more.length === 0 ? offsetOf(withoutTrailingSpaces(text)) : undefined
  if (offset !== undefined) return offset
  return problems.invalid(
    shownName(node.name),
    `expected one offset from UTC as &ZZXX, found ${quoted(node.list.join())}`,
  )
}
