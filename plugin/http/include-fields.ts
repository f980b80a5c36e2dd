/** `includefield` of a search (PS3.18 8.3.4.3): attributes to return beside those that are returned anyway. */
import type { Path, Tag } from '../dicom/dataset.ts'
import { isPrivateTag, parseAttributeId } from '../dicom/dictionary.ts'
import { parseQueryKeys, type QueryKey } from '../dicom/query.ts'
import { TAG } from '../ups/tags.ts'
import { HttpRefusal } from './http-statuses.ts'
import { problemText } from './matching-parameters.ts'
import type { Parameter } from './query.ts'

export const INCLUDEFIELD = 'includefield'

export interface IncludedFields {
  /** `includefield=all` */
  readonly all: boolean
  /** Standard attributes of the top level: of a path into a sequence, the sequence. */
  readonly tags: readonly Tag[]
  /** Private attributes as universal keys: like any private key they need their creator as another one. */
  readonly privateKeys: readonly QueryKey[]
}

/** The Transaction UID is ignored (decisions.md 5). @throws HttpRefusal that names what is no attribute */
export function readIncludedFields(query: readonly Parameter[], keys: readonly QueryKey[]): IncludedFields {
  const fields = new Set(query.filter(({ name }) => name.toLowerCase() === INCLUDEFIELD).flatMap(listOf))
  if (fields.has('all')) return everything(fields)
  const seen = new Set(keys.map(({ name }) => pathOf(name)))
  const tags: Tag[] = []
  const privateKeys: QueryKey[] = []
  for (const field of fields) {
    const path = pathOf(field)
    const [top = '', ...inside] = path.split('.')
    if ([top, ...inside].includes(TAG.TransactionUID)) continue
    if (!isPrivateField(top)) tags.push(requireField(field, top))
    else if (!seen.has(path)) privateKeys.push({ name: field, list: [] })
    seen.add(path)
  }
  return { all: false, tags, privateKeys }
}

/** A bare `includefield` names nothing, as an empty name does. */
const listOf = ({ list }: Parameter): readonly string[] => (list.length === 0 ? [''] : list)

function everything(fields: ReadonlySet<string>): IncludedFields {
  if (fields.size === 1) return { all: true, tags: [], privateKeys: [] }
  throw new HttpRefusal('malformedParameter', 'includefield is "all" and more, expected all alone, or attributes.')
}

/** The same for every way to write it; what is no attribute stays as it is. */
const pathOf = (name: string): Path =>
  name
    .split('.')
    .map((part) => parseAttributeId(part) ?? part)
    .join('.')

const isPrivateField = (top: string): boolean => parseAttributeId(top) !== undefined && isPrivateTag(top)

function requireField(field: string, top: Tag): Tag {
  const read = parseQueryKeys([{ name: field, list: [] }])
  if (read.ok) return top
  throw new HttpRefusal('malformedParameter', `includefield ${problemText(read.problems)}`)
}
