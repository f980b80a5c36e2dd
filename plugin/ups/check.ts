/** Values of a request that are wrong wherever they stand: representations, multiplicities, enumerations, item counts. */
import { hasValue, sameAttribute } from '../dicom/access.ts'
import type { Dataset, Tag } from '../dicom/dataset.ts'
import { checkValues } from '../dicom/values.ts'
import { checkEnumerations } from './enumerations.ts'
import { type AttributeProblem, problemAt } from './problems.ts'
import { single } from './stamp.ts'

export const checkDataset = (dataset: Dataset): readonly AttributeProblem[] => [
  ...checkValues(dataset).map(({ path, reason }) => problemAt('invalidValue', path, reason)),
  ...checkEnumerations(dataset),
]

/** A UID that the service knows itself: absent, empty, or this very one. */
export const agrees = (dataset: Dataset, tag: Tag, uid: string, reason: string): readonly AttributeProblem[] =>
  !hasValue(dataset[tag]) || sameAttribute(dataset[tag], single('UI', uid))
    ? []
    : [problemAt('invalidValue', tag, reason)]
