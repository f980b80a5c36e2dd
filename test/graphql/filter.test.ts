/** Filters of GraphQL against what UPS-RS makes of the same keys, and against workitems. */
import { expect } from 'chai'
import fc from 'fast-check'
import { endOfDateTime, startOfDateTime } from '../../plugin/dicom/matching-moment.ts'
import { matches } from '../../plugin/dicom/matching.ts'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { BadArgument } from '../../plugin/graphql/bad-argument.ts'
import { readWorkitemFilter, type WorkitemFilterInput } from '../../plugin/graphql/filter.ts'
import { keyParameters, matchingOptions } from '../../plugin/http/matching-parameters.ts'
import { parseQuery } from '../../plugin/http/query.ts'
import { type ReadFilter, readFilter } from '../../plugin/ups/matching-keys.ts'
import { sample } from '../support/workitems.ts'
import { argumentsOf, type Shape } from './support.ts'

const FLAGS: ReadonlySet<string> = new Set(['fuzzymatching', 'emptyvaluematching', 'multiplevaluematching'])

/** What UPS-RS makes of these parameters. */
function inUpsRs(parameters: string): ReadFilter {
  const query = parseQuery(parameters)
  return readFilter(keyParameters(query, FLAGS).keys, matchingOptions(query))
}

/** What GraphQL makes of a filter that stands in a document. */
async function inGraphql(filter: string, variables?: Shape): Promise<ReadFilter> {
  const declared = variables === undefined ? '' : '($v: WorkitemFilter)'
  const args = await argumentsOf(`query ${declared} { echo(filter: ${filter}) }`, variables)
  const { keys, options } = readWorkitemFilter(args['filter'] as WorkitemFilterInput)
  return readFilter(keys, options)
}

async function refusalOf(filter: string): Promise<BadArgument> {
  try {
    await inGraphql(filter)
  } catch (error) {
    if (error instanceof BadArgument) return error
    throw error
  }
  throw new Error('was not refused')
}

const queryOf = (read: ReadFilter): unknown => {
  if (!read.ok) throw new Error(read.problems.map(({ path, reason }) => `${path}: ${reason}`).join())
  return read.filter.query
}

