/**
 * The channels of one subscriber, and its backlog. Every open channel gets every report in order, from the first that the
 * subscriber has not received. Without a channel the backlog keeps to its bound.
 */
import { setImmediate } from 'node:timers/promises'
import { comparePlaces, isBeyond, type Place, type Waiting } from '../store/store.ts'
import { hasCode } from '../errors.ts'
import { type Channel, type ChannelClock, TRY_AGAIN_LATER } from './channel.ts'
import { type Report, reportOf } from './frames.ts'
import type { DeliveryPorts } from './ports.ts'
import { Serial } from './serial.ts'
import { RECEIPT_RETRY, RECEIPT_WRITE } from './timing.ts'

/** Reports that are read at a time. */
const BATCH = 200

/** Without a channel: how far beyond its bound a backlog may grow before it is trimmed. */
const SLACK = 1.25
const LEAST_SLACK = 100

export interface OutletSettings {
  readonly withPositions: boolean
  /** Milliseconds that a channel may hold up receipts which another one has given. */
  readonly patience: number
}

export class Outlet {
  readonly #subscriber: string
  readonly #ports: DeliveryPorts
  readonly #settings: OutletSettings
  readonly #clock: ChannelClock
  readonly #serial: Serial
  readonly #channels = new Set<Channel>()
  /** Up to where receipts are written down. */
  #written: Place | undefined
  /** The furthest receipt of any channel, also of one that is closed. */
  #receipt: Place | undefined
  #callOffWriting: (() => void) | undefined
  /** A receipt waits to be written down. */
  #receiptDue = false
  #writingFails = false
  /** The last place that any channel was sent since the first one opened. */
  #furthest: Place | undefined
  /** Channels that hold up receipts: where each stands, and since when. */
  readonly #behind = new Map<Channel, { readonly sent: Place | undefined; readonly since: number }>()
  /** The first channel has come, and nothing has been read for it. */
  #begins = false
  /** While no channel is open; not less than what waits. */
  #waiting: number
  #pumpScheduled = false
  #stopping = false

