/**
 * What an operation may cost at most, told before it is run: one for each field, more for what is worked for, and for what is in a
 * list as often as it may be there. A fragment is counted once and multiplied.
 */
import {
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  type FieldNode,
  type GraphQLField,
  type SelectionSetNode,
} from 'graphql'

/** A search, or a count, of whatever it looks at. */
const SEARCH = 1_000

/** A workitem that is read. */
const READ = 15

/** Beside one for the field. A unit is 4 us of one processor, or less. */
const EXTRA: Readonly<Record<string, number>> = {
  __schema: 1_000,
  __type: 100,
  'Query.workitem': READ,
  'Query.workitems': SEARCH,
  'Query.workitemStatistics': 1_000,
  'Query.subscriptions': 100,
  'Query.archive': 50,
  'Mutation.reloadConfiguration': 1_000,
  'Workitem.dataset': 5,
  'Workitem.attribute': 5,
  'Workitem.subscriptions': 10,
  'WorkitemConnection.totalCount': SEARCH,
  'Subscriber.workitems': 100,
  'SubscribedWorkitem.workitem': READ,
}

/** Of every command: it is a durable commit. */
const COMMAND = 100

/** How often the items of a list are there that says nothing of it: items of a sequence, AEs, settings. */
const USUAL = 3

export interface Operation {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** As they were sent. */
  readonly variables: Readonly<Record<string, unknown>>
}

export function costOf(of: Operation): number {
  const root = of.schema.getRootType(of.operation.operation)
  return root ? new Costing(of).selections(of.operation.selectionSet, root, 1) : 0
}

class Costing {
  readonly #of: Operation
  readonly #fragments = new Map<string, number>()

  constructor(of: Operation) {
    this.#of = of
  }

  /** `page`: how many are on the page, where the type is a connection. */
  selections(set: SelectionSetNode, type: GraphQLObjectType, page: number): number {
    return set.selections.reduce((sum, selection) => {
      switch (selection.kind) {
        case Kind.FIELD:
          return sum + this.#field(selection, type, page)
        case Kind.INLINE_FRAGMENT:
          return sum + this.selections(selection.selectionSet, type, page)
        case Kind.FRAGMENT_SPREAD:
          return sum + this.#fragment(selection.name.value, type, page)
      }
    }, 0)
  }

  #field(field: FieldNode, parent: GraphQLObjectType, page: number): number {
    const name = field.name.value
    const coordinate = `${parent.name}.${name}`
    const fixed = 1 + (EXTRA[coordinate] ?? EXTRA[name] ?? (parent.name === 'Mutation' ? COMMAND : 0))
    const definition = parent.getFields()[name]
    if (!field.selectionSet || !definition) return fixed
    const inner = getNamedType(definition.type)
    if (!isObjectType(inner)) return fixed
    const first = this.#first(field, definition)
    // A page is read whole, whatever is asked for of it.
    const own = fixed + (coordinate === 'Query.workitems' ? (first ?? 0) * READ : 0)
    const inside = this.selections(field.selectionSet, inner, first ?? 1)
    return own + inside * timesOf(coordinate, definition.type, page)
  }

  /** Of a connection: the size of its pages. Undefined: it is none. */
  #first(field: FieldNode, { args }: GraphQLField<unknown, unknown>): number | undefined {
    const defined = args.find(({ name }) => name === 'first')
    if (!defined) return undefined
    const given = field.arguments?.find(({ name }) => name.value === 'first')?.value
    const literal = given?.kind === Kind.VARIABLE ? this.#variable(given.name.value) : given
    return Math.max(numberIn(literal ?? defined.default?.literal), 0)
  }

  #variable(name: string): unknown {
    const { operation, variables } = this.#of
    if (Object.hasOwn(variables, name)) return variables[name]
    return operation.variableDefinitions?.find(({ variable }) => variable.name.value === name)?.defaultValue
  }

  #fragment(name: string, type: GraphQLObjectType, page: number): number {
    const key = `${name} ${page}`
    const known = this.#fragments.get(key)
    if (known !== undefined) return known
    const fragment = this.#of.fragments.get(name)
    const cost = fragment ? this.selections(fragment.selectionSet, type, page) : 0
    this.#fragments.set(key, cost)
    return cost
  }
}

/** Of a literal of the document, or what was sent, which may be anything. What is no number is refused later: 0. */
function numberIn(value: unknown): number {
  const number = isLiteral(value) ? Number(value.value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : 0
}

const isLiteral = (value: unknown): value is { readonly value: string } =>
  typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'string'

const PAGES: ReadonlySet<string> = new Set([
  'WorkitemConnection.edges',
  'WorkitemConnection.nodes',
  'SubscriberConnection.nodes',
  'SubscribedWorkitemConnection.nodes',
])

function timesOf(coordinate: string, type: GraphQLOutputType, page: number): number {
  if (PAGES.has(coordinate)) return page
  return isListType(isNonNullType(type) ? type.ofType : type) ? USUAL : 1
}
