import type { Path } from './dataset.ts'
import type { DatasetProblem, Parsed } from './parsed.ts'

/** Nobody reads more, and a hostile document must not cost more, or make an answer larger, than an honest one. */
export const MOST_PROBLEMS = 100

/** Collects what is wrong with one document; whoever finds a problem goes on to find the next one. */
export class ProblemList {
  readonly #problems: DatasetProblem[] = []
  #malformed = false

  /** The document is not in the shape of the model. Gives undefined, for a reader to give in turn. */
  malformed(path: Path, reason: string): undefined {
    this.#malformed = true
    this.invalid(path, reason)
  }

  /** A value cannot be of its VR. Gives undefined, for a reader to give in turn. */
  invalid(path: Path, reason: string): undefined {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push({ path, reason })
  }

  get problems(): readonly DatasetProblem[] {
    return this.#problems
  }

  /** The value if there was no problem. */
  result<T>(value: T): Parsed<T> {
    if (this.#problems.length === 0) return { ok: true, value }
    return { ok: false, kind: this.#malformed ? 'malformed' : 'invalid', problems: this.#problems }
  }
}
