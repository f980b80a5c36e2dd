/** Queries of matching as queries of Elasticsearch (plugin/search/query.ts): what is asked for, and how sure the answer is. */
import { expect } from 'chai'
import { parseQueryKeys, type Query, type QueryOptions } from '../../plugin/dicom/query.ts'
import { queryOf, type SearchQuery } from '../../plugin/search/query.ts'
import { disorderOf, sortOf } from '../../plugin/search/sort.ts'
import { accepted } from '../dicom/support.ts'

type Keys = Readonly<Record<string, string | readonly string[]>>

const query = (keys: Keys, options?: QueryOptions): Query =>
  accepted(
    parseQueryKeys(
      Object.entries(keys).map(([name, list]) => ({ name, list: typeof list === 'string' ? [list] : list })),
      options,
    ),
  )

const narrowed = (keys: Keys, options?: QueryOptions, timeZone = 'Europe/Vienna'): SearchQuery =>
  queryOf(query(keys, options), timeZone)

type Container = SearchQuery['query']

const terms = (field: string, ...values: readonly string[]): Container => ({ terms: { [field]: [...values] } })
const either = (...should: readonly Container[]): Container => ({
  bool: { should: [...should], minimum_should_match: 1 },
})
const both = (...filter: readonly Container[]): Container => ({ bool: { filter: [...filter] } })
const nested = (path: string, inner: Container): Container => ({ nested: { path, query: inner, score_mode: 'none' } })
const EVERYTHING: Container = { match_all: {} }
const STATION = 'ScheduledStationNameCodeSequence'
const microseconds = (text: string): number => Date.parse(text) * 1000

interface Row {
  readonly keys: Keys
  readonly to: Container
  /** `unless`: exact, where nothing was cut. */
  readonly exact: boolean | 'unless'
  readonly options?: QueryOptions
}

const inAnyGroup = (narrow: (group: string) => Container): Container =>
  nested(
    'PatientName',
    either(...['Alphabetic', 'Ideographic', 'Phonetic'].map((group) => narrow(`PatientName.${group}`))),
  )

