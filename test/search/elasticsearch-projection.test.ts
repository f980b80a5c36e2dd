/** What the index has of the store: every change, in order, once or more often, and no more. */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { describeWithElasticsearch, elasticsearch } from '../support/elasticsearch.ts'
import { until } from '../support/until.ts'
import { FaultyProxy } from './faulty-proxy.ts'
import { labelled, read, SearchedStore, withLabel } from './searched-store.ts'

describeWithElasticsearch('The index in Elasticsearch', () => {
  let house: SearchedStore
  beforeEach(async () => {
    house = new SearchedStore((await elasticsearch()).url)
  })
  afterEach(() => house.end())

  it('has what was there before it, and what is created, changed and deleted later', async () => {
    await house.create('1.1', 'old')
    await house.start()
    expect(await house.labels('old')).to.deep.equal(['1.1'])

    await house.create('1.2', 'new')
    await house.relabel('1.1', 'changed')
    expect(await house.labels('old')).to.deep.equal([])
    expect(await house.labels('changed')).to.deep.equal(['1.1'])
    expect(await house.uids()).to.deep.equal(['1.1', '1.2'])

    await house.delete('1.1')
    expect(await house.uids()).to.deep.equal(['1.2'])
    await house.expectSame()
  })

  it('has a workitem that is created again once its deletion is forgotten', async () => {
    await house.start()
    await house.create('1.1', 'first')
    await house.create('1.2', 'other')
    await house.delete('1.1')
    expect(await house.uids()).to.deep.equal(['1.2'])
    house.forgetTombstones()
    await house.create('1.1', 'second')
    expect(await house.labels('second')).to.deep.equal(['1.1'])
    expect(await house.uids()).to.deep.equal(['1.2', '1.1'])
    await house.expectSame()
  })

  it('comes out the same whatever is done to one workitem before it is looked at', async () => {
    await house.createMany(0, 100)
    await house.start()
    const work = Array.from({ length: 100 }, async (_, n) => {
      for (let i = 0; i < 4; i++) await house.relabel(`1.2.${n}`, `${i}`)
      if (n % 3 === 0) await house.delete(`1.2.${n}`)
    })
    await Promise.all(work)
    await house.untilApplied()
    await house.expectSame()
    expect(await house.labels('3')).to.have.length(66)
  })

  it('goes on where it was after a restart', async () => {
    await house.start()
    await house.createMany(0, 50)
    await house.untilApplied()
    const index = await house.live()
    await house.stop()
    await house.createMany(50, 55)
    await house.delete('1.2.3')

    house.counts.writes = 0
    await house.start()
    expect(await house.uids()).to.have.length(54)
    expect(house.counts.writes).to.equal(6)
    expect(await house.live()).to.equal(index)
    await house.expectSame()
  })

  it('may be told again what it has: a crash before it noted how far it came', async () => {
    await house.start()
    await house.createMany(0, 20)
    await house.delete('1.2.7')
    await house.untilApplied()
    const index = await house.live()
    const { [index]: described } = await house.cluster.indices.getMapping({ index })
    await house.stop()
    const { _meta: meta } = described?.mappings ?? {}
    // As it was when the first of them had been applied.
    const [first] = await house.store.readFeed(undefined, 1)
    const forgotten = { ...meta, position: 1, at: first?.at.toISOString() }
    await house.cluster.indices.putMapping({ index, _meta: forgotten })

    house.counts.writes = 0
    await house.start()
    await house.untilApplied()
    // All but the first, whose workitem is written only once however often it was changed.
    expect(house.counts.writes).to.equal(19)
    expect(await house.live()).to.equal(index)
    await house.expectSame()
  })

  it('passes over what concerns no workitem', async () => {
    await house.start()
    await house.create('1.1')
    expect(await house.uids()).to.deep.equal(['1.1'])
    const { refreshes, writes } = house.counts
    const { version } = await house.store.globalSubscriptions()
    await house.store.commitGlobal({
      uid: '1.2.840.10008.5.1.4.34.5',
      subscriber: 'TDD',
      kind: 'subscribe',
      change: { type: 'subscribe', lock: false } as never,
      announce: false,
      at: new Date(),
      expected: version,
    })
    expect(await house.uids()).to.deep.equal(['1.1'])
    expect(house.counts).to.include({ refreshes, writes })
  })

  it('is read as deep as anybody likes, in order and without gaps', async () => {
    await house.createMany(0, 2_500)
    await house.start()
    const stored = (await house.store.list({ limit: 10_000 })).map(({ uid }) => uid)
    const found = await house.found()
    expect(await found.count()).to.equal(2_500)
    expect((await read(found)).map(({ uid }) => uid)).to.deep.equal(stored)
    expect((await read(found, 2_345)).map(({ uid }) => uid)).to.deep.equal(stored.slice(2_345))
    expect(await read(found, 2_500)).to.deep.equal([])
    expect(await read(found, 25_000)).to.deep.equal([])

    const descending = await house.uids({}, [{ tag: '00741202', descending: true }])
    expect(descending).to.deep.equal(stored)
  })

  it('gives workitems as they are when they are read, without those that are gone', async () => {
    await house.createMany(0, 3)
    await house.start()
    const found = await house.found(withLabel('a'))
    const pages = found.pages(0)[Symbol.asyncIterator]()
    await house.delete('1.2.1')
    const { value } = await pages.next()
    expect((value as { uid: string }[]).map(({ uid }) => uid)).to.deep.equal(['1.2.0', '1.2.2'])
    expect((await pages.next()).done).to.equal(true)
  })

  describe('that will not take a workitem', () => {
    const nested = (uid: string, items: number): Dataset => ({
      ...labelled(uid, 'nested'),
      '00404025': {
        vr: 'SQ',
        Value: Array.from({ length: items }, (_, n) => ({ '00080100': { vr: 'SH', Value: [`S${n}`] } })),
      },
    })
    const limit = async (most: number): Promise<void> => {
      const settings = { 'index.mapping.nested_objects.limit': most }
      await house.cluster.indices.putSettings({ index: await house.live(), settings })
    }

    it('goes on with the others, tells its UID alone, and leaves searches to the store until it is well', async () => {
      await house.start()
      await house.createMany(0, 3)
      await house.untilApplied()
      await limit(2)
      await house.replace('1.2.1', nested('1.2.1', 5))
      expect(await house.find()).to.equal(undefined)
      await house.relabel('1.2.2', 'later')
      expect(house.engine.status().state).to.equal('behind')
      const index = await house.live()
      await until(async () => {
        expect(await house.find()).to.equal(undefined)
        await house.cluster.indices.refresh({ index })
        return (await house.cluster.count({ index, query: { term: { WorklistLabel: 'later' } } })).count === 1
      })
      const told = house.lines.filter(({ level }) => level === 'error')
      expect(told.map(({ fields }) => fields)).to.deep.equal([{ uid: '1.2.1' }])
      expect(house.counts.refusals).to.be.greaterThan(0)

      await house.stop()
      house.startOnly()
      await until(() => house.engine.status().state === 'behind')
      expect(await house.find()).to.equal(undefined)

      await house.relabel('1.2.1', 'well')
      await house.untilApplied()
      expect(await house.labels('well')).to.deep.equal(['1.2.1'])
      await house.expectSame()
    })

    it('and is made anew then, is well again', async () => {
      await house.start()
      await house.create('1.1')
      await house.untilApplied()
      await limit(2)
      await house.replace('1.1', nested('1.1', 5))
      expect(await house.find()).to.equal(undefined)
      await house.engine.reindex()
      expect(await house.labels('nested')).to.deep.equal(['1.1'])
    })
  })

  describe('behind a cluster under load', () => {
    let proxy: FaultyProxy
    beforeEach(async () => {
      proxy = await FaultyProxy.start((await elasticsearch()).url)
    })
    afterEach(() => proxy.stop())
    const isBulk = ({ path }: { readonly path: string }): boolean => path.includes('_bulk')

    it('that takes nothing for a while has everything in the end', async () => {
      let left = 3
      proxy.fault = (asked) => (isBulk(asked) && left-- > 0 ? 429 : undefined)
      await house.start({ nodes: [proxy.url] })
      await house.createMany(0, 30)
      await house.untilApplied()
      expect(await house.uids()).to.have.length(30)
      expect(house.counts.failures).to.equal(3)
      await house.expectSame()
    })

    it('that refuses single items has everything in the end', async () => {
      let left = 4
      proxy.fault = (asked) => (isBulk(asked) && left-- > 0 ? 'refuse last item' : undefined)
      await house.start({ nodes: [proxy.url] })
      await house.createMany(0, 30)
      await house.untilApplied()
      await house.delete('1.2.4')
      await house.untilApplied()
      expect(await house.uids()).to.have.length(29)
      expect(house.counts.failures).to.equal(4)
      await house.expectSame()
    })

    it('gets no more at a time than it takes', async () => {
      proxy.fault = (asked) => (isBulk(asked) && asked.bytes > 4_000 ? 413 : undefined)
      await house.createMany(0, 100)
      await house.start({ nodes: [proxy.url] })
      expect(await house.uids()).to.have.length(100)
      expect(house.counts.refusals).to.equal(0)
      await house.expectSame()
    })

    it('asks for its secret again when that has changed', async () => {
      const header = (password: string): string => `Basic ${Buffer.from(`ups:${password}`).toString('base64')}`
      let password = 'first'
      proxy.fault = ({ authorization }) => (authorization === header(password) ? undefined : 401)
      await house.start({ nodes: [proxy.url], username: 'ups', password: () => password })
      await house.create('1.1')
      expect(await house.uids()).to.deep.equal(['1.1'])
      password = 'second'
      await house.create('1.2')
      expect(await house.uids()).to.deep.equal(['1.1', '1.2'])
      expect(house.engine.status().state).to.equal('ready')
      expect(JSON.stringify(house.lines)).not.to.match(/first|second|Basic/)
    })
  })
})
