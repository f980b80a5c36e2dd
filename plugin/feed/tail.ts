/**
 * The one reading of the newest entries that all share who follow. It runs while somebody does, from where the feed is when
 * it begins, and holds nothing else.
 */
import { setImmediate } from 'node:timers/promises'
import { Bell } from './bell.ts'
import { Nudge } from './nudge.ts'
import { type FedStore, PageReader } from './page.ts'
import { Ring, type RingLimits } from './ring.ts'

export interface TailLimits extends RingLimits {
  /** Milliseconds between looks, word of a commit being a hint that may be missed. */
  readonly look: number
}

/** There is something to see; or why there is not. */
type Word = { readonly failed: false } | { readonly failed: true; readonly error: unknown }

const NEWS: Word = { failed: false }
const failure = (error: unknown): Word => ({ failed: true, error })

export class Tail {
  readonly #store: FedStore
  readonly #limits: TailLimits
  readonly #nudge = new Nudge()
  readonly #bell = new Bell<Word>()
  readonly #followers = new Set<object>()
  #ring: Ring | undefined
  #running: Promise<void> | undefined
  #isStopped = false

  constructor(store: FedStore, limits: TailLimits) {
    this.#store = store
    this.#limits = limits
  }

  /** Undefined: nothing is being read. Who waits sets it going. */
  get ring(): Ring | undefined {
    return this.#ring
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  join(follower: object): void {
    this.#followers.add(follower)
  }

  /** Leaving twice is harmless. */
  leave(follower: object): void {
    if (this.#followers.delete(follower) && this.#followers.size === 0) this.#nudge.give()
  }

  /**
   * Fulfilled when there may be something new to see, or the signal is aborted. Rejected with what the store says when it
   * cannot be read: nobody waits for it to be well again, since who resumes from where they were misses nothing.
   */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.#isStopped) return
    const next = this.#bell.next(signal)
    this.#running ??= this.#run()
    const word = await next
    if (word?.failed) throw word.error
  }

  /** Fulfilled when nothing is being read. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#nudge.give()
    await this.#running
  }

  async #run(): Promise<void> {
    const word = await this.#watch().then(() => NEWS, failure)
    this.#ring = undefined
    this.#running = undefined
    this.#bell.ring(word)
  }

  async #watch(): Promise<void> {
    const unwatch = this.#store.watch(() => this.#nudge.give())
    try {
      await this.#read()
    } finally {
      unwatch()
    }
  }

  async #read(): Promise<void> {
    const reader = new PageReader(this.#store)
    while (this.#isWanted) {
      const ring = this.#ring ?? (await this.#begin())
      const next = await reader.read(ring.through)
      if (next === undefined) await this.#nudge.wait(this.#limits.look)
      // They find out for themselves whether they lack what has been forgotten.
      else if (next === 'forgotten') this.#ring = undefined
      else {
        ring.push(next)
        this.#bell.ring(NEWS)
        await setImmediate()
      }
    }
  }

  async #begin(): Promise<Ring> {
    const ring = new Ring((await this.#store.head()) ?? 0, this.#limits)
    this.#ring = ring
    this.#bell.ring(NEWS)
    return ring
  }

  get #isWanted(): boolean {
    return this.#followers.size > 0 && !this.#isStopped
  }
}
