/** Counts what was answered, by the pattern of the route: a path would make a counter of each workitem. */
import type { Context, Middleware } from 'koa'
import type { Service } from './service.ts'

export const countRequests =
  ({ counters }: Service): Middleware =>
  async (ctx, next) => {
    await next()
    counters.answered(routeOf(ctx) ?? 'none', ctx.method, ctx.status)
  }

/** The pattern that matched: `/aets/:aet/rs/workitems/:workitem`. */
export function routeOf(ctx: Context): string | undefined {
  const { _matchedRoute: route } = ctx as Context & { readonly _matchedRoute?: unknown }
  return typeof route === 'string' ? route : undefined
}
