/** Event channels as WebSockets (RFC 6455); the only file that knows the library. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Socket, SocketEvents } from './socket.ts'

/** Bytes of a frame that a client may send; none is expected. */
const LARGEST_MESSAGE = 16 * 1024

export interface WebSocketEnd {
  /** Answers the handshake; `opened` gets the connection when it is done. Refused ones are answered here. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, opened: (socket: Socket) => SocketEvents): void
}

export function webSocketEnd(): WebSocketEnd {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LARGEST_MESSAGE,
  })
  return {
    accept(request, socket, head, opened) {
      server.handleUpgrade(request, socket, head, (connection) => connect(connection, opened))
    },
  }
}

function connect(connection: WebSocket, opened: (socket: Socket) => SocketEvents): void {
  // A closing handshake follows, or the end of the connection: both come as `close`.
  connection.on('error', () => undefined)
  const events = opened(socketOf(connection, () => events.drained()))
  connection.on('message', (_data: RawData) => events.received())
  connection.on('ping', () => events.received())
  connection.on('pong', (payload: Buffer) => events.pong(payload.toString('latin1')))
  connection.on('close', () => events.closed())
}

const socketOf = (connection: WebSocket, drained: () => void): Socket => ({
  // What was not sent is sent again on the next channel; that this one is gone comes as `close`.
  send: (text) => connection.send(text, { compress: false }, drained),
  ping: (payload) => connection.ping(payload, false, () => undefined),
  close: (code, reason) => connection.close(code, reason),
  terminate: () => connection.terminate(),
  get buffered() {
    return connection.bufferedAmount
  },
})
