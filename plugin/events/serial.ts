/** Work on one thing that must not overlap: one piece after the other, tried again while the store is not available. */
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from '../errors.ts'

export interface SerialOptions {
  /** Told once when work begins to fail, not for each try. */
  failed(error: unknown): void
}

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000

export class Serial {
  readonly #options: SerialOptions
  #last: Promise<void> = Promise.resolve()
  readonly #stopping = new AbortController()

  constructor(options: SerialOptions) {
    this.#options = options
  }

  run(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(() => this.#untilDone(work))
    return this.#last
  }

  /** What fails from now on is given up. Fulfilled when nothing is under way. */
  stop(): Promise<void> {
    this.#stopping.abort()
    return this.#last
  }

  async #untilDone(work: () => Promise<void>): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await work()
      } catch (error) {
        if (pause === FIRST_PAUSE) this.#options.failed(error)
        // Whatever else went wrong would go wrong again, and keep all that comes behind it.
        if (this.#stopping.signal.aborted || !hasCode(error, 'UPS_STORE_UNAVAILABLE')) return
        await sleep(pause, undefined, { ref: false, signal: this.#stopping.signal }).catch(() => undefined)
      }
    }
  }
}
