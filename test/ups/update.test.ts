/** N-SET: decisions.md 2 and 3. */
import { expect } from 'chai'

import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import type { Facts } from '../../plugin/ups/decision.ts'
import type { Workitem } from '../../plugin/ups/workitem.ts'
import {
  answer,
  at,
  BOTH,
  changed,
  code,
  committed,
  empty,
  factsOf,
  LABEL,
  LENIENT,
  OTHER_UID,
  PERFORMED,
  person,
  reported,
  run,
  type Seen,
  sequence,
  STAMP,
  STRICT,
  text,
  TRANSACTION_UID,
  UID,
  update,
  workitemIn,
} from './support.ts'
import { CREATE_MUST_HAVE_VALUE, UPDATE_FORBIDDEN } from './transcription/a-6.ts'

const claimed = workitemIn('IN PROGRESS')
const lenient = factsOf(claimed)
const strictly = factsOf(claimed, { policy: STRICT })

const setting = (payload: Dataset, facts: Facts = lenient): Seen => run(update(payload, TRANSACTION_UID), facts)

const label = (value: string): Dataset => ({ '00741204': text('LO', value) })

describe('An Update', () => {
  it('replaces attributes, stamps the modification, and leaves everything else alone', () => {
    const { next } = setting(label('Another label'))
    expect(next).to.deep.equal({
      ...claimed,
      attributes: changed(claimed.attributes, { ...label('Another label'), '00404010': text('DT', STAMP) }),
    })
  })

  it('adds attributes that were not there, private ones too', () => {
    const payload: Dataset = {
      '00404011': text('DT', '20260301100000+0100'),
      '00080201': text('SH', '+0100'),
      '00090010': text('LO', 'ACME'),
      '00091001': { vr: 'UN', InlineBinary: 'AAEC' },
    }
    expect(committed(setting(payload))).to.deep.include(payload)
  })

  it('keeps the private attributes of everybody: two creators may have numbered their block alike (PS3.5 7.8.1)', () => {
    const ours: Dataset = { '00090010': text('LO', 'ACME'), '00091001': text('LO', 'ours') }
    const theirs: Dataset = { '00090010': text('LO', 'OTHER'), '00091001': text('LO', 'theirs') }
    const attributes = committed(setting(theirs, factsOf(workitemIn('IN PROGRESS', ours))))
    const privateValue = (creator: string): unknown => {
      const [owner] = Object.entries(attributes).find(([, { Value }]) => Value?.[0] === creator) ?? ['']
      return attributes[`0009${owner.slice(6)}01`]?.Value?.[0]
    }
    expect(privateValue('OTHER')).to.equal('theirs')
    expect(privateValue('ACME')).to.equal('ours')
  })

  it('replaces a sequence whole, not item by item', () => {
    const before = workitemIn('IN PROGRESS', { '00404025': sequence(code('ONE'), code('TWO')) })
    const payload = { '00404025': sequence(code('THREE')) }
    expect(committed(setting(payload, factsOf(before)))['00404025']).to.deep.equal(payload['00404025'])
  })

  it('does not need the Transaction UID while nobody has claimed the workitem', () => {
    expect(answer(run(update(label('Another label')), factsOf(workitemIn('SCHEDULED'))))).to.equal('accepted')
  })

  it('names ISO_IR 192 when a value is not ASCII any more', () => {
    expect(committed(setting(label('Prüfung')))['00080005']).to.deep.equal(text('CS', 'ISO_IR 192'))
    const latin = { ...label('Prüfung'), '00080005': text('CS', 'ISO_IR 100') }
    expect(committed(setting(latin))['00080005']).to.deep.equal(text('CS', 'ISO_IR 192'))
  })

  it('cannot make the answer claim another character set than the one it is in', () => {
    const umlauts = workitemIn('IN PROGRESS', {
      '00100010': person('Müller'),
      '00080005': text('CS', 'ISO_IR 192'),
    })
    const got = setting({ '00080005': text('CS', 'ISO_IR 100') }, factsOf(umlauts))
    expect(answer(got)).to.equal('accepted')
    expect(got.next).to.equal(undefined)
  })
})

