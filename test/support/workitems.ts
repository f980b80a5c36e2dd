/** Sample datasets, and the requests that most tests send. */
import { readFileSync } from 'node:fs'
import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'

export type SampleName = 'ai-triage' | 'rt-treatment' | 'minimal' | 'rt-treatment-performed'

/** As the file holds it: some are arrays of one. */
export const sampleText = (name: SampleName): string =>
  readFileSync(new URL(`../../docs/examples/${name}.json`, import.meta.url), 'utf8')

export function sample(name: SampleName): Dataset {
  const document = JSON.parse(sampleText(name)) as Dataset | readonly [Dataset]
  return Array.isArray(document) ? (document[0] as Dataset) : (document as Dataset)
}

/** The dataset with attributes put in, or taken out where undefined is given. */
export function changed(dataset: Dataset, changes: Readonly<Record<Tag, Attribute | undefined>>): Dataset {
  return Object.fromEntries(
    Object.entries({ ...dataset, ...changes }).filter((entry): entry is [Tag, Attribute] => entry[1] !== undefined),
  )
}

export const TRANSACTION_UID = '1.2.826.0.1.3680043.9.1'

export const stateChange = (state: string, transactionUid: string | undefined = TRANSACTION_UID): Dataset => ({
  ...(transactionUid === undefined ? {} : { '00081195': { vr: 'UI', Value: [transactionUid] } }),
  '00741000': { vr: 'CS', Value: [state] },
})
