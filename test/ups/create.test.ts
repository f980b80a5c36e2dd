/** N-CREATE: decisions.md 3 and the checklists of standard.md A.6. */
import { expect } from 'chai'

import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import { decide } from '../../plugin/ups/decide.ts'
import {
  answer,
  at,
  BOTH,
  changed,
  code,
  committed,
  create,
  empty,
  factsOf,
  LABEL,
  LENIENT,
  NOW,
  PAYLOAD,
  person,
  reported,
  run,
  sample,
  sequence,
  SOP_CLASS,
  STAMP,
  STATES,
  STRICT,
  text,
  UID,
  workitemIn,
} from './support.ts'
import {
  CREATE_MAY_BE_EMPTY,
  CREATE_MAY_BE_EMPTY_WITH_DEFAULT,
  CREATE_MUST_BE_EMPTY,
  CREATE_MUST_HAVE_VALUE,
} from './transcription/a-6.ts'

const nobody = factsOf(undefined)
const strictly = factsOf(undefined, { policy: STRICT })

type Changes = Readonly<Record<Tag, Attribute | undefined>>
const creating = (changes: Changes, facts = nobody) => run(create(changed(PAYLOAD, changes)), facts)

describe('A new workitem', () => {
  it('is scheduled, belongs to the AE it came through, and has neither lock nor end', () => {
    const { next } = run(create(PAYLOAD, { receivingAE: 'RADONC' }), nobody)
    expect(next).to.include({ uid: UID, state: 'SCHEDULED', receivingAE: 'RADONC' })
    expect(next).to.not.have.any.keys('lock', 'finishedAt')
  })

  it('is accepted without a remark when nothing is missing, in strict too', () => {
    for (const policy of BOTH) expect(answer(run(create(), factsOf(undefined, { policy })))).to.equal('accepted')
  })

  it('keeps everything that was sent, and gets nothing but what the service owns', () => {
    const sent = changed(PAYLOAD, {
      '00080201': text('SH', '+0100'),
      '00090010': text('LO', 'ACME'),
      '00091001': { vr: 'UN', InlineBinary: 'AAEC' },
      '00102000': text('LO', 'Latex', 'Nuts'),
      '00404034': sequence({
        '00404009': sequence(code('THER1')),
        '00404037': person('Roe^Jane'),
        '00404036': text('LO', 'Radiology'),
        '00090010': text('LO', 'ACME'),
        '00091002': text('LO', 'private, nested'),
      }),
      '77770010': text('LO', 'not in any dictionary'),
    })
    expect(committed(run(create(sent), nobody))).to.deep.equal(
      changed(sent, {
        '00081195': undefined,
        '00080016': text('UI', SOP_CLASS),
        '00080018': text('UI', UID),
        '00404010': text('DT', STAMP),
      }),
    )
  })

  it('never holds the Transaction UID, not even empty', () => {
    expect(PAYLOAD).to.have.property('00081195')
    expect(committed(run(create(), nobody))).to.not.have.property('00081195')
  })

  it('is reported as SCHEDULED', () => expect(reported(run(create(), nobody))).to.deep.equal(['State SCHEDULED']))
})

