/**
 * The time that was worked for what is refused in the end, which its sender waits for many times over: so whoever sends nothing but
 * what is refused has a small part of the processor, and others hardly notice.
 */
import { setTimeout } from 'node:timers/promises'

/** So many times as long as was worked; as many times more as it was milliseconds: what holds everybody up for long hurts most. */
const FACTOR = 20

/** Milliseconds. */
const LONGEST = 5_000

/** Of one operation. */
export class Effort {
  readonly #began = performance.now()
  readonly #before: number

  /** `before`: milliseconds that were worked for it already. */
  constructor(before = 0) {
    this.#before = before
  }

  /** Before a refusal is told. Others have their turn meanwhile. */
  async makeUp(): Promise<void> {
    const worked = this.#before + performance.now() - this.#began
    const milliseconds = Math.min(worked * FACTOR * Math.max(worked, 1), LONGEST)
    if (milliseconds >= 1) await setTimeout(milliseconds)
  }
}
