/** Workitems as Elasticsearch indexes them (plugin/search/document.ts), and the mapping that they are made for. */
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Attribute, Dataset, Value } from '../../plugin/dicom/dataset.ts'
import { documentOf, type WorkitemDocument } from '../../plugin/search/document.ts'
import { SEARCH_KEYS, type SearchKeys, SORT_KEYS } from '../../plugin/search/keys.ts'
import { INDEX_TEMPLATE, MAPPING_VERSION } from '../../plugin/search/mapping.ts'
import type { Listed, Position, Sequence } from '../../plugin/store/store.ts'
import { arbitraryWorkitem, LONG_TEXTS } from './narrowing-arbitrary.ts'

/** Table CC.2.5-3, matching keys R and U (standard.md A.6). */
const CODE = ['CodeValue', 'CodingSchemeDesignator', 'LongCodeValue', 'URNCodeValue']
const DESIGNATOR = ['LocalNamespaceEntityID', 'UniversalEntityID', 'UniversalEntityIDType']
const inside = (sequence: string, keywords: readonly string[]): readonly string[] =>
  keywords.map((keyword) => `${sequence}.${keyword}`)

const KEYS: readonly string[] = [
  'SOPInstanceUID',
  'ScheduledProcedureStepPriority',
  'ProcedureStepLabel',
  'WorklistLabel',
  ...inside('ScheduledStationNameCodeSequence', CODE),
  ...inside('ScheduledStationClassCodeSequence', CODE),
  ...inside('ScheduledStationGeographicLocationCodeSequence', CODE),
  ...inside('ScheduledHumanPerformersSequence.HumanPerformerCodeSequence', CODE),
  'ScheduledProcedureStepStartDateTime',
  'ExpectedCompletionDateTime',
  ...inside('ScheduledWorkitemCodeSequence', CODE),
  'InputReadinessState',
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'OtherPatientIDsSequence.IssuerOfPatientID',
  'PatientBirthDate',
  'PatientSex',
  'AdmissionID',
  ...inside('IssuerOfAdmissionIDSequence', DESIGNATOR),
  'ReferencedRequestSequence.AccessionNumber',
  ...inside('ReferencedRequestSequence.IssuerOfAccessionNumberSequence', DESIGNATOR),
  'ReferencedRequestSequence.RequestedProcedureID',
  'ReferencedRequestSequence.RequestingService',
  'ReplacedProcedureStepSequence.ReferencedSOPClassUID',
  'ReplacedProcedureStepSequence.ReferencedSOPInstanceUID',
  'ProcedureStepState',
]

const listed: Listed = { sequence: 7 as Sequence, uid: '1.2.3', version: 9 as Position, json: '' }
const document = (dataset: Dataset, timeZone = 'Europe/Vienna'): WorkitemDocument =>
  documentOf(listed, dataset, timeZone)

const attribute = (vr: Attribute['vr'], ...values: readonly Value[]): Attribute => ({ vr, Value: values })

type Path = string

function keysIn(keys: SearchKeys, prefix = ''): readonly Path[] {
  return [...keys.values()].flatMap(({ keyword, kind, items }) =>
    kind === 'none' ? keysIn(items, `${prefix}${keyword}.`) : [prefix + keyword],
  )
}

interface Mapping {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Mapping>>
}

/** All that have a value of their own, with their type. */
const fieldsIn = ({ properties = {} }: Mapping, prefix = ''): readonly (readonly [Path, string])[] =>
  Object.entries(properties).flatMap(([name, mapping]) =>
    mapping.properties === undefined
      ? [[prefix + name, mapping.type ?? ''] as const]
      : fieldsIn(mapping, `${prefix}${name}.`),
  )

const valuesIn = (value: unknown, path = ''): readonly Path[] => {
  if (Array.isArray(value)) return value.flatMap((one) => valuesIn(one, path))
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, inner]) => valuesIn(inner, path === '' ? name : `${path}.${name}`))
}

const sorted = (list: Iterable<string>): readonly string[] => [...new Set(list)].toSorted()

