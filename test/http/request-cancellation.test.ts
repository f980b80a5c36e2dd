import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { type Answer, post, put } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'
import { attribute, code } from './datasets.ts'
import { expectRefusal, expectSuccess, type RefusalName, retrieved, unchanged } from './refusal.ts'
import { wire } from './wire.ts'

const ALREADY_CANCELED = 'The UPS is already in the requested state of CANCELED.'
const NOW = '20260301090500.000+0000'
const UNSPECIFIED = {
  '00080100': { vr: 'SH', Value: ['110513'] },
  '00080102': { vr: 'SH', Value: ['DCM'] },
  '00080104': { vr: 'LO', Value: ['Discontinued for unspecified reason'] },
}

let last = 0
const nextUid = (): string => `1.2.44.${++last}`

describe('PS3.18 11.8 Request Cancellation', () => {
  let service: Service
  before(async () => {
    service = await startService({ host: { clock: () => new Date('2026-03-01T09:05:00Z') } })
  })
  after(() => service.stop())

  const target = (uid: string, suffix: string): string => `${service.aet()}/workitems/${uid}${suffix}`
  const cancel = (uid: string, body?: Dataset, suffix = ''): Promise<Answer> =>
    post(target(uid, `/cancelrequest${suffix}`), body)

  async function workitem(
    state: 'SCHEDULED' | 'IN PROGRESS' | 'COMPLETED' | 'CANCELED' = 'SCHEDULED',
  ): Promise<string> {
    const uid = nextUid()
    expect((await post(`${service.aet()}/workitems?${uid}`, sampleText('ai-triage'))).status).to.equal(201)
    if (state === 'SCHEDULED') return uid
    expect((await put(target(uid, '/state'), stateChange('IN PROGRESS'))).status).to.equal(200)
    if (state === 'COMPLETED') await post(target(uid, `?${TRANSACTION_UID}`), sampleText('rt-treatment-performed'))
    if (state !== 'IN PROGRESS') expect((await put(target(uid, '/state'), stateChange(state))).status).to.equal(200)
    return uid
  }

  async function expectRefused(
    uid: string,
    act: () => Promise<Answer>,
    name: RefusalName,
    paths: readonly string[] = [],
  ): Promise<void> {
    expectRefusal(await unchanged(service, [uid], act), service.aet(), name, { paths })
  }

  const progressOf = async (uid: string) => (await retrieved(service.aet(), uid))['00741002']
  const lastEntry = async () => (await service.feed()).at(-1)

  describe('A SCHEDULED workitem', () => {
    it('becomes CANCELED, with two State Reports in one feed entry', async () => {
      const uid = await workitem()
      const before = (await service.feed()).length
      expectSuccess(await cancel(uid), service.aet(), 202)
      expect(await retrieved(service.aet(), uid)).to.have.nested.property('00741000.Value[0]', 'CANCELED')
      expect(await progressOf(uid)).to.deep.equal({
        vr: 'SQ',
        Value: [{ '00404052': { vr: 'DT', Value: [NOW] }, '0074100E': { vr: 'SQ', Value: [UNSPECIFIED] } }],
      })
      expect((await service.feed()).length - before).to.equal(1)
      const entry = await lastEntry()
      expect(entry).to.include({ uid, kind: 'requestCancel', state: 'CANCELED' })
      const readiness = attribute('CS', 'READY')
      expect(entry?.reports).to.deep.equal([
        {
          event: 'UPS State Report',
          information: { '00404041': readiness, '00741000': attribute('CS', 'IN PROGRESS') },
        },
        {
          event: 'UPS State Report',
          information: {
            '00404041': readiness,
            '00741000': attribute('CS', 'CANCELED'),
            '0074100E': { vr: 'SQ', Value: [UNSPECIFIED] },
          },
        },
      ])
    })

    const reason = attribute('LT', 'Patient did not come')
    const reasonCode = attribute('SQ', code('ABSENT'))
    const contact: Dataset = {
      '0074100A': attribute('UR', 'tel:+49-123'),
      '0074100C': attribute('LO', 'Front desk'),
    }

    it('gets reason, code and contact of the request into its progress information', async () => {
      const uid = await workitem()
      const request = { '00741238': reason, '0074100E': reasonCode, ...contact }
      expectSuccess(await cancel(uid, request), service.aet(), 202)
      expect(await progressOf(uid)).to.deep.equal({
        vr: 'SQ',
        Value: [
          {
            '00404052': { vr: 'DT', Value: [NOW] },
            '00741008': { vr: 'SQ', Value: [contact] },
            '0074100E': reasonCode,
            '00741238': reason,
          },
        ],
      })
      const information = (await lastEntry())?.reports.at(-1)?.information
      expect(information).to.deep.include({ '00741238': reason, '0074100E': reasonCode })
    })

    it('keeps contacts that were there', async () => {
      const uid = await workitem()
      const known = { '0074100A': attribute('UR', 'tel:+49-999') }
      const progress = { '00741002': attribute('SQ', { '00741008': attribute('SQ', known) }) }
      expect((await post(target(uid, ''), progress)).status).to.equal(200)
      expectSuccess(await cancel(uid, contact), service.aet(), 202)
      expect(await progressOf(uid))
        .to.have.nested.property('Value[0].00741008.Value')
        .that.deep.equals([known, contact])
    })

    it('takes an array of one, and further attributes, which are ignored without a Warning', async () => {
      const uid = await workitem()
      const label = (await retrieved(service.aet(), uid))['00741204']
      const request = [
        { '00741238': reason, '00741204': attribute('LO', 'ignored'), '00741000': attribute('CS', 'COMPLETED') },
      ]
      const answer = await post(target(uid, '/cancelrequest'), request)
      expectSuccess(answer, service.aet(), 202)
      const dataset = await retrieved(service.aet(), uid)
      expect(dataset['00741204']).to.deep.equal(label)
      expect(dataset['00741000']?.Value).to.deep.equal(['CANCELED'])
    })

    it('takes an empty dataset, and empty attributes', async () => {
      for (const request of [
        {},
        { '00741238': attribute('LT'), '0074100E': attribute('SQ'), '0074100A': attribute('UR') },
      ]) {
        const uid = await workitem()
        expectSuccess(await cancel(uid, request), service.aet(), 202)
        expect(await progressOf(uid))
          .to.have.nested.property('Value[0]')
          .that.has.all.keys('00404052', '0074100E')
      }
    })

    const withoutBody: readonly (readonly [string, Readonly<Record<string, string>>, (readonly string[])?])[] = [
      ['nothing', {}],
      ['Content-Length: 0', { 'Content-Length': '0' }],
      ['Content-Length: 0 and a media type', { 'Content-Length': '0', 'Content-Type': 'application/dicom+json' }],
      ['Content-Length: 0 and an unknown media type', { 'Content-Length': '0', 'Content-Type': 'text/plain' }],
      ['no chunk at all', { 'Transfer-Encoding': 'chunked' }, []],
      ['no chunk at all, and a media type', { 'Transfer-Encoding': 'chunked', 'Content-Type': 'application/json' }, []],
    ]
    for (const [name, headers, chunks] of withoutBody) {
      it(`needs no body: ${name}`, async () => {
        const uid = await workitem()
        const path = `/aets/WORKLIST/rs/workitems/${uid}/cancelrequest`
        const answer = await wire({ port: service.port, path, method: 'POST', headers, ...(chunks ? { chunks } : {}) })
        expectSuccess(answer, service.aet(), 202)
      })
    }

    it('is untouched by a body of an unknown media type: 415', async () => {
      const uid = await workitem()
      const act = () => post(target(uid, '/cancelrequest'), 'please', { 'Content-Type': 'text/plain' })
      await expectRefused(uid, act, 'unsupportedMediaType')
      const path = `/aets/WORKLIST/rs/workitems/${uid}/cancelrequest`
      await expectRefused(
        uid,
        () => wire({ port: service.port, path, method: 'POST', body: 'please' }),
        'unsupportedMediaType',
      )
    })

    const refusals: readonly [string, RefusalName, Dataset, readonly string[]][] = [
      ['a contact that is no URI', 'invalidValue', { '0074100A': attribute('UR', 'not a uri') }, ['0074100A']],
      ['a name that is too long', 'invalidValue', { '0074100C': attribute('LO', 'x'.repeat(65)) }, ['0074100C']],
      ['a reason of another VR', 'invalidValue', { '00741238': attribute('SH', 'x') }, ['00741238']],
      [
        'a code that is too long',
        'invalidValue',
        { '0074100E': attribute('SQ', code('x'.repeat(17))) },
        ['0074100E.00080100'],
      ],
    ]
    for (const [name, refusal, request, paths] of refusals) {
      it(`is untouched by ${name}`, async () => {
        const uid = await workitem()
        await expectRefused(uid, () => cancel(uid, request), refusal, paths)
      })
    }

    it('is untouched by a body that cannot be read', async () => {
      const uid = await workitem()
      await expectRefused(uid, () => post(target(uid, '/cancelrequest'), '{"'), 'malformedPayload')
    })
  })

  describe('The requester', () => {
    for (const suffix of ['/CONSOLE', '?requester=CONSOLE', '?REQUESTER=CONSOLE', '/CONSOLE?requester=CONSOLE']) {
      it(`may stand in ${suffix}`, async () => {
        const uid = await workitem()
        expectSuccess(await cancel(uid, undefined, suffix), service.aet(), 202)
      })
    }

    it('is refused when path and query differ', async () => {
      const uid = await workitem()
      await expectRefused(uid, () => cancel(uid, undefined, '/ONE?requester=TWO'), 'malformedParameter')
    })

    for (const suffix of ['/AAAAAAAAAAAAAAAAA', '?requester=A%5CB', '?requester=']) {
      it(`is 0115 when it is no AE title: ${suffix}`, async () => {
        const uid = await workitem()
        await expectRefused(uid, () => cancel(uid, undefined, suffix), 'invalidArgument')
      })
    }
  })

  it('is C312 while IN PROGRESS: nobody can have subscribed yet', async () => {
    const uid = await workitem('IN PROGRESS')
    await expectRefused(uid, () => cancel(uid), 'performerUnreachable')
    await expectRefused(
      uid,
      () => cancel(uid, { '00741238': attribute('LT', 'x') }, '/CONSOLE'),
      'performerUnreachable',
    )
  })

  it('is C312 while IN PROGRESS with a performer that is known', async () => {
    const uid = await workitem()
    expect((await put(target(uid, '/state/TMS'), stateChange('IN PROGRESS'))).status).to.equal(200)
    await expectRefused(uid, () => cancel(uid), 'performerUnreachable')
  })

  it('is C311 when it is COMPLETED', async () => {
    const uid = await workitem('COMPLETED')
    await expectRefused(uid, () => cancel(uid), 'alreadyCompleted')
  })

  it('is 202 with a Warning when it is CANCELED already, and changes nothing', async () => {
    const claimed = await workitem('CANCELED')
    expectSuccess(await unchanged(service, [claimed], () => cancel(claimed)), service.aet(), 202, ALREADY_CANCELED)
    const never = await workitem()
    await cancel(never)
    const again = () => cancel(never, { '00741238': attribute('LT', 'another reason') })
    expectSuccess(await unchanged(service, [never], again), service.aet(), 202, ALREADY_CANCELED)
  })

  it('is C307 when there is no such workitem', async () => {
    await expectRefused('1.2.3.4', () => cancel('1.2.3.4'), 'notFound')
  })

  it('leaves a workitem without a Transaction UID: any one is B304 for CANCELED, C300 for the rest', async () => {
    const uid = await workitem()
    await cancel(uid)
    for (const transactionUid of [TRANSACTION_UID, '1.2.9.9']) {
      const change = (state: string) => () => put(target(uid, '/state'), stateChange(state, transactionUid))
      const canceled = await unchanged(service, [uid], change('CANCELED'))
      expectSuccess(canceled, service.aet(), 200, ALREADY_CANCELED)
      await expectRefused(uid, change('COMPLETED'), 'finished')
      await expectRefused(uid, change('IN PROGRESS'), 'finished')
    }
    const { '00081195': _, ...without } = stateChange('CANCELED')
    await expectRefused(uid, () => put(target(uid, '/state'), without), 'transactionUidMissing')
  })

  it('lets one of a claim and a cancel request win, never both', async () => {
    for (let round = 0; round < 20; round++) {
      const uid = await workitem()
      const [claimed, canceled] = await Promise.all([
        put(target(uid, '/state'), stateChange('IN PROGRESS')),
        cancel(uid),
      ])
      const outcome = `${claimed.status} ${canceled.status}`
      expect(outcome).to.be.oneOf(['200 409', '409 202'])
      const state = (await retrieved(service.aet(), uid))['00741000']?.Value?.[0]
      expect(state).to.equal(outcome === '200 409' ? 'IN PROGRESS' : 'CANCELED')
    }
  })
})
