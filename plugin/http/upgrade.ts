/** Upgrades of a connection. Other sites are refused like any request of theirs; there is no channel to open yet. */
import { randomUUID } from 'node:crypto'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { problemDetails } from './answer.ts'
import { HTTP_REFUSALS, HttpRefusal, type HttpRefusalKey } from './http-statuses.ts'
import { originOf, refuseOtherSites } from './origin.ts'
import type { Service } from './service.ts'

/** Whether the upgrade was refused; the socket is closed then. */
export function refuseUpgradeFromOtherSites(request: IncomingMessage, socket: Duplex, service: Service): boolean {
  const [path = ''] = (request.url ?? '').split('?')
  if (path !== service.prefix && !path.startsWith(`${service.prefix}/`)) return false
  try {
    refuseOtherSites(request, service.origins)
    return false
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error
    refuseUpgrade(socket, error.key, `${originOf(request, service.origins.trustProxy)}${service.prefix}`)
    return true
  }
}

/** Answers an upgrade with an ordinary response and closes the connection. */
function refuseUpgrade(socket: Duplex, key: HttpRefusalKey, base: string): void {
  const { http, text } = HTTP_REFUSALS[key]
  const id = randomUUID()
  const body = problemDetails({ key, status: http, title: text, detail: text }, id)
  socket.on('error', () => socket.destroy())
  // An upgraded socket is half open: when it has been answered nobody else would close it.
  socket.end(
    `HTTP/1.1 ${http} ${STATUS_CODES[http]}\r\nConnection: close\r\nX-Request-Id: ${id}\r\nWarning: 299 ${base}: ${text}\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
