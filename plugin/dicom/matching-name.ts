/** Matching of person names (PS3.4 C.2.2.2.1, decisions.md 5). */
import type { PersonName } from './dataset.ts'
import { foldedComponents } from './matching-fold.ts'
import { glob } from './matching-glob.ts'
import { soundex } from './matching-soundex.ts'
import { COMPONENT_DELIMITER, NAME_GROUPS, type NameGroup } from './person-name.ts'
import type { NameGroupKey, NameKey, NameWord } from './query-criteria.ts'

/** A group of a stored name, folded once however many keys there are. */
interface FoldedGroup {
  readonly group: NameGroup
  readonly components: readonly string[]
}

export function matchesName(keys: readonly NameKey[], name: PersonName): boolean {
  const groups: FoldedGroup[] = []
  for (const group of NAME_GROUPS) {
    const text = name[group]
    if (text !== undefined && text !== '') groups.push({ group, components: foldedComponents(text) })
  }
  return keys.some((key) => key.every((part) => matchesSome(part, groups)))
}

const matchesSome = (key: NameGroupKey, groups: readonly FoldedGroup[]): boolean =>
  groups.some(
    ({ group, components }) => (key.group === undefined || key.group === group) && matchesGroup(key, components),
  )

const matchesGroup = (key: NameGroupKey, components: readonly string[]): boolean =>
  matchesComponents(key.components, components) ||
  (key.whole !== undefined && glob(key.whole, components.join(COMPONENT_DELIMITER))) ||
  (key.words !== undefined && matchesWords(key.words, components))

function matchesComponents(patterns: readonly string[], components: readonly string[]): boolean {
  for (let i = 0; i < patterns.length; i++) {
    const pattern = patterns[i] ?? ''
    if (pattern !== '' && !glob(pattern, components[i] ?? '')) return false
  }
  return true
}

function matchesWords(keys: readonly NameWord[], components: readonly string[]): boolean {
  const words = components.flatMap(wordsOf)
  const sounds = words.map(soundex)
  return keys.every((key) =>
    'sound' in key ? sounds.includes(key.sound) : words.some((word) => glob(key.pattern, word)),
  )
}

const APOSTROPHES = /['\u2018\u2019.]/g
const BETWEEN_WORDS = /[\s,^-]+/

/** The words of a folded text: O'BRIEN is one, MEYER-SMITH and MARIA LUISA are two. */
export const wordsOf = (text: string): readonly string[] =>
  text
    .replace(APOSTROPHES, '')
    .split(BETWEEN_WORDS)
    .filter((word) => word !== '')
