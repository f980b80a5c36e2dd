/** Pages of the feed: so many entries at a time, and what they did. */
import type { Position, Store } from '../store/store.ts'
import { type Change, changesOf } from './changes.ts'
import { isKept } from './entries.ts'
import { behind, type Reached } from './position.ts'
import { sizeOf } from './size.ts'

/** What the feed is read from. */
export type FedStore = Pick<Store, 'readFeed' | 'retrieveAll' | 'histories' | 'feedStart' | 'head' | 'watch'>

/** Consecutive changes; none where entries tell of nothing that a reader may see. */
export interface Page {
  readonly is: 'page'
  readonly changes: readonly Change[]
  /** Everything up to it has been told: who goes on behind it misses nothing. */
  readonly through: Position
}

export interface SizedPage {
  readonly page: Page
  readonly from: Reached
  /** Of the feed, also those that tell nothing. */
  readonly entries: number
  /** Of memory, roughly. */
  readonly bytes: number
}

/** Entries of a page. */
const FEWEST = 1
const FIRST = 16
const MOST = 100

/** Bytes of a page after which the next one shall be smaller. */
const LARGE = 1024 * 1024

/** Reads pages that are small where datasets are large. */
export class PageReader {
  readonly #store: FedStore
  #limit = FIRST

  constructor(store: FedStore) {
    this.#store = store
  }

  /** Undefined: there is nothing behind it. `forgotten`: there was more than can be read. */
  async read(from: Reached): Promise<SizedPage | 'forgotten' | undefined> {
    const entries = await this.#store.readFeed(behind(from), this.#limit)
    const changes = await changesOf(entries, this.#store)
    // Asked last: what is pruned while a page is read may be missing in it.
    if (!(await isKept(from, this.#store))) return 'forgotten'
    const through = entries.at(-1)?.position
    if (through === undefined) return undefined
    const bytes = sizeOf(changes)
    this.#limit = bytes > LARGE ? Math.max(this.#limit >> 1, FEWEST) : Math.min(this.#limit * 2, MOST)
    return { page: { is: 'page', changes, through }, from, entries: entries.length, bytes }
  }
}
