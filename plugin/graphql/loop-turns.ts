/** Documents are read one in each turn of the event loop: whoever sends many at the same time lets others in between. */
import { setImmediate } from 'node:timers/promises'

export class LoopTurns {
  #last: Promise<void> = Promise.resolve()

  /** Fulfilled in a turn that nobody else has. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => setImmediate())
    return this.#last
  }
}
