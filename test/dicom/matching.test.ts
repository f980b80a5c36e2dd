import { expect } from 'chai'
import fc from 'fast-check'

import { firstString } from '../../plugin/dicom/access.ts'
import type { Attribute, Dataset, Tag, Value } from '../../plugin/dicom/dataset.ts'
import { lookupTag, parseAttributeId } from '../../plugin/dicom/dictionary.ts'
import { matches, type MatchingContext } from '../../plugin/dicom/matching.ts'
import { isUniversal, parseQueryKeys, type Query, type QueryOptions } from '../../plugin/dicom/query.ts'
import { arbitraryDataset } from './dataset-arbitrary.ts'
import { accepted } from './support.ts'

type Keys = Readonly<Record<string, string | readonly string[]>>

const query = (keys: Keys, options: QueryOptions = {}): Query =>
  accepted(
    parseQueryKeys(
      Object.entries(keys).map(([name, list]) => ({ name, list: typeof list === 'string' ? [list] : list })),
      options,
    ),
  )

/** Attributes by keyword; `vr` where it is not the first of the dictionary. */
type Stored = Readonly<Record<string, readonly Value[] | Attribute>>

const isList = (value: readonly Value[] | Attribute): value is readonly Value[] => Array.isArray(value)

function dataset(stored: Stored): Dataset {
  const result: Record<Tag, Attribute> = {}
  for (const [name, value] of Object.entries(stored)) {
    const tag = parseAttributeId(name) ?? ''
    const vr = lookupTag(tag)?.vrs[0]
    if (!isList(value)) result[tag] = value
    else if (vr === undefined) throw new Error(`${name} needs a VR`)
    else result[tag] = value.length === 0 ? { vr } : { vr, Value: value }
  }
  return result
}

const UTC: MatchingContext = { timeZone: 'UTC' }

const found = (keys: Keys, stored: Stored, options?: QueryOptions, context = UTC): boolean =>
  matches(query(keys, options), dataset(stored), context)

interface Row {
  readonly keys: Keys
  readonly hit: readonly Stored[]
  readonly miss: readonly Stored[]
  readonly options?: QueryOptions
}

function table(rows: readonly Row[]): void {
  for (const { keys, hit, miss, options } of rows) {
    const key = JSON.stringify(keys)
    for (const stored of hit) {
      it(`${key} finds ${JSON.stringify(stored)}`, () => expect(found(keys, stored, options)).to.equal(true))
    }
    for (const stored of miss) {
      it(`${key} does not find ${JSON.stringify(stored)}`, () => expect(found(keys, stored, options)).to.equal(false))
    }
  }
}

/** A row of one attribute: `key` against its values. */
const one = (
  name: string,
  key: string | readonly string[],
  hit: readonly (readonly Value[])[],
  miss: readonly (readonly Value[])[],
  options: QueryOptions = {},
): Row => ({
  keys: { [name]: key },
  hit: hit.map((values) => ({ [name]: values })),
  miss: [...miss, []].map((values) => ({ [name]: values })).concat([{}]),
  options,
})

describe('PS3.4 C.2.2.2.1 single value matching', () => {
  table([
    one('ProcedureStepState', 'IN PROGRESS', [['IN PROGRESS'], ['IN PROGRESS '], [' IN PROGRESS']], [['COMPLETED'], ['IN  PROGRESS'], ['in progress'], ['IN']]),
    one('WorklistLabel', 'Thorax', [['Thorax'], ['Thorax  '], [' Thorax']], [['thorax'], ['Thoräx'], ['Thora'], ['Thorax 2'], ['Thor ax']]),
    one('WorklistLabel', 'Thorax ', [['Thorax'], ['Thorax   ']], [['Thorax 2']]),
    one('WorklistLabel', 'a,b', [['a,b']], [['a'], ['b']]),
    one('WorklistLabel', '""', [['""']], [['x']]),
    one('CodeValue', '12.1', [['12.1']], [['12x1'], ['12.10']]),
    one('CommentsOnTheScheduledProcedureStep', ' a', [[' a'], [' a ']], [['a']]),
    one('RetrieveURL', 'http://a/b', [['http://a/b']], [['http://a/B']]),
    one('PatientAge', '040Y', [['040Y']], [['041Y'], ['40Y']]),
    one('FrameIncrementPointer', '0018106a', [['0018106A'], ['00181063', '0018106A']], [['00181063']]),
    one('ImageType', 'AXIAL', [['ORIGINAL', 'PRIMARY', 'AXIAL'], ['ORIGINAL', null, 'AXIAL']], [['ORIGINAL', 'PRIMARY'], [null]]),
  ]) // prettier-ignore

  it('takes the VR that an attribute has, of those that it may have', () => {
    expect(found({ RetrieveURL: 'http://a' }, { RetrieveURL: { vr: 'UT', Value: ['http://a '] } })).to.equal(true)
    expect(found({ SmallestImagePixelValue: '-7' }, { SmallestImagePixelValue: { vr: 'SS', Value: [-7] } })).to.equal(
      true,
    )
    expect(found({ SmallestImagePixelValue: '7' }, { SmallestImagePixelValue: { vr: 'US', Value: [7] } })).to.equal(
      true,
    )
    expect(found({ SmallestImagePixelValue: '7' }, { SmallestImagePixelValue: { vr: 'US', Value: [8] } })).to.equal(
      false,
    )
  })
})

