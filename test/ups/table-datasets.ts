/**
 * Datasets made from the transcribed Table CC.2.5-3: the least that an operation accepts, with one attribute of the
 * table missing, empty or filled. Knows nothing of the table in the code.
 */
import type { Attribute, Dataset, Path, Tag } from '../../plugin/dicom/dataset.ts'
import { isVR, type VR } from '../../plugin/dicom/vr.ts'
import { type AttributeRow, CC_2_5_3 } from './transcription/cc-2-5-3.ts'
import { ENUMERATED_VALUES, ENUMERATED_VALUES_OF_MACROS } from './transcription/enumerations.ts'

export type Operation = 'create' | 'set'
export type Variant = 'missing' | 'empty' | 'filled'

/** A row with the rows of its items. */
export interface Node {
  readonly row: AttributeRow
  readonly tag: Tag
  readonly children: readonly Node[]
}

function nodesBelow(parent: Path): readonly Node[] {
  const prefix = parent === '' ? '' : `${parent}.`
  return CC_2_5_3.filter(({ path }) => path.startsWith(prefix) && !path.slice(prefix.length).includes('.')).map(
    (row) => ({
      row,
      tag: row.path.slice(-8),
      children: row.vr === 'SQ' ? nodesBelow(row.path) : [],
    }),
  )
}

export const ROOT: readonly Node[] = nodesBelow('')

/** The SCU half of a cell: what the requester must send. */
export const scuOf = (row: AttributeRow, operation: Operation): string => row[operation].split('/')[0] ?? ''

const FILLED: Readonly<Partial<Record<VR, Attribute['Value']>>> = {
  AE: ['STORE'],
  CS: ['TERM'],
  DA: ['20260301'],
  DS: ['1.5'],
  DT: ['20260301090000'],
  IS: ['1'],
  LO: ['text'],
  LT: ['text'],
  PN: [{ Alphabetic: 'Doe^Jane' }],
  SH: ['text'],
  ST: ['text'],
  TM: ['0900'],
  UC: ['text'],
  UI: ['1.2.3'],
  UR: ['https://example.org/1'],
  US: [1],
  UT: ['text'],
}

const ENUMERATED = new Map(
  [...ENUMERATED_VALUES, ...ENUMERATED_VALUES_OF_MACROS].map(({ tag, values }) => [tag, values[0]]),
)

/** Where the first of the enumerated values is not the one that fits the rest of the item. */
const FITTING: Readonly<Record<Tag, string>> = { '0040A040': 'TEXT' }

const vrOf = ({ vr, path }: AttributeRow): VR => {
  if (!isVR(vr)) throw new Error(`the transcription has VR ${vr} for ${path}`)
  return vr
}

export const emptyOf = ({ row }: Node): Attribute => ({ vr: vrOf(row) })

/** The attribute with one value that fits; a sequence with one item, the least that the operation accepts. */
export function filledOf({ row, tag, children }: Node, operation: Operation): Attribute {
  const vr = vrOf(row)
  if (vr === 'SQ') return { vr, Value: [leastItem(children, operation)] }
  const enumerated = FITTING[tag] ?? ENUMERATED.get(tag)
  const Value = enumerated === undefined ? FILLED[vr] : [enumerated]
  if (!Value) throw new Error(`the tests have no value of VR ${vr}`)
  return { vr, Value }
}

/** Of each choice that the conditions of the table leave, the attribute that the least item takes. */
const CHOSEN: ReadonlySet<string> = new Set([
  'CodeValue',
  'CodingSchemeDesignator',
  'TextValue',
  'DICOMRetrievalSequence',
  'LocalNamespaceEntityID',
  'DICOMStorageSequence',
  'PatientID',
])

/** 2/1: what is empty gets a value from the service. */
const hasDefault = ({ row }: Node, operation: Operation): boolean => row[operation] === '2/1'

/** The least that an operation accepts without a remark, in `strict` too: type 1 filled, type 2 empty. */
export function leastItem(nodes: readonly Node[], operation: Operation): Dataset {
  const item: Record<Tag, Attribute> = {}
  for (const node of nodes) {
    const scu = scuOf(node.row, operation)
    if (scu === '1' || (scu === '1C' && CHOSEN.has(node.row.keyword))) item[node.tag] = filledOf(node, operation)
    if (scu === '2') item[node.tag] = hasDefault(node, operation) ? filledOf(node, operation) : emptyOf(node)
  }
  return item
}

export const least = (operation: Operation): Dataset => leastItem(ROOT, operation)

/** The nodes from the root to a path, the last one being that of the path. */
export function nodesTo(path: Path): readonly Node[] {
  let nodes = ROOT
  return path.split('.').map((tag) => {
    const node = nodes.find((candidate) => candidate.tag === tag)
    if (!node) throw new Error(`the transcription has no row ${path}`)
    nodes = node.children
    return node
  })
}

const CODE_VALUE_TYPES: Readonly<Record<Tag, string>> = { '0040A168': 'CODE', '004008EA': 'NUMERIC' }

/** The content item whose value is a code, or has units, is of that value type. */
function fitting(tag: Tag, item: Dataset): Dataset {
  const valueType = CODE_VALUE_TYPES[tag]
  if (valueType === undefined) return item
  const { '0040A160': _, ...rest } = item
  const numeric: Dataset = valueType === 'NUMERIC' ? { '0040A30A': { vr: 'DS', Value: ['1.5'] } } : {}
  return { ...rest, ...numeric, '0040A040': { vr: 'CS', Value: [valueType] } }
}

/** Changes the item that holds the attribute under test, and the item around that one. */
export interface Setting {
  readonly item?: (item: Dataset) => Dataset
  readonly parent?: (item: Dataset) => Dataset
}

/**
 * A dataset in which every sequence on the way to the path has one item, and the attribute at the path is missing, empty
 * or filled. `setting` makes a condition of the table true or false.
 */
export function datasetWith(path: Path, variant: Variant, operation: Operation, setting: Setting = {}): Dataset {
  const nodes = nodesTo(path)
  const build = (depth: number, base: Dataset): Dataset => {
    const node = nodes[depth]
    if (!node) return base
    const last = depth === nodes.length - 1
    let item = fitting(node.tag, base)
    if (last) item = setting.item?.(item) ?? item
    if (depth === nodes.length - 2) item = setting.parent?.(item) ?? item
    const { [node.tag]: _, ...others } = item
    if (last) {
      if (variant === 'missing') return others
      return { ...others, [node.tag]: variant === 'empty' ? emptyOf(node) : filledOf(node, operation) }
    }
    return { ...others, [node.tag]: { vr: 'SQ', Value: [build(depth + 1, leastItem(node.children, operation))] } }
  }
  return build(0, operation === 'create' ? least('create') : {})
}
