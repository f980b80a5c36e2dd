/** Where `strictness` makes a difference (decisions.md 3), and that it makes none elsewhere. */
import { expect } from 'chai'

import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import {
  answer,
  BOTH,
  changed,
  code,
  create,
  empty,
  factsOf,
  LENIENT,
  PAYLOAD,
  requestCancel,
  run,
  sample,
  sequence,
  STRICT,
  text,
  toState,
  TRANSACTION_UID,
  update,
  workitemIn,
} from './support.ts'
import { CREATE_MAY_BE_EMPTY, CREATE_MUST_HAVE_VALUE } from './transcription/a-6.ts'

const lenient = factsOf(undefined, { policy: LENIENT })
const strict = factsOf(undefined, { policy: STRICT })

describe('The samples', () => {
  for (const name of ['ai-triage', 'rt-treatment'] as const) {
    it(`${name} is accepted without a remark in both modes`, () => {
      for (const facts of [lenient, strict]) expect(answer(run(create(sample(name)), facts))).to.equal('accepted')
    })
  }

  it('minimal is created with modifications in lenient: the type 2 attributes are there, empty', () => {
    const got = run(create(sample('minimal')), lenient)
    expect(answer(got)).to.equal('accepted B300')
    for (const { tag } of CREATE_MAY_BE_EMPTY) {
      expect(got.next?.attributes[tag]).to.have.property('vr')
      expect(got.next?.attributes[tag]).to.not.have.any.keys('Value', 'InlineBinary')
    }
  })

  it('minimal is refused in strict, and every attribute that is missing is named', () => {
    const got = run(create(sample('minimal')), strict)
    expect(answer(got)).to.equal('0120 400')
    expect(got.paths).to.include.members(CREATE_MAY_BE_EMPTY.map(({ tag }) => tag))
    expect(got.paths).to.not.include.members(CREATE_MUST_HAVE_VALUE.map(({ tag }) => tag))
  })

  it('rt-treatment-performed is an Update in both modes', () => {
    for (const policy of BOTH) {
      const got = run(
        update(sample('rt-treatment-performed'), TRANSACTION_UID),
        factsOf(workitemIn('IN PROGRESS', { '00741216': empty('SQ') }), { policy }),
      )
      expect(answer(got)).to.equal('accepted')
    }
  })
})

type Changes = Readonly<Record<Tag, Attribute | undefined>>

describe('Lenient and strict differ in a create', () => {
  const reference: Dataset = {
    '0040E020': text('CS', 'DICOM'),
    '00081199': sequence({ '00081150': text('UI', '1.2.3'), '00081155': text('UI', '1.2.4') }),
  }
  const rows: readonly (readonly [string, Changes, lenient: string, strict: string])[] = [
    ['a missing type 2 attribute', { '00100010': undefined }, 'accepted B300', '0120 400'],
    ['a missing Patient ID', { '00100020': undefined }, 'accepted B300', '0120 400'],
    ['a missing Worklist Label', { '00741202': undefined }, 'accepted B300', '0120 400'],
    ['a missing Transaction UID', { '00081195': undefined }, 'accepted', '0120 400'],
    [
      'a missing type 2 attribute in an item',
      { '0040A370': sequence({ '0020000D': text('UI', '1.2.3') }) },
      'accepted B300',
      '0120 400',
    ],
    ['no retrieval sequence', { '00404021': sequence(reference) }, 'accepted', '0120 400'],
  ]
  for (const [name, changes, inLenient, inStrict] of rows) {
    it(`over ${name}`, () => {
      expect(answer(run(create(changed(PAYLOAD, changes)), lenient))).to.equal(inLenient)
      expect(answer(run(create(changed(PAYLOAD, changes)), strict))).to.equal(inStrict)
    })
  }
})