/** A filter, and the parameters of UPS-RS that mean the same. */
const ALIKE: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'single values': [
    ['{ patientID: "A 1" }', 'PatientID=A%201'],
    ['{ patientID: ["A", "B,C"] }', 'PatientID=A,B%2CC'],
    ['{ sopInstanceUID: ["1.2", "1.3"] }', 'SOPInstanceUID=1.2,1.3'],
    ['{ pregnancyStatus: [4, 3] }', 'PregnancyStatus=4,3'],
    [
      '{ inputInformationSequence: { referencedSOPSequence: { referencedFrameNumber: 2 } } }',
      'InputInformationSequence.ReferencedSOPSequence.ReferencedFrameNumber=2',
    ],
    ['{ patientID: "A", admissionID: "B" }', 'PatientID=A&AdmissionID=B'],
  ],
  'enumerated values': [
    ['{ procedureStepState: IN_PROGRESS }', 'ProcedureStepState=IN%20PROGRESS'],
    ['{ procedureStepState: [SCHEDULED, CANCELED] }', 'ProcedureStepState=SCHEDULED,CANCELED'],
    [
      '{ scheduledProcedureStepPriority: HIGH, inputReadinessState: READY }',
      'ScheduledProcedureStepPriority=HIGH&InputReadinessState=READY',
    ],
    ['{ patientSex: ["F", "O"] }', 'PatientSex=F,O'],
  ],
  wildcards: [
    ['{ worklistLabel: ["CT*", "M?"] }', 'WorklistLabel=CT*,M?'],
    ['{ patientName: "Doe^J*" }', 'PatientName=Doe%5EJ*'],
  ],
  'universal keys': [['{ worklistLabel: "*" }', 'WorklistLabel=*']],
  'keys of items': [
    [
      '{ scheduledStationNameCodeSequence: { codeValue: "A", codingSchemeDesignator: "99X" } }',
      'ScheduledStationNameCodeSequence.CodeValue=A&ScheduledStationNameCodeSequence.CodingSchemeDesignator=99X',
    ],
    [
      '{ scheduledHumanPerformersSequence: { humanPerformerCodeSequence: { codeValue: "A" }, humanPerformerName: "Doe" } }',
      'ScheduledHumanPerformersSequence.HumanPerformerCodeSequence.CodeValue=A&ScheduledHumanPerformersSequence.HumanPerformerName=Doe',
    ],
    [
      '{ unifiedProcedureStepPerformedProcedureSequence: { performedProcedureStepEndDateTime: { from: "2026" } } }',
      'UnifiedProcedureStepPerformedProcedureSequence.PerformedProcedureStepEndDateTime=2026-',
    ],
  ],
  'dates and times in the form of DICOM': [
    ['{ patientBirthDate: { is: "19700101" } }', 'PatientBirthDate=19700101'],
    ['{ patientBirthDate: { is: ["19700101", "19800101"] } }', 'PatientBirthDate=19700101,19800101'],
    ['{ patientBirthDate: { is: ["19700101-19701231"] } }', 'PatientBirthDate=19700101-19701231'],
    ['{ patientBirthDate: { from: "19700101", to: "19701231" } }', 'PatientBirthDate=19700101-19701231'],
    ['{ patientBirthDate: { to: "19701231" } }', 'PatientBirthDate=-19701231'],
    [
      '{ expectedCompletionDateTime: { from: "202611240800+0100" } }',
      'ExpectedCompletionDateTime=202611240800%2B0100-',
    ],
    ['{ expectedCompletionDateTime: { is: "2026-0500" } }', 'ExpectedCompletionDateTime=2026-0500'],
    [
      '{ referencedRequestSequence: { issueTimeOfImagingServiceRequest: { from: "08", to: "093000.5" } } }',
      'ReferencedRequestSequence.IssueTimeOfImagingServiceRequest=08-093000.5',
    ],
  ],
  'a date and its time as one range': [
    [
      '{ referencedRequestSequence: { issueDateOfImagingServiceRequest: { from: "2026-11-24", to: "2026-11-25" }, issueTimeOfImagingServiceRequest: { from: "22:00", to: "06:00" } } }',
      'ReferencedRequestSequence.IssueDateOfImagingServiceRequest=20261124-20261125&ReferencedRequestSequence.IssueTimeOfImagingServiceRequest=2200-0600',
    ],
  ],
  'other attributes': [
    ['{ attributes: { path: "StudyID", values: "A" } }', 'StudyID=A'],
    ['{ attributes: [{ path: "00404025.00080104", values: ["A", "B*"] }] }', '00404025.00080104=A,B*'],
    [
      '{ attributes: [{ path: "00090010", values: "ACME" }, { path: "00091001", values: "x" }] }',
      '00090010=ACME&00091001=x',
    ],
    [
      '{ expectedCompletionDateTime: { is: "20261124" }, attributes: [{ path: "TimezoneOffsetFromUTC", values: "+0100" }] }',
      'ExpectedCompletionDateTime=20261124&TimezoneOffsetFromUTC=%2B0100',
    ],
  ],
  options: [
    ['{ patientName: "Doe", fuzzyMatching: true }', 'PatientName=Doe&fuzzymatching=true'],
    [String.raw`{ patientID: "\"\"", emptyValueMatching: true }`, 'PatientID=%22%22&emptyvaluematching=true'],
    [
      String.raw`{ patientBirthDate: { is: "\"\"" }, emptyValueMatching: true }`,
      'PatientBirthDate=%22%22&emptyvaluematching=true',
    ],
    ['{ medicalAlerts: ["A", "B"], multipleValueMatching: true }', 'MedicalAlerts=A,B&multiplevaluematching=true'],
    ['{ medicalAlerts: ["A", "B"], fuzzyMatching: null, multipleValueMatching: false }', 'MedicalAlerts=A,B'],
  ],
}

