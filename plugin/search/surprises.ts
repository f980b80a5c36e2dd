/** Errors that are nobody's but ours, told so that they can be found: a search that hid them would only be slower. */
import { UpsError } from '../errors.ts'
import type { Logger } from '../host.ts'
import { isFailure } from './failure.ts'
import type { SearchTally } from './ports.ts'

/** Of a kind are those of one name from one place. */
export class Surprises {
  readonly #logger: Logger
  readonly #tally: SearchTally
  readonly #told = new Set<string>()

  constructor({ logger, tally }: { readonly logger: Logger; readonly tally: SearchTally }) {
    this.#logger = logger
    this.#tally = tally
  }

  /** Counts it, and tells the first of its kind; not where the cluster or the store has failed, which others tell. */
  note(error: unknown): void {
    if (isFailure(error) || error instanceof UpsError) return
    this.#tally.failed()
    const name = error instanceof Error ? error.name : typeof error
    const frames = framesOf(error)
    const kind = `${name} ${frames[0] ?? ''}`
    if (this.#told.has(kind)) return
    this.#told.add(kind)
    this.#logger.error({ error: name, frames }, 'a search could not be made: the store answers it')
  }
}

/** Where it comes from, without its message: that may quote a workitem, or a request. */
function framesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const { stack = '', message } = error
  const behind = message === '' ? stack : stack.slice(stack.lastIndexOf(message) + message.length)
  return behind
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => line.trim())
}
