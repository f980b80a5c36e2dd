/** A person name in the index: folded, in its components, its words, and how they sound. */
import { isFilled } from '../dicom/attribute-value.ts'
import type { PersonName, Value } from '../dicom/dataset.ts'
import { foldedComponents } from '../dicom/matching-fold.ts'
import { wordsOf } from '../dicom/matching-name.ts'
import { soundex } from '../dicom/matching-soundex.ts'
import { COMPONENT_DELIMITER, isPersonName, NAME_GROUPS, type NameGroup } from '../dicom/person-name.ts'
import { termOf } from './document-text.ts'

/** PS3.5 6.2.1, in their order. */
export const COMPONENTS = ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix'] as const

/** Components that the name does not have are empty: `*` accepts them. */
export interface GroupDocument extends Readonly<Record<(typeof COMPONENTS)[number], string>> {
  readonly whole: string
  readonly words: readonly string[]
  readonly sounds: readonly string[]
}

export interface NameDocument extends Readonly<Partial<Record<NameGroup, GroupDocument>>> {
  /** What is not there as a whole, as `Alphabetic.FamilyName`. */
  readonly cut?: readonly string[]
}

export const namesOf = (values: readonly Value[]): readonly NameDocument[] =>
  values.filter((value) => isPersonName(value) && isFilled(value)).map((name) => nameDocument(name as PersonName))

function nameDocument(name: PersonName): NameDocument {
  const groups: Partial<Record<NameGroup, GroupDocument>> = {}
  const cut: string[] = []
  for (const group of NAME_GROUPS) {
    const text = name[group]
    if (text === undefined || text === '') continue
    const textOf = (part: string, whole: string): string => {
      const term = termOf(whole)
      if (term.isCut) cut.push(`${group}.${part}`)
      return term.text
    }
    groups[group] = groupDocument(foldedComponents(text), textOf)
  }
  return { ...groups, ...(cut.length > 0 && { cut: [...new Set(cut)] }) }
}

function groupDocument(components: readonly string[], textOf: (part: string, whole: string) => string): GroupDocument {
  const words = components.flatMap(wordsOf)
  const component = (i: number): string => textOf(COMPONENTS[i] ?? '', components[i] ?? '')
  return {
    FamilyName: component(0),
    GivenName: component(1),
    MiddleName: component(2),
    NamePrefix: component(3),
    NameSuffix: component(4),
    whole: textOf('whole', components.join(COMPONENT_DELIMITER)),
    words: words.map((word) => textOf('words', word)),
    sounds: words.map((word) => textOf('sounds', soundex(word))),
  }
}
