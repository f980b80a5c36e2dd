/** The names of keys, `ScheduledStationNameCodeSequence.CodeValue` or `00404025.00080100`, as a tree of attributes. */
import { MAX_SEQUENCE_DEPTH, type Path, type Tag } from './dataset.ts'
import { lookupTag, parseAttributeId } from './dictionary.ts'
import { quoted } from './found.ts'
import type { ProblemList } from './problem-list.ts'
import { isGroupLength, isPrivateCreatorTag, isPrivateTag } from './tag.ts'

/** One matching key as a client wrote it. */
export interface QueryKey {
  /** A keyword or 8 hex digits in either case; behind dots, in sequences. */
  readonly name: string
  /** The value, split at its commas before it was percent-decoded: the comma of a value is no separator. */
  readonly list: readonly string[]
}

/** An attribute that is a key, or that has keys inside it. */
export interface KeyNode {
  /** As the client wrote it; of an attribute that has only keys inside it, the first of them. */
  name: string
  readonly tag: Tag
  readonly path: Path
  /** Undefined if the attribute itself is no key. */
  list: readonly string[] | undefined
  readonly item: KeyLevel
}

/** The keys that are to match within one dataset or item. */
export type KeyLevel = Map<Tag, KeyNode>

const TRANSACTION_UID = '00081195'
const MOST_CHARACTERS_OF_A_NAME = 256

/** A name in a problem; a hostile one is cut. */
export const shownName = (name: string): string =>
  name.length > MOST_CHARACTERS_OF_A_NAME ? `${name.slice(0, MOST_CHARACTERS_OF_A_NAME)}...` : name

export function keyTree(keys: readonly QueryKey[], problems: ProblemList): KeyLevel {
  const top: KeyLevel = new Map()
  for (const key of keys) {
    const tags = tagsOfName(key.name, problems)
    if (tags !== undefined) place(key, tags, top, problems)
  }
  return top
}

function place({ name, list }: QueryKey, tags: readonly Tag[], top: KeyLevel, problems: ProblemList): void {
  let level = top
  let path = ''
  let node: KeyNode | undefined
  for (const tag of tags) {
    path += path === '' ? tag : `.${tag}`
    node = level.get(tag) ?? { name, tag, path, list: undefined, item: new Map() }
    level.set(tag, node)
    level = node.item
  }
  if (node === undefined) return
  if (node.list !== undefined) problems.malformed(shownName(name), 'expected each attribute once, found it twice')
  node.name = name
  node.list = list
}

/** The tags that a name stands for. Undefined, and a problem, where it names no attribute, or the Transaction UID. */
export function tagsOfName(name: string, problems: ProblemList): readonly Tag[] | undefined {
  const parts = name.split('.', MAX_SEQUENCE_DEPTH + 2)
  if (parts.length > MAX_SEQUENCE_DEPTH + 1) {
    return problems.malformed(shownName(name), `expected at most ${MAX_SEQUENCE_DEPTH} sequences in each other`)
  }
  const tags: Tag[] = []
  for (const part of parts) {
    const tag = tagOf(part)
    if (tag === undefined) {
      const expected = 'expected a keyword of PS3.6 or the 8 hex digits of an attribute'
      return problems.malformed(shownName(name), `${expected}, found ${quoted(part)}`)
    }
    tags.push(tag)
  }
  if (tags.includes(TRANSACTION_UID)) {
    return problems.malformed(shownName(name), 'expected another attribute: the Transaction UID cannot be queried')
  }
  const wrong = tags.slice(0, -1).findIndex((tag) => !mayHaveItems(tag))
  if (wrong < 0) return tags
  return problems.malformed(shownName(name), `expected a sequence before each dot, found ${quoted(parts[wrong] ?? '')}`)
}

function tagOf(part: string): Tag | undefined {
  const tag = parseAttributeId(part)
  if (tag === undefined || isGroupLength(tag)) return undefined
  return isPrivateTag(tag) || lookupTag(tag) !== undefined ? tag : undefined
}

/** Nobody knows that of a private attribute. */
const mayHaveItems = (tag: Tag): boolean =>
  isPrivateTag(tag) ? !isPrivateCreatorTag(tag) : (lookupTag(tag)?.vrs.includes('SQ') ?? false)
