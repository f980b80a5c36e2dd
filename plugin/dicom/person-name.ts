/**
 * Person names (PS3.5 6.2.1): up to three component groups, for three ways of writing the name; a group has up to five
 * components, family name first.
 */
import type { PersonName, Value } from './dataset.ts'
import { isObject } from './json-object.ts'

export const NAME_GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const
export type NameGroup = (typeof NAME_GROUPS)[number]

export const GROUP_DELIMITER = '='
export const COMPONENT_DELIMITER = '^'
export const MOST_COMPONENTS = 5

export const isNameGroup = (text: string): text is NameGroup => NAME_GROUPS.some((group) => group === text)

/** The groups that have text, or null if none has: an empty name. */
function nameOf(groups: Readonly<Partial<Record<NameGroup, string>>>): PersonName | null {
  const name: { -readonly [group in NameGroup]?: string } = {}
  let empty = true
  for (const group of NAME_GROUPS) {
    const text = groups[group]
    if (text === undefined || text === '') continue
    name[group] = text
    empty = false
  }
  return empty ? null : name
}

/** `Yamada^Tarou=山田^太郎=やまだ^たろう`, as PS3.5 writes it. Undefined if there are more groups than three. */
function nameFromText(text: string): PersonName | null | undefined {
  const [Alphabetic = '', Ideographic = '', Phonetic = '', ...more] = text.split(GROUP_DELIMITER)
  return more.length === 0 ? nameOf({ Alphabetic, Ideographic, Phonetic }) : undefined
}

/** A name as the JSON model has it, or as plain text. Undefined if it is neither. */
export function parsePersonName(raw: unknown): PersonName | null | undefined {
  if (typeof raw === 'string') return nameFromText(raw)
  if (!isObject(raw)) return undefined
  const groups: Partial<Record<NameGroup, string>> = {}
  for (const [group, text] of Object.entries(raw)) {
    if (!isNameGroup(group)) return undefined
    if (typeof text === 'string') groups[group] = text
    else if (text !== null) return undefined
  }
  return nameOf(groups)
}

/** The groups as one text, as PS3.5 writes them. */
export function personNameText({ Alphabetic = '', Ideographic = '', Phonetic = '' }: PersonName): string {
  if (Phonetic !== '') return [Alphabetic, Ideographic, Phonetic].join(GROUP_DELIMITER)
  return Ideographic === '' ? Alphabetic : Alphabetic + GROUP_DELIMITER + Ideographic
}

export function withoutTrailingDelimiters(group: string): string {
  let end = group.length
  while (end > 0 && group[end - 1] === COMPONENT_DELIMITER) end--
  return group.slice(0, end)
}

/** A value of an attribute with VR PN. */
export const isPersonName = (value: Value): value is PersonName => typeof value === 'object' && value !== null