/** Refused by both, in the same words. */
const REFUSED_ALIKE: readonly (readonly [string, string])[] = [
  ['{ patientSex: "X" }', 'PatientSex=X'],
  ['{ sopInstanceUID: "x" }', 'SOPInstanceUID=x'],
  ['{ patientID: ["A", ""] }', 'PatientID=A,'],
  ['{ patientID: " " }', 'PatientID=%20'],
  ['{ patientName: "A=B=C=D" }', 'PatientName=A%3DB%3DC%3DD'],
  ['{ expectedCompletionDateTime: { is: "20261340" } }', 'ExpectedCompletionDateTime=20261340'],
  ['{ expectedCompletionDateTime: { from: "2027", to: "2026-11" } }', 'ExpectedCompletionDateTime=2027-202611'],
  ['{ patientBirthDate: { is: "1970" } }', 'PatientBirthDate=1970'],
  ['{ attributes: { path: "Nonsense", values: "A" } }', 'Nonsense=A'],
  ['{ attributes: { path: "00081195", values: "1.2.3" } }', '00081195=1.2.3'],
  ['{ attributes: { path: "00404025.TransactionUID", values: "*" } }', '00404025.TransactionUID=*'],
  ['{ attributes: { path: "00091001", values: "A" } }', '00091001=A'],
  ['{ attributes: { path: "ScheduledStationNameCodeSequence", values: "A" } }', 'ScheduledStationNameCodeSequence=A'],
  ['{ patientID: "A", attributes: { path: "00100020", values: "B" } }', 'PatientID=A&00100020=B'],
]

describe('A filter of workitems', () => {
  for (const [what, cases] of Object.entries(ALIKE)) {
    it(`means what it means in UPS-RS: ${what}`, async () => {
      for (const [filter, parameters] of cases) {
        expect(queryOf(await inGraphql(filter)), filter).to.deep.equal(queryOf(inUpsRs(parameters)))
      }
    })
  }

  for (const [filter, parameters] of REFUSED_ALIKE) {
    it(`is refused as in UPS-RS: ${filter}`, async () => {
      const expected = inUpsRs(parameters)
      expect(expected.ok).to.equal(false)
      expect(await inGraphql(filter)).to.deep.equal(expected)
    })
  }

  it('has no keys where there is none, where it is empty, and where all is null', async () => {
    for (const filter of ['null', '{}', '{ patientID: null, patientBirthDate: null, attributes: null }']) {
      expect(queryOf(await inGraphql(filter)), filter).to.deep.equal({})
    }
    expect(readWorkitemFilter(undefined)).to.deep.equal({ keys: [], options: {} })
  })

  it('may be a variable', async () => {
    const v = { procedureStepState: ['IN_PROGRESS'], scheduledStationNameCodeSequence: { codeValue: 'A' } }
    expect(queryOf(await inGraphql('$v', { v }))).to.deep.equal(
      queryOf(inUpsRs('ProcedureStepState=IN%20PROGRESS&ScheduledStationNameCodeSequence.CodeValue=A')),
    )
  })

  it('finds what it should', async () => {
    const workitem = sample('rt-treatment')
    const finds = async (filter: string, dataset: Dataset = workitem, timeZone?: string): Promise<boolean> => {
      const read = await inGraphql(filter)
      if (!read.ok) throw new Error('refused')
      return matches(read.filter.query, dataset, { timeZone })
    }
    expect(await finds('{ procedureStepState: SCHEDULED }')).to.equal(true)
    expect(await finds('{ procedureStepState: [COMPLETED, IN_PROGRESS] }')).to.equal(false)
    const start: Dataset = { '00404005': { vr: 'DT', Value: ['20261124080000+0100'] } }
    const between = (from: string, to: string): string =>
      `{ scheduledProcedureStepStartDateTime: { from: "${from}", to: "${to}" } }`
    expect(await finds(between('2026-11-24T07:00:00Z', '2026-11-24T07:00:00Z'), start)).to.equal(true)
    expect(await finds(between('2026-11-24T07:00:00.000001Z', '2026-11-25'), start)).to.equal(false)
    expect(await finds(between('2026-11-24', '2026-11-24'), start, 'Europe/Vienna')).to.equal(true)
    expect(await finds(between('2026-11-25', '2026-11-25'), start, 'Asia/Tokyo')).to.equal(false)
    expect(await finds('{ scheduledProcedureStepStartDateTime: { is: "2026-11" } }', start, 'UTC')).to.equal(true)
  })
})

