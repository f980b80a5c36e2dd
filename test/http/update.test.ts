import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample, sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'
import { temporaryFolder } from '../support/folder.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { attribute, code } from './datasets.ts'
import { aeEntry, writeDirectory } from './directory.ts'
import { expectRefusal, expectSuccess, type RefusalName, retrieved, unchanged } from './refusal.ts'

const OTHER_UID = '1.2.826.0.1.3680043.9.2'
const MODIFIED = 'The Workitem was updated with modifications.'
const LABEL: Dataset = { '00741204': attribute('LO', 'New label') }

let last = 0
const nextUid = (): string => `1.2.42.${++last}`

const inBody = (uid: string): Dataset => ({ '00081195': attribute('UI', uid) })

const PERFORMED = (sample('rt-treatment-performed')['00741216']?.Value?.[0] ?? {}) as Dataset

const performed = (changes: Dataset): Dataset => ({ '00741216': attribute('SQ', { ...PERFORMED, ...changes }) })

describe('PS3.18 11.6 Update Workitem', () => {
  let service: Service
  let strict: Service
  before(async () => {
    service = await startService({ host: { clock: () => new Date('2026-03-01T09:05:00Z') } })
    strict = await startService({ strictness: 'strict' })
  })
  after(async () => {
    await service.stop()
    await strict.stop()
  })

  /** A workitem of its own in this state; gives its UID. */
  async function workitem(state = 'SCHEDULED', where = service): Promise<string> {
    const uid = nextUid()
    const url = `${where.aet()}/workitems`
    expect((await post(`${url}?${uid}`, sampleText('ai-triage'))).status).to.equal(201)
    if (state === 'SCHEDULED') return uid
    if (state === 'CANCELED BEFORE THE CLAIM') {
      expect((await post(`${url}/${uid}/cancelrequest`)).status).to.equal(202)
      return uid
    }
    expect((await put(`${url}/${uid}/state`, stateChange('IN PROGRESS'))).status).to.equal(200)
    if (state === 'COMPLETED') {
      expect((await post(`${url}/${uid}?${TRANSACTION_UID}`, sampleText('rt-treatment-performed'))).status).to.equal(
        200,
      )
    }
    if (state !== 'IN PROGRESS') expect((await put(`${url}/${uid}/state`, stateChange(state))).status).to.equal(200)
    return uid
  }

  const update = (uid: string, attributes: Dataset, query = '', where = service): Promise<Answer> =>
    post(`${where.aet()}/workitems/${uid}${query}`, attributes)

  async function expectRefused(
    uid: string,
    act: () => Promise<Answer>,
    name: RefusalName,
    paths: readonly string[] = [],
    where = service,
  ): Promise<Answer> {
    const answer = await unchanged(where, [uid], act)
    expectRefusal(answer, where.aet(), name, { paths })
    return answer
  }

  async function entriesOf(uid: string, act: () => Promise<unknown>): Promise<number> {
    const count = async (): Promise<number> => (await service.feed()).filter((entry) => entry.uid === uid).length
    const before = await count()
    await act()
    return (await count()) - before
  }

  it('changes attributes of a SCHEDULED workitem: one version, one feed entry, a new modification date-time', async () => {
    const uid = await workitem()
    const entries = await entriesOf(uid, async () => expectSuccess(await update(uid, LABEL), service.aet(), 200))
    expect(entries).to.equal(1)
    const dataset = await retrieved(service.aet(), uid)
    expect(dataset).to.deep.include(LABEL)
    expect(dataset['00404010']).to.deep.equal({ vr: 'DT', Value: ['20260301090500.000+0000'] })
  })

  it('keeps what was not sent', async () => {
    const uid = await workitem()
    const before = await retrieved(service.aet(), uid)
    await update(uid, LABEL)
    const after = await retrieved(service.aet(), uid)
    expect({ ...after, '00404010': 0, '00741204': 0 }).to.deep.equal({ ...before, '00404010': 0, '00741204': 0 })
  })

  it('has PUT as an alias', async () => {
    const uid = await workitem('IN PROGRESS')
    const url = `${service.aet()}/workitems/${uid}`
    expectSuccess(await put(`${url}?transaction-uid=${TRANSACTION_UID}`, LABEL), service.aet(), 200)
    expect(await retrieved(service.aet(), uid)).to.deep.include(LABEL)
    await expectRefused(uid, () => put(url, { '00741204': attribute('LO', 'x') }), 'transactionUidMissing')
  })

  it('is atomic: one bad attribute, and none is changed', async () => {
    const uid = await workitem()
    const attributes = { ...LABEL, '00741200': attribute('CS', 'URGENT') }
    await expectRefused(uid, () => update(uid, attributes), 'invalidValue', ['00741200'])
  })

  it('adds attributes that the workitem did not have, private ones included', async () => {
    const uid = await workitem()
    const more = {
      '00080201': attribute('SH', '+0100'),
      '00990010': attribute('LO', 'ACME'),
      '00991001': attribute('UT', 'private'),
      '00404008': attribute('DT', '20270101'),
    }
    expectSuccess(await update(uid, more), service.aet(), 200)
    expect(await retrieved(service.aet(), uid)).to.deep.include(more)
  })

  describe('The Transaction UID', () => {
    const places: readonly [string, (uid: string) => string, (uid: string) => Dataset][] = [
      ['?transaction-uid=UID', (uid) => `?transaction-uid=${uid}`, () => ({})],
      ['?Transaction-uid=UID', (uid) => `?Transaction-uid=${uid}`, () => ({})],
      ['?TRANSACTION-UID=UID', (uid) => `?TRANSACTION-UID=${uid}`, () => ({})],
      ['?transaction=UID', (uid) => `?transaction=${uid}`, () => ({})],
      ['?TransactionUID=UID', (uid) => `?TransactionUID=${uid}`, () => ({})],
      ['?TransactionUid=UID', (uid) => `?TransactionUid=${uid}`, () => ({})],
      ['?00081195=UID', (uid) => `?00081195=${uid}`, () => ({})],
      ['?UID, bare', (uid) => `?${uid}`, () => ({})],
      ['(0008,1195) in the body', () => '', inBody],
      ['everywhere, the same', (uid) => `?transaction=${uid}&${uid}&00081195=${uid}`, inBody],
    ]
    for (const [name, query, attributes] of places) {
      it(`is taken from ${name}: correct 200, wrong C301`, async () => {
        const uid = await workitem('IN PROGRESS')
        const wrong = () => update(uid, { ...LABEL, ...attributes(OTHER_UID) }, query(OTHER_UID))
        await expectRefused(uid, wrong, 'transactionUidIncorrect')
        const answer = await update(uid, { ...LABEL, ...attributes(TRANSACTION_UID) }, query(TRANSACTION_UID))
        expectSuccess(answer, service.aet(), 200)
        expect(await retrieved(service.aet(), uid)).to.deep.include(LABEL)
      })

      it(`is 0106 when it is malformed: ${name}`, async () => {
        const uid = await workitem('IN PROGRESS')
        const act = () => update(uid, { ...LABEL, ...attributes('1.02') }, query('1.02'))
        const answer = await expectRefused(uid, act, 'invalidValue', ['00081195'])
        expect(answer.text).not.to.include('1.02')
      })

      it(`is C310 for a SCHEDULED workitem: ${name}`, async () => {
        const uid = await workitem()
        const act = () => update(uid, { ...LABEL, ...attributes(TRANSACTION_UID) }, query(TRANSACTION_UID))
        await expectRefused(uid, act, 'notYetInProgressNoUpdate')
      })
    }

    it('is C301 when it is missing or empty while IN PROGRESS', async () => {
      const uid = await workitem('IN PROGRESS')
      await expectRefused(uid, () => update(uid, LABEL), 'transactionUidMissing')
      await expectRefused(uid, () => update(uid, LABEL, '?transaction-uid='), 'transactionUidMissing')
      await expectRefused(uid, () => update(uid, { ...LABEL, '00081195': attribute('UI') }), 'transactionUidMissing')
    })

    it('may be empty in the dataset of a SCHEDULED workitem', async () => {
      const uid = await workitem()
      expectSuccess(await update(uid, { ...LABEL, '00081195': attribute('UI') }), service.aet(), 200)
      expect(await retrieved(service.aet(), uid)).not.to.have.property('00081195')
    })

    const contradictions: readonly [string, string, Dataset][] = [
      ['two names', `?transaction-uid=${TRANSACTION_UID}&transaction=${OTHER_UID}`, {}],
      ['a name and a bare one', `?transaction-uid=${TRANSACTION_UID}&${OTHER_UID}`, {}],
      ['query and body', `?${TRANSACTION_UID}`, inBody(OTHER_UID)],
    ]
    for (const [name, query, attributes] of contradictions) {
      it(`is refused when there are two different ones: ${name}`, async () => {
        const uid = await workitem('IN PROGRESS')
        const act = () => update(uid, { ...LABEL, ...attributes }, query)
        const answer = await expectRefused(uid, act, 'malformedParameter')
        expect(answer.problem().detail).to.match(/two different values.*Transaction UID/)
        for (const secret of [TRANSACTION_UID, OTHER_UID]) expect(answer.text).not.to.include(secret)
      })
    }

    it('is one: two values in the body are refused', async () => {
      const uid = await workitem('IN PROGRESS')
      const attributes = { ...LABEL, '00081195': attribute('UI', TRANSACTION_UID, OTHER_UID) }
      const answer = await unchanged(service, [uid], () => update(uid, attributes))
      expect(answer.status).to.equal(400)
    })

    it('may be missing, but not wrong, where dcmUPSUpdateWithoutTransactionUID says so', async () => {
      const folder = temporaryFolder()
      const config = writeDirectory(folder.path, [
        aeEntry('WORKLIST', 'dcmUPSUpdateWithoutTransactionUID: TRUE'),
        aeEntry('OTHER'),
      ])
      const lax = await startService({ config })
      try {
        const uid = await workitem('IN PROGRESS', lax)
        expectSuccess(await update(uid, LABEL, '', lax), lax.aet(), 200)
        const wrong = () => update(uid, { '00741204': attribute('LO', 'x') }, `?${OTHER_UID}`, lax)
        await expectRefused(uid, wrong, 'transactionUidIncorrect', [], lax)
        const through = await unchanged(lax, [uid], () =>
          post(`${lax.aet('OTHER')}/workitems/${uid}`, sample('rt-treatment-performed')),
        )
        expectRefusal(through, lax.aet('OTHER'), 'transactionUidMissing')
        const { '00081195': _, ...cancel } = stateChange('CANCELED')
        expectSuccess(await put(`${lax.aet()}/workitems/${uid}/state`, cancel), lax.aet(), 200)
      } finally {
        await lax.stop()
        folder.remove()
      }
    })
  })

  describe('A final state', () => {
    for (const state of ['COMPLETED', 'CANCELED', 'CANCELED BEFORE THE CLAIM']) {
      for (const [name, query] of [
        ['with the Transaction UID', `?${TRANSACTION_UID}`],
        ['without one', ''],
      ] as const) {
        it(`is C300, 400: ${state}, ${name}`, async () => {
          const uid = await workitem(state)
          await expectRefused(uid, () => update(uid, LABEL, query), 'finishedNoUpdate')
        })
      }
    }
  })

  describe('A workitem that is not there', () => {
    it('is C307, 404', async () => {
      await expectRefused('1.2.3.4', () => update('1.2.3.4', LABEL), 'notFound')
      await expectRefused('1.2.3.4', () => update('1.2.3.4', LABEL, `?${TRANSACTION_UID}`), 'notFound')
    })

    it('is 410 while its deletion is remembered', async () => {
      const uid = await workitem()
      await deleteWorkitem(service.store, uid)
      await expectRefused(uid, () => update(uid, LABEL), 'gone')
    })
  })

  describe('Nothing changed: 200, no new version, no feed entry', () => {
    it('for an empty dataset', async () => {
      const uid = await workitem()
      expectSuccess(await unchanged(service, [uid], () => update(uid, {})), service.aet(), 200)
    })

    it('for the whole dataset sent back, as JSON and as XML', async () => {
      const uid = await workitem()
      const url = `${service.aet()}/workitems/${uid}`
      const { text } = await send(url)
      expectSuccess(await unchanged(service, [uid], () => post(url, text)), service.aet(), 200)
      const xml = await send(url, { headers: { Accept: 'application/dicom+xml' } })
      const back = () => post(url, xml.text, { 'Content-Type': 'application/dicom+xml' })
      expectSuccess(await unchanged(service, [uid], back), service.aet(), 200)
    })

    it('for the whole dataset sent back while IN PROGRESS', async () => {
      const uid = await workitem('IN PROGRESS')
      const url = `${service.aet()}/workitems/${uid}`
      const { text } = await send(url)
      const back = () => post(`${url}?${TRANSACTION_UID}`, text)
      expectSuccess(await unchanged(service, [uid], back), service.aet(), 200)
    })

    it('for what says the same in another way: padding, number as text, empty for absent', async () => {
      const uid = await workitem()
      await update(uid, { ...LABEL, '00101030': attribute('DS', 80) })
      const same = {
        '00741204': attribute('LO', 'New label '),
        '00101030': attribute('DS', '80'),
        '00404008': attribute('DT'),
        '00404010': attribute('DT', '20000101'),
      }
      expectSuccess(await unchanged(service, [uid], () => update(uid, same)), service.aet(), 200)
    })
  })

  it('changes one attribute when the whole dataset comes back with one changed', async () => {
    const uid = await workitem()
    const whole = (await retrieved(service.aet(), uid)) as unknown as Dataset
    expectSuccess(await update(uid, { ...whole, ...LABEL }), service.aet(), 200)
    expect(await retrieved(service.aet(), uid)).to.deep.include(LABEL)
    const entry = (await service.feed()).at(-1)
    expect(Object.keys(entry?.replaced ?? {})).to.have.members(['00741204'])
  })

  describe('Attributes that an Update must not change', () => {
    const forbidden: readonly [string, Dataset][] = [
      ['SOP Class UID', { '00080016': attribute('UI', '1.2.3') }],
      ['SOP Instance UID', { '00080018': attribute('UI', '1.2.3') }],
      ['Procedure Step State', { '00741000': attribute('CS', 'COMPLETED') }],
      ['an empty Procedure Step State', { '00741000': attribute('CS') }],
      ["Patient's Name", { '00100010': attribute('PN', { Alphabetic: 'Other^Name' }) }],
      ["an empty Patient's Name", { '00100010': attribute('PN') }],
      ['Patient ID', { '00100020': attribute('LO', 'OTHER') }],
      ['Issuer of Patient ID', { '00100021': attribute('LO', 'OTHER') }],
      ['Issuer of Patient ID Qualifiers', { '00100024': attribute('SQ', { '00400032': attribute('UT', '1.2') }) }],
      ['Birth Date', { '00100030': attribute('DA', '19700101') }],
      ['Sex', { '00100040': attribute('CS', 'F') }],
      ['Admission ID', { '00380010': attribute('LO', 'OTHER') }],
      ['Issuer of Admission ID', { '00380014': attribute('SQ', { '00400031': attribute('UT', 'OTHER') }) }],
      ['Admitting Diagnoses', { '00081080': attribute('LO', 'OTHER') }],
      ['Admitting Diagnoses Codes', { '00081084': attribute('SQ', code('OTHER')) }],
      ['Referenced Request', { '0040A370': attribute('SQ', { '0020000D': attribute('UI', '1.2') }) }],
      [
        'Replaced Procedure Step',
        { '00741224': attribute('SQ', { '00081150': attribute('UI', '1.2'), '00081155': attribute('UI', '1.3') }) },
      ],
    ]
    for (const [name, attributes] of forbidden) {
      it(`${name}: 0105 when it differs, in lenient and in strict`, async () => {
        for (const where of [service, strict]) {
          const uid = await workitem('SCHEDULED', where)
          const act = () => update(uid, { ...LABEL, ...attributes }, '', where)
          await expectRefused(uid, act, 'notAllowedAttribute', Object.keys(attributes), where)
        }
      })
    }

    it('are ignored in lenient when they are equal, and 0105 in strict all the same', async () => {
      const tags = forbidden.flatMap(([, attributes]) => Object.keys(attributes))
      const lenientUid = await workitem()
      const whole = (await retrieved(service.aet(), lenientUid)) as unknown as Dataset
      for (const tag of new Set(tags)) {
        const value = whole[tag]
        if (!value) continue
        expectSuccess(
          await unchanged(service, [lenientUid], () => update(lenientUid, { [tag]: value })),
          service.aet(),
          200,
        )
      }
      const strictUid = await workitem('SCHEDULED', strict)
      const strictly = (await retrieved(strict.aet(), strictUid)) as unknown as Dataset
      for (const tag of new Set(tags)) {
        const value = strictly[tag]
        if (!value) continue
        await expectRefused(
          strictUid,
          () => update(strictUid, { [tag]: value }, '', strict),
          'notAllowedAttribute',
          [tag],
          strict,
        )
      }
    })

    it('never let an empty (0074,1000) of a whole dataset reset the state', async () => {
      const uid = await workitem('IN PROGRESS')
      const whole = { ...((await retrieved(service.aet(), uid)) as unknown as Dataset), '00741000': attribute('CS') }
      await expectRefused(uid, () => update(uid, whole, `?${TRANSACTION_UID}`), 'notAllowedAttribute', ['00741000'])
      expect(await retrieved(service.aet(), uid)).to.have.nested.property('00741000.Value[0]', 'IN PROGRESS')
    })
  })

  describe('Blanking', () => {
    for (const [tag, vr] of [
      ['00741200', 'CS'],
      ['00741204', 'LO'],
      ['00404005', 'DT'],
      ['00404041', 'CS'],
    ] as const) {
      it(`is 0121 for (${tag.slice(0, 4)},${tag.slice(4)}), which must have a value at creation`, async () => {
        const uid = await workitem()
        await expectRefused(uid, () => update(uid, { [tag]: attribute(vr) }), 'missingValue', [tag])
      })
    }

    for (const [tag, vr] of [
      ['00400400', 'LT'],
      ['00404018', 'SQ'],
      ['00404021', 'SQ'],
      ['00404025', 'SQ'],
      ['00741210', 'SQ'],
      ['00404011', 'DT'],
      ['00404070', 'SQ'],
      ['0020000D', 'UI'],
    ] as const) {
      it(`empties (${tag.slice(0, 4)},${tag.slice(4)})`, async () => {
        const uid = await workitem()
        if (tag === '0020000D') await update(uid, { [tag]: attribute(vr, '1.2.3') })
        expectSuccess(await update(uid, { [tag]: attribute(vr) }), service.aet(), 200)
        expect((await retrieved(service.aet(), uid))[tag]).to.deep.equal({ vr })
      })
    }

    it('gives a Worklist Label its default again, and says so (B305)', async () => {
      const uid = await workitem()
      expectSuccess(await update(uid, { '00741202': attribute('LO') }), service.aet(), 200, MODIFIED)
      expect(await retrieved(service.aet(), uid)).to.have.nested.property('00741202.Value[0]', 'WORKLIST')
      const again = await unchanged(service, [uid], () => update(uid, { '00741202': attribute('LO') }))
      expectSuccess(again, service.aet(), 200, MODIFIED)
      const url = `${service.aet('RADONC')}/workitems/${uid}`
      expectSuccess(await post(url, { '00741202': attribute('LO') }), service.aet('RADONC'), 200, MODIFIED)
      expect(await retrieved(service.aet(), uid)).to.have.nested.property('00741202.Value[0]', 'Radiation Oncology')
    })
  })

  describe('Sequences', () => {
    it('are replaced whole', async () => {
      const uid = await workitem()
      const two = attribute('SQ', code('A'), code('B'))
      expectSuccess(await update(uid, { '00404025': two }), service.aet(), 200)
      expect((await retrieved(service.aet(), uid))['00404025']).to.deep.equal(two)
      const one = attribute('SQ', code('C'))
      expectSuccess(await update(uid, { '00404025': one }), service.aet(), 200)
      expect((await retrieved(service.aet(), uid))['00404025']).to.deep.equal(one)
    })

    it('get missing type 2 attributes of their items in lenient (B305); strict is 0120', async () => {
      const { '00404033': _, ...item } = PERFORMED
      const attributes = { '00741216': attribute('SQ', item) }
      const uid = await workitem('IN PROGRESS')
      expectSuccess(await update(uid, attributes, `?${TRANSACTION_UID}`), service.aet(), 200, MODIFIED)
      expect(await retrieved(service.aet(), uid)).to.have.nested.property('00741216.Value[0].00404033.vr', 'SQ')
      const other = await workitem('IN PROGRESS', strict)
      const act = () => update(other, attributes, `?${TRANSACTION_UID}`, strict)
      await expectRefused(other, act, 'missingAttribute', ['00741216.00404033'], strict)
    })

    const refusals: readonly [string, RefusalName, Dataset, readonly string[]][] = [
      [
        'a missing type 1',
        'missingAttribute',
        performed({
          '00404028': attribute('SQ', { '00080100': attribute('SH', 'A'), '00080102': attribute('SH', 'B') }),
        }),
        ['00741216.00404028.00080104'],
      ],
      [
        'an empty type 1',
        'missingValue',
        performed({ '00404028': attribute('SQ', { ...code('A'), '00080104': attribute('LO') }) }),
        ['00741216.00404028.00080104'],
      ],
      ['a wrong value', 'invalidValue', performed({ '00404050': attribute('DT', 'now') }), ['00741216.00404050']],
      ['two items of one at most', 'invalidValue', { '00741002': attribute('SQ', {}, {}) }, ['00741002']],
      [
        'an issuer inside an allowed sequence',
        'missingAttribute',
        { '00101002': attribute('SQ', { '00100021': attribute('LO', 'X'), '00100024': attribute('SQ') }) },
        ['00101002.00100020'],
      ],
    ]
    for (const [name, refusal, attributes, paths] of refusals) {
      it(`are refused whole for ${name} in an item`, async () => {
        const uid = await workitem('IN PROGRESS')
        const act = () => update(uid, { ...LABEL, ...attributes }, `?${TRANSACTION_UID}`)
        await expectRefused(uid, act, refusal, paths)
      })
    }
  })

  it('reports progress, readiness and assignment in its feed entry', async () => {
    const uid = await workitem()
    const attributes = {
      '00404041': attribute('CS', 'UNAVAILABLE'),
      '00404025': attribute('SQ', code('NEW')),
      '00741002': attribute('SQ', { '00741004': attribute('DS', '10') }),
    }
    expectSuccess(await update(uid, attributes), service.aet(), 200)
    const events = (await service.feed()).at(-1)?.reports.map(({ event }) => event)
    expect(events).to.deep.equal(['UPS State Report', 'UPS Progress Report', 'UPS Assigned'])
  })

  it('loses none of 100 parallel updates of one SCHEDULED workitem', async () => {
    const uid = await workitem()
    const labels = Array.from({ length: 100 }, (_, index) => `label ${index}`)
    const entries = await entriesOf(uid, async () => {
      const answers = await Promise.all(labels.map((label) => update(uid, { '00741204': attribute('LO', label) })))
      expect(answers.map(({ status }) => status)).to.deep.equal(labels.map(() => 200))
    })
    expect(entries).to.equal(100)
  })

  it('takes the changed sample of a client that sends only what it changes', async () => {
    const uid = await workitem('IN PROGRESS')
    const whole = changed(sample('ai-triage'), {
      ...LABEL,
      '00081195': attribute('UI', TRANSACTION_UID),
      '00741000': undefined,
      '00404010': undefined,
    })
    expectSuccess(await update(uid, whole), service.aet(), 200)
    expect(await retrieved(service.aet(), uid))
      .to.deep.include(LABEL)
      .and.not.have.property('00081195')
  })
})