describe('An Update that changes nothing', () => {
  const same: readonly (readonly [string, Dataset])[] = [
    ['an empty payload', {}],
    ['what is stored', { '00741204': claimed.attributes['00741204'] ?? empty('LO') }],
    ['a value with other padding', { '00741202': text('LO', 'AI  ') }],
    ['empty where nothing is stored', { '0020000D': empty('UI') }],
    ['empty where something empty is stored', { '00404026': empty('SQ') }],
    ['what only the service changes', { '00404010': text('DT', '19990101'), '00081195': text('UI', TRANSACTION_UID) }],
  ]
  for (const [name, payload] of same) {
    it(`is accepted, and there is no new version and no report: ${name}`, () => {
      const got = setting(payload)
      expect(answer(got)).to.equal('accepted')
      expect(got.next).to.equal(undefined)
      expect(got.reports).to.deep.equal([])
    })
  }

  it('is the whole dataset sent back, in lenient', () => {
    const got = setting({ ...claimed.attributes, '00081195': text('UI', TRANSACTION_UID) })
    expect(answer(got)).to.equal('accepted')
    expect(got.next).to.equal(undefined)
  })

  it('does not leave out what did change', () => {
    const got = setting({ ...claimed.attributes, ...label('Another label') })
    expect(committed(got)['00741204']).to.deep.equal(text('LO', 'Another label'))
  })
})

describe('The Transaction UID of an Update', () => {
  it('is never stored in the dataset', () => {
    const got = setting({ ...label('Another label'), '00081195': text('UI', TRANSACTION_UID) })
    expect(committed(got)).to.not.have.property('00081195')
    expect(JSON.stringify([got.next?.attributes, got.reports])).to.not.include(TRANSACTION_UID)
  })

  it('is refused in words that say what is wrong', () => {
    expect(run(update(label('x')), lenient).text).to.equal('The Transaction UID is missing.')
    expect(run(update(label('x'), OTHER_UID), lenient).text).to.equal('The Transaction UID is incorrect.')
  })

  it('is looked at before the payload', () => {
    expect(answer(run(update({ '00100010': empty('PN') }), lenient))).to.equal('C301 400')
    expect(
      answer(run(update({ '00100010': empty('PN') }, TRANSACTION_UID), factsOf(workitemIn('COMPLETED')))),
    ).to.equal('C300 400')
  })

  describe('may be missing where updateWithoutTransactionUid is on', () => {
    const policy = { ...LENIENT, updateWithoutTransactionUid: true }
    const rows: readonly (readonly [string, Workitem, string | undefined, string])[] = [
      ['a claimed workitem without one', claimed, undefined, 'accepted'],
      ['a claimed workitem with an empty one', claimed, '', 'accepted'],
      ['a claimed workitem with the recorded one', claimed, TRANSACTION_UID, 'accepted'],
      ['a claimed workitem with a wrong one', claimed, OTHER_UID, 'C301 400'],
      ['a claimed workitem with a malformed one', claimed, 'no UID', '0106 400'],
      ['a scheduled workitem without one', workitemIn('SCHEDULED'), undefined, 'accepted'],
      ['a scheduled workitem with one', workitemIn('SCHEDULED'), OTHER_UID, 'C310 409'],
      ['a completed workitem without one', workitemIn('COMPLETED'), undefined, 'C300 400'],
    ]
    for (const [name, workitem, transactionUid, expected] of rows) {
      it(`${name}: ${expected}`, () => {
        expect(answer(run(update(label('x'), transactionUid), factsOf(workitem, { policy })))).to.equal(expected)
      })
    }
  })
})

describe('A workitem that is not there', () => {
  it('cannot be updated: 404, and 410 where its deletion is remembered', () => {
    expect(answer(run(update(label('x')), factsOf(undefined)))).to.equal('C307 404')
    expect(answer(run(update(label('x')), factsOf(undefined, { deleted: true })))).to.equal('C307 410')
  })
})

