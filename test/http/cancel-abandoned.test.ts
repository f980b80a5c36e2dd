/** `POST /ctrl/workitems/{uid}/cancel-abandoned`: decisions.md 2 and 9. */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { Logger } from '../../plugin/index.ts'
import { subscribe } from '../events/service-calls.ts'
import { type Channel, eventTypeOf, openChannel, stateOf, uidOf } from '../support/channel.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'
import { attribute, code } from './datasets.ts'
import { expectRefusal, expectSuccess, type RefusalName, retrieved, unchanged } from './refusal.ts'
import { wire } from './wire.ts'

const ALREADY_CANCELED = 'The UPS is already in the requested state of CANCELED.'
const NOW = '20260301090500.000+0000'
const REASON = 'The linac has lost its memory of Gisela'
const UNSPECIFIED = {
  '00080100': { vr: 'SH', Value: ['110513'] },
  '00080102': { vr: 'SH', Value: ['DCM'] },
  '00080104': { vr: 'LO', Value: ['Discontinued for unspecified reason'] },
}
const reasoned = (reason = REASON): Dataset => ({ '00741238': attribute('LT', reason) })
const query = (reason = REASON): string => `?reason=${encodeURIComponent(reason)}`

let last = 0
const nextUid = (): string => `1.2.45.${++last}`

interface Line {
  readonly fields: object
  readonly message: string
}

