/** Matching keys of a search, transcribed from standard.md E.2: each type with what it finds and what it just misses. */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Answer, post, send } from '../support/http.ts'
import { describeWithEachEngine } from '../support/search-engines.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample } from '../support/workitems.ts'
import { attribute, code } from './datasets.ts'
import { aeEntry, writeDirectory } from './directory.ts'
import { expectRefusal, unchanged } from './refusal.ts'
import { uidsIn } from './searching.ts'

const named = (alphabetic: string, ideographic: string, phonetic: string): Dataset => ({
  '00100010': attribute('PN', { Alphabetic: alphabetic, Ideographic: ideographic, Phonetic: phonetic }),
})

/** AI: Müller^Jürgen, 穆勒^尤尔根. RT: DOE^JOHN^1. JP: values that the others have only in part. */
const WORKITEMS: Readonly<Record<string, Dataset>> = {
  AI: sample('ai-triage'),
  RT: sample('rt-treatment'),
  JP: changed(sample('minimal'), {
    ...named('Yamada^Tarou', '山田^太郎', 'やまだ^たろう'),
    '00090010': attribute('LO', 'OTHER'),
    '00091001': attribute('LO', 'first'),
    '00090011': attribute('LO', 'ACME'),
    '00091101': attribute('LO', 'second'),
    '00741202': attribute('LO', 'Kyoto, one'),
    '00081080': attribute('LO', 'a', 'b'),
    '00080020': attribute('DA', '20261122'),
    '00080030': attribute('TM', '093000'),
    '00101030': attribute('DS', '70.50'),
    '00404005': attribute('DT', '20261122'),
    '00404025': attribute(
      'SQ',
      { ...code('CXR-AI-01'), '00080102': attribute('SH', '99OTHER') },
      { ...code('CT-1'), '00080102': attribute('SH', '99SITE') },
    ),
  }),
}
const NAMES = Object.keys(WORKITEMS)
const uidOf = (name: string): string => `1.2.81.${NAMES.indexOf(name) + 1}`
const nameOf = (uid: string): string => NAMES[Number(uid.slice('1.2.81.'.length)) - 1] ?? uid

