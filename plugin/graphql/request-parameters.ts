/** The parameters of an HTTP request. What cannot be read is the fault of whoever sent it, and no failure. */
import type { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { httpStatusOf } from './error-codes.ts'
import { ownError } from './errors.ts'

export const READING: Plugin = {
  onRequestParse({ request, setRequestParser }) {
    if (request.method === 'GET') setRequestParser(({ url }) => readSearch(new URL(url).searchParams))
    if (request.method === 'POST') setRequestParser(readBody)
  },
}

function readSearch(search: URLSearchParams): GraphQLParams {
  const text = (name: string): object => (search.get(name) ? { [name]: search.get(name) } : {})
  const json = (name: string): object =>
    search.get(name) ? { [name]: parseJson(search.get(name) ?? '', `The parameter ${name}`) } : {}
  return {
    ...text('query'),
    ...text('operationName'),
    ...text('documentId'),
    ...json('variables'),
    ...json('extensions'),
  }
}

async function readBody(request: Request): Promise<GraphQLParams | GraphQLParams[]> {
  const body = parseJson(await request.text(), 'The request')
  if (typeof body === 'object' && body !== null) return body
  throw unreadable('The request is no JSON object.')
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
  ownError('UNREADABLE', detail, { http: { status: httpStatusOf('UNREADABLE') } })
