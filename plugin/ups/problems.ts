/** What is wrong with the attributes of a request, and which refusal that makes. */
import { keywordOf } from '../dicom/dictionary.ts'
import type { Path } from '../dicom/dataset.ts'
import type { RefusalKey } from './statuses.ts'

export type ProblemKind = 'notAllowedAttribute' | 'missingAttribute' | 'missingValue' | 'invalidValue'

export interface AttributeProblem {
  readonly kind: ProblemKind
  readonly path: Path
  readonly keyword: string | undefined
  /** A sentence for the client; never a value of the dataset. */
  readonly reason: string
}

/** One request, one status: the first of these kinds that occurs names it, `attributes` lists all problems. */
const PRECEDENCE: readonly ProblemKind[] = ['notAllowedAttribute', 'missingAttribute', 'missingValue', 'invalidValue']

export const refusalFor = (problems: readonly AttributeProblem[]): RefusalKey =>
  PRECEDENCE.find((kind) => problems.some((problem) => problem.kind === kind)) ?? 'invalidValue'

export const problemAt = (kind: ProblemKind, path: Path, reason: string): AttributeProblem => ({
  kind,
  path,
  keyword: keywordOf(path.slice(-8)),
  reason,
})
