/** Counts by one question to the index for each value: as long as there are values, not as there are workitems. */
import { setImmediate } from 'node:timers/promises'
import type { Dataset, Path } from '../dicom/dataset.ts'
import { bothOf } from '../dicom/query-criteria.ts'
import { type Demands, demandOverdueInParts, demandText, OVERDUE, type Overdue, STATION_CODE } from '../ups/counted.ts'
import { type Counting, type Counts, ENUMERATED, FREE, microseconds, MOST_VALUES } from './counts.ts'
import { stationIn } from './count-by-looking.ts'
import { count, search, type Searched } from './search.ts'

/** Undefined: it is too broad. */
export async function countByIndex(where: Searched, counting: Counting): Promise<Counts | undefined> {
  const questions = new Questions(where, counting)
  const total = await questions.count({})
  const values = new Map<Path, ReadonlyMap<string, number>>()
  const others = new Set<Path>()
  for (const [path, known] of ENUMERATED) values.set(path, await questions.countEach(path, known))
  for (const path of FREE) {
    const found = await where.store.values(path, MOST_VALUES + 1, counting.patience)
    if (found.length > MOST_VALUES) others.add(path)
    values.set(path, await questions.countEach(path, found.slice(0, MOST_VALUES)))
  }
  const overdue = {
    toStart: await questions.countOverdue(OVERDUE.toStart),
    toFinish: await questions.countOverdue(OVERDUE.toFinish),
  }
  if (questions.isTooBroad) return undefined
  return { total, values, others, overdue, station: (value) => questions.station(value) }
}

class Questions {
  readonly #where: Searched
  readonly #counting: Counting
  isTooBroad = false

  constructor(where: Searched, counting: Counting) {
    this.#where = where
    this.#counting = counting
  }

  async count(demands: Demands): Promise<number> {
    // The embedded store answers at once: others must have a turn.
    await setImmediate()
    if (this.#isOver()) return 0
    const counted = await count(this.#where, this.#asked(demands))
    if (counted.outcome === 'counted') return counted.matches
    this.isTooBroad = true
    return 0
  }

  async countEach(path: Path, values: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>()
    for (const value of values) counts.set(value, await this.count(demandText(path, value)))
    return counts
  }

  async countOverdue(overdue: Overdue): Promise<number> {
    const [one, other, both] = demandOverdueInParts(overdue, microseconds(this.#counting.now))
    return (await this.count(one)) + (await this.count(other)) - (await this.count(both))
  }

  async station(value: string): Promise<Dataset | undefined> {
    await setImmediate()
    if (this.#isOver()) return undefined
    const page = { order: [], offset: 0, limit: 1, most: Infinity, counted: false }
    const found = await search(this.#where, { ...this.#asked(demandText(STATION_CODE, value)), ...page })
    if (found.outcome !== 'found') return undefined
    for await (const { dataset } of found.page) return stationIn(dataset, value)
    return undefined
  }

  #isOver(): boolean {
    return (this.isTooBroad ||= this.#counting.patience.aborted)
  }

  #asked(demands: Demands) {
    const { query, timeZone, patience } = this.#counting
    return { query: bothOf(query, demands), timeZone, signal: patience }
  }
}
