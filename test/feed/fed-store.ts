/** A real store with a feed on it, and what a test sees of both. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { Change } from '../../plugin/feed/changes.ts'
import { Feed, type FeedLimits } from '../../plugin/feed/feed.ts'
import type { End } from '../../plugin/feed/follower.ts'
import type { Page } from '../../plugin/feed/page.ts'
import type { Reached } from '../../plugin/feed/position.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Position, Store, Watcher } from '../../plugin/store/store.ts'
import { replacedBetween } from '../../plugin/store/replaced.ts'
import { change, creation, workitem } from '../store/contract.ts'
import { deletion } from '../support/deletion.ts'
import { temporaryFolder } from '../support/folder.ts'
import { closed, opened } from '../support/leaks.ts'

const LABEL = '00741204'

type Method = keyof Store

export const labelOf = (dataset: Dataset | undefined): string | undefined => dataset?.[LABEL]?.Value?.join()

export class FedStore {
  readonly #folder = temporaryFolder()
  readonly #real = this.#open()
  readonly #versions = new Map<string, { version: Position; attributes: Dataset }>()
  readonly #feeds: Feed[] = []
  /** How often each method was called. */
  calls: Partial<Record<Method, number>> = {}
  /** Given once to who calls the method next, before it does what it does. */
  before: Partial<Record<Method, () => Promise<unknown>>> = {}
  /** Who hears of commits. */
  watching = 0
  /** Nobody does. */
  isMute = false
  store = this.#watched()

  start(limits: Partial<FeedLimits> = {}): Feed {
    const feed = Feed.start(this.store, limits)
    opened(feed, 'a feed')
    this.#feeds.push(feed)
    return feed
  }

  async end(): Promise<void> {
    for (const feed of this.#feeds) {
      await feed.stop()
      closed(feed)
    }
    await this.#real.close()
    this.#folder.remove()
  }

  async create(uid: string, label = 'new', others: Dataset = {}): Promise<Position> {
    const attributes = { ...workitem(uid).attributes, ...labelled(label), ...others }
    return this.#keep(uid, attributes, await this.#real.commit(creation(uid, { attributes })))
  }

  async relabel(uid: string, label: string): Promise<Position> {
    const { version, attributes } = this.#item(uid)
    const next = { ...attributes, ...labelled(label) }
    const replaced = replacedBetween(attributes, next)
    return this.#keep(uid, next, await this.#real.commit(change(uid, version, { attributes: next }, { replaced })))
  }

  async delete(uid: string): Promise<Position> {
    return this.#real.commit(deletion(uid, this.#item(uid).version))
  }

  /** Workitems with these numbers. */
  async createMany(from: number, to: number): Promise<void> {
    const numbers = Array.from({ length: to - from + 1 }, (_, n) => from + n)
    await Promise.all(numbers.map((n) => this.create(`1.${n}`)))
  }

  /** As after thirty days. */
  forgetTombstones(): void {
    this.#execute('DELETE FROM tombstone')
  }

  /** As after seven days. */
  prune(through: number): void {
    this.#execute(`DELETE FROM feed WHERE position <= ${through}`)
  }

  #execute(sql: string): void {
    const database = new DatabaseSync(join(this.#folder.path, 'worklist.db'), { timeout: 1_000 })
    database.exec(sql)
    database.close()
  }

  #open(): Store {
    return openSqliteStore({ file: join(this.#folder.path, 'worklist.db') })
  }

  #item(uid: string): { version: Position; attributes: Dataset } {
    const item = this.#versions.get(uid)
    if (!item) throw new Error(`the test has no ${uid}`)
    return item
  }

  #keep(uid: string, attributes: Dataset, version: Position): Position {
    this.#versions.set(uid, { version, attributes })
    return version
  }

  #watch(watcher: Watcher): () => void {
    this.watching++
    const unwatch = this.isMute ? () => undefined : this.#real.watch(watcher)
    return () => {
      this.watching--
      unwatch()
    }
  }

  /** The store itself, counted. */
  #watched(): Store {
    return new Proxy(this.#real, {
      get: (real, name: Method) => {
        const method = real[name] as (...given: unknown[]) => unknown
        return (...given: unknown[]) => {
          this.calls[name] = (this.calls[name] ?? 0) + 1
          if (name === 'watch') return this.#watch(given[0] as Watcher)
          const { [name]: first } = this.before
          if (!first) return method.apply(real, given)
          const { [name]: _, ...others } = this.before
          this.before = others
          return first().then(() => method.apply(real, given))
        }
      },
    })
  }
}

const labelled = (label: string): Dataset => ({ [LABEL]: { vr: 'LO', Value: [label] } })

/** One who follows a feed, and remembers what it was told. */
export class Reader {
  readonly #controller = new AbortController()
  readonly changes: Change[] = []
  readonly pages: Page[] = []
  through: Reached = 0
  end: End['why'] | 'without a word' | undefined
  #pages: AsyncGenerator<Page | End, void, void> | undefined

  /** Takes nothing yet. */
  static async follow(feed: Feed, after?: Reached): Promise<Reader> {
    const reader = new Reader()
    const followed = await feed.follow(after, reader.#controller.signal)
    if (followed.is !== 'following') throw new Error(followed.is)
    reader.#pages = followed.pages
    reader.through = followed.from
    return reader
  }

  abort(): void {
    this.#controller.abort()
  }

  /** The next page. @returns whether there was one */
  async take(): Promise<boolean> {
    const next = await this.#pages?.next()
    if (!next || next.done) {
      this.end ??= 'without a word'
      return false
    }
    const { value } = next
    if (value.is === 'end') {
      this.end = value.why
      return false
    }
    this.pages.push(value)
    this.changes.push(...value.changes)
    this.through = value.through
    return true
  }

  async takeThrough(position: Reached): Promise<void> {
    while (this.through < position && (await this.take()));
  }

  /** Until there are no more. */
  async takeAll(): Promise<void> {
    while (await this.take());
  }

  get positions(): readonly Position[] {
    return this.changes.map(({ entry }) => entry.position)
  }
}

export const counting = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n)
