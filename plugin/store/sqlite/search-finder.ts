/** The embedded engine of search: which way through the index, or past it. */
import { isUniversal } from '../../dicom/query.ts'
import { EVERY } from '../../ups/index-terms.ts'
import { narrow, queriedUids } from '../../ups/narrowing.ts'
import type { Candidates, Criteria } from '../candidates.ts'
import { expressionOf } from './search-expression.ts'
import type { SearchIndex } from './search-index.ts'
import { OrderedWalk } from './search-order.ts'
import type { SearchReader } from './search-reader.ts'
import { stepsTo } from './search-steps.ts'

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
    const { to, exact } = narrow(criteria.query, criteria.timeZone)
    const expression = expressionOf(to)
    const steps = stepsTo(criteria.order, expression, this.#reader)
    if (steps === undefined || steps.length === 0) {
      return expression === EVERY ? this.#everything(criteria) : this.#narrowed(expression, exact, criteria)
    }
    return {
      ...this.#narrowed(expression, exact, criteria),
      ordered: true,
      pages: (skip) => new OrderedWalk(this.#reader, criteria.timeZone, skip).pages(expression, steps),
    }
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
      pages: (skip) => this.#reader.all(skip),
    }
  }

  #narrowed(expression: string, exact: boolean, criteria: Criteria): Candidates {
    return {
      ...inCreation(criteria),
      exact,
      count: async () => this.#reader.count(expression, Infinity),
      pages: (skip) => this.#reader.matching(expression, skip),
    }
  }
}

const inCreation = ({ order }: Criteria): Pick<Candidates, 'ordered'> => ({ ordered: order.length === 0 })
