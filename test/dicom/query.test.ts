import { expect } from 'chai'
import fc from 'fast-check'

import type { Path } from '../../plugin/dicom/dataset.ts'
import type { Parsed } from '../../plugin/dicom/parsed.ts'
import { isUniversal, parseQueryKeys, type Query, type QueryKey, type QueryOptions } from '../../plugin/dicom/query.ts'
import { VR_MATCHING } from '../../plugin/dicom/query-vr-table.ts'
import { VRS } from '../../plugin/dicom/vr.ts'
import { accepted, refusals } from './support.ts'

type Keys = Readonly<Record<string, string | readonly string[]>>

const keysOf = (keys: Keys): readonly QueryKey[] =>
  Object.entries(keys).map(([name, value]) => ({ name, list: typeof value === 'string' ? [value] : value }))

const parse = (keys: Keys, options?: QueryOptions): Parsed<Query> => parseQueryKeys(keysOf(keys), options)
const query = (keys: Keys, options?: QueryOptions): Query => accepted(parse(keys, options))
const refused = (keys: Keys, options?: QueryOptions): readonly string[] => refusals(parse(keys, options))

const RANGE = 'or a range of them as a-b, a- or -b, in which a is not after b'
const DA = `expected a date as YYYYMMDD, ${RANGE}`
const TM = `expected a time as HH[MM[SS[.F]]], ${RANGE}`
const DT = `expected a date and time as YYYY[MM[DD[HH[MM[SS[.F]]]]]][&ZZXX], ${RANGE}`
const UI = 'expected a UID: at most 64 digits and dots, no component empty or with a leading zero'
const US = 'expected an integer from 0 to 65535'
const IS = 'expected an integer from -2147483648 to 2147483647 of at most 12 characters'
const DS = 'expected a decimal number of at most 16 characters'
const PN = 'expected a person name of at most 3 groups and 5 components, not all of them empty'
const SQ = 'expected no value, since it is a sequence: a key names an attribute inside it, behind a dot'
const NAME = 'expected a keyword of PS3.6 or the 8 hex digits of an attribute'
const BLANK = 'expected a value with more than spaces, or none at all'
const ALL = 'expected single values without * and ?, since multiplevaluematching asks for all of them'

