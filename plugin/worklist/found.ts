/** Matches among candidates that were read. */
import type { Dataset } from '../dicom/dataset.ts'
import { matches } from '../dicom/matching.ts'
import { sortKeysOf } from '../dicom/order.ts'
import type { Criteria } from '../store/candidates.ts'
import type { Listed } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import type { Ranked } from './in-order.ts'

export interface Found extends Ranked {
  readonly uid: string
  readonly dataset: Dataset
}

export function* foundIn(page: readonly Listed[], { query, order, timeZone }: Criteria): Generator<Found> {
  for (const { uid, sequence, version, json } of page) {
    const dataset = storedDataset(json)
    if (!matches(query, dataset, { timeZone })) continue
    yield { uid, dataset, version, rank: { keys: sortKeysOf(dataset, order, timeZone), sequence } }
  }
}
