/** The embedded engine of search: which way through the index, or past it. */
import type { Path } from '../../dicom/dataset.ts'
import { isUniversal } from '../../dicom/query.ts'
import { indexedKeyAt } from '../../ups/index-keys.ts'
import { EVERY } from '../../ups/index-terms.ts'
import { lighter, narrow, type Narrowing, queriedUids } from '../../ups/narrowing.ts'
import type { Abortable, Candidates, Criteria } from '../candidates.ts'
import { expressionOf } from './search-expression.ts'
import type { SearchIndex } from './search-index.ts'
import { OrderedWalk } from './search-order.ts'
import type { SearchReader } from './search-reader.ts'
import { stepsTo } from './search-steps.ts'
import { textsIn, textsOfKey } from './search-values.ts'

/** What is asked of the index beyond this takes longer than to look at workitems. */
const MOST = { terms: 2000, prefixes: 8 } as const
const MOST_IN_ORDER = { terms: 256, prefixes: 0 } as const

/** These are sorted one by one. */
const FEW = 3000

interface Narrow {
  readonly expression: string
  readonly exact: boolean
}

export class SearchFinder {
  readonly #index: SearchIndex
  readonly #reader: SearchReader

  constructor(index: SearchIndex, reader: SearchReader) {
    this.#index = index
    this.#reader = reader
  }

  find(criteria: Criteria): Candidates {
    const uids = queriedUids(criteria.query)
    if (uids) return this.#named(uids, criteria)
    if (!this.#isReady()) return this.#everything(criteria)
    const narrowed = narrow(criteria.query, criteria.timeZone)
    const to = lighter(narrowed.to, MOST)
    const [expression, exact] = [expressionOf(to), narrowed.exact && to === narrowed.to]
    return criteria.order.length === 0
      ? this.#inCreation(expression, exact, criteria)
      : this.#inOrder(to, { expression, exact }, criteria)
  }

  /** The texts at a path, `most` of them. */
  async values(path: Path, most: number, signal: Abortable | undefined): Promise<readonly string[]> {
    const key = indexedKeyAt(path)
    const isIndexed = key?.kind === 'text' && this.#isReady()
    const texts = isIndexed ? textsOfKey(key, path, this.#reader) : textsIn(this.#reader.all(0), path)
    const found = new Set<string>()
    for await (const some of texts) {
      for (const text of some) if (found.size < most) found.add(text)
      if (found.size >= most || signal?.aborted) break
    }
    return [...found]
  }

  /** Going from group to group takes the expression many times: a heavy one is only used to see that there are few. */
  #inOrder(to: Narrowing, { expression, exact }: Narrow, criteria: Criteria): Candidates {
    const light = lighter(to, MOST_IN_ORDER)
    const isHeavy = light !== to
    if (isHeavy && this.#reader.count(expression, FEW + 1) <= FEW) return this.#inCreation(expression, exact, criteria)
    const within = isHeavy ? expressionOf(light) : expression
    const steps = stepsTo(criteria.order, within, this.#reader)
    if (steps === undefined) return this.#inCreation(expression, exact, criteria)
    const head = this.#reader.head()
    return {
      ...this.#narrowed(within, exact && !isHeavy, criteria),
      ordered: true,
      pages: (skip, signal) => {
        const walk = new OrderedWalk(this.#reader, criteria.timeZone, { skip, signal, head })
        return unlessAborted(walk.pages(within, steps), signal)
      },
    }
  }

  #inCreation(expression: string, exact: boolean, criteria: Criteria): Candidates {
    return expression === EVERY ? this.#everything(criteria) : this.#narrowed(expression, exact, criteria)
  }

  /** Where the disk is full there is still the way past the index. */
  #isReady(): boolean {
    try {
      this.#index.writeNow()
    } catch {
      return false
    }
    return this.#index.isComplete
  }

  /** Few: they are looked at. */
  #named(uids: readonly string[], criteria: Criteria): Candidates {
    const read = () => this.#reader.retrieve([...new Set(uids)]).toSorted((a, b) => a.sequence - b.sequence)
    return {
      ...inCreation(criteria),
      exact: false,
      count: async () => read().length,
      async *pages(skip) {
        yield read().slice(skip)
      },
    }
  }

  #everything(criteria: Criteria): Candidates {
    return {
      ...inCreation(criteria),
      exact: isUniversal(criteria.query),
      count: async () => this.#reader.countAll(),
      pages: (skip, signal) => unlessAborted(this.#reader.all(skip), signal),
    }
  }

  #narrowed(expression: string, exact: boolean, criteria: Criteria): Candidates {
    return {
      ...inCreation(criteria),
      exact,
      count: async () => this.#reader.count(expression, Infinity),
      pages: (skip, signal) => unlessAborted(this.#reader.matching(expression, skip), signal),
    }
  }
}

const inCreation = ({ order }: Criteria): Pick<Candidates, 'ordered'> => ({ ordered: order.length === 0 })

async function* unlessAborted<Page>(pages: AsyncIterable<Page>, signal: Abortable | undefined): AsyncGenerator<Page> {
  for await (const page of pages) {
    if (signal?.aborted) return
    yield page
  }
}
