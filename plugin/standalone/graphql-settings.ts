/** What the flags say of the GraphQL face. */
import type { UpsPluginOptions } from '../index.ts'
import { FLAGS } from './flags.ts'
import { bad, type GivenFlags, readFile, readText, type Variables } from './given.ts'

type GraphqlOptions = Exclude<NonNullable<UpsPluginOptions['graphql']>, false>

/** @throws UpsError UPS_BAD_OPTION */
export function graphqlSettings(given: GivenFlags, variables: Variables): GraphqlOptions {
  const introspection = readText('graphqlIntrospection', given, variables) ?? FLAGS.graphqlIntrospection.default
  if (introspection !== 'on' && introspection !== 'off') throw bad('graphqlIntrospection', introspection, 'on or off')
  const file = readText('graphqlDocuments', given, variables)
  return {
    graphiql: graphiql(readText('graphiql', given, variables) ?? FLAGS.graphiql.default),
    introspection: introspection === 'on',
    ...(file === undefined ? {} : { documents: documents(file) }),
  }
}

function graphiql(text: string): NonNullable<GraphqlOptions['graphiql']> {
  if (text === 'loopback' || text === 'on' || text === 'off') return text
  throw bad('graphiql', text, 'loopback, on or off')
}

function documents(file: string): Readonly<Record<string, string>> {
  const text = readFile('graphqlDocuments', file)
  try {
    const read: unknown = JSON.parse(text)
    if (isRecord(read) && Object.values(read).every((document) => typeof document === 'string')) {
      return read as Readonly<Record<string, string>>
    }
  } catch {
    // It is told below.
  }
  throw bad('graphqlDocuments', file, 'a file that holds one JSON object, of ids and the texts of their documents')
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