describe('Numbers as keys', () => {
  for (const key of ['7', '+7', '007', ' 7 ']) {
    table([one('SeriesNumber', key, [['7'], ['+7'], ['007'], [' 7'], [7]], [['70'], [-7], ['8']])])
  }
  table([
    one('SliceThickness', '.5', [['0.5'], ['5e-1'], ['0.50'], [0.5], [' .5 ']], [['5'], ['0.51'], ['x']]),
    one('Rows', '0512', [[512]], [[51], [5120]]),
    one('RealWorldValueSlope', '0.1', [[0.1]], [[0.2]]),
    one('RecommendedDisplayFrameRateInFloat', '0.1', [[0.1], [Math.fround(0.1)]], [[0.11]]),
    one('SelectorSVValue', '9007199254740993', [['9007199254740993'], ['+9007199254740993 ']], [['9007199254740992'], ['x'], [9007199254740992]]),
    one('SelectorUVValue', '7', [['7'], [7], ['007']], [['8'], [-7]]),
    one('SeriesNumber', '-0', [['0'], [0]], [['1']]),
  ]) // prettier-ignore
})

describe('List of UID matching, and lists of all else', () => {
  table([
    one('StudyInstanceUID', '1.2.3', [['1.2.3']], [['1.2.33'], ['1.2']]),
    one('StudyInstanceUID', ['1.2', '1.3 '], [['1.2'], ['1.3'], ['1.3 ']], [['1.4'], ['1.2.1']]),
    one('ProcedureStepState', ['SCHEDULED', 'IN PROGRESS'], [['SCHEDULED'], ['IN PROGRESS']], [['COMPLETED']]),
    one('SeriesNumber', ['1', '3'], [['1'], ['03']], [['2']]),
    one('StudyDate', ['20260301', '20260303-20260304'], [['20260301'], ['20260304']], [['20260302']]),
    one('StudyTime', ['10', '12'], [['1059'], ['12']], [['11']]),
    one('00404005', ['2025', '2027'], [['2025'], ['2027']], [['2026']]),
    one('PatientName', ['DOE', 'ROE^J*'], [[{ Alphabetic: 'Doe' }], [{ Alphabetic: 'Roe^Jane' }]], [[{ Alphabetic: 'Roe^Ann' }]]),
    one('WorklistLabel', ['A', 'B*'], [['A'], ['Bx']], [['Ax']]),
  ]) // prettier-ignore
})

describe('C.2.2.2.3 universal matching', () => {
  for (const key of ['', '*', []]) {
    for (const name of ['WorklistLabel', 'StudyInstanceUID', 'StudyDate', 'PatientName', 'SeriesNumber', 'PixelData']) {
      it(`${name}=${JSON.stringify(key)} finds what has it, what has it empty, and what has not`, () => {
        const vr = lookupTag(parseAttributeId(name) ?? '')?.vrs[0] ?? 'UN'
        expect(found({ [name]: key }, { [name]: { vr, Value: ['1'] } })).to.equal(true)
        expect(found({ [name]: key }, { [name]: { vr } })).to.equal(true)
        expect(found({ [name]: key }, {})).to.equal(true)
      })
    }
  }
  it('is what Specific Character Set and the offset from UTC amount to', () => {
    expect(found({ '00080005': 'ISO_IR 100', '00080201': '+0100' }, { SpecificCharacterSet: ['ISO_IR 192'] })).to.equal(
      true,
    )
  })
  it('holds for a query of no keys', () => expect(matches({}, {}, {})).to.equal(true))
})

