/** N-ACTION Change UPS State: decisions.md 2 beyond the cells of Table CC.1.1-2. */
import { expect } from 'chai'

import {
  answer,
  at,
  cancelledWhileScheduled,
  changed,
  code,
  committed,
  empty,
  factsOf,
  LENIENT,
  NOW,
  OTHER_UID,
  PERFORMER,
  reported,
  run,
  sequence,
  STAMP,
  text,
  toState,
  TRANSACTION_UID,
  UNSPECIFIED,
  workitemIn,
} from './support.ts'

const scheduled = factsOf(workitemIn('SCHEDULED'))
const claimed = factsOf(workitemIn('IN PROGRESS'))

describe('A claim', () => {
  it('records the Transaction UID and the requester as performer', () => {
    const got = run(toState('IN PROGRESS', TRANSACTION_UID, { requester: PERFORMER }), scheduled)
    expect(got.next?.lock).to.deep.equal({ transactionUid: TRANSACTION_UID, performer: PERFORMER })
  })

  it('leaves the performer unknown without a requester', () => {
    const got = run(toState('IN PROGRESS', TRANSACTION_UID), scheduled)
    expect(got.next?.lock).to.deep.equal({ transactionUid: TRANSACTION_UID })
  })

  it('changes the state and the modification date-time of the dataset, and nothing else', () => {
    const before = workitemIn('SCHEDULED')
    expect(committed(run(toState('IN PROGRESS', TRANSACTION_UID), factsOf(before)))).to.deep.equal(
      changed(before.attributes, { '00741000': text('CS', 'IN PROGRESS'), '00404010': text('DT', STAMP) }),
    )
  })

  it('never puts the Transaction UID into the dataset or a report', () => {
    const got = run(toState('IN PROGRESS', TRANSACTION_UID, { requester: PERFORMER }), scheduled)
    expect(JSON.stringify([got.next?.attributes, got.reports])).to.not.include(TRANSACTION_UID)
    expect(got.next?.attributes).to.not.have.property('00081195')
  })

  it('does not end the workitem', () => {
    expect(run(toState('IN PROGRESS', TRANSACTION_UID), scheduled).next).to.not.have.property('finishedAt')
  })

  const unfit: readonly (readonly [string, string | undefined, string])[] = [
    ['missing', undefined, 'C301 400'],
    ['empty', '', 'C301 400'],
    ['malformed', '1.02', '0106 400'],
    ['malformed', 'abc', '0106 400'],
    ['too long', `1.${'2'.repeat(63)}`, '0106 400'],
  ]
  for (const [name, transactionUid, expected] of unfit) {
    it(`with a ${name} Transaction UID (${transactionUid}) is answered ${expected}`, () => {
      const got = run(toState('IN PROGRESS', transactionUid), scheduled)
      expect(answer(got)).to.equal(expected)
      if (expected.startsWith('C301')) expect(got.text).to.equal('The Transaction UID is missing.')
      else expect(got.paths).to.deep.equal(['00081195'])
    })
  }

  it('with the Transaction UID of the claim tells the holder that it stands', () => {
    const got = run(toState('IN PROGRESS', TRANSACTION_UID), claimed)
    expect(answer(got)).to.equal('C302 409')
    expect(got.text).to.match(/claim stands/)
  })

  it('with another one says in its text that it is incorrect', () => {
    expect(run(toState('IN PROGRESS', OTHER_UID), claimed).text).to.equal('The Transaction UID is incorrect.')
  })
})

describe('The order of the checks', () => {
  const unknownState: readonly (string | undefined)[] = ['PAUSED', 'scheduled', '', undefined]

  it('is first whether there is such a workitem', () => {
    for (const state of [...unknownState, 'SCHEDULED', 'IN PROGRESS', 'COMPLETED']) {
      expect(answer(run(toState(state, 'no UID'), factsOf(undefined)))).to.equal('C307 404')
      expect(answer(run(toState(state, 'no UID'), factsOf(undefined, { deleted: true })))).to.equal('C307 410')
    }
  })

  it('is then whether the state may be asked for', () => {
    for (const workitem of [scheduled, claimed, factsOf(workitemIn('COMPLETED'))]) {
      expect(answer(run(toState('SCHEDULED', 'no UID'), workitem))).to.equal('C303 400')
      expect(answer(run(toState('PAUSED', 'no UID'), workitem))).to.equal('0106 400')
      expect(answer(run(toState(undefined, 'no UID'), workitem))).to.equal('0120 400')
    }
  })

  it('is then the Transaction UID, before the current state', () => {
    for (const state of ['COMPLETED', 'CANCELED', 'IN PROGRESS']) {
      expect(answer(run(toState(state, undefined), factsOf(workitemIn('COMPLETED'))))).to.equal('C301 400')
    }
  })

  it('is then the current state, before what the final state demands', () => {
    const bare = workitemIn('SCHEDULED', { '00404041': undefined })
    expect(answer(run(toState('COMPLETED', TRANSACTION_UID), factsOf(bare)))).to.equal('C310 409')
  })

  it('is last what the final state demands', () => {
    const bare = workitemIn('IN PROGRESS', { '00741216': empty('SQ') })
    expect(answer(run(toState('COMPLETED', OTHER_UID), factsOf(bare)))).to.equal('C301 400')
    expect(answer(run(toState('COMPLETED', TRANSACTION_UID), factsOf(bare)))).to.equal('C304 409')
  })
})

