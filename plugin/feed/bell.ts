/** Wakes everybody who waits at once. One who waits for the next time has not waited for this one. */
export class Bell<Word> {
  #waiting = new Set<(word: Word) => void>()

  ring(word: Word): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const wake of waiting) wake(word)
  }

  /** Undefined once the signal is aborted. */
  async next(signal: AbortSignal): Promise<Word | undefined> {
    if (signal.aborted) return undefined
    const { promise, resolve } = Promise.withResolvers<Word | undefined>()
    const giveUp = (): void => {
      this.#waiting.delete(resolve)
      resolve(undefined)
    }
    this.#waiting.add(resolve)
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }
}
