/**
 * Table CC.2.5-3: the table in the code against the transcription, row by row; then what `decide` does with every row,
 * the expected side computed here from the printed codes.
 */
import { readFileSync } from 'node:fs'
import { expect } from 'chai'

import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import { lookupTag } from '../../plugin/dicom/dictionary.ts'
import type { Policy, Strictness } from '../../plugin/ups/policy.ts'
import { ATTRIBUTE_TABLE, type AttributeRow as CodeRow } from '../../plugin/ups/attribute-table.ts'
import { deriveAttributeTable } from '../../schema/derive-attribute-table.ts'
import derived from '../../schema/attribute-table.json' with { type: 'json' }
import { sharedPath } from '../config/shared-directory.ts'
import {
  answer,
  at,
  BOTH,
  changed,
  create,
  factsOf,
  LABEL,
  run,
  type Seen,
  SOP_CLASS,
  STAMP,
  text,
  TRANSACTION_UID,
  UID,
  update,
  workitemIn,
} from './support.ts'
import {
  datasetWith,
  emptyOf,
  filledOf,
  least,
  leastItem,
  type Node,
  nodesTo,
  type Operation,
  scuOf,
  type Setting,
  type Variant,
} from './table-datasets.ts'
import { type AttributeRow, CC_2_5_3 } from './transcription/cc-2-5-3.ts'

const OPERATIONS: readonly Operation[] = ['create', 'set']
const VARIANTS: readonly Variant[] = ['missing', 'empty', 'filled']

// ---------------------------------------------------------------------------------------------------- the table itself

const flattened = (rows: readonly CodeRow[]): readonly CodeRow[] => rows.flatMap((row) => [row, ...flattened(row.items)])

describe('Table CC.2.5-3 in the code', () => {
  const inCode = new Map(flattened(ATTRIBUTE_TABLE).map((row) => [row.path, row]))
  const printed = new Map(CC_2_5_3.map((row) => [row.path, row]))

  it('has no path twice', () => {
    expect(inCode.size).to.equal(flattened(ATTRIBUTE_TABLE).length)
    expect(printed.size).to.equal(CC_2_5_3.length)
  })

  it('has every row of the standard, and no other', () => {
    expect([...inCode.keys()].toSorted()).to.deep.equal([...printed.keys()].toSorted())
  })

  it('has the keyword, VR and codes of the standard in every row', () => {
    const cells = (row: CodeRow | AttributeRow): string =>
      [row.path, row.keyword, row.vr, row.create, row.set, row.final].join(' | ')
    expect([...inCode.values()].map(cells).toSorted()).to.deep.equal(CC_2_5_3.map(cells).toSorted())
  })

  it('has the multiplicities of the standard in its file', () => {
    const vms = derived.rows.map(({ path, vm }) => `${path} ${vm}`)
    expect(vms.toSorted()).to.deep.equal(CC_2_5_3.map(({ path, vm }) => `${path} ${vm}`).toSorted())
  })

  it('agrees with the dictionary, which values are checked against', () => {
    for (const { path, keyword, vr, vm } of CC_2_5_3) {
      const entry = lookupTag(path.slice(-8))
      expect([entry?.keyword, entry?.vrs[0], entry?.vm.text], path).to.deep.equal([keyword, vr, vm])
    }
  })

  const source = sharedPath('spec', 'attribute-requirements.json')
  if (source !== undefined) {
    it('is what schema/derive-attribute-table.ts derives from the requirements', () => {
      const expected = readFileSync(new URL('../../schema/attribute-table.json', import.meta.url), 'utf8')
      expect(deriveAttributeTable(readFileSync(source, 'utf8')) === expected).to.equal(true)
    })
  }
})

// --------------------------------------------------------------------------------------- what the printed codes demand

/** What the requester must send: the SCU half of a cell, its condition decided. */
type Need = 'value' | 'present' | 'optional'

interface Case {
  readonly name: string
  readonly setting?: Setting
  readonly need: Need | Readonly<Record<Strictness, Need>>
  /** One of several attributes is needed: which of them is named, and whether as missing or as empty, is left open. */
  readonly shared?: true
}

const put =
  (attributes: Dataset, ...without: readonly Tag[]) =>
  (item: Dataset): Dataset => ({
    ...Object.fromEntries(Object.entries(item).filter(([tag]) => !without.includes(tag))),
    ...attributes,
  })

const CODE_VALUE = '00080100'
const LONG_CODE: Dataset = { '00080119': text('UC', 'a code of more than 16 characters') }
const URN_CODE: Dataset = { '00080120': text('UR', 'urn:oid:1.2.3') }
const TEXT_VALUE = '0040A160'