describe('The mapping of Elasticsearch', () => {
  const fields = new Map(fieldsIn(INDEX_TEMPLATE.mappings as Mapping))
  const nested = (path: Path): readonly string[] => path.split('.').slice(0, -1)

  it('is of the version that its file is named after', () => {
    const file = new URL(`../../schema/elasticsearch/workitem-v${MAPPING_VERSION}.json`, import.meta.url)
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(INDEX_TEMPLATE)
  })

  it('has the keys of the standard', () => {
    expect(sorted(keysIn(SEARCH_KEYS))).to.deep.equal(sorted(KEYS))
  })

  it('has a field for every key, and none that is for no key', () => {
    const levels = new Set([
      '',
      ...KEYS.flatMap((key) => nested(key).map((_, i, path) => `${path.slice(0, i + 1).join('.')}.`)),
    ])
    const ofLevels = [...levels].flatMap((level) => ['filled', 'cut', 'others'].map((name) => level + name))
    const ofName = ['Alphabetic', 'Ideographic', 'Phonetic'].flatMap((group) =>
      ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix', 'whole', 'words', 'sounds'].map(
        (part) => `${group}.${part}`,
      ),
    )
    const partsOf: Readonly<Record<string, readonly string[]>> = {
      PatientName: [...ofName, 'cut'],
      ScheduledProcedureStepStartDateTime: ['utc', 'local', 'precision'],
      ExpectedCompletionDateTime: ['utc', 'local', 'precision'],
    }
    expect(sorted(fields.keys())).to.deep.equal(
      sorted([
        'uid',
        'sequence',
        'version',
        'disorder',
        ...ofLevels,
        ...KEYS.flatMap((key) => partsOf[key]?.map((part) => `${key}.${part}`) ?? [key]),
        ...KEYS.filter((key) => !key.includes('.')).map((key) => `order.${key}`),
      ]),
    )
  })

  it('keeps the keys of a sequence together, and takes nothing that it does not know', () => {
    const { dynamic, properties = {} } = INDEX_TEMPLATE.mappings ?? {}
    expect(dynamic).to.equal('strict')
    for (const key of KEYS) {
      let level: Readonly<Record<string, Mapping>> = properties
      for (const sequence of nested(key)) {
        expect(level[sequence]?.type, sequence).to.equal('nested')
        level = level[sequence]?.properties ?? {}
      }
    }
    expect(properties['PatientName']?.type).to.equal('nested')
  })

  it('has every field that a document may have, and no other', () => {
    const datasets = fc.sample(arbitraryWorkitem, { seed: 1, numRuns: 1000 })
    expect(sorted(datasets.flatMap((dataset) => valuesIn(document(dataset))))).to.deep.equal(sorted(fields.keys()))
  })

  it('sorts by every key of the top level, date-times as numbers', () => {
    expect(sorted([...SORT_KEYS.values()].map(({ keyword }) => keyword))).to.deep.equal(
      sorted(KEYS.filter((key) => !key.includes('.'))),
    )
    for (const { keyword, kind } of SORT_KEYS.values()) {
      expect(fields.get(`order.${keyword}`), keyword).to.equal(kind === 'date-time' ? 'long' : 'keyword')
    }
  })
})

