/** What an operation may not ask for is refused before anything is done for it: its length, its shape, then its cost. */
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  type ParseOptions,
  type Source,
  validate,
} from 'graphql'
import { costOf } from './cost.ts'
import { fragmentsOf, measureDocument } from './document-shape.ts'
import { wordsOf } from './document-text.ts'
import { ownError } from './errors.ts'
import { libraryError } from './library-errors.ts'
import type { Limits } from './ports.ts'

/** Characters of a document. Datasets come as variables. */
const MOST_CHARACTERS = 65_536

/** Brackets in each other, as many as the deepest document that is allowed has several times over. */
const MOST_NESTING = 100

/** Of fragments, and of one name: the validation compares each with each. */
const MOST_SPREADS = 100
const MOST_REPEATED = 220

/** Values in one variable; those of a dataset are not counted, the commands look at them. */
const MOST_VALUES = 10_000

/** Of lists and objects in each other. */
const MOST_LEVELS = 64

/** Characters of a text in a variable that count as one value: an error may repeat them. */
const CHARACTERS_OF_A_VALUE = 64

/** What is told of a document that is not valid: each error is worked for. */
const MOST_ERRORS = 10

/** What the operations of one request have asked for until now: together they may not ask for more than one. */
export interface Spent {
  characters: number
  cost: number
}

export const nothingSpent = (): Spent => ({ characters: 0, cost: 0 })

/** Counts the document in. @throws GraphQLError TOO_LARGE */
export function spendCharacters(text: string, spent: Spent): void {
  spent.characters += text.length
  if (spent.characters > MOST_CHARACTERS) throw ownError('TOO_LARGE')
}

/** @throws GraphQLError TOO_DEEP, TOO_LARGE, of a text that cannot be read */
function checkWords(text: string, tokens: number): void {
  const { nesting, spreads, repeated } = wordsOf(text, tokens)
  if (nesting > MOST_NESTING) {
    throw ownError('TOO_DEEP', `The document has ${nesting} brackets in each other, the limit is ${MOST_NESTING}.`)
  }
  if (spreads > MOST_SPREADS) {
    throw ownError('TOO_LARGE', `The document spreads ${spreads} fragments, the limit is ${MOST_SPREADS}.`)
  }
  if (repeated > MOST_REPEATED) {
    throw ownError('TOO_LARGE', `The document has the same name ${repeated} times, the limit is ${MOST_REPEATED}.`)
  }
}

/** As `parse` of graphql. @throws GraphQLError TOO_DEEP, TOO_LARGE, GRAPHQL_PARSE_FAILED */
export function parseWithin(source: string | Source, { tokens }: Limits, options?: ParseOptions): DocumentNode {
  checkWords(typeof source === 'string' ? source : source.body, tokens)
  return parse(source, { ...options, maxTokens: tokens })
}

/** As `validate` of graphql, with an end to what it tells. `suggesting`: other names, which are of the schema, too. */
export const validateWithin = (
  [schema, document, rules]: Parameters<typeof validate>,
  suggesting: boolean,
): readonly GraphQLError[] =>
  validate(schema, document, rules, { maxErrors: MOST_ERRORS, hideSuggestions: !suggesting }).map((error) =>
    libraryError(error, 'GRAPHQL_VALIDATION_FAILED'),
  )

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

/** Of a valid document, whose cost is counted in. Undefined: it may be run. */
export function costError(asked: Asked, limits: Limits, spent: Spent): GraphQLError | undefined {
  const operation = operationOf(asked)
  if (!operation) return undefined
  const variables = asked.variableValues ?? {}
  if (!areSmall(operation, variables)) return ownError('TOO_LARGE')
  const fragments = fragmentsOf(asked.document)
  spent.cost += costOf({ schema: asked.schema, operation, fragments, variables })
  if (spent.cost <= limits.cost) return undefined
  return ownError(
    'TOO_COSTLY',
    `The operation costs ${spent.cost}, the limit is ${limits.cost}; ask for fewer fields or smaller pages.`,
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

/** No further than about one beyond `most`, which what is too deep counts for. */
function countValues(given: unknown, most: number): number {
  let level: readonly unknown[] = [given]
  let count = 0
  for (let depth = 0; level.length > 0; depth++) {
    count += level.reduce<number>((sum, value) => sum + weightOf(value), 0)
    if (count > most || depth > MOST_LEVELS) return most + 1
    level = level.flatMap((value): readonly unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    )
  }
  return count
}

const weightOf = (value: unknown): number =>
  typeof value === 'string' ? 1 + Math.floor(value.length / CHARACTERS_OF_A_VALUE) : 1
