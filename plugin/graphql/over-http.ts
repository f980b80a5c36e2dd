/** GraphQL over HTTP on Koa. What a page of another site could send without asking first is refused. */
import type { Context, Middleware } from 'koa'
import type { Engine } from './engine.ts'
import { httpStatusOf, type OwnErrorCode } from './error-codes.ts'
import { ownError } from './errors.ts'
import { GRAPHIQL_HEADERS } from './graphiql.ts'

export function httpMiddleware(engine: Engine): Middleware {
  return async (ctx) => {
    const refusal = refusalOf(ctx)
    if (refusal) {
      answerError(ctx, refusal)
      return
    }
    const response = await engine.handleNodeRequestAndResponse(ctx.req, ctx.res, { req: ctx.req })
    // In this order: Koa makes an empty body a 204 unless the status is set after it, and gives it a type.
    ctx.body = response.body
    ctx.status = response.status
    for (const [name, value] of response.headers) ctx.set(name, value)
    if (ctx.response.is('html')) ctx.set(GRAPHIQL_HEADERS)
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

const TYPES = ['application/json', 'application/graphql-response+json']

function answerError(ctx: Context, code: OwnErrorCode): void {
  ctx.status = httpStatusOf(code) ?? ctx.status
  ctx.body = JSON.stringify({ errors: [ownError(code)] })
  ctx.type = `${ctx.accepts(TYPES) || 'application/json'}; charset=utf-8`
}
