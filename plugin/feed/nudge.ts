/** Something that one waits for and others give: one that comes before the waiting is not lost. */
export class Nudge {
  #given = false
  #wake: (() => void) | undefined

  give(): void {
    this.#given = true
    this.#wake?.()
  }

  /** Fulfilled with whether it was given, at the latest after so many milliseconds. Does not keep the process alive. */
  async wait(within: number): Promise<boolean> {
    if (!this.#given) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, within)
      timer.unref()
      this.#wake = resolve
      await promise
      clearTimeout(timer)
      this.#wake = undefined
    }
    const given = this.#given
    this.#given = false
    return given
  }
}
