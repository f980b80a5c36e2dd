/**
 * What can be inside a DicomAttribute (PS3.19 A.1): a list of elements with numbers, in which values are text and names
 * have groups and components.
 */
import type { Path } from './dataset.ts'
import { quoted } from './found.ts'
import type { JsonObject } from './json-object.ts'
import { NAME_COMPONENTS } from './native-model.ts'
import { COMPONENT_DELIMITER, isNameGroup, withoutTrailingDelimiters } from './person-name.ts'
import type { ProblemList } from './problem-list.ts'
import type { XmlElement } from './xml-tree.ts'

/**
 * `number` may leave out positions, which are empty values then; in the whole document no more than this, or a short
 * one could demand any amount of memory.
 */
const MOST_LEFT_OUT = 10_000

/** What is kept while one document is read. */
export interface Reading {
  readonly problems: ProblemList
  /** How many positions were left out so far. */
  leftOut: number
}

/** Gaps are undefined. */
export type ElementList = readonly (XmlElement | undefined)[]

/** The elements at the positions that their numbers say; one without a number comes after the one before it. */
export function elementsInPlace(
  elements: readonly XmlElement[],
  path: Path,
  reading: Reading,
): ElementList | undefined {
  const byPosition = new Map<number, XmlElement>()
  let last = 0
  let length = 0
  for (const element of elements) {
    const position = positionOf(element, last)
    if (position === undefined || byPosition.has(position)) {
      const found = position === undefined ? 'something else' : 'one of them twice'
      return reading.problems.malformed(path, `expected numbers from 1, each once, found ${found}`)
    }
    byPosition.set(position, element)
    last = position
    length = Math.max(length, position)
  }
  reading.leftOut += length - elements.length
  if (reading.leftOut > MOST_LEFT_OUT) {
    return reading.problems.malformed(path, `expected at most ${MOST_LEFT_OUT} numbers to be left out, found more`)
  }
  return Array.from({ length }, (_, index) => byPosition.get(index + 1))
}

function positionOf(element: XmlElement, last: number): number | undefined {
  const number = element.attributes.get('number')
  if (number === undefined) return last + 1
  return POSITION.test(number) ? Number(number) : undefined
}

const POSITION = /^[1-9]\d{0,8}$/

/** The groups of a name, each with its components joined as PS3.5 6.2.1 does. */
export function nameIn(element: XmlElement, path: Path, reading: Reading): JsonObject {
  const groups: Record<string, string> = {}
  for (const group of elementsOf(element, path, reading)) {
    if (isNameGroup(group.name) && groups[group.name] === undefined) {
      groups[group.name] = componentsIn(group, path, reading)
    } else {
      const found = quoted(group.name)
      reading.problems.malformed(
        path,
        `expected Alphabetic, Ideographic and Phonetic, each at most once, found ${found}`,
      )
    }
  }
  return groups
}

function componentsIn(group: XmlElement, path: Path, reading: Reading): string {
  const byName = new Map<string, string>()
  for (const component of elementsOf(group, path, reading)) {
    if (COMPONENTS.has(component.name) && !byName.has(component.name)) {
      byName.set(component.name, textOf(component, path, reading))
    } else {
      const found = quoted(component.name)
      reading.problems.malformed(path, `expected ${NAME_COMPONENTS.join(', ')}, each at most once, found ${found}`)
    }
  }
  return withoutTrailingDelimiters(NAME_COMPONENTS.map((name) => byName.get(name) ?? '').join(COMPONENT_DELIMITER))
}

const COMPONENTS: ReadonlySet<string> = new Set(NAME_COMPONENTS)

const WHITE_SPACE = /[ \t\r\n]+/g

export const withoutWhiteSpace = (text: string): string => text.replace(WHITE_SPACE, '')

/** The elements in one that has nothing but elements and white space. */
export function elementsOf(element: XmlElement, path: Path, { problems }: Reading): readonly XmlElement[] {
  if (withoutWhiteSpace(element.text) !== '') {
    problems.malformed(path, `expected nothing but elements in ${element.name}, found text`)
  }
  return element.children
}

/** The text of an element that has nothing but text. */
export function textOf(element: XmlElement, path: Path, { problems }: Reading): string {
  if (element.children.length > 0)
    problems.malformed(path, `expected nothing but text in ${element.name}, found elements`)
  return element.text
}
