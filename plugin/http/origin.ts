/**
 * How the client sees this service (scheme, host, path in front), and which requests come from somebody else's page:
 * before there is any authentication, a web page opened on the machine must not be able to cancel treatments.
 */
import type { IncomingMessage } from 'node:http'
import { HttpRefusal } from './http-statuses.ts'

export interface OriginPolicy {
  /** Host names (without port) that a request may be for; undefined: any, the host in front has looked already. */
  readonly allowedHosts: ReadonlySet<string> | undefined
  /** Origins of web pages that may send requests, as `scheme://host[:port]`. */
  readonly allowedOrigins: ReadonlySet<string>
  readonly trustProxy: boolean
}

export interface SeenAs {
  readonly scheme: 'http' | 'https'
  /** With port; empty when the client did not say. */
  readonly host: string
}

export function seenAs(request: IncomingMessage, trustProxy: boolean): SeenAs {
  const forwarded = trustProxy ? forwardedBy(request) : {}
  const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true
  const scheme = forwarded.scheme ?? (encrypted ? 'https' : 'http')
  return { scheme: scheme === 'https' ? 'https' : 'http', host: forwarded.host ?? request.headers.host ?? '' }
}

/** For URLs and headers; the name of nothing where the client gave no usable Host. */
export function originOf(request: IncomingMessage, trustProxy: boolean): string {
  const { scheme, host } = seenAs(request, trustProxy)
  return `${scheme}://${/^[\w.:[\]-]+$/.test(host) ? host : 'localhost'}`
}

/** What the first hop of `Forwarded` (RFC 7239) says, else `X-Forwarded-*`. */
function forwardedBy({ headers }: IncomingMessage): { readonly scheme?: string; readonly host?: string } {
  const hop = headers.forwarded?.split(',')[0] ?? ''
  const pairs = hop.split(';').map((pair) => pair.split('=', 2).map((part) => part.trim().replace(/^"|"$/g, '')))
  const value = (name: 'proto' | 'host'): string | undefined => {
    const forwarded = pairs.find(([key]) => key?.toLowerCase() === name)?.[1]
    return (forwarded || firstOf(headers[`x-forwarded-${name}`]))?.toLowerCase() || undefined
  }
  const [scheme, host] = [value('proto'), value('host')]
  return { ...(scheme ? { scheme } : {}), ...(host ? { host } : {}) }
}

const firstOf = (header: string | string[] | undefined): string | undefined =>
  (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim()

/** @throws HttpRefusal crossSite (decisions.md 1), also for paths that do not exist */
export function refuseOtherSites(request: IncomingMessage, policy: OriginPolicy): void {
  const { allowedHosts, allowedOrigins, trustProxy } = policy
  const seen = seenAs(request, trustProxy)
  if (allowedHosts && !allowedHosts.has(hostName(seen.host))) {
    throw new HttpRefusal('crossSite', 'The Host of the request is not one that this service is configured for.')
  }
  if (request.headers['sec-fetch-site'] === 'cross-site') throw new HttpRefusal('crossSite')
  const origin = request.headers.origin?.toLowerCase()
  if (origin === undefined || origin === `${seen.scheme}://${seen.host.toLowerCase()}` || allowedOrigins.has(origin))
    return
  throw new HttpRefusal('crossSite', 'The Origin of the request is neither its own nor one that is configured.')
}

/** Without the port: `[::1]:8080` is `[::1]`. */
export const hostName = (host: string): string => host.toLowerCase().replace(/:\d+$/, '')

/** What stands in front of our own paths where the host mounts us below a path of its own. */
export function mountPath(
  request: IncomingMessage & { readonly originalUrl?: string },
  url: string,
  beforeKoa: string,
): string {
  const original = request.originalUrl ?? beforeKoa
  return original !== url && original.endsWith(url) ? original.slice(0, -url.length) : ''
}
