/** What is indexed of a workitem: the keys that every server has to match by (Table CC.2.5-3, R; standard.md A.6). */
import type { Path, Tag } from '../dicom/dataset.ts'
import { type KeyKind, VR_MATCHING } from '../dicom/query-vr-table.ts'
import { ATTRIBUTE_TABLE, type AttributeRow } from './attribute-table.ts'

export type IndexedKeys = ReadonlyMap<Tag, IndexedKey>

export interface IndexedKey {
  readonly tag: Tag
  readonly keyword: string
  /** Two characters that all terms of this key begin with. */
  readonly code: string
  /** Of the values; `none` of a sequence. */
  readonly kind: KeyKind
  /** Keys of the items. */
  readonly items: IndexedKeys
}

/** Their paths. The unique key is not among them: by that one workitems are found without an index of terms. */
const PATHS: readonly string[] = pathsIn(ATTRIBUTE_TABLE)

export const INDEXED_KEYS: IndexedKeys = keysOf(ATTRIBUTE_TABLE)

/** Changes whenever the terms of a workitem may be others than before: an index that was made with another one is made anew. */
export const INDEX_VERSION = `1 ${PATHS.join(' ')}`

/** The key at a path such as `00404025.00080100`; undefined: there is none, or none that has values. */
export function indexedKeyAt(path: Path): IndexedKey | undefined {
  let [keys, key]: [IndexedKeys, IndexedKey | undefined] = [INDEXED_KEYS, undefined]
  for (const tag of path.split('.')) {
    key = keys.get(tag)
    keys = key?.items ?? NO_KEYS
  }
  return key?.items.size === 0 ? key : undefined
}

const NO_KEYS: IndexedKeys = new Map()

function pathsIn(rows: readonly AttributeRow[]): readonly string[] {
  return rows.flatMap((row) => [...(row.match === 'R' ? [row.path] : []), ...pathsIn(row.items)])
}

/** A sequence that is no key itself is gone through for the keys of its items. */
function keysOf(rows: readonly AttributeRow[]): IndexedKeys {
  const keys = new Map<Tag, IndexedKey>()
  for (const { tag, path, keyword, vr, items } of rows) {
    const key = { tag, keyword, code: codeOf(path), kind: VR_MATCHING[vr].kind, items: keysOf(items) }
    if (PATHS.includes(path) || key.items.size > 0) keys.set(tag, key)
  }
  return keys
}

/** One that is no key itself has no terms. */
function codeOf(path: string): string {
  return Math.max(PATHS.indexOf(path), 0).toString(36).padStart(2, '0')
}