/** A value attribute is needed in the content item of its type, and in no other. */
const valueOf = (valueType: string, others: Dataset = {}): readonly Case[] => {
  const other = valueType === 'DATE' ? 'TIME' : 'DATE'
  const otherValue: Dataset = other === 'DATE' ? { '0040A121': text('DA', '20260301') } : { '0040A122': text('TM', '09') }
  return [
    {
      name: `value type ${valueType}`,
      setting: { item: put({ ...others, '0040A040': text('CS', valueType) }, TEXT_VALUE) },
      need: 'value',
    },
    {
      name: `value type ${other}`,
      setting: { item: put({ ...otherValue, '0040A040': text('CS', other) }, TEXT_VALUE) },
      need: 'optional',
    },
  ]
}

const UNITS: Dataset = {
  '004008EA': { vr: 'SQ', Value: [{ '00080100': text('SH', 'cm'), '00080102': text('SH', 'UCUM'), '00080104': text('LO', 'cm') }] },
}
const NUMBER: Dataset = { '0040A30A': text('DS', '1') }

const RETRIEVALS: Readonly<Record<Tag, Dataset>> = {
  '0040E021': { '00080054': text('AE', 'PACS') },
  '0040E022': { '00880130': { vr: 'SH' }, '00880140': text('UI', '1.2.3') },
  '0040E023': { '0040E010': text('UR', 'https://example.org/1') },
  '0040E024': { '0040E030': text('UI', '1.2.3') },
  '0040E025': { '00081190': text('UR', 'https://example.org/1') },
}
const STORAGES: Readonly<Record<Tag, Dataset>> = {
  '00404071': { '21000140': text('AE', 'PACS') },
  '00404072': { '00404073': text('UR', 'https://example.org/1') },
  '00404074': { '0040E030': text('UI', '1.2.3') },
}

/** One of several sequences is needed: this one when all others are absent, and never when any other is there. */
const oneOf =
  (sequences: Readonly<Record<Tag, Dataset>>, need: Case['need']) =>
  (own: Tag): readonly Case[] => {
    const others = Object.entries(sequences).filter(([tag]) => tag !== own)
    const all = Object.keys(sequences)
    return [
      { name: 'no other', setting: { item: put({}, ...all) }, need, shared: true },
      ...others.map(([tag, item]): Case => ({
        name: `${tag} instead`,
        setting: { item: put({ [tag]: { vr: 'SQ', Value: [item] } }, ...all) },
        need: 'optional',
      })),
    ]
  }

/** Clients in the field send no retrieval sequence: demanded in `strict` only (decisions.md 3). */
const oneRetrieval = oneOf(RETRIEVALS, { lenient: 'optional', strict: 'value' })
const oneStorage = oneOf(STORAGES, 'value')

const LOCAL = '00400031'
const UNIVERSAL = '00400032'
const UNIVERSAL_TYPE = '00400033'
const universal: Dataset = { [UNIVERSAL]: text('UT', '1.2.3'), [UNIVERSAL_TYPE]: text('CS', 'ISO') }

