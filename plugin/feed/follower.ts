/** One who follows the feed: where it is, and where it gets the next page from. */
import { setImmediate } from 'node:timers/promises'
import { type FedStore, type Page, PageReader } from './page.ts'
import type { Reached } from './position.ts'
import type { Tail } from './tail.ts'

/**
 * Why there are no more pages, the last thing that is said. `too slow`: it had caught up, and has fallen too far behind.
 * `forgotten`: what comes next has been pruned. `stopped`: the feed is.
 */
export interface End {
  readonly is: 'end'
  readonly why: 'too slow' | 'forgotten' | 'stopped'
}

export interface FollowerOptions {
  readonly from: Reached
  readonly signal: AbortSignal
  readonly tail: Tail
  readonly store: FedStore
  readonly mostBehind: number
}

export class Follower {
  readonly #options: FollowerOptions
  readonly #reader: PageReader
  #through: Reached
  /** It was where all others are, once. */
  #hadCaughtUp = false

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#reader = new PageReader(options.store)
    this.#through = options.from
  }

  async *pages(): AsyncGenerator<Page | End, void, void> {
    const { tail, signal } = this.#options
    // Also of one that takes no more pages.
    const leave = (): void => tail.leave(this)
    tail.join(this)
    signal.addEventListener('abort', leave)
    try {
      for (let next = await this.#next(); next && !signal.aborted; next = await this.#next()) {
        yield next
        if (next.is === 'end') return
      }
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  /** Undefined: the signal is aborted. */
  async #next(): Promise<Page | End | undefined> {
    const { tail, signal } = this.#options
    while (!signal.aborted) {
      if (tail.isStopped) return STOPPED
      const next = this.#isInRing() ? tail.ring?.after(this.#through) : await this.#readAlone()
      if (next?.is === 'page') this.#through = next.through
      if (next) return next
      await tail.wait(signal)
    }
    return undefined
  }

  /** Or would be, if there were one. */
  #isInRing(): boolean {
    const { ring } = this.#options.tail
    const isInRing = ring !== undefined && ring.from <= this.#through
    if (isInRing) this.#hadCaughtUp = true
    return isInRing || ring === undefined
  }

  #isTooSlow(): boolean {
    const { tail, mostBehind } = this.#options
    return this.#hadCaughtUp && (tail.ring?.behind(this.#through) ?? 0) > mostBehind
  }

  async #readAlone(): Promise<Page | End | undefined> {
    const { tail, signal } = this.#options
    if (this.#isTooSlow()) return TOO_SLOW
    // Others have a turn before each page.
    await setImmediate()
    try {
      const read = await this.#reader.read(this.#through)
      return read === 'forgotten' ? FORGOTTEN : read?.page
    } catch (error) {
      if (tail.isStopped) return STOPPED
      if (signal.aborted) return undefined
      throw error
    }
  }
}

const TOO_SLOW: End = { is: 'end', why: 'too slow' }
const FORGOTTEN: End = { is: 'end', why: 'forgotten' }
const STOPPED: End = { is: 'end', why: 'stopped' }