describe('The names of matching keys', () => {
  const same: readonly (readonly [string, string])[] = [
    ['ProcedureStepState', '00741000'],
    ['0040a370.00080050', 'ReferencedRequestSequence.AccessionNumber'],
    ['00404025.CodeValue', 'ScheduledStationNameCodeSequence.00080100'],
    ['60020010', '60020010'],
    ['00741216.00404028.00080100', 'UnifiedProcedureStepPerformedProcedureSequence.PerformedStationNameCodeSequence.CodeValue'],
  ] // prettier-ignore
  for (const [one, other] of same) {
    it(`${one} and ${other} are one`, () => {
      expect(query({ [one]: '1' })).to.deep.equal(query({ [other]: '1' }))
      if (one !== other) expect(refused({ [one]: '1', [other]: '1' })).to.have.length(1)
    })
  }

  it('nest: keys of one sequence stand together', () => {
    const text = (value: string) => ({ type: 'text', values: [value], patterns: [] })
    expect(
      query({
        '00404025.00080100': 'a',
        WorklistLabel: 'x',
        'ScheduledStationNameCodeSequence.CodingSchemeDesignator': 'b',
      }),
    ).to.deep.equal({
      '00404025': { type: 'sequence', item: { '00080100': text('a'), '00080102': text('b') } },
      '00741202': text('x'),
    })
  })

  it('may name a sequence itself beside what is in it, if it has no value', () => {
    expect(query({ '00404025': '', '00404025.00080100': 'a' })).to.deep.equal(query({ '00404025.00080100': 'a' }))
    expect(query({ '00404025': [] })).to.deep.equal({ '00404025': { type: 'sequence', item: {} } })
  })

  const wrong: readonly (readonly [Keys, string])[] = [
    [{ NoSuchThing: 'x' }, `malformed NoSuchThing: ${NAME}, found "NoSuchThing"`],
    [{ patientname: 'x' }, `malformed patientname: ${NAME}, found "patientname"`],
    [{ '77760001': 'x' }, `malformed 77760001: ${NAME}, found "77760001"`],
    [{ '00080000': '1' }, `malformed 00080000: ${NAME}, found "00080000"`],
    [{ FileMetaInformationGroupLength: '1' }, `malformed FileMetaInformationGroupLength: ${NAME}, found "FileMetaInformationGroupLength"`],
    [{ '0008,0050': 'x' }, `malformed 0008,0050: ${NAME}, found "0008,0050"`],
    [{ '': 'x' }, `malformed : ${NAME}, found ""`],
    [{ '00404025.': 'x' }, `malformed 00404025.: ${NAME}, found ""`],
    [{ '00404025..00080100': 'x' }, `malformed 00404025..00080100: ${NAME}, found ""`],
    [{ '00404025.Nope': 'x' }, `malformed 00404025.Nope: ${NAME}, found "Nope"`],
    [{ __proto__x: 'x' }, `malformed __proto__x: ${NAME}, found "__proto__x"`],
    [{ 'PatientID.CodeValue': 'x' }, 'malformed PatientID.CodeValue: expected a sequence before each dot, found "PatientID"'],
    [{ '00090010.CodeValue': 'x' }, 'malformed 00090010.CodeValue: expected a sequence before each dot, found "00090010"'],
    [{ '00100020': 'x', PatientID: 'y' }, 'malformed PatientID: expected each attribute once, found it twice'],
    [{ '00404025.00080100': 'x', '00404025.CodeValue': '' }, 'malformed 00404025.CodeValue: expected each attribute once, found it twice'],
    [{ TransactionUID: '1.2' }, 'malformed TransactionUID: expected another attribute: the Transaction UID cannot be queried'],
    [{ '00081195': '' }, 'malformed 00081195: expected another attribute: the Transaction UID cannot be queried'],
    [{ '00404025.00081195': '1.2' }, 'malformed 00404025.00081195: expected another attribute: the Transaction UID cannot be queried'],
    [{ '00404025': 'x' }, `invalid 00404025: ${SQ}`],
    [{ ScheduledStationNameCodeSequence: '*' }, `invalid ScheduledStationNameCodeSequence: ${SQ}`],
    [{ '00404025': 'x', '00404025.00080100': 'y' }, `invalid 00404025: ${SQ}`],
  ] // prettier-ignore
  for (const [keys, reason] of wrong) {
    it(`${JSON.stringify(keys)} is refused`, () => expect(refused(keys)).to.deep.equal([reason]))
  }

  it('may be 64 sequences deep, and no deeper', () => {
    const nested = (depth: number): string => `${'00404025.'.repeat(depth)}00080100`
    expect(parse({ [nested(64)]: 'x' }).ok).to.equal(true)
    expect(refused({ [nested(65)]: 'x' })[0]).to.match(/: expected at most 64 sequences in each other$/)
    expect(refused({ [nested(10_000)]: 'x' })[0]).to.have.length.below(500)
  })

  it('are all looked at: every problem is told, at most 100', () => {
    expect(refused({ Nope: '', StudyInstanceUID: 'x', '00404025': 'y' })).to.deep.equal([
      `malformed Nope: ${NAME}, found "Nope"`,
      `malformed StudyInstanceUID: ${UI}, found "x"`,
      `malformed 00404025: ${SQ}`,
    ])
  })
})

