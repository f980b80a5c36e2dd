/**
 * One at a time for each workitem, first come first served. Commands on one workitem would otherwise race each other
 * through the version check and lose for nothing; commands on different workitems never wait here.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key)
    const turn = before === undefined ? work() : before.then(work, work)
    this.#last.set(key, turn)
    const leave = (): void => {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
    turn.then(leave, leave)
    return turn
  }
}