describe('A final state', () => {
  for (const state of ['COMPLETED', 'CANCELED'] as const) {
    it(`${state} keeps the lock and records when it was reached`, () => {
      const { next } = run(toState(state, TRANSACTION_UID), claimed)
      expect(next?.lock).to.deep.equal({ transactionUid: TRANSACTION_UID, performer: PERFORMER })
      expect(next?.finishedAt).to.deep.equal(NOW)
    })

    it(`${state} does not come again: the answer is a warning, and nothing changes`, () => {
      const got = run(toState(state, TRANSACTION_UID), factsOf(workitemIn(state)))
      expect(answer(got)).to.equal(`accepted ${state === 'COMPLETED' ? 'B306' : 'B304'}`)
      expect(got.next).to.equal(undefined)
    })

    it(`${state} is still guarded by the Transaction UID of the claim`, () => {
      expect(answer(run(toState(state, OTHER_UID), factsOf(workitemIn(state))))).to.equal('C301 400')
    })
  }

  it('COMPLETED changes nothing in the dataset but the state and the modification date-time', () => {
    const before = workitemIn('IN PROGRESS')
    expect(committed(run(toState('COMPLETED', TRANSACTION_UID), factsOf(before)))).to.deep.equal(
      changed(before.attributes, { '00741000': text('CS', 'COMPLETED'), '00404010': text('DT', STAMP) }),
    )
  })
})

describe('A change to CANCELED', () => {
  const cancel = toState('CANCELED', TRANSACTION_UID)

  it('needs no Update before: the service fills in when and why', () => {
    const bare = workitemIn('IN PROGRESS', { '00741002': empty('SQ'), '00741216': empty('SQ') })
    const attributes = committed(run(cancel, factsOf(bare)))
    expect(at(attributes, '00741002.00404052')).to.deep.equal(text('DT', STAMP))
    expect(at(attributes, '00741002.0074100E')).to.deep.equal(UNSPECIFIED)
  })

  it('fills them in where there is no progress information at all', () => {
    const attributes = committed(run(cancel, factsOf(workitemIn('IN PROGRESS', { '00741002': undefined }))))
    expect(at(attributes, '00741002.00404052')).to.deep.equal(text('DT', STAMP))
  })

  it('keeps when and why where the performer has said so, and the rest of the progress', () => {
    const progress = {
      '00741004': text('DS', '40'),
      '00741238': text('LT', 'Patient left'),
      '00404052': text('DT', '20260301082000'),
      '0074100E': sequence(code('110526')),
      '00741008': sequence({ '0074100A': text('UR', 'tel:1') }),
    }
    const before = workitemIn('IN PROGRESS', { '00741002': sequence(progress) })
    expect(committed(run(cancel, factsOf(before)))['00741002']).to.deep.equal(sequence(progress))
  })

  it('fills in only what is missing', () => {
    const when = workitemIn('IN PROGRESS', { '00741002': sequence({ '00404052': text('DT', '20260301082000') }) })
    const attributes = committed(run(cancel, factsOf(when)))
    expect(at(attributes, '00741002.00404052')).to.deep.equal(text('DT', '20260301082000'))
    expect(at(attributes, '00741002.0074100E')).to.deep.equal(UNSPECIFIED)

    const why = workitemIn('IN PROGRESS', { '00741002': sequence({ '0074100E': sequence(code('110526')) }) })
    expect(at(committed(run(cancel, factsOf(why))), '00741002.0074100E')).to.deep.equal(sequence(code('110526')))
    expect(at(committed(run(cancel, factsOf(why))), '00741002.00404052')).to.deep.equal(text('DT', STAMP))
  })

  it('needs nothing of the performed procedure', () => {
    const bare = workitemIn('IN PROGRESS', { '00741216': undefined })
    expect(answer(run(cancel, factsOf(bare)))).to.equal('accepted')
  })

  it('is one State Report, and no Progress Report for what the service filled in', () => {
    expect(reported(run(cancel, claimed))).to.deep.equal(['State CANCELED'])
  })
})

