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

/** Milliseconds for last words and a closing handshake when the service stops. */
const CLOSING = 1_000

export interface WebSockets {
  /** Answers the handshake. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Says so to all that are open, behind what is under way, and waits until they are gone. */
  stop(): Promise<void>
}

/** Bytes that wait for the operating system to take them. */
const HIGH_WATER = 1024 * 1024

/** What each connection still has to say. */
type Open = Map<WebSocket, Set<Promise<void>>>

export function webSocketsOf(engine: Engine, service: GraphqlService, settings: GraphqlSettings): WebSockets {
  const { logger } = service
  const protocol = makeServer(operationsOf(engine, service, settings))
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: settings.bodyLimit,
    handleProtocols,
  })
  const open: Open = new Map()
  const connect = (connection: WebSocket): void => {
    const underWay = new Set<Promise<void>>()
    open.set(connection, underWay)
    const gone = new AbortController()
    const watched = watch(connection, settings.channels)
    // The end follows as `close`.
    connection.on('error', () => undefined)
    const closed = protocol.opened(
      {
        protocol: connection.protocol,
        // Nothing is read from the feed before it is fulfilled.
        async send(text) {
          await sent(connection, text)
          watched.taken()
          if (connection.isPaused && connection.bufferedAmount <= HIGH_WATER) connection.resume()
        },
        close: (code, reason) => connection.close(code, reason),
        onMessage(handle) {
          connection.on('message', (data: Buffer, isBinary) => {
            // Of a text frame the library has seen to it.
            if (isBinary && !isUtf8(data)) {
              connection.close(BAD_REQUEST, 'Invalid message received')
              return
            }
            // Who takes no answers is not listened to meanwhile: they would pile up.
            if (connection.bufferedAmount > HIGH_WATER) connection.pause()
            const handled = handle(data.toString('utf8'))
              .catch((err: unknown) => {
                logger.error({ err }, 'a message could not be handled')
                connection.close(INTERNAL_ERROR, 'Internal error')
              })
              .finally(() => underWay.delete(handled))
            underWay.add(handled)
          })
        },
      },
      { signal: gone.signal, running: 0 },
    )
    connection.on('close', (code, reason) => {
      open.delete(connection)
      watched.end()
      gone.abort()
      closed(code, reason.toString('utf8')).catch((err: unknown) =>
        logger.error({ err }, 'a connection did not end well'),
      )
    })
  }
  return {
    accept: (request, socket, head) => server.handleUpgrade(request, socket, head, connect),
    stop: () => endAll(open),
  }
}

/** Fulfilled when the operating system has taken it, or there is nobody to take it any more: that comes as `close`. */
const sent = (connection: WebSocket, text: string): Promise<void> =>
  new Promise((resolve) => {
    if (connection.readyState === connection.OPEN) connection.send(text, () => resolve())
    else resolve()
  })

interface Watch {
  /** The operating system has taken something. */
  readonly taken: () => void
  readonly end: () => void
}

/**
 * Pings it, and cuts it when nothing has come from it, and it has taken nothing, for too long. What is taken without having had
 * to wait says nothing of the other end: the operating system has room for it.
 */
function watch(connection: WebSocket, { ping, deadAfter }: GraphqlSettings['channels']): Watch {
  let alive = performance.now()
  let hadToWait = false
  let isTaken = false
  const heard = (): void => {
    alive = performance.now()
  }
  connection.on('message', () => {
    // One who only speaks, and takes nothing, is of no use.
    if (connection.bufferedAmount === 0) heard()
  })
  connection.on('pong', heard)
  const timer = setInterval(
    () => {
      if (hadToWait && isTaken) heard()
      hadToWait = connection.bufferedAmount > 0
      isTaken = false
      if (performance.now() - alive >= deadAfter) connection.terminate()
      else connection.ping()
    },
    Math.min(ping, deadAfter / 2),
  )
  timer.unref()
  return {
    taken: () => {
      isTaken = true
    },
    end: () => clearInterval(timer),
  }
}

async function endAll(open: Open): Promise<void> {
  const timer = setTimeout(() => {
    for (const connection of open.keys()) connection.terminate()
  }, CLOSING)
  await Promise.all([...open].map(([connection, underWay]) => end(connection, underWay)))
  clearTimeout(timer)
}

/** Streams have ended by now, and so have commands; what became of them is told first. */
async function end(connection: WebSocket, underWay: Iterable<Promise<void>>): Promise<void> {
  const closed = new Promise((resolve) => connection.once('close', resolve))
  await Promise.race([Promise.all(underWay), closed])
  connection.close(GOING_AWAY, 'Going away')
  await closed
}
