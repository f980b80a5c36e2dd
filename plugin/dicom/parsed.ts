import type { Path } from './dataset.ts'

export interface DatasetProblem {
  /** Empty when the document as a whole is meant. */
  readonly path: Path
  /** What was expected and what was found; never a value of the dataset. */
  readonly reason: string
}

/**
 * What came of reading a document. `malformed`: it is not the DICOM JSON or XML model at all; `invalid`: its shape is
 * right, but a value cannot be of its VR. There is at least one problem.
 */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly kind: 'malformed' | 'invalid'; readonly problems: readonly DatasetProblem[] }

/** A document that is refused as a whole. */
export const malformed = (reason: string): Parsed<never> => ({
  ok: false,
  kind: 'malformed',
  problems: [{ path: '', reason }],
})
