/**
 * Writes the schema files of this folder for OpenLDAP, each in the form of cn=config (`.ldif`) and of slapd.conf
 * (`.schema`): `node schema/ldap/derive.ts`.
 *
 * - `dicom` and `dcm4chee-compatible` say what the schema published by dcm4chee says: the same names, OIDs, syntaxes,
 *   matching rules and MUST and MAY lists, which is what a directory and its clients rely on. None of its texts.
 * - `upsArchive` is ours. What it defines is defined here.
 *
 * The test `ldap/schema` writes them again and compares.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SETTINGS } from '../../plugin/config/settings.ts'

/**
 * The OID below which we define: 2.25 and the UUID b32bb9fe-47b8-4ad3-a25a-159000cc495f as a decimal number (X.667). The
 * UUID was made for this project, once, by `crypto.randomUUID()`. Below it, as below the OIDs of DICOM and dcm4chee, 3 is
 * for attribute types and 4 for object classes. An OID that was published never changes its meaning.
 */
export const OUR_OID = '2.25.238158852402343124427184464378337184095'

const OURS: readonly Source[] = [
  {
    kind: 'objectClass',
    text: `( ${OUR_OID}.4.1 NAME 'upsArchiveNetworkAE'
      DESC 'What the worklist reads from a network AE and dcmArchiveNetworkAE has no room for'
      SUP top AUXILIARY
      MAY ( dcmDeleteUPSPollingInterval $ dcmDeleteUPSFetchSize $
        dcmDeleteUPSCompletedDelay $ dcmDeleteUPSCanceledDelay ) )`,
  },
]

interface File {
  readonly name: string
  readonly about: readonly string[]
  /** What has to be loaded before it. */
  readonly needs: string
  readonly notBeside?: string
  readonly sources?: readonly string[]
}

const DICOM: File = {
  name: 'dicom',
  about: [
    'The DICOM application configuration (PS3.15 Annex H): devices, their network AEs and',
    'connections, with the OIDs of the standard.',
  ],
  needs: 'core',
  notBeside: "dcm4chee's own dicom schema, which defines the same",
  sources: ['1-dicom-schema.ldif'],
}

const DCM4CHEE: File = {
  name: 'dcm4chee-compatible',
  about: [
    'The attributes and classes that a directory of the archive dcm4chee uses, without its user',
    "interface, written anew by the project archive-ups: dcm4chee's names, OIDs, syntaxes, matching",
    'rules and lists, so that its directory loads here, and what is written for here loads there.',
  ],
  needs: 'core, dicom',
  notBeside: "dcm4chee's own schemas dcm4che and dcm4chee-archive, which define the same",
  sources: ['2-dcm4che-schema.ldif', '3-archive-schema.ldif'],
}

const UPS_ARCHIVE: File = {
  name: 'upsArchive',
  about: [
    'upsArchiveNetworkAE: the settings of the worklist of archive-ups that a network AE may have and',
    "for which dcm4chee's class dcmArchiveNetworkAE has no room. To be added to the entry of an AE.",
  ],
  needs: "core, dicom and dcm4chee-compatible; or core and dcm4chee's own schemas",
}

// ------------------------------------------------------------------------------------------------- Definitions

type Kind = 'attributeType' | 'objectClass'

interface Source {
  readonly kind: Kind
  readonly text: string
}

/** RFC 4512 4.1: an OID, and words with what follows them; a flag has nothing. */
interface Definition {
  readonly kind: Kind
  readonly oid: string
  readonly fields: ReadonlyMap<Word, readonly string[]>
}

/** The words that we understand, in the order of RFC 4512 4.1.1 and 4.1.2, and what follows each. */
const WORDS = {
  NAME: 'value',
  DESC: 'value',
  SUP: 'value',
  ABSTRACT: 'nothing',
  STRUCTURAL: 'nothing',
  AUXILIARY: 'nothing',
  EQUALITY: 'value',
  ORDERING: 'value',
  SUBSTR: 'value',
  SYNTAX: 'value',
  'SINGLE-VALUE': 'nothing',
  MUST: 'list',
  MAY: 'list',
} as const
type Word = keyof typeof WORDS

