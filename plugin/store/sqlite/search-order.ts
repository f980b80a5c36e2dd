/**
 * In the order of attributes without sorting everything: group after group, each of those with equal or neighbouring values,
 * and only within a small group workitems are looked at. Those without a value are the last group, in descending order too.
 */
import { setImmediate } from 'node:timers/promises'
import { below, type Rung } from '../../dicom/ladder.ts'
import { compareSortKeys, type SortKey, sortKeysOf } from '../../dicom/order.ts'
import { isOfOneText, orderPrefix } from '../../ups/index-terms.ts'
import type { Abortable } from '../candidates.ts'
import type { Listed } from '../store.ts'
import { storedDataset } from '../stored-dataset.ts'
import { both, either, without } from './search-expression.ts'
import type { SearchReader } from './search-reader.ts'
import { highestRungs, type OnRung, onRung } from './search-rungs.ts'
import { presentTerms, type Step } from './search-steps.ts'

/** Groups up to this size are sorted: on a ladder going down costs little, from term to term more. */
const FEW_ON_LADDER = 200
const FEW_BY_TERMS = 3000

/** Terms that are looked at together. */
const TERMS = 64
const MANY_TERMS = 1000

/** Parts that a group of terms is cut into. */
const PARTS = 8

type Pages = AsyncGenerator<readonly Listed[]>

interface Wanted {
  readonly skip: number
  readonly signal: Abortable | undefined
  /** Of the feed, when all of it was in the index. */
  readonly head: number
}

export class OrderedWalk {
  readonly #reader: SearchReader
  readonly #timeZone: string | undefined
  readonly #signal: Abortable | undefined
  readonly #head: number
  #skip: number

  constructor(reader: SearchReader, timeZone: string | undefined, { skip, signal, head }: Wanted) {
    this.#reader = reader
    this.#timeZone = timeZone
    this.#skip = skip
    this.#signal = signal
    this.#head = head
  }

  /** A workitem that changes meanwhile may come into a group that is still ahead: it is given once. */
  async *pages(expression: string, steps: readonly Step[]): Pages {
    const given = new Set<number>()
    for await (const page of this.#walk(expression, steps)) {
      const fresh = page.filter(({ sequence }) => !given.has(sequence))
      for (const { sequence } of fresh) given.add(sequence)
      yield fresh
    }
  }

  async *#walk(expression: string, steps: readonly Step[]): Pages {
    const [step, ...rest] = steps
    const few = step?.ladders.length === 0 ? FEW_BY_TERMS : FEW_ON_LADDER
    const size = this.#sizeOf(expression, few)
    if (this.#passes(size)) return
    if (step === undefined) {
      const skip = this.#skip
      this.#skip = 0
      yield* this.#reader.matching(expression, skip)
    } else if (size <= few) {
      yield* this.#sorted(expression, steps)
    } else {
      yield* step.ladders.length === 0
        ? this.#byTerms(expression, step, steps)
        : this.#byRungs(expression, highestRungs(step), step, steps)
      yield* this.#walk(without(expression, presentTerms(step)), rest)
    }
  }

  /** Others have a turn before each group. */
  async #isOver(): Promise<boolean> {
    await setImmediate()
    return this.#signal?.aborted ?? false
  }

  /** No further than has to be known. */
  #sizeOf(expression: string, few: number): number {
    return this.#reader.count(expression, this.#skip > 0 ? Infinity : few + 1)
  }

  /** Whether nothing of a group of that size is wanted. */
  #passes(size: number): boolean {
    if (size > this.#skip) return size === 0
    this.#skip -= size
    return true
  }

  async *#byRungs(expression: string, rungs: readonly Rung[], step: Step, steps: readonly Step[]): Pages {
    for (const rung of step.ordering.descending ? rungs.toReversed() : rungs) {
      yield* this.#onRung(expression, rung, step, steps)
    }
  }

  async *#onRung(expression: string, rung: Rung, step: Step, steps: readonly Step[]): Pages {
    if (await this.#isOver()) return
    const on = onRung(step, rung, this.#timeZone)
    if (this.#skip > 0 && on.exact !== undefined) {
      if (this.#passes(this.#reader.count(both(expression, on.exact), Infinity))) return
    }
    const group = both(expression, on.expression)
    const size = this.#reader.count(group, FEW_ON_LADDER + 1)
    if (size === 0) return
    if (size > FEW_ON_LADDER && rung.height > 0) yield* this.#byRungs(expression, below(rung), step, steps)
    else if (size > FEW_ON_LADDER && step.ladders.includes('day')) yield* this.#walk(group, steps.slice(1))
    else yield* this.#sorted(group, steps, on.within)
  }

  async *#byTerms(expression: string, step: Step, steps: readonly Step[]): Pages {
    const prefix = orderPrefix(step.key)
    for await (const terms of step.ordering.descending ? this.#termsDown(prefix) : this.#reader.terms(prefix, TERMS)) {
      yield* this.#ofTerms(expression, terms, steps)
    }
  }

  async *#ofTerms(expression: string, terms: readonly string[], steps: readonly Step[]): Pages {
    if (await this.#isOver()) return
    const group = both(expression, either(terms))
    const size = this.#sizeOf(group, FEW_ON_LADDER)
    if (this.#passes(size)) return
    if (size <= FEW_ON_LADDER) yield* this.#sorted(group, steps)
    else if (terms.length > 1) for (const part of inParts(terms)) yield* this.#ofTerms(expression, part, steps)
    // Texts that have a term in common are not equal yet.
    else if (terms.every(isOfOneText)) yield* this.#walk(group, steps.slice(1))
    else yield* this.#sorted(group, steps)
  }

  /** The list of terms can only be read from its beginning. */
  async *#termsDown(prefix: string): AsyncGenerator<readonly string[]> {
    const terms: string[] = []
    for await (const some of this.#reader.terms(prefix, MANY_TERMS)) terms.push(...some)
    for (let end = terms.length; end > 0; end -= TERMS) yield terms.slice(Math.max(end - TERMS, 0), end).toReversed()
  }

  async *#sorted(expression: string, steps: readonly Step[], within?: OnRung['within']): Pages {
    const order = steps.map(({ ordering }) => ordering)
    const found: { readonly sequence: number; readonly keys: readonly SortKey[] }[] = []
    for await (const page of this.#reader.matching(expression, 0)) {
      if (await this.#isOver()) return
      for (const { sequence, version, json } of page) {
        const keys = sortKeysOf(storedDataset(json), order, this.#timeZone)
        // Its new group may be over by now, and the index need not have it there.
        const hasMoved = version > this.#head
        if (within === undefined || hasMoved || isWithin(keys[0], within)) found.push({ sequence, keys })
      }
    }
    // Stable: the order of creation decides between equals.
    const sorted = found.toSorted((a, b) => compareSortKeys(a.keys, b.keys, order)).map(({ sequence }) => sequence)
    const skip = this.#skip
    this.#skip = Math.max(skip - sorted.length, 0)
    yield* this.#reader.ofSequences(sorted.slice(skip))
  }
}

const isWithin = (key: SortKey, { from, before }: NonNullable<OnRung['within']>): boolean =>
  typeof key === 'number' && from <= key && key < before

function inParts(terms: readonly string[]): readonly (readonly string[])[] {
  const size = Math.ceil(terms.length / PARTS)
  return Array.from({ length: Math.ceil(terms.length / size) }, (_, i) => terms.slice(i * size, (i + 1) * size))
}