describe('Dates and times of ISO 8601 in a filter', () => {
  const same = async (field: string, iso: string, dicom: string): Promise<void> => {
    const filterOf = (text: string): string => field.replace('?', JSON.stringify(text))
    expect(queryOf(await inGraphql(filterOf(iso))), iso).to.deep.equal(queryOf(await inGraphql(filterOf(dicom))))
  }

  const DATE_TIMES: readonly (readonly [string, string])[] = [
    ['2026-11', '202611'],
    ['2026-11-24', '20261124'],
    ['2026-11-24T08', '2026112408'],
    ['2026-11-24T08:00', '202611240800'],
    ['2026-11-24T08:00:30', '20261124080030'],
    ['2026-11-24T08:00:30.5', '20261124080030.5'],
    ['2026-11-24T08:00:30.123456', '20261124080030.123456'],
    ['2026-11-24T08:00:30.123456000Z', '20261124080030.123456+0000'],
    ['2026-11-24T08:00:00+01:00', '20261124080000+0100'],
    ['2026-11-24T08:00:00+0100', '20261124080000+0100'],
    ['2026-11-24t08:00:00z', '20261124080000+0000'],
    ['2026-11-24 08:00:00Z', '20261124080000+0000'],
    ['2026-11-24T07:00Z', '202611240700+0000'],
    ['2026-11-24T08:00:00-00:00', '20261124080000+0000'],
    ['2026-11-24T08:00:00-12:00', '20261124080000-1200'],
    ['2016-12-31T23:59:60Z', '20161231235960+0000'],
    ['2026-11-24+01:00', '20261124+0100'],
  ]
  for (const [iso, dicom] of DATE_TIMES) {
    it(`are those of DICOM: ${iso}`, async () => {
      await same('{ expectedCompletionDateTime: { is: ? } }', iso, dicom)
      await same('{ expectedCompletionDateTime: { from: ? } }', iso, dicom)
      await same('{ expectedCompletionDateTime: { to: ? } }', iso, dicom)
    })
  }

  it('are those of DICOM, dates and times alone too', async () => {
    await same('{ patientBirthDate: { is: ? } }', '2024-02-29', '20240229')
    await same('{ patientBirthDate: { to: ? } }', '2024-02-29', '20240229')
    const time = (match: string): string =>
      `{ referencedRequestSequence: { issueTimeOfImagingServiceRequest: ${match} } }`
    await same(time('{ is: ? }'), '08:00', '0800')
    await same(time('{ from: ? }'), '08:00:00.5', '080000.5')
    await same(time('{ to: ? }'), '23:59:60', '235960')
  })

  it('keep a range what it is, however short its ends are', () => {
    // The first three could be offsets.
    const year = fc.constantFrom('0400', '0500', '1000', '1999', '2026')
    const end = fc
      .tuple(year, fc.constantFrom('', '01', '1124', '112408'), fc.constantFrom('', '+0100', '-0500', '-1000'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(end, end, (from, to) => {
        const { keys, options } = readWorkitemFilter({ expectedCompletionDateTime: { from, to } })
        const read = readFilter(keys, options)
        const [start, last] = [startOfDateTime(from), startOfDateTime(to)]
        const first = { at: (start?.start ?? NaN) - (start?.offset ?? 0), local: start?.offset === undefined }
        const before = { at: endOfDateTime(to) - (last?.offset ?? 0), local: last?.offset === undefined }
        const isReversed = first.local === before.local && first.at >= before.at
        if (isReversed) return !read.ok
        expect(queryOf(read)).to.deep.equal({ '00404011': { type: 'date-time', ranges: [{ from: first, before }] } })
        return true
      }),
    )
  })

  const UNREADABLE = [
    '2026-02-30',
    '2026-11-24T24:00',
    '2026-11-24T08:00:00+15:00',
    '2026-11-24T08:00:00.1234567Z',
    '2026-13',
    '24.11.2026',
    '2026-2027',
    '',
    '*',
  ]
  for (const text of UNREADABLE) {
    it(`are refused as ends of a range with the field, the value and what was expected: ${JSON.stringify(text)}`, async () => {
      const { argument, message } = await refusalOf(`{ expectedCompletionDateTime: { from: ${JSON.stringify(text)} } }`)
      expect(argument).to.equal('filter.expectedCompletionDateTime.from')
      expect(message).to.equal(
        'filter.expectedCompletionDateTime.from cannot be read, expected a date and time as ' +
          'YYYY[MM[DD[HH[MM[SS[.F]]]]]][&ZZXX], or as YYYY-MM[-DD[THH[:MM[:SS[.F]]]]] with or without Z or an offset, ' +
          `found ${JSON.stringify(text)}.`,
      )
    })
  }

  it('are refused as values as in UPS-RS, which quotes them as they were given', async () => {
    const read = await inGraphql('{ expectedCompletionDateTime: { is: "2026-02-30" } }')
    expect(read.ok ? [] : read.problems.map(({ path }) => path)).to.deep.equal(['ExpectedCompletionDateTime'])
    expect(read.ok ? '' : read.problems[0]?.reason).to.match(/found "2026-02-30"$/)
  })

  it('are not quoted where they may be a patient’s', async () => {
    const { message } = await refusalOf('{ patientBirthDate: { to: "1970-13-01" } }')
    expect(message).to.equal('filter.patientBirthDate.to cannot be read, expected a date as YYYYMMDD or YYYY-MM-DD.')
  })
})

/** What would match everything by accident, and where it stands. */
const BY_ACCIDENT: readonly (readonly [string, string])[] = [
  ['{ patientID: [] }', 'filter.patientID'],
  ['{ patientID: "" }', 'filter.patientID'],
  ['{ procedureStepState: [] }', 'filter.procedureStepState'],
  ['{ pregnancyStatus: [] }', 'filter.pregnancyStatus'],
  ['{ scheduledStationNameCodeSequence: {} }', 'filter.scheduledStationNameCodeSequence'],
  ['{ scheduledStationNameCodeSequence: { codeValue: null } }', 'filter.scheduledStationNameCodeSequence'],
  ['{ scheduledStationNameCodeSequence: { codeValue: [] } }', 'filter.scheduledStationNameCodeSequence.codeValue'],
  ['{ patientBirthDate: {} }', 'filter.patientBirthDate'],
  ['{ patientBirthDate: { from: null, is: null } }', 'filter.patientBirthDate'],
  ['{ patientBirthDate: { is: [] } }', 'filter.patientBirthDate.is'],
  ['{ patientBirthDate: { is: "" } }', 'filter.patientBirthDate.is'],
  ['{ patientBirthDate: { is: "19700101", from: "19700101" } }', 'filter.patientBirthDate'],
  ['{ attributes: [] }', 'filter.attributes'],
  [
    '{ attributes: [{ path: "PatientID", values: "A" }, { path: "StudyID", values: [] }] }',
    'filter.attributes[1].values',
  ],
  ['{ attributes: { path: "StudyID", values: "" } }', 'filter.attributes[0].values'],
]

describe('A filter that would match everything by accident', () => {
  for (const [filter, argument] of BY_ACCIDENT) {
    it(`is refused: ${filter}`, async () => {
      const refusal = await refusalOf(filter)
      expect(refusal.argument).to.equal(argument)
      expect(refusal.message).to.match(/^filter\..*, expected .*\.$/)
    })
  }
})
