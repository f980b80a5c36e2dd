/** The middleware of the service: error edge, cross-site guard, request log, routes, and what no route answers. */
import { Router } from '@koa/router'
import type { Context, Middleware, Next } from 'koa'
import compose from 'koa-compose'
import { answerEmpty } from './answer.ts'
import { readBody } from './body.ts'
import { type Call, openCall } from './call.ts'
import { retrieveCapabilities } from './capabilities.ts'
import { CHANNEL_ROUTES, upgradeRequired } from './channel.ts'
import { CONTROL_RESOURCES, type ControlResource } from './control.ts'
import { countRequests } from './count-requests.ts'
import { errorEdge } from './edge.ts'
import { GRAPHQL_PATH } from './graphql-path.ts'
import { HttpRefusal } from './http-statuses.ts'
import { refuseOtherSites } from './origin.ts'
import { logRequests } from './request-log.ts'
import { type Method, type Resource, RESOURCES, transactionsOf } from './routes.ts'
import type { Service } from './service.ts'

export function serviceMiddleware(service: Service): Middleware {
  const guard: Middleware = (ctx, next) => {
    refuseOtherSites(ctx.req, service.origins)
    return next()
  }
  const all: Middleware[] = [
    logRequests(service),
    countRequests(service),
    errorEdge(service),
    guard,
    routesOf(service),
    unknownResource,
  ]
  return compose(all)
}

function routesOf(service: Service): Middleware {
  const router = new Router({ prefix: service.prefix, sensitive: true })
  const body = readBody(service.bodyLimit)
  addCapabilities(router, service)
  for (const resource of RESOURCES) addResource(router, service, resource, body)
  for (const path of CHANNEL_ROUTES) {
    const allowed = ['GET', 'HEAD', 'OPTIONS']
    router.get(path, upgradeRequired(service))
    router.options(path, allow(service, allowed))
    router.all(path, notAllowed(allowed))
  }
  if (service.graphql) router.all(GRAPHQL_PATH, service.graphql)
  for (const resource of CONTROL_RESOURCES) addControl(router, service, resource, body)
  return router.routes() as Middleware
}

function addCapabilities(router: Router, service: Service): void {
  const methods = ['OPTIONS']
  router.options('/aets/:aet/rs', capabilities(service, methods))
  router.all('/aets/:aet/rs', notAllowed(methods))
}

/** `{workitem}` in the tables, `:workitem` in the router. */
const routeOf = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

function addControl(router: Router, service: Service, resource: ControlResource, body: Middleware): void {
  const { path, method, payload, handler } = resource
  const route = routeOf(path)
  const answer: Middleware = (ctx) => handler(ctx, service)
  router.register(route, [method], payload ? [body, answer] : [answer])
  router.all(route, notAllowed(withHead([method])))
}

function addResource(router: Router, service: Service, resource: Resource, body: Middleware): void {
  const route = routeOf(`/aets/{aet}/rs${resource.path}`)
  const transactions = transactionsOf(resource)
  for (const [method, { handler, payload }] of transactions) {
    // Who asks for an AE that is not there is told before the payload is read.
    const open: Middleware = (ctx, next) => {
      ctx.state.call = openCall(ctx, service)
      return next()
    }
    const answer: Middleware = (ctx) => handler(ctx.state.call as Call)
    router.register(route, [method], payload ? [open, body, answer] : [open, answer])
  }
  const allowed = [...withHead(transactions.map(([method]) => method)), 'OPTIONS']
  router.options(route, resource.path === '/workitems' ? capabilities(service, allowed) : allow(service, allowed))
  router.all(route, notAllowed(allowed))
}

/** The router answers HEAD wherever it answers GET. */
const withHead = (methods: readonly Method[]): readonly string[] =>
  methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))

const allow =
  (service: Service, allowed: readonly string[]): Middleware =>
  (ctx) => {
    openCall(ctx, service)
    ctx.set('Allow', allowed.join(', '))
    answerEmpty(ctx)
  }

const capabilities =
  (service: Service, allowed: readonly string[]): Middleware =>
  (ctx) => {
    ctx.set('Allow', allowed.join(', '))
    retrieveCapabilities(openCall(ctx, service))
  }

const notAllowed =
  (allowed: readonly string[]): Middleware =>
  (ctx) => {
    const Allow = allowed.join(', ')
    throw new HttpRefusal('methodNotAllowed', `${ctx.method} is not supported here, but ${Allow}.`, { Allow })
  }

const unknownResource = (ctx: Context, _next: Next): never => {
  throw new HttpRefusal('unknownResource', `There is no resource ${JSON.stringify(ctx.path)}.`)
}
