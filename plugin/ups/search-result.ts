/** What a search returns of a workitem (PS3.18 11.9.2): the return keys of Table CC.2.5-3 and the Retrieve URL. */
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { ATTRIBUTE_TABLE, type AttributeRow } from './attribute-table.ts'
import { single } from './stamp.ts'
import { TAG } from './tags.ts'

/** Type 1 and 2: always there, also when empty. */
const ALWAYS: readonly AttributeRow[] = ATTRIBUTE_TABLE.filter(({ returned }) => returned === '1' || returned === '2')

/** Type 1C and 2C: there when the workitem has them. */
const IF_PRESENT: readonly AttributeRow[] = ATTRIBUTE_TABLE.filter(
  ({ returned }) => returned === '1C' || returned === '2C',
)

export function searchResult(attributes: Dataset, retrieveUrl: string): Dataset {
  const result: Record<Tag, Attribute> = { [TAG.RetrieveURL]: single('UR', retrieveUrl) }
  for (const { tag, vr } of ALWAYS) result[tag] = attributes[tag] ?? { vr }
  for (const { tag } of IF_PRESENT) {
    const attribute = attributes[tag]
    if (attribute) result[tag] = attribute
  }
  return result
}