describe('C.2.2.2.4 wildcard matching', () => {
  table([
    one('WorklistLabel', 'Th*', [['Th'], ['Thorax'], ['Thxyz ']], [['thorax'], ['T'], ['aTh']]),
    one('WorklistLabel', '*ax', [['Thorax'], ['ax']], [['axe'], ['AX']]),
    one('WorklistLabel', 'T?o*x', [['Thorax'], ['Txox']], [['Tox'], ['Thhorax']]),
    one('WorklistLabel', '?', [['a'], ['穆'], ['😀'], ['𠮷']], [['ab'], ['😀😀'], ['   ']]),
    one('WorklistLabel', '**', [['a']], [['  ']]),
    one('WorklistLabel', 'a.c[d]$', [['a.c[d]$']], [['abcd']]),
    one('WorklistLabel', 'a\\*', [['a\\b'], ['a\\']], [['a*']]),
    ...['ScheduledStationAETitle', 'CodeValue', 'StudyDescription', 'CommentsOnTheScheduledProcedureStep', 'ContactURI', 'LongCodeValue', 'TextValue', 'DerivationDescription', 'Modality']
      .map((name) => one(name, 'A?B*', [['AXB'], ['AXBY']], [['AB'], ['axb'], ['XAXB']])),
  ]) // prettier-ignore
})

describe('C.2.2.2.5 range matching', () => {
  table([
    one('StudyDate', '20260301 ', [['20260301']], [['20260302']]),
    one('StudyDate', '20260301', [['20260301'], ['20260301 ']], [['20260302'], ['202603'], ['x']]),
    one('StudyDate', '20260301-20260303', [['20260301'], ['20260302'], ['20260303']], [['20260228'], ['20260304'], ['2026030']]),
    one('StudyDate', '20260301-', [['20260301'], ['99991231']], [['20260228']]),
    one('StudyDate', '-20260301', [['20260301'], ['00010101']], [['20260302']]),
    one('StudyDate', '20260301-20260301', [['20260301']], [['20260302'], ['20260228']]),
    one('StudyTime', '2230', [['2230'], ['223000'], ['223059.999999'], ['223000.0']], [['2229'], ['2231'], ['222959.999999'], ['x']]),
    one('StudyTime', '223000', [['2230'], ['223000'], ['223000.5']], [['223001'], ['22']].slice(0, 1)),
    one('StudyTime', '22', [['22'], ['2230'], ['225959.999999']], [['23'], ['2159']]),
    one('StudyTime', '223000.1', [['223000.1'], ['223000.19'], ['223000.100000']], [['223000.2'], ['2230'], ['223000.099999']]),
    one('StudyTime', '10-12', [['10'], ['1130'], ['125959.999999']], [['0959'], ['13']]),
    one('StudyTime', '1015-', [['1015'], ['235959']], [['101459.9'], ['10']]),
    one('StudyTime', '-1015', [['00'], ['101559']], [['1016']]),
  ]) // prettier-ignore
})

