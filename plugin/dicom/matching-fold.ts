/**
 * Person names without case and accents (decisions.md 5): what Jürgen, JURGEN and Ju + U+0308 + rgen have in common.
 * Only the accents of Latin, Greek and Cyrillic are taken off: the voicing marks of kana or the vowel signs of Indian
 * scripts tell names apart.
 */
import { isAscii } from './access.ts'
import type { PersonName } from './dataset.ts'
import { COMPONENT_DELIMITER, NAME_GROUPS } from './person-name.ts'

const ACCENTS = /[\u0300-\u036f]/g

/** Letters that Unicode does not decompose. */
const LETTERS: Readonly<Record<string, string>> = { Ø: 'O', Ł: 'L', Đ: 'D', Ħ: 'H', Ŧ: 'T', Æ: 'AE', Œ: 'OE', Þ: 'TH' }
const LETTER = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g')

export function foldName(text: string): string {
  if (isAscii(text)) return text.toUpperCase()
  // By way of lower case, or the capital ẞ would not become SS as ß does.
  const upper = text.normalize('NFD').replace(ACCENTS, '').toLowerCase().toUpperCase()
  if (isAscii(upper)) return upper
  // Composed again, so that ? stands for a syllable of Hangul or a kana and not for a part of it.
  return upper.replace(LETTER, (letter) => LETTERS[letter] ?? letter).normalize('NFC')
}

/** The folded components of each of NAME_GROUPS. */
export type FoldedGroups = readonly (readonly string[])[]

export const foldedGroups = (name: PersonName): FoldedGroups =>
  NAME_GROUPS.map((group) => foldedComponents(name[group] ?? ''))

/** The folded components of a group; spaces around one do not count. */
export const foldedComponents = (group: string): readonly string[] =>
  foldName(group)
    .split(COMPONENT_DELIMITER)
    .map((component) => component.trim())
