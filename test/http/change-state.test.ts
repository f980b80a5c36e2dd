import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { type Answer, post, put } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sample, sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { attribute, code } from './datasets.ts'
import { expectRefusal, expectSuccess, type RefusalName, retrieved, unchanged } from './refusal.ts'

const OTHER_UID = '1.2.826.0.1.3680043.9.2'
const ALREADY_CANCELED = 'The UPS is already in the requested state of CANCELED.'
const ALREADY_COMPLETED = 'The UPS is already in the requested state of COMPLETED.'
const IGNORED = 'Requested optional Attributes are not supported.'
const UNSPECIFIED = {
  '00080100': { vr: 'SH', Value: ['110513'] },
  '00080102': { vr: 'SH', Value: ['DCM'] },
  '00080104': { vr: 'LO', Value: ['Discontinued for unspecified reason'] },
}

/** States of Table CC.1.1-1, and one that a cancel request made without a claim: it has no Transaction UID. */
type Prepared = 'SCHEDULED' | 'IN PROGRESS' | 'COMPLETED' | 'CANCELED' | 'CANCELED, never claimed'
const PREPARED: readonly Prepared[] = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED', 'CANCELED, never claimed']

let last = 0
const nextUid = (): string => `1.2.43.${++last}`

const withoutUid = (state: string): Dataset => ({ '00741000': attribute('CS', state) })

type Outcome = RefusalName | 'changed' | 'B304' | 'B306'
type Cells = Readonly<Record<Prepared | 'null', Outcome>>

const all = (name: RefusalName): Cells => ({
  null: 'notFound',
  SCHEDULED: name,
  'IN PROGRESS': name,
  COMPLETED: name,
  CANCELED: name,
  'CANCELED, never claimed': name,
})

