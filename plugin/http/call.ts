/** One request to an AE, as the transactions see it. */
import type { Context } from 'koa'
import { type AeConfiguration, findAe } from '../config/configuration.ts'
import { policyOf } from '../config/policy.ts'
import { isAeTitle } from '../dicom/ae-title.ts'
import { isUid } from '../dicom/uid.ts'
import type { Policy } from '../ups/policy.ts'
import { DicomRefusal } from './dicom-refusal.ts'
import { HttpRefusal } from './http-statuses.ts'
import { mountPath, seenAs } from './origin.ts'
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
  const ae = resolveAe(pathParameter(ctx, 'aet'), service)
  return {
    ctx,
    service,
    ae,
    policy: policyOf(ae, service.strictness),
    query: parseQuery(ctx.querystring),
    base: serviceBase(ctx, service),
  }
}

function resolveAe(aet: string, service: Service): AeConfiguration {
  requireAeTitle(aet, 'The AE title in the path')
  const lookup = findAe(service.configuration(), aet)
  if (lookup.status === 'found') return lookup.ae
  const why = lookup.status === 'unknown' ? 'is not configured' : 'is not installed'
  throw new HttpRefusal('unknownAE', `The Application Entity ${aet} ${why} on this device.`)
}

export function requireAeTitle(text: string, what: string): string {
  if (isAeTitle(text)) return text
  throw new DicomRefusal(
    'invalidArgument',
    [],
    `${what} is ${JSON.stringify(text)}, expected 1 to 16 characters of the default repertoire without backslash.`,
  )
}

export function requirePathUid(ctx: Context): string {
  const uid = pathParameter(ctx, 'workitem')
  if (isUid(uid)) return uid
  throw new DicomRefusal(
    'invalidArgument',
    [],
    `The Workitem UID in the path is ${JSON.stringify(uid)}, expected a UID (PS3.5 9.1).`,
  )
}

/** Percent-decoded by the router. */
export const pathParameter = (ctx: Context, name: string): string => {
  const { params } = ctx as Context & { readonly params?: Readonly<Record<string, string>> }
  return params?.[name] ?? ''
}

/** `<service>` of the Warning header, and what resource URLs start with. */
export function serviceBase(ctx: Context, service: Service): string {
  const aet = pathParameter(ctx, 'aet')
  const root = rootUrl(ctx, service)
  return aet === '' ? root : `${root}/aets/${encodeURIComponent(aet)}/rs`
}

function rootUrl({ req, url }: Context, { origins, prefix }: Service): string {
  const { scheme, host } = seenAs(req, origins.trustProxy)
  const origin = /^[\w.:[\]-]+$/.test(host) ? `${scheme}://${host}` : ''
  return `${origin}${mountPath(req, url)}${prefix}`
}

export const workitemUrl = (call: Call, uid: string): string => `${call.base}/workitems/${uid}`
