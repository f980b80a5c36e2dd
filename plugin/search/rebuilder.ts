/** Rebuilds, one at a time: whoever asks meanwhile shares the one that runs. */
import type { Progress } from '../store/store.ts'
import { newIndexName, type IndexNames } from './index-names.ts'
import { type Rebuilt, rebuild, type RebuildOptions } from './rebuild.ts'

export interface RebuilderOptions extends Omit<RebuildOptions, 'name' | 'timeZone' | 'progress'> {
  readonly names: IndexNames
  readonly timeZone: () => string | undefined
  /** The alias stands for the new index from now on. */
  readonly rebuilt: (rebuilt: Rebuilt) => void
}

export class Rebuilder {
  readonly #options: RebuilderOptions
  readonly #listeners = new Set<Progress>()
  #running: Promise<Rebuilt> | undefined
  #building: string | undefined

  constructor(options: RebuilderOptions) {
    this.#options = options
  }

  /** The index that is not complete yet. */
  get building(): string | undefined {
    return this.#building
  }

  run(progress?: Progress): Promise<Rebuilt> {
    if (progress) this.#listeners.add(progress)
    return (this.#running ??= this.#run())
  }

  /** Fulfilled when none runs. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => undefined)
  }

  async #run(): Promise<Rebuilt> {
    const { names, timeZone, rebuilt } = this.#options
    const name = newIndexName(names)
    const progress: Progress = (done, all) => {
      for (const listener of this.#listeners) listener(done, all)
    }
    this.#building = name
    try {
      const done = await rebuild({ ...this.#options, name, timeZone: timeZone(), progress })
      rebuilt(done)
      return done
    } finally {
      this.#building = undefined
      this.#running = undefined
      this.#listeners.clear()
    }
  }
}
