/** Counts by looking at each workitem that matches, where an index cannot tell. */
import { setImmediate } from 'node:timers/promises'
import { itemsOf } from '../dicom/access.ts'
import type { Dataset, Path } from '../dicom/dataset.ts'
import { matches } from '../dicom/matching.ts'
import { textsAt } from '../dicom/texts.ts'
import type { Candidates } from '../store/candidates.ts'
import { demandOverdue, OVERDUE, STATION_CODE } from '../ups/counted.ts'
import { TAG } from '../ups/tags.ts'
import { type Counting, type Counts, ENUMERATED, FREE, microseconds, type Overdues } from './counts.ts'
import { foundIn } from './found.ts'

const PATHS: readonly Path[] = [...ENUMERATED.keys(), ...FREE]

/** Undefined: it is too broad. */
export async function countByLooking(candidates: Candidates, counting: Counting): Promise<Counts | undefined> {
  const { query, timeZone, patience } = counting
  const seen = new Seen(counting)
  for await (const page of candidates.pages(0, patience)) {
    for (const { dataset } of foundIn(page, { query, timeZone, order: [] })) seen.add(dataset)
    // The embedded store answers at once: others must have a turn.
    await setImmediate()
  }
  return patience.aborted ? undefined : seen
}

class Seen implements Counts {
  total = 0
  readonly values: ReadonlyMap<Path, Map<string, number>> = new Map(PATHS.map((path) => [path, new Map()]))
  readonly others: ReadonlySet<Path> = new Set()
  readonly overdue: Record<keyof Overdues, number> = { toStart: 0, toFinish: 0 }
  readonly #stations = new Map<string, Dataset | undefined>()
  readonly #timeZone: string | undefined
  readonly #isOver: readonly (readonly [keyof Overdues, ReturnType<typeof demandOverdue>])[]

  constructor({ timeZone, now }: Counting) {
    this.#timeZone = timeZone
    this.#isOver = [
      ['toStart', demandOverdue(OVERDUE.toStart, microseconds(now))],
      ['toFinish', demandOverdue(OVERDUE.toFinish, microseconds(now))],
    ]
  }

  add(dataset: Dataset): void {
    this.total++
    for (const [path, counts] of this.values) {
      for (const text of new Set(textsAt(dataset, path))) counts.set(text, (counts.get(text) ?? 0) + 1)
    }
    for (const text of textsAt(dataset, STATION_CODE)) {
      if (!this.#stations.has(text)) this.#stations.set(text, stationIn(dataset, text))
    }
    for (const [name, demands] of this.#isOver) {
      if (matches(demands, dataset, { timeZone: this.#timeZone })) this.overdue[name]++
    }
  }

  async station(value: string): Promise<Dataset | undefined> {
    return this.#stations.get(value)
  }
}

/** The item that has this Code Value. */
export const stationIn = (dataset: Dataset, value: string): Dataset | undefined =>
  itemsOf(dataset, TAG.ScheduledStationNameCodeSequence).find((item) => textsAt(item, TAG.CodeValue).includes(value))
