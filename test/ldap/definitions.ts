/** What a schema defines, as slapd itself says it. */
import { openldap, type Slapd } from '../support/slapd.ts'

export interface AttributeType {
  readonly oid: string
  readonly equality: string | undefined
  readonly syntax: string | undefined
  readonly singleValue: boolean
}

export interface ObjectClass {
  readonly oid: string
  readonly kind: string | undefined
  readonly must: readonly string[]
  readonly may: readonly string[]
}

export interface Definitions {
  readonly attributeTypes: ReadonlyMap<string, AttributeType>
  readonly objectClasses: ReadonlyMap<string, ObjectClass>
}

const nameOf = (definition: string): string => / NAME '([^']+)'/.exec(definition)?.[1] ?? ''
const oidOf = (definition: string): string => /^\( (\S+)/.exec(definition)?.[1] ?? ''
const wordAfter = (word: string, definition: string): string | undefined =>
  new RegExp(` ${word} (\\S+)`).exec(definition)?.[1]

function listAfter(word: string, definition: string): readonly string[] {
  const [, list, one = ''] = new RegExp(` ${word} (?:\\( ([^)]*) \\)|(\\S+))`).exec(definition) ?? []
  return (list ?? one).split(' $ ').filter(Boolean)
}

const withoutDescription = (definition: string): string => definition.replace(/ DESC '[^']*'/, '')

/** The values of an attribute without the numbers that cn=config puts before them; base64 is for those with more than ASCII. */
function valuesOf(ldif: string, attribute: string): readonly string[] {
  const lines = ldif.matchAll(new RegExp(`^${attribute}(::?) (.*)$`, 'gm'))
  return [...lines].map(([, separator, text = '']) =>
    (separator === '::' ? Buffer.from(text, 'base64').toString() : text).replace(/^\{\d+\}/, ''),
  )
}

const ATTRIBUTES = ['attributeTypes', 'objectClasses']

/** All that a slapd knows, OpenLDAP's own included, asked for over LDAP as any client would; in slapd's own form. */
export async function publishedBy({ url }: Slapd): Promise<readonly string[]> {
  const how = ['-LLL', '-o', 'ldif-wrap=no', '-x', '-H', url, '-s', 'base', '-b', 'cn=Subschema']
  const ldif = await openldap('ldapsearch', [...how, '(objectClass=subschema)', ...ATTRIBUTES])
  return ATTRIBUTES.flatMap((attribute) => valuesOf(ldif, attribute))
}

/** The same by name. */
export async function definitionsOf(slapd: Slapd): Promise<Definitions> {
  const texts = (await publishedBy(slapd)).map(withoutDescription)
  const classes = texts.filter((text) => KIND.test(text))
  const types = texts.filter((text) => !KIND.test(text))
  return {
    attributeTypes: new Map(types.map((text) => [nameOf(text), readAttributeType(text)])),
    objectClasses: new Map(classes.map((text) => [nameOf(text), readObjectClass(text)])),
  }
}

const KIND = / (ABSTRACT|STRUCTURAL|AUXILIARY) /

const readAttributeType = (text: string): AttributeType => ({
  oid: oidOf(text),
  equality: wordAfter('EQUALITY', text),
  syntax: wordAfter('SYNTAX', text),
  singleValue: text.includes(' SINGLE-VALUE '),
})

const readObjectClass = (text: string): ObjectClass => ({
  oid: oidOf(text),
  kind: KIND.exec(text)?.[1],
  must: listAfter('MUST', text),
  may: listAfter('MAY', text),
})

/** The definitions in a configuration folder (`slapd.d`), as they were written but for space. */
export async function configuredIn(folder: string): Promise<readonly string[]> {
  const ldif = await openldap('slapcat', ['-n0', '-F', folder, '-o', 'ldif-wrap=no'])
  const texts = [...valuesOf(ldif, 'olcAttributeTypes'), ...valuesOf(ldif, 'olcObjectClasses')]
  return texts.map((text) => text.replaceAll(/\s+/g, ' '))
}

/** What of a definition counts for a directory and its clients: all but its description, the order of a list, and case. */
export function interfaceOf(definition: string): string {
  return withoutDescription(definition)
    .toLowerCase()
    .replace(/(?<= (?:must|may) \( )[^)]*(?= \))/g, asSet)
}

const asSet = (list: string): string => [...new Set(list.split(' $ '))].toSorted().join(' $ ')