describe('The values of matching keys', () => {
  const wrong: readonly (readonly [Keys, string, QueryOptions?])[] = [
    // DA
    ...['2026', '20260230', '2026-03-01', '20260302-20260301', '-', '20260301--', '20260301-20260302-20260303', '2026*', '20260301+0100', '""']
      .map((value) => [{ StudyDate: value }, `invalid StudyDate: ${DA}, found ${JSON.stringify(value)}`] as const),
    // TM
    ...['24', '9', '1000-0900', '-', '09:00', '10*', '1000+0100', '1000-0800-0900']
      .map((value) => [{ StudyTime: value }, `invalid StudyTime: ${TM}, found ${JSON.stringify(value)}`] as const),
    // DT
    ...['x', '-', '--', '20', '202613', '2027-2026', '20260302-20260301', '20260301-20260301-20260301', '2026*', '20260301T10', '2026-0500-0500-0500',
      '2026030110+0100-2026030110+0200', '2026+1500']
      .map((value) => [{ '00404005': value }, `invalid 00404005: ${DT}, found ${JSON.stringify(value)}`] as const),
    // UI
    ...['1.2.*', '1..2', 'x', '1.02', '?', '1.2\\1.3'].map((value) => [{ StudyInstanceUID: value }, `invalid StudyInstanceUID: ${UI}, found ${JSON.stringify(value)}`] as const),
    [{ StudyInstanceUID: ['1.2', 'y'] }, `invalid StudyInstanceUID: ${UI}, found "y"`],
    [{ StudyInstanceUID: '""' }, `invalid StudyInstanceUID: ${UI}, found "\\"\\""`, { emptyvaluematching: true }],
    // Numbers
    ...['1.5', 'x', '7*', '2147483648', '""'].map((value) => [{ SeriesNumber: value }, `invalid SeriesNumber: ${IS}, found ${JSON.stringify(value)}`, { emptyvaluematching: true }] as const),
    ...['1,5', 'x', '?', '1-2'].map((value) => [{ SliceThickness: value }, `invalid SliceThickness: ${DS}, found ${JSON.stringify(value)}`] as const),
    ...['-1', '65536', '1.5', '*1', 'x'].map((value) => [{ Rows: value }, `invalid Rows: ${US}, found ${JSON.stringify(value)}`] as const),
    [{ SmallestImagePixelValue: '70000' }, `invalid SmallestImagePixelValue: ${US}, found "70000"`],
    // Sets of characters that no wildcard is for
    [{ FrameIncrementPointer: '0018*' }, 'invalid FrameIncrementPointer: expected a tag as 8 upper-case hex digits'],
    // Names
    ...['^', '=', '^^=^', 'a=b=c=d', 'a^b^c^d^e^f'].map((value) => [{ ReferringPhysicianName: value }, `invalid ReferringPhysicianName: ${PN}`] as const),
    // Binary
    [{ PixelData: 'x' }, 'invalid PixelData: expected no value, since VR OW or OB cannot be matched by value'],
    // Blank ones, and empty ones among others
    [{ WorklistLabel: ' ' }, `invalid WorklistLabel: ${BLANK}`],
    [{ WorklistLabel: ['a', ''] }, `invalid WorklistLabel: ${BLANK}`],
    [{ StudyInstanceUID: ['', ''] }, `invalid StudyInstanceUID: ${BLANK}`],
    // All of them
    [{ ImageType: ['A*', 'B'] }, `invalid ImageType: ${ALL}, found "A*"`, { multiplevaluematching: true }],
    [{ ImageType: ['A', 'B?'] }, `invalid ImageType: ${ALL}, found "B?"`, { multiplevaluematching: true }],
    [{ ImageType: ['A', '""'] }, `invalid ImageType: ${ALL}, found "\\"\\""`, { multiplevaluematching: true, emptyvaluematching: true }],
    // The zone of the keys
    [{ TimezoneOffsetFromUTC: 'CET' }, 'invalid TimezoneOffsetFromUTC: expected one offset from UTC as &ZZXX, found "CET"'],
    [{ '00080201': '0100' }, 'invalid 00080201: expected one offset from UTC as &ZZXX, found "0100"'],
    [{ '00080201': '+1500' }, 'invalid 00080201: expected one offset from UTC as &ZZXX, found "+1500"'],
    [{ '00080201': ['+0100', '+0200'] }, 'invalid 00080201: expected one offset from UTC as &ZZXX, found "+0100,+0200"'],
    [{ '00404025.00080201': '+0100' }, 'malformed 00404025.00080201: expected no offset from UTC inside a sequence'],
  ] // prettier-ignore
  for (const [keys, reason, options] of wrong) {
    it(`${JSON.stringify(keys)} is refused`, () => expect(refused(keys, options)).to.deep.equal([reason]))
  }

  it('are shown in a problem unless they may be a patient’s', () => {
    const secret = 'Yossarian'
    const keys: readonly Keys[] = [
      { PatientBirthDate: secret },
      { PatientBirthTime: secret },
      { PatientSize: secret },
      { PatientAge: secret },
      { '00101002.00080018': secret },
      { OtherPatientIDsSequence: secret },
      { PatientName: `=^=${secret}^^^^^` },
      { HumanPerformerName: `${secret}^^^^^` },
      { '00091001': secret },
    ]
    for (const key of keys) {
      const [reason] = refused(key)
      expect(reason).to.be.a('string')
      expect(reason).to.not.include(secret)
    }
  })

  it('that are long are cut in a problem', () => {
    expect(refused({ StudyDate: 'x'.repeat(1000) })[0]).to.equal(
      `invalid StudyDate: ${DA}, found "${'x'.repeat(32)}..."`,
    )
  })

  describe('that are enumerated', () => {
    const STATES = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED']
    const asked: Path[] = []
    const enumerations = (path: Path): readonly string[] | undefined => {
      asked.push(path)
      return path === '00741000' || path === '00741224.00741000' ? STATES : undefined
    }
    for (const value of [...STATES, 'IN PROGRESS ', 'C*', '?N PROGRESS', '', '*']) {
      it(`may be ${JSON.stringify(value)}`, () => {
        expect(parse({ ProcedureStepState: value }, { enumerations }).ok).to.equal(true)
      })
    }
    for (const value of ['DONE', 'completed', 'CANCELLED', 'X*', 'SCHEDULED?']) {
      it(`may not be ${value}`, () => {
        expect(refused({ ProcedureStepState: ['SCHEDULED', value] }, { enumerations })).to.deep.equal([
          `invalid ProcedureStepState: expected one of ${STATES.join(', ')}, found "${value}"`,
        ])
        expect(refused({ '00741224.ProcedureStepState': value }, { enumerations })).to.have.length(1)
        expect(parse({ ProcedureStepState: value }).ok).to.equal(true)
      })
    }
    it('are asked for by the path of tags', () => {
      asked.length = 0
      parse({ 'scheduledStationNameCodeSequence.x': '', '0040a370.RequestedProcedureID': 'x' }, { enumerations })
      expect(asked).to.deep.equal(['0040A370.00401001'])
    })
  })
})

