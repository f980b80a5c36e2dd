/** Pauses that grow, up to a bound, and differ from one to the next: many who were refused do not come back at once. */
import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000

export class BackOff {
  readonly #stopping: AbortSignal
  #pause = FIRST_PAUSE

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping
  }

  /** Ends at once when everything stops. Does not keep the process alive. */
  async wait(): Promise<void> {
    const milliseconds = this.#pause * (0.5 + Math.random() / 2)
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE)
    await sleep(milliseconds, undefined, { ref: false, signal: this.#stopping }).catch(() => undefined)
  }

  reset(): void {
    this.#pause = FIRST_PAUSE
  }
}