/** The conditions that can be told from the dataset. All others count as not met (decisions.md 3). */
const EVALUABLE: Readonly<Record<string, (tag: Tag) => readonly Case[]>> = {
  CodeValue: () => [
    { name: 'no other code', need: 'value' },
    { name: 'a long code', setting: { item: put(LONG_CODE, CODE_VALUE) }, need: 'optional' },
    { name: 'a URN', setting: { item: put(URN_CODE, CODE_VALUE) }, need: 'optional' },
  ],
  CodingSchemeDesignator: () => [
    { name: 'a code', need: 'value' },
    { name: 'a long code', setting: { item: put(LONG_CODE, CODE_VALUE) }, need: 'value' },
    { name: 'a URN', setting: { item: put(URN_CODE, CODE_VALUE) }, need: 'optional' },
  ],
  DateTime: () => valueOf('DATETIME'),
  Date: () => valueOf('DATE'),
  Time: () => valueOf('TIME'),
  PersonName: () => valueOf('PNAME'),
  UID: () => valueOf('UIDREF'),
  TextValue: () => valueOf('TEXT'),
  ConceptCodeSequence: () => valueOf('CODE'),
  NumericValue: () => valueOf('NUMERIC', UNITS),
  MeasurementUnitsCodeSequence: () => valueOf('NUMERIC', NUMBER),
  HL7InstanceIdentifier: () => [
    { name: 'CDA', setting: { parent: put({ '0040E020': text('CS', 'CDA') }) }, need: 'value' },
    { name: 'DICOM', setting: { parent: put({ '0040E020': text('CS', 'DICOM') }) }, need: 'optional' },
  ],
  DICOMRetrievalSequence: oneRetrieval,
  DICOMMediaRetrievalSequence: oneRetrieval,
  WADORetrievalSequence: oneRetrieval,
  XDSRetrievalSequence: oneRetrieval,
  WADORSRetrievalSequence: oneRetrieval,
  DICOMStorageSequence: oneStorage,
  STOWRSStorageSequence: oneStorage,
  XDSStorageSequence: oneStorage,
  LocalNamespaceEntityID: () => [
    { name: 'no universal one', setting: { item: put({}, UNIVERSAL, UNIVERSAL_TYPE) }, need: 'value' },
    { name: 'a universal one', setting: { item: put(universal) }, need: 'optional' },
  ],
  UniversalEntityID: () => [
    { name: 'no local one', setting: { item: put({}, LOCAL) }, need: 'value', shared: true },
    { name: 'a local one', setting: { item: put({ [LOCAL]: text('UT', 'HOSP') }) }, need: 'optional' },
  ],
  UniversalEntityIDType: () => [
    { name: 'a universal one', setting: { item: put(universal) }, need: 'value' },
    { name: 'no universal one', setting: { item: put({}, UNIVERSAL) }, need: 'optional' },
  ],
}

/** Whether the subject requires identification cannot be told: acts as type 2 (decisions.md 3). */
const AS_TYPE_2: ReadonlySet<string> = new Set(['PatientID'])

function casesOf(row: AttributeRow, operation: Operation): readonly Case[] {
  switch (scuOf(row, operation)) {
    case '1':
      return [{ name: 'always', need: 'value' }]
    case '2':
      return [{ name: 'always', need: 'present' }]
    case '3':
      return [{ name: 'always', need: 'optional' }]
    case '1C':
      if (AS_TYPE_2.has(row.keyword)) return [{ name: 'always', need: 'present' }]
      return EVALUABLE[row.keyword]?.(row.path.slice(-8)) ?? [{ name: 'cannot be told', need: 'optional' }]
    case '2C':
      return [{ name: 'cannot be told', need: 'optional' }]
    default:
      throw new Error(`the test does not understand ${row[operation]} at ${row.path}`)
  }
}

/** The answer to one case, in one word: the code of the refusal, or how it is accepted. */
function expectedOf({ need, shared }: Case, variant: Variant, strictness: Strictness): readonly string[] {
  const needed = typeof need === 'string' ? need : need[strictness]
  if (variant === 'filled' || needed === 'optional') return ['accepted']
  if (needed === 'present') {
    if (variant === 'empty') return ['accepted']
    return [strictness === 'strict' ? '0120 400' : 'added']
  }
  if (shared && variant === 'empty') return ['0121 400', '0120 400']
  return [variant === 'missing' ? '0120 400' : '0121 400']
}

// ------------------------------------------------------------------------------------------------- what `decide` does

/** The workitem that is updated: with a value in every attribute that an Update must not change. */
const STORED_FOR_SET: Dataset = (() => {
  const attributes: Record<Tag, Attribute> = { ...workitemIn('IN PROGRESS').attributes }
  for (const { path } of CC_2_5_3.filter((row) => row.set === 'NA' && !row.path.includes('.'))) {
    const [node] = nodesTo(path)
    if (node) attributes[path] = filledOf(node, 'create')
  }
  return { ...attributes, '00080016': text('UI', SOP_CLASS), '00080018': text('UI', UID), '00741000': text('CS', 'IN PROGRESS') }
})()

const stored = workitemIn('IN PROGRESS', STORED_FOR_SET)

const execute = (dataset: Dataset, operation: Operation, policy: Policy): Seen =>
  operation === 'create'
    ? run(create(dataset), factsOf(undefined, { policy }))
    : run(update(dataset, TRANSACTION_UID), factsOf(stored, { policy }))

const MODIFIED: Readonly<Record<Operation, string>> = { create: 'accepted B300', set: 'accepted B305' }

