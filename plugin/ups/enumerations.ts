/** Enumerated values and item counts of PS3.3 C.30 (standard.md A.7) that are checked in requests. */
import { firstString, itemsOf } from '../dicom/access.ts'
import { withoutPadding } from '../dicom/padding.ts'
import { MOST_PROBLEMS } from '../dicom/problem-list.ts'
import type { Dataset, Path, Tag } from '../dicom/dataset.ts'
import { type AttributeProblem, problemAt } from './problems.ts'
import { TAG } from './tags.ts'
import { STATES } from './workitem.ts'

const ENUMERATED: ReadonlyMap<Tag, readonly string[]> = new Map<Tag, readonly string[]>([
  ['00404041', ['INCOMPLETE', 'UNAVAILABLE', 'READY']],
  ['00741200', ['HIGH', 'MEDIUM', 'LOW']],
  ['00100040', ['M', 'F', 'O']],
  // PS3.3 Table 10-2: macro CC.2.5-2b prints six of them and has rows for two more.
  [
    '0040A040',
    ['DATE', 'TIME', 'DATETIME', 'PNAME', 'UIDREF', 'TEXT', 'CODE', 'NUMERIC', 'COMPOSITE', 'IMAGE', 'WAVEFORM'],
  ],
  ['0040E020', ['DICOM', 'CDA']],
])

/** Sequences that hold at most one item. */
const ONE_ITEM: ReadonlySet<Tag> = new Set([
  '00404018', // Scheduled Workitem Code
  '00404009', // Human Performer Code
  '00380014', // Issuer of Admission ID
  '00741002', // Procedure Step Progress Information
  '00741216', // Unified Procedure Step Performed Procedure
  '00321064', // Requested Procedure Code
  '0040A043', // Concept Name Code
  '0040A168', // Concept Code
  '004008EA', // Measurement Units Code
])

/** The values that an attribute of a workitem may have, if they are enumerated. */
export const enumerationOf = (path: Path): readonly string[] | undefined =>
  path === TAG.ProcedureStepState ? STATES : ENUMERATED.get(path.slice(-8))

/** Enumerated values and item counts, in the dataset and in all its items. */
export function checkEnumerations(dataset: Dataset): readonly AttributeProblem[] {
  const problems: AttributeProblem[] = []
  checkItem(dataset, '', problems)
  return problems
}

function checkItem(item: Dataset, prefix: Path, problems: AttributeProblem[]): void {
  for (const tag in item) {
    if (problems.length >= MOST_PROBLEMS) return
    const allowed = ENUMERATED.get(tag)
    const value = allowed && firstString(item, tag)
    if (allowed && value !== undefined && !allowed.includes(withoutPadding(value))) {
      problems.push(problemAt('invalidValue', prefix + tag, `expected one of ${allowed.join(', ')}`))
    }
    if (item[tag]?.vr === 'SQ') checkItems(itemsOf(item, tag), tag, prefix + tag, problems)
  }
}

function checkItems(items: readonly Dataset[], tag: Tag, path: Path, problems: AttributeProblem[]): void {
  if (items.length > 1 && ONE_ITEM.has(tag)) {
    problems.push(problemAt('invalidValue', path, `expected one item at most, found ${items.length}`))
  }
  for (const item of items) checkItem(item, `${path}.`, problems)
}
