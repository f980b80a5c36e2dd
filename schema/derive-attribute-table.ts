/**
 * Derives `schema/attribute-table.json` (Table CC.2.5-3 with its macros expanded) from the machine-readable
 * requirements that the project was given: `npm run schema:attribute-table`. The test `ups/attribute-table` derives it
 * again and compares.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

interface Usage {
  readonly scu: string | null
  readonly scp: string | null
  readonly note: string | null
}

interface Requirement {
  readonly path: readonly string[]
  readonly keyword: string
  readonly name: string
  readonly vr: string
  readonly vm: string
  readonly module: string | null
  readonly macro: string | null
  readonly ncreate: Usage
  readonly nset: Usage
  readonly final: string | null
  readonly find: { readonly match: string | null; readonly return: string | null }
  readonly notes: string | null
  readonly correction?: string
  readonly moduleRule?: boolean
}

/** The conditions of the table, in the words of the table, and the names that `ups/conditions.ts` gives them. */
const CONDITIONS: readonly (readonly [RegExp, string])[] = [
  [/^if the code value length is 16 characters or less/, 'codeIsShort'],
  [/^if Code Value \(0008,0100\) is not present, and the code value is not a URN/, 'codeIsLong'],
  [/^if Code Value \(0008,0100\) is not present, and the code value is a URN/, 'codeIsUrn'],
  [/^if Code Value \(0008,0100\) or Long Code Value/, 'codeNeedsScheme'],
  [/^if the value of Coding Scheme Designator/, 'schemeIsAmbiguous'],
  [/^if Value Type is (\w+)/, 'valueTypeIs'],
  [/^create: required if Universal Entity ID \(0040,0032\) is not present/, 'noUniversalEntity'],
  [/^create: required if Local Namespace Entity ID/, 'noLocalNamespace'],
  [/^create: required if Universal Entity ID \(0040,0032\) is present/, 'universalEntity'],
  [/^if Universal Entity ID \(0040,0032\) is present in this item/, 'universalEntity'],
  [/^if Type of Instances \(0040,E020\) is CDA/, 'instancesAreCda'],
  [/^if Type of Instances \(0040,E020\) is DICOM and the Information Model/, 'informationModel'],
  [/^if the Referenced SOP Instance is/, 'partOfInstance'],
  [/^if DICOM (Media )?Retrieval Sequence/, 'noOtherRetrieval'],
  [/^if (DICOM|STOW-RS) Storage Sequence/, 'noOtherStorage'],
  [/^if the storage request only applies/, 'specificSopClass'],
  [/^if extended or replacement character set/, 'extendedCharacterSet'],
  [/^if a Human Performer is specified/, 'humanPerformerSpecified'],
  [/^if the Workitem is expected to result in the creation/, 'createsInstances'],
  [/^if the subject of the workitem requires identification/, 'subjectRequiresIdentification'],
  [/^if the UPS replaces another/, 'replacesAnother'],
]

const LEADING_NOTE = /^(match types?: [^;]*; )+/

const isConditional = (code: string): boolean => /[12]C/.test(code)

const usage = (cell: Usage): string => {
  if (cell.scu === 'not allowed') return 'NA'
  if (cell.scu === null) return 'see text'
  return `${cell.scu}/${cell.scp ?? ''}`
}

function condition(row: Requirement): string {
  const text = (row.notes ?? '').replace(LEADING_NOTE, '')
  for (const [pattern, name] of CONDITIONS) {
    const match = pattern.exec(text)
    if (match) return name === 'valueTypeIs' ? `valueTypeIs ${match[1]}` : name
  }
  throw new Error(`no condition is known for ${row.path.join('.')} ${row.keyword}: ${text}`)
}

function deriveRow(row: Requirement): Record<string, unknown> {
  const create = usage(row.ncreate)
  const set = usage(row.nset)
  return {
    path: row.path.join('.'),
    keyword: row.keyword,
    name: row.name,
    vr: row.vr,
    vm: row.vm,
    create,
    set,
    final: row.final ?? '-',
    match: row.find.match ?? '-',
    return: row.find.return ?? '-',
    ...(isConditional(create) || isConditional(set) ? { condition: condition(row) } : {}),
    ...(row.ncreate.note === 'must be empty' ? { emptyOnCreate: true } : {}),
    ...(row.module ? { module: row.module } : {}),
    ...(row.macro ? { macro: row.macro } : {}),
    ...(row.correction ? { correction: row.correction } : {}),
  }
}

/** The text of `schema/attribute-table.json` for the given text of `attribute-requirements.json`. */
export function deriveAttributeTable(requirements: string): string {
  const rows = (JSON.parse(requirements) as readonly Requirement[]).filter((row) => row.moduleRule !== true)
  const lines = rows.map((row) => `    ${JSON.stringify(deriveRow(row))}`)
  const provenance = {
    title:
      'DICOM PS3.4 Table CC.2.5-3, UPS SOP Class N-CREATE/N-SET/N-GET/C-FIND attributes, macros CC.2.5-2a..g expanded',
    edition: 'DICOM 2024c',
    derivedFrom: 'attribute-requirements.json',
    sha256: createHash('sha256').update(requirements).digest('hex'),
    by: 'schema/derive-attribute-table.ts',
    corrections: 'rows that the printed table cannot mean carry the reason in `correction`',
  }
  const head = JSON.stringify(provenance, null, 2).slice(2, -2)
  return `{\n  "provenance": {\n${head.replace(/^/gm, '  ')}\n  },\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`
}

if (import.meta.main) {
  const source = process.argv[2] ?? '../shared/spec/attribute-requirements.json'
  writeFileSync(new URL('attribute-table.json', import.meta.url), deriveAttributeTable(readFileSync(source, 'utf8')))
}
