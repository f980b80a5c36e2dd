/**
 * Errors that the library makes of documents and variables: with a code, and without the values that they repeat, which may be a
 * patient's or a Transaction UID.
 */
import { GraphQLError } from 'graphql'

/** What stands in front of a value, and what replaces it and all behind it. */
const VALUES: readonly (readonly [RegExp, string])[] = [
  [/(cannot represent [^:]*value)[:\s][^]*$/, '$1.'],
  [/(?:,|\.)? [Ff]ound:? [^]*$/, '.'],
  [/got invalid value [^]*? at "([^"]*)"/, 'got an invalid value at "$1"'],
  [/got invalid value [^]*?; /, 'got an invalid value; '],
  [/Value "[^]*" does not exist/, 'The value does not exist'],
]

/** Characters of a message, which may quote names as long as a document. */
const MOST_CHARACTERS = 500

const withoutValues = (message: string): string =>
  VALUES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), message).slice(0, MOST_CHARACTERS)

/** Of an error that nobody threw. `usual`: its code, if it has none. */
export function libraryError(error: GraphQLError, usual = 'BAD_ARGUMENT'): GraphQLError {
  const { message, nodes, source, positions, path } = error
  const { originalError: _, ...extensions } = error.extensions
  const code = extensions.code ?? (message.startsWith('Syntax Error') ? 'GRAPHQL_PARSE_FAILED' : usual)
  return new GraphQLError(withoutValues(message), {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { ...extensions, code },
  })
}
