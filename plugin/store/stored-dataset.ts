import type { Dataset } from '../dicom/dataset.ts'
import { UpsError } from '../errors.ts'

/**
 * The dataset of a text that the store gave. @throws UpsError UPS_STORE_UNAVAILABLE for one that is damaged, without a
 * cause: the parser's own message quotes the text, and patient data must not get into a log.
 */
export function storedDataset(json: string): Dataset {
  try {
    return JSON.parse(json) as Dataset
  } catch {
    throw new UpsError('UPS_STORE_UNAVAILABLE', `The store holds a damaged dataset (${json.length} characters).`)
  }
}
