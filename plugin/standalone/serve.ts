/** The stand-alone host: a plugin behind an HTTP server of its own. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { type ConfigurationReport, createUpsPlugin, UpsError, type UpsPlugin } from '../index.ts'
import type { HostSettings } from './settings.ts'

export interface Serving {
  /** Of the service, with its prefix and without a slash at its end. */
  readonly url: string
  readonly configuration: ConfigurationReport
  /** Reads the directory now; what comes of it is logged. */
  reload(): Promise<void>
  stop(): Promise<void>
}

/** @throws UpsError: UPS_CANNOT_LISTEN, or whatever starting the plugin throws; nothing is left open then */
export async function serve(settings: HostSettings, logger: Logger): Promise<Serving> {
  const plugin = createUpsPlugin({ ...settings.plugin, host: { logger } })
  await plugin.start()
  const server = createServer({ shouldUpgradeCallback: offersWebSocket }, plugin.callback())
  server.on('upgrade', (request, socket, head) => {
    if (!plugin.handleUpgrade(request, socket, head)) refuse(socket)
  })
  try {
    await listen(server, settings)
  } catch (error) {
    await plugin.stop()
    throw error
  }
  const prefix = (settings.plugin.prefix ?? '').replace(/\/$/, '')
  const configuration = plugin.configuration()
  return {
    url: `${originOf(server)}${prefix}`,
    configuration,
    async reload() {
      const { outcome } = await plugin.reload()
      logger.info({ outcome }, 'reloaded')
    },
    stop: () => stop(server, plugin),
  }
}

/**
 * Other offers are taken for what they are without it, as RFC 9110 7.8 wants: the JDK's client offers h2c with its first
 * request.
 */
const offersWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket'

/** Nothing here is upgraded at that path. */
function refuse(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
}

function listen(server: Server, { host, port }: HostSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = REASONS[cause.code ?? ''] ?? cause.code ?? cause.message
      reject(new UpsError('UPS_CANNOT_LISTEN', `Cannot listen on ${host}, port ${port}: ${why}.`, { cause }))
    })
    server.listen(port, host, resolve)
  })
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine does not have that address',
}

function originOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function stop(server: Server, plugin: UpsPlugin): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await plugin.stop()
  server.closeAllConnections()
  await closed
}