describe('Private keys', () => {
  it('come with their creator, at the same level', () => {
    const inBlock = (of: object) => ({ type: 'private', creator: 'ACME', of })
    const raw = { type: 'stored VR', values: ['x'], fuzzy: false, every: false }
    expect(query({ '00091001': 'x', '00090010': 'ACME ' })).to.deep.equal({
      '00090010': { type: 'universal' },
      '00091001': inBlock(raw),
    })
    expect(query({ '00404025.00090010': 'ACME', '00404025.0009103a': 'x' })['00404025']).to.deep.equal({
      type: 'sequence',
      item: { '00090010': { type: 'universal' }, '0009103A': inBlock(raw) },
    })
    expect(query({ '00090010': 'ACME', '00091001.CodeValue': 'x' })['00091001']).to.deep.equal(
      inBlock({ type: 'sequence', item: { '00080100': { type: 'text', values: ['x'], patterns: [] } } }),
    )
  })

  const NO_CREATOR = 'expected its private creator, one value without *, as another key'
  const wrong: readonly (readonly [Keys, string])[] = [
    [{ '00091001': 'x' }, `malformed 00091001: ${NO_CREATOR} 00090010`],
    [{ '00091001': '' }, `malformed 00091001: ${NO_CREATOR} 00090010`],
    [{ '00091001': 'x', '00090011': 'ACME', '00091101': '' }, `malformed 00091001: ${NO_CREATOR} 00090010`],
    [{ '00091001': 'x', '00090010': '' }, `malformed 00091001: ${NO_CREATOR} 00090010`],
    [{ '00091001': 'x', '00090010': '*' }, `malformed 00091001: ${NO_CREATOR} 00090010`],
    [{ '00091001': 'x', '00090010': ['A', 'B'] }, `malformed 00091001: ${NO_CREATOR} 00090010`],
    [{ '00404025.00091001': 'x', '00090010': '' }, `malformed 00404025.00091001: ${NO_CREATOR} 00090010`],
    [{ '00090001': 'x' }, `malformed 00090001: ${NO_CREATOR} 00090000`],
    [{ '00090010': 'ACME' }, 'malformed 00090010: expected a private attribute of its block as another key'],
    [{ '00090010': 'ACME', '00091001': ['x', ' '] }, `invalid 00091001: ${BLANK}`],
    [{ '00090010': 'ACME', '00091001': 'x', '00091001.CodeValue': 'y' }, `invalid 00091001: ${SQ}`],
  ] // prettier-ignore
  for (const [keys, reason] of wrong) {
    it(`${JSON.stringify(keys)} are refused`, () => expect(refused(keys)).to.deep.equal([reason]))
  }
})

describe('The limits of a query', () => {
  const keysNamed = (count: number): Keys =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`60${(i * 2).toString(16).padStart(2, '0')}0022`, 'x']))

  it('are 100 keys', () => {
    expect(parse(keysNamed(100)).ok).to.equal(true)
    expect(refused(keysNamed(101))).to.deep.equal(['malformed : expected at most 100 matching keys, found 101'])
  })

  it('are 1000 values of all keys together', () => {
    const values = (count: number): string[] => Array.from({ length: count }, String)
    expect(parse({ PatientID: values(500), WorklistLabel: values(500) }).ok).to.equal(true)
    expect(refused({ PatientID: values(501), WorklistLabel: values(500) })).to.deep.equal([
      'malformed : expected at most 1000 values in all matching keys, found 1001',
    ])
  })

  it('are 1024 characters of a value', () => {
    expect(parse({ WorklistLabel: 'x'.repeat(1024) }).ok).to.equal(true)
    expect(refused({ WorklistLabel: ['a', 'x'.repeat(1025)] })).to.deep.equal([
      'invalid WorklistLabel: expected at most 1024 characters in a value, found more',
    ])
  })

  it('are 512 characters of all values with wildcards', () => {
    const pattern = `${'x'.repeat(255)}*`
    expect(parse({ WorklistLabel: [pattern, pattern, 'x'.repeat(1024)] }).ok).to.equal(true)
    expect(refused({ WorklistLabel: [pattern, pattern], PatientID: '?' })).to.deep.equal([
      'invalid : expected at most 512 characters in all values with * or ?, found 513',
    ])
  })
})

