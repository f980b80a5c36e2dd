/** The GraphQL face of the worklist, over HTTP and over WebSocket. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Middleware } from 'koa'
import { createEngine } from './engine.ts'
import { overHttp } from './over-http.ts'
import type { GraphqlService, GraphqlSettings } from './ports.ts'
import { webSocketsOf } from './web-socket.ts'

export interface Graphql {
  /** For its one path. */
  readonly middleware: Middleware
  /** Answers the handshake of a WebSocket that is for it. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** After the feed has ended streams of subscriptions: those that nobody reads are cut. */
  endStreams(): void
  /** Ends its WebSockets. */
  stop(): Promise<void>
}

export function createGraphql(service: GraphqlService, settings: GraphqlSettings): Graphql {
  const engine = createEngine(service, settings)
  const webSockets = webSocketsOf(engine, service, settings)
  const http = overHttp(engine, settings.bodyLimit)
  return {
    middleware: http.middleware,
    endStreams: () => http.endStreams(),
    accept: (request, socket, head) => webSockets.accept(request, socket, head),
    stop: () => webSockets.stop(),
  }
}
