/**
 * Datasets in the DICOM JSON model (PS3.18 Annex F), the one shape this code knows a dataset in.
 *
 * - Dataset: attributes by tag. Attribute: a VR and its values. Item: a dataset inside a sequence.
 * - Tag: 8 upper-case hex digits. Path: tags joined with dots, `00741216.00404050`.
 * - Normal form (what `parseDatasetJson` and `parseDatasetXml` give): tags upper case, an attribute without a value has
 *   neither Value nor InlineBinary, an empty value inside a list is null, an empty item is `{}`, numbers of DS, IS, SV
 *   and UV are kept as they were sent.
 *
 * Datasets are never changed in place: whoever wants a different one makes a new one.
 */
import type { VR } from './vr.ts'

export type Tag = string
export type Path = string

export interface PersonName {
  readonly Alphabetic?: string
  readonly Ideographic?: string
  readonly Phonetic?: string
}

export type Value = string | number | PersonName | Dataset | null

export interface Attribute {
  readonly vr: VR
  /** Never an empty list in normal form. */
  readonly Value?: readonly Value[]
  /** Base64 of the whole value field; only for the binary VRs. */
  readonly InlineBinary?: string
}

export interface Dataset {
  readonly [tag: Tag]: Attribute
}

/** Nesting of sequences deeper than this is refused (decisions.md 3). A dataset without sequences has depth 0. */
export const MAX_SEQUENCE_DEPTH = 64
