/** Operations over WebSocket (graphql-transport-ws): the library speaks the protocol, this gives it a socket and an end. */
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols, makeServer } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Engine } from './engine.ts'
import { operationsOf } from './operations.ts'
import type { GraphqlService, GraphqlSettings } from './ports.ts'

/** RFC 6455: the service stops. */
const GOING_AWAY = 1001

/** graphql-transport-ws: the connection is of no use any more. */
const INTERNAL_ERROR = 4500

/** The same: what came is no message. */
const BAD_REQUEST = 4400

/** Milliseconds that a closing handshake may take when the service stops. */
const CLOSING = 1_000

export interface WebSockets {
  /** Answers the handshake. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Says so to all that are open, and waits until they are gone. */
  stop(): Promise<void>
}

export function webSocketsOf(engine: Engine, service: GraphqlService, settings: GraphqlSettings): WebSockets {
  const { logger } = service
  const protocol = makeServer(operationsOf(engine, service, settings))
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: settings.bodyLimit,
    handleProtocols,
  })
  const connect = (connection: WebSocket): void => {
    const gone = new AbortController()
    // The end follows as `close`.
    connection.on('error', () => undefined)
    const closed = protocol.opened(
      {
        protocol: connection.protocol,
        // Fulfilled when the operating system has taken it: nothing is read from the feed before that.
        send: (text) => sent(connection, text),
        close: (code, reason) => connection.close(code, reason),
        onMessage(handle) {
          connection.on('message', (data: Buffer, isBinary) => {
            // Of a text frame the library has seen to it.
            if (isBinary && !isUtf8(data)) {
              connection.close(BAD_REQUEST, 'Invalid message received')
              return
            }
            handle(data.toString('utf8')).catch((err: unknown) => {
              logger.error({ err }, 'a message could not be handled')
              connection.close(INTERNAL_ERROR, 'Internal error')
            })
          })
        },
      },
      { signal: gone.signal },
    )
    const unwatch = watch(connection, settings.channels)
    connection.on('close', (code, reason) => {
      unwatch()
      gone.abort()
      closed(code, reason.toString('utf8')).catch((err: unknown) =>
        logger.error({ err }, 'a connection did not end well'),
      )
    })
  }
  return {
    accept: (request, socket, head) => server.handleUpgrade(request, socket, head, connect),
    stop: () => endAll([...server.clients]),
  }
}

const sent = (connection: WebSocket, text: string): Promise<void> =>
  new Promise((resolve) => {
    // That it cannot be sent any more comes as `close`.
    if (connection.readyState === connection.OPEN) connection.send(text, () => resolve())
    else resolve()
  })

/** Pings it, and cuts it when nothing has come from it, and it has taken nothing, for too long. */
function watch(connection: WebSocket, { ping, deadAfter }: GraphqlSettings['channels']): () => void {
  let alive = performance.now()
  let buffered = 0
  const heard = (): void => {
    alive = performance.now()
  }
  connection.on('message', heard)
  connection.on('pong', heard)
  const timer = setInterval(
    () => {
      if (connection.bufferedAmount < buffered) heard()
      buffered = connection.bufferedAmount
      if (performance.now() - alive >= deadAfter) connection.terminate()
      else connection.ping()
    },
    Math.min(ping, deadAfter / 2),
  )
  timer.unref()
  return () => clearInterval(timer)
}

async function endAll(connections: readonly WebSocket[]): Promise<void> {
  const ends = connections.map((connection) => new Promise((resolve) => connection.once('close', resolve)))
  for (const connection of connections) connection.close(GOING_AWAY, 'Going away')
  const timer = setTimeout(() => {
    for (const connection of connections) connection.terminate()
  }, CLOSING)
  await Promise.all(ends)
  clearTimeout(timer)
}
