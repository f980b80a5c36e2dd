/**
 * Writes the schema of GraphQL: `npm run schema:graphql`. The test `graphql/sdl` writes it again and compares.
 *
 * - `attributes.graphql`: what follows from `schema/attribute-table.json`.
 * - `archive-ups.graphql`: that, `values.graphql` and `worklist.graphql`, which are written by hand, as the one schema that
 *   is published and served, with what extends a type folded into it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, printSchema } from 'graphql'
import { ATTRIBUTE_TYPES, type AttributeType, ENUMERATIONS } from '../../plugin/graphql/attribute-types.ts'
import { ERROR_CODES } from '../../plugin/graphql/error-codes.ts'
import { FILTER_TYPES, type FilterType } from '../../plugin/graphql/filter-types.ts'
import { enumValueName } from '../../plugin/graphql/names.ts'
import { ORDER_FIELDS } from '../../plugin/graphql/order.ts'

const ATTRIBUTES = 'attributes.graphql'
const PUBLISHED = 'archive-ups.graphql'
const OPERATIONS = 'worklist.graphql'
const VALUES = 'values.graphql'

interface Definition {
  readonly kind: 'type' | 'input' | 'enum'
  readonly name: string
  readonly description: string
  readonly lines: readonly Line[]
}

interface Line {
  readonly text: string
  readonly description?: string
}

const typeDefinition = ({ name, description, fields }: AttributeType): Definition => ({
  kind: 'type',
  name,
  description,
  lines: fields.map((field) => ({
    text: `${field.name}: ${field.isList ? `[${field.type}!]!` : field.type}`,
    description: field.description,
  })),
})

const filterDefinition = ({ name, description, fields }: FilterType): Definition => ({
  kind: 'input',
  name,
  description,
  lines: fields.map((field) => ({
    text: `${field.name}: ${field.kind === 'values' ? `[${field.type}!]` : field.type}`,
    description: field.description,
  })),
})

const enumDefinitions: readonly Definition[] = ENUMERATIONS.map(({ name, description, values }) => ({
  kind: 'enum',
  name,
  description,
  lines: values.map((value) => ({ text: enumValueName(value) })),
}))

const errorDefinition: Definition = {
  kind: 'enum',
  name: 'ErrorCode',
  description:
    'What `extensions.code` of an error may be, beside those of GraphQL itself (GRAPHQL_VALIDATION_FAILED, BAD_REQUEST ...).',
  lines: ERROR_CODES.map(({ code, text }) => ({ text: code, description: text })),
}

const orderDefinition: Definition = {
  kind: 'enum',
  name: 'WorkitemOrderField',
  description: 'The attributes of a workitem that have an order.',
  lines: ORDER_FIELDS.map(({ name, description }) => ({ text: name, description })),
}

/** A name of the standard has no quotation marks. */
const described = (description: string | undefined, indent: string): string =>
  description === undefined ? '' : `${indent}"""${description}"""\n`

const printLine = ({ text, description }: Line): string => `${described(description, '  ')}  ${text}\n`

const printDefinition = ({ kind, name, description, lines }: Definition): string =>
  `${described(description, '')}${kind} ${name} {\n${lines.map(printLine).join('')}}\n`

/** The text of `attributes.graphql`. */
export function attributesSdl(): string {
  const definitions = [
    ...ATTRIBUTE_TYPES.map(typeDefinition),
    ...enumDefinitions,
    ...FILTER_TYPES.map(filterDefinition),
    orderDefinition,
    errorDefinition,
  ]
  const header = '# Written by derive.ts from schema/attribute-table.json; not to be edited.\n'
  return [header, ...definitions.map(printDefinition)].join('\n')
}

/** The text of `archive-ups.graphql`; `read` gives the text of a file that is written by hand. */
export function publishedSdl(read: (file: string) => string): string {
  const header = '# Written by derive.ts from the other files of this folder; not to be edited.\n'
  const sources = [read(OPERATIONS), attributesSdl(), read(VALUES)]
  return `${header}\n${printSchema(buildSchema(sources.join('\n')))}\n`
}

export const FOLDER = import.meta.dirname
export const readByHand = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')

if (import.meta.main) {
  writeFileSync(join(FOLDER, ATTRIBUTES), attributesSdl())
  writeFileSync(join(FOLDER, PUBLISHED), publishedSdl(readByHand))
}