describe('POST /ctrl/workitems/{uid}/cancel-abandoned', () => {
  const lines: Line[] = []
  const everything: string[] = []
  const note = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    everything.push(JSON.stringify([level, message, fields]))
    if (level === 'info') lines.push({ fields, message })
  }
  const logger: Logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
  let service: Service
  before(async () => {
    service = await startService({ host: { clock: () => new Date('2026-03-01T09:05:00Z'), logger } })
  })
  after(() => service.stop())

  const cancel = (uid: string, suffix = '', body?: Dataset): Promise<Answer> =>
    post(`${service.url}/ctrl/workitems/${uid}/cancel-abandoned${suffix}`, body)
  const change = (uid: string, state: string, transactionUid = TRANSACTION_UID): Promise<Answer> =>
    put(`${service.aet()}/workitems/${uid}/state`, stateChange(state, transactionUid))

  async function workitem(
    state: 'SCHEDULED' | 'IN PROGRESS' | 'COMPLETED' | 'CANCELED' = 'IN PROGRESS',
  ): Promise<string> {
    const uid = nextUid()
    expect((await post(`${service.aet()}/workitems?${uid}`, sampleText('ai-triage'))).status).to.equal(201)
    if (state === 'SCHEDULED') return uid
    expect((await change(uid, 'IN PROGRESS')).status).to.equal(200)
    if (state === 'COMPLETED') {
      await post(`${service.aet()}/workitems/${uid}?${TRANSACTION_UID}`, sampleText('rt-treatment-performed'))
    }
    if (state !== 'IN PROGRESS') expect((await change(uid, state)).status).to.equal(200)
    return uid
  }

  async function expectRefused(
    uid: string,
    act: () => Promise<Answer>,
    name: RefusalName,
    paths: readonly string[] = [],
  ): Promise<void> {
    expectRefusal(await unchanged(service, [uid], act), service.url, name, { paths })
  }
  const progressOf = async (uid: string) => (await retrieved(service.aet(), uid))['00741002']

  describe('A workitem IN PROGRESS', () => {
    it('becomes CANCELED, with the reason in its progress information, and one entry in the feed', async () => {
      const uid = await workitem()
      const before = (await service.feed()).length
      expectSuccess(await cancel(uid, query()), service.url, 200)
      expect(await retrieved(service.aet(), uid)).to.have.nested.property('00741000.Value[0]', 'CANCELED')
      const expected = {
        '00404052': { vr: 'DT', Value: [NOW] },
        '0074100E': { vr: 'SQ', Value: [UNSPECIFIED] },
        '00741238': { vr: 'LT', Value: [REASON] },
      }
      expect(await progressOf(uid)).to.deep.equal({ vr: 'SQ', Value: [expected] })
      const feed = await service.feed()
      expect(feed.length - before).to.equal(1)
      expect(feed.at(-1)).to.include({ uid, kind: 'cancelAbandoned', state: 'CANCELED' })
      const { '00404052': _, ...reasons } = expected
      expect(feed.at(-1)?.reports).to.deep.equal([
        {
          event: 'UPS State Report',
          information: { '00404041': attribute('CS', 'READY'), '00741000': attribute('CS', 'CANCELED'), ...reasons },
        },
      ])
    })

    const others: Dataset = {
      '0074100E': attribute('SQ', code('ABANDONED')),
      '0074100A': attribute('UR', 'tel:+49-123'),
      '0074100C': attribute('LO', 'Physics'),
    }
    const ways: readonly (readonly [string, string, Dataset | undefined])[] = [
      ['in the payload alone', '', { ...reasoned(), ...others }],
      ['as a parameter beside the rest in the payload', query(), others],
      ['in both, the same', query(), { ...reasoned(), ...others }],
      ['as a parameter, and empty in the payload', query(), { '00741238': attribute('LT'), ...others }],
      ['as a parameter in other letters', query().replace('reason', 'REASON'), others],
      ['with attributes that do not count', '', { ...reasoned(), ...others, '00741204': attribute('LO', 'ignored') }],
    ]
    for (const [what, suffix, body] of ways) {
      it(`takes the reason ${what}`, async () => {
        const uid = await workitem()
        expectSuccess(await cancel(uid, suffix, body), service.url, 200)
        expect(await progressOf(uid)).to.deep.equal({
          vr: 'SQ',
          Value: [
            {
              '00404052': { vr: 'DT', Value: [NOW] },
              '00741008': { vr: 'SQ', Value: [{ '0074100A': others['0074100A'], '0074100C': others['0074100C'] }] },
              '0074100E': others['0074100E'],
              '00741238': { vr: 'LT', Value: [REASON] },
            },
          ],
        })
        expect((await retrieved(service.aet(), uid))['00741204']?.Value).not.to.deep.equal(['ignored'])
      })
    }

    it('takes XML, and a reason of 10240 characters that are not ASCII', async () => {
      const uid = await workitem()
      const body =
        '<NativeDicomModel><DicomAttribute tag="00741238" vr="LT" keyword="ReasonForCancellation">' +
        `<Value number="1">${'ä'.repeat(10_240)}</Value></DicomAttribute></NativeDicomModel>`
      const url = `${service.url}/ctrl/workitems/${uid}/cancel-abandoned`
      expectSuccess(await post(url, body, { 'Content-Type': 'application/dicom+xml' }), service.url, 200)
      expect(await progressOf(uid)).to.have.nested.property('Value[0].00741238.Value[0]', 'ä'.repeat(10_240))
    })

    it('needs no performer that can be reached', async () => {
      const uid = await workitem()
      expectRefusal(
        await post(`${service.aet()}/workitems/${uid}/cancelrequest`),
        service.aet(),
        'performerUnreachable',
      )
      expectSuccess(await cancel(uid, query()), service.url, 200)
    })

    it('answers its performer as after any cancellation', async () => {
      const uid = await workitem()
      await cancel(uid, query())
      const late = (state: string, transactionUid?: string) => () => change(uid, state, transactionUid)
      const refused = async (act: () => Promise<Answer>, name: RefusalName): Promise<void> =>
        expectRefusal(await unchanged(service, [uid], act), service.aet(), name)
      await refused(late('COMPLETED'), 'finished')
      await refused(late('IN PROGRESS'), 'finished')
      await refused(late('COMPLETED', '1.2.9.9'), 'transactionUidIncorrect')
      await refused(late('CANCELED', '1.2.9.9'), 'transactionUidIncorrect')
      await refused(late('IN PROGRESS', '1.2.9.9'), 'claimedByAnother')
      expectSuccess(await unchanged(service, [uid], late('CANCELED')), service.aet(), 200, ALREADY_CANCELED)
      const label = { '00741204': attribute('LO', 'late') }
      await refused(() => post(`${service.aet()}/workitems/${uid}?${TRANSACTION_UID}`, label), 'finishedNoUpdate')
    })

    const wrong: readonly (readonly [string, RefusalName, string, Dataset | undefined, readonly string[]])[] = [
      ['no reason', 'missingAttribute', '', undefined, ['00741238']],
      ['a parameter without a value', 'missingAttribute', '?reason', undefined, ['00741238']],
      ['an empty parameter', 'missingValue', '?reason=', undefined, ['00741238']],
      ['a blank parameter', 'missingValue', '?reason=+', undefined, ['00741238']],
      ['an empty reason', 'missingValue', '', { '00741238': attribute('LT') }, ['00741238']],
      ['a code alone', 'missingAttribute', '', { '0074100E': attribute('SQ', code('X')) }, ['00741238']],
      ['a reason that is too long', 'invalidValue', '', reasoned('x'.repeat(10_241)), ['00741238']],
      ['a parameter that is too long', 'invalidValue', query('x'.repeat(10_241)), undefined, ['00741238']],
      ['two reasons', 'invalidValue', '', { '00741238': attribute('LT', 'one', 'two') }, ['00741238']],
      [
        'two reasons, whatever the parameter says',
        'invalidValue',
        query('one'),
        { '00741238': attribute('LT', 'one', 'two') },
        ['00741238'],
      ],
      [
        'a reason of another VR, whatever the parameter says',
        'invalidValue',
        query('x'),
        { '00741238': attribute('SH', 'x') },
        ['00741238'],
      ],
      ['a reason of another VR', 'invalidValue', '', { '00741238': attribute('SH', 'x') }, ['00741238']],
      ['another one in the payload', 'malformedParameter', query('this'), reasoned('that'), []],
      ['two different parameters', 'malformedParameter', '?reason=this&reason=that', undefined, []],
      ['a parameter that cannot be decoded', 'malformedParameter', '?reason=%ZZ', undefined, []],
      ['a contact that is no URI', 'invalidValue', query(), { '0074100A': attribute('UR', 'no URI') }, ['0074100A']],
    ]
    for (const [what, name, suffix, body, paths] of wrong) {
      it(`is untouched by ${what}`, async () => {
        const uid = await workitem()
        await expectRefused(uid, () => cancel(uid, suffix, body), name, paths)
      })
    }

    it('is untouched by a payload that cannot be read, or of an unknown media type', async () => {
      const uid = await workitem()
      const url = `${service.url}/ctrl/workitems/${uid}/cancel-abandoned${query()}`
      await expectRefused(uid, () => post(url, '{"'), 'malformedPayload')
      await expectRefused(uid, () => post(url, 'please', { 'Content-Type': 'text/plain' }), 'unsupportedMediaType')
    })

    it("is untouched by somebody else's page", async () => {
      const uid = await workitem()
      const path = `/ctrl/workitems/${uid}/cancel-abandoned?reason=x`
      const headers = { Origin: 'http://evil.example' }
      await expectRefused(uid, () => wire({ port: service.port, path, method: 'POST', headers }), 'crossSite')
    })
  })

  describe('In other states', () => {
    it('SCHEDULED is C310: a request to cancel does it', async () => {
      const uid = await workitem('SCHEDULED')
      await expectRefused(uid, () => cancel(uid, query()), 'notYetClaimed')
    })

    it('COMPLETED is C311', async () => {
      const uid = await workitem('COMPLETED')
      await expectRefused(uid, () => cancel(uid, query()), 'alreadyCompleted')
    })

    it('CANCELED is a success with a Warning, and keeps its reason', async () => {
      for (const uid of [await workitem('CANCELED'), await workitem()]) {
        await cancel(uid, query())
        const again = await unchanged(service, [uid], () => cancel(uid, query('another')))
        expectSuccess(again, service.url, 200, ALREADY_CANCELED)
      }
    })

    it('a workitem that never was is 404, one that was deleted 410', async () => {
      await expectRefused('1.2.3.4', () => cancel('1.2.3.4', query()), 'notFound')
      const uid = await workitem('CANCELED')
      await deleteWorkitem(service.store, uid)
      await expectRefused(uid, () => cancel(uid, query()), 'gone')
    })
  })

  describe('The resource', () => {
    it('wants a UID', async () => {
      for (const uid of ['1.2.03', 'x', '1..2', '1.2.840.10008.5.1.4.34.5.'.repeat(3), '%2e%2e']) {
        expectRefusal(await cancel(uid, query()), service.url, uid === '%2e%2e' ? 'unknownResource' : 'invalidArgument')
      }
      const path = '/ctrl/workitems/%ZZ/cancel-abandoned?reason=x'
      expectRefusal(await wire({ port: service.port, path, method: 'POST' }), service.url, 'malformedParameter')
    })

    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      it(`is 405 for ${method}`, async () => {
        const answer = await send(`${service.url}/ctrl/workitems/1.2.3/cancel-abandoned${query()}`, { method })
        expectRefusal(answer, service.url, 'methodNotAllowed')
        expect(answer.headers.get('allow')).to.equal('POST')
      })
    }

    it('stands behind the prefix, which is part of its Warnings', async () => {
      const own = await startService({ prefix: '/dcm4chee-arc' })
      const path = '/ctrl/workitems/1.2.3/cancel-abandoned?reason=x'
      expectRefusal(await post(`${own.url}/dcm4chee-arc${path}`), `${own.url}/dcm4chee-arc`, 'notFound')
      expectRefusal(await post(own.url + path), `${own.url}/dcm4chee-arc`, 'unknownResource')
      await own.stop()
    })
  })

  describe('Those who are subscribed', () => {
    let channel: Channel
    afterEach(() => channel.close())

    it('hear of it on their channels, once, with reason and code', async () => {
      const uid = await workitem()
      await subscribe(service, 'WARD', uid)
      channel = await openChannel(service.aet(), 'WARD')
      expect((await channel.has(1)).map(stateOf)).to.deep.equal(['IN PROGRESS'])
      await cancel(uid, query())
      const frame = (await channel.has(2)).at(1) ?? {}
      expect([uidOf(frame), eventTypeOf(frame), stateOf(frame)]).to.deep.equal([uid, 1, 'CANCELED'])
      expect(frame['00741238']?.Value).to.deep.equal([REASON])
      expect(frame['0074100E']?.Value).to.deep.equal([UNSPECIFIED])
      expect(channel.texts.join('')).not.to.contain(TRANSACTION_UID)
      // The next report comes behind whatever else there was.
      const other = await workitem()
      await subscribe(service, 'WARD', other)
      expect((await channel.has(3)).map(uidOf)).to.deep.equal([uid, uid, other])
    })
  })

  it('lets one of its performer and an administrator win, never both', async () => {
    for (let round = 0; round < 20; round++) {
      const uid = await workitem()
      const [completed, abandoned] = await Promise.all([change(uid, 'CANCELED'), cancel(uid, query())])
      expect([completed.status, abandoned.status]).to.deep.equal([200, 200])
      const warned = [completed, abandoned].filter(({ headers }) => headers.has('warning'))
      expect(warned).to.have.length(1)
      const reason = (await retrieved(service.aet(), uid))['00741002']?.Value?.[0]
      expect(reason !== undefined && '00741238' in (reason as object)).to.equal(warned[0] === completed)
    }
  })

  it('comes before a claim, which wins, or after it, never between', async () => {
    for (let round = 0; round < 20; round++) {
      const uid = await workitem('SCHEDULED')
      const both = [() => change(uid, 'IN PROGRESS'), () => cancel(uid, query())]
      const answers = await Promise.all((round % 2 === 0 ? both : both.toReversed()).map((act) => act()))
      const [claimed, abandoned] = round % 2 === 0 ? answers : answers.toReversed()
      const outcome = `${claimed?.status} ${abandoned?.status}`
      expect(outcome).to.be.oneOf(['200 409', '200 200'])
      const state = (await retrieved(service.aet(), uid))['00741000']?.Value?.[0]
      expect(state).to.equal(outcome === '200 200' ? 'CANCELED' : 'IN PROGRESS')
    }
  })

  describe('The log', () => {
    const loggedBy = async (act: () => Promise<unknown>): Promise<readonly Line[]> => {
      lines.length = 0
      await act()
      return [...lines]
    }

    it('has one line for each command, whoever gives it, with what came of it', async () => {
      const [uid, other] = [await workitem(), await workitem()]
      const message = 'an administrator cancels an abandoned workitem'
      const { worklist } = service.plugin
      for (const [act, fields] of [
        [() => cancel(uid, query()), { uid, outcome: 'canceled' }],
        [() => cancel(uid, query()), { uid, outcome: 'unchanged' }],
        [() => cancel('1.2.3.4', query()), { uid: '1.2.3.4', outcome: 'notFound' }],
        [() => cancel(other), { uid: other, outcome: 'missingAttribute' }],
        [() => worklist.cancelAbandoned(other, REASON), { uid: other, outcome: 'canceled' }],
        [() => worklist.cancelAbandoned(other, REASON), { uid: other, outcome: 'unchanged' }],
      ] as const) {
        expect(await loggedBy(act)).to.deep.equal([{ fields, message }])
      }
    })

    it('has none for what is no such command, nor for those of performers', async () => {
      const uid = await workitem()
      expect(await loggedBy(() => cancel('1..2', query()))).to.deep.equal([])
      expect(await loggedBy(() => change(uid, 'CANCELED'))).to.deep.equal([])
    })

    it('never has the reason, nor a Transaction UID', () => {
      const all = everything.join('\n')
      expect(all).to.contain('cancel-abandoned')
      for (const secret of ['Gisela', 'memory', TRANSACTION_UID, 'Doe']) expect(all).not.to.contain(secret)
    })
  })

  it('is counted: requests by route, refusals by status, commits by kind', async () => {
    const own = await startService()
    const target = `${own.aet()}/workitems/1.2.3`
    await post(`${own.aet()}/workitems?1.2.3`, sampleText('ai-triage'))
    const url = `${own.url}/ctrl/workitems/1.2.3/cancel-abandoned${query()}`
    await post(url)
    await put(`${target}/state`, stateChange('IN PROGRESS'))
    await post(url)
    await post(url)
    const counted = (await send(`${own.url}/metrics`)).text.split('\n')
    await own.stop()
    const route = '/ctrl/workitems/:workitem/cancel-abandoned'
    expect(counted).to.include.members([
      'ups_commits_total{kind="cancelAbandoned"} 1',
      'ups_refusals_total{dicom_status="C310",reason="notYetClaimed"} 1',
      `ups_http_requests_total{route="${route}",method="POST",status="200"} 2`,
      `ups_http_requests_total{route="${route}",method="POST",status="409"} 1`,
    ])
    expect(counted.join('\n')).not.to.contain('1.2.3')
  })
})
