/**
 * A workitem as Elasticsearch indexes it: what `query.ts` and `sort.ts` ask for, by the same functions that matching and
 * ordering are made of. The mapping is in schema/elasticsearch/.
 */
import { hasValue, itemsOfAttribute } from '../dicom/attribute-value.ts'
import type { Attribute, Dataset } from '../dicom/dataset.ts'
import { isDate } from '../dicom/date-time.ts'
import { momentOfDateTime } from '../dicom/matching-date-time.ts'
import { sortKeysOf } from '../dicom/order.ts'
import type { Listed } from '../store/store.ts'
import { type NameDocument, namesOf } from './document-name.ts'
import { othersOf, textsOf } from './document-others.ts'
import { termOf } from './document-text.ts'
import { SEARCH_KEYS, type SearchKey, type SearchKeys, SORT_KEYS } from './keys.ts'

/** A workitem, or an item of a sequence: keys by keyword, which begins with a capital letter, and what is said of them. */
export interface LevelDocument {
  readonly [keyword: string]: FieldDocument | undefined
  /** Keys that have a value. */
  readonly filled?: readonly string[]
  /** Keys, and paths of others, with a value that is too long to be there as a whole. */
  readonly cut?: readonly string[]
  /** Texts of all other attributes (document-others.ts). */
  readonly others?: readonly string[]
}

export interface WorkitemDocument extends LevelDocument {
  readonly uid: string
  /** The order of creation. */
  readonly sequence: number
  readonly version: number
  /** Sort keys by keyword; those of date-times are in the time zone that the index is for. */
  readonly order: SortKeys
  /** Keys by which `order` does not have the workitem in its right place. */
  readonly disorder?: readonly string[]
}

type SortKeys = Readonly<Record<string, string | number>>

/** Microseconds since 1970: of UTC, or of the local clock where nothing in the workitem says how far that is from UTC. */
export interface DateTimeDocument {
  readonly utc: readonly number[]
  readonly local: readonly number[]
  /** Characters of the clock: 4 is a year, 14 a second. What is less precise is its first microsecond. */
  readonly precision: readonly number[]
}

type FieldDocument =
  | string
  | number
  | readonly string[]
  /** YYYYMMDD as a number. */
  | readonly number[]
  | DateTimeDocument
  | readonly NameDocument[]
  | readonly LevelDocument[]
  | SortKeys

/**
 * `timeZone`: for the order of date-times, as in matching.
 * @throws RangeError if Intl does not know the time zone and it is needed
 */
export function documentOf(listed: Listed, dataset: Dataset, timeZone: string | undefined): WorkitemDocument {
  const { uid, sequence, version } = listed
  return {
    uid,
    sequence,
    version,
    ...levelDocument(dataset, SEARCH_KEYS, dataset),
    ...sortDocument(dataset, timeZone),
  }
}

/** `item`: the dataset itself, or an item in it. */
function levelDocument(item: Dataset, keys: SearchKeys, dataset: Dataset): LevelDocument {
  const level: Record<string, FieldDocument> = {}
  const filled: string[] = []
  const cut = new Set<string>()
  for (const key of keys.values()) {
    const attribute = item[key.tag]
    if (attribute === undefined) continue
    if (hasValue(attribute)) filled.push(key.keyword)
    const field = fieldDocument(key, attribute, dataset)
    if (field !== undefined) level[key.keyword] = field
    if (isText(key) && textsOf(attribute).some((text) => termOf(text).isCut)) cut.add(key.keyword)
  }
  const others = othersOf(item, keys)
  for (const { path, isCut } of others) if (isCut) cut.add(path)
  return {
    ...level,
    ...(filled.length > 0 && { filled }),
    ...(cut.size > 0 && { cut: [...cut] }),
    ...(others.length > 0 && { others: others.map(({ text }) => text) }),
  }
}

const isText = ({ kind }: SearchKey): boolean => kind === 'text' || kind === 'uid'

/** Undefined: nothing that could be matched. An item is there although it is empty. */
function fieldDocument({ kind, items }: SearchKey, attribute: Attribute, dataset: Dataset): FieldDocument | undefined {
  switch (kind) {
    case 'text':
    case 'uid':
      return filledList(textsOf(attribute).map((text) => termOf(text).text))
    case 'date':
      return filledList(textsOf(attribute).filter(isDate).map(Number))
    case 'date-time':
      return dateTimeDocument(textsOf(attribute), dataset)
    case 'name':
      return filledList(namesOf(attribute.Value ?? []))
    case 'none':
      return filledList(itemsOfAttribute(attribute).map((item) => levelDocument(item, items, dataset)))
    default:
      return undefined
  }
}

const filledList = <One>(list: readonly One[]): readonly One[] | undefined => (list.length > 0 ? list : undefined)

function dateTimeDocument(texts: readonly string[], dataset: Dataset): DateTimeDocument | undefined {
  const [utc, local, precision]: [number[], number[], number[]] = [[], [], []]
  for (const text of texts) {
    const moment = momentOfDateTime(text, dataset)
    if (moment === undefined) continue
    ;(moment.local ? local : utc).push(moment.at)
    precision.push(text.replace(OFFSET, '').length)
  }
  return precision.length > 0 ? { utc, local, precision } : undefined
}

const OFFSET = /[+-]\d{4}$/

function sortDocument(dataset: Dataset, timeZone: string | undefined): Pick<WorkitemDocument, 'order' | 'disorder'> {
  const keys = [...SORT_KEYS.values()]
  const found = sortKeysOf(
    dataset,
    keys.map(({ tag }) => ({ tag, descending: false })),
    timeZone,
  )
  const order: Record<string, string | number> = {}
  const disorder: string[] = []
  keys.forEach(({ keyword, kind }, i) => {
    const key = found[i]
    if (key === undefined) return
    if (typeof key === 'number' && kind === 'date-time') order[keyword] = key
    else if (typeof key === 'string' && kind !== 'date-time' && isWhole(key)) order[keyword] = key
    else disorder.push(keyword)
  })
  return { order, ...(disorder.length > 0 && { disorder }) }
}

/** Whether the index has it as it is. */
const isWhole = (text: string): boolean => termOf(text).text === text