/** A stored value and another one. */
const twoValues = (vr: Attribute['vr']): readonly [Attribute, Attribute] => {
  if (vr === 'SQ') return [sequence({ '00080070': text('LO', 'one') }), sequence({ '00080070': text('LO', 'two') })]
  if (vr === 'PN') return [person('A^B'), person('A^C')]
  if (vr === 'DA') return [text(vr, '19700101'), text(vr, '19700102')]
  if (vr === 'UI') return [text(vr, '1.2.3'), text(vr, '1.2.4')]
  if (vr === 'CS') return [text(vr, 'M'), text(vr, 'F')]
  return [text(vr, 'one'), text(vr, 'two')]
}

describe('What an Update must not change (A.6)', () => {
  const SEQUENCES = new Set(['00100024', '00380014', '00081084', '0040A370', '00741224'])
  const VRS: Readonly<Record<Tag, Attribute['vr']>> = {
    '00080016': 'UI',
    '00080018': 'UI',
    '00741000': 'CS',
    '00100010': 'PN',
    '00100030': 'DA',
    '00100040': 'CS',
  }

  for (const { tag, keyword } of UPDATE_FORBIDDEN) {
    const vr = VRS[tag] ?? (SEQUENCES.has(tag) ? 'SQ' : 'LO')
    const [one, two] = twoValues(vr)
    const answerTo = (stored: Attribute | undefined, sent: Attribute, policy = LENIENT): string =>
      answer(setting({ [tag]: sent }, factsOf(workitemIn('IN PROGRESS', { [tag]: stored }), { policy })))

    it(`${keyword}: ignored in lenient when it equals what is stored, absent and empty being the same`, () => {
      expect(answerTo(one, one)).to.equal('accepted')
      expect(answerTo(empty(vr), empty(vr))).to.equal('accepted')
      expect(answerTo(undefined, empty(vr))).to.equal('accepted')
    })

    it(`${keyword}: 0105 when it differs from what is stored`, () => {
      for (const policy of BOTH) {
        expect(answerTo(one, two, policy)).to.equal('0105 400')
        expect(answerTo(one, empty(vr), policy)).to.equal('0105 400')
        expect(answerTo(undefined, one, policy)).to.equal('0105 400')
      }
    })

    it(`${keyword}: always 0105 in strict`, () => {
      expect(answerTo(one, one, STRICT)).to.equal('0105 400')
      expect(answerTo(empty(vr), empty(vr), STRICT)).to.equal('0105 400')
      expect(answerTo(undefined, empty(vr), STRICT)).to.equal('0105 400')
    })
  }

  it('is equal to what is stored although lenient added empty attributes to its items', () => {
    const sent: Dataset = { '0020000D': text('UI', '1.2.3') }
    const stored = workitemIn('IN PROGRESS', {
      '0040A370': sequence({ ...sent, '00321060': empty('LO'), '00401001': empty('SH') }),
    })
    expect(answer(setting({ '0040A370': sequence(sent) }, factsOf(stored)))).to.equal('accepted')
  })

  it('is named, every one', () => {
    const got = setting({
      '00100010': empty('PN'),
      '00100020': text('LO', 'other'),
      '00741000': text('CS', 'COMPLETED'),
    })
    expect(got.paths.toSorted()).to.deep.equal(['00100010', '00100020', '00741000'])
  })
})

describe('Zero length in an Update', () => {
  for (const { tag, keyword } of CREATE_MUST_HAVE_VALUE) {
    if (keyword === 'ProcedureStepState') continue
    it(`cannot blank ${keyword}, which N-CREATE demands`, () => {
      for (const facts of [lenient, strictly]) {
        const got = setting({ [tag]: empty('LO') }, facts)
        expect(answer(got)).to.equal('0121 400')
        expect(got.paths).to.deep.equal([tag])
      }
    })
  }

  const blankable: readonly (readonly [string, Tag, Attribute])[] = [
    ['a type 2 attribute', '00400400', text('LT', 'a comment')],
    ['a type 2 sequence', '00404025', sequence(code('ONE'))],
    ['a type 3 attribute', '00404011', text('DT', '20260301')],
    ['a type 1C attribute', '0020000D', text('UI', '1.2.3')],
    ['the progress information', '00741002', sequence({ '00741004': text('DS', '50') })],
    ['the performed procedure', '00741216', sequence(PERFORMED)],
    ['an attribute that the table does not name', '00080070', text('LO', 'ACME')],
  ]
  for (const [name, tag, stored] of blankable) {
    it(`blanks ${name}`, () => {
      for (const policy of BOTH) {
        const got = setting(
          { [tag]: empty(stored.vr) },
          factsOf(workitemIn('IN PROGRESS', { [tag]: stored }), { policy }),
        )
        expect(answer(got)).to.equal('accepted')
        expect(got.next?.attributes[tag]).to.deep.equal(empty(stored.vr))
      }
    })
  }

  it('gives the Worklist Label its default again, and the answer says so', () => {
    for (const policy of BOTH) {
      const got = setting({ '00741202': empty('LO') }, factsOf(claimed, { policy }))
      expect(answer(got)).to.equal('accepted B305')
      expect(got.next?.attributes['00741202']).to.deep.equal(text('LO', LABEL))
    }
  })
})

