/** Who reads an index: it is not deleted beneath them. */
export class Leases {
  readonly #readers = new Map<string, number>()
  readonly #freed = new Map<string, () => void>()

  /** The returned function ends the lease; calling it twice is a mistake. */
  take(index: string): () => void {
    this.#readers.set(index, (this.#readers.get(index) ?? 0) + 1)
    return () => {
      const left = (this.#readers.get(index) ?? 0) - 1
      if (left > 0) {
        this.#readers.set(index, left)
        return
      }
      this.#readers.delete(index)
      this.#freed.get(index)?.()
    }
  }

  /** Fulfilled when nobody reads it, at the latest after so many milliseconds. One at a time for each index. */
  async free(index: string, within: number): Promise<void> {
    if (!this.#readers.has(index)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, within)
    timer.unref()
    this.#freed.set(index, resolve)
    await promise
    clearTimeout(timer)
    this.#freed.delete(index)
  }

  /** Nobody is waited for any more. */
  giveUp(): void {
    for (const resolve of this.#freed.values()) resolve()
  }
}
