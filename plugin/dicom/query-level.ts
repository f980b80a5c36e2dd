/** The keys of one dataset or item, as a query. */
import type { Path, Tag } from './dataset.ts'
import { lookupTag } from './dictionary.ts'
import { quoted } from './found.ts'
import { withoutPadding, withoutTrailingSpaces } from './padding.ts'
import type { ProblemList } from './problem-list.ts'
import type {
  AttributeCriterion,
  Criterion,
  DateTimePair,
  InSequence,
  Private,
  Query,
  Universal,
} from './query-criteria.ts'
import { isReversed, pairedRange, timeTagOf } from './query-ranges.ts'
import { shownName, type KeyLevel, type KeyNode } from './query-tree.ts'
import {
  isRefused,
  isUniversalList,
  readPrivateValues,
  readValues,
  UNIVERSAL,
  type RefusedValue,
  type ValueReading,
} from './query-values.ts'
import { VR_MATCHING } from './query-vr-table.ts'
import { isPrivateCreatorTag, isPrivateTag, privateCreatorTagOf } from './tag.ts'

export interface QueryOptions {
  /** Person names match by sound and in any order too. @default false */
  readonly fuzzymatching?: boolean | undefined
  /** The value `""` means absent or empty. @default false */
  readonly emptyvaluematching?: boolean | undefined
  /** All values of a key have to be there, where the VR and VM have it so; else any of them. @default false */
  readonly multiplevaluematching?: boolean | undefined
  /** The values that an attribute may have, if they are enumerated: others could never match. `path` is of tags. */
  readonly enumerations?: ((path: Path) => readonly string[] | undefined) | undefined
}

/** What holds for all keys of a query. */
export interface QueryReading {
  readonly options: QueryOptions
  readonly problems: ProblemList
  /** Of (0008,0201) among the keys, in microseconds. */
  readonly offset: number | undefined
}

export const TIMEZONE_OFFSET_FROM_UTC = '00080201'
const SPECIFIC_CHARACTER_SET = '00080005'

export function readLevel(level: KeyLevel, reading: QueryReading): Query {
  const query: Record<Tag, Criterion> = {}
  for (const pair of pairsOf(level, reading)) {
    query[pair.date] = pair.criterion
    query[pair.criterion.time] = UNIVERSAL
  }
  for (const node of level.values()) {
    if (query[node.tag] !== undefined) continue
    const criterion = isPrivateTag(node.tag) ? readPrivate(node, level, reading) : readStandard(node, reading)
    if (criterion !== undefined) query[node.tag] = criterion
  }
  return query
}

interface Pair {
  readonly date: Tag
  readonly criterion: DateTimePair
}

/** Combined date-time matching (PS3.4 C.2.2.2.5): a date and its time, both one range and of the same form. */
function pairsOf(level: KeyLevel, { offset, problems }: QueryReading): readonly Pair[] {
  const pairs: Pair[] = []
  for (const { tag, name, list } of level.values()) {
    const date = onlyValueOf(list)
    const time = date !== undefined && lookupTag(tag)?.vrs[0] === 'DA' ? level.get(timeTagOf(tag) ?? '') : undefined
    const timeText = onlyValueOf(time?.list)
    if (date === undefined || time === undefined || timeText === undefined) continue
    const range = pairedRange(date, timeText, offset)
    if (range === undefined) continue
    if (isReversed(range)) {
      problems.invalid(shownName(name), 'expected, with its time, a range a-b in which a is not after b')
    }
    pairs.push({ date: tag, criterion: { type: 'date-time pair', time: time.tag, range } })
  }
  return pairs
}

function onlyValueOf(list: readonly string[] | undefined): string | undefined {
  const [text, ...more] = list ?? []
  return text === undefined || more.length > 0 ? undefined : withoutTrailingSpaces(text)
}

function readStandard(node: KeyNode, reading: QueryReading): Criterion | undefined {
  const { tag, list, path } = node
  if (tag === SPECIFIC_CHARACTER_SET) return UNIVERSAL
  if (tag === TIMEZONE_OFFSET_FROM_UTC) return readTimezoneOffset(node, reading)
  const vrs = lookupTag(tag)?.vrs ?? []
  if (vrs.includes('SQ')) return readSequence(node, reading)
  const { vm } = lookupTag(tag) ?? {}
  const how = valueReading(reading, vm === undefined || vm.max > 1, reading.options.enumerations?.(path))
  return acceptedBy(reading, node, readValues(vrs, list ?? [], how))
}

