/** What is indexed under a name of its own: the keys that every server has to match by, and the unique one (standard.md A.6). */
import type { Tag } from '../dicom/dataset.ts'
import { type IndexedKey, INDEXED_KEYS } from '../ups/index-keys.ts'
import { TAG } from '../ups/tags.ts'

/** Its field in the level is its keyword. */
export type SearchKey = Omit<IndexedKey, 'code'>

/** Of one level: of a workitem, or of the items of a sequence. */
export type SearchKeys = ReadonlyMap<Tag, SearchKey>

const UNIQUE: SearchKey = { tag: TAG.SOPInstanceUID, keyword: 'SOPInstanceUID', kind: 'uid', items: new Map() }

export const SEARCH_KEYS: SearchKeys = new Map<Tag, SearchKey>([[UNIQUE.tag, UNIQUE], ...INDEXED_KEYS])

/** Those that workitems can be put in order by. */
export const SORT_KEYS: SearchKeys = new Map([...SEARCH_KEYS].filter(([, { kind }]) => kind !== 'none'))
