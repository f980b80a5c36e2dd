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
  const text = await request.text()
  const began = performance.now()
  const body = parseJson(text, 'The request')
  READING_TIMES.set(request, performance.now() - began)
  if (Array.isArray(body)) BATCHES.add(request)
  if ([body].flat().every(isObject)) return body as GraphQLParams | GraphQLParams[]
  throw unreadable('The request is no JSON object, nor a list of them.')
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

const READING_TIMES = new WeakMap<Request, number>()

/** Milliseconds that the payload took. */
export const readingTimeOf = (request: Request): number => READING_TIMES.get(request) ?? 0

/** Requests of several operations. */
const BATCHES = new WeakSet<Request>()

/** Undefined: a subscription can be answered. `context`: of the operation; over WebSocket there is no request in it. */
export function streamError(context: unknown): GraphQLError | undefined {
  const { request } = context as { readonly request?: Request }
  if (!request) return undefined
  const accepted = request.headers.get('accept') ?? '*/*'
  const isStream = STREAMS.some((type) => accepted.includes(type)) && !BATCHES.has(request)
  return isStream ? undefined : ownError('NOT_STREAMED')
}

const STREAMS = ['text/event-stream', 'text/*', 'multipart/mixed', 'multipart/*', '*/*']

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
