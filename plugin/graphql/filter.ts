/** `WorkitemFilter` as the matching keys that UPS-RS would have for it: what they mean, and refuse, is the same. */
import type { Path } from '../dicom/dataset.ts'
import { quoted } from '../dicom/found.ts'
import { isOfPatient } from '../dicom/query-level.ts'
import type { QueryKey } from '../dicom/query.ts'
import type { MatchingOptions } from '../ups/matching-keys.ts'
import { BadArgument } from './bad-argument.ts'
import { MOMENT_FORMS } from './filter-moments.ts'
import { FILTER_TYPES, type FilterField, WORKITEM_FILTER } from './filter-types.ts'

/** As GraphQL gives it, with enumerated values as DICOM has them (`ATTRIBUTE_RESOLVERS`). */
export interface WorkitemFilterInput {
  readonly [key: string]: unknown
  readonly attributes?: readonly AttributeMatchInput[] | null
  readonly fuzzyMatching?: boolean | null
  readonly emptyValueMatching?: boolean | null
  readonly multipleValueMatching?: boolean | null
}

export interface AttributeMatchInput {
  readonly path: string
  readonly values: readonly string[]
}

interface MomentMatch {
  readonly is?: readonly string[] | null
  readonly from?: string | null
  readonly to?: string | null
}

/** For `readFilter`, whose problems have the names of the keys as their paths. */
export interface WorkitemFilterKeys {
  readonly keys: readonly QueryKey[]
  readonly options: MatchingOptions
}

/** A field, or an item around it, as the client, as UPS-RS and as a dataset knows it. */
interface Place {
  readonly argument: string
  readonly name: string
  readonly path: Path
}

const FIELDS = new Map(
  FILTER_TYPES.map(({ name, fields }) => [name, new Map(fields.map((field) => [field.name, field]))]),
)

/**
 * No filter has no keys. Null counts as absent.
 * @throws BadArgument that names the field: for what would match everything by accident (an empty list, text or object),
 * and for the end of a range that is no date or time. `argument`: how the client knows the filter
 */
export function readWorkitemFilter(
  filter: WorkitemFilterInput | null | undefined,
  argument = 'filter',
): WorkitemFilterKeys {
  if (filter === null || filter === undefined) return { keys: [], options: {} }
  const { attributes, fuzzyMatching, emptyValueMatching, multipleValueMatching } = filter
  return {
    keys: [
      ...keysOf(WORKITEM_FILTER, filter, { argument, name: '', path: '' }),
      ...attributeKeys(attributes, `${argument}.attributes`),
    ],
    options: {
      ...(fuzzyMatching === true && { fuzzymatching: true }),
      ...(emptyValueMatching === true && { emptyvaluematching: true }),
      ...(multipleValueMatching === true && { multiplevaluematching: true }),
    },
  }
}

function keysOf(type: string, input: Readonly<Record<string, unknown>>, around: Place): readonly QueryKey[] {
  const fields = FIELDS.get(type)
  return Object.entries(input).flatMap(([name, value]) => {
    const field = fields?.get(name)
    return field === undefined || value === null || value === undefined
      ? []
      : fieldKeys(field, value, placeIn(around, field))
  })
}

const placeIn = ({ argument, name, path }: Place, field: FilterField): Place => ({
  argument: `${argument}.${field.name}`,
  name: name === '' ? field.keyword : `${name}.${field.keyword}`,
  path: path === '' ? field.tag : `${path}.${field.tag}`,
})

/** `value`: what GraphQL lets through for the type of the field. */
function fieldKeys({ kind, type }: FilterField, value: unknown, place: Place): readonly QueryKey[] {
  switch (kind) {
    case 'items':
      return itemKeys(type, value as Readonly<Record<string, unknown>>, place)
    case 'values':
      return [{ name: place.name, list: listOf((value as readonly (string | number)[]).map(String), place.argument) }]
    default:
      return [{ name: place.name, list: momentList(kind, value as MomentMatch, place) }]
  }
}

function itemKeys(type: string, input: Readonly<Record<string, unknown>>, place: Place): readonly QueryKey[] {
  const keys = keysOf(type, input, place)
  if (keys.length > 0) return keys
  throw new BadArgument(place.argument, 'has no key, expected at least one; to match any items, leave it out')
}

function attributeKeys(
  attributes: readonly AttributeMatchInput[] | null | undefined,
  argument: string,
): readonly QueryKey[] {
  if (attributes === null || attributes === undefined) return []
  if (attributes.length === 0) throw new BadArgument(argument, 'is empty, expected at least one attribute')
  return attributes.map(({ path, values }, i) => ({ name: path, list: listOf(values, `${argument}[${i}].values`) }))
}

/** In UPS-RS, a key without a value matches everything; here it is left out, or `*`. */
function listOf(values: readonly string[], argument: string): readonly string[] {
  if (values.some((text) => text !== '')) return values
  throw new BadArgument(argument, 'is empty, expected at least one value; to match any value, leave it out')
}

function momentList(kind: 'DA' | 'TM' | 'DT', { is, from, to }: MomentMatch, place: Place): readonly string[] {
  const hasEnd = (from ?? to ?? undefined) !== undefined
  const hasIs = is !== null && is !== undefined
  if (hasEnd === hasIs) throw new BadArgument(place.argument, 'is not clear, expected either is, or from or to or both')
  // What cannot be read here may be a range or a wildcard; if it is not, it is refused as in UPS-RS.
  if (hasIs) return listOf(is, `${place.argument}.is`).map((text) => MOMENT_FORMS[kind].read(text) ?? text)
  return [`${endOf(kind, from, place, 'from')}-${unmistakable(kind, endOf(kind, to, place, 'to'))}`]
}

function endOf(kind: 'DA' | 'TM' | 'DT', text: string | null | undefined, place: Place, end: 'from' | 'to'): string {
  if (text === null || text === undefined) return ''
  const { read, expected } = MOMENT_FORMS[kind]
  const moment = read(text)
  if (moment !== undefined) return moment
  const found = isOfPatient(place.path) ? '' : `, found ${quoted(text)}`
  throw new BadArgument(`${place.argument}.${end}`, `cannot be read, expected ${expected}${found}`)
}

const YEAR = /^\d{4}(?=$|[+-])/

/** A year at the end of a range of date-times could be an offset, 2026-0500; its last month ends with it. */
const unmistakable = (kind: 'DA' | 'TM' | 'DT', end: string): string =>
  kind === 'DT' ? end.replace(YEAR, '$&12') : end
