import { join } from 'node:path'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createUpsPlugin, type UpsPlugin } from '../../plugin/index.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Store } from '../../plugin/store/store.ts'
import { WORKLIST } from '../http/subscriptions.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { closed, opened } from '../support/leaks.ts'
import { sample } from '../support/workitems.ts'
import { dataOf, type Told } from './asking.ts'

type Calls = Readonly<Record<string, number>>

/** A store that notes what is asked of it. */
function counting(store: Store): { readonly store: Store; take(): Calls } {
  let calls: Record<string, number> = {}
  const counted = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]): unknown => {
        calls[String(name)] = (calls[String(name)] ?? 0) + 1
        return Reflect.apply(value, target, args)
      }
    },
  })
  return {
    store: counted,
    take() {
      const taken = calls
      calls = {}
      return taken
    },
  }
}

describe('What is asked for together is asked of the store together', () => {
  const COUNT = 110
  let folder: Folder
  let store: Store
  let plugin: UpsPlugin
  let server: Server
  let service: { readonly url: string }
  let take: () => Calls
  before(async () => {
    folder = temporaryFolder()
    store = openSqliteStore({ file: join(folder.path, 'worklist.db') })
    const counted = counting(store)
    take = () => counted.take()
    plugin = createUpsPlugin({ store: counted.store })
    await plugin.start()
    server = createServer(plugin.callback())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    service = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    opened(server, 'batching', () => server.close())
    const subscribe = { kind: 'subscribe', deletionLock: true } as const
    await plugin.worklist.execute({ ...subscribe, uid: WORKLIST, subscriber: 'TMS' }, 'WORKLIST')
    for (let index = 0; index < COUNT; index++) {
      const uid = `1.2.${index}`
      const attributes = sample('minimal')
      await plugin.worklist.execute({ kind: 'create', uid, receivingAE: 'WORKLIST', attributes }, 'WORKLIST')
      await plugin.worklist.execute({ ...subscribe, uid, subscriber: 'CONSOLE' }, 'WORKLIST')
    }
  })
  after(async () => {
    const gone = new Promise((resolve) => server.close(resolve))
    await plugin.stop()
    server.closeAllConnections()
    await gone
    await store.close()
    folder.remove()
    closed(server)
  })

  /** What the store is asked for it. */
  async function callsFor(query: string, variables: Told = {}): Promise<readonly [Told, Calls]> {
    take()
    const data = await dataOf(service, query, variables)
    return [data, take()]
  }
  const sum = (calls: Calls): number => Object.values(calls).reduce((all, count) => all + count, 0)

  it('a page of 100 workitems with their subscriptions is as many calls as one of 10', async () => {
    const query = `query($first: Int!) {
      workitems(first: $first) { nodes { uid subscriptions { subscriber deletionLock by } } pageInfo { hasNextPage } }
    }`
    const [few, callsForFew] = await callsFor(query, { first: 10 })
    const [many, callsForMany] = await callsFor(query, { first: 100 })
    for (const [data, count] of [
      [few, 10],
      [many, 100],
    ] as const) {
      const { nodes } = data['workitems'] as { readonly nodes: readonly Told[] }
      expect(nodes).to.have.length(count)
      for (const { subscriptions } of nodes) {
        expect(subscriptions).to.have.deep.members([
          { subscriber: 'TMS', deletionLock: true, by: ['GLOBAL'] },
          { subscriber: 'CONSOLE', deletionLock: true, by: ['EXPLICIT'] },
        ])
      }
    }
    expect(callsForMany).to.deep.equal(callsForFew)
    expect(callsForMany).to.deep.include({ attended: 1, globalSubscriptions: 1 })
    expect(sum(callsForMany)).to.be.at.most(6)
  })

  it('30 workitems by their UIDs are one call', async () => {
    const fields = Array.from({ length: 30 }, (_, index) => `w${index}: workitem(uid: "1.2.${index}") { uid state }`)
    const [data, calls] = await callsFor(`{ ${fields.join(' ')} }`)
    expect(Object.keys(data)).to.have.length(30)
    expect(data).to.have.deep.property('w29', { uid: '1.2.29', state: 'SCHEDULED' })
    expect(calls).to.deep.equal({ retrieveAll: 1 })
  })

  it('one workitem several times is asked for once, and one that is not there does not shift the others', async () => {
    const query = `{ a: workitem(uid: "1.2.1") { uid } b: workitem(uid: "1.2.999") { uid } c: workitem(uid: "1.2.1") { uid }
      d: workitem(uid: "1.2.2") { uid subscriptions { subscriber } } e: workitem(uid: "1.2.3") { subscriptions { subscriber } } }`
    const [data, calls] = await callsFor(query)
    expect(data).to.deep.include({ a: { uid: '1.2.1' }, b: null, c: { uid: '1.2.1' } })
    expect(calls).to.deep.equal({ retrieveAll: 1, attended: 1, globalSubscriptions: 1 })
  })

  it('the workitems of a page of subscriptions are as many calls for 100 as for 10', async () => {
    const query = `query($first: Int!) {
      subscriptions(subscriber: "CONSOLE", first: 1) { nodes { workitems(first: $first) { nodes { uid by workitem { uid } } } } }
    }`
    const [, callsForFew] = await callsFor(query, { first: 10 })
    const [data, callsForMany] = await callsFor(query, { first: 100 })
    expect(data['subscriptions'].nodes[0].workitems.nodes).to.have.length(100)
    expect(callsForMany).to.deep.equal(callsForFew)
  })
})
