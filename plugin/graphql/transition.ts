/** What a change means to whoever watches what a filter matches. */
import { matches } from '../dicom/matching.ts'
import type { Dataset } from '../dicom/dataset.ts'
import type { Query } from '../dicom/query.ts'
import type { Change } from '../feed/changes.ts'

export type Transition = 'ENTERING' | 'CHANGING' | 'LEAVING'

const TRANSITIONS = {
  before: { after: 'CHANGING', notAfter: 'LEAVING' },
  notBefore: { after: 'ENTERING', notAfter: undefined },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Transition | undefined>>>>

/**
 * Undefined: nothing. Of what was deleted nobody can tell any more whether it matched: it leaves in any case.
 * `timeZone`: of dates and times that say none.
 */
export function transitionOf(
  { entry, before, after }: Change,
  query: Query,
  timeZone: string | undefined,
): Transition | undefined {
  if (entry.is === 'deleted') return 'LEAVING'
  const isMatch = (dataset: Dataset | undefined): boolean =>
    dataset !== undefined && matches(query, dataset, { timeZone })
  return TRANSITIONS[isMatch(before) ? 'before' : 'notBefore'][isMatch(after) ? 'after' : 'notAfter']
}
