/**
 * PS3.4 Table CC.2.5-3 with its macros expanded: which attribute must, may or must not be sent, by operation, and what
 * a final state demands. The rows are `schema/attribute-table.json`; this file gives them their types (an unknown code
 * stops the program at import) and their nesting.
 */
import table from '../../schema/attribute-table.json' with { type: 'json' }
import type { Tag } from '../dicom/dataset.ts'
import { isVR, type VR } from '../dicom/vr.ts'
import { type Condition, isCondition } from './conditions.ts'

/** What the requester must send: the SCU half of an N-CREATE or N-SET cell (PS3.4 5.4.2.1). */
export type Requirement =
  /** Type 1: present with a value. */
  | 'value'
  /** Type 1C: as `value` when the condition holds, else optional. */
  | 'value if condition'
  /** Type 2: present, may be empty. */
  | 'present'
  /** Type 2C. */
  | 'present if condition'
  /** Type 3. */
  | 'optional'
  /** `-`: kept by the service; what a client sends is ignored. */
  | 'server'
  /** Not allowed. */
  | 'forbidden'
  /** The cell is prose: the decision that owns the operation looks at it itself. */
  | 'see text'

const REQUIREMENTS = {
  '1/1': 'value',
  '1C/1': 'value if condition',
  '1C/1C': 'value if condition',
  '1C/2': 'value if condition',
  '2/1': 'present',
  '2/2': 'present',
  '2C/2C': 'present if condition',
  '3/1': 'optional',
  '3/2': 'optional',
  '3/3': 'optional',
  '-/1': 'server',
  NA: 'forbidden',
  'see text': 'see text',
} as const satisfies Readonly<Record<string, Requirement>>

/** The printed code of an N-CREATE or N-SET cell, `SCU/SCP`. */
export type UsageCode = keyof typeof REQUIREMENTS

/** Table CC.2.5-1: R both final states, RC both under a condition, P to COMPLETED, X to CANCELED, O or blank neither. */
export type FinalStateCode = 'R' | 'RC' | 'P' | 'X' | 'O' | '-'

const FINAL_STATE_CODES: readonly string[] = ['R', 'RC', 'P', 'X', 'O', '-'] satisfies readonly FinalStateCode[]

/** R: every server has to match by it. U: by a single value, as the unique key. O: may. -: no key. */
export type MatchingKeyType = 'R' | 'U' | 'O' | '-'

const MATCHING_KEY_TYPES: readonly string[] = ['R', 'U', 'O', '-'] satisfies readonly MatchingKeyType[]

export interface AttributeRow {
  /** Tags from the root, joined with dots. */
  readonly path: string
  readonly tag: Tag
  readonly keyword: string
  readonly name: string
  readonly vr: VR
  /** How many values: `1` or `1-n`. */
  readonly vm: string
  readonly create: UsageCode
  readonly set: UsageCode
  readonly final: FinalStateCode
  /** Return key type of C-FIND: 1, 1C, 2, 2C, 3 or -. */
  readonly returned: string
  readonly condition?: Condition
  /** Matching key type of C-FIND. */
  readonly match: MatchingKeyType
  readonly emptyOnCreate: boolean
  readonly items: readonly AttributeRow[]
}

export const requirementOf = (code: UsageCode): Requirement => REQUIREMENTS[code]

const isUsage = (code: string): code is UsageCode => Object.hasOwn(REQUIREMENTS, code)
const isMatchingKeyType = (code: string): code is MatchingKeyType => MATCHING_KEY_TYPES.includes(code)
const isFinal = (code: string): code is FinalStateCode => FINAL_STATE_CODES.includes(code)

type Row = (typeof table.rows)[number]

function typed(row: Row, items: readonly AttributeRow[]): AttributeRow {
  const { path, keyword, name, vr, create, set, final, match } = row
  if (!isVR(vr) || !isUsage(create) || !isUsage(set) || !isFinal(final) || !isMatchingKeyType(match))
    throw new TypeError(`attribute table: unknown code in ${path}`)
  const condition = 'condition' in row ? row.condition : undefined
  if (condition !== undefined && !isCondition(condition))
    throw new TypeError(`attribute table: unknown condition in ${path}`)
  return {
    path,
    tag: path.slice(-8),
    keyword,
    name,
    vr,
    vm: row.vm,
    create,
    set,
    final,
    returned: row.return,
    match,
    ...(condition === undefined ? {} : { condition }),
    emptyOnCreate: 'emptyOnCreate' in row,
    items,
  }
}

function nest(rows: readonly Row[]): readonly AttributeRow[] {
  const byParent = Map.groupBy(rows, (row) => row.path.slice(0, -9))
  const below = (parent: string): readonly AttributeRow[] =>
    (byParent.get(parent) ?? []).map((row) => typed(row, below(row.path)))
  return below('')
}

/** The rows of depth 0, each with the rows of its items. */
export const ATTRIBUTE_TABLE: readonly AttributeRow[] = nest(table.rows)

const ROOT = new Map(ATTRIBUTE_TABLE.map((row) => [row.tag, row]))

/** The row of an attribute at the top level, if the table names it; "all other attributes" are 3/3 throughout. */
export const rootRow = (tag: Tag): AttributeRow | undefined => ROOT.get(tag)
