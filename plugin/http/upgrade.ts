/** Upgrades of a connection: what they are for, and what they are told when they do not. */
import { randomUUID } from 'node:crypto'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { hasCode } from '../errors.ts'
import { dicomCode, REFUSALS } from '../ups/statuses.ts'
import { problemDetails } from './answer.ts'
import { decodePath, requireAeTitle, resolveAe } from './call.ts'
import { channelPath } from './channel.ts'
import { DicomRefusal } from './dicom-refusal.ts'
import { GRAPHQL_PATH } from './graphql-path.ts'
import { HTTP_REFUSALS, HttpRefusal } from './http-statuses.ts'
import { originOf, refuseOtherSites } from './origin.ts'
import type { Service } from './service.ts'

export type Upgrade =
  /** None of our paths: the socket still belongs to the host. */
  | { readonly is: 'elsewhere' }
  /** Refused, and the socket closed. */
  | { readonly is: 'refused' }
  | { readonly is: 'channel'; readonly subscriber: string }
  | { readonly is: 'graphql' }

/** Other sites are refused like any request of theirs, also for paths that do not exist. */
export function admitUpgrade(request: IncomingMessage, socket: Duplex, service: Service): Upgrade {
  const [path = ''] = (request.url ?? '').split('?')
  if (path !== service.prefix && !path.startsWith(`${service.prefix}/`)) return { is: 'elsewhere' }
  try {
    refuseOtherSites(request, service.origins)
    return upgradeOf(path.slice(service.prefix.length), service)
  } catch (error) {
    refuseUpgrade(
      socket,
      refusalOf(error, service),
      `${originOf(request, service.origins.trustProxy)}${service.prefix}`,
    )
    return { is: 'refused' }
  }
}

/** @throws HttpRefusal, DicomRefusal, UpsError UPS_STORE_UNAVAILABLE while the service does not run */
function upgradeOf(path: string, service: Service): Upgrade {
  if (service.graphql && path === GRAPHQL_PATH) {
    // Refused before the connection is there, not operation by operation on it.
    service.desk()
    return { is: 'graphql' }
  }
  const channel = channelPath(path)
  if (!channel) return { is: 'elsewhere' }
  resolveAe(decodePath(channel.aet), service)
  return { is: 'channel', subscriber: requireAeTitle(decodePath(channel.subscriber), 'The subscriber in the path') }
}

interface RefusedUpgrade {
  readonly key: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly dicomStatus?: string
}

function refusalOf(error: unknown, { logger }: Service): RefusedUpgrade {
  if (error instanceof HttpRefusal) return httpRefusal(error)
  if (error instanceof DicomRefusal) {
    const { key, detail } = error.refusal
    const { http: status, text: title } = REFUSALS[key]
    return { key, status, title, detail: detail ?? title, dicomStatus: dicomCode(REFUSALS[key]) }
  }
  if (hasCode(error, 'UPS_STORE_UNAVAILABLE')) return httpRefusal(new HttpRefusal('unavailable'))
  logger.error({ err: error }, 'upgrade failed')
  return httpRefusal(new HttpRefusal('internal'))
}

function httpRefusal({ key, message: detail }: HttpRefusal): RefusedUpgrade {
  const { http: status, text: title } = HTTP_REFUSALS[key]
  return { key, status, title, detail }
}

/** Answers an upgrade with an ordinary response and closes the connection. */
function refuseUpgrade(socket: Duplex, refusal: RefusedUpgrade, base: string): void {
  const { status, title } = refusal
  const id = randomUUID()
  const body = problemDetails(refusal, id)
  socket.on('error', () => socket.destroy())
  // An upgraded socket is half open: when it has been answered nobody else would close it.
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nX-Request-Id: ${id}\r\nWarning: 299 ${base}: ${title}\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
