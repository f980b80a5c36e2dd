/** The Transaction UID of a request: every place where clients of one edition or another put it (decisions.md 1). */
import { firstString } from '../dicom/access.ts'
import type { Dataset } from '../dicom/dataset.ts'
import { TAG } from '../ups/tags.ts'
import { requireOneValue } from './body.ts'
import { agreed, bareUids, type Parameter, valuesOf } from './query.ts'

const PARAMETERS: ReadonlySet<string> = new Set(['transaction-uid', 'transaction', 'transactionuid', '00081195'])

/** Not checked: what a malformed one means is for the rules. */
export function transactionUidOf(query: readonly Parameter[], attributes: Dataset): string | undefined {
  requireOneValue(attributes, TAG.TransactionUID)
  const inDataset = firstString(attributes, TAG.TransactionUID)
  const values = [...valuesOf(query, PARAMETERS), ...bareUids(query), ...(inDataset === undefined ? [] : [inDataset])]
  return agreed(values, 'the Transaction UID')
}
