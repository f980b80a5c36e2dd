/** Delivery in virtual time, over a backlog in memory (or a store) and connections whose other end the test plays. */
import { Delivery } from '../../plugin/events/delivery.ts'
import type { Backlog, DeliveryPorts } from '../../plugin/events/ports.ts'
import type { Logger } from '../../plugin/host.ts'
import { FakeSocket, settle, VirtualClock } from './virtual.ts'

export interface StationOptions {
  readonly queueSize?: number
  readonly fallback?: readonly string[]
  readonly ping?: number
  readonly deadAfter?: number
  readonly withPositions?: boolean
  readonly present?: DeliveryPorts['present']
  readonly replenish?: DeliveryPorts['replenish']
}

export interface Line {
  readonly level: string
  readonly message: string
  readonly fields: object
}

export interface Station<Of extends Backlog = Backlog> {
  readonly backlog: Of
  readonly clock: VirtualClock
  readonly delivery: Delivery
  readonly lines: readonly Line[]
  readonly tally: { sent: number; dropped: number; channels: number }
  /** May be changed: the next who asks gets it. */
  queueSize: number
  /** A channel whose other end does nothing by itself. */
  open(subscriber: string, prepare?: (socket: FakeSocket) => void): FakeSocket
  /** The other end answers its last ping, once it was sent one. */
  receipt(socket: FakeSocket): Promise<void>
  /** Closed by the other end, or cut. */
  cut(socket: FakeSocket): void
  /** Ends it, with the other ends answering. */
  stop(): Promise<void>
}

type Presence = Backlog & { present?(uid: string): string | undefined }

export async function startStation<Of extends Presence>(
  backlog: Of,
  options: StationOptions = {},
): Promise<Station<Of>> {
  const clock = new VirtualClock()
  const lines: Line[] = []
  const log =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, message, fields })
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const tally = { sent: 0, dropped: 0, channels: 0 }
  const sockets: FakeSocket[] = []
  const ports: DeliveryPorts = {
    backlog,
    present: options.present ?? (async (uid) => backlog.present?.(uid)),
    replenish: options.replenish ?? (async () => false),
    queueSize: () => station.queueSize,
    fallback: () => options.fallback ?? [],
    logger,
    tally: {
      sent: (reports) => void (tally.sent += reports),
      dropped: (_subscriber, reports) => void (tally.dropped += reports),
      channels: (open) => void (tally.channels = open),
    },
  }
  const station: Omit<Station<Of>, 'delivery'> & { delivery?: Delivery } = {
    backlog,
    clock,
    lines,
    tally,
    queueSize: options.queueSize ?? 10_000,
    open(subscriber, prepare = () => undefined) {
      const socket = new FakeSocket()
      prepare(socket)
      sockets.push(socket)
      socket.events = delivery.open(subscriber, socket)
      return socket
    },
    async receipt(socket) {
      await clock.pass(60)
      socket.pong()
      await settle()
    },
    cut: (socket) => socket.events?.closed(),
    async stop() {
      const stopped = delivery.stop()
      await settle()
      for (const socket of sockets) {
        if (!socket.terminated && socket.closes.length > 0) socket.pong()
        if (!socket.terminated) socket.events?.closed()
      }
      await stopped
    },
  }
  const delivery = await Delivery.start(
    ports,
    {
      ping: options.ping ?? 30_000,
      deadAfter: options.deadAfter ?? 60_000,
      withPositions: options.withPositions ?? false,
    },
    clock,
  )
  return Object.assign(station, { delivery })
}
