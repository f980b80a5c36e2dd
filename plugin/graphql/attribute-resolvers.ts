/** The resolvers of all types that follow from Table CC.2.5-3, made from the same types as their SDL. */
import { isFilled, itemsOfAttribute } from '../dicom/attribute-value.ts'
import type { Value } from '../dicom/dataset.ts'
import { attributeAt } from './attribute-path.ts'
import type { AttributeSource, Resolver } from './attribute-source.ts'
import { ATTRIBUTE_TYPES, type AttributeField, type AttributeType, ENUMERATIONS } from './attribute-types.ts'
import { type ReadValue, readOneOf, readValueOf } from './attribute-values.ts'
import { DICOM_DATE, DICOM_DATE_TIME, DICOM_TIME } from './date-times.ts'
import { enumValueName } from './names.ts'
import { ORDER_FIELDS } from './order.ts'
import { PERSON_NAME, PERSON_NAME_GROUP } from './person-names.ts'
import { publicDataset } from './public-dataset.ts'

type AttributeResolver = Resolver<AttributeSource>

const VALUES_OF = new Map(ENUMERATIONS.map(({ name, values }) => [name, values]))

function resolverOf(field: AttributeField): AttributeResolver {
  if (field.vr === 'SQ') return itemsResolver(field)
  const allowed = VALUES_OF.get(field.type)
  const read = allowed === undefined ? readValueOf(field.vr) : readOneOf(field.vr, allowed)
  return field.isList ? listResolver(field, read) : valueResolver(field, read)
}

const NOTHING: readonly Value[] = []

const itemsResolver =
  ({ tag }: AttributeField): AttributeResolver =>
  ({ dataset, root }) => {
    const attribute = dataset[tag]
    if (attribute === undefined) return NOTHING
    return itemsOfAttribute(attribute).map((item): AttributeSource => ({ dataset: item, root }))
  }

/** Of several values of an attribute that has only one, the first: as matching keys and orders have it. */
const valueResolver =
  ({ tag }: AttributeField, read: ReadValue): AttributeResolver =>
  (source) => {
    const value = source.dataset[tag]?.Value?.find(isFilled)
    return value === undefined ? undefined : read(value, source)
  }

const listResolver =
  ({ tag }: AttributeField, read: ReadValue): AttributeResolver =>
  (source) => {
    const values = source.dataset[tag]?.Value ?? NOTHING
    return values.flatMap((value) => (isFilled(value) ? (read(value, source) ?? []) : []))
  }

const resolversOf = ({
  name,
  fields,
}: AttributeType): readonly [string, Readonly<Record<string, AttributeResolver>>] => [
  name,
  Object.fromEntries(fields.map((field) => [field.name, resolverOf(field)])),
]

const enumValues = (values: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(values.map((value) => [enumValueName(value), value]))

const dataset: AttributeResolver = (source) => publicDataset(source.dataset)
const attribute: Resolver<AttributeSource, { readonly path: string }> = (source, { path }) =>
  attributeAt(source.dataset, path)

const BY_TYPE = Object.fromEntries(ATTRIBUTE_TYPES.map(resolversOf))

/**
 * By type and field, for `createSchema` beside the resolvers of others; those of `Workitem` are for a source that is an
 * `AttributeSource`, in a context that is an `AttributeContext`. Enums come as DICOM has them (`IN PROGRESS`), fields of
 * an order as tags. The scalars need none.
 */
export const ATTRIBUTE_RESOLVERS = {
  ...BY_TYPE,
  Workitem: { ...BY_TYPE['Workitem'], dataset, attribute },
  PersonName: PERSON_NAME,
  PersonNameGroup: PERSON_NAME_GROUP,
  DicomDate: DICOM_DATE,
  DicomTime: DICOM_TIME,
  DicomDateTime: DICOM_DATE_TIME,
  ...Object.fromEntries(ENUMERATIONS.map(({ name, values }) => [name, enumValues(values)])),
  WorkitemOrderField: Object.fromEntries(ORDER_FIELDS.map(({ name, tag }) => [name, tag])),
}
