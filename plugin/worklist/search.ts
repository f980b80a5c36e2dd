/** Search in its first form: by state, in order of creation, page by page. */
import { setImmediate } from 'node:timers/promises'
import type { Listed, ListOptions, Sequence, Store } from '../store/store.ts'
import type { State } from '../ups/workitem.ts'

export interface StateSearch {
  /** Any of these; absent: all. */
  readonly states?: readonly State[]
  readonly offset: number
  /** Absent: as many as there are. */
  readonly limit?: number
}

/** How many workitems are read from the store at a time: a long answer must not be held in memory. */
const PAGE = 200

export async function* search(store: Store, { states, offset, limit = Infinity }: StateSearch): AsyncGenerator<Listed> {
  const filter: Pick<ListOptions, 'states'> = states ? { states } : {}
  let after: Sequence | undefined
  for (let left = limit; left > 0;) {
    const size = Math.min(left, PAGE)
    const from = after === undefined ? { offset } : { after }
    const page = await store.list({ ...filter, ...from, limit: size })
    yield* page
    // The embedded store answers at once: without this nobody else would have a turn before the last page.
    await setImmediate()
    after = page.at(-1)?.sequence
    if (page.length < size) return
    left -= page.length
  }
}
