/** The status catalogue against decisions.md 2 and the Warning texts of PS3.18 (transcription). */
import { expect } from 'chai'

import { ACCEPTED, dicomCode, REFUSALS, type RefusalKey, WARNINGS, type WarningKey } from '../../plugin/ups/statuses.ts'
import { NEVER_ANSWERED, type Operation, STATUSES, WARNING_TEXTS } from './transcription/statuses.ts'

const isWarning = (dicom: string): boolean => /^(?:0001|B\d{3})$/.test(dicom)
const hex = (dicom: number): string => dicom.toString(16).toUpperCase().padStart(4, '0')

/** For which row of the table a refusal stands: its code, the operation, and the special case if it is one. */
const ROWS: Readonly<Record<RefusalKey, readonly [dicom: string, operation: Operation, special?: 'special']>> = {
  notAllowedAttribute: ['0105', 'any'],
  invalidValue: ['0106', 'any'],
  invalidArgument: ['0115', 'any'],
  missingAttribute: ['0120', 'any'],
  missingValue: ['0121', 'any'],
  notScheduled: ['C309', 'any'],
  scheduledOnlyByCreate: ['C303', 'any'],
  transactionUidMissing: ['C301', 'any'],
  transactionUidIncorrect: ['C301', 'any'],
  claimedByAnother: ['C301', 'state', 'special'],
  finishedNoUpdate: ['C300', 'update'],
  finished: ['C300', 'state'],
  claimStands: ['C302', 'any'],
  duplicate: ['0111', 'any'],
  finalStateRequirements: ['C304', 'any'],
  notYetInProgress: ['C310', 'any'],
  notYetInProgressNoUpdate: ['C310', 'any'],
  notYetClaimed: ['C310', 'any'],
  alreadyCompleted: ['C311', 'any'],
  performerUnreachable: ['C312', 'any'],
  notFound: ['C307', 'any'],
  gone: ['C307', 'any', 'special'],
  notSubscribed: ['C307', 'any'],
  onlyForTheWorklist: ['C314', 'any'],
  matchingKeysMissing: ['0115', 'any'],
  filterNotAppropriate: ['0115', 'any'],
  // "stale version after the internal retries": 409, no code; 0110 is PS3.7's processing failure.
  conflict: ['0110', 'any'],
}

const KEYS = Object.keys(ROWS) as readonly RefusalKey[]

describe('The refusals', () => {
  for (const key of KEYS) {
    const [dicom, operation, special] = ROWS[key]
    it(`${key} is ${dicom}, with the HTTP status of decisions.md 2`, () => {
      const row = STATUSES.find(
        (status) =>
          status.dicom === dicom &&
          status.operation === operation &&
          (status.when !== undefined) === (special !== undefined),
      )
      expect(hex(REFUSALS[key].dicom)).to.equal(dicom)
      expect(REFUSALS[key].http).to.equal(key === 'conflict' ? 409 : row?.http)
    })
  }

  it('are as many as the table of this test', () => {
    expect(Object.keys(REFUSALS).toSorted()).to.deep.equal(KEYS.toSorted())
  })

  it('never say C308: any well-formed AE title may subscribe', () => {
    const codes = Object.values(REFUSALS).map(({ dicom }) => hex(dicom))
    for (const code of NEVER_ANSWERED) expect(codes).to.not.include(code)
  })

  it('hold every failure of create, update, change state and request cancel', () => {
    // The others belong to subscriptions, authorization, and a service that performs workitems itself (C313).
    const later = ['C313', 'C314', 'C315', '0124', 'C308']
    const failures = STATUSES.map(({ dicom }) => dicom).filter((code) => code !== '0000' && !isWarning(code))
    const codes = new Set(Object.values(REFUSALS).map(({ dicom }) => hex(dicom)))
    for (const code of failures.filter((failure) => !later.includes(failure))) expect([...codes]).to.include(code)
  })
})

describe('The answers to accepted commands', () => {
  const OPERATIONS = { create: 'create', update: 'update', changeState: 'state', requestCancel: 'cancel' } as const

  for (const [kind, operation] of Object.entries(OPERATIONS)) {
    it(`${operation} has the HTTP status of 0000`, () => {
      const row = STATUSES.find((status) => status.dicom === '0000' && status.operation === operation)
      expect(ACCEPTED[kind as keyof typeof OPERATIONS]).to.equal(row?.http)
    })
  }

  it('an administrator gets the HTTP status of a change of state', () => {
    expect(ACCEPTED.cancelAbandoned).to.equal(ACCEPTED.changeState)
  })

  for (const { dicom, operation, http } of STATUSES.filter((status) => isWarning(status.dicom))) {
    // Its warning comes with subscriptions.
    if (operation === 'subscribe') continue
    it(`${dicom} of ${operation} leaves it at the status of success`, () => {
      const kind = Object.entries(OPERATIONS).find(([, of]) => of === operation)?.[0] as keyof typeof OPERATIONS
      expect(ACCEPTED[kind]).to.equal(http)
      expect(Object.values(WARNINGS).map((warning) => hex(warning.dicom))).to.include(dicom)
    })
  }
})

describe('The Warning texts of PS3.18 11.4 to 11.8', () => {
  /** Never ours: the service performs nothing, and of "one of these" for a refused Update it says another. */
  const NOT_OURS = ['Performer chooses not to cancel.', 'The target URI did not reference a claimed Workitem.']

  const texts = WARNING_TEXTS.filter(({ section, text }) => section !== 'C.7' && !NOT_OURS.includes(text))

  for (const { section, operation, outcome, dicom, text } of texts) {
    it(`${section}, ${outcome} of ${operation}: "${text}"`, () => {
      const catalogue = outcome === 'success' ? Object.values(WARNINGS) : Object.values(REFUSALS)
      const found = catalogue.filter((status) => status.text === text)
      expect(found).to.not.have.length(0)
      if (dicom !== undefined) expect(found.map((status) => hex(status.dicom))).to.include(dicom)
    })
  }

  it('are said for an Update of a finished workitem, and for a Change State of one', () => {
    expect(REFUSALS.finishedNoUpdate.text).to.equal(
      'The submitted request is inconsistent with the current state of the Workitem.',
    )
    expect(REFUSALS.finished.text).to.equal('The submitted request is inconsistent with the state of the UPS Instance.')
  })

  it('tell the holder that its claim stands', () => {
    expect(REFUSALS.claimStands.text).to.match(/claim stands/)
  })
})

describe('Every text of the catalogue', () => {
  const all = [...Object.entries(REFUSALS), ...Object.entries(WARNINGS)] as readonly (readonly [
    RefusalKey | WarningKey,
    { readonly text: string },
  ])[]

  for (const [key, { text }] of all) {
    it(`${key} is one sentence of printable ASCII, since it goes into a header`, () => {
      expect(text).to.match(/^[A-Z][\x20-\x7e]*\.$/)
    })
  }
})

describe('A DICOM status', () => {
  it('is written as four upper-case hexadecimal digits', () => {
    expect(dicomCode({ dicom: 0x0105 })).to.equal('0105')
    expect(dicomCode({ dicom: 0xc30a })).to.equal('C30A')
    expect(dicomCode({ dicom: 1 })).to.equal('0001')
  })
})
