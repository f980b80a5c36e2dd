/**
 * A query of matching as one of Elasticsearch, for the documents of `document.ts`. It finds every workitem that matches, and
 * says whether it finds no other one.
 */
import type { Tag } from '../dicom/dataset.ts'
import { type Criterion, isUniversal, type Query } from '../dicom/query-criteria.ts'
import { SEARCH_KEYS, type SearchKey, type SearchKeys } from './keys.ts'
import { narrowDates, narrowDateTimes } from './query-date-time.ts'
import { narrowNames } from './query-name.ts'
import { all, any, type Container, EVERYTHING, exactly, type Narrowed, not, UNKNOWN, within } from './query-narrowed.ts'
import { narrowOther } from './query-others.ts'
import { narrowTexts, type TextField } from './query-text.ts'

export interface SearchQuery {
  readonly query: Container
  /** Every workitem that the query finds matches. */
  readonly exact: boolean
  /** Only with `exact: false`: it is exact as long as the index holds no document that this finds. */
  readonly exactUnless?: Container
}

/** @throws RangeError if Intl does not know the time zone and it is needed */
export function queryOf(query: Query, timeZone: string | undefined): SearchQuery {
  const narrowed = narrowLevel(query, { keys: SEARCH_KEYS, prefix: '', timeZone })
  const { exact, undecided } = narrowed
  return {
    query: narrowed.query === undefined ? { match_all: {} } : { bool: { filter: [narrowed.query] } },
    exact: exact && undecided.length === 0,
    ...(exact &&
      undecided.length > 0 && { exactUnless: { bool: { should: [...undecided], minimum_should_match: 1 } } }),
  }
}

/** The workitem itself, or the items of a sequence. */
interface Level {
  readonly keys: SearchKeys
  /** What its fields begin with. */
  readonly prefix: string
  readonly timeZone: string | undefined
}

const narrowLevel = (query: Query, level: Level): Narrowed =>
  all(Object.entries(query).map(([tag, criterion]) => narrowKey(tag, criterion, level)))

function narrowKey(tag: Tag, criterion: Criterion, level: Level): Narrowed {
  const key = level.keys.get(tag)
  if (criterion.type === 'universal') return EVERYTHING
  return key === undefined ? narrowOther(level.prefix, tag, criterion) : narrowCriterion(key, criterion, level)
}

/** What a field is not there for, nobody knows. */
function narrowCriterion(key: SearchKey, criterion: Criterion, level: Level): Narrowed {
  const field = level.prefix + key.keyword
  switch (criterion.type) {
    case 'empty':
      return exactly(not({ term: { [`${level.prefix}filled`]: key.keyword } }))
    case 'any':
      return any(criterion.of.map((one) => narrowCriterion(key, one, level)))
    case 'all':
      return all(criterion.of.map((one) => narrowCriterion(key, one, level)))
    case 'sequence':
      return key.kind === 'none' ? narrowItem(key, criterion.item, level) : UNKNOWN
    case 'text':
      return isText(key) ? narrowTexts(textField(key, level), criterion) : UNKNOWN
    case 'uid':
      return isText(key) ? narrowTexts(textField(key, level), { values: criterion.values, patterns: [] }) : UNKNOWN
    case 'name':
      return key.kind === 'name' ? narrowNames(field, criterion.names) : UNKNOWN
    case 'date':
      return key.kind === 'date' ? narrowDates(field, criterion.ranges) : UNKNOWN
    case 'date-time':
      return key.kind === 'date-time' ? narrowDateTimes(field, criterion.ranges, level.timeZone) : UNKNOWN
    default:
      return UNKNOWN
  }
}

const isText = ({ kind }: SearchKey): boolean => kind === 'text' || kind === 'uid'

const textField = ({ keyword }: SearchKey, { prefix }: Level): TextField => ({
  field: prefix + keyword,
  cutField: `${prefix}cut`,
  name: keyword,
  head: '',
})

/** A query of an item that asks for nothing is also content with none. */
function narrowItem({ keyword, items }: SearchKey, item: Query, { prefix, timeZone }: Level): Narrowed {
  if (isUniversal(item)) return EVERYTHING
  const path = prefix + keyword
  return within(path, narrowLevel(item, { keys: items, prefix: `${path}.`, timeZone }))
}
