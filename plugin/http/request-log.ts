/** One line for each request: route and parameter names, never a query string or a value (decisions.md 2). */
import type { Context, Middleware } from 'koa'
import { routeOf } from './count-requests.ts'
import type { Service } from './service.ts'

export function logRequests({ logger }: Service): Middleware {
  return async (ctx, next) => {
    if (logger.isLevelEnabled?.('debug') === false) {
      await next()
      return
    }
    const started = performance.now()
    await next()
    logger.debug({ ...describeRequest(ctx), ms: Math.round(performance.now() - started) }, 'request')
  }
}

function describeRequest(ctx: Context): object {
  return {
    requestId: ctx.response.get('X-Request-Id'),
    method: ctx.method,
    route: routeOf(ctx) ?? null,
    parameters: ctx.querystring.split('&').flatMap(parameterName),
    status: ctx.status,
  }
}

/** A bare component, or a name that is none, may be a Transaction UID. */
function parameterName(component: string): readonly string[] {
  if (component === '') return []
  const [name] = /^[A-Za-z][\w.-]{0,63}(?==)|^[0-9A-Fa-f]{8}(?==)/.exec(component) ?? ['(other)']
  return [name]
}
