/**
 * One open event channel. A WebSocket keeps order, so the pong that answers a ping is the receipt of everything sent before
 * that ping; frames in a buffer of the kernel die with the socket and get none. (The answer to a close frame is none either:
 * nobody can tell it from a close frame that the other end sent by itself.)
 */
import { isBeyond, type Place } from '../store/store.ts'
import { frameOf, type Report } from './frames.ts'
import type { Socket, SocketEvents } from './socket.ts'
import { type Later, RECEIPT_PING, type Timing } from './timing.ts'

/** Bytes in the buffer of one channel above which it gets nothing more until the operating system has taken them. */
const HIGH_WATER = 1024 * 1024

/** Bytes in the buffer above which the kernel's own is full. */
const KERNEL_TAKES = 64 * 1024

/** RFC 6455 registry: the other end may come back at once. */
export const TRY_AGAIN_LATER = 1013

/** Message ID is an unsigned short, and 0 is not used. */
const LAST_MESSAGE_ID = 65_535

/** What a channel tells whoever feeds it. */
export interface ChannelOwner {
  /** Its receipt has moved. */
  receipted(): void
  /** It can take more again, or has heard of nothing for a while. */
  ready(): void
  closed(channel: Channel): void
}

export interface ChannelClock {
  readonly now: () => number
  readonly later: Later
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
  /** By payload: the last report sent before it. Pings that nobody has answered yet. */
  readonly #outstanding = new Map<string, Place | undefined>()
  /** A ping for reports that were sent is due: more of them must not put it off. */
  #pingsSoon = false
  #waitsForRoom = false
  #closing = false
  #gone = false
  #alive: number
  #buffered = 0
  /** When a ping was sent that nobody has answered, or the operating system last took something since. */
  #unansweredSince: number | undefined
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
    if (!this.isOpen) return
    this.sent = place
    if (this.#outstanding.size > 0 || this.#pingsSoon) return
    this.#pingSoon()
  }

  /** It has been sent nothing, and there is nothing for it up to this place. */
  startAt(place: Place): void {
    if (this.sent) return
    this.sent = place
    this.receipt = place
  }

  /** No reports any more; what the other end does not receipt now it gets on the next channel. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return
    if (!this.#isReceipted) this.#sendPing()
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
    // Anybody may send pongs; only the answer to ours receipts anything.
    if (this.#gone || !this.#outstanding.has(payload)) return
    this.#receipted(this.#outstanding.get(payload))
    // What was asked before it needs no answer any more (RFC 6455 5.5.3).
    for (const asked of this.#outstanding.keys()) {
      this.#outstanding.delete(asked)
      if (asked === payload) break
    }
    this.#unansweredSince = this.#outstanding.size > 0 ? this.#clock.now() : undefined
    if (this.#closing) return
    if (this.#isReceipted) this.#pingIn(this.#timing.ping)
    else this.#pingSoon()
  }

  drained(): void {
    // A full buffer that is filled again at once was taken from all the same. (The kernel takes a little by itself: that tells
    // nothing of the other end.)
    if (this.#socket.buffered > KERNEL_TAKES || this.#waitsForRoom) this.#taken()
    if (this.#waitsForRoom && this.hasRoom) this.#owner.ready()
  }

  closed(): void {
    if (this.#gone) return
    this.#gone = true
    this.#callOffPing()
    this.#callOffWatch()
    this.#owner.closed(this)
  }

  /** The other end takes what it is sent. */
  #taken(): void {
    this.received()
    if (this.#unansweredSince !== undefined) this.#unansweredSince = this.#alive
  }

  #receipted(place: Place | undefined): void {
    if (!place || !isBeyond(place, this.receipt)) return
    this.receipt = place
    this.#owner.receipted()
  }

  get #isReceipted(): boolean {
    return !this.sent || !isBeyond(this.sent, this.receipt)
  }

  #pingSoon(): void {
    this.#pingIn(RECEIPT_PING)
    this.#pingsSoon = true
  }

  #pingIn(milliseconds: number): void {
    this.#callOffPing()
    this.#callOffPing = this.#clock.later(() => this.#ping(), milliseconds)
  }

  #ping(): void {
    this.#pingsSoon = false
    if (!this.isOpen || this.#outstanding.size > 0) return
    // Word of new reports may be missed (`Watcher`): an idle channel looks for itself, or it might wait for ever.
    if (this.#isReceipted) this.#owner.ready()
    this.#sendPing()
  }

  #sendPing(): void {
    const payload = String(++this.#pings)
    this.#outstanding.set(payload, this.sent)
    this.#unansweredSince ??= this.#clock.now()
    this.#socket.ping(payload)
  }

  /** Several times within the span after which it counts as dead. */
  #watchLater(): () => void {
    return this.#clock.later(() => this.#watch(), this.#timing.deadAfter / 4)
  }

  #watch(): void {
    if (this.#gone) return
    const { buffered } = this.#socket
    if (buffered < this.#buffered) this.#taken()
    this.#buffered = buffered
    const [now, { deadAfter }] = [this.#clock.now(), this.#timing]
    if (now - this.#alive >= deadAfter) {
      this.#socket.terminate()
      return
    }
    // It speaks, yet receipts nothing: its backlog would grow for ever while it is open.
    if (now - (this.#unansweredSince ?? now) >= deadAfter) this.close(TRY_AGAIN_LATER, 'no answer to ping')
    this.#callOffWatch = this.#watchLater()
  }
}