describe('Items in an Update', () => {
  it('must have what N-SET demands of them, in both modes', () => {
    for (const facts of [lenient, strictly]) {
      const got = setting({ '00404025': sequence({ '00080100': text('SH', 'X'), '00080102': text('SH', 'Y') }) }, facts)
      expect(answer(got)).to.equal('0120 400')
      expect(got.paths).to.deep.equal(['00404025.00080104'])
    }
  })

  it('get the type 2 attributes that they lack in lenient, and the answer says so', () => {
    const { '00404033': _, ...performed } = PERFORMED
    const bare = factsOf(workitemIn('IN PROGRESS', { '00741216': empty('SQ') }))
    const got = setting({ '00741216': sequence(performed) }, bare)
    expect(answer(got)).to.equal('accepted B305')
    expect(at(committed(got), '00741216.00404033')).to.deep.equal(empty('SQ'))
  })

  it('lack nothing in strict', () => {
    const { '00404033': _, ...performed } = PERFORMED
    const got = setting({ '00741216': sequence(performed) }, strictly)
    expect(answer(got)).to.equal('0120 400')
    expect(got.paths).to.deep.equal(['00741216.00404033'])
  })

  it('of a performed procedure need not be complete before it is completed', () => {
    const payload = { '00741216': sequence({ '00404033': empty('SQ'), '00404050': text('DT', '20260301081500') }) }
    expect(answer(setting(payload, strictly))).to.equal('accepted')
  })

  it('may be issuers of other Patient IDs, though their rows print Not allowed', () => {
    const id: Dataset = { '00100020': text('LO', 'OTHER'), '00100021': text('LO', 'HOSP'), '00100024': empty('SQ') }
    expect(answer(setting({ '00101002': sequence(id) }, strictly))).to.equal('accepted')
  })
})

describe('Several problems of an Update', () => {
  const notAllowed: Dataset = { '00100020': text('LO', 'other') }
  const missing: Dataset = { '00404025': sequence({ '00080104': text('LO', 'no code') }) }
  const blank: Dataset = { '00741204': empty('LO') }
  const invalid: Dataset = { '00404005': text('DT', 'tomorrow') }

  const rows: readonly (readonly [string, Dataset, string])[] = [
    ['0105 before all others', { ...notAllowed, ...missing, ...blank, ...invalid }, '0105 400'],
    ['0120 before 0121', { ...missing, ...blank, ...invalid }, '0120 400'],
    ['0121 before 0106', { ...blank, ...invalid }, '0121 400'],
  ]
  for (const [name, payload, expected] of rows) {
    it(`give one status, ${name}`, () => expect(answer(setting(payload))).to.equal(expected))
  }

  it('are all named', () => {
    const { paths } = setting({ ...notAllowed, ...missing, ...blank, ...invalid })
    expect(paths).to.include.members(['00100020', '00404025.00080100', '00741204', '00404005'])
  })
})

describe('An Update leaves alone', () => {
  it('what is not part of the dataset', () => {
    const { next } = setting(label('x'))
    expect(next).to.deep.include({ uid: UID, state: 'IN PROGRESS', receivingAE: 'WORKLIST', lock: claimed.lock })
    expect(next).to.not.have.property('finishedAt')
  })

  it('the subscribers, where nothing is reported', () => {
    expect(reported(setting(label('x')))).to.deep.equal([])
  })
})
