/** Small makers of datasets. */
import type { Attribute, Dataset } from '../../plugin/dicom/dataset.ts'

/** Without values: empty. */
export const attribute = (vr: string, ...values: readonly unknown[]): Attribute =>
  ({ vr, ...(values.length === 0 ? {} : { Value: values }) }) as Attribute

export const code = (value: string): Dataset => ({
  '00080100': attribute('SH', value),
  '00080102': attribute('SH', '99TEST'),
  '00080104': attribute('LO', `Meaning of ${value}`),
})