function expectCase(row: AttributeRow, which: Case, variant: Variant, operation: Operation, policy: Policy): void {
  const { strictness } = policy
  const dataset = datasetWith(row.path, variant, operation, which.setting)
  const got = execute(dataset, operation, policy)
  const about = `${which.name}, ${variant}, ${strictness}: ${got.paths.join(' ')}`
  const expected = expectedOf(which, variant, strictness)
  if (expected.includes('added')) {
    expect(answer(got), about).to.equal(MODIFIED[operation])
    expect(got.next && at(got.next.attributes, row.path), about).to.deep.equal({ vr: row.vr })
    return
  }
  expect(answer(got), about).to.be.oneOf(expected)
  if (got.outcome === 'refused') {
    if (!which.shared) expect(got.paths, about).to.include(row.path)
  } else if (got.next) {
    expect(at(got.next.attributes, row.path), about).to.deep.equal(at(dataset, row.path))
  }
}

const isRoot = ({ path }: AttributeRow): boolean => !path.includes('.')

const EMPTY_ON_CREATE: ReadonlySet<string> = new Set(['00741002', '00741216'])

/** The sequence around it must be empty, or must not be changed at all. */
function unreachable(row: AttributeRow, operation: Operation): boolean {
  const around = nodesTo(row.path).slice(0, -1)
  return operation === 'create'
    ? around.some(({ tag }) => EMPTY_ON_CREATE.has(tag))
    : around.some((node) => node.row.set === 'NA')
}

function expectUnreachable(row: AttributeRow, operation: Operation): void {
  const [root = ''] = row.path.split('.')
  for (const policy of BOTH) {
    // Codes of the unreachable half of a row are not read: the items are those of the other operation, where needed.
    const items = operation === 'create' ? datasetWith(row.path, 'filled', 'set') : datasetWith(row.path, 'filled', 'create')
    const sequence = items[root]
    if (!sequence) throw new Error(`no ${root}`)
    const dataset = operation === 'create' ? { ...least('create'), [root]: sequence } : { [root]: sequence }
    const got = execute(dataset, operation, policy)
    const about = `${operation}, ${policy.strictness}`
    if (operation === 'create' || policy.strictness === 'strict') {
      expect(answer(got), about).to.equal('0105 400')
      expect(got.paths, about).to.include(root)
    } else if (JSON.stringify(sequence) !== JSON.stringify(STORED_FOR_SET[root])) {
      expect(answer(got), about).to.equal('0105 400')
      expect(got.paths, about).to.include(root)
    }
  }
}

/** Rows whose cell is prose, or says what the service does: `the rows that the service keeps`, below. */
const KEPT_BY_THE_SERVICE: Readonly<Record<Operation, ReadonlySet<string>>> = {
  create: new Set([
    'TransactionUID',
    'SOPClassUID',
    'SOPInstanceUID',
    'ScheduledProcedureStepModificationDateTime',
    'WorklistLabel',
    'ProcedureStepProgressInformationSequence',
    'UnifiedProcedureStepPerformedProcedureSequence',
  ]),
  set: new Set(['TransactionUID', 'ScheduledProcedureStepModificationDateTime']),
}

/** At depth 0 an Update may leave everything out, and what it must not change it may send back. */
function expectRootOfSet(row: AttributeRow, node: Node): void {
  const notAllowed = row.set === 'NA'
  const demanded = scuOf(row, 'create') === '1'
  for (const policy of BOTH) {
    const { strictness } = policy
    const answerTo = (attribute: Attribute | undefined): string =>
      answer(execute(changed({}, { [node.tag]: attribute }), 'set', policy))
    const same = STORED_FOR_SET[node.tag]
    expect(answerTo(undefined), `missing, ${strictness}`).to.equal('accepted')
    if (notAllowed) {
      expect(answerTo(emptyOf(node)), `blanked, ${strictness}`).to.equal('0105 400')
      expect(answerTo(another(node)), `another, ${strictness}`).to.equal('0105 400')
      expect(answerTo(same), `the same, ${strictness}`).to.equal(strictness === 'strict' ? '0105 400' : 'accepted')
    } else {
      const relabelled = row.keyword === 'WorklistLabel' ? 'accepted B305' : 'accepted'
      expect(answerTo(emptyOf(node)), `blanked, ${strictness}`).to.equal(demanded ? '0121 400' : relabelled)
      expect(answerTo(filledOf(node, 'set')), `filled, ${strictness}`).to.equal('accepted')
    }
  }
}

/** A right value that is not the stored one. */
function another(node: Node): Attribute {
  const { tag, children } = node
  if (children.length > 0) return { vr: 'SQ', Value: [leastItem(children, 'create'), leastItem(children, 'create')] }
  if (tag === '00741000') return text('CS', 'COMPLETED')
  if (tag === '00100040') return text('CS', 'O')
  const attribute = filledOf(node, 'create')
  const [value] = attribute.Value ?? []
  if (attribute.vr === 'PN') return { vr: 'PN', Value: [{ Alphabetic: 'Other^One' }] }
  if (attribute.vr === 'DA') return text('DA', '19991231')
  return { vr: attribute.vr, Value: [`${String(value)}1`] }
}

