/** The newest pages of the feed, one copy for everybody who is about there. */
import type { Page, SizedPage } from './page.ts'
import { entriesBehind, type Reached } from './position.ts'

export interface RingLimits {
  /** Entries of the feed. */
  readonly entries: number
  /** Of memory, roughly. The newest page is held however large it is. */
  readonly bytes: number
}

export class Ring {
  readonly #limits: RingLimits
  readonly #pages: SizedPage[] = []
  #from: Reached
  #through: Reached
  #entries = 0
  #bytes = 0

  constructor(from: Reached, limits: RingLimits) {
    this.#limits = limits
    this.#from = from
    this.#through = from
  }

  /** It holds everything behind this, up to `through`. */
  get from(): Reached {
    return this.#from
  }

  get through(): Reached {
    return this.#through
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The next one. */
  push(sized: SizedPage): void {
    this.#pages.push(sized)
    this.#through = sized.page.through
    this.#entries += sized.entries
    this.#bytes += sized.bytes
    while (this.#pages.length > 1 && this.#isFull) this.#drop()
  }

  /** How many entries somebody lacks who has come so far. */
  behind(reached: Reached): number {
    return entriesBehind(reached, this.#through)
  }

  /** The next page, from somewhere at or behind `from`; undefined: there is none yet. */
  after(reached: Reached): Page | undefined {
    const sized = reached < this.#through ? this.#pages[this.#indexBehind(reached)] : undefined
    if (!sized) return undefined
    const { page, from } = sized
    if (from === reached) return page
    return { ...page, changes: page.changes.filter(({ entry }) => entry.position > reached) }
  }

  get #isFull(): boolean {
    return this.#entries > this.#limits.entries || this.#bytes > this.#limits.bytes
  }

  #drop(): void {
    const sized = this.#pages.shift()
    if (!sized) return
    this.#from = sized.page.through
    this.#entries -= sized.entries
    this.#bytes -= sized.bytes
  }

  /** Of the first page that goes further. */
  #indexBehind(reached: Reached): number {
    let [low, high] = [0, this.#pages.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBehind(this.#pages[middle], reached)) low = middle + 1
      else high = middle
    }
    return low
  }
}

const isBehind = (sized: SizedPage | undefined, reached: Reached): boolean =>
  sized !== undefined && sized.page.through <= reached
