/** What an operation may not ask for is refused before anything is done for it: its length, its shape, then its cost. */
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { costOf } from './cost.ts'
import { fragmentsOf, measureDocument } from './document-shape.ts'
import { ownError } from './errors.ts'
import type { Limits } from './ports.ts'

/** Characters of a document. Datasets come as variables. */
const MOST_CHARACTERS = 65_536

/** Values in one variable; those of a dataset are not counted, the commands look at them. */
const MOST_VALUES = 10_000

/** Of lists and objects in each other. */
const MOST_LEVELS = 64

export const isTooLong = (text: string): boolean => text.length > MOST_CHARACTERS

/** Undefined: it may be validated. */
export function shapeError(document: DocumentNode, { depth, aliases }: Limits): GraphQLError | undefined {
  const shape = measureDocument(document)
  if (shape.is === 'circular') return ownError('CIRCULAR')
  if (shape.depth > depth)
    return ownError('TOO_DEEP', `The document is ${shape.depth} fields deep, the limit is ${depth}.`)
  if (shape.aliases > aliases) {
    return ownError('TOO_MANY_ALIASES', `The document has ${shape.aliases} aliases, the limit is ${aliases}.`)
  }
  return undefined
}

export interface Asked {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variableValues?: ExecutionArgs['variableValues']
}

/** Of a valid document. Undefined: it may be run. */
export function costError(asked: Asked, limits: Limits): GraphQLError | undefined {
  const operation = operationOf(asked)
  if (!operation) return undefined
  const variables = asked.variableValues ?? {}
  if (!areSmall(operation, variables)) return ownError('TOO_LARGE')
  const fragments = fragmentsOf(asked.document)
  const cost = costOf({ schema: asked.schema, operation, fragments, variables })
  if (cost <= limits.cost) return undefined
  return ownError(
    'TOO_COSTLY',
    `The operation costs ${cost}, the limit is ${limits.cost}; ask for fewer fields or smaller pages.`,
  )
}

/** Undefined: the execution tells that there is none, or more than one. */
function operationOf({ document, operationName }: Asked): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
  return operationName === undefined || operationName === null
    ? operations[0]
    : operations.find(({ name }) => name?.value === operationName)
}

function areSmall(operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): boolean {
  return (operation.variableDefinitions ?? []).every(({ variable, type }) => {
    const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type
    const isDataset = named.kind === Kind.NAMED_TYPE && named.name.value === 'DicomJson'
    return isDataset || countValues(variables[variable.name.value], MOST_VALUES, MOST_LEVELS) <= MOST_VALUES
  })
}

/** No further than one beyond `most`, which what is more levels deep than that counts for. */
function countValues(value: unknown, most: number, levels: number): number {
  if (typeof value !== 'object' || value === null) return 1
  if (levels === 0) return most + 1
  let count = 1
  for (const inner of Object.values(value)) {
    count += countValues(inner, most - count, levels - 1)
    if (count > most) return count
  }
  return count
}
