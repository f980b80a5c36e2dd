/** What an operation may not ask for is refused before anything is done for it: its length, its shape, then its cost. */
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  Source,
  TokenKind,
} from 'graphql'
import { costOf } from './cost.ts'
import { measureDocument } from './document-shape.ts'
import { ownError } from './errors.ts'
import type { Limits } from './ports.ts'

/** Characters of a document. Datasets come as variables. */
const MOST_CHARACTERS = 65_536

/** Values in one variable; those of a dataset are not counted, the commands look at them. */
const MOST_VALUES = 10_000

/** Brackets in each other: the parser calls itself for each. */
const MOST_NESTED = 200

/** Undefined: it may be parsed. @throws GraphQLError where it has words that are none */
export function textError(text: string): GraphQLError | undefined {
  if (text.length > MOST_CHARACTERS) return ownError('TOO_LARGE')
  return isNestedBeyond(MOST_NESTED, text)
    ? ownError('TOO_DEEP', `The document has more than ${MOST_NESTED} brackets in each other.`)
    : undefined
}

const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

function isNestedBeyond(most: number, text: string): boolean {
  const lexer = new Lexer(new Source(text))
  let nested = 0
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
    if (OPENING.has(kind)) nested += 1
    if (CLOSING.has(kind)) nested -= 1
    if (nested > most) return true
  }
  return false
}

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
  const fragments = new Map(
    asked.document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  )
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
    return isDataset || countValues(variables[variable.name.value], MOST_VALUES) <= MOST_VALUES
  })
}

/** No further than one beyond `most`, and however deep it is. */
function countValues(whole: unknown, most: number): number {
  const left = [whole]
  let count = 0
  while (left.length > 0 && count <= most) {
    const value = left.pop()
    count += 1
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) left.push(inner)
  }
  return count
}
