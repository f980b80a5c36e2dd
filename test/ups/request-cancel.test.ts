/** N-ACTION Request UPS Cancel: decisions.md 2 beyond the cells of Table CC.1.1-2. */
import { expect } from 'chai'

import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { Workitem } from '../../plugin/ups/workitem.ts'
import {
  answer,
  at,
  changed,
  code,
  committed,
  empty,
  factsOf,
  firstItem,
  NOW,
  PERFORMER,
  reported,
  requestCancel,
  run,
  sequence,
  STAMP,
  text,
  UNSPECIFIED,
  workitemIn,
} from './support.ts'

const PROGRESS = '00741002'
const scheduled = workitemIn('SCHEDULED')
const claimed = workitemIn('IN PROGRESS')
const unknownPerformer: Workitem = { ...claimed, lock: { transactionUid: '1.2.3' } }

const REQUEST: Dataset = {
  '00741238': text('LT', 'Patient left'),
  '0074100E': sequence(code('110526')),
  '0074100A': text('UR', 'tel:+43-1'),
  '0074100C': text('LO', 'Ward 7'),
}

describe('A cancel request for a SCHEDULED workitem', () => {
  it('cancels it, and nobody has claimed it', () => {
    const { next } = run(requestCancel(), factsOf(scheduled))
    expect(next?.state).to.equal('CANCELED')
    expect(next?.finishedAt).to.deep.equal(NOW)
    expect(next).to.not.have.property('lock')
  })

  it('is two State Reports', () => {
    const got = run(requestCancel(REQUEST), factsOf(scheduled))
    expect(reported(got)).to.deep.equal(['State IN PROGRESS', 'State CANCELED'])
  })

  it('needs no subscriber', () => {
    expect(answer(run(requestCancel(), factsOf(scheduled, { subscribers: [] })))).to.equal('accepted')
  })

  it('fills in when and why', () => {
    const attributes = committed(run(requestCancel(), factsOf(scheduled)))
    expect(at(attributes, '00741002.00404052')).to.deep.equal(text('DT', STAMP))
    expect(at(attributes, '00741002.0074100E')).to.deep.equal(UNSPECIFIED)
  })

  it('keeps reason, code and contact of the request in the progress information', () => {
    const progress = firstItem(committed(run(requestCancel(REQUEST), factsOf(scheduled))), PROGRESS)
    expect(progress).to.deep.equal({
      '00741238': text('LT', 'Patient left'),
      '0074100E': sequence(code('110526')),
      '00404052': text('DT', STAMP),
      '00741008': sequence({ '0074100A': text('UR', 'tel:+43-1'), '0074100C': text('LO', 'Ward 7') }),
    })
  })

  it('keeps the progress information that was there, its contacts included', () => {
    const contact: Dataset = { '0074100A': text('UR', 'tel:1') }
    const before = workitemIn('SCHEDULED', {
      [PROGRESS]: sequence({ '00741006': text('ST', 'waiting'), '00741008': sequence(contact) }),
    })
    const progress = firstItem(committed(run(requestCancel(REQUEST), factsOf(before))), PROGRESS)
    expect(progress['00741006']).to.deep.equal(text('ST', 'waiting'))
    expect(progress['00741008']?.Value).to.deep.include(contact)
    expect(progress['00741008']?.Value).to.have.length(2)
  })

  it('takes empty attributes of a request for none', () => {
    const request = {
      '00741238': empty('LT'),
      '0074100E': empty('SQ'),
      '0074100A': empty('UR'),
      '0074100C': empty('LO'),
    }
    const progress = firstItem(committed(run(requestCancel(request), factsOf(scheduled))), PROGRESS)
    expect(progress).to.deep.equal({ '00404052': text('DT', STAMP), '0074100E': UNSPECIFIED })
  })

  it('changes nothing else in the dataset', () => {
    const attributes = committed(run(requestCancel(), factsOf(scheduled)))
    expect(changed(attributes, { [PROGRESS]: undefined })).to.deep.equal(
      changed(scheduled.attributes, {
        [PROGRESS]: undefined,
        '00741000': text('CS', 'CANCELED'),
        '00404010': text('DT', STAMP),
      }),
    )
  })

  it('ignores attributes beyond the four', () => {
    const got = run(
      requestCancel({ ...REQUEST, '00100010': empty('PN'), '00741204': text('LO', 'x') }),
      factsOf(scheduled),
    )
    expect(answer(got)).to.equal('accepted')
    expect(committed(got)['00741204']).to.deep.equal(scheduled.attributes['00741204'])
    expect(committed(got)['00100010']).to.deep.equal(scheduled.attributes['00100010'])
  })

  it('names ISO_IR 192 when the reason is not ASCII', () => {
    const got = run(requestCancel({ '00741238': text('LT', 'Gerät defekt') }), factsOf(scheduled))
    expect(committed(got)['00080005']).to.deep.equal(text('CS', 'ISO_IR 192'))
  })
})

