/**
 * The parameters of an HTTP request, read strictly: a byte that is no UTF-8 would stand in a workitem as another character, and
 * what cannot be read is the fault of whoever sent it.
 */
import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'

export const READING: Plugin = {
  onRequestParse({ request, setRequestParser }) {
    if (request.method === 'GET') setRequestParser(({ url }) => readSearch(new URL(url).searchParams))
    if (request.method === 'POST') setRequestParser(readBody)
  },
}

/** As GraphQL over HTTP has them in a URL. */
function readSearch(search: URLSearchParams): GraphQLParams {
  const text = (name: string): string | undefined => search.get(name) || undefined
  const document = (name: string): GraphQLParams['variables'] => {
    const json = text(name)
    return json === undefined ? undefined : (parseJson(json, `The parameter ${name}`) as GraphQLParams['variables'])
  }
  return {
    query: text('query'),
    operationName: text('operationName'),
    variables: document('variables'),
    extensions: document('extensions'),
    ...(search.has('documentId') && { documentId: text('documentId') }),
  }
}

async function readBody(request: Request): Promise<GraphQLParams | GraphQLParams[]> {
  const body = parseJson(decode(await request.arrayBuffer()), 'The request')
  if (typeof body !== 'object' || body === null) throw unreadable('The request is no JSON object.')
  return body
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable('The request is not UTF-8.')
  }
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // The message of the parser quotes what it read.
    throw unreadable(`${what} is not JSON.`)
  }
}

/** Not even a request of GraphQL: the status says so whatever is accepted. */
const unreadable = (detail: string): GraphQLError =>
  new GraphQLError(detail, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