describe('Combined date-time matching', () => {
  const study = (date: string, time: string): Stored => ({ StudyDate: [date], StudyTime: [time] })
  table([
    {
      keys: { StudyDate: '20260705-20260707', StudyTime: '1000-1800' },
      hit: [study('20260705', '1000'), study('20260706', '03'), study('20260706', '2359'), study('20260707', '180059')],
      miss: [study('20260705', '0959'), study('20260707', '1801'), study('20260708', '11'), { StudyDate: ['20260706'] }, { StudyTime: ['11'] }, study('20260706', 'x'), study('x', '11')],
    },
    {
      keys: { StudyTime: '2200-0200', StudyDate: '20260705-20260706' },
      hit: [study('20260705', '2200'), study('20260706', '0100')],
      miss: [study('20260705', '2159'), study('20260706', '0201')],
    },
    {
      keys: { StudyDate: '20260705-', StudyTime: '1000-' },
      hit: [study('20260705', '10'), study('20260706', '00')],
      miss: [study('20260705', '0959')],
    },
    {
      keys: { StudyDate: '-20260705', StudyTime: '-1000' },
      hit: [study('20260704', '23'), study('20260705', '100059')],
      miss: [study('20260705', '1001')],
    },
    // Of different forms: each for itself.
    {
      keys: { StudyDate: '20260705-', StudyTime: '1000-1800' },
      hit: [study('20260705', '10'), study('20260706', '18')],
      miss: [study('20260706', '09'), study('20260706', '1801')],
    },
    {
      keys: { StudyDate: '20260705-20260707', StudyTime: '10' },
      hit: [study('20260706', '1059')],
      miss: [study('20260706', '11')],
    },
    {
      keys: { StudyDate: '20260705', StudyTime: '1000-1800' },
      hit: [study('20260705', '10')],
      miss: [study('20260705', '1801'), study('20260706', '11')],
    },
    {
      keys: { StudyDate: ['20260705-20260706', '20260709-20260710'], StudyTime: '1000-1800' },
      hit: [study('20260710', '18')],
      miss: [study('20260706', '0959'), study('20260707', '11')],
    },
  ]) // prettier-ignore

  it('is of PS3.6 pairs only', () => {
    expect(
      found({ StudyDate: '20260705-20260706', SeriesTime: '10-18' }, { StudyDate: ['20260706'], SeriesTime: ['09'] }),
    ).to.equal(false)
    for (const [date, time] of [
      ['PatientBirthDate', 'PatientBirthTime'],
      ['SeriesDate', 'SeriesTime'],
      ['AdmittingDate', 'AdmittingTime'],
      ['ScheduledProcedureStepStartDate', 'ScheduledProcedureStepStartTime'],
      ['DateOfLastCalibration', 'TimeOfLastCalibration'],
    ] as const) {
      expect(query({ [date]: '20260705-20260706', [time]: '10-09' })[parseAttributeId(date) ?? '']?.type).to.equal(
        'date-time pair',
      )
    }
  })

  it('refuses a range that ends before it begins', () => {
    const parsed = parseQueryKeys([
      { name: 'StudyDate', list: ['20260705-20260705'] },
      { name: 'StudyTime', list: ['18-10'] },
    ])
    expect(parsed).to.deep.include({ ok: false, kind: 'invalid' })
  })

  it('works inside a sequence', () => {
    const keys = { '00400100.00400002': '20260705-20260706', '00400100.00400003': '10-18' }
    const item = (date: string, time: string): Stored => ({
      '00400100': { vr: 'SQ', Value: [dataset({ '00400002': [date], '00400003': [time] })] },
    })
    expect(found(keys, item('20260705', '19'))).to.equal(true)
    expect(found(keys, item('20260705', '09'))).to.equal(false)
  })

  it('reads both in the zones that are given', () => {
    const keys = { StudyDate: '20260705-20260705', StudyTime: '10-10', TimezoneOffsetFromUTC: '+0200' }
    expect(found(keys, study('20260705', '08'))).to.equal(true)
    expect(found(keys, { ...study('20260705', '11'), TimezoneOffsetFromUTC: ['+0300'] })).to.equal(true)
    expect(found(keys, { ...study('20260705', '10'), TimezoneOffsetFromUTC: ['+0300'] })).to.equal(false)
    expect(found(keys, study('20260705', '10'), {}, { timeZone: 'Europe/Vienna' })).to.equal(true)
    expect(found(keys, study('20260105', '10'), {}, { timeZone: 'Europe/Vienna' })).to.equal(false)
  })
})

