/** What an administrator does for a performer that has lost its Transaction UID: decisions.md 2 beyond the cells of the table. */
import { expect } from 'chai'

import type { Dataset } from '../../plugin/dicom/dataset.ts'
import {
  answer,
  BOTH,
  cancelAbandoned,
  changed,
  code,
  committed,
  empty,
  factsOf,
  firstItem,
  NOW,
  OTHER_UID,
  REASON,
  reported,
  requestCancel,
  run,
  sequence,
  STAMP,
  text,
  toState,
  TRANSACTION_UID,
  UNSPECIFIED,
  workitemIn,
} from './support.ts'

const PROGRESS = '00741002'
const claimed = workitemIn('IN PROGRESS')
const after = run(cancelAbandoned(), factsOf(claimed)).next

const REQUEST: Dataset = {
  ...REASON,
  '0074100E': sequence(code('110526')),
  '0074100A': text('UR', 'tel:+43-1'),
  '0074100C': text('LO', 'Ward 7'),
}

describe('An abandoned workitem that an administrator cancels', () => {
  it('is CANCELED from that moment on, and still locked by its performer', () => {
    expect(after?.state).to.equal('CANCELED')
    expect(after?.finishedAt).to.deep.equal(NOW)
    expect(after?.lock).to.deep.equal(claimed.lock)
  })

  it('needs no subscriber, whoever its performer is', () => {
    for (const policy of BOTH) {
      expect(answer(run(cancelAbandoned(), factsOf(claimed, { subscribers: [], policy })))).to.equal('accepted')
    }
  })

  it('is one State Report, with reason and code', () => {
    const got = run(cancelAbandoned(REQUEST), factsOf(claimed))
    expect(reported(got)).to.deep.equal(['State CANCELED'])
    expect(got.reports[0]?.information).to.deep.include({ ...REASON, '0074100E': REQUEST['0074100E'] })
  })

  it('says in its progress information when, why, and whom to ask', () => {
    expect(firstItem(committed(run(cancelAbandoned(REQUEST), factsOf(claimed))), PROGRESS)).to.deep.equal({
      ...REASON,
      '0074100E': sequence(code('110526')),
      '00404052': text('DT', STAMP),
      '00741008': sequence({ '0074100A': text('UR', 'tel:+43-1'), '0074100C': text('LO', 'Ward 7') }),
    })
    expect(firstItem(after?.attributes ?? {}, PROGRESS)).to.deep.equal({
      ...REASON,
      '00404052': text('DT', STAMP),
      '0074100E': UNSPECIFIED,
    })
  })

  it('is changed nowhere else, whatever is sent beside the attributes that count', () => {
    const sent = { ...REASON, '00741204': text('LO', 'x'), '00081195': text('UI', OTHER_UID) }
    expect(changed(committed(run(cancelAbandoned(sent), factsOf(claimed))), { [PROGRESS]: undefined })).to.deep.equal(
      changed(claimed.attributes, {
        [PROGRESS]: undefined,
        '00741000': text('CS', 'CANCELED'),
        '00404010': text('DT', STAMP),
      }),
    )
  })

  it('answers its performer as after any cancellation', () => {
    const late = factsOf(after)
    expect(answer(run(toState('COMPLETED', TRANSACTION_UID), late))).to.equal('C300 409')
    expect(answer(run(toState('COMPLETED', OTHER_UID), late))).to.equal('C301 400')
    expect(answer(run(toState('CANCELED', TRANSACTION_UID), late))).to.equal('accepted B304')
    expect(answer(run(toState('CANCELED', OTHER_UID), late))).to.equal('C301 400')
    expect(answer(run(toState('IN PROGRESS', OTHER_UID), late))).to.equal('C301 409')
    expect(answer(run(requestCancel(), late))).to.equal('accepted B304')
  })
})

describe('A cancellation by an administrator', () => {
  const refused: readonly (readonly [string, Dataset, string, readonly string[]])[] = [
    ['without a reason', {}, '0120 400', ['00741238']],
    ['with an empty reason', { '00741238': empty('LT') }, '0121 400', ['00741238']],
    ['with a blank reason', { '00741238': text('LT', '  ') }, '0121 400', ['00741238']],
    ['with a code instead of a reason', { '0074100E': sequence(code('110526')) }, '0120 400', ['00741238']],
    ['with a reason that is too long', { '00741238': text('LT', 'x'.repeat(10_241)) }, '0106 400', ['00741238']],
    ['with two reasons', { '00741238': text('LT', 'x', 'y') }, '0106 400', ['00741238']],
    ['with a contact that is no URI', { ...REASON, '0074100A': text('UR', 'no URI') }, '0106 400', ['0074100A']],
    [
      'with a code that has no meaning',
      { ...REASON, '0074100E': sequence({ ...code('1'), '00080104': empty('LO') }) },
      '0121 400',
      ['0074100E.00080104'],
    ],
    [
      'with neither reason nor a contact that is a URI',
      { '0074100A': text('UR', 'no URI') },
      '0120 400',
      ['00741238', '0074100A'],
    ],
  ]
  for (const [what, attributes, expected, paths] of refused) {
    it(`${what} is answered ${expected}`, () => {
      const got = run(cancelAbandoned(attributes), factsOf(claimed))
      expect(answer(got)).to.equal(expected)
      expect(got.paths).to.deep.equal(paths)
    })
  }

  it('takes a reason of 10240 characters', () => {
    const reason = { '00741238': text('LT', 'x'.repeat(10_240)) }
    expect(answer(run(cancelAbandoned(reason), factsOf(claimed)))).to.equal('accepted')
  })

  it('sees the state before the reason, and remembers what was deleted', () => {
    expect(answer(run(cancelAbandoned({}), factsOf(workitemIn('CANCELED'))))).to.equal('accepted B304')
    expect(answer(run(cancelAbandoned({}), factsOf(workitemIn('SCHEDULED'))))).to.equal('C310 409')
    expect(answer(run(cancelAbandoned(), factsOf(undefined, { deleted: true })))).to.equal('C307 410')
  })
})
