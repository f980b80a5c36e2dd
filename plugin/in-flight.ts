/** Requests under way: counted, refused once the service stops, and waited for. */
import type { Middleware } from 'koa'

export class InFlight {
  #count = 0
  #stopping = false
  #idle: (() => void) | undefined

  /** Runs `next` for requests that come before `drain`, `stopped` for those that come later. */
  middleware(next: Middleware, stopped: Middleware): Middleware {
    return (ctx, after) => {
      if (this.#stopping) {
        // The peer must not send the next request into a connection that is about to go.
        ctx.set('Connection', 'close')
        return stopped(ctx, after)
      }
      this.#count++
      ctx.res.once('close', () => this.#left())
      return next(ctx, after)
    }
  }

  /** Resolves when no request is left, or after `timeout` milliseconds. */
  drain(timeout: number): Promise<void> {
    this.#stopping = true
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout)
      this.#idle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #left(): void {
    this.#count--
    if (this.#count === 0) this.#idle?.()
  }
}
