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

const linesOf = (ldif: string, attribute: string): readonly string[] =>
  ldif.split('\n').flatMap((line) => {
    const [, definition] = new RegExp(`^${attribute}: (?:\\{\\d+\\})?(.*)$`).exec(line) ?? []
    return definition === undefined ? [] : [definition]
  })

/** All that a slapd knows, OpenLDAP's own included, asked for over LDAP as any client would; in slapd's own form. */
export async function publishedBy({ url }: Slapd): Promise<readonly string[]> {
  const ldif = await openldap('ldapsearch', [
    ...['-LLL', '-o', 'ldif-wrap=no', '-x', '-H', url],
    ...['-s', 'base', '-b', 'cn=Subschema', '(objectClass=subschema)', 'attributeTypes', 'objectClasses'],
  ])
  return [...linesOf(ldif, 'attributeTypes'), ...linesOf(ldif, 'objectClasses')]
}

/** The same by name. */
export async function definitionsOf(slapd: Slapd): Promise<Definitions> {
  const texts = (await publishedBy(slapd)).map(withoutDescription)
  const isClass = (text: string): boolean => / (?:ABSTRACT|STRUCTURAL|AUXILIARY) /.test(text)
  const attributeType = (text: string): AttributeType => ({
    oid: oidOf(text),
    equality: wordAfter('EQUALITY', text),
    syntax: wordAfter('SYNTAX', text),
    singleValue: text.includes(' SINGLE-VALUE '),
  })
  const objectClass = (text: string): ObjectClass => ({
    oid: oidOf(text),
    kind: / (ABSTRACT|STRUCTURAL|AUXILIARY) /.exec(text)?.[1],
    must: listAfter('MUST', text),
    may: listAfter('MAY', text),
  })
  return {
    attributeTypes: new Map(texts.filter((text) => !isClass(text)).map((text) => [nameOf(text), attributeType(text)])),
    objectClasses: new Map(texts.filter(isClass).map((text) => [nameOf(text), objectClass(text)])),
  }
}

/** The definitions in a configuration folder (`slapd.d`), as they were written but for space. */
export async function configuredIn(folder: string): Promise<readonly string[]> {
  const ldif = await openldap('slapcat', ['-n0', '-F', folder, '-o', 'ldif-wrap=no'])
  const texts = [...linesOf(ldif, 'olcAttributeTypes'), ...linesOf(ldif, 'olcObjectClasses')]
  return texts.map((text) => text.replaceAll(/\s+/g, ' '))
}

/** What of a definition counts for a directory and its clients: all but its description, the order of a list, and case. */
export function interfaceOf(definition: string): string {
  return withoutDescription(definition)
    .toLowerCase()
    .replace(/(?<= (?:must|may) \( )[^)]*(?= \))/g, asSet)
}

const asSet = (list: string): string => [...new Set(list.split(' $ '))].toSorted().join(' $ ')
