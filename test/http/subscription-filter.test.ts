import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { createUpsPlugin } from '../../plugin/index.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import { temporaryFolder } from '../support/folder.ts'
import { post } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample, TRANSACTION_UID } from '../support/workitems.ts'
import { attribute, code } from './datasets.ts'
import { expectRefusal, expectSuccess } from './refusal.ts'
import { FILTERED, stateReport, Subscribers, succeeds, unassigned, untouched, WORKLIST } from './subscriptions.ts'

let last = 0
const nextUid = (): string => `1.2.71.${++last}`
const nextAe = (): string => `AE_${++last}`

const label = (value: string): Dataset => ({ '00741202': attribute('LO', value) })
const readiness = (value: string): Dataset => ({ '00404041': attribute('CS', value) })
const named = (alphabetic: string, ideographic?: string, phonetic?: string): Dataset => ({
  '00100010': attribute('PN', {
    Alphabetic: alphabetic,
    ...(ideographic === undefined ? {} : { Ideographic: ideographic }),
    ...(phonetic === undefined ? {} : { Phonetic: phonetic }),
  }),
})

describe('Filtered worklist subscriptions', () => {
  describe('Matching Keys', () => {
    /** AI: Müller^Jürgen. RT: DOE^JOHN^1. JP: 山田^太郎, with values that the others have only in part. */
    const WORKITEMS: Readonly<Record<string, Dataset>> = {
      AI: sample('ai-triage'),
      RT: sample('rt-treatment'),
      JP: changed(sample('minimal'), {
        ...label('Kyoto, one'),
        ...named('Yamada^Tarou', '山田^太郎', 'やまだ^たろう'),
        '00081080': attribute('LO', 'a', 'b'),
        '00404025': attribute(
          'SQ',
          { ...code('CXR-AI-01'), '00080102': attribute('SH', '99OTHER') },
          { ...code('CT-1'), '00080102': attribute('SH', '99SITE') },
        ),
      }),
    }
    const NAMES = Object.keys(WORKITEMS)
    const UID: Readonly<Record<string, string>> = Object.fromEntries(NAMES.map((name) => [name, nextUid()]))

    const KEYS: readonly [string, string][] = [
      // As PS3.18 11.10 has them.
      ['deletionlock=false&filter=ProcedureStepState%3DSCHEDULED,00100020%3DAI-4711', 'AI'],
      ['filter=ProcedureStepState%3DSCHEDULED%2C00100020%3DAI-4711', 'AI'],
      ['filter=ProcedureStepState=SCHEDULED,00100020=AI-4711', 'AI'],
      ['filter=ProcedureStepState%3DSCHEDULED&filter=00100020%3DAI-4711', 'AI'],
      ['FILTER=PatientID%3DAI-4711', 'AI'],
      ['filter=PatientID%3DAI-4711,ProcedureStepState%3DCANCELED', ''],
      ['filter=PatientID%3DAI-4711,WorklistLabel%3DAI,ScheduledProcedureStepPriority%3DHIGH', 'AI'],
      ['filter=PatientID%3DAI-4711,WorklistLabel%3DAI,ScheduledProcedureStepPriority%3DLOW', ''],
      ['filter=ProcedureStepState%3DSCHEDULED', 'AI RT JP'],
      ['filter=,PatientID%3DAI-4711,', 'AI'],
      // Parameters of their own.
      ['PatientID=AI-4711', 'AI'],
      ['00100020=AI-4711', 'AI'],
      ['ProcedureStepState=SCHEDULED&PatientID=AI-4711&deletionlock=true', 'AI'],
      ['ProcedureStepState=SCHEDULED&WorklistLabel=', 'AI RT JP'],
      ['PatientID=AI-4711&filter=WorklistLabel%3DAI', 'AI'],
      ['PatientID=AI-4711&filter=WorklistLabel%3DOther', ''],
      ['WorklistLabel=Kyoto%2C%20one', 'JP'],
      ['WorklistLabel=Kyoto%2C+one', 'JP'],
      // Hex, and sequences.
      ['0040a370.00080050=ACC2', 'AI'],
      ['0040A370.00080050=ACC2', 'AI'],
      ['filter=0040a370.00080050%3DACC2', 'AI'],
      ['filter=ReferencedRequestSequence.AccessionNumber%3DACC2', 'AI'],
      ['filter=ReferencedRequestSequence.00080050%3DACC2', 'AI'],
      ['ScheduledStationNameCodeSequence.CodeValue=CXR-AI-01', 'AI JP'],
      ['filter=ScheduledStationNameCodeSequence.CodeValue%3DCXR-AI-01', 'AI JP'],
      ['filter=ScheduledStationNameCodeSequence.CodeValue%3DCXR-AI-01,00404025.CodingSchemeDesignator%3D99SITE', 'AI'],
      ['ScheduledHumanPerformersSequence.HumanPerformerCodeSequence.CodeValue=THER1', 'RT'],
      // Any of several values.
      ['PatientID=AI-4711,PAT1', 'AI RT'],
      ['filter=PatientID%3DAI-4711%2CPAT1', 'AI RT'],
      ['filter=PatientID%3DAI-4711,PAT1', 'AI RT'],
      ['filter=PatientID%3DAI-4711%2CPAT1,WorklistLabel%3DAI', 'AI'],
      ['filter=ProcedureStepState%3DCANCELED%2CSCHEDULED%2CPatientID%3DPAT1', 'RT'],
      ['ReferencedRequestSequence.StudyInstanceUID=1.2.3,1.2.826.0.1.3680043.8.498.4.3', 'AI'],
      // Types of matching.
      ['PatientID=AI-*', 'AI'],
      ['filter=PatientID%3DPAT%3F', 'RT'],
      ['PatientID=ai-4711', ''],
      ['PatientBirthDate=19601201-19601231', 'AI RT'],
      ['ScheduledProcedureStepStartDateTime=20261122083000%2B0000', 'AI'],
      ['filter=ScheduledProcedureStepStartDateTime%3D20261122083000%2B0000-20261122083000%2B0000', 'AI'],
      ['filter=ScheduledProcedureStepStartDateTime%3D20260201-20260401', 'RT'],
      // Flags.
      ['PatientName=Jurgen%20Muller', ''],
      ['PatientName=Jurgen%20Muller&fuzzymatching=true', 'AI'],
      ['filter=PatientName%3DJurgen%20Miller&FuzzyMatching=1', 'AI'],
      ['PatientName=Jurgen%20Muller&fuzzymatching=false', ''],
      ['AdmittingDiagnosesDescription=%22%22&emptyvaluematching=true', 'AI'],
      ['filter=AdmittingDiagnosesDescription%3D%22%22&emptyvaluematching=TRUE', 'AI'],
      ['AdmittingDiagnosesDescription=%22%22', ''],
      ['AdmittingDiagnosesDescription=b,a&multiplevaluematching=true', 'JP'],
      ['filter=AdmittingDiagnosesDescription%3Db%2Ca&multiplevaluematching=1', 'JP'],
      ['AdmittingDiagnosesDescription=b,c&multiplevaluematching=true', ''],
      ['AdmittingDiagnosesDescription=b,c', 'JP'],
      // Names, without case and accents.
      ['PatientName=Müller', 'AI'],
      ['PatientName=muller', 'AI'],
      ['filter=PatientName%3DMÜLLER%5Ejurgen', 'AI'],
      ['filter=PatientName%3Dmu\u0308ller%5EJ*', 'AI'],
      ['PatientName=Müller^Hans', ''],
      ['PatientName=穆勒', 'AI'],
      ['PatientName=doe', 'RT'],
      ['PatientName=Doe^John^1', 'RT'],
      ['PatientName=山田', 'JP'],
      ['filter=PatientName%3D山田%5E太郎', 'JP'],
      ['filter=PatientName%3D%3D山田', 'JP'],
      ['PatientName=YAMADA=山田^太郎', 'JP'],
      ['PatientName===やまだ', 'JP'],
      ['PatientName=山*', 'JP'],
      ['PatientName=山田=', ''],
      ['PatientName=山', ''],
      ['PatientName=Müller,山田', 'AI JP'],
      ['filter=PatientName%3DMüller%2C山田', 'AI JP'],
    ]
    const encoded = (query: string): string => query.replace(/[^\x20-\x7e]+/g, encodeURIComponent)
    const rows = KEYS.map(([query, matching]) => ({
      query,
      matching: matching.split(' ').filter(Boolean),
      subscriber: nextAe(),
    }))

    let service: Service
    const at = new Subscribers(() => service)
    const later = (name: string): string => `${UID[name]}.1`
    before(async () => {
      service = await startService({ strictness: 'lenient' })
      for (const name of NAMES) await at.create(UID[name] ?? '', WORKITEMS[name])
      for (const { query, subscriber } of rows) {
        expectSuccess(await at.subscribe(FILTERED, subscriber, encoded(query)), service.aet(), 201)
      }
      for (const name of NAMES) await at.create(later(name), WORKITEMS[name])
    })
    after(() => service.stop())

    for (const { query, matching, subscriber } of rows) {
      it(`${query} covers ${matching.join(', ') || 'none'}, existing and future`, async () => {
        const deletionLock = query.includes('deletionlock=true')
        for (const name of NAMES) {
          const expected = matching.includes(name) ? { subscriber, deletionLock, by: ['filtered'] } : undefined
          expect(await at.holder(UID[name] ?? '', subscriber), `existing ${name}`).to.deep.equal(expected)
          expect(await at.holder(later(name), subscriber), `future ${name}`).to.deep.equal(expected)
        }
        const created = (await at.news(subscriber)).filter(({ event }) => event === 'UPS State Report')
        expect(created.map(({ uid }) => uid)).to.deep.equal(NAMES.filter((name) => matching.includes(name)).map(later))
      })
    }
  })

  describe('A filter that cannot be used is 0115, names what is wrong, and changes nothing', () => {
    const BAD: readonly [string, string, RegExp][] = [
      ['PatientIDs', 'X', /PatientIDs/],
      ['Nonsense', '1', /Nonsense/],
      ['00109999', '1', /00109999/],
      ['00100000', '1', /00100000/],
      ['ReferencedRequestSequence.Nonsense', '1', /Nonsense/],
      ['PatientID.CodeValue', '1', /PatientID\.CodeValue/],
      ['TransactionUID', '1.2.3', /TransactionUID.*Transaction UID/],
      ['00081195', '1.2.3', /00081195.*Transaction UID/],
      ['ReferencedRequestSequence.00081195', '1.2.3', /00081195/],
      ['PatientBirthDate', '19601301', /PatientBirthDate.*date/],
      ['PatientBirthDate', '20260102-20260101', /PatientBirthDate/],
      ['ScheduledProcedureStepStartDateTime', 'tomorrow', /ScheduledProcedureStepStartDateTime.*tomorrow/],
      ['StudyInstanceUID', '1.2.*', /StudyInstanceUID.*1\.2\.\*/],
      ['ReferencedRequestSequence.StudyInstanceUID', '1.2.%3F', /ReferencedRequestSequence\.StudyInstanceUID/],
      ['StudyInstanceUID', '1.02', /StudyInstanceUID/],
      ['ProcedureStepState', 'DONE', /ProcedureStepState.*DONE/],
      ['ProcedureStepState', 'scheduled', /ProcedureStepState.*scheduled/],
      ['00404041', 'SOON', /00404041.*SOON/],
      ['ScheduledProcedureStepPriority', 'URGENT', /ScheduledProcedureStepPriority.*URGENT/],
      ['ScheduledStationNameCodeSequence', 'X', /ScheduledStationNameCodeSequence/],
    ]
    let service: Service
    const at = new Subscribers(() => service)
    before(async () => {
      service = await startService()
      await at.create('1.2.3')
      await succeeds(at.subscribe(FILTERED, 'FILTERED', 'filter=PatientID%3DKEPT'))
    })
    after(() => service.stop())

    async function expectRefused(query: string, detail: RegExp): Promise<void> {
      // The one that has a filter keeps it; for one workitem, too, the keys are looked at.
      for (const [target, subscriber] of [
        [FILTERED, 'FILTERED'],
        [FILTERED, 'NEW'],
        [WORKLIST, 'NEW'],
        ['1.2.3', 'NEW'],
      ] as const) {
        const answer = await untouched(service, ['1.2.3'], () => at.subscribe(target, subscriber, query))
        expectRefusal(answer, service.aet(), 'invalidArgument', { detail })
      }
    }

    for (const [key, value, detail] of BAD) {
      it(`${key}=${value}`, async () => {
        await expectRefused(`${key}=${value}`, detail)
        await expectRefused(`filter=PatientID%3DX,${key}%3D${value}`, detail)
        await expectRefused(`filter=${key}%3D${value}%2CPatientID%3DX`, detail)
      })
    }

    const LISTS: readonly [string, RegExp][] = [
      ['PatientID=A&PatientID=B', /PatientID.*once/],
      ['PatientID=A&00100020=A', /00100020.*once/],
      ['filter=PatientID%3DA,00100020%3DB', /00100020.*once/],
      ['filter=PatientID%3DA&PatientID=B', /PatientID.*once/],
      ['filter=SCHEDULED', /attribute=value/],
      ['filter=patientID%3DX', /attribute=value/],
      ['filter=PatientID', /attribute=value/],
      ['filter=Nonsense%3D1,PatientBirthDate%3Dx', /Nonsense.*PatientBirthDate/],
    ]
    for (const [query, detail] of LISTS) it(query, () => expectRefused(query, detail))

    const PARAMETERS: readonly [string, RegExp][] = [
      ['filter=PatientID%3DX&fuzzymatching=maybe', /fuzzymatching/],
      ['PatientID=X&EmptyValueMatching=2', /emptyvaluematching/],
      ['PatientID=X&multiplevaluematching=', /multiplevaluematching/],
      ['PatientID=X&fuzzymatching=true&fuzzymatching=false', /fuzzymatching/],
      ['PatientID=X&deletionlock=maybe', /deletionlock/],
      ['filter=PatientID%3', /percent-encoded/],
      ['filter=PatientName%3DM%FCller', /percent-encoded/],
      ['%E4=X', /percent-encoded/],
    ]
    for (const [query, detail] of PARAMETERS) {
      it(`${query} is 400`, async () => {
        const answer = await untouched(service, ['1.2.3'], () => at.subscribe(FILTERED, 'FILTERED', query))
        expectRefusal(answer, service.aet(), 'malformedParameter', { detail })
      })
    }

    it('no detail and no Warning repeats the name of a patient', async () => {
      const answer = await at.subscribe(FILTERED, 'NEW', 'filter=PatientName%3DGeheim%5EA%5EB%5EC%5ED%5EE%5EF')
      expectRefusal(answer, service.aet(), 'invalidArgument', { detail: /PatientName/ })
      expect(answer.text).not.to.include('Geheim')
    })
  })

  describe('While workitems change', () => {
    let service: Service
    before(async () => {
      service = await startService()
    })
    after(() => service.stop())
    const at = new Subscribers(() => service)
    afterEach(() => at.unsubscribeEverybody())

    async function workitem(dataset?: Dataset): Promise<string> {
      const uid = nextUid()
      await at.create(uid, dataset === undefined ? undefined : unassigned(dataset))
      return uid
    }
    const filterBy = (subscriber: string, value: string, more = ''): Promise<unknown> =>
      succeeds(at.subscribe(FILTERED, subscriber, `filter=WorklistLabel%3D${value}${more}`))
    const isHolder = async (uid: string, subscriber: string) => (await at.holder(uid, subscriber)) !== undefined

    const ENTERING: readonly [string, string, (uid: string) => Promise<unknown>, string, Dataset?][] = [
      [
        'an update',
        'WorklistLabel%3DENTERED',
        (uid) =>
          at.update(uid, {
            ...label('ENTERED'),
            ...readiness('UNAVAILABLE'),
            '00404025': attribute('SQ', code('ROOM')),
          }),
        'SCHEDULED',
        readiness('UNAVAILABLE'),
      ],
      [
        'an update while IN PROGRESS',
        'ProcedureStepState%3DIN%20PROGRESS,WorklistLabel%3DENTERED',
        async (uid) => {
          await at.changeState(uid, 'IN PROGRESS')
          await at.update(
            uid,
            { ...label('ENTERED'), '00741002': attribute('SQ', { '00741004': attribute('DS', 5) }) },
            TRANSACTION_UID,
          )
        },
        'IN PROGRESS',
      ],
      [
        'a change of its state',
        'ProcedureStepState%3DIN%20PROGRESS',
        (uid) => at.changeState(uid, 'IN PROGRESS'),
        'IN PROGRESS',
      ],
      [
        'a cancel request',
        'ProcedureStepState%3DCANCELED',
        (uid) => succeeds(post(at.url(uid, '/cancelrequest'), { '0074100E': attribute('SQ', code('ABSENT')) })),
        'CANCELED',
        { '0074100E': attribute('SQ', code('ABSENT')) },
      ],
    ]
    for (const lock of [true, false]) {
      for (const [name, filter, enter, state, more] of ENTERING) {
        it(`one that begins to match by ${name} is subscribed ${lock ? 'with lock' : 'w/o lock'}, with one State Report`, async () => {
          const [uid, subscriber, other] = [await workitem(), nextAe(), nextAe()]
          await succeeds(at.subscribe(FILTERED, subscriber, `deletionlock=${lock}&filter=${filter}`))
          await filterBy(other, 'OTHERS')
          // Reports of other workitems of this run, which match already.
          await at.announcedNews(subscriber)
          await enter(uid)
          expect(await at.news(subscriber)).to.deep.equal([stateReport(uid, state, more)])
          expect(await at.news(other)).to.deep.equal([])
          expect(await at.holders(uid)).to.deep.equal([{ subscriber, deletionLock: lock, by: ['filtered'] }])
        })
      }
    }

    it('one that stops matching stays subscribed, and gets nothing extra when it matches again', async () => {
      const [uid, subscriber] = [await workitem(label('IN')), nextAe()]
      await filterBy(subscriber, 'IN', '&deletionlock=true')
      await at.announcedNews(subscriber)
      await at.update(uid, label('OUT'))
      const held = [{ subscriber, deletionLock: true, by: ['filtered'] }]
      expect(await at.holders(uid)).to.deep.equal(held)
      await at.update(uid, readiness('UNAVAILABLE'))
      expect(await at.news(subscriber)).to.deep.equal([stateReport(uid, 'SCHEDULED', readiness('UNAVAILABLE'))])
      await at.update(uid, label('IN'))
      expect(await at.news(subscriber)).to.deep.equal([])
      expect(await at.holders(uid)).to.deep.equal(held)
    })

    it('one that was unsubscribed while it matches is subscribed again by the next transition only', async () => {
      for (const existing of [true, false]) {
        const subscriber = nextAe()
        const early = existing ? await workitem(label('IN')) : undefined
        await filterBy(subscriber, 'IN')
        const uid = early ?? (await workitem(label('IN')))
        await succeeds(at.unsubscribe(uid, subscriber))
        await at.news(subscriber)
        await at.update(uid, readiness('UNAVAILABLE'))
        await at.update(uid, { '00741204': attribute('LO', 'Another') })
        await at.update(uid, label('OUT'))
        expect(await isHolder(uid, subscriber)).to.equal(false)
        expect(await at.news(subscriber)).to.deep.equal([])
        await at.update(uid, { ...label('IN'), ...readiness('READY') })
        expect(await at.news(subscriber)).to.deep.equal([stateReport(uid, 'SCHEDULED')])
        expect(await isHolder(uid, subscriber)).to.equal(true)
        await at.unsubscribeEverybody()
      }
    })

    it('one that was unsubscribed is subscribed again when the filter is given again, as the table has it', async () => {
      for (const [query, reported] of [
        ['', false],
        ['&deletionlock=true', true],
      ] as const) {
        const subscriber = nextAe()
        await filterBy(subscriber, 'IN', query)
        const uid = await workitem(label('IN'))
        await succeeds(at.unsubscribe(uid, subscriber))
        await at.announcedNews(subscriber)
        await filterBy(subscriber, 'IN', query)
        expect(await at.announcedNews(subscriber)).to.deep.equal(reported ? [stateReport(uid, 'SCHEDULED')] : [])
        expect((await at.holder(uid, subscriber))?.deletionLock).to.equal(reported)
        await at.unsubscribeEverybody()
      }
    })

    it('a new filter replaces the old one: what the old one made stays, and it makes nothing more', async () => {
      const [subscriber, early] = [nextAe(), await workitem(label('OLD'))]
      await filterBy(subscriber, 'OLD', '&deletionlock=true')
      const [old, waiting, third] = [await workitem(label('OLD')), await workitem(label('NEW')), await workitem()]
      await at.announcedNews(subscriber)
      await filterBy(subscriber, 'NEW')
      expect(await at.announcedNews(subscriber), 'without lock nothing is announced').to.deep.equal([])
      const [afterOld, afterNew] = [await workitem(label('OLD')), await workitem(label('NEW'))]
      await at.update(third, label('OLD'))
      expect(await at.news(subscriber)).to.deep.equal([stateReport(afterNew, 'SCHEDULED')])
      const found: (boolean | undefined)[] = []
      for (const uid of [early, old, waiting, third, afterOld, afterNew]) {
        found.push((await at.holder(uid, subscriber))?.deletionLock)
      }
      expect(found).to.deep.equal([true, true, false, undefined, undefined, false])
      // Under the new filter the old values still mean nothing, whatever is committed meanwhile.
      await at.update(third, readiness('UNAVAILABLE'))
      await at.update(third, label('NEW'))
      expect(await at.news(subscriber)).to.deep.equal([stateReport(third, 'SCHEDULED', readiness('UNAVAILABLE'))])
    })

    it('a filter beside a global or an explicit subscription makes no second report', async () => {
      const [everything, single] = [nextAe(), nextAe()]
      const uid = await workitem()
      await succeeds(at.subscribe(WORKLIST, everything))
      await succeeds(at.subscribe(uid, single, 'deletionlock=true'))
      for (const subscriber of [everything, single]) await filterBy(subscriber, 'IN')
      await at.newsOf(everything, single)
      await at.update(uid, { ...label('IN'), ...readiness('UNAVAILABLE') })
      const news = [stateReport(uid, 'SCHEDULED', readiness('UNAVAILABLE'))]
      expect(await at.newsOf(everything, single)).to.deep.equal({ [everything]: news, [single]: news })
      await at.update(uid, label('OUT'))
      expect(await at.newsOf(everything, single)).to.deep.equal({ [everything]: [], [single]: [] })
      expect(await at.holder(uid, single)).to.deep.include({ deletionLock: true })
      // What only the filter made goes with it; what something else made as well stays.
      const filteredOnly = await workitem(label('IN'))
      await succeeds(at.unsubscribe(WORKLIST, everything))
      for (const subscriber of [everything, single]) {
        expect(await isHolder(filteredOnly, subscriber)).to.equal(true)
      }
    })

    it('a suspended filter makes nothing more', async () => {
      const [subscriber, uid] = [nextAe(), await workitem()]
      await filterBy(subscriber, 'IN')
      const before = await workitem(label('IN'))
      await at.news(subscriber)
      expectSuccess(await at.suspend(FILTERED, subscriber), service.aet(), 200)
      await at.update(uid, label('IN'))
      await workitem(label('IN'))
      expect(await at.news(subscriber)).to.deep.equal([])
      expect(await isHolder(uid, subscriber)).to.equal(false)
      await at.update(before, readiness('UNAVAILABLE'))
      expect(await at.news(subscriber)).to.have.length(1)
    })
  })

  describe('Several AEs, filters that change, names beyond ASCII', () => {
    /** The plugin over a store that outlives it. */
    async function serve(file: string): Promise<Service> {
      const store = openSqliteStore({ file })
      const plugin = createUpsPlugin({ store, allowedHosts: ['127.0.0.1'] })
      await plugin.start()
      const server = createServer(plugin.callback())
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const url = `http://127.0.0.1:${port}`
      return {
        plugin,
        store,
        port,
        url,
        aet: (title = 'WORKLIST') => `${url}/aets/${title}/rs`,
        feed: () => store.readFeed(undefined, Number.MAX_SAFE_INTEGER),
        async stop() {
          const gone = new Promise((resolve) => server.close(resolve))
          await plugin.stop()
          server.closeAllConnections()
          await gone
          await store.close()
        },
      }
    }

    const [MUELLER, YAMADA] = [
      'filter=PatientName%3DJurgen%20MULLER&fuzzymatching=true',
      `filter=PatientName%3D%3D${encodeURIComponent('山田^太郎')}`,
    ]
    const STEPS: readonly ((at: Subscribers) => Promise<unknown>)[] = [
      (at) => succeeds(at.subscribe(FILTERED, 'ONE', `deletionlock=true&${MUELLER}`)),
      (at) => succeeds(at.subscribe(FILTERED, 'TWO', YAMADA)),
      (at) => at.create('1.1', unassigned(named('Müller^Jürgen'))),
      (at) => at.create('1.2', unassigned(named('Yamada^Tarou', '山田^太郎'))),
      (at) => at.create('1.3', unassigned(named('Doe^John'))),
      (at) => succeeds(at.subscribe(FILTERED, 'ONE', YAMADA)),
      (at) => at.create('1.4', unassigned(named('Yamada^Tarou', '山田^太郎'))),
      (at) => at.create('1.5', unassigned(named('MU\u0308LLER^Ilse'))),
      (at) => succeeds(at.unsubscribe('1.2', 'TWO')),
      (at) => succeeds(at.suspend(FILTERED, 'ONE')),
      (at) => at.update('1.2', readiness('UNAVAILABLE')),
      (at) => at.create('1.6', unassigned(named('', '山田^太郎'))),
      (at) => at.changeState('1.1', 'IN PROGRESS'),
      (at) => succeeds(at.subscribe(WORKLIST, 'TWO', 'deletionlock=true')),
      (at) => at.announcedNews('TWO'),
      (at) => at.update('1.2', readiness('READY')),
      (at) => succeeds(at.unsubscribe(FILTERED, 'TWO')),
      (at) => at.update('1.4', readiness('UNAVAILABLE')),
      (at) => succeeds(at.subscribe('1.5', 'ONE')),
      (at) => succeeds(at.suspend(WORKLIST, 'TWO')),
      (at) => at.create('1.7'),
      (at) => succeeds(at.subscribe(WORKLIST, 'THREE')),
      (at) => succeeds(at.unsubscribe('1.3', 'THREE')),
      (at) => succeeds(at.subscribe(WORKLIST, 'THREE')),
      (at) => at.update('1.3', readiness('UNAVAILABLE')),
    ]
    /** With lock: true. */
    const HELD: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
      '1.1': { ONE: true, TWO: true, THREE: false },
      '1.2': { ONE: false, TWO: true, THREE: false },
      '1.3': { TWO: true, THREE: false },
      '1.4': { ONE: false, TWO: false, THREE: false },
      '1.5': { ONE: false, TWO: true, THREE: false },
      '1.6': { TWO: false, THREE: false },
      '1.7': { THREE: false },
    }
    const off = readiness('UNAVAILABLE')
    const REPORTS = {
      ONE: [
        stateReport('1.1', 'SCHEDULED'),
        stateReport('1.4', 'SCHEDULED'),
        stateReport('1.2', 'SCHEDULED', off),
        stateReport('1.1', 'IN PROGRESS'),
        stateReport('1.2', 'SCHEDULED'),
        stateReport('1.4', 'SCHEDULED', off),
        stateReport('1.5', 'SCHEDULED'),
      ],
      TWO: [
        stateReport('1.2', 'SCHEDULED'),
        stateReport('1.4', 'SCHEDULED'),
        stateReport('1.6', 'SCHEDULED'),
        // Owed since the global subscription with lock.
        stateReport('1.1', 'IN PROGRESS'),
        stateReport('1.2', 'SCHEDULED', off),
        stateReport('1.3', 'SCHEDULED'),
        stateReport('1.5', 'SCHEDULED'),
        stateReport('1.2', 'SCHEDULED'),
        stateReport('1.4', 'SCHEDULED', off),
        stateReport('1.3', 'SCHEDULED', off),
      ],
      THREE: [stateReport('1.3', 'SCHEDULED', off)],
    }

    for (const restarting of [false, true]) {
      it(`lose nothing and get nothing extra, ${restarting ? 'with a restart before each step' : 'without a restart'}`, async () => {
        const folder = temporaryFolder()
        const file = join(folder.path, 'worklist.db')
        let service = await serve(file)
        const at = () => new Subscribers(() => service)
        try {
          for (const step of STEPS) {
            if (restarting) {
              await service.stop()
              service = await serve(file)
            }
            await step(at())
          }
          expect(await at().newsOf('ONE', 'TWO', 'THREE')).to.deep.equal(REPORTS)
          for (const [uid, expected] of Object.entries(HELD)) {
            const found = (await at().holders(uid)).map(({ subscriber, deletionLock }) => [subscriber, deletionLock])
            expect(Object.fromEntries(found), uid).to.deep.equal(expected)
          }
        } finally {
          await service.stop()
          folder.remove()
        }
      })
    }
  })
})
