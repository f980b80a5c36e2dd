/** What a final state demands of the dataset: column "Final State" of Table CC.2.5-3 (CC.2.5.1.3). */
import { hasValue, itemsOf } from '../dicom/access.ts'
import type { Dataset, Path, Tag } from '../dicom/dataset.ts'
import { ATTRIBUTE_TABLE, type AttributeRow, type FinalStateCode } from './attribute-table.ts'
import { type AttributeProblem, problemAt } from './problems.ts'
import { TAG } from './tags.ts'
import type { FinalState } from './workitem.ts'

// RC: whether a character set is needed the service knows itself, whether a performer is known cannot be told.
const DEMANDED = {
  COMPLETED: { R: true, RC: false, P: true, X: false, O: false, '-': false },
  CANCELED: { R: true, RC: false, P: false, X: true, O: false, '-': false },
} as const satisfies Readonly<Record<FinalState, Readonly<Record<FinalStateCode, boolean>>>>

/** The table's remark: "zero items allowed when nothing relevant was produced". */
const MAY_BE_EMPTY: ReadonlySet<Tag> = new Set([TAG.OutputInformationSequence])

export const missingForFinalState = (dataset: Dataset, state: FinalState): readonly AttributeProblem[] =>
  missing(dataset, ATTRIBUTE_TABLE, state, '')

function missing(
  item: Dataset,
  rows: readonly AttributeRow[],
  state: FinalState,
  prefix: Path,
): readonly AttributeProblem[] {
  return rows.flatMap((row) => {
    if (!DEMANDED[state][row.final]) return []
    const attribute = item[row.tag]
    const path = prefix + row.tag
    if (MAY_BE_EMPTY.has(row.tag)) {
      return attribute ? [] : [problemAt('missingAttribute', path, `must be present before ${state}, it may be empty`)]
    }
    if (!hasValue(attribute)) return [problemAt('missingValue', path, `must have a value before ${state}`)]
    return itemsOf(item, row.tag).flatMap((child) => missing(child, row.items, state, `${path}.`))
  })
}