describe('C.2.2.2.6 sequence matching', () => {
  const code = (value: string, scheme: string): Dataset =>
    dataset({ CodeValue: [value], CodingSchemeDesignator: [scheme] })
  const stations = (...items: Dataset[]): Stored => ({ ScheduledStationNameCodeSequence: { vr: 'SQ', Value: items } })
  table([
    {
      keys: { '00404025.CodeValue': 'a', '00404025.00080102': 'X' },
      hit: [stations(code('a', 'X')), stations({}, code('b', 'Y'), code('a', 'X'))],
      // The keys are there, but in different items.
      miss: [stations(code('a', 'Y'), code('b', 'X')), stations(), stations({}), {}],
    },
    { keys: { '00404025.CodeValue': '', '00404025': '' }, hit: [stations(), stations({}), {}, stations(code('a', 'X'))], miss: [] },
    { keys: { '00404025': [] }, hit: [stations(), {}], miss: [] },
    { keys: { '00404025.CodeValue': 'a', '00404025.CodeMeaning': '' }, hit: [stations(code('a', 'X'))], miss: [stations(code('b', 'X'))] },
    { keys: { '00404025.CodeValue': '""' }, options: { emptyvaluematching: true }, hit: [stations({}), stations(code('a', 'X'), dataset({ CodeValue: [] }))], miss: [stations(code('a', 'X')), stations(), {}] },
    {
      keys: { '00741216.00404028.CodeValue': 'a', '00741216.00404050': '2026' },
      hit: [{ '00741216': { vr: 'SQ', Value: [dataset({ '00404028': { vr: 'SQ', Value: [code('a', 'X')] }, '00404050': ['202603'] })] } }],
      miss: [
        { '00741216': { vr: 'SQ', Value: [dataset({ '00404028': { vr: 'SQ', Value: [code('a', 'X')] } }), dataset({ '00404050': ['202603'] })] } },
        { '00741216': { vr: 'SQ', Value: [dataset({ '00404028': { vr: 'SQ' }, '00404050': ['202603'] })] } },
      ],
    },
  ]) // prettier-ignore

  it('finds nothing where the attribute is no sequence', () => {
    expect(found({ '00404025.CodeValue': 'a' }, { '00404025': { vr: 'UN', InlineBinary: 'AAAA' } })).to.equal(false)
  })
})

describe('Empty value matching', () => {
  const on: QueryOptions = { emptyvaluematching: true }
  const names = ['ScheduledStationAETitle', 'ProcedureStepState', 'StudyDate', '00404005', 'WorklistLabel', 'CommentsOnTheScheduledProcedureStep', 'PatientName', 'CodeValue', 'DerivationDescription', 'StudyTime', 'LongCodeValue', 'RetrieveURL', 'TextValue'] // prettier-ignore
  for (const name of names) {
    it(`finds what has no ${name}`, () => {
      const vr = lookupTag(parseAttributeId(name) ?? '')?.vrs[0] ?? 'UN'
      const value: Value = vr === 'PN' ? { Alphabetic: 'x' } : '20260301'
      expect(found({ [name]: '""' }, {}, on)).to.equal(true)
      expect(found({ [name]: '""' }, { [name]: { vr } }, on)).to.equal(true)
      expect(found({ [name]: '""' }, { [name]: { vr, Value: [null, '  '] } }, on)).to.equal(true)
      expect(found({ [name]: '""' }, { [name]: { vr, Value: [value] } }, on)).to.equal(false)
    })
  }
  it('may be one of several', () => {
    const keys = { WorklistLabel: ['a', '""'] }
    expect(found(keys, {}, on)).to.equal(true)
    expect(found(keys, { WorklistLabel: ['a'] }, on)).to.equal(true)
    expect(found(keys, { WorklistLabel: ['b'] }, on)).to.equal(false)
  })
})

describe('Multiple value matching', () => {
  const on: QueryOptions = { multiplevaluematching: true }
  const all = (name: string, key: readonly string[], hit: readonly (readonly Value[])[], miss: readonly (readonly Value[])[]): Row =>
    one(name, key, hit, miss, on) // prettier-ignore
  table([
    all('ImageType', ['AXIAL', 'ORIGINAL'], [['ORIGINAL', 'PRIMARY', 'AXIAL'], ['AXIAL', 'ORIGINAL']], [['AXIAL'], ['ORIGINAL', 'PRIMARY']]),
    all('DestinationAE', ['A', 'B'], [['A'], ['B']], [['C']]),
    all('FrameIncrementPointer', ['00181063', '0018106a'], [['0018106A', '00181063']], [['00181063']]),
    all('ExposureModulationType', ['A', 'B'], [['B', 'A']], [['A']]),
    all('OperatorsName', ['DOE', 'ROE'], [[{ Alphabetic: 'Roe^J' }, { Alphabetic: 'Doe' }]], [[{ Alphabetic: 'Doe' }]]),
    all('OtherPatientIDs', ['1', '2'], [['2', '1', '3']], [['1', '3']]),
    // One value only, or a VR that it is not for: any of them.
    all('ProcedureStepState', ['COMPLETED', 'CANCELED'], [['COMPLETED'], ['CANCELED']], [['SCHEDULED']]),
    all('StudyInstanceUID', ['1.2', '1.3'], [['1.2'], ['1.3']], [['1.4']]),
    all('PixelAspectRatio', ['1', '2'], [['1', '3']], [['3', '4']]),
    all('ImageType', ['A*'], [['AXIAL']], [['B']]),
  ]) // prettier-ignore
})