describe('PS3.4 C.2.2.2 types of matching by VR', () => {
  /** The words of the standard a second time. */
  const WILDCARD = 'AE CS LO LT PN SH ST UC UR UT'
  const RANGE_MATCHING = 'DA TM DT'
  const EMPTY_VALUE = 'AE CS DA DT LO LT PN SH ST TM UC UR UT'
  const MULTIPLE_VALUE = 'AE AS AT CS LO PN SH UC'
  for (const vr of VRS) {
    it(vr, () => {
      const { kind, wildcard, empty, multiple } = VR_MATCHING[vr]
      expect({ wildcard, empty, multiple, range: ['date', 'time', 'date-time'].includes(kind) }).to.deep.equal({
        wildcard: WILDCARD.split(' ').includes(vr),
        empty: EMPTY_VALUE.split(' ').includes(vr),
        multiple: MULTIPLE_VALUE.split(' ').includes(vr),
        range: RANGE_MATCHING.split(' ').includes(vr),
      })
    })
  }
})

describe('A universal query', () => {
  const universal: readonly Keys[] = [
    {},
    { PatientName: '' },
    { PatientName: '*' },
    { PatientName: [] },
    { StudyInstanceUID: '*' },
    { PixelData: '' },
    { '00404025': '' },
    { '00404025.00080100': '', '00404025.00080102': '*' },
    { '00741216.00404028.00080100': '' },
    { '00080005': 'ISO_IR 100' },
    { '00080005': ['ISO 2022 IR 6', 'ISO 2022 IR 87'] },
    { TimezoneOffsetFromUTC: '+0100' },
    { TimezoneOffsetFromUTC: '' },
    { '00090010': 'ACME', '00091001': '' },
    { '00090010': 'ACME', '00091001.00080100': '' },
    { '00090010': '' },
  ]
  for (const keys of universal) {
    it(`is ${JSON.stringify(keys)}`, () => expect(isUniversal(query(keys))).to.equal(true))
  }
  const selective: readonly Keys[] = [
    { PatientName: '**' },
    { PatientName: '?' },
    { PatientName: ['*', 'x'] },
    { StudyDate: '20260101-' },
    { StudyDate: '20260101-', StudyTime: '10-' },
    { '00404025.00080100': 'x', '00404025.00080102': '' },
    { '00090010': 'ACME', '00091001': 'x' },
    { WorklistLabel: '""' },
  ]
  for (const keys of selective) {
    it(`is not ${JSON.stringify(keys)}`, () => expect(isUniversal(query(keys))).to.equal(false))
  }
  it('is not one that asks for an empty value', () => {
    expect(isUniversal(query({ WorklistLabel: '""' }, { emptyvaluematching: true }))).to.equal(false)
  })
})

describe('A query', () => {
  const NAMES = [
    'PatientName', 'StudyDate', 'StudyTime', '00404005', '00404025', '00404025.00080100', '00090010', '00091001', 'SeriesNumber',
    'ImageType', 'StudyInstanceUID', '00080201', '00081195', 'Nope', '00741216.00404050', 'PixelData', 'FrameIncrementPointer',
  ] // prettier-ignore
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '',
      '*',
      '""',
      '20260101',
      '20260101-',
      '1000-1100',
      '2026-0500',
      '7',
      '1.2',
      'ACME',
      '+0100',
      '-',
      '=',
      '^',
    ),
  )
  const keys = fc.array(fc.record({ name: fc.constantFrom(...NAMES), list: fc.array(value, { maxLength: 3 }) }), {
    maxLength: 6,
  })
  const options = fc.record({
    fuzzymatching: fc.boolean(),
    emptyvaluematching: fc.boolean(),
    multiplevaluematching: fc.boolean(),
  })

  it('is plain JSON, whatever the keys; or there is a problem', () => {
    fc.assert(
      fc.property(keys, options, (some, how) => {
        const parsed = parseQueryKeys(some, how)
        if (parsed.ok) expect(JSON.parse(JSON.stringify(parsed.value))).to.deep.equal(parsed.value)
        else expect(parsed.problems).to.not.be.empty
      }),
      { numRuns: 3000 },
    )
  })
})
