/** The published schema with the resolvers of attributes, and workitems read through it. */
import {
  type ExecutionResult,
  graphql,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  getNamedType,
} from 'graphql'
import { createSchema } from 'graphql-yoga'
import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import { ATTRIBUTE_RESOLVERS } from '../../plugin/graphql/attribute-resolvers.ts'
import type { AttributeContext, AttributeSource } from '../../plugin/graphql/attribute-source.ts'
import { readSdl } from '../../plugin/graphql/sdl.ts'
import { filledOf, type Node, ROOT } from '../ups/table-datasets.ts'

const EXTENDED = `
extend type Query {
  shown: Workitem!
  echo(filter: WorkitemFilter, orderBy: [WorkitemOrder!]): Boolean
  document(value: DicomJson!): DicomJson
}`

interface Shown {
  readonly dataset: Dataset
  readonly echo?: (args: unknown) => void
}

/** `shown` is the workitem under test, `echo` tells what its arguments are, `document` gives its argument. */
export const schema: GraphQLSchema = createSchema<AttributeContext>({
  typeDefs: [readSdl(), EXTENDED],
  resolvers: [
    ATTRIBUTE_RESOLVERS,
    {
      Query: {
        shown: ({ dataset }: Shown): AttributeSource => ({ dataset, root: dataset }),
        echo: ({ echo }: Shown, args: unknown) => echo?.(args),
        document: (_: unknown, { value }: { value: unknown }) => value,
      },
    },
  ],
})

export interface Asked {
  readonly timeZone?: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export const ask = async (source: string, root: Shown, { timeZone, variables }: Asked = {}): Promise<ExecutionResult> =>
  graphql({
    schema,
    source,
    rootValue: root,
    contextValue: { timeZone } satisfies AttributeContext,
    ...(variables && { variableValues: variables }),
  })

/** What the selection gives of a workitem with that dataset. */
export async function shown(dataset: Dataset, selection: string, asked: Asked = {}): Promise<Shape> {
  const { data, errors } = await ask(`{ shown { ${selection} } }`, { dataset }, asked)
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join())
  return plain(data)['shown'] as Shape
}

export type Shape = Readonly<Record<string, unknown>>

/** Without the null prototypes of graphql. */
export const plain = (value: unknown): Shape => JSON.parse(JSON.stringify(value)) as Shape

/** Arguments as GraphQL gives them to a resolver. */
export async function argumentsOf(source: string, variables: Shape = {}): Promise<Readonly<Record<string, unknown>>> {
  const all: unknown[] = []
  const { errors } = await ask(source, { dataset: {}, echo: (args) => all.push(args) }, { variables })
  if (errors !== undefined || all.length !== 1)
    throw new Error(`refused: ${errors?.map(({ message }) => message).join()}`)
  return all[0] as Readonly<Record<string, unknown>>
}

/** Fields of a workitem that are no attributes of it: `worklist.graphql` adds them, and the store knows them. */
export const OF_THE_WORKLIST = ['uid', 'state', 'version', 'subscriptions']

/** The fields of a type that follow from a dataset. */
export const fieldsOf = (type: GraphQLObjectType): readonly GraphQLField<unknown, unknown>[] =>
  Object.values(type.getFields()).filter(({ name }) => type.name !== 'Workitem' || !OF_THE_WORKLIST.includes(name))

/** Everything of a dataset that there is to select of a type, all the way down. */
export function everythingOf(type: GraphQLNamedType): string {
  if (!isObjectType(type)) return ''
  const fields = fieldsOf(type).map((field) => {
    const args = field.args.length === 0 ? '' : '(path: "PatientID")'
    return `${field.name}${args} ${everythingOf(getNamedType(field.type))}`
  })
  return `{ ${fields.join(' ')} }`
}

/** Every attribute of Table CC.2.5-3 but the Transaction UID, each filled, each sequence with one item. */
export const fullDataset = (nodes: readonly Node[] = ROOT): Dataset =>
  Object.fromEntries(
    nodes
      .filter(({ tag }) => tag !== '00081195')
      .map((node): [Tag, Attribute] => [
        node.tag,
        node.row.vr === 'SQ' ? { vr: 'SQ', Value: [fullDataset(node.children)] } : filledOf(node, 'create'),
      ]),
  )
