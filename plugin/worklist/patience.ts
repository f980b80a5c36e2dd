/** How long a search may take before it is answered, and whether somebody still waits for it. */
import type { Abortable } from '../store/candidates.ts'

/** A search that takes longer than this keeps others from being answered. */
const MOST_MILLISECONDS = 10_000

export class Patience implements Abortable {
  readonly #asked: Abortable | undefined
  #end = performance.now() + MOST_MILLISECONDS

  /** `asked`: aborted when nobody waits any more. */
  constructor(asked: Abortable | undefined) {
    this.#asked = asked
  }

  get aborted(): boolean {
    return performance.now() > this.#end || (this.#asked?.aborted ?? false)
  }

  /** The answer has begun: it may take as long as it takes to be read. */
  begun(): void {
    this.#end = Infinity
  }
}
