/** What is indexed under a name of its own: the keys that every server has to match by, and the unique one (standard.md A.6). */
import type { Tag } from '../dicom/dataset.ts'
import { type KeyKind, VR_MATCHING } from '../dicom/query-vr-table.ts'
import { ATTRIBUTE_TABLE, type AttributeRow } from '../ups/attribute-table.ts'

/** Of one level: of a workitem, or of the items of a sequence. */
export type SearchKeys = ReadonlyMap<Tag, SearchKey>

export interface SearchKey {
  readonly tag: Tag
  /** Its field in the level. */
  readonly keyword: string
  /** `none`: a sequence. */
  readonly kind: KeyKind
  /** Keys of the items. */
  readonly items: SearchKeys
}

export const SEARCH_KEYS: SearchKeys = keysOf(ATTRIBUTE_TABLE)

/** Those that workitems can be put in order by. */
export const SORT_KEYS: SearchKeys = new Map([...SEARCH_KEYS].filter(([, { kind }]) => kind !== 'none'))

/** A sequence that is no key itself is gone through for the keys of its items. */
function keysOf(rows: readonly AttributeRow[]): SearchKeys {
  const keys = new Map<Tag, SearchKey>()
  for (const { tag, keyword, vr, match, items } of rows) {
    const key = { tag, keyword, kind: VR_MATCHING[vr].kind, items: keysOf(items) }
    if (match === 'R' || match === 'U' || key.items.size > 0) keys.set(tag, key)
  }
  return keys
}
