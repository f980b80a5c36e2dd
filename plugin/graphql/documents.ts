/** Documents that are known by their id: where the archive has given some, no others are run. */
import { type GraphQLSchema, parse, validate } from 'graphql'
import { UpsError } from '../errors.ts'
import { ownError } from './errors.ts'
import { shapeError } from './limits.ts'
import type { Limits } from './ports.ts'

export interface Parameters {
  readonly query?: string | undefined
  /** GraphQL over HTTP, appendix on persisted documents. */
  readonly documentId?: unknown
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/** @throws UpsError UPS_BAD_OPTION for a document that could never be run, with its id */
export function checkDocuments(documents: ReadonlyMap<string, string>, schema: GraphQLSchema, limits: Limits): void {
  for (const [id, text] of documents) {
    const [problem] = problemsOf(text, schema, limits)
    if (problem)
      throw new UpsError('UPS_BAD_OPTION', `The option graphql.documents.${id} cannot be run: ${problem.message}`)
  }
}

function problemsOf(text: string, schema: GraphQLSchema, limits: Limits): readonly Error[] {
  try {
    const document = parse(text)
    const error = shapeError(document, limits)
    return error ? [error] : validate(schema, document)
  } catch (error) {
    return error instanceof Error ? [error] : []
  }
}

/** The parameters with the document that is meant. @throws GraphQLError DOCUMENT_NOT_KNOWN */
export function documentOf<Given extends Parameters>(
  given: Given,
  documents: ReadonlyMap<string, string> | undefined,
): Given {
  const id = idOf(given)
  // Apollo's clients send a hash beside the document.
  if (!documents && (id === undefined || (given.query && given.documentId === undefined))) return given
  const query = documents?.get(id ?? '')
  if (query === undefined) throw ownError('DOCUMENT_NOT_KNOWN')
  return { ...given, query }
}

/** As a `documentId`, or as Apollo's clients send a hash. */
function idOf({ documentId, extensions }: Parameters): string | undefined {
  if (typeof documentId === 'string') return documentId
  const persisted: unknown = extensions?.['persistedQuery']
  if (typeof persisted !== 'object' || persisted === null || !('sha256Hash' in persisted)) return undefined
  return typeof persisted.sha256Hash === 'string' ? persisted.sha256Hash : undefined
}
