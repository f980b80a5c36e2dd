/** The options of the GraphQL face: type, default, unit, check. */
import { DEFAULT_LIMITS, type GraphqlSettings, type Limits } from './graphql/ports.ts'
import { bad, positive, yesOrNo } from './option-checks.ts'

export interface GraphqlOptions {
  /** Whether GraphiQL is shown: to browsers on the same machine (`loopback`, the default), to all (`on`), or not (`off`). */
  readonly graphiql?: 'loopback' | 'on' | 'off'
  /** Whether clients may ask for the schema. Default: true. */
  readonly introspection?: boolean
  /** Documents by their id (`documentId`, or `extensions.persistedQuery.sha256Hash`). Where they are given no others are run. */
  readonly documents?: Readonly<Record<string, string>>
  /** Milliseconds that an operation may take. Default: 30 000. */
  readonly timeout?: number
  /** What one operation may ask for. Defaults: depth 16, aliases 100, tokens 2 000, cost 25 000, batch 10, operations 50. */
  readonly limits?: Partial<Limits>
}

const TIMEOUT = 30_000

const NAMES: readonly string[] = [
  'graphiql',
  'introspection',
  'documents',
  'timeout',
  'limits',
] satisfies readonly (keyof GraphqlOptions)[]

/** Undefined: there is no such face. @throws UpsError UPS_BAD_OPTION */
export function graphqlOption(
  given: false | GraphqlOptions,
): Omit<GraphqlSettings, 'bodyLimit' | 'channels'> | undefined {
  if (given === false) return undefined
  if (typeof given !== 'object' || given === null) throw bad('graphql', given, 'false, or an object of options')
  refuseUnknown('graphql', given, NAMES)
  return {
    graphiql: graphiqlOption(given.graphiql ?? 'loopback'),
    introspection: yesOrNo('graphql.introspection', given.introspection ?? true),
    documents: given.documents && documentsOption(given.documents),
    timeout: positive('graphql.timeout', given.timeout ?? TIMEOUT),
    limits: limitsOption(given.limits ?? {}),
  }
}

function refuseUnknown(name: string, given: object, names: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (!names.includes(key)) throw bad(name, `with ${key}`, `one of ${names.join(', ')}`)
  }
}

function graphiqlOption(value: unknown): GraphqlSettings['graphiql'] {
  if (value === 'loopback' || value === 'on' || value === 'off') return value
  throw bad('graphql.graphiql', value, 'loopback, on or off')
}

function documentsOption(documents: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const entries = Object.entries(documents).map(([id, document]): readonly [string, string] => {
    if (typeof document === 'string' && document !== '') return [id, document]
    throw bad(`graphql.documents.${id}`, typeof document, 'the text of a document')
  })
  return new Map(entries)
}

function limitsOption(given: Partial<Limits>): Limits {
  refuseUnknown('graphql.limits', given, Object.keys(DEFAULT_LIMITS))
  for (const [name, value] of Object.entries(given)) positive(`graphql.limits.${name}`, value)
  return { ...DEFAULT_LIMITS, ...given }
}
