import { type Refusal, refuse } from '../ups/decision.ts'
import type { AttributeProblem } from '../ups/problems.ts'
import type { RefusalKey } from '../ups/statuses.ts'

/** A refusal of the DICOM catalogue, thrown where a request is read; the rules return theirs as values. */
export class DicomRefusal extends Error {
  override readonly name = 'DicomRefusal'
  readonly refusal: Refusal

  constructor(key: RefusalKey, attributes: readonly AttributeProblem[] = [], detail?: string) {
    super(key)
    this.refusal = refuse(key, attributes, detail).refusal
  }
}