const isWord = (token: string): token is Word => Object.hasOwn(WORDS, token)
const isList = (word: Word): boolean => WORDS[word] === 'list'

/** What an LDIF file of a schema defines. */
function readDefinitions(ldif: string): readonly Source[] {
  const lines = ldif.replaceAll(/\r?\n /g, '').split(/\r?\n/)
  return lines.flatMap((line): readonly Source[] => {
    const [, attributeType, objectClass] = /^(?:olcAttributeTypes: *(.*)|olcObjectClasses: *(.*))$/.exec(line) ?? []
    if (attributeType !== undefined) return [{ kind: 'attributeType', text: attributeType }]
    if (objectClass !== undefined) return [{ kind: 'objectClass', text: objectClass }]
    return []
  })
}

function parseDefinition({ kind, text }: Source): Definition {
  const tokens = text.match(/'[^']*'|[()$]|[^\s()$']+/g) ?? []
  const next = (): string => {
    const token = tokens.shift()
    if (token === undefined) throw new Error(`a definition ends too early: ${text}`)
    return token
  }
  const values = (): readonly string[] => {
    const first = next()
    if (first !== '(') return [first]
    const all: string[] = []
    for (let token = next(); token !== ')'; token = next()) if (token !== '$') all.push(token)
    return all
  }
  if (next() !== '(') throw new Error(`a definition begins without a parenthesis: ${text}`)
  const oid = next()
  const fields = new Map<Word, readonly string[]>()
  for (let word = next(); word !== ')'; word = next()) {
    // It must not be lost in silence.
    if (!isWord(word)) throw new Error(`${word} is not understood: ${text}`)
    fields.set(word, WORDS[word] === 'nothing' ? [] : values())
  }
  return { kind, oid, fields }
}

const namesOf = ({ fields }: Definition): readonly string[] =>
  (fields.get('NAME') ?? []).map((quoted) => quoted.slice(1, -1))

// --------------------------------------------------------------------------------------------- The canonical form

/** Our own words for the attributes of the UPS family that we honour: those of the table of settings. */
const DESCRIPTIONS: ReadonlyMap<string, string> = new Map(
  Object.values(SETTINGS)
    .filter(({ attribute }) => attribute.includes('UPS'))
    .map(({ attribute, doc }) => [attribute, doc]),
)

function compareOids(a: Definition, b: Definition): number {
  const [left, right] = [a.oid.split('.'), b.oid.split('.')]
  const index = left.findIndex((arc, place) => arc !== right[place])
  return Number(left[index] ?? 0) - Number(right[index] ?? 0)
}

const ignoringCase = (a: string, b: string): number => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)

/**
 * Attribute types first; sorted by OID; with no description but ours; each list sorted by name, with
 * each name once, spelled as where it is defined.
 */
function canonical(definitions: readonly Definition[], known: readonly Definition[]): readonly Definition[] {
  const spelling = new Map(known.flatMap(namesOf).map((name) => [name.toLowerCase(), name]))
  const sortedNames = (names: readonly string[]): readonly string[] =>
    [...new Set(names.map((name) => spelling.get(name.toLowerCase()) ?? name))].toSorted(ignoringCase)
  const rewritten = definitions.map((definition): Definition => {
    const description = namesOf(definition).flatMap((name) => DESCRIPTIONS.get(name) ?? [])
    const fields = [...definition.fields]
      .filter(([word]) => word !== 'DESC')
      .map(([word, values]) => [word, isList(word) ? sortedNames(values) : values] as const)
    return {
      ...definition,
      fields: new Map([...fields, ...description.map((text) => ['DESC', [quote(text)]] as const)]),
    }
  })
  const ofKind = (kind: Kind): readonly Definition[] =>
    rewritten.filter((definition) => definition.kind === kind).toSorted(compareOids)
  return [...ofKind('attributeType'), ...ofKind('objectClass')]
}

/** RFC 4512 4.1, qdstring. */
const quote = (text: string): string => `'${text.replaceAll('\\', String.raw`\5C`).replaceAll("'", String.raw`\27`)}'`

// ------------------------------------------------------------------------------------------------------- Printing

const WIDTH = 100