describe('Private attributes', () => {
  const keys = { '00090010': 'ACME', '00091001': 'x' }
  const block = (number: string, creator: string, attribute: Attribute): Stored => ({
    [`000900${number}`]: { vr: 'LO', Value: [creator] },
    [`0009${number}01`]: attribute,
  })
  const text: Attribute = { vr: 'LO', Value: ['x'] }
  table([
    {
      keys,
      hit: [
        block('10', 'ACME', text),
        block('3A', 'ACME ', text),
        { ...block('10', 'OTHER', { vr: 'LO', Value: ['y'] }), ...block('11', 'ACME', text) },
        { ...block('10', 'ACME', { vr: 'LO', Value: ['y'] }), ...block('11', 'ACME', text) },
      ],
      miss: [
        block('10', 'OTHER', text),
        block('10', 'ACME', { vr: 'LO', Value: ['y'] }),
        block('10', 'ACME', { vr: 'LO' }),
        block('10', 'ACME', { vr: 'UN', InlineBinary: 'eA==' }),
        block('10', 'ACME', { vr: 'SQ', Value: [{}] }),
        block('10', 'ACME', { vr: 'DA', Value: ['x'] }),
        { '00091001': text },
        { '00110010': { vr: 'LO', Value: ['ACME'] }, '00111001': text },
        { ...block('10', 'OTHER', text), '00090011': { vr: 'LO', Value: ['ACME'] } },
        {},
      ],
    },
    { keys: { '00090010': 'ACME', '00091001': '' }, hit: [{}, block('11', 'ACME', text)], miss: [] },
    {
      keys: { '00090010': 'ACME', '00091001': '7' },
      hit: [block('11', 'ACME', { vr: 'IS', Value: ['07'] }), block('11', 'ACME', { vr: 'US', Value: [7] }), block('11', 'ACME', { vr: 'LO', Value: ['7'] })],
      miss: [block('11', 'ACME', { vr: 'LO', Value: ['07'] })],
    },
    {
      keys: { '00090010': 'ACME', '00091001': '2026-' },
      hit: [block('11', 'ACME', { vr: 'DT', Value: ['2026'] }), block('11', 'ACME', { vr: 'LO', Value: ['2026-'] })],
      miss: [block('11', 'ACME', { vr: 'DT', Value: ['2025'] })],
    },
    {
      keys: { '00090010': 'ACME', '00091001': '20260301', '00080201': '+0100' },
      hit: [block('11', 'ACME', { vr: 'DT', Value: ['2026022823+0000'] })],
      miss: [block('11', 'ACME', { vr: 'DT', Value: ['2026030123+0000'] })],
    },
    {
      keys: { '00090010': 'ACME', '00091001': 'JON' },
      options: { fuzzymatching: true },
      hit: [block('11', 'ACME', { vr: 'PN', Value: [{ Alphabetic: 'Doe^John' }] })],
      miss: [block('11', 'ACME', { vr: 'PN', Value: [{ Alphabetic: 'Doe^Mary' }] })],
    },
    {
      keys: { '00090010': 'ACME', '00091001': '""' },
      options: { emptyvaluematching: true },
      hit: [{}, block('11', 'ACME', { vr: 'LO' }), block('10', 'OTHER', text)],
      miss: [block('11', 'ACME', text)],
    },
    {
      keys: { '00090010': 'ACME', '00091001': ['a', 'b'] },
      options: { multiplevaluematching: true },
      hit: [block('11', 'ACME', { vr: 'LO', Value: ['b', 'a'] }), block('11', 'ACME', { vr: 'UI', Value: ['1.2'] })].slice(0, 1),
      miss: [block('11', 'ACME', { vr: 'LO', Value: ['a'] })],
    },
    {
      keys: { '00090010': 'ACME', '00091001.CodeValue': 'a' },
      hit: [block('11', 'ACME', { vr: 'SQ', Value: [dataset({ CodeValue: ['a'] })] })],
      miss: [block('11', 'ACME', { vr: 'SQ', Value: [dataset({ CodeValue: ['b'] })] }), block('11', 'OTHER', { vr: 'SQ', Value: [dataset({ CodeValue: ['a'] })] })],
    },
  ]) // prettier-ignore

  it('have the creator of their own item', () => {
    const item = dataset(block('12', 'ACME', text))
    const nested = { '00404025.00090010': 'ACME', '00404025.00091001': 'x' }
    expect(found(nested, { '00404025': { vr: 'SQ', Value: [item] } })).to.equal(true)
    expect(
      found(nested, {
        '00404025': { vr: 'SQ', Value: [{ '00091201': text }] },
        '00090012': { vr: 'LO', Value: ['ACME'] },
      }),
    ).to.equal(false)
  })
})

