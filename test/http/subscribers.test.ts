import { expect } from 'chai'
import { deleteWorkitem } from '../support/deletion.ts'
import { type Answer, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { attribute } from './datasets.ts'
import { expectRefusal, expectSuccess } from './refusal.ts'
import {
  expectSubscriptionRefusal,
  FILTERED,
  stateReport,
  Subscribers,
  succeeds,
  unassigned,
  untouched,
  WORKLIST,
} from './subscriptions.ts'
import { wire } from './wire.ts'

interface Listed {
  readonly subscriber: string
  readonly global?: { readonly deletionLock: boolean }
  readonly filtered?: { readonly deletionLock: boolean; readonly filter: unknown }
  readonly channels: number
  readonly waiting: number
  readonly dropped: number
}

interface Listing {
  readonly subscribers: readonly Listed[]
  readonly workitems?: readonly {
    readonly uid: string
    readonly deletionLock: boolean
    readonly by: readonly string[]
  }[]
  readonly next?: number
}

let last = 0
const nextUid = (): string => `1.2.72.${++last}`
const nextAe = (): string => `AE_${++last}`

describe('Listing of subscriptions', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())
  const at = new Subscribers(() => service)
  afterEach(() => at.unsubscribeEverybody())

  async function workitem(label?: string): Promise<string> {
    const uid = nextUid()
    await at.create(uid, unassigned(label === undefined ? {} : { '00741202': attribute('LO', label) }))
    return uid
  }

  const list = (query = ''): Promise<Answer> => send(`${service.aet()}/subscribers${query === '' ? '' : `?${query}`}`)
  const listed = async (query = ''): Promise<Listing> => (await succeeds(list(query))).json() as Listing
  const listedOf = async (subscriber: string): Promise<Listed | undefined> =>
    (await listed()).subscribers.find((one) => one.subscriber === subscriber)
  const heldBy = async (subscriber: string, more = '') =>
    (await listed(`subscriber=${encodeURIComponent(subscriber)}${more}`)).workitems

  const expectJson = (answer: Answer): void => {
    expect(answer.status, answer.text).to.equal(200)
    expect(answer.headers.get('content-type')).to.equal('application/json')
    for (const name of ['warning', 'location', 'content-location']) expect(answer.headers.get(name)).to.equal(null)
  }

  describe('GET workitems/{uid}/subscribers', () => {
    const url = (uid: string): string => at.url(uid, '/subscribers')

    it('shows who is subscribed, who holds a lock, and why; it changes nothing', async () => {
      const [plain, locked, everything, matching, all] = [nextAe(), nextAe(), nextAe(), nextAe(), nextAe()]
      const uid = await workitem('LISTED')
      const answer = await send(url(uid))
      expectJson(answer)
      expect(answer.json()).to.deep.equal({ subscribers: [] })
      await succeeds(at.subscribe(uid, plain))
      await succeeds(at.subscribe(uid, locked, 'deletionlock=true'))
      await succeeds(at.subscribe(WORKLIST, everything, 'deletionlock=true'))
      await succeeds(at.subscribe(FILTERED, matching, 'filter=WorklistLabel%3DLISTED'))
      await succeeds(at.subscribe(FILTERED, all, 'filter=WorklistLabel%3DLISTED'))
      await succeeds(at.subscribe(WORKLIST, all))
      await succeeds(at.subscribe(uid, all))
      const expected = [
        { subscriber: plain, deletionLock: false, by: ['explicit'] },
        { subscriber: locked, deletionLock: true, by: ['explicit'] },
        { subscriber: everything, deletionLock: true, by: ['global'] },
        { subscriber: matching, deletionLock: false, by: ['filtered'] },
        { subscriber: all, deletionLock: false, by: ['filtered', 'global', 'explicit'] },
      ]
      const { subscribers } = (await untouched(service, [uid], () => send(url(uid)))).json() as Listing
      expect(subscribers).to.have.deep.members(expected)

      await succeeds(at.unsubscribe(uid, locked))
      await succeeds(at.unsubscribe(uid, all))
      await succeeds(at.subscribe(uid, everything))
      expect(await at.holders(uid)).to.have.deep.members([
        expected[0],
        { subscriber: everything, deletionLock: false, by: ['global', 'explicit'] },
        expected[3],
      ])
      expect(await at.holders(await workitem())).to.have.deep.members([
        { subscriber: everything, deletionLock: true, by: ['global'] },
        { subscriber: all, deletionLock: false, by: ['global'] },
      ])
    })

    it('shows a lock on a finished workitem until the ordinary Unsubscribe removes it, whoever sends that', async () => {
      const [uid, orphan] = [await workitem(), nextAe()]
      await succeeds(at.subscribe(uid, orphan, 'deletionlock=true'))
      await at.changeState(uid, 'IN PROGRESS')
      await at.changeState(uid, 'CANCELED')
      expect(await at.holders(uid)).to.deep.equal([{ subscriber: orphan, deletionLock: true, by: ['explicit'] }])
      expect(await heldBy(orphan)).to.deep.equal([{ uid, deletionLock: true, by: ['explicit'] }])
      expectSuccess(await at.unsubscribe(uid, orphan), service.aet(), 200)
      expect(await at.holders(uid)).to.deep.equal([])
      expect(await heldBy(orphan)).to.deep.equal([])
    })

    it('removes an orphaned global lock in the same way', async () => {
      const [uid, orphan] = [await workitem(), nextAe()]
      await succeeds(at.subscribe(WORKLIST, orphan, 'deletionlock=true'))
      expect(await at.holder(uid, orphan)).to.deep.include({ deletionLock: true })
      expectSuccess(await at.unsubscribe(uid, orphan), service.aet(), 200)
      expect(await at.holder(uid, orphan)).to.equal(undefined)
      expect((await listedOf(orphan))?.global).to.deep.equal({ deletionLock: true })
      const other = await workitem()
      expectSuccess(await at.unsubscribe(WORKLIST, orphan), service.aet(), 200)
      expect(await at.holder(other, orphan)).to.equal(undefined)
      expect(await listedOf(orphan)).to.equal(undefined)
    })

    it('is the same through every AE of the device', async () => {
      const uid = await workitem()
      await succeeds(at.subscribe(uid, 'TMS'))
      const answer = await send(`${service.aet('RADONC')}/workitems/${uid}/subscribers`)
      expect(answer.text).to.equal((await send(url(uid))).text)
    })

    it('is 404 for an unknown workitem and for the well-known ones, 410 for one that was deleted', async () => {
      for (const uid of ['1.2.3.4', WORKLIST]) expectRefusal(await send(url(uid)), service.aet(), 'notFound')
      const uid = await workitem()
      await deleteWorkitem(service.store, uid)
      expectRefusal(await send(url(uid)), service.aet(), 'gone')
      expectRefusal(await send(url('1..2')), service.aet(), 'invalidArgument', { detail: /Workitem UID.*1\.\.2/ })
      const elsewhere = await send(`${service.aet('NOBODY')}/workitems/${uid}/subscribers`)
      expectRefusal(elsewhere, service.aet('NOBODY'), 'unknownAE', { detail: /NOBODY/ })
    })
  })

  describe('GET subscribers', () => {
    it('shows the global subscriptions of every AE that has any subscription, and what waits', async () => {
      const [global, filtered, single, both] = [nextAe(), nextAe(), nextAe(), nextAe()]
      const uid = await workitem()
      await succeeds(at.subscribe(WORKLIST, global))
      await succeeds(at.subscribe(FILTERED, filtered, 'deletionlock=1&filter=WorklistLabel%3DLISTED'))
      await succeeds(at.subscribe(uid, single))
      await succeeds(at.subscribe(uid, single))
      await succeeds(at.subscribe(WORKLIST, both, 'deletionlock=true'))
      await succeeds(at.subscribe(FILTERED, both, 'WorklistLabel=Nothing'))
      const answer = await untouched(service, [uid], () => list())
      expectJson(answer)
      const idle = { channels: 0, waiting: 0, dropped: 0 }
      const { subscribers, workitems } = answer.json() as Listing
      expect(workitems).to.equal(undefined)
      const titles = subscribers.map(({ subscriber }) => subscriber)
      expect(titles, 'in order').to.deep.equal(titles.toSorted())
      const [first, second, third, fourth] = [global, filtered, single, both].map((title) =>
        subscribers.find(({ subscriber }) => subscriber === title),
      )
      expect(first).to.deep.equal({ subscriber: global, global: { deletionLock: false }, ...idle })
      expect(second).to.deep.include({ subscriber: filtered, ...idle })
      expect(second?.filtered).to.include({ deletionLock: true })
      expect(JSON.stringify(second?.filtered?.filter)).to.match(/LISTED/)
      expect(third).to.deep.equal({ subscriber: single, ...idle, waiting: 2 })
      expect(fourth).to.deep.include({ global: { deletionLock: true } })
      expect(fourth?.filtered).to.include({ deletionLock: false })

      await succeeds(at.suspend(WORKLIST, both))
      await succeeds(at.subscribe(FILTERED, both, 'WorklistLabel=Something'))
      expect((await listedOf(both))?.global).to.equal(undefined)
      expect(JSON.stringify(await listedOf(both)))
        .to.match(/Something/)
        .and.not.to.match(/Nothing/)
      for (const [target, subscriber] of [
        [WORKLIST, global],
        [FILTERED, filtered],
        [uid, single],
        [FILTERED, both],
      ] as const) {
        await succeeds(at.unsubscribe(target, subscriber))
        expect(await listedOf(subscriber)).to.equal(undefined)
      }
    })

    it('shows the workitems of one AE in order of creation, page by page', async () => {
      const [subscriber, other] = ['A B', nextAe()]
      const uids: string[] = []
      for (let count = 0; count < 5; count++) uids.push(await workitem())
      for (const uid of uids.toReversed())
        await succeeds(at.subscribe(uid, subscriber, `deletionlock=${uid === uids[0]}`))
      await succeeds(at.subscribe(uids[0] ?? '', other))
      const all = uids.map((uid) => ({ uid, deletionLock: uid === uids[0], by: ['explicit'] }))
      const answer = await list('subscriber=A%20B')
      expectJson(answer)
      expect(answer.json()).to.deep.equal({
        subscribers: [{ subscriber, channels: 0, waiting: 5, dropped: 0 }],
        workitems: all,
      })
      const page = async (query: string): Promise<Listing> =>
        (await list(`subscriber=A%20B&${query}`)).json() as Listing
      const first = await page('limit=2')
      expect(first.workitems).to.deep.equal(all.slice(0, 2))
      const second = await page(`limit=2&after=${first.next}`)
      expect(second.workitems).to.deep.equal(all.slice(2, 4))
      const third = await page(`LIMIT=2&After=${second.next}`)
      expect([third.workitems, third.next]).to.deep.equal([all.slice(4), undefined])
      expect(await heldBy(subscriber, '&limit=0')).to.deep.equal([])
      await succeeds(at.unsubscribe(uids[2] ?? '', subscriber))
      expect(await heldBy(subscriber)).to.deep.equal(all.filter((_, index) => index !== 2))
      for (const uid of uids) await at.unsubscribe(uid, subscriber)
    })

    it('counts what waits, and forgets it when it is receipted', async () => {
      const [subscriber, uid] = [nextAe(), await workitem()]
      await succeeds(at.subscribe(uid, subscriber))
      await at.changeState(uid, 'IN PROGRESS')
      expect(await listedOf(subscriber)).to.include({ waiting: 2, dropped: 0 })
      const [first] = await service.store.readBacklog(subscriber, undefined, 1)
      if (first) await service.store.receipt(subscriber, first.place)
      expect(await listedOf(subscriber)).to.include({ waiting: 1, dropped: 0 })
      expect(await at.news(subscriber)).to.deep.equal([stateReport(uid, 'IN PROGRESS')])
      await service.store.trimBacklog(subscriber, 0)
      expect(await listedOf(subscriber)).to.include({ waiting: 0, dropped: 1 })
    })

    it('does not begin again when the last workitem of a page is deleted before the next page is asked for', async () => {
      const subscriber = nextAe()
      const uids = [await workitem(), await workitem(), await workitem()]
      for (const uid of uids) await succeeds(at.subscribe(uid, subscriber))
      const first = (await list(`subscriber=${subscriber}&limit=2`)).json() as Listing
      await deleteWorkitem(service.store, uids[1] ?? '')
      const answer = await list(`subscriber=${subscriber}&after=${first.next}`)
      expect((answer.json() as Listing).workitems?.map(({ uid }) => uid)).to.deep.equal([uids[2]])
    })

    // What a filter made and lost again is no longer held, whoever is asked.
    it('agrees with the listing of the workitem', async () => {
      const subscriber = nextAe()
      await succeeds(at.subscribe(WORKLIST, subscriber))
      const uid = await workitem('LISTED')
      await succeeds(at.unsubscribe(uid, subscriber))
      await succeeds(at.subscribe(FILTERED, subscriber, 'deletionlock=true&WorklistLabel=LISTED'))
      await at.update(uid, { '00741204': attribute('LO', 'Recorded by this') })
      expect(await heldBy(subscriber)).to.deep.equal([{ uid, deletionLock: true, by: ['filtered'] }])
      await succeeds(at.unsubscribe(FILTERED, subscriber))
      expect(await at.holder(uid, subscriber)).to.equal(undefined)
      expect(await heldBy(subscriber)).to.deep.equal([])
    })

    it('refuses what it cannot read, and names it', async () => {
      for (const bad of ['SEVENTEEN_LETTERS', 'A%5CB', '%20', '', 'A%00', '%C3%84']) {
        expectRefusal(await list(`subscriber=${bad}`), service.aet(), 'invalidArgument', { detail: /subscriber/ })
      }
      for (const [query, detail] of [
        ['subscriber=A&subscriber=B', /subscriber/],
        ['subscriber=A&limit=x', /limit.*x/],
        ['subscriber=A&limit=-1', /limit/],
        ['subscriber=A&after=1.2&after=1.3', /after/],
        ['subscriber=%ZZ', /percent-encoded/],
      ] as const) {
        expectRefusal(await list(query), service.aet(), 'malformedParameter', { detail })
      }
      const elsewhere = await send(`${service.aet('NOBODY')}/subscribers`)
      expectRefusal(elsewhere, service.aet('NOBODY'), 'unknownAE', { detail: /NOBODY/ })
    })
  })

  describe('Resources', () => {
    const ask = (path: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      wire({ port: service.port, path: `/aets/WORKLIST${path}`, method, headers })

    const resources: readonly [string, readonly string[]][] = [
      ['/rs/workitems/1.2.3/subscribers', ['GET', 'HEAD', 'OPTIONS']],
      ['/rs/workitems/1.2.3/subscribers/TMS', ['POST', 'DELETE', 'OPTIONS']],
      [`/rs/workitems/${WORKLIST}/subscribers/TMS`, ['POST', 'DELETE', 'OPTIONS']],
      [`/rs/workitems/${FILTERED}/subscribers/TMS`, ['POST', 'DELETE', 'OPTIONS']],
      [`/rs/workitems/${WORKLIST}/subscribers/TMS/suspend`, ['POST', 'OPTIONS']],
      [`/rs/workitems/${FILTERED}/subscribers/TMS/suspend`, ['POST', 'OPTIONS']],
      ['/rs/subscribers', ['GET', 'HEAD', 'OPTIONS']],
    ]
    for (const [path, allowed] of resources) {
      it(`${path}: 405 with Allow, and OPTIONS`, async () => {
        for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'].filter(
          (one) => !allowed.includes(one),
        )) {
          const answer = await untouched(service, [], () => ask(path, method))
          expect(answer.headers.get('allow')?.split(', '), method).to.have.members([...allowed])
          if (method === 'HEAD') expect(answer.status).to.equal(405)
          else expectRefusal(answer, service.aet(), 'methodNotAllowed', { detail: new RegExp(method) })
        }
        const options = await ask(path, 'OPTIONS')
        expect(options.status).to.be.oneOf([200, 204])
        expect(options.headers.get('allow')?.split(', ')).to.have.members([...allowed])
      })
    }

    it('are listed by Retrieve Capabilities', async () => {
      const wadl = (await ask('/rs', 'OPTIONS')).text
      const { resources: described } = (await ask('/rs', 'OPTIONS', { Accept: 'application/json' })).json() as {
        readonly resources: readonly {
          readonly path: string
          readonly methods: readonly {
            readonly method: string
            readonly transaction: string
            readonly queryParameters: readonly string[]
          }[]
        }[]
      }
      const one = '/workitems/{workitem}/subscribers/{subscriber}'
      for (const [path, method, transaction, queryParameters] of [
        [one, 'POST', 'Subscribe', ['deletionlock', 'filter']],
        [one, 'DELETE', 'Unsubscribe', []],
        [`${one}/suspend`, 'POST', 'Suspend Global Subscription', []],
        ['/workitems/{workitem}/subscribers', 'GET', undefined, []],
        ['/subscribers', 'GET', undefined, ['subscriber', 'after', 'limit']],
      ] as const) {
        const found = described.find((resource) => resource.path === path)?.methods.find((it) => it.method === method)
        expect(found?.queryParameters, `${method} ${path}`).to.have.members([...queryParameters])
        if (transaction !== undefined) expect(found?.transaction).to.equal(transaction)
        expect(wadl).to.include(`path="${path.slice(1)}"`)
        for (const parameter of queryParameters) expect(wadl).to.include(`<param name="${parameter}" style="query"/>`)
      }
      expect(wadl).to.include('<param name="subscriber" style="template"/>')
    })

    const channels = ['/ws', '/rs', '/rs/ws'].map((front) => `${front}/subscribers/`)

    it('an event channel is 426 for a request that is no upgrade', async () => {
      for (const path of channels) {
        const answer = await ask(`${path}TMS`)
        expectSubscriptionRefusal(answer, service.aet(), 'upgradeRequired')
        expect(answer.headers.get('upgrade')?.toLowerCase()).to.equal('websocket')
        expect(answer.headers.get('connection')?.toLowerCase()).to.include('upgrade')
      }
    })

    it('an event channel is 404 for an AE that nobody here has, and 400 for what is no AE title', async () => {
      for (const path of channels) {
        const elsewhere = await wire({ port: service.port, path: `/aets/NOBODY${path}TMS` })
        expectRefusal(elsewhere, service.aet('NOBODY'), 'unknownAE', { detail: /NOBODY/ })
        const bad = await ask(`${path}SEVENTEEN_LETTERS`)
        expectRefusal(bad, service.aet(), 'invalidArgument', { detail: /SEVENTEEN_LETTERS/ })
      }
    })

    it('an event channel is 405 with Allow for other methods', async () => {
      for (const path of channels) {
        for (const method of ['POST', 'PUT', 'DELETE']) {
          const answer = await ask(`${path}TMS`, method)
          expectRefusal(answer, service.aet(), 'methodNotAllowed', { detail: new RegExp(method) })
          expect(answer.headers.get('allow')?.split(', ')).to.include('GET')
        }
      }
    })
  })
})
