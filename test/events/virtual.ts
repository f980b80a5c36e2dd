/** A clock that stands still until it is moved, and a connection whose other end the test plays. */
import type { ChannelClock } from '../../plugin/events/channel.ts'
import type { Socket, SocketEvents } from '../../plugin/events/socket.ts'

interface Timer {
  readonly at: number
  readonly work: () => void
}

export class VirtualClock implements ChannelClock {
  #time = 0
  readonly #timers = new Set<Timer>()

  readonly now = (): number => this.#time

  readonly later = (work: () => void, milliseconds: number): (() => void) => {
    const timer = { at: this.#time + milliseconds, work }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Timers that were neither run nor called off. */
  get pending(): number {
    return this.#timers.size
  }

  advance(milliseconds: number): void {
    const end = this.#time + milliseconds
    for (let next = this.#next(end); next; next = this.#next(end)) this.#run(next)
    this.#time = end
  }

  /** Like `advance`, and lets what each timer begins come to its end. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds
    await settle()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#run(next)
      await settle()
    }
    this.#time = end
    await settle()
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer)
    this.#time = timer.at
    timer.work()
  }
}

/** Lets promises and immediates that wait for nothing else run. */
export async function settle(rounds = 8): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise<void>((resolve) => setImmediate(resolve))
}

export class FakeSocket implements Socket {
  readonly texts: string[] = []
  readonly pings: string[] = []
  readonly closes: { readonly code: number; readonly reason: string }[] = []
  terminated = false
  buffered = 0
  /** What is told to it; set by whoever opens it. */
  events: SocketEvents | undefined
  /** Every frame stays in the buffer until `drain`. */
  holds = false
  /** The most that was ever in the buffer. */
  most = 0
  /** In order, as they went onto the wire: the text of a frame, `ping N`, `close CODE`. */
  readonly wire: string[] = []

  send(text: string): void {
    this.texts.push(text)
    this.wire.push(text)
    if (this.holds) this.buffered += text.length
    this.most = Math.max(this.most, this.buffered)
  }

  ping(payload: string): void {
    this.pings.push(payload)
    this.wire.push(`ping ${payload}`)
  }

  close(code: number, reason: string): void {
    this.closes.push({ code, reason })
    this.wire.push(`close ${code}`)
  }

  terminate(): void {
    this.terminated = true
    // Told some turns later, as a real one does.
    setImmediate(() => setImmediate(() => this.events?.closed()))
  }

  /** The other end answers the last ping. */
  pong(payload = this.pings.at(-1) ?? ''): void {
    this.events?.pong(payload)
  }

  drain(left = 0): void {
    this.buffered = left
    this.events?.drained()
  }

  /** UIDs of the workitems it was told about. */
  get uids(): readonly string[] {
    return this.texts.map((text) => /"00001000":\{"vr":"UI","Value":\["([^"]*)"\]\}/.exec(text)?.[1] ?? text)
  }
}