describe('Several keys', () => {
  it('have to match all', () => {
    const keys = { ProcedureStepState: 'SCHEDULED', WorklistLabel: 'A' }
    expect(found(keys, { ProcedureStepState: ['SCHEDULED'], WorklistLabel: ['A'] })).to.equal(true)
    expect(found(keys, { ProcedureStepState: ['SCHEDULED'], WorklistLabel: ['B'] })).to.equal(false)
    expect(found(keys, { ProcedureStepState: ['COMPLETED'], WorklistLabel: ['A'] })).to.equal(false)
    expect(found(keys, { ProcedureStepState: ['SCHEDULED'] })).to.equal(false)
  })
})

describe('Any query and any dataset', () => {
  const TEXTS = [
    '',
    '*',
    'a*',
    '?',
    'a',
    'X',
    'aZ',
    '穆',
    '2026',
    '20260301',
    '10',
    '7',
    '1.2.3',
    '""',
    '20250101-',
    '-20300101',
  ] as const
  const NAMES = ['00100010', '00100040', '21000140', '00404021', '00741238', '00280106', '60020022', '00404021.00100010', '00404021.00100040', '00404021.00404021.60020022', '00090010', '00091010'] // prettier-ignore
  const anyQuery = fc
    .tuple(
      fc.uniqueArray(
        fc.record({
          name: fc.constantFrom(...NAMES),
          list: fc.array(fc.constantFrom(...TEXTS, 'ACME 1.1'), { minLength: 1, maxLength: 2 }),
        }),
        { selector: ({ name }) => name, maxLength: 4 },
      ),
      fc.record({ fuzzymatching: fc.boolean(), emptyvaluematching: fc.boolean(), multiplevaluematching: fc.boolean() }),
    )
    .map(([keys, options]) => parseQueryKeys(keys, options))
    .filter((parsed) => parsed.ok)
    .map(accepted)

  it('give the same answer after the query was stored and read', () => {
    fc.assert(
      fc.property(anyQuery, arbitraryDataset, (some, stored) => {
        const answer = matches(some, stored, UTC)
        expect(matches(JSON.parse(JSON.stringify(some)) as Query, stored, UTC)).to.equal(answer)
      }),
      { numRuns: 1000 },
    )
  })

  it('find each other if the keys are the values of the dataset', () => {
    let hits = 0
    const KNOWN = ['00100010', '00100040', '21000140', '00741238', '00280106', '60020022']
    fc.assert(
      fc.property(arbitraryDataset, (stored) => {
        const keys = KNOWN.flatMap((name) => {
          const text = firstString(stored, name)
          return text === undefined ? [] : [{ name, list: [text] }]
        })
        const parsed = parseQueryKeys(keys)
        // Names of nothing but delimiters, for one.
        if (!parsed.ok) return
        if (!isUniversal(parsed.value)) hits++
        expect(matches(JSON.parse(JSON.stringify(parsed.value)) as Query, stored, UTC)).to.equal(true)
      }),
      { numRuns: 2000 },
    )
    expect(hits).to.be.above(500)
  })

  it('match if the query is universal', () => {
    fc.assert(
      fc.property(anyQuery, arbitraryDataset, (some, stored) => {
        if (isUniversal(some)) expect(matches(some, stored, UTC)).to.equal(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('match an empty dataset only if the query is universal or asks for empty values', () => {
    fc.assert(
      fc.property(anyQuery, (some) => {
        if (!JSON.stringify(some).includes('"empty"')) expect(matches(some, {}, UTC)).to.equal(isUniversal(some))
      }),
      { numRuns: 1000 },
    )
  })
})