/** `what`: query, what it finds. */
const TYPES: Readonly<Record<string, readonly [string, string][]>> = {
  'Single value': [
    ['PatientID=AI-4711', 'AI'],
    ['PatientID=ai-4711', ''],
    ['PatientID=AI-471', ''],
    ['00100020=AI-4711', 'AI'],
    ['ScheduledProcedureStepPriority=HIGH', 'AI'],
    ['PatientBirthDate=19601231', 'AI RT'],
    ['PatientBirthDate=19601230', ''],
    ['StudyTime=0930', 'JP'],
    ['StudyTime=0931', ''],
    ['PatientWeight=70.5', 'JP'],
    ['PatientWeight=7.05e1', 'JP'],
    ['PatientWeight=70.51', ''],
    ['ScheduledProcedureStepStartDateTime=20261122083000%2B0000', 'AI'],
    ['ScheduledProcedureStepStartDateTime=20261122083001%2B0000', ''],
    ['ScheduledProcedureStepStartDateTime=20260301', 'RT'],
    ['WorklistLabel=Kyoto%2C%20one', 'JP'],
  ],
  'Person names, without case and accents': [
    ['PatientName=müller', 'AI'],
    ['PatientName=MULLER^jurgen', 'AI'],
    ['PatientName=Muller^Hans', ''],
    ['PatientName=Mulle', ''],
    ['PatientName=穆勒', 'AI'],
    ['PatientName=穆', ''],
    ['PatientName=doe^john^1', 'RT'],
    ['PatientName=doe^john^2', ''],
    ['PatientName=YAMADA=山田^太郎', 'JP'],
    ['PatientName=YAMADA=穆勒', ''],
    ['PatientName===やまだ', 'JP'],
    ['PatientName=山田==', ''],
  ],
  fuzzymatching: [
    ['PatientName=Jurgen%20Muller', ''],
    ['PatientName=Jurgen%20Miller&fuzzymatching=true', 'AI'],
    ['PatientName=Jurgen%20Miller&FuzzyMatching=0', ''],
    ['PatientName=Jurgen%20Smith&fuzzymatching=1', ''],
  ],
  'List of UID': [
    ['SOPInstanceUID=1.2.81.1,1.2.81.3', 'AI JP'],
    ['SOPInstanceUID=1.2.81', ''],
    ['ReferencedRequestSequence.StudyInstanceUID=1.2.3,1.2.826.0.1.3680043.8.498.4.3', 'AI'],
  ],
  'Any of several values': [
    ['PatientID=AI-4711,PAT1', 'AI RT'],
    ['PatientID=AI-4711%2CPAT1', ''],
    ['PatientName=Müller,山田', 'AI JP'],
  ],
  Universal: [
    ['PatientID=', 'AI RT JP'],
    ['PatientID', 'AI RT JP'],
    ['PatientID=*', 'AI RT JP'],
    ['PatientID=&ProcedureStepState=CANCELED', ''],
  ],
  Wildcard: [
    ['PatientID=AI-*', 'AI'],
    ['PatientID=AI-?', ''],
    ['PatientID=PAT?', 'RT'],
    ['PatientID=pat?', ''],
    ['PatientName=m*^j*', 'AI'],
    ['PatientName=山*', 'JP'],
  ],
  Range: [
    ['PatientBirthDate=19601201-19601231', 'AI RT'],
    ['PatientBirthDate=19601201-19601230', ''],
    ['PatientBirthDate=-19601231', 'AI RT'],
    ['PatientBirthDate=19610101-', ''],
    ['StudyTime=0900-0930', 'JP'],
    ['StudyTime=0931-', ''],
    ['ScheduledProcedureStepStartDateTime=20260201-20260401', 'RT'],
    ['ScheduledProcedureStepStartDateTime=20261122083000%2B0000-20261122083000%2B0000', 'AI'],
    ['ScheduledProcedureStepStartDateTime=20261123-', ''],
  ],
  'Combined date and time': [
    ['StudyDate=20261121-20261123&StudyTime=1000-1000', 'JP'],
    ['StudyDate=20261122-20261123&StudyTime=1000-1000', ''],
  ],
  'Timezone Offset From UTC': [
    ['ScheduledProcedureStepStartDateTime=20261122093000&TimezoneOffsetFromUTC=%2B0100', 'AI'],
    ['ScheduledProcedureStepStartDateTime=20261122093000&TimezoneOffsetFromUTC=%2B0200', ''],
  ],
  Sequence: [
    ['0040a370.00080050=ACC2', 'AI'],
    ['ReferencedRequestSequence.AccessionNumber=ACC3', ''],
    ['ScheduledStationNameCodeSequence.CodeValue=CXR-AI-01', 'AI JP'],
    ['ScheduledStationNameCodeSequence.CodeValue=CXR-AI-01&00404025.CodingSchemeDesignator=99SITE', 'AI'],
    ['ScheduledHumanPerformersSequence.HumanPerformerCodeSequence.CodeValue=THER1', 'RT'],
    ['ScheduledHumanPerformersSequence.CodeValue=THER1', ''],
    ['ScheduledHumanPerformersSequence=', 'AI RT JP'],
  ],
  emptyvaluematching: [
    ['AdmittingDiagnosesDescription=%22%22', ''],
    ['AdmittingDiagnosesDescription=%22%22&emptyvaluematching=true', 'AI'],
    ['PatientID=%22%22&emptyvaluematching=true', 'JP'],
  ],
  multiplevaluematching: [
    ['AdmittingDiagnosesDescription=b,c', 'JP'],
    ['AdmittingDiagnosesDescription=b,a&multiplevaluematching=true', 'JP'],
    ['AdmittingDiagnosesDescription=b,c&multiplevaluematching=true', ''],
  ],
  'Private attributes': [
    ['00090010=ACME&00091001=second', 'JP'],
    ['00090010=ACME&00091001=first', ''],
    ['00090010=NOBODY&00091001=second', ''],
  ],
  'An attribute that is empty or absent': [
    ['AdmissionID=ADM*', 'AI RT'],
    ['AdmissionID=?*', 'AI RT'],
    ['RetrieveURL=http*', ''],
  ],
  'Several keys': [
    ['PatientID=AI-4711&WorklistLabel=AI&ScheduledProcedureStepPriority=HIGH', 'AI'],
    ['PatientID=AI-4711&WorklistLabel=AI&ScheduledProcedureStepPriority=LOW', ''],
    ['ProcedureStepState=SCHEDULED,IN%20PROGRESS&PatientSex=M', 'AI RT'],
    ['ProcedureStepState=COMPLETED&PatientSex=M', ''],
  ],
}

