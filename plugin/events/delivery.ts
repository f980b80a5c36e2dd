/** Event channels of all subscribers, and what is told to them when the service starts and stops. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Channel, type ChannelClock } from './channel.ts'
import { Outlet, type OutletSettings } from './outlet.ts'
import type { DeliveryPorts } from './ports.ts'
import { statusReport } from './scp-status.ts'
import type { Socket, SocketEvents } from './socket.ts'
import { CLOSING, later, type Timing } from './timing.ts'

/** RFC 6455: the server is going away. */
const GOING_AWAY = 1001

export interface DeliverySettings extends Timing {
  readonly withPositions: boolean
}

export class Delivery {
  readonly #ports: DeliveryPorts
  readonly #timing: Timing
  readonly #settings: OutletSettings
  readonly #clock: ChannelClock
  readonly #outlets = new Map<string, Outlet>()
  /** Subscribers that have not heard of the restart yet. */
  readonly #toHear: Set<string>
  readonly #unwatch: () => void
  #stopped: Promise<void> | undefined

  private constructor(
    ports: DeliveryPorts,
    settings: DeliverySettings,
    clock: ChannelClock,
    subscribers: readonly string[],
  ) {
    this.#ports = ports
    this.#timing = settings
    this.#settings = { withPositions: settings.withPositions, patience: settings.deadAfter }
    this.#clock = clock
    this.#toHear = new Set([...subscribers, ...ports.fallback()])
    this.#unwatch = ports.backlog.watch((added) => {
      for (const [subscriber, reports] of added) this.#outlet(subscriber).added(reports)
    })
  }

  /** @throws UPS_STORE_UNAVAILABLE */
  static async start(ports: DeliveryPorts, settings: DeliverySettings, clock = CLOCK): Promise<Delivery> {
    const [subscribers, sizes] = [await ports.backlog.subscribers(), await ports.backlog.backlogs()]
    const delivery = new Delivery(ports, settings, clock, subscribers)
    for (const { subscriber, waiting } of sizes) delivery.#outlet(subscriber).added(waiting)
    return delivery
  }

  /** Takes a connection over. The socket tells what happens to it by what is returned. */
  open(subscriber: string, socket: Socket): SocketEvents {
    const outlet = this.#outlet(subscriber)
    const channel = new Channel(
      socket,
      {
        receipted: () => outlet.receipted(),
        ready: () => outlet.wake(),
        closed: (gone) => {
          outlet.remove(gone)
          this.#count()
        },
      },
      this.#timing,
      this.#clock,
    )
    if (this.#stopped) {
      channel.close(GOING_AWAY, 'going down')
      return channel
    }
    if (this.#toHear.delete(subscriber)) channel.send(statusReport('RESTARTED'))
    outlet.add(channel)
    this.#count()
    this.#ports.logger.info({ subscriber, channels: outlet.channels.size }, 'event channel opened')
    return channel
  }

  /** How many channels a subscriber has open. */
  channels(subscriber: string): number {
    return this.#outlets.get(subscriber)?.channels.size ?? 0
  }

  /** Says so on every channel, closes them, and writes down what they have received. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop())
  }

  async #stop(): Promise<void> {
    this.#unwatch()
    await this.#sayGoodbye()
    const patience = new AbortController()
    await Promise.race([
      this.#allClosed(patience.signal),
      sleep(CLOSING, undefined, { signal: patience.signal }).catch(() => undefined),
    ])
    patience.abort()
    for (const channel of this.#open()) channel.terminate()
    await Promise.all([...this.#outlets.values()].map((outlet) => outlet.stop()))
  }

  async #sayGoodbye(): Promise<void> {
    const concerned = new Set([
      ...this.#ports.fallback(),
      ...(await this.#ports.backlog.subscribers().catch(() => [] as readonly string[])),
    ])
    const status = statusReport('GOING DOWN')
    for (const [subscriber, { channels }] of this.#outlets) {
      for (const channel of channels) {
        if (concerned.has(subscriber)) channel.send(status)
        channel.close(GOING_AWAY, 'going down')
      }
    }
  }

  async #allClosed(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#open().length > 0) await sleep(10)
  }

  #open(): readonly Channel[] {
    return [...this.#outlets.values()].flatMap(({ channels }) => [...channels])
  }

  #outlet(subscriber: string): Outlet {
    const known = this.#outlets.get(subscriber)
    if (known) return known
    const outlet = new Outlet(subscriber, 0, this.#ports, this.#settings, this.#clock)
    this.#outlets.set(subscriber, outlet)
    return outlet
  }

  #count(): void {
    this.#ports.tally.channels(this.#open().length)
  }
}

const CLOCK: ChannelClock = { now: () => performance.now(), later }
