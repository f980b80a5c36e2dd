/**
 * Holds a request against one column of Table CC.2.5-3: what is missing, empty or forbidden, at every depth. In
 * `lenient` missing type 2 attributes are added as empty, nested ones too (decisions.md 3).
 */
import { hasValue, itemsOfAttribute } from '../dicom/attribute-value.ts'
import type { Attribute, Dataset, Path } from '../dicom/dataset.ts'
import { MOST_PROBLEMS } from '../dicom/problem-list.ts'
import { type AttributeRow, type Requirement, requirementOf } from './attribute-table.ts'
import { conditionHolds, presentWhenUnmet } from './conditions.ts'
import type { Strictness } from './policy.ts'
import { type AttributeProblem, problemAt } from './problems.ts'
import { TAG } from './tags.ts'

/**
 * No more attributes are added to one dataset; beyond that they are demanded. Honest datasets lack a few dozen at most,
 * and thousands of empty items must not make a workitem many times larger than what was sent.
 */
const MOST_ADDED = 10_000

export type Operation = 'create' | 'set'

export interface Examined {
  /** The dataset as it was sent, with what `lenient` adds. */
  readonly dataset: Dataset
  readonly problems: readonly AttributeProblem[]
  /** Paths of the attributes that were added. */
  readonly added: readonly Path[]
}

interface Task {
  readonly operation: Operation
  readonly strictness: Strictness
  readonly problems: AttributeProblem[]
  readonly added: Path[]
}

export function examine(
  dataset: Dataset,
  rows: readonly AttributeRow[],
  operation: Operation,
  strictness: Strictness,
): Examined {
  const task: Task = { operation, strictness, problems: [], added: [] }
  return { dataset: examineItem(dataset, rows, undefined, '', task), problems: task.problems, added: task.added }
}

function examineItem(
  item: Dataset,
  rows: readonly AttributeRow[],
  parent: Dataset | undefined,
  prefix: Path,
  task: Task,
): Dataset {
  let changed: Record<string, Attribute> | undefined
  for (const row of rows) {
    if (task.problems.length >= MOST_PROBLEMS) break
    const before = item[row.tag]
    const after = examineAttribute(before, row, item, parent, prefix, task)
    if (after && after !== before) (changed ??= {})[row.tag] = after
  }
  return changed ? { ...item, ...changed } : item
}

function examineAttribute(
  attribute: Attribute | undefined,
  row: AttributeRow,
  item: Dataset,
  parent: Dataset | undefined,
  prefix: Path,
  task: Task,
): Attribute | undefined {
  const path = prefix + row.tag
  const needed = requirement(row, item, parent, task)
  if (attribute === undefined) return examineAbsent(row, needed, path, task)
  if (needed === 'server' || needed === 'see text') return attribute
  if (hasValue(attribute)) {
    if (needed === 'forbidden' || (task.operation === 'create' && row.emptyOnCreate)) {
      task.problems.push(problemAt('notAllowedAttribute', path, 'must be absent or empty in this request'))
      return attribute
    }
    return examineItems(attribute, row, item, path, task)
  }
  if (needed === 'value') task.problems.push(problemAt('missingValue', path, 'must have a value'))
  return attribute
}

/** The requirement with its condition decided: a condition that is not met leaves the attribute optional. */
function requirement(row: AttributeRow, item: Dataset, parent: Dataset | undefined, task: Task): Requirement {
  const printed = requirementOf(task.operation === 'create' ? row.create : row.set)
  if ((printed !== 'value if condition' && printed !== 'present if condition') || !row.condition) return printed
  if (conditionHolds(row.condition, { item, parent, tag: row.tag, strictness: task.strictness })) {
    return printed === 'value if condition' ? 'value' : 'present'
  }
  return presentWhenUnmet(row.condition) ? 'present' : 'optional'
}

function examineAbsent(row: AttributeRow, needed: Requirement, path: Path, task: Task): Attribute | undefined {
  if (needed === 'value') {
    task.problems.push(problemAt('missingAttribute', path, 'must be present and have a value'))
    return undefined
  }
  if (needed !== 'present') return undefined
  if (task.strictness === 'strict' || task.added.length >= MOST_ADDED) {
    task.problems.push(problemAt('missingAttribute', path, 'must be present, it may be empty'))
    return undefined
  }
  // The Transaction UID lives in the lock, never in the dataset: there is nothing to add.
  if (row.tag === TAG.TransactionUID) return undefined
  task.added.push(path)
  return { vr: row.vr }
}

function examineItems(attribute: Attribute, row: AttributeRow, item: Dataset, path: Path, task: Task): Attribute {
  if (row.items.length === 0) return attribute
  let changed = false
  const items = itemsOfAttribute(attribute).map((before) => {
    const after = examineItem(before, row.items, item, `${path}.`, task)
    changed ||= after !== before
    return after
  })
  return changed ? { vr: attribute.vr, Value: items } : attribute
}
