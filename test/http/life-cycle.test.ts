import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { createUpsPlugin, type UpsPlugin } from '../../plugin/index.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Candidates } from '../../plugin/store/candidates.ts'
import type { Store } from '../../plugin/store/store.ts'
import { UpsError } from '../../plugin/errors.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { sampleText, stateChange } from '../support/workitems.ts'
import { expectRefusal } from './refusal.ts'

/** A store that waits, fails or answers as the test says, on top of a real one. */
interface Stage {
  readonly store: Store
  /** Commits wait until `release` is called; `reached` resolves when the first one waits. */
  hold(): { readonly reached: Promise<void>; readonly release: () => void }
  fail(operation: 'find' | 'load' | 'pages' | 'retrieve' | 'retrieveAll', behaves: () => Promise<never>): void
  heal(): void
}

function stage(real: Store): Stage {
  let gate: Promise<void> | undefined
  let arrived: (() => void) | undefined
  const failing = new Map<string, () => Promise<never>>()
  const or = <Result>(operation: string, work: () => Promise<Result>): Promise<Result> =>
    failing.get(operation)?.() ?? work()
  return {
    store: instead(real, {
      load: (uid) => or('load', () => real.load(uid)),
      retrieve: (uid) => or('retrieve', () => real.retrieve(uid)),
      find: (criteria) => or('find', async () => breaking(await real.find(criteria), () => failing.get('pages')?.())),
      retrieveAll: (uids) => or('retrieveAll', () => real.retrieveAll(uids)),
      commit: async (commit) => {
        arrived?.()
        await gate
        return real.commit(commit)
      },
    }),
    hold() {
      const opened = Promise.withResolvers<void>()
      const reached = Promise.withResolvers<void>()
      gate = opened.promise
      arrived = reached.resolve
      return { reached: reached.promise, release: opened.resolve }
    },
    fail: (operation, behaves) => void failing.set(operation, behaves),
    heal: () => failing.clear(),
  }
}

/** The store, with some of its operations replaced. */
/** Fails behind the first page. */
const breaking = (candidates: Candidates, fail: () => Promise<never> | undefined): Candidates => ({
  ...candidates,
  async *pages(skip) {
    let count = 0
    for await (const page of candidates.pages(skip)) {
      if (count++ > 0) await fail()
      yield page
    }
  },
})

const instead = (real: Store, others: Partial<Store>): Store =>
  new Proxy(real, {
    get(target, name) {
      const operation = (others[name as keyof Store] ?? target[name as keyof Store]) as (...args: unknown[]) => unknown
      return operation.bind(target)
    },
  })

const expectUnavailable = (answer: Answer, where: string): void => {
  expectRefusal(answer, where, 'unavailable')
  expect(Number(answer.headers.get('retry-after'))).to.be.above(0)
  expect(answer.text).not.to.match(/secret|stack|\.ts\b/)
}

const unavailable = (): Promise<never> =>
  Promise.reject(new UpsError('UPS_STORE_UNAVAILABLE', 'secret: no data', { cause: new Error('secret cause') }))

const broken = (): Promise<never> => Promise.reject(new TypeError('secret: programming error'))

