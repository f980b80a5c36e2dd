/** Where event channels are opened (PS3.18 8.10.4; decisions.md 1): as WebSockets, at three paths that clients know. */
import type { Middleware } from 'koa'
import { openCall, pathParameter, requireAeTitle } from './call.ts'
import { HttpRefusal } from './http-statuses.ts'
import type { Service } from './service.ts'

/** As dcm4chee has it, as PS3.18 2026c prints it, and as clients make it of the base of the service. */
export const CHANNEL_ROUTES = [
  '/aets/:aet/ws/subscribers/:subscriber',
  '/aets/:aet/rs/subscribers/:subscriber',
  '/aets/:aet/rs/ws/subscribers/:subscriber',
] as const

/** The two parameters of a channel's path, percent-encoded. */
export interface ChannelPath {
  readonly aet: string
  readonly subscriber: string
}

const PATTERNS = CHANNEL_ROUTES.map((route) => new RegExp(`^${route.replace(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`))

/** `path`: behind the prefix. */
export function channelPath(path: string): ChannelPath | undefined {
  const { aet, subscriber } = PATTERNS.map((pattern) => pattern.exec(path)).find(Boolean)?.groups ?? {}
  return aet === undefined || subscriber === undefined ? undefined : { aet, subscriber }
}

/** For a request that is no upgrade. */
export const upgradeRequired =
  (service: Service): Middleware =>
  (ctx) => {
    openCall(ctx, service)
    requireAeTitle(pathParameter(ctx, 'subscriber'), 'The subscriber in the path')
    throw new HttpRefusal('upgradeRequired', undefined, { Upgrade: 'websocket', Connection: 'Upgrade' })
  }