describe('PS3.18 11.7 Change Workitem State', () => {
  let service: Service
  const now = new Date('2026-03-01T09:05:00Z')
  before(async () => {
    service = await startService({ host: { clock: () => now } })
  })
  after(() => service.stop())

  const target = (uid: string, suffix = '/state'): string => `${service.aet()}/workitems/${uid}${suffix}`
  const change = (uid: string, dataset: Dataset, suffix?: string): Promise<Answer> => put(target(uid, suffix), dataset)

  const perform = async (uid: string): Promise<void> => {
    const answer = await post(target(uid, `?${TRANSACTION_UID}`), sampleText('rt-treatment-performed'))
    expect(answer.status, answer.text).to.equal(200)
  }

  /** A workitem of its own in this state, claimed (where it was) under TRANSACTION_UID; gives its UID. */
  async function workitem(state: Prepared = 'SCHEDULED'): Promise<string> {
    const uid = nextUid()
    expect((await post(`${service.aet()}/workitems?${uid}`, sampleText('rt-treatment'))).status).to.equal(201)
    if (state === 'CANCELED, never claimed') expect((await post(target(uid, '/cancelrequest'))).status).to.equal(202)
    if (state === 'SCHEDULED' || state === 'CANCELED, never claimed') return uid
    expect((await change(uid, stateChange('IN PROGRESS'))).status).to.equal(200)
    if (state === 'IN PROGRESS') return uid
    if (state === 'COMPLETED') await perform(uid)
    const answer = await change(uid, stateChange(state))
    expect(answer.status, answer.text).to.equal(200)
    return uid
  }

  const stateOf = async (uid: string): Promise<unknown> => (await retrieved(service.aet(), uid))['00741000']?.Value?.[0]

  async function expectRefused(
    uid: string,
    act: () => Promise<Answer>,
    name: RefusalName,
    paths: readonly string[] = [],
  ): Promise<Answer> {
    const answer = await unchanged(service, [uid], act)
    expectRefusal(answer, service.aet(), name, { paths })
    expect(answer.text).not.to.include(TRANSACTION_UID).and.not.to.include(OTHER_UID)
    return answer
  }

  const entriesOf = async (uid: string) => (await service.feed()).filter((entry) => entry.uid === uid)

  const performerOf = async (uid: string): Promise<string | undefined> => {
    const loaded = await service.store.load(uid)
    return loaded.is === 'there' ? loaded.workitem.lock?.performer : undefined
  }

  it('leads a workitem all the way: claim, update, complete', async () => {
    const uid = await workitem()
    expectSuccess(await change(uid, stateChange('IN PROGRESS')), service.aet(), 200)
    expect(await stateOf(uid)).to.equal('IN PROGRESS')
    await perform(uid)
    expectSuccess(await change(uid, stateChange('COMPLETED')), service.aet(), 200)
    expect(await stateOf(uid)).to.equal('COMPLETED')
    const entries = await entriesOf(uid)
    expect(entries.map(({ kind, state }) => [kind, state])).to.deep.equal([
      ['create', 'SCHEDULED'],
      ['changeState', 'IN PROGRESS'],
      ['update', 'IN PROGRESS'],
      ['changeState', 'COMPLETED'],
    ])
    expect(entries.at(-1)?.reports).to.deep.equal([
      {
        event: 'UPS State Report',
        information: { '00404041': attribute('CS', 'READY'), '00741000': attribute('CS', 'COMPLETED') },
      },
    ])
    expect(JSON.stringify(entries)).not.to.include(TRANSACTION_UID)
  })

  it('stamps the modification date-time', async () => {
    const uid = await workitem('IN PROGRESS')
    expect(await retrieved(service.aet(), uid)).to.have.nested.property('00404010.Value[0]', '20260301090500.000+0000')
  })

  describe('Table CC.1.1-2, cell by cell', () => {
    const never = 'CANCELED, never claimed'
    const rows: readonly (readonly [string, string, string | undefined, Cells])[] = [
      [
        'to IN PROGRESS with the UID',
        'IN PROGRESS',
        TRANSACTION_UID,
        { ...all('finished'), SCHEDULED: 'changed', 'IN PROGRESS': 'claimStands' },
      ],
      [
        'to IN PROGRESS with another UID',
        'IN PROGRESS',
        OTHER_UID,
        { ...all('claimedByAnother'), SCHEDULED: 'changed', [never]: 'finished' },
      ],
      ['to IN PROGRESS without a UID', 'IN PROGRESS', undefined, all('transactionUidMissing')],
      ['to SCHEDULED with the UID', 'SCHEDULED', TRANSACTION_UID, all('scheduledOnlyByCreate')],
      ['to SCHEDULED with another UID', 'SCHEDULED', OTHER_UID, all('scheduledOnlyByCreate')],
      ['to SCHEDULED without a UID', 'SCHEDULED', undefined, all('scheduledOnlyByCreate')],
      [
        'to COMPLETED with the UID',
        'COMPLETED',
        TRANSACTION_UID,
        {
          ...all('finished'),
          SCHEDULED: 'notYetInProgress',
          'IN PROGRESS': 'finalStateRequirements',
          COMPLETED: 'B306',
        },
      ],
      [
        'to COMPLETED with another UID',
        'COMPLETED',
        OTHER_UID,
        { ...all('transactionUidIncorrect'), SCHEDULED: 'notYetInProgress', [never]: 'finished' },
      ],
      ['to COMPLETED without a UID', 'COMPLETED', undefined, all('transactionUidMissing')],
      [
        'to CANCELED with the UID',
        'CANCELED',
        TRANSACTION_UID,
        {
          ...all('finished'),
          SCHEDULED: 'notYetInProgress',
          'IN PROGRESS': 'changed',
          CANCELED: 'B304',
          [never]: 'B304',
        },
      ],
      [
        'to CANCELED with another UID',
        'CANCELED',
        OTHER_UID,
        { ...all('transactionUidIncorrect'), SCHEDULED: 'notYetInProgress', [never]: 'B304' },
      ],
      ['to CANCELED without a UID', 'CANCELED', undefined, all('transactionUidMissing')],
    ]
    const REQUIRED = ['00741216']
    for (const [name, state, transactionUid, cells] of rows) {
      for (const found of ['null', ...PREPARED] as const) {
        const outcome = cells[found]
        it(`${name}, found ${found}: ${outcome}`, async () => {
          const uid = found === 'null' ? '1.2.3.4.5' : await workitem(found)
          const dataset = transactionUid === undefined ? withoutUid(state) : stateChange(state, transactionUid)
          const act = () => change(uid, dataset)
          if (outcome === 'changed') {
            expectSuccess(await act(), service.aet(), 200)
            expect(await stateOf(uid)).to.equal(state)
          } else if (outcome === 'B304' || outcome === 'B306') {
            const warning = outcome === 'B304' ? ALREADY_CANCELED : ALREADY_COMPLETED
            expectSuccess(await unchanged(service, [uid], act), service.aet(), 200, warning)
          } else {
            await expectRefused(uid, act, outcome, outcome === 'finalStateRequirements' ? REQUIRED : [])
          }
        })
      }
    }
  })

  it('answers 410 while a deletion is remembered', async () => {
    const uid = await workitem()
    await deleteWorkitem(service.store, uid)
    await expectRefused(uid, () => change(uid, stateChange('IN PROGRESS')), 'gone')
  })

  describe('The Transaction UID', () => {
    for (const bad of ['1.02', '1..2', 'abc', '1.2 3', `1.${'2'.repeat(63)}`]) {
      it(`is 0106 when it is malformed: ${bad}`, async () => {
        const uid = await workitem()
        const answer = await expectRefused(uid, () => change(uid, stateChange('IN PROGRESS', bad)), 'invalidValue', [
          '00081195',
        ])
        expect(answer.text).not.to.include(bad)
      })
    }

    it('is C301 missing when it is empty', async () => {
      const uid = await workitem()
      for (const empty of [attribute('UI'), attribute('UI', ''), attribute('UI', null)]) {
        const dataset = { ...withoutUid('IN PROGRESS'), '00081195': empty }
        await expectRefused(uid, () => change(uid, dataset), 'transactionUidMissing')
      }
    })

    for (const query of ['transaction-uid=', 'transaction=', 'TransactionUID=', '00081195=', '']) {
      it(`may stand in the query as ?${query}UID`, async () => {
        const uid = await workitem()
        const answer = await change(uid, withoutUid('IN PROGRESS'), `/state?${query}${TRANSACTION_UID}`)
        expectSuccess(answer, service.aet(), 200)
        await expectRefused(uid, () => change(uid, stateChange('IN PROGRESS')), 'claimStands')
      })
    }

    it('is refused when query and body differ', async () => {
      const uid = await workitem()
      const act = () => change(uid, stateChange('IN PROGRESS'), `/state?${OTHER_UID}`)
      await expectRefused(uid, act, 'malformedParameter')
    })

    it('is one: two values are refused', async () => {
      const uid = await workitem()
      const dataset = { ...withoutUid('IN PROGRESS'), '00081195': attribute('UI', TRANSACTION_UID, OTHER_UID) }
      expect((await unchanged(service, [uid], () => change(uid, dataset))).status).to.equal(400)
    })
  })

  it('tells the holder of a claim that it stands (C302)', async () => {
    const uid = await workitem('IN PROGRESS')
    const answer = await expectRefused(uid, () => change(uid, stateChange('IN PROGRESS')), 'claimStands')
    expect(answer.headers.get('warning'))
      .to.match(/already IN PROGRESS/)
      .and.to.match(/claim stands/)
  })

  describe('The state', () => {
    it('is 0120 when it is missing', async () => {
      const uid = await workitem()
      const dataset = { '00081195': attribute('UI', TRANSACTION_UID) }
      const answer = await expectRefused(uid, () => change(uid, dataset), 'missingAttribute', ['00741000'])
      expect(answer.problem().detail).to.include('SCHEDULED, IN PROGRESS, COMPLETED, CANCELED')
    })

    it('is 0121 when it is empty', async () => {
      const uid = await workitem()
      const dataset = { '00081195': attribute('UI', TRANSACTION_UID), '00741000': attribute('CS') }
      await expectRefused(uid, () => change(uid, dataset), 'missingValue', ['00741000'])
    })

    for (const state of ['DONE', 'in progress', 'IN_PROGRESS', 'CANCELLED', 'DISCONTINUED']) {
      it(`is 0106 when it is none: ${state}`, async () => {
        const uid = await workitem('IN PROGRESS')
        const answer = await expectRefused(uid, () => change(uid, stateChange(state)), 'invalidValue', ['00741000'])
        expect(answer.problem().detail).to.include('SCHEDULED, IN PROGRESS, COMPLETED, CANCELED')
      })
    }

    it('is one: two values are 0106', async () => {
      const uid = await workitem()
      const dataset = { ...stateChange('x'), '00741000': attribute('CS', 'IN PROGRESS', 'COMPLETED') }
      await expectRefused(uid, () => change(uid, dataset), 'invalidValue', ['00741000'])
    })

    it('may be padded', async () => {
      const uid = await workitem()
      expectSuccess(await change(uid, stateChange('IN PROGRESS ')), service.aet(), 200)
      expect(await stateOf(uid)).to.equal('IN PROGRESS')
    })
  })

  it('refuses a request without a payload', async () => {
    const uid = await workitem()
    const answer = await unchanged(service, [uid], () => put(target(uid), undefined))
    expect(answer.status).to.be.oneOf([400, 415])
    await expectRefused(uid, () => put(target(uid), ''), 'malformedPayload')
  })

  describe('The requester', () => {
    const places: readonly [string, string, string | undefined][] = [
      ['the path', '/state/TMS', 'TMS'],
      ['the query', '/state?requester=TMS', 'TMS'],
      ['the query, in another case', '/state?Requester=TMS', 'TMS'],
      ['both, the same', '/state/TMS?requester=TMS', 'TMS'],
      ['the path, percent-encoded', '/state/A%20B%2FC', 'A B/C'],
      ['nowhere', '/state', undefined],
    ]
    for (const [name, suffix, performer] of places) {
      it(`is recorded as performer from ${name}`, async () => {
        const uid = await workitem()
        expectSuccess(await change(uid, stateChange('IN PROGRESS'), suffix), service.aet(), 200)
        expect(await performerOf(uid)).to.equal(performer)
      })
    }

    it('is not recorded by a claim that fails, nor by what comes after the claim', async () => {
      const uid = await workitem()
      await change(uid, stateChange('IN PROGRESS'), '/state/FIRST')
      await expectRefused(
        uid,
        () => change(uid, stateChange('IN PROGRESS', OTHER_UID), '/state/SECOND'),
        'claimedByAnother',
      )
      expectSuccess(await change(uid, stateChange('CANCELED'), '/state/THIRD'), service.aet(), 200)
      expect(await performerOf(uid)).to.equal('FIRST')
    })

    it('is refused when path and query differ', async () => {
      const uid = await workitem()
      const act = () => change(uid, stateChange('IN PROGRESS'), '/state/ONE?requester=TWO')
      const answer = await expectRefused(uid, act, 'malformedParameter')
      expect(answer.problem().detail).to.match(/two different values.*requester/)
    })

    const bad: readonly [string, string, string][] = [
      ['too long', '/state/AAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAA'],
      ['with a backslash', '/state/A%5CB', 'A\\B'],
      ['with a control character', '/state/A%0AB', 'A\nB'],
      ['not of the default repertoire', '/state?requester=%C3%84', 'Ä'],
      ['of spaces', '/state/%20', ' '],
      ['empty', '/state?requester=', ''],
    ]
    for (const [name, suffix, title] of bad) {
      it(`is 0115 when it is no AE title: ${name}`, async () => {
        const uid = await workitem()
        const answer = await expectRefused(
          uid,
          () => change(uid, stateChange('IN PROGRESS'), suffix),
          'invalidArgument',
        )
        expect(answer.problem().detail)
          .to.include(JSON.stringify(title))
          .and.to.match(/requester.*expected 1 to 16 characters/)
      })
    }

    it('is 400 when it is not percent-encoded correctly', async () => {
      const uid = await workitem()
      for (const suffix of ['/state/%ZZ', '/state/%E4', '/state?requester=%ZZ']) {
        const answer = await unchanged(service, [uid], () => change(uid, stateChange('IN PROGRESS'), suffix))
        expect(answer.status, suffix).to.equal(400)
      }
    })
  })

  describe('Further attributes', () => {
    const further: Dataset = { '00741204': attribute('LO', 'ignored'), '00991001': attribute('LO', 'x') }

    it('are ignored, with a Warning', async () => {
      const uid = await workitem()
      const label = (await retrieved(service.aet(), uid))['00741204']
      const answer = await change(uid, { ...stateChange('IN PROGRESS'), ...further })
      expectSuccess(answer, service.aet(), 200, IGNORED)
      expect((await retrieved(service.aet(), uid))['00741204']).to.deep.equal(label)
    })

    it('are ignored beside another Warning', async () => {
      const uid = await workitem('CANCELED')
      const answer = await change(uid, { ...stateChange('CANCELED'), ...further })
      expectSuccess(answer, service.aet(), 200, ALREADY_CANCELED, IGNORED)
    })

    it('do not count when they are the character set', async () => {
      const uid = await workitem()
      const answer = await change(uid, { ...stateChange('IN PROGRESS'), '00080005': attribute('CS', 'ISO_IR 192') })
      expectSuccess(answer, service.aet(), 200)
    })
  })

  describe('To CANCELED', () => {
    it('fills in date-time and reason', async () => {
      const uid = await workitem('IN PROGRESS')
      expectSuccess(await change(uid, stateChange('CANCELED')), service.aet(), 200)
      expect((await retrieved(service.aet(), uid))['00741002']).to.deep.equal({
        vr: 'SQ',
        Value: [
          {
            '00404052': { vr: 'DT', Value: ['20260301090500.000+0000'] },
            '0074100E': { vr: 'SQ', Value: [UNSPECIFIED] },
          },
        ],
      })
      const reports = (await entriesOf(uid)).at(-1)?.reports
      expect(reports).to.deep.equal([
        {
          event: 'UPS State Report',
          information: {
            '00404041': attribute('CS', 'READY'),
            '00741000': attribute('CS', 'CANCELED'),
            '0074100E': { vr: 'SQ', Value: [UNSPECIFIED] },
          },
        },
      ])
    })

    it('keeps what the performer has told before', async () => {
      const uid = await workitem('IN PROGRESS')
      const told = {
        '00404052': attribute('DT', '20260228'),
        '00741004': attribute('DS', '50'),
        '0074100E': attribute('SQ', code('BROKEN')),
        '00741238': attribute('LT', 'Machine is broken'),
      }
      expect((await post(target(uid, `?${TRANSACTION_UID}`), { '00741002': attribute('SQ', told) })).status).to.equal(
        200,
      )
      expectSuccess(await change(uid, stateChange('CANCELED')), service.aet(), 200)
      expect((await retrieved(service.aet(), uid))['00741002']).to.deep.equal({ vr: 'SQ', Value: [told] })
    })
  })

  describe('To COMPLETED', () => {
    const performed = (sample('rt-treatment-performed')['00741216']?.Value?.[0] ?? {}) as Dataset
    const demanded = ['00404028', '00404050', '00404051', '00404019']

    it('is C304 and names what the performed procedure lacks', async () => {
      const uid = await workitem('IN PROGRESS')
      await expectRefused(uid, () => change(uid, stateChange('COMPLETED')), 'finalStateRequirements', ['00741216'])
      const item = { '00404033': attribute('SQ') }
      expect((await post(target(uid, `?${TRANSACTION_UID}`), { '00741216': attribute('SQ', item) })).status).to.equal(
        200,
      )
      const paths = demanded.map((tag) => `00741216.${tag}`)
      await expectRefused(uid, () => change(uid, stateChange('COMPLETED')), 'finalStateRequirements', paths)
      expect(await stateOf(uid)).to.equal('IN PROGRESS')
    })

    for (const tag of demanded) {
      for (const [how, changes] of [
        ['without', () => Object.fromEntries(Object.entries(performed).filter(([other]) => other !== tag))],
        ['with an empty', () => ({ ...performed, [tag]: attribute(performed[tag]?.vr ?? '') })],
      ] as const) {
        it(`is C304 ${how} (${tag.slice(0, 4)},${tag.slice(4)})`, async () => {
          const uid = await workitem('IN PROGRESS')
          const update = await post(target(uid, `?${TRANSACTION_UID}`), { '00741216': attribute('SQ', changes()) })
          expect(update.status, update.text).to.equal(200)
          const act = () => change(uid, stateChange('COMPLETED'))
          await expectRefused(uid, act, 'finalStateRequirements', [`00741216.${tag}`])
        })
      }
    }

    it('needs no item in the Output Information', async () => {
      const uid = await workitem('IN PROGRESS')
      await perform(uid)
      expect(performed['00404033']).to.deep.equal({ vr: 'SQ' })
      expectSuccess(await change(uid, stateChange('COMPLETED')), service.aet(), 200)
    })

    it('cannot be followed by anything', async () => {
      const uid = await workitem('COMPLETED')
      await expectRefused(uid, () => change(uid, stateChange('CANCELED')), 'finished')
      await expectRefused(uid, () => change(uid, stateChange('IN PROGRESS')), 'finished')
      expectSuccess(
        await unchanged(service, [uid], () => change(uid, stateChange('COMPLETED'))),
        service.aet(),
        200,
        ALREADY_COMPLETED,
      )
    })
  })

  it('lets one of 64 clients that claim at once win', async () => {
    const uid = await workitem()
    const claims = Array.from({ length: 64 }, (_, index) => stateChange('IN PROGRESS', `1.2.9.${index + 1}`))
    const answers = await Promise.all(claims.map((claim, index) => change(uid, claim, `/state/CLIENT${index}`)))
    const won = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []))
    expect(won).to.have.length(1)
    for (const answer of answers.filter((_, index) => index !== won[0]))
      expectRefusal(answer, service.aet(), 'claimedByAnother')
    expect(await entriesOf(uid)).to.have.length(2)
    const holder = claims[won[0] ?? 0]?.['00081195']?.Value?.[0]
    await expectRefused(uid, () => change(uid, stateChange('IN PROGRESS', String(holder))), 'claimStands')
  })

  it('lets one of 64 claims with the same Transaction UID win, and tells the others that it stands', async () => {
    const uid = await workitem()
    const answers = await Promise.all(Array.from({ length: 64 }, () => change(uid, stateChange('IN PROGRESS'))))
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
    for (const answer of answers.filter(({ status }) => status !== 200))
      expectRefusal(answer, service.aet(), 'claimStands')
    expect(await entriesOf(uid)).to.have.length(2)
  })
})