describe('The service from before its start until after its stop', () => {
  let folder: Folder
  let server: Server
  let plugin: UpsPlugin
  let real: Store
  let staged: Stage
  let url: string
  beforeEach(async () => {
    folder = temporaryFolder()
    real = openSqliteStore({ file: join(folder.path, 'worklist.db') })
    staged = stage(real)
    plugin = createUpsPlugin({ store: staged.store })
    server = createServer(plugin.callback())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    await plugin.stop()
    const gone = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await gone
    await real.close()
    folder.remove()
  })

  const base = (): string => `${url}/aets/WORKLIST/rs`
  const create = (uid: string): Promise<Answer> => post(`${base()}/workitems?${uid}`, sampleText('ai-triage'))

  it('is 503 before start, on every path, and nothing is stored', async () => {
    for (const answer of [
      await create('1.2.3'),
      await send(`${base()}/workitems`),
      await send(`${url}/readyz`),
      await send(`${url}/nowhere`),
    ]) {
      expectUnavailable(answer, url)
    }
    expect(await real.count()).to.equal(0)
  })

  it('serves between start and stop, and is 503 after it', async () => {
    await plugin.start()
    expect((await create('1.2.3')).status).to.equal(201)
    await plugin.stop()
    expectUnavailable(await create('1.2.4'), url)
    expectUnavailable(await send(`${base()}/workitems/1.2.3`), url)
    expect(await real.count()).to.equal(1)
  })

  it('answers a request that is under way when stop begins, and then lets stop end', async () => {
    await plugin.start()
    const { reached, release } = staged.hold()
    const answer = create('1.2.3')
    await reached
    let stopped = false
    const stopping = plugin.stop().then(() => (stopped = true))
    const late = await create('1.2.4')
    expectUnavailable(late, url)
    expect(late.headers.get('connection')).to.equal('close')
    expect(stopped, 'stop waits').to.equal(false)
    release()
    expect((await answer).status).to.equal(201)
    await stopping
    expect(await real.count()).to.equal(1)
  })

  it('may be stopped twice, and without a start', async () => {
    await plugin.stop()
    await plugin.stop()
    expectUnavailable(await send(`${url}/healthz`), url)
  })

  describe('A store that cannot give or take data', () => {
    beforeEach(() => plugin.start())

    it('is 503 with Retry-After on every transaction', async () => {
      expect((await create('1.2.3')).status).to.equal(201)
      for (const operation of ['load', 'retrieve', 'find', 'retrieveAll'] as const) staged.fail(operation, unavailable)
      const target = `${base()}/workitems/1.2.3`
      const answers = [
        await create('1.2.4'),
        await send(target),
        await send(target, { headers: { Accept: 'application/dicom+xml' } }),
        await post(target, {}),
        await put(`${target}/state`, stateChange('IN PROGRESS')),
        await post(`${target}/cancelrequest`),
        await send(`${base()}/workitems`),
      ]
      for (const answer of answers) expectUnavailable(answer, base())
    })

    for (const [name, accept] of [
      ['JSON', 'application/dicom+json'],
      ['XML', 'multipart/related; type="application/dicom+xml"'],
    ] as const) {
      it(`is 503 also when a search in ${name} finds out after it has counted`, async () => {
        expect((await create('1.2.3')).status).to.equal(201)
        staged.fail('find', unavailable)
        expectUnavailable(await send(`${base()}/workitems`, { headers: { Accept: accept } }), base())
      })

      it(`gives a search in ${name} that breaks in the middle no end that looks like one`, async () => {
        await Promise.all(Array.from({ length: 250 }, (_, index) => create(`1.2.3.${index + 1}`)))
        let isBroken = false
        staged.fail('pages', () => {
          isBroken = true
          return unavailable()
        })
        const answer = await send(`${base()}/workitems`, { headers: { Accept: accept } }).catch(() => undefined)
        expect(isBroken).to.equal(true)
        if (answer) expectUnavailable(answer, base())
      })
    }

    it('is 500 without a word of the inside when it is our own mistake', async () => {
      staged.fail('retrieve', broken)
      const answer = await send(`${base()}/workitems/1.2.3`)
      expect(answer.status).to.equal(500)
      expect(answer.headers.get('warning')).to.equal(`299 ${base()}: Internal error.`)
      expect(answer.text).not.to.match(/secret|TypeError|\.ts\b/)
      expect(answer.problem().instance).to.equal(`urn:uuid:${answer.headers.get('x-request-id')}`)
    })

    it('is 500 with problem details also when a search stumbles over our own mistake', async () => {
      expect((await create('1.2.3')).status).to.equal(201)
      staged.fail('find', broken)
      const answer = await send(`${base()}/workitems`)
      expect(answer.status).to.equal(500)
      expect(answer.problem().title).to.equal('Internal error.')
      expect(answer.headers.get('warning')).to.equal(`299 ${base()}: Internal error.`)
    })

    it('serves again when the store does', async () => {
      staged.fail('load', unavailable)
      expect((await create('1.2.3')).status).to.equal(503)
      staged.heal()
      expect((await create('1.2.3')).status).to.equal(201)
    })
  })
})
