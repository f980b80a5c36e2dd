/** GraphQL over HTTP on Koa. What a page of another site could send without asking first is refused. */
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, Middleware } from 'koa'
import type { Engine } from './engine.ts'
import { httpStatusOf, type OwnErrorCode } from './error-codes.ts'
import { ownError } from './errors.ts'
import { GRAPHIQL_HEADERS } from './graphiql.ts'

export interface OverHttp {
  readonly middleware: Middleware
  /** Streams have ended: whoever has not read theirs to the end soon is cut. */
  endStreams(): void
}

/** Milliseconds. */
const LAST_WORDS = 1_000

/** `bodyLimit`: bytes of a request. */
export function overHttp(engine: Engine, bodyLimit: number): OverHttp {
  const streams = new Set<ServerResponse>()
  const middleware: Middleware = async (ctx) => {
    const read = refusalOf(ctx) ?? (await readBody(ctx.req, bodyLimit))
    if (typeof read === 'string') {
      answerError(ctx, read)
      return
    }
    const gone = new AbortController()
    ctx.res.once('close', () => gone.abort())
    const { method, headers } = ctx.req
    const init = { method, headers, signal: gone.signal, ...(read.text === '' ? {} : { body: read.text }) }
    answer(ctx, await engine.fetch(`http://localhost${ctx.url}`, init as RequestInit, { req: ctx.req }))
    if (!ctx.response.is('text/event-stream', 'multipart/*')) return
    streams.add(ctx.res)
    ctx.res.once('close', () => streams.delete(ctx.res))
  }
  return {
    middleware,
    endStreams() {
      setTimeout(() => {
        for (const response of streams) response.destroy()
      }, LAST_WORDS).unref()
    },
  }
}

/**
 * A form, a plain text and an image can be sent by any page: only JSON is read, and GET only where the browser, if it is one, says
 * that it is one of our own pages or what somebody typed.
 */
function refusalOf(ctx: Context): OwnErrorCode | undefined {
  if (ctx.method === 'POST') return isJson(ctx) ? undefined : 'NOT_JSON'
  const site = ctx.get('sec-fetch-site')
  return ['', 'same-origin', 'none'].includes(site) ? undefined : 'CROSS_SITE'
}

/** JSON of another encoding is none (RFC 8259 8.1). */
const isJson = (ctx: Context): boolean =>
  ctx.is('json') === 'json' && ['', 'utf-8', 'us-ascii'].includes(ctx.request.charset.toLowerCase())

/** Read here, where a byte that is no UTF-8 is an error: a name must not become another one. */
async function readBody(request: IncomingMessage, limit: number): Promise<{ readonly text: string } | OwnErrorCode> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) break
    chunks.push(chunk)
  }
  if (size > limit) {
    // What is still to come is taken and thrown away, or the connection would never be free again. After the loop, which would
    // pause it again.
    request.resume()
    return 'REQUEST_TOO_LARGE'
  }
  const bytes = Buffer.concat(chunks)
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : 'NOT_UTF8'
}

function answer(ctx: Context, response: Response): void {
  // In this order: Koa makes an empty body a 204 unless the status is set after it, and gives it a type.
  ctx.body = response.body
  ctx.status = response.status
  for (const [name, value] of response.headers) ctx.set(name, value)
  if (ctx.response.is('html')) ctx.set(GRAPHIQL_HEADERS)
}

const TYPES = ['application/json', 'application/graphql-response+json']

function answerError(ctx: Context, code: OwnErrorCode): void {
  ctx.status = httpStatusOf(code) ?? ctx.status
  ctx.body = JSON.stringify({ errors: [ownError(code)] })
  ctx.type = `${ctx.accepts(TYPES) || 'application/json'}; charset=utf-8`
}
