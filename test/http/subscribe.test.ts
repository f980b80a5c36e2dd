import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Answer, post, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sample, TRANSACTION_UID } from '../support/workitems.ts'
import { attribute, code } from './datasets.ts'
import { aeEntry, writeDirectory } from './directory.ts'
import { expectRefusal, expectSuccess } from './refusal.ts'
import {
  expectSubscriptionRefusal,
  FILTERED,
  type Report,
  stateReport,
  Subscribers,
  succeeds,
  unassigned,
  untouched,
  WORKLIST,
} from './subscriptions.ts'
import { wire } from './wire.ts'

const UNSPECIFIED = {
  '00080100': attribute('SH', '110513'),
  '00080102': attribute('SH', 'DCM'),
  '00080104': attribute('LO', 'Discontinued for unspecified reason'),
}

let last = 0
const nextUid = (): string => `1.2.70.${++last}`
/** An AE of its own for each test: what it holds is nobody else's. */
const nextAe = (): string => `AE_${++last}`

describe('PS3.18 11.10 Subscribe, 11.11 Unsubscribe, 11.12 Suspend Global Subscription', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())
  const at = new Subscribers(() => service)
  afterEach(() => at.unsubscribeEverybody())

  async function workitem(dataset?: Dataset): Promise<string> {
    const uid = nextUid()
    await at.create(uid, dataset)
    return uid
  }

  function expectSubscribed(answer: Answer, base: string, channel: string): void {
    expectSuccess(answer, base, 201)
    expect(answer.headers.get('location')).to.equal(channel)
    expect(answer.headers.get('content-location')).to.equal(channel)
  }

  const channelOf = (subscriber: string): string =>
    `ws://127.0.0.1:${service.port}/aets/WORKLIST/ws/subscribers/${encodeURIComponent(subscriber)}`

  describe('The answer to Subscribe is 201 with the URL of the event channel', () => {
    const targets: readonly [string, () => Promise<string>, string][] = [
      ['one workitem', workitem, ''],
      ['the worklist', () => Promise.resolve(WORKLIST), ''],
      ['the filtered worklist', () => Promise.resolve(FILTERED), 'filter=PatientID%3DX'],
    ]
    for (const [name, target, query] of targets) {
      it(`for ${name}, also when the AE is subscribed already`, async () => {
        const [uid, subscriber] = [await target(), nextAe()]
        for (const lock of ['', 'deletionlock=true', 'deletionlock=true', 'deletionlock=false']) {
          const answer = await at.subscribe(uid, subscriber, [lock, query].filter(Boolean).join('&'))
          expectSubscribed(answer, service.aet(), channelOf(subscriber))
        }
        expectSuccess(await at.unsubscribe(uid, subscriber), service.aet(), 200)
      })
    }

    it('with an AE title that has to be percent-encoded, and that is another one than with other spaces', async () => {
      const uid = await workitem()
      for (const subscriber of ['A B', 'A/B?C', 'X'.repeat(16)]) {
        expectSubscribed(await at.subscribe(uid, subscriber), service.aet(), channelOf(subscriber))
        expect(await at.holder(uid, subscriber)).to.deep.include({ deletionLock: false, by: ['explicit'] })
      }
      expectSubscriptionRefusal(await at.unsubscribe(uid, 'A  B'), service.aet(), 'notSubscribed')
      expectSuccess(await at.unsubscribe(uid, 'A B'), service.aet(), 200)
    })

    it('whatever payload comes along: there is none', async () => {
      const uid = await workitem()
      const url = at.url(uid, `/subscribers/${nextAe()}`)
      for (const [body, type] of [
        ['{"', 'application/dicom+json'],
        ['x', 'text/plain'],
      ] as const) {
        expect((await post(url, body, { 'Content-Type': type })).status).to.equal(201)
      }
    })

    it('without a Warning for parameters that the transaction knows', async () => {
      const query = 'accept=application/dicom%2Bjson&charset=utf-8&deletionlock=0'
      expectSuccess(await at.subscribe(await workitem(), nextAe(), query), service.aet(), 201)
    })

    it('with a Warning that an unknown parameter was ignored', async () => {
      const answer = await at.subscribe(await workitem(), nextAe(), 'deletionlock=true&colour=blue')
      expectSuccess(answer, service.aet(), 201, 'Unknown parameters of the request were ignored.')
    })

    it('as the client sees the service: prefix, AE title, and the proxy that the host trusts', async () => {
      const folder = temporaryFolder()
      const config = writeDirectory(folder.path, [aeEntry('A B')])
      const proxied = await startService({
        config,
        prefix: '/dcm4chee-arc',
        allowedHosts: ['127.0.0.1', 'ups.example'],
        host: { trustProxy: true },
      })
      try {
        const path = `/dcm4chee-arc/aets/A%20B/rs/workitems/${WORKLIST}/subscribers/T%20MS`
        const channel = '/dcm4chee-arc/aets/A%20B/ws/subscribers/T%20MS'
        const clients: readonly [Readonly<Record<string, string>>, string][] = [
          [{}, `ws://127.0.0.1:${proxied.port}`],
          [{ 'X-Forwarded-Proto': 'https' }, `wss://127.0.0.1:${proxied.port}`],
          [{ 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'ups.example' }, 'wss://ups.example'],
          [{ Forwarded: 'proto=https;host="ups.example:8443"' }, 'wss://ups.example:8443'],
          [{ 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': 'ups.example:8080' }, 'ws://ups.example:8080'],
        ]
        for (const [headers, origin] of clients) {
          const base = `${origin.replace(/^ws/, 'http')}/dcm4chee-arc/aets/A%20B/rs`
          const answer = await wire({ port: proxied.port, path, method: 'POST', headers })
          expectSubscribed(answer, base, `${origin}${channel}`)
        }
      } finally {
        await proxied.stop()
        folder.remove()
      }
    })

    it('with ws when nobody trusts the proxy', async () => {
      const path = `/aets/WORKLIST/rs/workitems/${await workitem()}/subscribers/TMS`
      const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'ups.example' }
      const answer = await wire({ port: service.port, path, method: 'POST', headers })
      expectSubscribed(answer, service.aet(), channelOf('TMS'))
    })
  })

  describe('deletionlock', () => {
    const values: readonly [string, boolean][] = [
      ['', false],
      ['deletionlock=true', true],
      ['deletionlock=false', false],
      ['deletionlock=1', true],
      ['deletionlock=0', false],
      ['deletionlock=TRUE', true],
      ['deletionlock=False', false],
      ['DeletionLock=true', true],
      ['DELETIONLOCK=1', true],
      ['deletionlock=true&DeletionLock=true', true],
    ]
    for (const [query, deletionLock] of values) {
      it(`${query || 'absent'}: ${deletionLock ? 'with' : 'without'}`, async () => {
        const [uid, subscriber] = [await workitem(), nextAe()]
        await succeeds(at.subscribe(uid, subscriber, query))
        expect(await at.holder(uid, subscriber)).to.deep.equal({ subscriber, deletionLock, by: ['explicit'] })
        await succeeds(at.subscribe(WORKLIST, subscriber, query))
        const { histories } = await service.store.globalSubscriptions()
        expect(histories.get(subscriber)?.operations.at(-1)).to.include({ does: 'subscribe', deletionLock })
      })
    }

    const refused = [
      '=',
      '=yes',
      '=2',
      '=-1',
      '=true%20',
      '=%22true%22',
      '',
      '=true&DELETIONLOCK=false',
      '=1&deletionlock=0',
    ]
    for (const rest of refused) {
      it(`is 400 and named: deletionlock${rest}`, async () => {
        const [uid, subscriber] = [await workitem(), nextAe()]
        for (const target of [uid, WORKLIST]) {
          const act = () => at.subscribe(target, subscriber, `deletionlock${rest}`)
          const answer = await untouched(service, [uid], act)
          expectRefusal(answer, service.aet(), 'malformedParameter', { detail: /deletionlock/ })
        }
      })
    }
  })

  describe('The initial State Report', () => {
    const requested = {
      '00741238': attribute('LT', 'Patient did not come'),
      '0074100E': attribute('SQ', code('ABSENT')),
    }
    const states: readonly [string, string, (uid: string) => Promise<unknown>, Dataset][] = [
      ['of a workitem that is SCHEDULED', 'SCHEDULED', () => Promise.resolve(), {}],
      ['of one that is IN PROGRESS', 'IN PROGRESS', (uid) => at.changeState(uid, 'IN PROGRESS'), {}],
      [
        'of one that is COMPLETED',
        'COMPLETED',
        async (uid) => {
          await at.changeState(uid, 'IN PROGRESS')
          await at.update(uid, sample('rt-treatment-performed'), TRANSACTION_UID)
          await at.changeState(uid, 'COMPLETED')
        },
        {},
      ],
      [
        'of one that was CANCELED by its performer',
        'CANCELED',
        async (uid) => {
          await at.changeState(uid, 'IN PROGRESS')
          await at.changeState(uid, 'CANCELED')
        },
        { '0074100E': attribute('SQ', UNSPECIFIED) },
      ],
      [
        'of one that was CANCELED on request, with its reasons and without its contact',
        'CANCELED',
        (uid) =>
          succeeds(post(at.url(uid, '/cancelrequest'), { ...requested, '0074100C': attribute('LO', 'Front desk') })),
        requested,
      ],
    ]
    for (const [name, state, bring, more] of states) {
      it(`${name} goes to the new subscriber alone, at each Subscribe`, async () => {
        const [subscriber, other, everywhere] = [nextAe(), nextAe(), nextAe()]
        const uid = await workitem()
        await succeeds(at.subscribe(WORKLIST, everywhere))
        await succeeds(at.subscribe(uid, other))
        await bring(uid)
        await at.newsOf(other, everywhere)
        for (const query of ['', 'deletionlock=true', '', 'deletionlock=true', 'deletionlock=true']) {
          await succeeds(at.subscribe(uid, subscriber, query))
          expect(await at.news(subscriber)).to.deep.equal([stateReport(uid, state, more)])
        }
        expect(await at.newsOf(other, everywhere)).to.deep.equal({ [other]: [], [everywhere]: [] })
        const entry = (await service.feed()).at(-1)
        expect(entry).to.deep.include({ uid, kind: 'subscribe', state, reports: [], replaced: {} })
      })
    }

    it('has the readiness as it is, and leaves the workitem as it was, but for the version', async () => {
      const uid = await workitem(unassigned({ '00404041': attribute('CS', 'UNAVAILABLE') }))
      const text = (await send(at.url(uid))).text
      await succeeds(at.subscribe(uid, 'READINESS'))
      expect(await at.news('READINESS')).to.deep.equal([
        stateReport(uid, 'SCHEDULED', { '00404041': attribute('CS', 'UNAVAILABLE') }),
      ])
      expect((await send(at.url(uid))).text).to.equal(text)
    })

    it('is not sent for a global subscription without lock', async () => {
      const subscriber = nextAe()
      await workitem()
      await succeeds(at.subscribe(WORKLIST, subscriber))
      expect((await service.store.announcements()).map((one) => one.subscriber)).not.to.include(subscriber)
      expect(await at.announcedNews(subscriber)).to.deep.equal([])
    })

    for (const [name, worklist, query] of [
      ['the worklist', WORKLIST, 'deletionlock=true'],
      ['the filtered worklist', FILTERED, 'deletionlock=true&filter=WorklistLabel%3DOWED'],
    ] as const) {
      it(`is owed by ${name} with lock, one for each workitem that was Not Subscribed and still is subscribed`, async () => {
        const subscriber = nextAe()
        const label = { '00741202': attribute('LO', 'OWED') }
        const uids: string[] = []
        for (let count = 0; count < 4; count++) uids.push(await workitem(unassigned(label)))
        const [known = '', plain = '', left = '', updated = ''] = uids
        await succeeds(at.subscribe(known, subscriber))
        await at.news(subscriber)
        await succeeds(at.subscribe(worklist, subscriber, query))
        expect(await at.news(subscriber), 'owed, not yet there').to.deep.equal([])
        expect((await service.store.announcements()).map((one) => one.subscriber)).to.deep.equal([subscriber])

        const later = await workitem(unassigned(label))
        await succeeds(at.unsubscribe(left, subscriber))
        await at.update(updated, { '00741204': attribute('LO', 'Another label') })
        expect(await at.news(subscriber)).to.deep.equal([stateReport(later, 'SCHEDULED')])
        const initial = await at.announcedNews(subscriber)
        const of = (uid: string) => initial.filter((report) => report.uid === uid)
        expect(of(plain)).to.deep.equal([stateReport(plain, 'SCHEDULED')])
        expect(of(updated)).to.deep.equal([stateReport(updated, 'SCHEDULED')])
        for (const uid of [known, left, later]) expect(of(uid), uid).to.deep.equal([])
        expect(await service.store.announcements()).to.deep.equal([])

        // Repeated: for the one that became Not Subscribed meanwhile.
        await succeeds(at.subscribe(worklist, subscriber, query))
        expect(await at.announcedNews(subscriber)).to.deep.equal([stateReport(left, 'SCHEDULED')])
      })
    }

    it('is no longer owed to whom has unsubscribed, and still to whom has suspended', async () => {
      const uid = await workitem()
      const [gone, suspended] = [nextAe(), nextAe()]
      for (const subscriber of [gone, suspended])
        await succeeds(at.subscribe(WORKLIST, subscriber, 'deletionlock=true'))
      await succeeds(at.unsubscribe(WORKLIST, gone))
      await succeeds(at.suspend(WORKLIST, suspended))
      expect(await at.announcedNews(gone)).to.deep.equal([])
      expect(await at.announcedNews(suspended)).to.deep.include(stateReport(uid, 'SCHEDULED'))
    })
  })

  describe('Table CC.2.3-2', () => {
    type State = 'Not Subscribed' | 'Subscribed with Lock' | 'Subscribed w/o Lock'
    type Global = 'none' | 'with lock' | 'w/o lock'
    /** What a state of an AE looks like from outside. */
    const LOOKS: Readonly<Record<State, boolean | undefined>> = {
      'Not Subscribed': undefined,
      'Subscribed with Lock': true,
      'Subscribed w/o Lock': false,
    }
    const COVERS = {
      none: 'Not Subscribed',
      'with lock': 'Subscribed with Lock',
      'w/o lock': 'Subscribed w/o Lock',
    } as const

    interface Actor {
      readonly subscriber: string
      readonly uid: string
      globally(lock: boolean): Promise<Answer>
      singly(lock: boolean): Promise<Answer>
      unsubscribe(): Promise<Answer>
      unsubscribeGlobally(): Promise<Answer>
      suspend(): Promise<Answer>
    }
    const lockOf = (lock: boolean): string => (lock ? 'deletionlock=true' : '')
    const actorAt = (worklist: string, filter: string): Actor => {
      const [subscriber, uid] = [nextAe(), nextUid()]
      return {
        subscriber,
        uid,
        globally: (lock) => at.subscribe(worklist, subscriber, [lockOf(lock), filter].filter(Boolean).join('&')),
        singly: (lock) => at.subscribe(uid, subscriber, lockOf(lock)),
        unsubscribe: () => at.unsubscribe(uid, subscriber),
        unsubscribeGlobally: () => at.unsubscribe(worklist, subscriber),
        suspend: () => at.suspend(worklist, subscriber),
      }
    }

    const CC = { '00741202': attribute('LO', 'CC') }
    const createdFor = ({ uid }: Actor) => at.create(uid, unassigned(CC))

    /** How an AE comes to stand so to a workitem, and what its global subscription is then. */
    const WAYS: readonly [State, string, Global, (actor: Actor) => Promise<unknown>][] = [
      ['Not Subscribed', 'from the beginning', 'none', createdFor],
      [
        'Not Subscribed',
        'having left this one',
        'w/o lock',
        async (actor) => {
          await succeeds(actor.globally(false))
          await createdFor(actor)
          await succeeds(actor.unsubscribe())
        },
      ],
      [
        'Subscribed with Lock',
        'to this one',
        'none',
        async (actor) => {
          await createdFor(actor)
          await succeeds(actor.singly(true))
        },
      ],
      [
        'Subscribed with Lock',
        'at its creation',
        'with lock',
        async (actor) => {
          await succeeds(actor.globally(true))
          await createdFor(actor)
        },
      ],
      [
        'Subscribed with Lock',
        'to this one too',
        'w/o lock',
        async (actor) => {
          await createdFor(actor)
          await succeeds(actor.globally(false))
          await succeeds(actor.singly(true))
        },
      ],
      [
        'Subscribed w/o Lock',
        'to this one',
        'none',
        async (actor) => {
          await createdFor(actor)
          await succeeds(actor.singly(false))
        },
      ],
      [
        'Subscribed w/o Lock',
        'since it was there',
        'w/o lock',
        async (actor) => {
          await createdFor(actor)
          await succeeds(actor.globally(false))
        },
      ],
      [
        'Subscribed w/o Lock',
        'having given up its lock',
        'with lock',
        async (actor) => {
          await succeeds(actor.globally(true))
          await createdFor(actor)
          await succeeds(actor.singly(false))
        },
      ],
    ]

    interface Row {
      readonly act: (actor: Actor) => Promise<Answer>
      /** `!`: with the initial event. */
      readonly becomes: Readonly<Record<State, State | `${State}!`>>
      /** Undefined: as before. */
      readonly global?: Global
      readonly status: number
    }
    const row = (not: string, lock: string, free: string): Row['becomes'] => {
      const states: Readonly<Record<string, State>> = {
        N: 'Not Subscribed',
        L: 'Subscribed with Lock',
        F: 'Subscribed w/o Lock',
      }
      const read = (text: string) => `${states[text.charAt(0)]}${text.slice(1)}` as State | `${State}!`
      return { 'Not Subscribed': read(not), 'Subscribed with Lock': read(lock), 'Subscribed w/o Lock': read(free) }
    }
    /** Transcribed from standard.md D.4: columns Not Subscribed, with Lock, w/o Lock. */
    const ROWS: Readonly<Record<string, Row>> = {
      'subscribes globally with lock': {
        act: (actor) => actor.globally(true),
        becomes: row('L!', 'L', 'F'),
        global: 'with lock',
        status: 201,
      },
      'subscribes globally w/o lock': {
        act: (actor) => actor.globally(false),
        becomes: row('F', 'L', 'F'),
        global: 'w/o lock',
        status: 201,
      },
      'subscribes to it with lock': { act: (actor) => actor.singly(true), becomes: row('L!', 'L!', 'L!'), status: 201 },
      'subscribes to it w/o lock': { act: (actor) => actor.singly(false), becomes: row('F!', 'F!', 'F!'), status: 201 },
      'unsubscribes from it': { act: (actor) => actor.unsubscribe(), becomes: row('N', 'N', 'N'), status: 200 },
      'unsubscribes globally': {
        act: (actor) => actor.unsubscribeGlobally(),
        becomes: row('N', 'N', 'N'),
        global: 'none',
        status: 200,
      },
      'suspends its global subscription': {
        act: (actor) => actor.suspend(),
        becomes: row('N', 'L', 'F'),
        global: 'none',
        status: 200,
      },
    }

    /** PS3.18 11.11, 11.12: there is no such subscription. */
    const isRefused = (event: string, state: State, global: Global): boolean =>
      (event === 'unsubscribes from it' && state === 'Not Subscribed') ||
      (event === 'unsubscribes globally' && state === 'Not Subscribed' && global === 'none') ||
      (event === 'suspends its global subscription' && global === 'none')

    async function expectState({ subscriber }: Actor, uid: string, state: State): Promise<void> {
      expect((await at.holder(uid, subscriber))?.deletionLock).to.equal(LOOKS[state])
      await at.update(uid, { '00404041': attribute('CS', 'UNAVAILABLE') })
      const report = stateReport(uid, 'SCHEDULED', { '00404041': attribute('CS', 'UNAVAILABLE') })
      expect(await at.news(subscriber), `later reports: ${state}`).to.deep.equal(
        state === 'Not Subscribed' ? [] : [report],
      )
    }

    /** The column "null" of the table. */
    async function expectGlobal(actor: Actor, global: Global): Promise<void> {
      const uid = nextUid()
      await at.create(uid, unassigned(CC))
      const covers = COVERS[global]
      expect(await at.news(actor.subscriber), `reports of a creation: ${global}`).to.deep.equal(
        global === 'none' ? [] : [stateReport(uid, 'SCHEDULED')],
      )
      await expectState(actor, uid, covers)
    }

    for (const [name, worklist, filter] of [
      ['worklist', WORKLIST, ''],
      ['filtered worklist', FILTERED, 'filter=WorklistLabel%3DCC'],
    ] as const) {
      describe(name, () => {
        for (const [event, { act, becomes, global, status }] of Object.entries(ROWS)) {
          for (const [state, how, globalBefore, bring] of WAYS) {
            it(`AE ${event}: ${state}, ${how}`, async () => {
              const actor = actorAt(worklist, filter)
              await bring(actor)
              await at.announcedNews(actor.subscriber)
              if (isRefused(event, state, globalBefore)) {
                const answer = await untouched(service, [actor.uid], () => act(actor))
                expectSubscriptionRefusal(answer, service.aet(), 'notSubscribed')
              } else expectSuccess(await act(actor), service.aet(), status)
              const [, next = '', initial] = /^(.*?)(!?)$/.exec(becomes[state]) ?? []
              // Those of other workitems, which are not this row's business, come along.
              const news = await at.announcedNews(actor.subscriber)
              expect(
                news.filter((report) => report.uid === actor.uid),
                'initial event',
              ).to.deep.equal(initial === '!' ? [stateReport(actor.uid, 'SCHEDULED')] : [])
              await expectState(actor, actor.uid, next as State)
              await expectGlobal(actor, global ?? globalBefore)
            })
          }
        }
      })
    }
  })

  describe('Both global subscriptions together', () => {
    const filter = 'filter=WorklistLabel%3DBOTH'
    const both = unassigned({ '00741202': attribute('LO', 'BOTH') })

    for (const [global, filtered, lock] of [
      [false, false, false],
      [true, false, true],
      [false, true, true],
      [true, true, true],
    ] as const) {
      it(`cover a creation once, with lock if either has it: ${global}, ${filtered}`, async () => {
        const subscriber = nextAe()
        await succeeds(at.subscribe(WORKLIST, subscriber, `deletionlock=${global}`))
        await succeeds(at.subscribe(FILTERED, subscriber, `deletionlock=${filtered}&${filter}`))
        const [matching, other] = [await workitem(both), await workitem()]
        const plain = await at.holder(other, subscriber)
        expect(plain).to.deep.equal({ subscriber, deletionLock: global, by: ['global'] })
        const holder = await at.holder(matching, subscriber)
        expect(holder).to.deep.include({ subscriber, deletionLock: lock })
        expect(holder?.by).to.have.members(['global', 'filtered'])
        expect(await at.news(subscriber)).to.deep.equal([
          stateReport(matching, 'SCHEDULED'),
          stateReport(other, 'SCHEDULED'),
        ])
      })
    }

    it('are unsubscribed one by one: only what the removed one alone made goes, and all with the last', async () => {
      const subscriber = nextAe()
      const [single, before] = [await workitem(), await workitem(both)]
      await succeeds(at.subscribe(single, subscriber))
      await succeeds(at.subscribe(FILTERED, subscriber, filter))
      const filteredOnly = await workitem(both)
      await succeeds(at.subscribe(WORKLIST, subscriber))
      const [covered, plain] = [await workitem(both), await workitem()]
      const all = [single, before, filteredOnly, covered, plain]
      const held = async () => {
        const found: string[] = []
        for (const uid of all) if (await at.holder(uid, subscriber)) found.push(uid)
        return found
      }
      expect(await held()).to.deep.equal(all)
      await succeeds(at.unsubscribe(WORKLIST, subscriber))
      expect(await held()).to.deep.equal([single, before, filteredOnly, covered])
      const answer = await untouched(service, all, () => at.unsubscribe(WORKLIST, subscriber))
      expectSubscriptionRefusal(answer, service.aet(), 'notSubscribed')
      await succeeds(at.unsubscribe(FILTERED, subscriber))
      expect(await held()).to.deep.equal([])
      for (const uid of [WORKLIST, FILTERED]) {
        const again = await untouched(service, all, () => at.unsubscribe(uid, subscriber))
        expectSubscriptionRefusal(again, service.aet(), 'notSubscribed')
      }
    })

    it('are suspended one by one', async () => {
      const subscriber = nextAe()
      await succeeds(at.subscribe(WORKLIST, subscriber))
      await succeeds(at.subscribe(FILTERED, subscriber, filter))
      expectSuccess(await at.suspend(WORKLIST, subscriber), service.aet(), 200)
      const [matching, other] = [await workitem(both), await workitem()]
      expect((await at.holder(matching, subscriber))?.by).to.deep.equal(['filtered'])
      expect(await at.holder(other, subscriber)).to.equal(undefined)
      const answer = await untouched(service, [matching], () => at.suspend(WORKLIST, subscriber))
      expectSubscriptionRefusal(answer, service.aet(), 'notSubscribed')
      expectSuccess(await at.suspend(FILTERED, subscriber), service.aet(), 200)
      expect(await at.holder(await workitem(both), subscriber)).to.equal(undefined)
      expect(await at.holder(matching, subscriber), 'what was there stays').not.to.equal(undefined)
    })
  })

  describe('What reaches whom', () => {
    const station = (value: string) => ({ '00404025': attribute('SQ', code(value)) })
    const performer = (value: string) => ({
      '00404009': attribute('SQ', code(value)),
      '00404036': attribute('LO', `Organization of ${value}`),
      '00404037': attribute('PN', { Alphabetic: `${value}^Name` }),
    })
    const assigned = (uid: string, stationCode: string, person?: string): Report => ({
      uid,
      event: 'UPS Assigned',
      information: {
        ...(person === undefined
          ? {}
          : { '00404009': attribute('SQ', code(person)), '00404036': attribute('LO', `Organization of ${person}`) }),
        ...station(stationCode),
      },
    })
    const progress = { '00741002': attribute('SQ', { '00741004': attribute('DS', 50) }) }
    const readiness = (value: string) => ({ '00404041': attribute('CS', value) })

    it('is every report of a workitem, in the order State, Cancel Requested, Progress, Assigned', async () => {
      const uid = nextUid()
      const [GLOBAL, MATCHING, BOTH, SINGLE, LOCKED] = ['R_GLOBAL', 'R_MATCHING', 'R_BOTH', 'R_SINGLE', 'R_LOCKED']
      const [MISSING, ELSEWHERE, NOBODY] = ['R_MISSING', 'R_ELSEWHERE', 'R_NOBODY']
      const globally = [GLOBAL, MATCHING, BOTH]
      const everybody = [...globally, SINGLE, LOCKED]
      const elsewhere = await workitem()
      for (const subscriber of [GLOBAL, BOTH]) await succeeds(at.subscribe(WORKLIST, subscriber))
      for (const subscriber of [MATCHING, BOTH]) {
        await succeeds(at.subscribe(FILTERED, subscriber, 'filter=PatientID%3DRECIPIENTS'))
      }
      await succeeds(at.subscribe(FILTERED, MISSING, 'filter=PatientID%3DOTHERS'))
      await succeeds(at.subscribe(elsewhere, ELSEWHERE))
      await at.news(ELSEWHERE)

      const expectNews = async (subscribers: readonly string[], reports: readonly Report[]): Promise<void> => {
        const expected: Record<string, readonly Report[]> = {}
        for (const one of [...everybody, MISSING, ELSEWHERE, NOBODY]) {
          expected[one] = subscribers.includes(one) ? reports : []
        }
        expect(await at.newsOf(...Object.keys(expected))).to.deep.equal(expected)
      }

      const performers = attribute('SQ', performer('DOE'), performer('ROE'))
      await at.create(
        uid,
        unassigned({ '00100020': attribute('LO', 'RECIPIENTS'), ...station('ROOM1'), '00404034': performers }),
      )
      await expectNews(globally, [
        stateReport(uid, 'SCHEDULED'),
        assigned(uid, 'ROOM1', 'DOE'),
        assigned(uid, 'ROOM1', 'ROE'),
      ])
      await succeeds(at.subscribe(uid, SINGLE))
      await succeeds(at.subscribe(uid, LOCKED, 'deletionlock=true'))
      await expectNews([SINGLE, LOCKED], [stateReport(uid, 'SCHEDULED')])

      await at.update(uid, { '00741204': attribute('LO', 'Nobody hears of this') })
      await expectNews([], [])
      await at.update(uid, { ...station('ROOM2'), '00404034': attribute('SQ'), ...readiness('INCOMPLETE') })
      await expectNews(everybody, [stateReport(uid, 'SCHEDULED', readiness('INCOMPLETE')), assigned(uid, 'ROOM2')])

      await at.changeState(uid, 'IN PROGRESS')
      await expectNews(everybody, [stateReport(uid, 'IN PROGRESS', readiness('INCOMPLETE'))])
      await at.update(uid, { ...station('ROOM3'), ...progress, ...readiness('READY') }, TRANSACTION_UID)
      await expectNews(everybody, [
        stateReport(uid, 'IN PROGRESS'),
        { uid, event: 'UPS Progress Report', information: progress },
        assigned(uid, 'ROOM3'),
      ])

      const request = {
        '0074100A': attribute('UR', 'tel:+49-123'),
        '0074100C': attribute('LO', 'Front desk'),
        '0074100E': attribute('SQ', code('ABSENT')),
        '00741238': attribute('LT', 'Patient did not come'),
      }
      await succeeds(post(at.url(uid, '/cancelrequest?requester=CONSOLE'), request))
      await expectNews(everybody, [
        { uid, event: 'UPS Cancel Requested', information: { ...request, '00741236': attribute('AE', 'CONSOLE') } },
      ])
      await at.changeState(uid, 'CANCELED')
      await expectNews(everybody, [stateReport(uid, 'CANCELED', { '0074100E': attribute('SQ', UNSPECIFIED) })])
    })

    it('is IN PROGRESS and CANCELED when a SCHEDULED workitem is cancelled, and nothing when nothing changes', async () => {
      const [uid, subscriber] = [await workitem(), nextAe()]
      await succeeds(at.subscribe(uid, subscriber))
      await at.news(subscriber)
      await succeeds(post(at.url(uid, '/cancelrequest')))
      expect(await at.news(subscriber)).to.deep.equal([
        stateReport(uid, 'IN PROGRESS'),
        stateReport(uid, 'CANCELED', { '0074100E': attribute('SQ', UNSPECIFIED) }),
      ])
      expect((await post(at.url(uid, '/cancelrequest'))).status).to.equal(202)
      expect((await post(at.url(uid), { '00404041': attribute('CS', 'UNAVAILABLE') })).status).to.equal(400)
      expect(await at.news(subscriber)).to.deep.equal([])
    })

    it('ends with the unsubscription; what waited still waits', async () => {
      const [uid, subscriber] = [await workitem(), nextAe()]
      await succeeds(at.subscribe(uid, subscriber))
      expectSuccess(await at.unsubscribe(uid, subscriber), service.aet(), 200)
      await at.changeState(uid, 'IN PROGRESS')
      expect(await at.news(subscriber)).to.deep.equal([stateReport(uid, 'SCHEDULED')])
      expect((await service.feed()).map(({ kind }) => kind)).to.include('unsubscribe')
    })
  })

  describe('Request Cancellation while IN PROGRESS', () => {
    type Subscribe = (uid: string, subscriber: string) => Promise<unknown>
    const explicitly: Subscribe = (uid, subscriber) => succeeds(at.subscribe(uid, subscriber))
    const globally: Subscribe = (_uid, subscriber) => succeeds(at.subscribe(WORKLIST, subscriber))
    const filtered: Subscribe = (_uid, subscriber) =>
      succeeds(at.subscribe(FILTERED, subscriber, 'filter=ProcedureStepState%3DIN%20PROGRESS'))
    const suspended: Subscribe = async (uid, subscriber) => {
      await globally(uid, subscriber)
      await succeeds(at.suspend(WORKLIST, subscriber))
    }
    const left: Subscribe = async (uid, subscriber) => {
      await globally(uid, subscriber)
      await succeeds(at.unsubscribe(uid, subscriber))
    }
    const never: Subscribe = () => Promise.resolve()
    const elsewhere: Subscribe = async (_uid, subscriber) => explicitly(await workitem(), subscriber)
    const missing: Subscribe = (_uid, subscriber) =>
      succeeds(at.subscribe(FILTERED, subscriber, 'filter=ProcedureStepState%3DSCHEDULED'))

    const reached: readonly [string, Subscribe][] = [
      ['to it', explicitly],
      ['to the worklist', globally],
      ['by a filter', filtered],
      ['to the worklist, suspended since', suspended],
    ]
    const unreached: readonly [string, Subscribe][] = [
      ['nowhere', never],
      ['to another workitem', elsewhere],
      ['by a filter that it no longer matches', missing],
      ['to the worklist, and left it', left],
    ]

    /** `performer` undefined: unknown. */
    async function expectOutcome(
      performer: string | undefined,
      subscriptions: readonly (readonly [string, Subscribe])[],
      told: readonly string[] | undefined,
    ): Promise<void> {
      const uid = await workitem()
      await at.changeState(uid, 'IN PROGRESS', performer)
      for (const [subscriber, subscribe] of subscriptions) {
        await subscribe(uid, subscriber)
        await at.announcedNews(subscriber)
      }
      const act = () => post(at.url(uid, '/cancelrequest'))
      if (told === undefined) {
        expectRefusal(await untouched(service, [uid], act), service.aet(), 'performerUnreachable')
      } else {
        const feed = await service.feed()
        expectSuccess(await act(), service.aet(), 202)
        expect((await service.feed()).length).to.equal(feed.length + 1)
      }
      // Without a requester it is the AE of the URL that asks.
      const report: Report = {
        uid,
        event: 'UPS Cancel Requested',
        information: { '00741236': attribute('AE', 'WORKLIST') },
      }
      for (const [subscriber] of subscriptions) {
        expect(await at.news(subscriber)).to.deep.equal(told?.includes(subscriber) ? [report] : [])
      }
      expect((await send(at.url(uid))).text).to.include('IN PROGRESS')
    }

    for (const [how, subscribe] of reached) {
      it(`is 202 when the performer is subscribed ${how}`, async () => {
        const performer = nextAe()
        await expectOutcome(performer, [[performer, subscribe]], [performer])
      })

      it(`is C312 when not the performer, but another AE is subscribed ${how}`, async () => {
        const [performer, other] = [nextAe(), nextAe()]
        await expectOutcome(
          performer,
          [
            [performer, never],
            [other, subscribe],
          ],
          undefined,
        )
      })

      it(`is 202 when the performer is unknown and somebody is subscribed ${how}`, async () => {
        const somebody = nextAe()
        await expectOutcome(undefined, [[somebody, subscribe]], [somebody])
      })

      it(`reaches everybody, the performer and another AE that is subscribed ${how}`, async () => {
        const [performer, other] = [nextAe(), nextAe()]
        await expectOutcome(
          performer,
          [
            [performer, explicitly],
            [other, subscribe],
          ],
          [performer, other],
        )
      })
    }

    for (const [how, subscribe] of unreached) {
      it(`is C312 when the performer is subscribed ${how}`, async () => {
        const performer = nextAe()
        await expectOutcome(performer, [[performer, subscribe]], undefined)
      })

      it(`is C312 when the performer is unknown and somebody is subscribed ${how}`, async () => {
        await expectOutcome(undefined, [[nextAe(), subscribe]], undefined)
      })
    }
  })

  describe('Refusals, after which everything is as it was', () => {
    let uid: string
    let gone: string
    before(async () => {
      uid = await workitem()
      gone = await workitem()
      await deleteWorkitem(service.store, gone)
    })

    type Act = (subscriber: string) => Promise<Answer>
    const expectUntouched = async (act: Act): Promise<Answer> => {
      const subscriber = nextAe()
      const answer = await untouched(service, [uid, gone], () => act(subscriber))
      expect(await at.news(subscriber)).to.deep.equal([])
      return answer
    }

    const unknown: readonly [string, (target: string) => Act][] = [
      ['Subscribe', (target) => (subscriber) => at.subscribe(target, subscriber)],
      ['Subscribe with lock', (target) => (subscriber) => at.subscribe(target, subscriber, 'deletionlock=true')],
      ['Unsubscribe', (target) => (subscriber) => at.unsubscribe(target, subscriber)],
      ['Suspend', (target) => (subscriber) => at.suspend(target, subscriber)],
    ]
    for (const [name, act] of unknown) {
      it(`${name}: C307 for an unknown workitem, 410 for one that was deleted`, async () => {
        expectRefusal(await expectUntouched(act('1.2.3.4')), service.aet(), 'notFound')
        expectRefusal(await expectUntouched(act(gone)), service.aet(), 'gone')
      })
    }

    it('Subscribe to the filtered worklist without a Matching Key: 0115', async () => {
      for (const query of ['', 'deletionlock=true', 'filter=', 'filter', 'filter=,', 'fuzzymatching=true']) {
        const answer = await expectUntouched((subscriber) => at.subscribe(FILTERED, subscriber, query))
        expectSubscriptionRefusal(answer, service.aet(), 'matchingKeysMissing')
      }
    })

    it('Subscribe to the filtered worklist with nothing but universal keys: 0115', async () => {
      for (const query of [
        'filter=PatientID%3D',
        'filter=PatientID%3D*',
        'PatientID=',
        'PatientID',
        'PatientID=*',
        'ScheduledStationNameCodeSequence.CodeValue=',
        'filter=PatientID%3D,PatientName%3D*',
      ]) {
        const answer = await expectUntouched((subscriber) => at.subscribe(FILTERED, subscriber, query))
        expectSubscriptionRefusal(answer, service.aet(), 'matchingKeysMissing')
      }
    })

    it('A filter for one workitem, or for the unfiltered worklist: 0115', async () => {
      for (const query of ['filter=PatientID%3DX', 'PatientID=X', '00100020=X', 'filter=PatientID%3D*']) {
        for (const target of [uid, WORKLIST]) {
          const answer = await expectUntouched((subscriber) => at.subscribe(target, subscriber, query))
          expectSubscriptionRefusal(answer, service.aet(), 'filterNotAppropriate')
        }
      }
    })

    it('Suspend for one workitem: C314, whether the AE is subscribed or not', async () => {
      const answer = await expectUntouched((subscriber) => at.suspend(uid, subscriber))
      expectSubscriptionRefusal(answer, service.aet(), 'onlyForTheWorklist')
      const subscriber = nextAe()
      await succeeds(at.subscribe(uid, subscriber))
      const again = await untouched(service, [uid], () => at.suspend(uid, subscriber))
      expectSubscriptionRefusal(again, service.aet(), 'onlyForTheWorklist')
    })

    it('Unsubscribe of nothing: 404', async () => {
      for (const target of [uid, WORKLIST, FILTERED]) {
        const answer = await expectUntouched((subscriber) => at.unsubscribe(target, subscriber))
        expectSubscriptionRefusal(answer, service.aet(), 'notSubscribed')
      }
    })

    it('Suspend of nothing: 404, also of the one worklist when the AE has subscribed to the other', async () => {
      for (const target of [WORKLIST, FILTERED]) {
        const answer = await expectUntouched((subscriber) => at.suspend(target, subscriber))
        expectSubscriptionRefusal(answer, service.aet(), 'notSubscribed')
      }
      const subscriber = nextAe()
      await succeeds(at.subscribe(uid, subscriber))
      await succeeds(at.subscribe(FILTERED, subscriber, 'filter=PatientID%3DX'))
      const answer = await untouched(service, [uid], () => at.suspend(WORKLIST, subscriber))
      expectSubscriptionRefusal(answer, service.aet(), 'notSubscribed')
    })

    const requests: readonly [string, (target: string, subscriber: string) => string][] = [
      ['POST', (target, subscriber) => `/workitems/${target}/subscribers/${subscriber}`],
      ['DELETE', (target, subscriber) => `/workitems/${target}/subscribers/${subscriber}`],
      ['POST', (target, subscriber) => `/workitems/${target}/subscribers/${subscriber}/suspend`],
    ]
    for (const [method, pathOf] of requests) {
      const named = `${method} ${pathOf('UID', 'AE')}`
      const ask = (path: string, aet = 'WORKLIST') =>
        expectUntouched(() => wire({ port: service.port, path: `/aets/${aet}/rs${path}`, method }))

      it(`${named}: 400 for what is no AE title`, async () => {
        for (const [encoded, title] of [
          ['SEVENTEEN_LETTERS', 'SEVENTEEN_LETTERS'],
          ['A%5CB', 'A\\B'],
          ['%20', ' '],
          ['A%09B', 'A\tB'],
          ['A%0D%0AB', 'A\r\nB'],
          ['%00', '\0'],
          ['%C3%84', 'Ä'],
        ] as const) {
          for (const target of [uid, WORKLIST, FILTERED]) {
            const answer = await ask(pathOf(target, encoded))
            expectRefusal(answer, service.aet(), 'invalidArgument', { detail: /subscriber in the path.*1 to 16/ })
            expect(answer.problem().detail).to.include(JSON.stringify(title))
          }
        }
      })

      it(`${named}: 400 for what is no UID`, async () => {
        for (const bad of ['abc', '1.02', '1..2', `1.${'2'.repeat(63)}`, '1.2%203']) {
          const answer = await ask(pathOf(bad, 'TMS'))
          expectRefusal(answer, service.aet(), 'invalidArgument', {
            detail: /Workitem UID in the path.*expected a UID/,
          })
        }
      })

      it(`${named}: 400 for what is not percent-encoded correctly`, async () => {
        for (const path of [pathOf('1.2%', 'TMS'), pathOf(uid, 'A%ZZ'), pathOf(uid, '%E4')]) {
          expect((await ask(path)).status).to.equal(400)
        }
        const answer = await ask(`${pathOf(WORKLIST, 'TMS')}?deletionlock=%ZZ`)
        expectRefusal(answer, service.aet(), 'malformedParameter', { detail: /percent-encoded/ })
      })

      it(`${named}: 404 for an AE that nobody here has`, async () => {
        const answer = await ask(pathOf(uid, 'TMS'), 'NOBODY')
        expectRefusal(answer, service.aet('NOBODY'), 'unknownAE', { detail: /NOBODY/ })
      })

      it(`${named}: there is none without an AE title`, async () => {
        const answer = await ask(pathOf(uid, ''))
        expect(answer.status).to.be.oneOf([400, 404, 405])
        expect(answer.problem().status).to.equal(answer.status)
      })
    }
  })
})
