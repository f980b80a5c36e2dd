/**
 * Keeps the order where workitems change while they are read. An engine gives each of them where it was in the order; one
 * that has changed since may belong elsewhere, and a page that ended with it would have the next one begin there. So it waits
 * for its new turn, and where that is over already it stands for the place of the one before it.
 */
import type { Ordering } from '../dicom/order.ts'
import type { Position } from '../store/store.ts'
import { isBehind, type Rank } from './place.ts'

/** What has a place in the order: that of the workitem of that version. */
export interface Ranked {
  readonly rank: Rank
  readonly version: Position
}

/**
 * Whether the engine may have it elsewhere than it belongs. `head`: of the feed before anything was searched; undefined: there
 * was nothing. In the order of creation everybody stays.
 */
export const mayHaveMoved = (version: Position, order: readonly Ordering[], head: Position | undefined): boolean =>
  order.length > 0 && version > (head ?? 0)

/** What is held in memory. */
const MOST_WAITING = 1_000

export class InOrder<One extends Ranked> {
  readonly #order: readonly Ordering[]
  readonly #head: Position | undefined
  #last: Rank | undefined
  /** In order. */
  readonly #waiting: One[] = []

  constructor(order: readonly Ordering[], head: Position | undefined) {
    this.#order = order
    this.#head = head
  }

  /** The next one of the engine. @returns what comes now */
  next(one: One): readonly One[] {
    if (mayHaveMoved(one.version, this.#order, this.#head)) return this.#moved(one)
    const before = this.#waiting.splice(0, this.#indexFor(one))
    this.#last = one.rank
    return [...before, one]
  }

  /** Nothing more comes from the engine. */
  rest(): readonly One[] {
    return this.#waiting
  }

  #moved(one: One): readonly One[] {
    const last = this.#last
    if (last !== undefined && !isBehind(one.rank, last, this.#order)) return [{ ...one, rank: last }]
    this.#waiting.splice(this.#indexFor(one), 0, one)
    const next = last !== undefined && this.#waiting.length > MOST_WAITING ? this.#waiting.shift() : undefined
    return next === undefined || last === undefined ? [] : [{ ...next, rank: last }]
  }

  /** How many of those that wait come before it. */
  #indexFor({ rank }: One): number {
    const index = this.#waiting.findIndex((other) => isBehind(other.rank, rank, this.#order))
    return index < 0 ? this.#waiting.length : index
  }
}