/** Its value has been read before everything else. */
function readTimezoneOffset({ name, path, list }: KeyNode, { problems }: QueryReading): Universal | undefined {
  if (path === TIMEZONE_OFFSET_FROM_UTC || isUniversalList(list ?? [])) return UNIVERSAL
  return problems.malformed(shownName(name), 'expected no offset from UTC inside a sequence')
}

function readSequence(node: KeyNode, reading: QueryReading): InSequence | undefined {
  if (!isEmptyList(node.list)) {
    const expected = 'expected no value, since it is a sequence: a key names an attribute inside it, behind a dot'
    return reading.problems.invalid(shownName(node.name), expected)
  }
  return { type: 'sequence', item: readLevel(node.item, reading) }
}

const isEmptyList = (list: readonly string[] | undefined): boolean =>
  list === undefined || list.length === 0 || (list.length === 1 && list[0] === '')

/** PS3.18 8.3.4.1: a private attribute comes with the private creator element of its block. */
function readPrivate(node: KeyNode, level: KeyLevel, reading: QueryReading): Private | Universal | undefined {
  if (isPrivateCreatorTag(node.tag)) return readCreator(node, level, reading)
  const creatorTag = privateCreatorTagOf(node.tag)
  const creator = creatorOf(level.get(creatorTag))
  if (creator === undefined) {
    const expected = `expected its private creator, one value without *, as another key ${creatorTag}`
    return reading.problems.malformed(shownName(node.name), expected)
  }
  const of = node.item.size > 0 ? readSequence(node, reading) : readPrivateAttribute(node, reading)
  return of && { type: 'private', creator, of }
}

function readPrivateAttribute(node: KeyNode, reading: QueryReading): AttributeCriterion | undefined {
  return acceptedBy(reading, node, readPrivateValues(node.list ?? [], valueReading(reading, true, undefined)))
}

/** It only says whose a block is; the number of the block is chance, so that by itself it could match nothing. */
function readCreator({ tag, name, list }: KeyNode, level: KeyLevel, { problems }: QueryReading): Universal | undefined {
  const names = [...level.keys()].some((other) => !isPrivateCreatorTag(other) && privateCreatorTagOf(other) === tag)
  if (names || isUniversalList(list ?? [])) return UNIVERSAL
  return problems.malformed(shownName(name), 'expected a private attribute of its block as another key')
}

function creatorOf(node: KeyNode | undefined): string | undefined {
  const creator = withoutPadding(onlyValueOf(node?.list) ?? '')
  return creator === '' || creator === '*' ? undefined : creator
}

function valueReading(
  { options, offset }: QueryReading,
  several: boolean,
  allowed: readonly string[] | undefined,
): ValueReading {
  return {
    fuzzy: options.fuzzymatching ?? false,
    empty: options.emptyvaluematching ?? false,
    every: several && (options.multiplevaluematching ?? false),
    offset,
    allowed,
  }
}

function acceptedBy(
  { problems }: QueryReading,
  node: KeyNode,
  read: AttributeCriterion | RefusedValue,
): AttributeCriterion | undefined {
  if (!isRefused(read)) return read
  const found = read.found !== undefined && mayBeQuoted(node) ? `, found ${quoted(read.found)}` : ''
  return problems.invalid(shownName(node.name), `expected ${read.expected}${found}`)
}

/** Dates, numbers, UIDs and codes, unless they are a patient's: group 0010, at any level. */
function mayBeQuoted({ tag, path }: KeyNode): boolean {
  const vr = lookupTag(tag)?.vrs[0]
  if (vr === undefined || isOfPatient(path)) return false
  const { kind } = VR_MATCHING[vr]
  return vr === 'CS' || (kind !== 'text' && kind !== 'name')
}

/** Whether what is at the path may be a patient's, and must not be quoted. */
export const isOfPatient = (path: Path): boolean => path.split('.').some((part) => part.startsWith(PATIENT_GROUP))

const PATIENT_GROUP = '0010'
