/** The input types of filters that follow from the matching keys of Table CC.2.5-3. */
import type { Tag } from '../dicom/dataset.ts'
import type { AttributeRow } from '../ups/attribute-table.ts'
import { attributeTitle, describeItems, ENUMERATIONS, typeOf, WORKITEM_ROWS } from './attribute-types.ts'
import { fieldName } from './names.ts'
import { STRUCTURES, structureName } from './structures.ts'

/** How the value of a field is read: a list of values; a date or time, or a range of them; keys of the items. */
export type FilterKind = 'values' | 'DA' | 'TM' | 'DT' | 'items'

export interface FilterField {
  readonly name: string
  readonly tag: Tag
  readonly keyword: string
  readonly kind: FilterKind
  /** Of one value. */
  readonly type: string
  readonly description: string
}

export interface FilterType {
  readonly name: string
  readonly description: string
  readonly fields: readonly FilterField[]
}

export const WORKITEM_FILTER = 'WorkitemFilter'

const RANGED: Readonly<Record<'DA' | 'TM' | 'DT', string>> = { DA: 'DateMatch', TM: 'TimeMatch', DT: 'DateTimeMatch' }
const isRanged = (vr: string): vr is keyof typeof RANGED => Object.hasOwn(RANGED, vr)

const ENUMS: ReadonlySet<string> = new Set(ENUMERATIONS.map(({ name }) => name))

/** Names are text with wildcards here. */
function typeOfKey(row: AttributeRow): string {
  if (row.vr === 'SQ') return filterName(structureName(row))
  if (isRanged(row.vr)) return RANGED[row.vr]
  const type = typeOf(row)
  return ENUMS.has(type) || type === 'Int' || type === 'Float' ? type : 'String'
}

const filterName = (structure: string): string => `${structure}Filter`

function kindOf({ vr }: AttributeRow): FilterKind {
  if (vr === 'SQ') return 'items'
  return isRanged(vr) ? vr : 'values'
}

const fieldOf = (row: AttributeRow): FilterField => ({
  name: fieldName(row.keyword),
  tag: row.tag,
  keyword: row.keyword,
  kind: kindOf(row),
  type: typeOfKey(row),
  description: attributeTitle(row),
})

/** A sequence for which the table prints nothing leads to the keys in it. */
const isKey = (row: AttributeRow): boolean => row.match !== '-' || row.items.some(isKey)

/** What is a key in some place that has the structure is one in all of them: search matches any attribute. */
function keysAt(places: readonly AttributeRow[]): readonly AttributeRow[] {
  const keys = new Set(places.flatMap(({ items }) => items.filter(isKey)).map(({ tag }) => tag))
  return places[0]?.items.filter(({ tag }) => keys.has(tag)) ?? []
}

const ROOT: FilterType = {
  name: WORKITEM_FILTER,
  description:
    'Matching keys (PS3.4 C.2.2.2), all of which have to match, as in a search of UPS-RS. A field that is null counts as ' +
    'absent; an empty list is refused. Without any key everything matches.',
  fields: WORKITEM_ROWS.filter(isKey).map(fieldOf),
}

const ITEMS: readonly FilterType[] = STRUCTURES.map(({ name, places }) => ({
  name: filterName(name),
  description: `Keys of ${describeItems(places)}: one and the same item has to match all of them.`,
  fields: keysAt(places).map(fieldOf),
}))

/** Those that a type leads to, itself first, each once. */
function reachable(type: FilterType, seen: Set<FilterType> = new Set()): ReadonlySet<FilterType> {
  seen.add(type)
  for (const { type: name } of type.fields) {
    const item = ITEMS.find((other) => other.name === name)
    if (item !== undefined && !seen.has(item)) reachable(item, seen)
  }
  return seen
}

export const FILTER_TYPES: readonly FilterType[] = [...reachable(ROOT)]