const REFUSED: readonly [string, RegExp][] = [
  ['NoSuchAttribute=x', /NoSuchAttribute.*expected a keyword/],
  ['patientID.x=X', /patientID\.x/],
  ['PatientBirthDate=19610230', /PatientBirthDate.*expected/],
  ['StudyDate=20261322', /StudyDate.*"20261322"/],
  ['StudyDate=20261123-20261122', /StudyDate.*a is not after b/],
  ['StudyDate=2026*', /StudyDate/],
  ['SOPInstanceUID=1.2.*', /SOPInstanceUID.*"1\.2\.\*"/],
  ['ProcedureStepState=DONE', /ProcedureStepState.*expected one of.*"DONE"/],
  ['ScheduledProcedureStepPriority=URGENT', /ScheduledProcedureStepPriority.*HIGH.*"URGENT"/],
  ['PatientID=A&PatientID=B', /PatientID.*twice/],
  ['PatientID=A&00100020=A', /00100020.*twice/],
  ['TransactionUID=1.2.3', /TransactionUID/],
  ['ScheduledStationNameCodeSequence.TransactionUID=', /TransactionUID/],
  ['0040a370=x', /0040a370.*sequence/],
  ['PatientID.CodeValue=x', /PatientID\.CodeValue.*sequence/],
  ['00091001=x', /00091001.*private creator.*00090010/],
  ['fuzzymatching=maybe', /fuzzymatching.*"maybe".*true, false/],
  ['emptyvaluematching=', /emptyvaluematching/],
  ['multiplevaluematching=2', /multiplevaluematching/],
  ['includefield=NoSuchField', /includefield NoSuchField.*expected a keyword/],
  ['includefield=PatientID,', /includefield/],
  ['includefield', /includefield/],
  ['includefield=PatientID.CodeValue', /includefield PatientID\.CodeValue.*sequence/],
  ['includefield=all,PatientID', /includefield.*all alone/],
  ['includefield=all&includefield=PatientID', /includefield.*all alone/],
  ['includefield=00091001', /00091001.*private creator/],
  ['orderby=NoSuchAttribute', /orderby.*"NoSuchAttribute".*expected/],
  ['orderby=x', /orderby.*"x"/],
  ['orderby=', /orderby/],
  ['orderby', /orderby/],
  ['orderby=-', /orderby/],
  ['orderby=--PatientID', /orderby/],
  ['orderby=TransactionUID', /orderby.*Transaction UID/],
  ['orderby=-00081195', /orderby/],
  ['orderby=ScheduledStationNameCodeSequence', /orderby.*no sequence/],
  ['orderby=ScheduledStationNameCodeSequence.CodeValue', /orderby.*top level/],
  ['orderby=00091001', /orderby.*private/],
  [`orderby=${'PatientID,'.repeat(10)}PatientID`, /orderby has 11 attributes, expected at most 10/],
]

describeWithEachEngine('PS3.18 11.9 Search, by any matching key', (engine) => {
  const folder = temporaryFolder()
  let service: Service
  let url: string
  before(async () => {
    const config = writeDirectory(folder.path, [aeEntry('WORKLIST')], 'dcmTimeZoneOfDevice: Europe/Vienna')
    service = await startService({ config, strictness: 'lenient', ...(await engine.options()) })
    await engine.ready(service)
    url = `${service.aet()}/workitems`
    for (const name of NAMES) {
      expect((await post(`${url}?${uidOf(name)}`, WORKITEMS[name])).status).to.equal(201)
    }
  })
  after(async () => {
    await engine.answered(service)
    await service.stop()
    await engine.end()
    folder.remove()
  })

  const encoded = (query: string): string => query.replace(/[^\x20-\x7e]+/g, encodeURIComponent)
  const search = (query: string): Promise<Answer> => send(`${url}?${encoded(query)}`)

  for (const [type, rows] of Object.entries(TYPES)) {
    describe(type, () => {
      for (const [query, names] of rows) {
        it(`${query} finds ${names || 'nothing'}`, async () => {
          const answer = await search(query)
          expect(uidsIn(answer).map(nameOf).join(' ')).to.equal(names)
          expect(answer.headers.get('warning')).to.equal(null)
          const counted = await send(`${url}/count?${encoded(query)}`)
          expect(counted.json()).to.deep.equal({ count: names.split(' ').filter(Boolean).length })
        })
      }
    })
  }

  it('reads what says no zone in that of the device', async () => {
    expect(uidsIn(await search('ScheduledProcedureStepStartDateTime=20261122093000')).map(nameOf)).to.deep.equal(['AI'])
  })

  describe('400, never "matches everything"', () => {
    for (const [query, detail] of REFUSED) {
      it(query, async () => {
        const answer = await unchanged(service, [], () => search(query))
        expectRefusal(answer, service.aet(), 'malformedParameter', { detail })
      })
    }
  })

  it('writes what it found as XML, a part each', async () => {
    const accept = { Accept: 'multipart/related; type="application/dicom+xml"' }
    const answer = await send(`${url}?PatientBirthDate=19601231`, { headers: accept })
    expect(answer.status).to.equal(200)
    expect(answer.text.match(/<NativeDicomModel/g)).to.have.length(2)
    expect(answer.text).to.include('<FamilyName>Müller</FamilyName>')
    expect((await send(`${url}?PatientID=NOBODY`, { headers: accept })).status).to.equal(204)
  })
})
