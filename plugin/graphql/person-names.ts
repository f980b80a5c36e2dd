/** `PersonName` and `PersonNameGroup`. */
import type { PersonName, Value } from '../dicom/dataset.ts'
import { withoutPadding, withoutTrailingSpaces } from '../dicom/padding.ts'
import {
  COMPONENT_DELIMITER,
  NAME_GROUPS,
  type NameGroup,
  parsePersonName,
  personNameText,
  withoutTrailingDelimiters,
} from '../dicom/person-name.ts'
import type { Resolver } from './attribute-source.ts'

/** Undefined for what is no name, or an empty one. */
export const readPersonName = (value: Value): PersonName | undefined => parsePersonName(value) ?? undefined

/** PS3.5 6.2.1, in this order. */
const COMPONENTS = ['familyName', 'givenName', 'middleName', 'namePrefix', 'nameSuffix'] as const
type Component = (typeof COMPONENTS)[number]

const componentOf = (group: string, component: Component): string =>
  withoutPadding(group.split(COMPONENT_DELIMITER)[COMPONENTS.indexOf(component)] ?? '')

const WESTERN: readonly Component[] = ['namePrefix', 'givenName', 'middleName', 'familyName', 'nameSuffix']
const FAMILY_FIRST: readonly Component[] = ['namePrefix', 'familyName', 'givenName', 'middleName', 'nameSuffix']

/** The other groups are of languages that have the family name first. */
const SPOKEN_ORDER: Readonly<Record<NameGroup, readonly Component[]>> = {
  Alphabetic: WESTERN,
  Ideographic: FAMILY_FIRST,
  Phonetic: FAMILY_FIRST,
}

/** As people read it, `Dr. John Q Doe Jr.`, from the first group with a component. */
function formatted(name: PersonName): string {
  for (const group of NAME_GROUPS) {
    const text = name[group] ?? ''
    const parts = SPOKEN_ORDER[group].map((component) => componentOf(text, component)).filter((part) => part !== '')
    if (parts.length > 0) return parts.join(' ')
  }
  return ''
}

const group =
  (which: NameGroup): Resolver<PersonName> =>
  (name) =>
    withoutTrailingDelimiters(withoutTrailingSpaces(name[which] ?? '')) === '' ? null : name[which]

export const PERSON_NAME = {
  text: (name) => withoutTrailingSpaces(personNameText(name)),
  formatted,
  alphabetic: group('Alphabetic'),
  ideographic: group('Ideographic'),
  phonetic: group('Phonetic'),
} as const satisfies Readonly<Record<string, Resolver<PersonName>>>

const component =
  (which: Component): Resolver<string> =>
  (text) =>
    componentOf(text, which) || null

/** The source is the group as DICOM has it. */
export const PERSON_NAME_GROUP = {
  text: withoutTrailingSpaces,
  familyName: component('familyName'),
  givenName: component('givenName'),
  middleName: component('middleName'),
  namePrefix: component('namePrefix'),
  nameSuffix: component('nameSuffix'),
} as const satisfies Readonly<Record<string, Resolver<string>>>
