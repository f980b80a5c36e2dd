/** The part of a store that delivery works with, in memory: small enough to see that it keeps the contract of `store.ts`. */
import { UpsError } from '../../plugin/errors.ts'
import type { Backlog } from '../../plugin/events/ports.ts'
import { type BacklogSize, comparePlaces, type Place, type Waiting, type Watcher } from '../../plugin/store/store.ts'
import type { EventName } from '../../plugin/ups/event-reports.ts'

export type Operation = 'readBacklog' | 'receipt' | 'trimBacklog' | 'backlogs' | 'subscribers'

const stateOf = (state: string): string => `{"00741000":{"vr":"CS","Value":["${state}"]}}`

export class MemoryBacklog implements Backlog {
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #dropped = new Map<string, number>()
  readonly #watchers = new Set<Watcher>()
  readonly #sequences = new Map<string, number>()
  readonly #states = new Map<string, string>()
  #head = 0
  subscribed: readonly string[] = []
  /** Every call, as `operation subscriber argument`. */
  readonly calls: string[] = []
  readonly failing = new Set<Operation>()
  /** Runs before the operation takes place; what it returns is waited for. */
  before: (operation: Operation, subscriber: string) => Promise<void> | undefined = () => undefined

  get watchers(): number {
    return this.#watchers.size
  }

  /** One commit: the workitem gets a state, and each subscriber one report of it. */
  commit(
    subscribers: readonly string[],
    uid: string,
    state = 'SCHEDULED',
    event: EventName = 'UPS State Report',
  ): Place {
    const place = { position: ++this.#head, ordinal: 0 }
    this.#states.set(uid, state)
    if (!this.#sequences.has(uid)) this.#sequences.set(uid, this.#sequences.size + 1)
    for (const subscriber of subscribers) {
      this.of(subscriber).push({ place, uid, event, information: stateOf(state) })
    }
    const added = new Map(subscribers.map((subscriber) => [subscriber, 1]))
    if (added.size > 0) for (const watcher of this.#watchers) watcher(added)
    return place
  }

  delete(uid: string): void {
    this.#states.delete(uid)
  }

  /** Event information as it is now. */
  present(uid: string): string | undefined {
    const state = this.#states.get(uid)
    return state === undefined ? undefined : stateOf(state)
  }

  of(subscriber: string): Waiting[] {
    const known = this.#waiting.get(subscriber) ?? []
    this.#waiting.set(subscriber, known)
    return known
  }

  uids(subscriber: string): readonly string[] {
    return this.of(subscriber).map(({ uid }) => uid)
  }

  dropped(subscriber: string): number {
    return this.#dropped.get(subscriber) ?? 0
  }

  readBacklog(subscriber: string, after: Place | undefined, limit: number): Promise<readonly Waiting[]> {
    return this.#do('readBacklog', subscriber, '', () =>
      this.of(subscriber)
        .filter(({ place }) => !after || comparePlaces(place, after) > 0)
        .slice(0, limit),
    )
  }

  receipt(subscriber: string, through: Place): Promise<void> {
    return this.#do('receipt', subscriber, `${through.position}.${through.ordinal}`, () => {
      const left = this.of(subscriber).filter(({ place }) => comparePlaces(place, through) > 0)
      this.#waiting.set(subscriber, left)
    })
  }

  trimBacklog(subscriber: string, keep: number): Promise<number> {
    return this.#do('trimBacklog', subscriber, String(keep), () => {
      const numbered = this.of(subscriber).filter(({ place }) => place.position > 0)
      const isRequest = ({ event }: Waiting): number => (event === 'UPS Cancel Requested' ? 1 : 0)
      const dropped = numbered
        .toSorted((a, b) => isRequest(a) - isRequest(b) || comparePlaces(a.place, b.place))
        .slice(0, Math.max(0, numbered.length - keep))
      const left = this.of(subscriber).filter((one) => !dropped.includes(one))
      for (const { uid } of dropped) {
        if (!this.#states.has(uid) || left.some((one) => one.place.position === 0 && one.uid === uid)) continue
        const place = { position: 0, ordinal: this.#sequences.get(uid) ?? 0 }
        left.push({ place, uid, event: 'UPS State Report', information: undefined })
      }
      this.#waiting.set(
        subscriber,
        left.toSorted((a, b) => comparePlaces(a.place, b.place)),
      )
      this.#dropped.set(subscriber, this.dropped(subscriber) + dropped.length)
      return dropped.length
    })
  }

  backlogs(): Promise<readonly BacklogSize[]> {
    return this.#do('backlogs', '', '', () =>
      [...this.#waiting].map(([subscriber, all]) => ({
        subscriber,
        waiting: all.filter(({ place }) => place.position > 0).length,
        dropped: this.dropped(subscriber),
      })),
    )
  }

  subscribers(): Promise<readonly string[]> {
    return this.#do('subscribers', '', '', () => this.subscribed)
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** Calls of one operation. */
  called(operation: Operation): readonly string[] {
    return this.calls.filter((call) => call.startsWith(`${operation} `))
  }

  async #do<Result>(operation: Operation, subscriber: string, text: string, work: () => Result): Promise<Result> {
    await this.before(operation, subscriber)
    this.calls.push(`${operation} ${subscriber} ${text}`.trim())
    if (this.failing.has(operation))
      throw new UpsError('UPS_STORE_UNAVAILABLE', 'The store cannot take or give data now.')
    return work()
  }
}
