/** Requests and host calls under way: counted, refused once the service stops, and waited for. */
import type { Middleware } from 'koa'

export class InFlight {
  #count = 0
  #stopping = false
  readonly #waiting: (() => void)[] = []

  /** Runs `next` for requests that come before `drain`, `stopped` for those that come later. */
  middleware(next: Middleware, stopped: Middleware): Middleware {
    return async (ctx, after) => {
      if (this.#stopping) {
        // The peer must not send the next request into a connection that is about to go.
        ctx.set('Connection', 'close')
        await stopped(ctx, after)
        return
      }
      this.#count++
      try {
        await next(ctx, after)
      } finally {
        this.#leaveWhenSent(ctx.res)
      }
    }
  }

  /** Counts work that does not come over HTTP. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#count++
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  /** Resolves when nothing is under way, or after `timeout` milliseconds. */
  drain(timeout: number): Promise<void> {
    this.#stopping = true
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** The handler is done, the answer may still be on its way; a client that has gone waits for none. */
  #leaveWhenSent(response: Parameters<Middleware>[0]['res']): void {
    if (response.closed || response.destroyed) this.#leave()
    else response.once('close', () => this.#leave())
  }

  #leave(): void {
    this.#count--
    if (this.#count === 0) for (const idle of this.#waiting.splice(0)) idle()
  }
}
