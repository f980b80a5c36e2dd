/** Patterns of matching as patterns of Elasticsearch. */

/** More behind the first `*` is more than Lucene likes to prepare, and refuses (its worst cases are from 65 and 4 on). */
const MOST_UNITS_BEHIND_STAR = 64
const MOST_SINGLES_BEHIND_STAR = 3

export interface Wildcard {
  /** `\` escapes there. */
  readonly value: string
  /** Else it accepts more than the pattern. */
  readonly exact: boolean
}

/** `head`: text in front of it. */
export function wildcardOf(head: string, pattern: string): Wildcard {
  const star = pattern.indexOf('*')
  const behind = star < 0 ? '' : pattern.slice(star)
  const exact = behind.length <= MOST_UNITS_BEHIND_STAR && countOf(behind, '?') <= MOST_SINGLES_BEHIND_STAR
  return { value: literally(head) + escaped(exact ? pattern : pattern.slice(0, star + 1)), exact }
}

/** Whether the pattern is its literal with `*` behind it. */
export const isPrefix = (pattern: string): boolean => /^[^*?]*\*+$/.test(pattern)

const escaped = (text: string): string => text.replaceAll('\\', String.raw`\\`)
const literally = (text: string): string => escaped(text).replaceAll(/[*?]/g, String.raw`\$&`)

const countOf = (text: string, character: string): number => text.split(character).length - 1
