/** The types of GraphQL that follow from Table CC.2.5-3: the workitem, the items of its sequences, enumerated values. */
import type { Tag } from '../dicom/dataset.ts'
import type { VR } from '../dicom/vr.ts'
import { ATTRIBUTE_TABLE, type AttributeRow } from '../ups/attribute-table.ts'
import { enumerationOf } from '../ups/enumerations.ts'
import { TAG } from '../ups/tags.ts'
import { fieldName } from './names.ts'
import { STRUCTURES, structureName } from './structures.ts'

export interface AttributeField {
  readonly name: string
  readonly tag: Tag
  readonly keyword: string
  readonly vr: VR
  /** Of one value. */
  readonly type: string
  /** Sequences, and attributes that may have several values. */
  readonly isList: boolean
  /** The standard's name and the tag: `Patient ID (0010,0020)`. */
  readonly description: string
}

export interface AttributeType {
  readonly name: string
  readonly description: string
  readonly fields: readonly AttributeField[]
}

/** The attributes whose enumerated values are a type of GraphQL, named as the keyword; other codes stay text. */
const ENUMERATED: ReadonlySet<string> = new Set([
  'ProcedureStepState',
  'ScheduledProcedureStepPriority',
  'InputReadinessState',
])

/** All else is text. */
const TYPE_OF_VR: Readonly<Partial<Record<VR, string>>> = {
  PN: 'PersonName',
  DA: 'DicomDate',
  TM: 'DicomTime',
  DT: 'DicomDateTime',
  DS: 'Float',
  IS: 'Int',
  US: 'Int',
}

/** Of one value. */
export function typeOf(row: AttributeRow): string {
  if (row.vr === 'SQ') return structureName(row)
  return ENUMERATED.has(row.keyword) ? row.keyword : (TYPE_OF_VR[row.vr] ?? 'String')
}

export const attributeTitle = ({ name, tag }: AttributeRow): string => `${name} (${tag.slice(0, 4)},${tag.slice(4)})`

const fieldOf = (row: AttributeRow): AttributeField => ({
  name: fieldName(row.keyword),
  tag: row.tag,
  keyword: row.keyword,
  vr: row.vr,
  type: typeOf(row),
  isList: row.vr === 'SQ' || row.vm !== '1',
  description: attributeTitle(row),
})

const MOST_SEQUENCES_NAMED = 3

/** Of which sequences something is an item; the whole list where it is short. */
export function describeItems(places: readonly AttributeRow[]): string {
  const names = [...new Set(places.map(({ name }) => name))]
  const others = names.length - MOST_SEQUENCES_NAMED
  const shown = others > 1 ? [...names.slice(0, MOST_SEQUENCES_NAMED), `${others} other sequences`] : names
  return shown.join(', ').replace(/, (?=[^,]*$)/, ' or ')
}

/** The rows that are fields of the workitem: whoever knew the Transaction UID could act as the performer. */
export const WORKITEM_ROWS: readonly AttributeRow[] = ATTRIBUTE_TABLE.filter(({ tag }) => tag !== TAG.TransactionUID)

export const WORKITEM_TYPE: AttributeType = {
  name: 'Workitem',
  description: 'A unified procedure step, with every attribute of PS3.4 Table CC.2.5-3 that a client may see.',
  fields: WORKITEM_ROWS.map(fieldOf),
}

export const ITEM_TYPES: readonly AttributeType[] = STRUCTURES.map(({ name, places }) => ({
  name,
  description: `An item of ${describeItems(places)}.`,
  fields: (places[0]?.items ?? []).map(fieldOf),
}))

export const ATTRIBUTE_TYPES: readonly AttributeType[] = [WORKITEM_TYPE, ...ITEM_TYPES]

export interface EnumeratedValues {
  readonly name: string
  readonly description: string
  /** As DICOM has them. */
  readonly values: readonly string[]
}

export const ENUMERATIONS: readonly EnumeratedValues[] = WORKITEM_ROWS.filter(({ keyword }) =>
  ENUMERATED.has(keyword),
).map((row) => {
  const values = enumerationOf(row.path)
  if (values === undefined) throw new TypeError(`${row.keyword} has no enumerated values`)
  return { name: row.keyword, description: attributeTitle(row), values }
})