const ROWS: readonly Row[] = [
  { keys: {}, to: EVERYTHING, exact: true },
  { keys: { WorklistLabel: '', PatientName: '*', '00080201': '+0100' }, to: EVERYTHING, exact: true },
  // Texts
  { keys: { SOPInstanceUID: ['1.2', '1.3'] }, to: terms('SOPInstanceUID', '1.2', '1.3'), exact: true },
  { keys: { WorklistLabel: ' Thorax ' }, to: terms('WorklistLabel', 'Thorax'), exact: true },
  { keys: { WorklistLabel: 'Th*' }, to: { prefix: { WorklistLabel: 'Th' } }, exact: true },
  { keys: { WorklistLabel: '**' }, to: { exists: { field: 'WorklistLabel' } }, exact: true },
  { keys: { WorklistLabel: 'a?\\' }, to: { wildcard: { WorklistLabel: { value: 'a?\\\\' } } }, exact: true },
  {
    keys: { WorklistLabel: '*x' },
    to: either({ wildcard: { WorklistLabel: { value: '*x' } } }, { term: { cut: 'WorklistLabel' } }),
    exact: 'unless',
  },
  {
    keys: { WorklistLabel: `a?*${'b'.repeat(64)}` },
    to: either({ wildcard: { WorklistLabel: { value: 'a?*' } } }, { term: { cut: 'WorklistLabel' } }),
    exact: false,
  },
  { keys: { WorklistLabel: '\ufffd' }, to: terms('WorklistLabel', '\ufffd'), exact: false },
  { keys: { WorklistLabel: 'a\ud800' }, to: terms('WorklistLabel', 'a\ufffd'), exact: false },
  { keys: { WorklistLabel: 'a\ud800*' }, to: EVERYTHING, exact: false },
  {
    keys: { WorklistLabel: ['A', 'B*'] },
    to: either(terms('WorklistLabel', 'A'), { prefix: { WorklistLabel: 'B' } }),
    exact: true,
  },
  {
    keys: { WorklistLabel: ['A', 'B'] },
    options: { multiplevaluematching: true },
    // The attribute has one value at most, where all is as it should be.
    to: terms('WorklistLabel', 'A', 'B'),
    exact: true,
  },
  {
    keys: { WorklistLabel: ['""', 'A'] },
    options: { emptyvaluematching: true },
    to: either({ bool: { must_not: [{ term: { filled: 'WorklistLabel' } }] } }, terms('WorklistLabel', 'A')),
    exact: true,
  },
  {
    keys: { PatientID: 'A', WorklistLabel: 'B' },
    to: both(terms('PatientID', 'A'), terms('WorklistLabel', 'B')),
    exact: true,
  },
  // Sequences
  {
    keys: { [`${STATION}.CodeValue`]: 'A', [`${STATION}.CodingSchemeDesignator`]: 'B*' },
    to: nested(
      STATION,
      both(terms(`${STATION}.CodeValue`, 'A'), { prefix: { [`${STATION}.CodingSchemeDesignator`]: 'B' } }),
    ),
    exact: true,
  },
  {
    keys: { 'ScheduledHumanPerformersSequence.HumanPerformerCodeSequence.CodeValue': 'A' },
    to: nested(
      'ScheduledHumanPerformersSequence',
      nested(
        'ScheduledHumanPerformersSequence.HumanPerformerCodeSequence',
        terms('ScheduledHumanPerformersSequence.HumanPerformerCodeSequence.CodeValue', 'A'),
      ),
    ),
    exact: true,
  },
  { keys: { [`${STATION}.CodeValue`]: '' }, to: EVERYTHING, exact: true },
  {
    keys: { [`${STATION}.CodeMeaning`]: 'A' },
    to: nested(STATION, terms(`${STATION}.others`, '00080104=A')),
    exact: true,
  },
  { keys: { [`${STATION}.ContextGroupVersion`]: '2026' }, to: nested(STATION, EVERYTHING), exact: false },
  // Names
  {
    keys: { PatientName: 'Doe^J*' },
    to: inAnyGroup((group) =>
      either(both(terms(`${group}.FamilyName`, 'DOE'), { prefix: { [`${group}.GivenName`]: 'J' } }), {
        prefix: { [`${group}.whole`]: 'DOE^J' },
      }),
    ),
    exact: true,
  },
  {
    keys: { PatientName: '=山田' },
    to: nested('PatientName', terms('PatientName.Ideographic.FamilyName', '山田')),
    exact: true,
  },
  {
    keys: { PatientName: 'Smith' },
    options: { fuzzymatching: true },
    to: inAnyGroup((group) => either(terms(`${group}.FamilyName`, 'SMITH'), terms(`${group}.sounds`, 'S530'))),
    exact: true,
  },
  // Dates and times
  { keys: { PatientBirthDate: '20260301-' }, to: { range: { PatientBirthDate: { gte: 20260301 } } }, exact: true },
  {
    keys: { PatientBirthDate: '20260301' },
    to: { range: { PatientBirthDate: { gte: 20260301, lte: 20260301 } } },
    exact: true,
  },
  {
    keys: { PatientBirthDate: '20260301-20260302', PatientBirthTime: '09-10' },
    to: EVERYTHING,
    exact: false,
  },
  {
    keys: { '00404005': '20260301-' },
    to: either(
      { range: { 'ScheduledProcedureStepStartDateTime.utc': { gte: microseconds('2026-02-28T23:00Z') } } },
      { range: { 'ScheduledProcedureStepStartDateTime.local': { gte: microseconds('2026-03-01T00:00Z') } } },
    ),
    exact: true,
  },
  {
    keys: { '00404005': '-2026030110+0000' },
    to: either(
      { range: { 'ScheduledProcedureStepStartDateTime.utc': { lt: microseconds('2026-03-01T11:00Z') } } },
      { range: { 'ScheduledProcedureStepStartDateTime.local': { lt: microseconds('2026-03-01T12:00Z') } } },
    ),
    exact: true,
  },
  {
    // On a day when clocks are put forward.
    keys: { '00404005': '2026032910+0000-' },
    to: either(
      { range: { 'ScheduledProcedureStepStartDateTime.utc': { gte: microseconds('2026-03-29T10:00Z') } } },
      { range: { 'ScheduledProcedureStepStartDateTime.local': { gte: microseconds('2026-03-29T11:00Z') } } },
    ),
    exact: false,
  },
  // All other attributes
  { keys: { StudyInstanceUID: '1.2' }, to: terms('others', '0020000D=1.2'), exact: true },
  {
    keys: { 'InputInformationSequence.StudyInstanceUID': '1.2' },
    to: terms('others', '00404021.0020000D=1.2'),
    exact: true,
  },
  {
    keys: { 'InputInformationSequence.StudyInstanceUID': '1.2', 'InputInformationSequence.SeriesInstanceUID': '1.3' },
    to: both(terms('others', '00404021.0020000D=1.2'), terms('others', '00404021.0020000E=1.3')),
    exact: false,
  },
  { keys: { CommentsOnTheScheduledProcedureStep: 'a*' }, to: { prefix: { others: '00400400=a' } }, exact: true },
  {
    keys: { '00090010': 'ACME', '00091001': ' x ' },
    to: either(
      terms('others', '000901"ACME"= x', '000901"ACME"=x', '000901"ACME"= x '),
      terms('others', '000901"ACME"~'),
    ),
    exact: false,
  },
  { keys: { SeriesNumber: '7' }, to: EVERYTHING, exact: false },
  { keys: { ScheduledProcedureStepModificationDateTime: '2026' }, to: EVERYTHING, exact: false },
]

