/**
 * One open event channel. A WebSocket keeps order, so the pong that answers a ping is the receipt of everything sent before
 * that ping; frames in a buffer of the kernel die with the socket and get none.
 */
import { comparePlaces, type Place } from '../store/store.ts'
import { frameOf, type Report } from './frames.ts'
import type { Socket, SocketEvents } from './socket.ts'
import { type Later, RECEIPT_PING, type Timing } from './timing.ts'

/** Bytes in the buffer of one channel above which it gets nothing more until the operating system has taken them. */
const HIGH_WATER = 1024 * 1024

/** Message ID is an unsigned short, and 0 is not used. */
const LAST_MESSAGE_ID = 65_535

/** What a channel tells whoever feeds it. */
export interface ChannelOwner {
  /** Its receipt has moved. */
  receipted(): void
  /** It can take more again. */
  ready(): void
  closed(channel: Channel): void
}

export interface ChannelClock {
  readonly now: () => number
  readonly later: Later
}

interface Ping {
  readonly payload: string
  /** Of the last report sent before it. */
  readonly place: Place | undefined
}

export class Channel implements SocketEvents {
  readonly #socket: Socket
  readonly #owner: ChannelOwner
  readonly #timing: Timing
  readonly #clock: ChannelClock
  /** Of the last report that it was sent. */
  sent: Place | undefined
  /** Of the last report that its other end has received for certain. */
  receipt: Place | undefined
  #messageId = 0
  #pings = 0
  #outstanding: Ping | undefined
  #waitsForRoom = false
  #closing = false
  #gone = false
  #alive: number
  #buffered = 0
  #callOffPing: () => void
  #callOffWatch: () => void

  constructor(socket: Socket, owner: ChannelOwner, timing: Timing, clock: ChannelClock) {
    this.#socket = socket
    this.#owner = owner
    this.#timing = timing
    this.#clock = clock
    this.#alive = clock.now()
    this.#callOffPing = clock.later(() => this.#ping(), timing.ping)
    this.#callOffWatch = this.#watchLater()
  }

  /** Neither gone nor about to go. */
  get isOpen(): boolean {
    return !this.#closing && !this.#gone
  }

  /** Whether it takes reports now. When it does not, its owner is told once it does again. */
  get hasRoom(): boolean {
    if (!this.isOpen) return false
    this.#waitsForRoom = this.#socket.buffered > HIGH_WATER
    return !this.#waitsForRoom
  }

  /** `place` absent: the report has none in the backlog. */
  send(report: Report, place?: Place): void {
    if (!this.isOpen) return
    this.#messageId = (this.#messageId % LAST_MESSAGE_ID) + 1
    this.#socket.send(frameOf(report, this.#messageId))
    if (place) this.pass(place)
  }

  /** The report at this place needs no sending: it has nothing to say any more. */
  pass(place: Place): void {
    this.sent = place
    if (!this.#outstanding) this.#pingIn(RECEIPT_PING)
  }

  /** No reports any more; what the other end has not received it gets on the next channel. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return
    this.#closing = true
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  received(): void {
    this.#alive = this.#clock.now()
  }

  pong(payload: string): void {
    this.received()
    const ping = this.#outstanding
    // Anybody may send pongs; only the answer to ours receipts anything.
    if (ping?.payload !== payload) return
    this.#outstanding = undefined
    this.#receipted(ping.place)
    this.#pingIn(this.#isReceipted ? this.#timing.ping : RECEIPT_PING)
  }

  drained(): void {
    if (this.#waitsForRoom && this.hasRoom) this.#owner.ready()
  }

  closed(answered: boolean): void {
    if (this.#gone) return
    this.#gone = true
    this.#callOffPing()
    this.#callOffWatch()
    // The answer to our close frame was sent after everything before that frame had been received.
    if (answered && this.#closing) this.#receipted(this.sent)
    this.#owner.closed(this)
  }

  #receipted(place: Place | undefined): void {
    if (!place || (this.receipt && comparePlaces(place, this.receipt) <= 0)) return
    this.receipt = place
    this.#owner.receipted()
  }

  get #isReceipted(): boolean {
    return !this.sent || (this.receipt !== undefined && comparePlaces(this.receipt, this.sent) >= 0)
  }

  #pingIn(milliseconds: number): void {
    this.#callOffPing()
    this.#callOffPing = this.#clock.later(() => this.#ping(), milliseconds)
  }

  #ping(): void {
    if (!this.isOpen || this.#outstanding) return
    this.#outstanding = { payload: String(++this.#pings), place: this.sent }
    this.#socket.ping(this.#outstanding.payload)
  }

  /** Several times within the span after which it counts as dead. */
  #watchLater(): () => void {
    return this.#clock.later(() => this.#watch(), this.#timing.deadAfter / 4)
  }

  #watch(): void {
    if (this.#gone) return
    const { buffered } = this.#socket
    if (buffered < this.#buffered) this.received()
    this.#buffered = buffered
    if (this.#clock.now() - this.#alive >= this.#timing.deadAfter) {
      this.#socket.terminate()
      return
    }
    this.#callOffWatch = this.#watchLater()
  }
}
