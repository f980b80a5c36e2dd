/** The significant part of a text, in keys and in stored values alike. */
import { withoutPadding, withoutTrailingSpaces } from './padding.ts'
import type { VR } from './vr.ts'

/** In these, leading spaces do not count either (PS3.5 6.2). */
const PADDED_BOTH_ENDS: ReadonlySet<VR> = new Set(['AE', 'CS', 'LO', 'SH'])

export const significantText = (vr: VR, text: string): string =>
  PADDED_BOTH_ENDS.has(vr) ? withoutPadding(text) : withoutTrailingSpaces(text)
