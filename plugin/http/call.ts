/** One request to an AE, as the transactions see it. */
import type { Context } from 'koa'
import { type AeConfiguration, findAe } from '../config/configuration.ts'
import { policyOf } from '../config/policy.ts'
import { isAeTitle } from '../dicom/ae-title.ts'
import { aeTitleProblem, uidProblem } from '../ups/arguments.ts'
import type { Policy } from '../ups/policy.ts'
import { DicomRefusal } from './dicom-refusal.ts'
import { HttpRefusal } from './http-statuses.ts'
import { mountPath, originOf } from './origin.ts'
import { type Parameter, parseQuery } from './query.ts'
import type { Service } from './service.ts'

export interface Call {
  readonly ctx: Context
  readonly service: Service
  readonly ae: AeConfiguration
  readonly policy: Policy
  readonly query: readonly Parameter[]
  /** The base URI of the service as the client sees it: `http://host/aets/WORKLIST/rs`. */
  readonly base: string
}

/** @throws DicomRefusal for what is no AE title, HttpRefusal for one that nobody here answers to */
export function openCall(ctx: Context, service: Service): Call {
  decodePath(ctx.path)
  const ae = resolveAe(pathParameter(ctx, 'aet'), service)
  return {
    ctx,
    service,
    ae,
    policy: policyOf(ae, service.configuration(), service.strictness),
    query: parseQuery(ctx.querystring),
    base: serviceBase(ctx, service),
  }
}

/** @throws DicomRefusal, HttpRefusal */
export function resolveAe(aet: string, service: Service): AeConfiguration {
  const title = requireAeTitle(aet, 'The AE title in the path')
  const lookup = findAe(service.configuration(), title)
  if (lookup.status === 'found') return lookup.ae
  const why = lookup.status === 'unknown' ? 'is not configured' : 'is not installed'
  throw new HttpRefusal('unknownAE', `The Application Entity ${title} ${why} on this device.`)
}

/** @returns it without leading and trailing spaces, which are not significant (PS3.5 Table 6.2-1) */
export function requireAeTitle(text: string, what: string): string {
  const problem = aeTitleProblem(text, what)
  if (problem === undefined) return text.trim()
  throw new DicomRefusal('invalidArgument', [], problem)
}

export function requireUid(text: string, what: string): string {
  const problem = uidProblem(text, what)
  if (problem === undefined) return text
  throw new DicomRefusal('invalidArgument', [], problem)
}

export const requirePathUid = (ctx: Context): string =>
  requireUid(pathParameter(ctx, 'workitem'), 'The Workitem UID in the path')

/** Percent-decoded by the router, which leaves alone what cannot be decoded. */
export const pathParameter = (ctx: Context, name: string): string => {
  const { params } = ctx as Context & { readonly params?: Readonly<Record<string, string>> }
  return params?.[name] ?? ''
}

/** @throws HttpRefusal when it is not percent-encoded correctly */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new HttpRefusal('malformedParameter', 'The path is not percent-encoded correctly.')
  }
}

/** `<service>` of the Warning header, and what resource URLs start with. */
export function serviceBase(ctx: Context, service: Service): string {
  const aet = pathParameter(ctx, 'aet')
  const root = rootUrl(ctx, service)
  return !isAeTitle(aet) ? root : `${root}/aets/${encodeURIComponent(aet)}/rs`
}

const rootUrl = ({ req, url, originalUrl }: Context, { origins, prefix }: Service): string =>
  `${originOf(req, origins.trustProxy)}${mountPath(req, url, originalUrl)}${prefix}`

/** Of the event channel of a subscriber, `ws` or `wss` as the client came. */
export const channelUrl = ({ base }: Call, subscriber: string): string =>
  `${base.replace(/^http/, 'ws').replace(/\/rs$/, '/ws')}/subscribers/${encodeURIComponent(subscriber)}`

export const workitemUrl = (call: Call, uid: string): string => `${call.base}/workitems/${uid}`
