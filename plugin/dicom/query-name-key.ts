/** A value of a key with VR PN, made ready for matching (decisions.md 5). */
import { foldedComponents } from './matching-fold.ts'
import { hasWildcard } from './matching-glob.ts'
import { wordsOf } from './matching-name.ts'
import { soundex } from './matching-soundex.ts'
import { COMPONENT_DELIMITER, GROUP_DELIMITER, MOST_COMPONENTS, NAME_GROUPS } from './person-name.ts'
import type { NameGroupKey, NameKey, NameWord } from './query-criteria.ts'

/**
 * `Doe^J*`: in any group. `Doe=山田`, `=山田`: each in the group of its place. `fuzzy`: phonetic and in any order too.
 * Undefined if there are too many groups or components, or nothing but delimiters.
 */
export function nameKeyOf(text: string, fuzzy: boolean): NameKey | undefined {
  const groups = text.split(GROUP_DELIMITER).map(foldedComponents)
  if (groups.length > NAME_GROUPS.length || groups.some(({ length }) => length > MOST_COMPONENTS)) return undefined
  const inAnyGroup = groups.length === 1
  const keys = groups.flatMap((components, i): NameGroupKey[] => {
    if (components.every((component) => component === '')) return []
    const group = inAnyGroup ? undefined : NAME_GROUPS[i]
    return [{ ...(group && { group }), ...groupKeyOf(components, fuzzy) }]
  })
  return keys.length === 0 ? undefined : keys
}

function groupKeyOf(components: readonly string[], fuzzy: boolean): NameGroupKey {
  const whole = components.join(COMPONENT_DELIMITER)
  // None for a key of punctuation only, which must not match every name.
  const words = fuzzy ? wordsOf(whole).map(wordKeyOf) : []
  return {
    components,
    // PS3.4 has * go over component delimiters too: *JOHN finds DOE^JOHN.
    ...(hasWildcard(whole) && { whole }),
    ...(words.length > 0 && { words }),
  }
}

const wordKeyOf = (word: string): NameWord => (hasWildcard(word) ? { pattern: word } : { sound: soundex(word) })