describe('The SOP Class UID and the SOP Instance UID of a payload', () => {
  const agreeing: readonly (readonly [string, Changes])[] = [
    ['neither', { '00080016': undefined, '00080018': undefined }],
    ['both empty', { '00080016': empty('UI'), '00080018': empty('UI') }],
    ['the UPS Push SOP Class', { '00080016': text('UI', SOP_CLASS) }],
    ['the UID of the workitem as SOP Instance UID', { '00080018': text('UI', UID) }],
    ['the UID of the workitem as Affected SOP Instance UID', { '00001000': text('UI', UID) }],
  ]
  for (const [name, changes] of agreeing) {
    it(`are accepted: ${name}`, () => {
      for (const facts of [nobody, strictly]) {
        const got = creating(changes, facts)
        expect(answer(got)).to.equal('accepted')
        expect(got.next?.attributes['00080016']).to.deep.equal(text('UI', SOP_CLASS))
        expect(got.next?.attributes['00080018']).to.deep.equal(text('UI', UID))
        expect(got.next?.attributes).to.not.have.property('00001000')
      }
    })
  }

  const differing: readonly (readonly [string, Tag, Attribute])[] = [
    ['another SOP Class', '00080016', text('UI', '1.2.840.10008.5.1.4.34.6.4')],
    ['another SOP Instance UID', '00080018', text('UI', '1.2.3')],
    ['another Affected SOP Instance UID', '00001000', text('UI', '1.2.3')],
    ['a second SOP Instance UID', '00080018', text('UI', UID, '1.2.3')],
    ['a second SOP Class', '00080016', text('UI', SOP_CLASS, '1.2.840.10008.5.1.4.34.6.4')],
  ]
  for (const [name, tag, attribute] of differing) {
    it(`are refused: ${name}`, () => {
      for (const facts of [nobody, strictly]) {
        const got = creating({ [tag]: attribute }, facts)
        expect(answer(got)).to.equal('0106 400')
        expect(got.paths).to.include(tag)
      }
    })
  }
})

describe('The modification date-time', () => {
  it('is the time of the request with its offset, whatever the payload says', () => {
    for (const sent of [text('DT', '19990101'), text('DT', 'yesterday'), empty('DT'), undefined]) {
      const got = creating({ '00404010': sent }, strictly)
      expect(answer(got)).to.equal('accepted')
      expect(got.next?.attributes['00404010']).to.deep.equal(text('DT', '20260301090500.123+0000'))
    }
    expect(NOW.toISOString()).to.equal('2026-03-01T09:05:00.123Z')
  })
})

describe('The Worklist Label', () => {
  it('stays as it was sent', () => {
    expect(committed(creating({ '00741202': text('LO', 'MINE') }))['00741202']).to.deep.equal(text('LO', 'MINE'))
  })

  for (const [name, sent] of [
    ['empty', empty('LO')],
    ['nothing but spaces', text('LO', '   ')],
    ['missing', undefined],
  ] as const) {
    it(`is the configured one where it is ${name}, and the answer says so`, () => {
      const got = creating({ '00741202': sent })
      expect(answer(got)).to.equal('accepted B300')
      expect(got.next?.attributes['00741202']).to.deep.equal(text('LO', LABEL))
    })
  }

  it('may be empty in strict, but not missing', () => {
    expect(answer(creating({ '00741202': empty('LO') }, strictly))).to.equal('accepted B300')
    expect(answer(creating({ '00741202': undefined }, strictly))).to.equal('0120 400')
  })
})

describe('The character set', () => {
  it('is ISO_IR 192 when any value is not ASCII, whatever the payload says', () => {
    for (const sent of [undefined, empty('CS'), text('CS', 'ISO_IR 100'), text('CS', 'ISO_IR 192')]) {
      const got = creating({ '00080005': sent, '00100010': person('Müller') })
      expect(committed(got)['00080005']).to.deep.equal(text('CS', 'ISO_IR 192'))
    }
  })

  it('is ISO_IR 192 for the sake of a value in an item, or of the configured Worklist Label', () => {
    const nested = creating({ '00404025': sequence(code('1', 'Gerät')) })
    expect(committed(nested)['00080005']).to.deep.equal(text('CS', 'ISO_IR 192'))
    const policy = { ...LENIENT, worklistLabel: 'Prüfung' }
    const labelled = creating({ '00741202': empty('LO') }, factsOf(undefined, { policy }))
    expect(committed(labelled)['00080005']).to.deep.equal(text('CS', 'ISO_IR 192'))
  })

  it('is left alone when all values are ASCII', () => {
    expect(committed(creating({}))).to.not.have.property('00080005')
    expect(committed(creating({ '00080005': text('CS', 'ISO_IR 100') }))['00080005']).to.deep.equal(
      text('CS', 'ISO_IR 100'),
    )
  })
})

