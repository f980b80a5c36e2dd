/** Values of a request that are wrong wherever they stand: representations, multiplicities, enumerations, item counts. */
import type { Dataset } from '../dicom/dataset.ts'
import { checkValues } from '../dicom/values.ts'
import { checkEnumerations } from './enumerations.ts'
import { type AttributeProblem, problemAt } from './problems.ts'

export const checkDataset = (dataset: Dataset): readonly AttributeProblem[] => [
  ...checkValues(dataset).map(({ path, reason }) => problemAt('invalidValue', path, reason)),
  ...checkEnumerations(dataset),
]