describe('Lenient and strict agree in a create', () => {
  const rows: readonly (readonly [string, Changes, string])[] = [
    ['nothing wrong', {}, 'accepted'],
    ['a type 1 attribute missing', { '00741200': undefined }, '0120 400'],
    ['a type 1 attribute empty', { '00741200': empty('CS') }, '0121 400'],
    ['a type 1 attribute of an item missing', { '00404025': sequence({ '00080104': text('LO', 'x') }) }, '0120 400'],
    ['a type 2 attribute empty', { '00100010': empty('PN') }, 'accepted'],
    ['a type 3 attribute empty', { '00404008': empty('DT') }, 'accepted'],
    ['a type 3/1 attribute empty', { '00404011': empty('DT') }, 'accepted'],
    ['an empty Worklist Label', { '00741202': empty('LO') }, 'accepted B300'],
    ['what must be empty filled', { '00741002': sequence({}) }, '0105 400'],
    ['a value that is not enumerated', { '00404041': text('CS', 'SOON') }, '0106 400'],
    ['a value that is not of its VR', { '00404005': text('DT', 'soon') }, '0106 400'],
    ['too many values', { '00741204': text('LO', 'a', 'b') }, '0106 400'],
    ['too many items', { '00404018': sequence(code('1'), code('2')) }, '0106 400'],
    ['another state', { '00741000': text('CS', 'COMPLETED') }, 'C309 400'],
    ['another SOP Class', { '00080016': text('UI', '1.2.3') }, '0106 400'],
    ['an output destination that is nowhere', { '00404070': sequence({}) }, '0120 400'],
  ]
  for (const [name, changes, expected] of rows) {
    it(`over ${name}: ${expected}`, () => {
      for (const facts of [lenient, strict]) {
        expect(answer(run(create(changed(PAYLOAD, changes)), facts))).to.equal(expected)
      }
    })
  }
})

describe('Lenient and strict in an Update', () => {
  const stored = workitemIn('IN PROGRESS', { '00100020': text('LO', 'PAT1') })
  const rows: readonly (readonly [string, Dataset, lenient: string, strict: string])[] = [
    [
      'differ over a not-allowed attribute that is as stored',
      { '00100020': text('LO', 'PAT1') },
      'accepted',
      '0105 400',
    ],
    ['agree over one that is not', { '00100020': text('LO', 'PAT2') }, '0105 400', '0105 400'],
    [
      'differ over a missing type 2 attribute of an item',
      { '00741216': sequence({ '00404050': text('DT', '2026') }) },
      'accepted B305',
      '0120 400',
    ],
    ['agree over a type 1 attribute that is blanked', { '00741204': empty('LO') }, '0121 400', '0121 400'],
    ['agree over a label that is blanked', { '00741202': empty('LO') }, 'accepted B305', 'accepted B305'],
    ['agree over a type 3/1 attribute that is blanked', { '00404011': empty('DT') }, 'accepted', 'accepted'],
    ['agree over a wrong value', { '00404005': text('DT', 'soon') }, '0106 400', '0106 400'],
    ['agree over what the table does not name', { '00080070': text('LO', 'ACME') }, 'accepted', 'accepted'],
  ]
  for (const [name, payload, inLenient, inStrict] of rows) {
    it(name, () => {
      expect(answer(run(update(payload, TRANSACTION_UID), factsOf(stored)))).to.equal(inLenient)
      expect(answer(run(update(payload, TRANSACTION_UID), factsOf(stored, { policy: STRICT })))).to.equal(inStrict)
    })
  }
})

describe('Lenient and strict agree', () => {
  it('over states: strict does not leave the code of a cancellation to the client', () => {
    const cancelled = run(toState('CANCELED', TRANSACTION_UID), factsOf(workitemIn('IN PROGRESS'), { policy: STRICT }))
    expect(answer(cancelled)).to.equal('accepted')
    expect(answer(run(requestCancel(), factsOf(workitemIn('SCHEDULED'), { policy: STRICT })))).to.equal('accepted')
  })

  it('over what COMPLETED demands', () => {
    for (const policy of BOTH) {
      const bare = workitemIn('IN PROGRESS', { '00741216': empty('SQ') })
      expect(answer(run(toState('COMPLETED', TRANSACTION_UID), factsOf(bare, { policy })))).to.equal('C304 409')
    }
  })
})