describe('The document of a workitem', () => {
  it('has its place in the store, and nothing of what it does not hold', () => {
    expect(document({})).to.deep.equal({ uid: '1.2.3', sequence: 7, version: 9, order: {} })
  })

  it('has texts without padding, with case, and says which keys have a value', () => {
    const found = document({ '00741202': attribute('LO', ' Thorax ', null, 'b '), '00100020': { vr: 'LO' } })
    expect(found).to.deep.include({
      WorklistLabel: ['Thorax', 'b'],
      filled: ['WorklistLabel'],
      order: { WorklistLabel: 'Thorax' },
    })
    expect(found).not.to.have.property('PatientID')
  })

  it('has names folded, by group and component, and how they sound', () => {
    const found = document({
      '00100010': attribute('PN', { Alphabetic: "Müller-O'Brien^Jürgen", Ideographic: '山田^太郎' }),
    })
    expect(found['PatientName']).to.deep.equal([
      {
        Alphabetic: {
          FamilyName: "MULLER-O'BRIEN",
          GivenName: 'JURGEN',
          MiddleName: '',
          NamePrefix: '',
          NameSuffix: '',
          whole: "MULLER-O'BRIEN^JURGEN",
          words: ['MULLER', 'OBRIEN', 'JURGEN'],
          sounds: ['M460', 'O165', 'J625'],
        },
        Ideographic: {
          FamilyName: '山田',
          GivenName: '太郎',
          MiddleName: '',
          NamePrefix: '',
          NameSuffix: '',
          whole: '山田^太郎',
          words: ['山田', '太郎'],
          sounds: ['山田', '太郎'],
        },
      },
    ])
    expect(found.order['PatientName']).to.equal("MULLER-O'BRIEN\0JURGEN\0\0山田\0太郎\0\0")
  })

  it('has no name that is empty', () => {
    expect(document({ '00100010': attribute('PN', {}, { Alphabetic: ' ' }, null) })).not.to.have.property('PatientName')
  })

  it('has date-times in microseconds of UTC where an offset is named, else of their own clock', () => {
    const start = { '00404005': attribute('DT', '20260301120000.5', '202603011200+0200', '2026') }
    const [noon, newYear] = [Date.UTC(2026, 2, 1, 12) * 1000, Date.UTC(2026, 0, 1) * 1000]
    const found = document(start)
    expect(found['ScheduledProcedureStepStartDateTime']).to.deep.equal({
      utc: [noon - 7_200_000_000],
      local: [noon + 500_000, newYear],
      precision: [16, 12, 4],
    })
    // Vienna is an hour ahead then.
    expect(found.order).to.deep.equal({ ScheduledProcedureStepStartDateTime: noon + 500_000 - 3_600_000_000 })
    expect(
      document({ ...start, '00080201': attribute('SH', '-0100') })['ScheduledProcedureStepStartDateTime'],
    ).to.deep.equal({
      utc: [noon + 500_000 + 3_600_000_000, noon - 7_200_000_000, newYear + 3_600_000_000],
      local: [],
      precision: [16, 12, 4],
    })
  })

  it('has dates as numbers, and none that is no date', () => {
    expect(document({ '00100030': attribute('DA', '20260301', '20260230') })['PatientBirthDate']).to.deep.equal([
      20260301,
    ])
  })

  it('has every item of a sequence, an empty one too', () => {
    const performer = {
      '00404009': attribute('SQ', { '00080100': attribute('SH', 'A'), '00080104': attribute('LO', 'B') }),
    }
    expect(document({ '00404034': attribute('SQ', performer, {}) })['ScheduledHumanPerformersSequence']).to.deep.equal([
      {
        HumanPerformerCodeSequence: [{ CodeValue: ['A'], filled: ['CodeValue'], others: ['00080104=B'] }],
        filled: ['HumanPerformerCodeSequence'],
      },
      {},
    ])
  })

  it('has the texts of all other attributes by their paths, those of private ones by creator and element', () => {
    const item = { '0020000D': attribute('UI', '1.2'), '00200013': attribute('IS', 7) }
    const found = document({
      '00404021': attribute('SQ', item, { '0020000D': attribute('UI', '1.3') }),
      '00090011': attribute('LO', 'A "c" '),
      '00091101': attribute('CS', 'x'),
      '00091102': attribute('IS', '7'),
      '00091201': attribute('LO', 'of nobody'),
    })
    expect(found.others).to.have.members([
      '00404021.0020000D=1.2',
      '00404021.0020000D=1.3',
      '000901"A \\"c\\""=x',
      '000902"A \\"c\\""~',
    ])
  })

  it('names the keys that have a text which is too long, and has its beginning', () => {
    const [text = ''] = LONG_TEXTS
    const found = document({
      '00404018': attribute('SQ', { '00080119': attribute('UC', text), '00080104': attribute('LO', text) }),
      '00741202': attribute('LO', text),
      '00100010': attribute('PN', { Alphabetic: `A^${text}` }),
    })
    const bytes = 32_766
    expect(found.cut).to.deep.equal(['WorklistLabel'])
    expect(found['WorklistLabel']).to.deep.equal([text.slice(0, bytes)])
    expect(found.disorder).to.have.members(['WorklistLabel', 'PatientName'])
    expect(found)
      .to.have.nested.property('ScheduledWorkitemCodeSequence[0].cut')
      .that.has.members(['LongCodeValue', '00080104'])
    expect(found)
      .to.have.nested.property('PatientName[0].cut')
      .that.has.members(['Alphabetic.GivenName', 'Alphabetic.whole', 'Alphabetic.words'])
  })

  it('cuts no character in two', () => {
    const found = document({ '00741202': attribute('LO', `a${'😀'.repeat(9000)}`) })
    expect(found['WorklistLabel']).to.deep.equal([`a${'😀'.repeat(8191)}`])
  })

  it('says where the order of the index would be wrong', () => {
    expect(document({ '00741202': attribute('LO', 'a\ud800') }).disorder).to.deep.equal(['WorklistLabel'])
    expect(document({ '00741202': attribute('IS', '7') }).disorder).to.deep.equal(['WorklistLabel'])
    expect(document({ '00404005': attribute('DA', '20260301') }).disorder).to.deep.equal([
      'ScheduledProcedureStepStartDateTime',
    ])
  })

  it('never has the Transaction UID', () => {
    const lock = { '00081195': attribute('UI', '9.9.9') }
    const dataset = { ...lock, '00404021': attribute('SQ', lock), '00404018': attribute('SQ', lock) }
    expect(JSON.stringify(document(dataset))).not.to.include('9.9.9')
  })
})
