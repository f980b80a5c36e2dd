/**
 * The change feed for consumers that live in memory and remember where they are: each gets every change once, in order,
 * from a position on. They share one reading and what it holds; whoever is further behind reads for itself until it is
 * there. Nothing is kept for anybody.
 */
import { isKept } from './entries.ts'
import { type End, Follower } from './follower.ts'
import type { FedStore, Page } from './page.ts'
import type { Reached } from './position.ts'
import { Tail, type TailLimits } from './tail.ts'

export interface FeedLimits extends TailLimits {
  /** How many entries somebody may fall behind who had caught up. */
  readonly mostBehind: number
}

const DEFAULTS: FeedLimits = { entries: 1_024, bytes: 16 * 1024 * 1024, look: 5_000, mostBehind: 10_000 }

/** `forgotten`: the position is older than the feed keeps. `unknown`: this store has never been there. */
export type Followed =
  | {
      readonly is: 'following'
      readonly from: Reached
      /** Ends without a word when the signal is aborted. Rejected with UPS_STORE_UNAVAILABLE. */
      readonly pages: AsyncGenerator<Page | End, void, void>
    }
  | { readonly is: 'forgotten' }
  | { readonly is: 'unknown' }

export class Feed {
  readonly #store: FedStore
  readonly #limits: FeedLimits
  readonly #tail: Tail

  private constructor(store: FedStore, limits: FeedLimits) {
    this.#store = store
    this.#limits = limits
    this.#tail = new Tail(store, limits)
  }

  /** Reads nothing until somebody follows. */
  static start(store: FedStore, limits: Partial<FeedLimits> = {}): Feed {
    return new Feed(store, { ...DEFAULTS, ...limits })
  }

  /** Where the feed is now. Rejected with UPS_STORE_UNAVAILABLE. */
  async head(): Promise<Reached> {
    return (await this.#store.head()) ?? 0
  }

  /**
   * What happens behind `after`; undefined: from now on. Whoever has taken a first page must go on taking, or abort the signal:
   * a generator that waits can be ended by nothing else. Rejected with UPS_STORE_UNAVAILABLE.
   */
  async follow(after: Reached | undefined, signal: AbortSignal): Promise<Followed> {
    const head = await this.head()
    const from = after ?? head
    if (from > head) return { is: 'unknown' }
    if (!(await isKept(from, this.#store))) return { is: 'forgotten' }
    const follower = new Follower({ from, signal, tail: this.#tail, store: this.#store, ...this.#limits })
    return { is: 'following', from, pages: follower.pages() }
  }

  /** Ends everybody who follows. Fulfilled when nothing is being read for all; stopping twice is harmless. */
  stop(): Promise<void> {
    return this.#tail.stop()
  }
}
