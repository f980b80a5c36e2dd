/** Deletes indices that were replaced, or left unfinished, once nobody reads them any more. */
import type { Logger } from '../host.ts'
import type { Indices } from './indices.ts'
import type { Leases } from './leases.ts'

/** For how many milliseconds an index is kept for those who still read it. */
const LEASE = 600_000

export interface SweeperOptions {
  readonly indices: Indices
  readonly leases: Leases
  readonly logger: Logger
  readonly stopping: AbortSignal
  readonly isUsed: (name: string) => boolean
}

export class Sweeper {
  readonly #options: SweeperOptions
  #sweeping: Promise<void> = Promise.resolve()

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  /** In the background. What cannot be deleted now is the next time. */
  sweep(): void {
    this.#sweeping = this.#sweeping.then(() => this.#sweep()).catch(() => undefined)
  }

  settled(): Promise<void> {
    return this.#sweeping
  }

  async #sweep(): Promise<void> {
    const { indices, leases, logger, stopping, isUsed } = this.#options
    const names = await indices.all()
    for (const name of names.filter((one) => !isUsed(one))) {
      await leases.free(name, LEASE)
      if (stopping.aborted) return
      // While the cluster counts as away none is in use; the alias tells all the same which one is complete.
      if (isUsed(name) || (await indices.isCurrent(name))) continue
      await indices.remove(name)
      logger.info({ index: name }, 'an old search index was deleted')
    }
  }
}