  constructor(
    subscriber: string,
    waiting: number,
    ports: DeliveryPorts,
    settings: OutletSettings,
    clock: ChannelClock,
  ) {
    this.#subscriber = subscriber
    this.#waiting = waiting
    this.#ports = ports
    this.#settings = settings
    this.#clock = clock
    this.#serial = new Serial({
      failed: (err) => ports.logger.error({ err, subscriber }, 'event reports cannot be read or receipted now'),
    })
  }

  get channels(): ReadonlySet<Channel> {
    return this.#channels
  }

  /** It counts from now on, before anything is read, so that nothing falls between. */
  add(channel: Channel): void {
    if (this.#channels.size === 0) this.#begins = true
    this.#channels.add(channel)
    this.wake()
  }

  remove(channel: Channel): void {
    this.#channels.delete(channel)
    this.#behind.delete(channel)
    this.#noteReceipt(channel)
    void this.#serial.run(() => this.#writeReceipt())
    if (this.#channels.size > 0) return
    this.#waiting = Infinity
    this.#keepBound()
  }

  receipted(): void {
    for (const channel of this.#channels) this.#noteReceipt(channel)
    this.#writeReceiptIn(RECEIPT_WRITE)
  }

  #writeReceiptIn(milliseconds: number): void {
    this.#callOffWriting ??= this.#clock.later(() => {
      this.#callOffWriting = undefined
      this.#receiptDue = true
      void this.#serial.run(() => this.#writeDueReceipt())
    }, milliseconds)
  }

  /** Reports came, or a channel has room again. */
  wake(): void {
    if (this.#pumpScheduled || this.#stopping) return
    this.#pumpScheduled = true
    void this.#serial.run(async () => {
      this.#pumpScheduled = false
      await this.#pump()
    })
  }

  added(reports: number): void {
    if (this.#channels.size > 0) {
      this.wake()
      return
    }
    this.#waiting += reports
    this.#keepBound()
  }

  /** After its channels are closed. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#callOffWriting?.()
    void this.#serial.run(() => this.#writeReceipt())
    await this.#serial.stop()
  }

  async #pump(): Promise<void> {
    for (;;) {
      if (this.#begins) await this.#begin()
      const groups = this.#readyChannels()
      if (groups.length === 0) return
      let sent = 0
      for (const group of groups) sent += await this.#feed(group)
      // It would wait for the end of a long backlog else, and after a crash all of that would be repeated. Not before the
      // reading: while that fails, a channel that has room would count as one that holds receipts up.
      await this.#writeDueReceipt()
      if (sent === 0 && !(await this.#ports.replenish(this.#subscriber))) return
      // The embedded store answers at once: without this nobody else would have a turn before the last report.
      await setImmediate()
    }
  }

  /** Those that take reports now; channels that stand at the same place share what is read for them. */
  #readyChannels(): readonly (readonly Channel[])[] {
    const ready = [...this.#channels].filter((channel) => channel.hasRoom)
    return [...Map.groupBy(ready, ({ sent }) => (sent ? `${sent.position}.${sent.ordinal}` : '')).values()]
  }

  /** @returns how many reports there were */
  async #feed(channels: readonly Channel[]): Promise<number> {
    const waiting = await this.#ports.backlog.readBacklog(this.#subscriber, channels[0]?.sent, BATCH)
    let takers = channels
    let sent = 0
    for (const one of waiting) {
      const report = await this.#reportOf(one)
      // The others get this one when they have room again.
      takers = takers.filter((channel) => channel.hasRoom)
      if (takers.length === 0) break
      for (const channel of takers) {
        if (report) channel.send(report, one.place)
        else channel.pass(one.place)
      }
      if (isBeyond(one.place, this.#furthest)) this.#furthest = one.place
      sent += takers.length
    }
    if (waiting.length === 0) for (const channel of channels) this.#catchUp(channel)
    this.#ports.tally.sent(sent)
    return waiting.length
  }

  /** Nothing is left for it: whatever others were sent before it came is receipted. */
  #catchUp(channel: Channel): void {
    if (this.#furthest) channel.startAt(this.#furthest)
  }

  async #reportOf({ uid, event, information, place }: Waiting): Promise<Report | undefined> {
    const told = information ?? (await this.#present(uid))
    if (told === undefined) return undefined
    const hasPosition = this.#settings.withPositions && information !== undefined
    return reportOf(uid, event, told, hasPosition ? `${place.position}.${place.ordinal}` : undefined)
  }

  /** A workitem of which nothing can be told must not hold up the reports behind it. */
  async #present(uid: string): Promise<string | undefined> {
    try {
      return await this.#ports.present(uid)
    } catch (err) {
      if (hasCode(err, 'UPS_STORE_UNAVAILABLE')) throw err
      this.#ports.logger.error({ err, subscriber: this.#subscriber }, 'an event report cannot be made')
      return undefined
    }
  }

  #noteReceipt({ receipt }: Channel): void {
    if (receipt && isBeyond(receipt, this.#receipt)) this.#receipt = receipt
  }

  /**
   * What one channel has received the subscriber has; yet it stays in the backlog until every open channel has read it. A
   * channel that holds that up for too long is closed, and starts anew when it comes back.
   */
  async #writeReceipt(): Promise<void> {
    // One that comes while this one is being written is due again.
    this.#receiptDue = false
    const receipt = this.#receipt
    if (!receipt) return
    await this.#writeUpTo(this.#readByAll(receipt))
    this.#watchSlowOnes(receipt)
  }

  async #writeUpTo(place: Place | undefined): Promise<void> {
    if (!place || !isBeyond(place, this.#written)) return
    await this.#ports.backlog.receipt(this.#subscriber, place)
    this.#written = place
  }

  /** Where nothing can be written down (a full disk) reports go on: what is not receipted is sent again later. */
  async #writeDueReceipt(): Promise<void> {
    if (!this.#receiptDue) return
    try {
      await this.#writeReceipt()
      this.#writingFails = false
    } catch (err) {
      if (!this.#writingFails)
        this.#ports.logger.error({ err, subscriber: this.#subscriber }, 'no receipt can be written')
      this.#writingFails = true
      this.#writeReceiptIn(RECEIPT_RETRY)
    }
  }

  /** The furthest place up to `receipt` that every channel has been sent. */
  #readByAll(receipt: Place): Place | undefined {
    let least: Place | undefined = receipt
    for (const { sent, isOpen } of this.#channels) {
      if (!isOpen) continue
      if (!sent) return undefined
      if (least && comparePlaces(sent, least) < 0) least = sent
    }
    return least
  }

  /** Closes those that hold receipts up and have not moved for too long. */
  #watchSlowOnes(receipt: Place): void {
    const now = this.#clock.now()
    for (const channel of this.#channels) {
      const { sent, isOpen } = channel
      const isBehind = isOpen && isBeyond(receipt, sent)
      const before = this.#behind.get(channel)
      if (!isBehind) this.#behind.delete(channel)
      else if (!before || before.sent !== sent) this.#behind.set(channel, { sent, since: now })
      else if (now - before.since >= this.#settings.patience) channel.close(TRY_AGAIN_LATER, 'too slow')
    }
    // Nobody else may come and ask again.
    if (this.#behind.size > 0) this.receipted()
  }

  /** The first channel starts at what has been receipted until now, and with what the bound leaves. */
  async #begin(): Promise<void> {
    await this.#writeUpTo(this.#receipt)
    await this.#trim()
    this.#begins = false
    this.#receipt = undefined
    this.#written = undefined
    this.#furthest = undefined
    this.#behind.clear()
  }

  #keepBound(): void {
    const bound = this.#ports.queueSize(this.#subscriber)
    if (this.#stopping || this.#waiting <= bound * SLACK + LEAST_SLACK) return
    this.#waiting = bound
    void this.#serial.run(async () => {
      // A channel that has come meanwhile has trimmed before it read, and must find what is left.
      if (this.#channels.size === 0) await this.#trim()
    })
  }

  async #trim(): Promise<void> {
    const dropped = await this.#ports.backlog.trimBacklog(this.#subscriber, this.#ports.queueSize(this.#subscriber))
    if (dropped === 0) return
    this.#ports.tally.dropped(this.#subscriber, dropped)
    this.#ports.logger.warn({ subscriber: this.#subscriber, dropped }, 'a backlog of event reports was too long')
  }
}