describe('Every row of Table CC.2.5-3', () => {
  it('starts from the least dataset, which is accepted without a remark', () => {
    for (const policy of BOTH) expect(answer(execute(least('create'), 'create', policy))).to.equal('accepted')
  })

  for (const row of CC_2_5_3) {
    for (const operation of OPERATIONS) {
      if (KEPT_BY_THE_SERVICE[operation].has(row.keyword) && isRoot(row)) continue
      const name = `${row.path} ${row.keyword}, ${row[operation]} in ${operation === 'create' ? 'N-CREATE' : 'N-SET'}`
      if (unreachable(row, operation)) {
        it(`${name}: cannot be reached`, () => expectUnreachable(row, operation))
      } else if (operation === 'set' && isRoot(row)) {
        const [node] = nodesTo(row.path)
        if (node) it(name, () => expectRootOfSet(row, node))
      } else {
        it(name, () => {
          for (const policy of BOTH) {
            for (const which of casesOf(row, operation)) {
              for (const variant of VARIANTS) expectCase(row, which, variant, operation, policy)
            }
          }
        })
      }
    }
  }
})

describe('The rows that the service keeps', () => {
  const created = (changes: Readonly<Record<Tag, Attribute | undefined>>, policy: Policy): Seen =>
    execute(changed(least('create'), changes), 'create', policy)

  for (const policy of BOTH) {
    const { strictness } = policy
    const missing = strictness === 'strict' ? '0120 400' : undefined

    it(`Transaction UID must be empty in N-CREATE, ${strictness}`, () => {
      expect(answer(created({ '00081195': { vr: 'UI' } }, policy))).to.equal('accepted')
      expect(answer(created({ '00081195': text('UI', '1.2.3') }, policy))).to.equal('0105 400')
      const without = created({ '00081195': undefined }, policy)
      if (missing === undefined) expect(without.next?.attributes).to.not.have.property('00081195')
      else expect(answer(without)).to.equal(missing)
    })

    for (const tag of EMPTY_ON_CREATE) {
      it(`${tag} must be there and empty in N-CREATE, ${strictness}`, () => {
        expect(answer(created({ [tag]: { vr: 'SQ' } }, policy))).to.equal('accepted')
        expect(answer(created({ [tag]: { vr: 'SQ', Value: [{}] } }, policy))).to.equal('0105 400')
        const without = created({ [tag]: undefined }, policy)
        expect(answer(without)).to.equal(missing ?? 'accepted B300')
        expect(without.next?.attributes[tag]).to.deep.equal(missing === undefined ? { vr: 'SQ' } : undefined)
      })
    }

    it(`Worklist Label may be empty in N-CREATE and gets the default, ${strictness}`, () => {
      const blank = created({ '00741202': { vr: 'LO' } }, policy)
      expect(answer(blank)).to.equal('accepted B300')
      expect(blank.next?.attributes['00741202']).to.deep.equal(text('LO', LABEL))
      const without = created({ '00741202': undefined }, policy)
      expect(answer(without)).to.equal(missing ?? 'accepted B300')
      expect(without.next?.attributes['00741202']).to.deep.equal(missing === undefined ? text('LO', LABEL) : undefined)
      expect(created({ '00741202': text('LO', 'own') }, policy).next?.attributes['00741202']).to.deep.equal(text('LO', 'own'))
    })

    it(`SOP Class UID, SOP Instance UID and the modification date-time need not be sent, ${strictness}`, () => {
      const got = created({ '00080016': undefined, '00080018': undefined, '00404010': undefined }, policy)
      expect(answer(got)).to.equal('accepted')
      expect(got.next?.attributes['00080016']).to.deep.equal(text('UI', SOP_CLASS))
      expect(got.next?.attributes['00080018']).to.deep.equal(text('UI', UID))
      expect(got.next?.attributes['00404010']).to.deep.equal(text('DT', STAMP))
    })

    it(`Transaction UID and modification date-time of an N-SET are not set, ${strictness}`, () => {
      const got = execute({ '00081195': text('UI', TRANSACTION_UID), '00404010': text('DT', '1999') }, 'set', policy)
      expect(answer(got)).to.equal('accepted')
      expect(got.next).to.equal(undefined)
    })
  }
})