describe('The Transaction UID of a payload', () => {
  it('must be empty', () => {
    for (const facts of [nobody, strictly]) {
      const got = creating({ '00081195': text('UI', '1.2.3') }, facts)
      expect(answer(got)).to.equal('0105 400')
      expect(got.paths).to.deep.equal(['00081195'])
    }
  })

  it('may be missing in lenient; there is nothing to add, so nothing was modified', () => {
    expect(answer(creating({ '00081195': undefined }))).to.equal('accepted')
  })
})

describe('The state of a payload', () => {
  for (const state of ['IN PROGRESS', 'COMPLETED', 'CANCELED', 'PLANNED']) {
    it(`${state} is refused as not SCHEDULED`, () => {
      for (const facts of [nobody, strictly]) {
        const got = creating({ '00741000': text('CS', state) }, facts)
        expect(answer(got)).to.equal('C309 400')
        expect(got.paths).to.deep.equal(['00741000'])
      }
    })
  }

  it('is missing or empty as any other type 1 attribute', () => {
    expect(answer(creating({ '00741000': undefined }))).to.equal('0120 400')
    expect(answer(creating({ '00741000': empty('CS') }))).to.equal('0121 400')
  })

  it('is kept by the service: padding that was sent is not stored', () => {
    const { next } = creating({ '00741000': text('CS', 'SCHEDULED ') })
    expect(next?.state).to.equal('SCHEDULED')
    expect(next?.attributes['00741000']).to.deep.equal(text('CS', 'SCHEDULED'))
  })
})

describe('A UID that is taken', () => {
  for (const state of STATES) {
    it(`by a ${state} workitem is refused, whatever the payload`, () => {
      expect(answer(run(create(), factsOf(workitemIn(state))))).to.equal('0111 409')
      expect(answer(run(create({}), factsOf(workitemIn(state), { policy: STRICT })))).to.equal('0111 409')
    })
  }

  it('by a workitem whose deletion is remembered is refused', () => {
    expect(answer(run(create(), factsOf(undefined, { deleted: true })))).to.equal('0111 409')
  })

  for (const uid of ['1.2.840.10008.5.1.4.34.5', '1.2.840.10008.5.1.4.34.5.1']) {
    it(`by the worklist itself is refused: ${uid}`, () => {
      const got = run(create(PAYLOAD, { uid }), nobody)
      expect(got.outcome).to.equal('refused')
      expect(got.http).to.be.oneOf([400, 409])
    })
  }
})

describe('What must be sent (A.6)', () => {
  for (const { tag, keyword } of CREATE_MUST_HAVE_VALUE) {
    it(`${keyword}: with a value, in both modes`, () => {
      for (const facts of [nobody, strictly]) {
        const missing = creating({ [tag]: undefined }, facts)
        expect(answer(missing)).to.equal('0120 400')
        expect(missing.paths).to.deep.equal([tag])
        const blank = creating({ [tag]: empty('LO') }, facts)
        expect(answer(blank)).to.equal('0121 400')
        expect(blank.paths).to.deep.equal([tag])
      }
    })
  }

  for (const { tag, keyword } of [...CREATE_MAY_BE_EMPTY, ...CREATE_MAY_BE_EMPTY_WITH_DEFAULT]) {
    it(`${keyword}: may be empty; missing, lenient adds it and strict refuses`, () => {
      const vr = PAYLOAD[tag]?.vr ?? 'LO'
      expect(creating({ [tag]: empty(vr) }).outcome).to.equal('accepted')
      expect(creating({ [tag]: empty(vr) }, strictly).outcome).to.equal('accepted')
      const added = creating({ [tag]: undefined })
      expect(answer(added)).to.equal('accepted B300')
      expect(added.next?.attributes).to.have.property(tag)
      const refused = creating({ [tag]: undefined }, strictly)
      expect(answer(refused)).to.equal('0120 400')
      expect(refused.paths).to.deep.equal([tag])
    })
  }

  for (const { tag, keyword } of CREATE_MUST_BE_EMPTY) {
    it(`${keyword}: empty`, () => {
      const vr = tag === '00081195' ? 'UI' : 'SQ'
      const filled: Attribute = vr === 'UI' ? text('UI', '1.2.3') : sequence({})
      for (const facts of [nobody, strictly]) {
        expect(answer(creating({ [tag]: empty(vr) }, facts))).to.equal('accepted')
        expect(answer(creating({ [tag]: filled }, facts))).to.equal('0105 400')
      }
      expect(answer(creating({ [tag]: undefined }, strictly))).to.equal('0120 400')
    })
  }

  it('all that is missing is named at once, with its path', () => {
    const got = run(create({}), strictly)
    expect(answer(got)).to.equal('0120 400')
    for (const { tag } of [...CREATE_MUST_HAVE_VALUE, ...CREATE_MAY_BE_EMPTY, ...CREATE_MUST_BE_EMPTY]) {
      expect(got.paths).to.include(tag)
    }
  })
})

