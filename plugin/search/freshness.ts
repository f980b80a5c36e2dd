/**
 * What an index has of the feed, and what of that searches see. Many who wait for the same share one refresh: any that was
 * started after what they wait for had been applied.
 */
import type { Reached } from '../feed/position.ts'

interface Waiter {
  readonly position: Reached
  readonly resolve: (applied: boolean) => void
}

export class Freshness {
  readonly #refresh: () => Promise<void>
  #applied: Reached
  /** Searches see everything up to here. */
  #refreshed: Reached
  /** The furthest that somebody has waited for in vain. */
  #missed: Reached = 0
  #waiters: readonly Waiter[] = []
  /** The refresh under way, and how far searches see after it. */
  #running: { readonly covers: Reached; readonly done: Promise<void> } | undefined
  #next: Promise<void> | undefined

  /** `applied`: and refreshed. */
  constructor(applied: Reached, refresh: () => Promise<void>) {
    this.#applied = applied
    this.#refreshed = applied
    this.#refresh = refresh
  }

  get applied(): Reached {
    return this.#applied
  }

  /** Somebody has waited in vain for what searches do not see yet: others need not wait, too. */
  get isBehind(): boolean {
    return this.#missed > this.#refreshed
  }

  /** `wrote`: the index is not what it was. */
  advance(applied: Reached, wrote: boolean): void {
    if (!wrote && this.#refreshed === this.#applied) this.#refreshed = applied
    this.#applied = applied
    this.#tell(({ position }) => position <= applied, true)
  }

  /**
   * Fulfilled with whether searches see the position, at the latest after so many milliseconds. Rejected when the index
   * cannot be refreshed.
   */
  async reach(position: Reached, within: number): Promise<boolean> {
    if (position <= this.#refreshed) return true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => {
        if (position > this.#missed) this.#missed = position
        resolve(false)
      }, within)
    })
    try {
      return await Promise.race([this.#reach(position), late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** After the index has caught up with what somebody missed. */
  async recover(): Promise<void> {
    if (this.isBehind && this.#applied >= this.#missed) await this.refresh(this.#applied)
  }

  /** Nothing more will be applied for now. */
  giveUp(): void {
    this.#tell(() => true, false)
  }

  /** Of what has been applied. */
  async refresh(position: Reached): Promise<void> {
    if (position <= this.#refreshed) return
    if (this.#running && position <= this.#running.covers) return this.#running.done
    // One that is under way may not see it. The next one does, for everybody who comes until it begins.
    return (this.#next ??= this.#refreshAfter(this.#running?.done))
  }

  async #reach(position: Reached): Promise<boolean> {
    if (position > this.#applied && !(await this.#untilApplied(position))) return false
    await this.refresh(position)
    return true
  }

  #untilApplied(position: Reached): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiters = [...this.#waiters, { position, resolve }]
    })
  }

  #tell(whom: (waiter: Waiter) => boolean, applied: boolean): void {
    const told = this.#waiters.filter((waiter) => whom(waiter))
    if (told.length === 0) return
    this.#waiters = this.#waiters.filter((waiter) => !whom(waiter))
    for (const { resolve } of told) resolve(applied)
  }

  async #refreshAfter(running: Promise<void> | undefined): Promise<void> {
    await running?.catch(() => undefined)
    this.#next = undefined
    const covers = this.#applied
    const done = this.#refresh()
    this.#running = { covers, done }
    try {
      await done
      if (covers > this.#refreshed) this.#refreshed = covers
    } finally {
      if (this.#running.done === done) this.#running = undefined
    }
  }
}
