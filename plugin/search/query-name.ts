/** Person names: each key within one group of one name. */
import { NAME_GROUPS, type NameGroup } from '../dicom/person-name.ts'
import type { NameGroupKey, NameKey, NameWord } from '../dicom/query-criteria.ts'
import { COMPONENTS } from './document-name.ts'
import { all, any, EVERYTHING, exactly, type Narrowed, UNKNOWN, within } from './query-narrowed.ts'
import { narrowPattern, narrowValues, type TextField } from './query-text.ts'

/** `path`: of the field. */
export const narrowNames = (path: string, names: readonly NameKey[]): Narrowed =>
  within(path, any(names.map((key) => all(key.map((part) => narrowPart(path, part))))))

const narrowPart = (path: string, key: NameGroupKey): Narrowed =>
  any((key.group === undefined ? NAME_GROUPS : [key.group]).map((group) => narrowGroup(path, group, key)))

function narrowGroup(path: string, group: NameGroup, { components, whole, words }: NameGroupKey): Narrowed {
  const place = (part: string): TextField => ({
    field: `${path}.${group}.${part}`,
    cutField: `${path}.cut`,
    name: `${group}.${part}`,
    head: '',
  })
  return any([
    narrowComponents(components, place),
    ...(whole === undefined ? [] : [narrowPattern(place('whole'), whole)]),
    ...(words === undefined ? [] : [all(words.map((word) => narrowWord(place, word)))]),
  ])
}

/** A group that is there has all of them. */
function narrowComponents(patterns: readonly string[], place: (part: string) => TextField): Narrowed {
  const narrowed = all(
    patterns.map((pattern, i) => {
      const component = COMPONENTS[i]
      if (acceptsAll(pattern)) return EVERYTHING
      return component === undefined ? UNKNOWN : narrowPattern(place(component), pattern)
    }),
  )
  return patterns.every(acceptsAll) ? exactly({ exists: { field: place(COMPONENTS[0]).field } }) : narrowed
}

const acceptsAll = (pattern: string): boolean => /^\**$/.test(pattern)

const narrowWord = (place: (part: string) => TextField, word: NameWord): Narrowed =>
  'sound' in word ? narrowValues(place('sounds'), [word.sound]) : narrowPattern(place('words'), word.pattern)
