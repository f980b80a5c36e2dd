/**
 * What the printed codes of Table CC.2.5-3 and decisions.md 3 demand of a requester, with an own list of the conditions
 * that can be told from a dataset. Knows nothing of the rules in the code.
 */
import type { Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import type { Strictness } from '../../plugin/ups/policy.ts'
import { text } from './support.ts'
import { type Operation, scuOf, type Setting, type Variant } from './table-datasets.ts'
import type { AttributeRow } from './transcription/cc-2-5-3.ts'

/** What the requester must send: the SCU half of a cell, its condition decided. */
type Need = 'value' | 'present' | 'optional'

export interface Case {
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
  const otherValue: Dataset =
    other === 'DATE' ? { '0040A121': text('DA', '20260301') } : { '0040A122': text('TM', '09') }
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
  '004008EA': {
    vr: 'SQ',
    Value: [{ '00080100': text('SH', 'cm'), '00080102': text('SH', 'UCUM'), '00080104': text('LO', 'cm') }],
  },
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
const ISO: Dataset = { [UNIVERSAL_TYPE]: text('CS', 'ISO') }
const universal: Dataset = { [UNIVERSAL]: text('UT', '1.2.3'), ...ISO }

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
    { name: 'no local one', setting: { item: put(ISO, LOCAL) }, need: 'value', shared: true },
    { name: 'a local one', setting: { item: put({ ...ISO, [LOCAL]: text('UT', 'HOSP') }) }, need: 'optional' },
  ],
  UniversalEntityIDType: () => [
    { name: 'a universal one', setting: { item: put(universal) }, need: 'value' },
    { name: 'no universal one', setting: { item: put({ [UNIVERSAL]: { vr: 'UT' } }) }, need: 'optional' },
  ],
}

/** Whether the subject requires identification cannot be told: acts as type 2 (decisions.md 3). */
const AS_TYPE_2: ReadonlySet<string> = new Set(['PatientID'])

/** What a row demands, once for each way in which its condition can be decided. */
export function casesOf(row: AttributeRow, operation: Operation): readonly Case[] {
  switch (scuOf(row, operation)) {
    case '1':
      return [{ name: 'always', need: 'value' }]
    case '2':
      // In macro 2e it is type 2, and when it is filled its type is needed.
      if (row.keyword === 'UniversalEntityID') return [{ name: 'always', setting: { item: put(ISO) }, need: 'present' }]
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
export function expectedOf({ need, shared }: Case, variant: Variant, strictness: Strictness): readonly string[] {
  const needed = typeof need === 'string' ? need : need[strictness]
  if (variant === 'filled' || needed === 'optional') return ['accepted']
  if (needed === 'present') {
    if (variant === 'empty') return ['accepted']
    return [strictness === 'strict' ? '0120 400' : 'added']
  }
  if (shared && variant === 'empty') return ['0121 400', '0120 400']
  return [variant === 'missing' ? '0120 400' : '0121 400']
}