describe('A type 2 attribute that lenient adds', () => {
  it('is added in items too', () => {
    const request: Dataset = { '0020000D': text('UI', '1.2.3') }
    const got = creating({ '0040A370': sequence(request) })
    expect(answer(got)).to.equal('accepted B300')
    expect(at(committed(got), '0040A370.00321060')).to.deep.equal(empty('LO'))
    expect(at(committed(got), '0040A370.00401001')).to.deep.equal(empty('SH'))
    expect(at(committed(got), '0040A370.0020000D')).to.deep.equal(text('UI', '1.2.3'))
  })

  it('is added in every item that lacks it, and the others stay', () => {
    const one: Dataset = { '0020000D': text('UI', '1.2.3') }
    const other: Dataset = { '0020000D': text('UI', '1.2.4'), '00401001': text('SH', 'RP') }
    const items = committed(creating({ '0040A370': sequence(one, other) }))['0040A370']?.Value as readonly Dataset[]
    expect(items.map((item) => item['00401001'])).to.deep.equal([empty('SH'), text('SH', 'RP')])
  })
})

describe('Several problems at once', () => {
  const notAllowed: Changes = { '00741216': sequence({}) }
  const missing: Changes = { '00741200': undefined }
  const blank: Changes = { '00741204': empty('LO') }
  const invalid: Changes = { '00404005': text('DT', 'tomorrow') }
  const notScheduled: Changes = { '00741000': text('CS', 'COMPLETED') }

  const rows: readonly (readonly [string, Changes, string])[] = [
    ['0105 before all others', { ...notAllowed, ...missing, ...blank, ...invalid, ...notScheduled }, '0105 400'],
    ['0120 before 0121', { ...missing, ...blank, ...invalid, ...notScheduled }, '0120 400'],
    ['0121 before 0106', { ...blank, ...invalid, ...notScheduled }, '0121 400'],
    ['0106 before C309', { ...invalid, ...notScheduled }, '0106 400'],
  ]
  for (const [name, changes, expected] of rows) {
    it(`one status, ${name}`, () => expect(answer(creating(changes))).to.equal(expected))
  }

  it('and every one is named', () => {
    const { paths } = creating({ ...notAllowed, ...missing, ...blank, ...invalid })
    expect(paths).to.include.members(['00741216', '00741200', '00741204', '00404005'])
  })
})

describe('The reasons of a refusal', () => {
  it('never hold a value of the dataset', () => {
    const secret = 'SECRETVALUE'
    const decision = decide(
      create(
        changed(sample('rt-treatment'), {
          '00741200': text('CS', secret),
          '00404005': text('DT', secret),
          '00100040': text('CS', secret),
          '00081195': text('UI', secret),
          '00080018': text('UI', secret),
          '00741216': sequence({ '00404050': text('DT', secret) }),
        }),
      ),
      nobody,
    )
    expect(decision.outcome).to.equal('refused')
    expect(JSON.stringify(decision)).to.not.include(secret)
  })
})
