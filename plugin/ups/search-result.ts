/**
 * What a search returns of a workitem (PS3.18 11.9.2): the return keys of Table CC.2.5-3, the attributes that were matching
 * keys or asked for, sequences whole, and the Retrieve URL.
 */
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { privateTags } from '../dicom/matching.ts'
import type { Query } from '../dicom/query.ts'
import { isPrivateTag, privateCreatorTagOf } from '../dicom/tag.ts'
import { ATTRIBUTE_TABLE, type AttributeRow } from './attribute-table.ts'
import { single } from './stamp.ts'
import { TAG } from './tags.ts'

/** Attributes beyond the return keys, where the workitem has them. */
export interface ReturnedFields {
  readonly all: boolean
  /** Standard attributes of the top level. */
  readonly tags: readonly Tag[]
  /** In whichever block its creator has. */
  readonly privates: readonly { readonly tag: Tag; readonly creator: string }[]
}

/** Type 1 and 2: always there, also when empty. */
const ALWAYS: readonly AttributeRow[] = ATTRIBUTE_TABLE.filter(({ returned }) => returned === '1' || returned === '2')

/** Type 1C and 2C: there when the workitem has them. */
const IF_PRESENT: readonly AttributeRow[] = ATTRIBUTE_TABLE.filter(
  ({ returned }) => returned === '1C' || returned === '2C',
)

const NONE: ReturnedFields = { all: false, tags: [], privates: [] }

/** Every key is a return key too; what is asked for beside them is `included`. */
export function returnedFields(query: Query, included: readonly Tag[], all: boolean): ReturnedFields {
  const privates = Object.entries(query).flatMap(([tag, criterion]) =>
    criterion.type === 'private' ? [{ tag, creator: criterion.creator }] : [],
  )
  const tags = [...Object.keys(query).filter((tag) => !isPrivateTag(tag)), ...included]
  return { all, tags, privates }
}

export function searchResult(attributes: Dataset, retrieveUrl: string, fields: ReturnedFields = NONE): Dataset {
  const result: Record<Tag, Attribute> = fields.all ? { ...attributes } : {}
  for (const { tag, vr } of ALWAYS) result[tag] = attributes[tag] ?? { vr }
  for (const tag of furtherTags(attributes, fields)) {
    const attribute = attributes[tag]
    if (attribute) result[tag] = attribute
  }
  result[TAG.RetrieveURL] = single('UR', retrieveUrl)
  return result
}

function* furtherTags(attributes: Dataset, { tags, privates }: ReturnedFields): Generator<Tag> {
  for (const { tag } of IF_PRESENT) yield tag
  yield* tags
  for (const { tag, creator } of privates) {
    for (const found of privateTags(attributes, tag, creator)) {
      yield found
      yield privateCreatorTagOf(found)
    }
  }
}
