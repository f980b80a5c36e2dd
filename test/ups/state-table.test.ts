/** Table CC.1.1-2 cell by cell, by what `decide` does, against the transcription; and the two Update rows. */
import { expect } from 'chai'

import type { Command, Facts } from '../../plugin/ups/decision.ts'
import type { Workitem } from '../../plugin/ups/workitem.ts'
import {
  answer,
  cancelAbandoned,
  cancelledWhileScheduled,
  create,
  factsOf,
  OTHER_UID,
  reported,
  requestCancel,
  run,
  type Seen,
  text,
  toState,
  TRANSACTION_UID,
  UID,
  update,
  workitemIn,
} from './support.ts'
import { CC_1_1_2, type Event, type State, type Transition } from './transcription/cc-1-1-2.ts'
import { STATUSES } from './transcription/statuses.ts'

type Found = readonly [name: string, workitem: Workitem | undefined]

/** The workitems that stand for a column. */
const FOUND: Readonly<Record<State, readonly Found[]>> = {
  null: [['no workitem', undefined]],
  SCHEDULED: [['a scheduled one', workitemIn('SCHEDULED')]],
  'IN PROGRESS': [['a claimed one', workitemIn('IN PROGRESS')]],
  COMPLETED: [['a completed one', workitemIn('COMPLETED')]],
  CANCELED: [
    ['one that its performer cancelled', workitemIn('CANCELED')],
    ['one that was cancelled while scheduled', cancelledWhileScheduled()],
  ],
}

/** The same, but none of them may become final: Input Readiness State (R) has been lost. */
const unfit = (workitem: Workitem): Workitem => {
  const { '00404041': _, ...attributes } = workitem.attributes
  return { ...workitem, attributes }
}

type Arrival = (workitem: Workitem | undefined) => readonly Command[]

const correct =
  (state: string): Arrival =>
  () => [toState(state, TRANSACTION_UID)]

/** Where none is recorded there is no incorrect one. */
const notCorrect =
  (state: string): Arrival =>
  (workitem) => [
    toState(state, undefined),
    toState(state, ''),
    ...(workitem === undefined || workitem.lock ? [toState(state, OTHER_UID)] : []),
  ]

/** The requests that stand for a row. */
const ARRIVALS: Readonly<Record<Event, Arrival>> = {
  'N-CREATE': () => [create()],
  'Change State to IN PROGRESS, with correct Transaction UID': correct('IN PROGRESS'),
  'Change State to IN PROGRESS, without correct Transaction UID': notCorrect('IN PROGRESS'),
  'Change State to SCHEDULED': (workitem) => [
    ...correct('SCHEDULED')(workitem),
    ...notCorrect('SCHEDULED')(workitem),
    toState('SCHEDULED', 'no UID'),
  ],
  'Change State to COMPLETED, with correct Transaction UID': correct('COMPLETED'),
  'Change State to COMPLETED, without correct Transaction UID': notCorrect('COMPLETED'),
  'Request Cancel': () => [requestCancel()],
  'Change State to CANCELED, with correct Transaction UID': correct('CANCELED'),
  'Change State to CANCELED, without correct Transaction UID': notCorrect('CANCELED'),
}

const OPERATION = {
  create: 'create',
  update: 'update',
  changeState: 'state',
  requestCancel: 'cancel',
  cancelAbandoned: 'cancel',
} as const

/** The HTTP status of a refusal, by the table of decisions.md 2. */
function httpOf(dicom: string, command: Command, found: State): number {
  const operation = OPERATION[command.kind]
  const lostRace =
    dicom === 'C301' &&
    found !== 'SCHEDULED' &&
    command.kind === 'changeState' &&
    command.state === 'IN PROGRESS' &&
    command.transactionUid === OTHER_UID
  const row = STATUSES.find(
    (status) =>
      status.dicom === dicom &&
      (status.operation === operation || status.operation === 'any') &&
      (status.when === undefined || lostRace),
  )
  if (!row) throw new Error(`the transcription has no ${dicom} for ${operation}`)
  return row.http
}

const factsFor = (workitem: Workitem | undefined): Facts => factsOf(workitem, { subscribers: ['LINAC1'] })

function expectRefused(dicom: string, found: State, workitem: Workitem | undefined, command: Command): void {
  const got = run(command, factsFor(workitem))
  expect(answer(got)).to.equal(`${dicom} ${httpOf(dicom, command, found)}`)
  expect(got.next).to.equal(undefined)
  expect(got.reports).to.deep.equal([])
}

function expectWarned(dicom: string, workitem: Workitem | undefined, command: Command): void {
  const got = run(command, factsFor(workitem))
  expect(answer(got)).to.equal(`accepted ${dicom}`)
  expect(got.next).to.equal(undefined)
  expect(got.reports).to.deep.equal([])
}

function expectStates(states: readonly string[], workitem: Workitem | undefined, command: Command): Seen {
  const got = run(command, factsFor(workitem))
  expect(answer(got)).to.equal('accepted')
  expect(got.next?.state).to.equal(states.at(-1))
  expect(got.next?.attributes['00741000']).to.deep.equal(text('CS', states.at(-1) ?? ''))
  expect(reported(got)).to.deep.equal(states.map((state) => `State ${state}`))
  return got
}

type Check = (workitem: Workitem | undefined, command: Command) => void