describe('A cancel request for a workitem IN PROGRESS', () => {
  const rows: readonly (readonly [string, Workitem, readonly string[], string])[] = [
    ['its performer is subscribed', claimed, [PERFORMER], 'accepted'],
    ['its performer is subscribed among others', claimed, ['WARD', PERFORMER], 'accepted'],
    ['others are subscribed, its performer is not', claimed, ['WARD'], 'C312 409'],
    ['nobody is subscribed', claimed, [], 'C312 409'],
    ['its performer is unknown and somebody is subscribed', unknownPerformer, ['WARD'], 'accepted'],
    ['its performer is unknown and nobody is subscribed', unknownPerformer, [], 'C312 409'],
  ]
  for (const [name, workitem, subscribers, expected] of rows) {
    it(`is answered ${expected} when ${name}`, () => {
      const got = run(requestCancel(REQUEST), factsOf(workitem, { subscribers }))
      expect(answer(got)).to.equal(expected)
      if (expected !== 'accepted') expect(got.text).to.equal('The performer cannot be contacted.')
    })
  }

  it('changes nothing of the workitem, but is reported', () => {
    const got = run(requestCancel(REQUEST), factsOf(claimed, { subscribers: [PERFORMER] }))
    expect(got.next).to.deep.equal(claimed)
    expect(reported(got)).to.deep.equal(['Cancel Requested'])
  })
})

describe('A cancel request for a workitem that is finished or not there', () => {
  it('is 404, or 410 where its deletion is remembered', () => {
    expect(answer(run(requestCancel(), factsOf(undefined)))).to.equal('C307 404')
    expect(answer(run(requestCancel(), factsOf(undefined, { deleted: true })))).to.equal('C307 410')
  })

  it('says which state it is in', () => {
    const completed = run(requestCancel(), factsOf(workitemIn('COMPLETED')))
    expect(completed.text).to.equal('The UPS is already COMPLETED.')
    expect(answer(run(requestCancel(), factsOf(workitemIn('CANCELED'))))).to.equal('accepted B304')
  })
})

describe('The values of a cancel request', () => {
  const wrong: readonly (readonly [string, Dataset])[] = [
    ['0074100A', { '0074100A': text('UR', 'not a URI') }],
    ['0074100C', { '0074100C': text('LO', 'x'.repeat(65)) }],
    ['0074100E.00080100', { '0074100E': sequence({ ...code('1'), '00080100': text('SH', 'x'.repeat(17)) }) }],
  ]
  for (const [path, request] of wrong) {
    it(`are checked: ${path}`, () => {
      for (const workitem of [scheduled, claimed]) {
        const got = run(requestCancel(request), factsOf(workitem, { subscribers: [PERFORMER] }))
        expect(answer(got)).to.equal('0106 400')
        expect(got.paths).to.deep.equal([path])
      }
    })
  }

  it('that do not count are not', () => {
    expect(answer(run(requestCancel({ '00404005': text('DT', 'tomorrow') }), factsOf(scheduled)))).to.equal('accepted')
  })
})