describe('Narrowing in Elasticsearch', () => {
  for (const { keys, to, exact, options } of ROWS) {
    const how = exact === 'unless' ? ', exact unless a text was cut' : exact ? ', exact' : ''
    it(`${JSON.stringify(keys).slice(0, 120)}${options ? ` ${JSON.stringify(options)}` : ''}${how}`, () => {
      const found = narrowed(keys, options)
      expect(found.query).to.deep.equal(to === EVERYTHING ? EVERYTHING : both(to))
      expect(found.exact).to.equal(exact === true)
      expect(found.exactUnless !== undefined).to.equal(exact === 'unless')
    })
  }

  it('asks for the workitems that were cut at the level where they were', () => {
    const cut = { term: { [`${STATION}.cut`]: 'LongCodeValue' } }
    expect(narrowed({ [`${STATION}.LongCodeValue`]: '*x', WorklistLabel: '*y' }).exactUnless).to.deep.equal(
      either(nested(STATION, cut), { term: { cut: 'WorklistLabel' } }),
    )
  })

  it('asks for all of several values, where an attribute may have several', () => {
    const found = narrowed({ OtherPatientNames: 'A' }, { multiplevaluematching: true })
    expect(found).to.deep.equal({ query: EVERYTHING, exact: false })
    const types = narrowed({ ImageType: ['A', 'B'] }, { multiplevaluematching: true })
    expect(types).to.deep.equal({
      query: both(both(terms('others', '00080008=A'), terms('others', '00080008=B'))),
      exact: true,
    })
  })

  it('leaves out what would be too much for Elasticsearch', () => {
    const names = Array.from({ length: 999 }, (_, i) => `A${i}`)
    expect(narrowed({ PatientName: names, PatientID: 'B' })).to.deep.equal({
      query: both(both(nested('PatientName', EVERYTHING), terms('PatientID', 'B'))),
      exact: false,
    })
  })

  it('knows nothing of a Transaction UID', () => {
    const lock: Query = { '00081195': { type: 'uid', values: ['1.2'] } }
    expect(queryOf(lock, undefined)).to.deep.equal({ query: EVERYTHING, exact: false })
  })
})

describe('Order in Elasticsearch', () => {
  const zones = { asked: 'Europe/Vienna', indexed: 'Europe/Vienna' }
  const start = { tag: '00404005', descending: true }
  const name = { tag: '00100010', descending: false }
  const creation = { sequence: { order: 'asc' } }

  it('is that of creation, between equals too', () => {
    expect(sortOf([], zones)).to.deep.equal([creation])
    expect(sortOf([start, name], zones)).to.deep.equal([
      { 'order.ScheduledProcedureStepStartDateTime': { order: 'desc', missing: '_last' } },
      { 'order.PatientName': { order: 'asc', missing: '_last' } },
      creation,
    ])
  })

  it('is not there by attributes that are no keys, and by date-times in another zone', () => {
    for (const tag of ['00404010', '00404025', '00080100']) {
      expect(sortOf([name, { tag, descending: false }], zones), tag).to.equal(undefined)
    }
    const other = { asked: undefined, indexed: 'Europe/Vienna' }
    expect(sortOf([start], other)).to.equal(undefined)
    expect(sortOf([name], other)).to.have.length(2)
  })

  it('tells which workitems would be out of place', () => {
    expect(disorderOf([start, name])).to.deep.equal({
      terms: { disorder: ['ScheduledProcedureStepStartDateTime', 'PatientName'] },
    })
  })
})