describe('A workitem that was cancelled while SCHEDULED', () => {
  const facts = factsOf(cancelledWhileScheduled())

  it('has no Transaction UID: any well-formed one will do', () => {
    for (const transactionUid of [TRANSACTION_UID, OTHER_UID]) {
      expect(answer(run(toState('CANCELED', transactionUid), facts))).to.equal('accepted B304')
      expect(answer(run(toState('COMPLETED', transactionUid), facts))).to.equal('C300 409')
      expect(answer(run(toState('IN PROGRESS', transactionUid), facts))).to.match(/^C30[01] 409$/)
    }
  })

  it('still needs one, and a well-formed one', () => {
    expect(answer(run(toState('CANCELED', undefined), facts))).to.equal('C301 400')
    expect(answer(run(toState('CANCELED', 'no UID'), facts))).to.equal('0106 400')
  })
})

describe('Where updateWithoutTransactionUid is on', () => {
  const policy = { ...LENIENT, updateWithoutTransactionUid: true }
  const tolerant = (workitem: Parameters<typeof factsOf>[0]) => factsOf(workitem, { policy })

  for (const missing of [undefined, '']) {
    const name = missing === undefined ? 'a missing' : 'an empty'

    it(`${name} Transaction UID passes for the final states`, () => {
      for (const state of ['COMPLETED', 'CANCELED'] as const) {
        const got = run(toState(state, missing), tolerant(workitemIn('IN PROGRESS')))
        expect(answer(got)).to.equal('accepted')
        expect(got.next?.lock).to.deep.equal(workitemIn('IN PROGRESS').lock)
      }
      expect(answer(run(toState('COMPLETED', missing), tolerant(workitemIn('COMPLETED'))))).to.equal('accepted B306')
      expect(answer(run(toState('CANCELED', missing), tolerant(workitemIn('COMPLETED'))))).to.equal('C300 409')
    })

    it(`${name} Transaction UID passes also where none was recorded, so that the state decides`, () => {
      for (const state of ['COMPLETED', 'CANCELED']) {
        expect(answer(run(toState(state, missing), tolerant(workitemIn('SCHEDULED'))))).to.equal('C310 409')
      }
      expect(answer(run(toState('CANCELED', missing), tolerant(cancelledWhileScheduled())))).to.equal('accepted B304')
      expect(answer(run(toState('COMPLETED', missing), tolerant(cancelledWhileScheduled())))).to.equal('C300 409')
    })

    for (const state of ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED'] as const) {
      it(`${name} Transaction UID is no claim: the workitem is ${state}`, () => {
        const got = run(toState('IN PROGRESS', missing), tolerant(workitemIn(state)))
        expect(answer(got)).to.equal('C301 400')
        expect(got.text).to.equal('The Transaction UID is missing.')
      })
    }
  }

  it('a wrong one stays wrong, a malformed one malformed', () => {
    for (const state of ['COMPLETED', 'CANCELED']) {
      expect(answer(run(toState(state, OTHER_UID), tolerant(workitemIn('IN PROGRESS'))))).to.equal('C301 400')
      expect(answer(run(toState(state, 'no UID'), tolerant(workitemIn('IN PROGRESS'))))).to.equal('0106 400')
    }
    expect(answer(run(toState('IN PROGRESS', OTHER_UID), tolerant(workitemIn('IN PROGRESS'))))).to.equal('C301 409')
  })
})

describe('Attributes that a Change State does not know', () => {
  const others = { hasOtherAttributes: true }

  it('are ignored, and the answer says so', () => {
    expect(answer(run(toState('IN PROGRESS', TRANSACTION_UID, others), scheduled))).to.equal('accepted 0001')
    expect(answer(run(toState('COMPLETED', TRANSACTION_UID, others), claimed))).to.equal('accepted 0001')
  })

  it('are said beside another warning', () => {
    const got = run(toState('CANCELED', TRANSACTION_UID, others), factsOf(workitemIn('CANCELED')))
    expect(answer(got)).to.equal('accepted B304 0001')
  })

  it('do not matter in a refusal', () => {
    expect(answer(run(toState('IN PROGRESS', undefined, others), scheduled))).to.equal('C301 400')
  })
})