/** What a cell says, as a check. */
function checkOf({ cell, state }: Transition): Check {
  const [, failure] = /^([0-9A-F]{4})$/.exec(cell) ?? []
  if (failure !== undefined) return (workitem, command) => expectRefused(failure, state, workitem, command)

  const [, warning] = /^warn ([0-9A-F]{4})$/.exec(cell) ?? []
  if (warning !== undefined) return (workitem, command) => expectWarned(warning, workitem, command)

  const [, final, otherwise] = /^-> (\w+) if final state requirements met else ([0-9A-F]{4})$/.exec(cell) ?? []
  if (final !== undefined && otherwise !== undefined) {
    return (workitem, command) => {
      const { next } = expectStates([final], workitem, command)
      expect(next?.lock).to.deep.equal(workitem?.lock)
      if (workitem) expectRefused(otherwise, state, unfit(workitem), command)
    }
  }

  switch (cell) {
    case 'create':
      return (workitem, command) => {
        const { next } = expectStates(['SCHEDULED'], workitem, command)
        expect(next?.uid).to.equal(UID)
        expect(next?.lock).to.equal(undefined)
      }
    case '-> IN PROGRESS':
      return (workitem, command) => {
        const { next } = expectStates(['IN PROGRESS'], workitem, command)
        expect(next?.lock?.transactionUid).to.equal(TRANSACTION_UID)
      }
    case '-> IN PROGRESS, -> CANCELED (two reports)':
      return (workitem, command) => void expectStates(['IN PROGRESS', 'CANCELED'], workitem, command)
    case 'cancel requested report (state unchanged)':
      return (workitem, command) => {
        const got = run(command, factsFor(workitem))
        expect(answer(got)).to.equal('accepted')
        expect(got.next).to.deep.equal(workitem)
        expect(reported(got)).to.deep.equal(['Cancel Requested'])
      }
    default:
      throw new Error(`the test does not understand the cell ${cell}`)
  }
}

describe('Table CC.1.1-2', () => {
  it('has 9 events by 5 states', () => expect(CC_1_1_2).to.have.length(45))

  for (const transition of CC_1_1_2) {
    const { event, state, cell } = transition
    it(`answers ${event} in ${state} with ${cell}`, () => {
      const check = checkOf(transition)
      for (const [, workitem] of FOUND[state]) {
        for (const command of ARRIVALS[event](workitem)) check(workitem, command)
      }
    })
  }
})

/** The row that is not in the printed table. */
describe('A cancellation by an administrator (CC.2.1.3, decisions.md 2)', () => {
  const cells: Readonly<Record<State, string>> = {
    null: 'C307',
    SCHEDULED: 'C310',
    'IN PROGRESS': '-> CANCELED if final state requirements met else C304',
    COMPLETED: 'C311',
    CANCELED: 'warn B304',
  }
  const event = 'Change State to CANCELED, without correct Transaction UID'
  for (const [state, cell] of Object.entries(cells) as [State, string][]) {
    it(`in ${state} is answered ${cell}`, () => {
      for (const [, workitem] of FOUND[state]) checkOf({ event, state, cell })(workitem, cancelAbandoned())
    })
  }
})

describe('The lost race (decisions.md 2)', () => {
  for (const state of ['IN PROGRESS', 'COMPLETED', 'CANCELED'] as const) {
    it(`is a conflict for whoever claims a ${state} workitem with another Transaction UID`, () => {
      const got = run(toState('IN PROGRESS', OTHER_UID), factsOf(workitemIn(state)))
      expect(answer(got)).to.equal('C301 409')
    })

    it(`is none for whoever claims a ${state} workitem without a Transaction UID`, () => {
      const got = run(toState('IN PROGRESS', undefined), factsOf(workitemIn(state)))
      expect(answer(got)).to.equal('C301 400')
      expect(got.text).to.equal('The Transaction UID is missing.')
    })
  }
})

describe('An Update (CC.2.6.2, CC.2.6.3, decisions.md 2)', () => {
  const payload = { '00741204': text('LO', 'Another label') }

  const rows: readonly (readonly [State, transactionUid: string | undefined, expected: string])[] = [
    ['null', undefined, 'C307 404'],
    ['null', TRANSACTION_UID, 'C307 404'],
    ['SCHEDULED', undefined, 'accepted'],
    ['SCHEDULED', '', 'accepted'],
    ['SCHEDULED', TRANSACTION_UID, 'C310 409'],
    ['IN PROGRESS', TRANSACTION_UID, 'accepted'],
    ['IN PROGRESS', undefined, 'C301 400'],
    ['IN PROGRESS', '', 'C301 400'],
    ['IN PROGRESS', OTHER_UID, 'C301 400'],
    ['IN PROGRESS', 'no UID', '0106 400'],
    ['COMPLETED', TRANSACTION_UID, 'C300 400'],
    ['COMPLETED', undefined, 'C300 400'],
    ['COMPLETED', OTHER_UID, 'C300 400'],
    ['CANCELED', TRANSACTION_UID, 'C300 400'],
    ['CANCELED', undefined, 'C300 400'],
    ['CANCELED', OTHER_UID, 'C300 400'],
  ]

  const NAMES = new Map<string | undefined, string>([
    [undefined, 'no Transaction UID'],
    ['', 'an empty Transaction UID'],
    [TRANSACTION_UID, 'the recorded Transaction UID'],
    [OTHER_UID, 'another Transaction UID'],
    ['no UID', 'a malformed Transaction UID'],
  ])

  for (const [state, transactionUid, expected] of rows) {
    it(`with ${NAMES.get(transactionUid)} in ${state} is answered ${expected}`, () => {
      for (const [, workitem] of FOUND[state]) {
        const got = run(update(payload, transactionUid), factsOf(workitem))
        expect(answer(got)).to.equal(expected)
        expect(got.next?.state).to.equal(expected === 'accepted' ? state : undefined)
        expect(got.reports).to.deep.equal([])
      }
    })
  }
})