function printField(word: Word, values: readonly string[]): string {
  if (values.length === 0) return word
  if (values.length === 1) return `${word} ${values[0]}`
  const separator = isList(word) ? ' $' : ''
  const onOneLine = `${word} ( ${values.join(`${separator} `)} )`
  return onOneLine.length <= WIDTH ? onOneLine : `${word} (\n    ${values.join(`${separator}\n    `)} )`
}

/** Its name, its description, what it is, what it contains: a line each, where there is something to say. */
function printDefinition({ oid, fields }: Definition): string {
  const print = (...words: readonly Word[]): readonly string[] =>
    words.flatMap((word) => {
      const values = fields.get(word)
      return values === undefined ? [] : [printField(word, values)]
    })
  const words = Object.keys(WORDS) as Word[]
  const whatItIs = words.filter((word) => word !== 'NAME' && word !== 'DESC' && !isList(word))
  return [
    [`( ${oid}`, ...print('NAME')].join(' '),
    ...print('DESC'),
    print(...whatItIs).join(' '),
    ...print(...words.filter(isList)),
  ]
    .join('\n  ')
    .concat(' )')
}

function header({ about, needs, notBeside }: File, how: string, by: readonly string[]): string {
  const lines = [
    ...about,
    '',
    `Needs:      ${needs}`,
    ...(notBeside === undefined ? [] : [`Not beside: ${notBeside}`]),
    `To load:    ${how}`,
    '',
    ...by,
  ]
  return lines.map((line) => `# ${line}`.trimEnd()).join('\n')
}

function printFile(file: File, definitions: readonly Definition[], by: readonly string[]): ReadonlyMap<string, string> {
  const { name } = file
  const ldif = [
    header(file, `ldapadd -Y EXTERNAL -H ldapi:/// -f ${name}.ldif`, [
      ...by,
      `The same for slapd.conf: ${name}.schema`,
    ]),
    `dn: cn=${name},cn=schema,cn=config`,
    'objectClass: olcSchemaConfig',
    `cn: ${name}`,
    ...definitions.map((definition) => {
      const attribute = definition.kind === 'attributeType' ? 'olcAttributeTypes' : 'olcObjectClasses'
      // The first space of a line that goes on belongs to LDIF.
      return `${attribute}: ${printDefinition(definition)}`
    }),
  ]
  const schema = [
    header(file, `include <folder>/${name}.schema in slapd.conf`, [...by, `The same for cn=config: ${name}.ldif`]),
    ...definitions.map((definition) => `${definition.kind.toLowerCase()} ${printDefinition(definition)}`),
  ]
  return new Map([
    [`${name}.ldif`, `${ldif.join('\n')}\n`],
    [`${name}.schema`, `${schema.join('\n\n')}\n`],
  ])
}

// --------------------------------------------------------------------------------------------------------- Files

/** The text of each file of ours by its name. */
export function writeOurs(): ReadonlyMap<string, string> {
  return printFile(UPS_ARCHIVE, OURS.map(parseDefinition), ['Written by derive.ts, where the OID is explained.'])
}

/** The text of each file that says what the schema published by dcm4chee says; `read` gives the text of a file of it. */
export function derivePublished(read: (file: string) => string): ReadonlyMap<string, string> {
  const files = [DICOM, DCM4CHEE].map((file) => {
    const sources = (file.sources ?? []).map((name) => ({ name, text: read(name) }))
    return { file, sources, definitions: sources.flatMap(({ text }) => readDefinitions(text)).map(parseDefinition) }
  })
  const known = files.flatMap(({ definitions }) => definitions)
  return new Map(
    files.flatMap(({ file, sources, definitions }) => [
      ...printFile(file, canonical(definitions, known), [
        'Derived by derive.ts, and not to be edited, from what dcm4chee publishes:',
        ...sources.map(({ name, text }) => `  ${name}, sha256 ${createHash('sha256').update(text).digest('hex')}`),
      ]),
    ]),
  )
}

if (import.meta.main) {
  const folder = process.argv[2] ?? '../shared/ldap/dcm4chee'
  const published = derivePublished((file) => readFileSync(resolve(folder, file), 'utf8'))
  for (const [file, text] of [...published, ...writeOurs()]) writeFileSync(join(import.meta.dirname, file), text)
}
