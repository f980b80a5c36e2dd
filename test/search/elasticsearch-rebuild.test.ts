/** The index is made anew, when somebody asks for it or when there is reason to, and nobody who searches notices. */
import { expect } from 'chai'
import { setImmediate } from 'node:timers/promises'
import { describeWithElasticsearch, elasticsearch } from '../support/elasticsearch.ts'
import { until } from '../support/until.ts'
import { FaultyProxy } from './faulty-proxy.ts'
import { read, SearchedStore, withLabel } from './searched-store.ts'

const WORKITEMS = 3_000

describeWithElasticsearch('The index in Elasticsearch is made anew', () => {
  let house: SearchedStore
  beforeEach(async () => {
    house = new SearchedStore((await elasticsearch()).url)
  })
  afterEach(() => house.end())

  const reasons = (): readonly unknown[] =>
    house.lines
      .filter(({ message }) => message === 'the search index is made')
      .map(({ fields }) => (fields as { readonly reason: unknown }).reason)

  describe('when somebody asks for it', () => {
    it('and searches neither fail nor miss anything, while others write', async function () {
      this.timeout(120_000)
      await house.createMany(0, WORKITEMS, 'copied')
      await house.start()
      const old = await house.live()

      const enough = new AbortController()
      const progress: number[] = []
      const writing = (async () => {
        let round = 0
        for (; !enough.signal.aborted; round++) {
          await house.createMany(10_000 + round * 5, 10_005 + round * 5, `round ${round}`)
          await house.relabel(`1.2.${round}`, 'changed')
          await house.delete(`1.2.${WORKITEMS - 1 - round}`)
          await setImmediate()
        }
        return round
      })()
      const searching = (async () => {
        let searches = 0
        for (; !enough.signal.aborted; searches++) {
          const uid = `1.3.${searches}`
          await house.create(uid, uid)
          expect(await house.labels(uid)).to.deep.equal([uid])
        }
        return searches
      })()

      const done = await house.engine.reindex((copied, all) => {
        expect(copied).to.be.most(all)
        progress.push(copied)
      })
      enough.abort()
      const [rounds, searches] = await Promise.all([writing, searching])

      expect(done.index).to.equal(await house.live())
      expect(done.index).not.to.equal(old)
      expect(progress.at(-1)).to.equal(done.indexed)
      expect(progress.length).to.be.greaterThan(10)
      expect(rounds).to.be.greaterThan(1)
      expect(searches).to.be.greaterThan(1)
      await house.untilApplied()
      expect(await house.labels('changed')).to.have.length(rounds)
      await until(async () => (await house.indices()).length === 1)
      await house.expectSame()
    })

    it('once for all who ask at the same time', async () => {
      await house.createMany(0, 300)
      await house.start()
      const [a, b] = [[] as number[], [] as number[]]
      const first = house.engine.reindex((done) => a.push(done))
      const second = house.engine.reindex((done) => b.push(done))
      expect(await second).to.deep.equal(await first)
      expect(await first).to.include({ indexed: 300 })
      expect(b).to.deep.equal(a)
      expect((await house.engine.reindex()).index).not.to.equal((await first).index)
    })

    it('and the old one stays for those who still read it', async () => {
      await house.createMany(0, 700)
      await house.start()
      const found = await house.found(withLabel('a'))
      const pages = found.pages(0)[Symbol.asyncIterator]()
      const seen: string[] = (await pages.next()).value.map(({ uid }: { readonly uid: string }) => uid)

      // The second time it could have been deleted since the first.
      await house.engine.reindex()
      await house.engine.reindex()
      for (let page = await pages.next(); page.done !== true; page = await pages.next())
        seen.push(...page.value.map(({ uid }) => uid))
      expect(seen).to.have.length(700)
      expect(new Set(seen).size).to.equal(700)
      await until(async () => (await house.indices()).length === 1)
    })

    it('and what was found before is read from the new one', async () => {
      await house.createMany(0, 60)
      await house.start()
      const found = await house.found(withLabel('a'))
      await house.engine.reindex()
      await until(async () => (await house.indices()).length === 1)
      expect(await found.count()).to.equal(60)
      expect(await read(found)).to.have.length(60)
    })

    it('and without a workitem that is deleted after it was copied', async () => {
      await house.createMany(0, 500)
      await house.start()
      let deleted: Promise<void> | undefined
      await house.engine.reindex((done) => {
        if (done >= 200) deleted ??= house.delete('1.2.3')
      })
      await deleted
      await house.untilApplied()
      expect(await house.uids()).to.have.length(499)
      await house.expectSame()
    })

    it('or not: what it began is gone then, and the old one answers', async () => {
      const proxy = await FaultyProxy.start((await elasticsearch()).url)
      try {
        await house.createMany(0, 300)
        await house.start({ nodes: [proxy.url] })
        const old = await house.live()
        proxy.fault = ({ method, path }) => (method === 'POST' && path.includes('_aliases') ? 400 : undefined)
        const error = await house.engine.reindex().then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        expect(error).to.include({ code: 'UPS_SEARCH_UNAVAILABLE' })
        expect(await house.indices()).to.deep.equal([old])
        await house.create('1.3')
        expect(await house.uids()).to.have.length(301)
      } finally {
        await house.stop()
        await proxy.stop()
      }
    })
  })

  describe('when there is reason to', () => {
    /** What the index says of itself is changed while nobody looks. */
    async function pretend(changes: object): Promise<string> {
      const index = await house.live()
      const { [index]: described } = await house.cluster.indices.getMapping({ index })
      const { _meta: meta } = described?.mappings ?? {}
      await house.cluster.indices.putMapping({ index, _meta: { ...meta, ...changes } })
      return index
    }

    async function restart(reason: string, meanwhile: () => Promise<string>): Promise<void> {
      await house.createMany(0, 10)
      await house.start()
      await house.untilApplied()
      await house.stop()
      const old = await meanwhile()
      await house.start()
      expect(reasons()).to.deep.equal(['there is none', reason])
      await until(async () => (await house.indices()).length === 1)
      expect(await house.indices()).not.to.deep.equal([old])
      await house.expectSame()
    }

    it('because its mapping is another one', async () => {
      await restart('it has another mapping', () => pretend({ mappingVersion: 0 }))
    })

    it('because it says nothing of itself', async () => {
      await restart('it has another mapping', () => pretend({ mappingVersion: undefined }))
    })

    it('because it lacks too many workitems', async () => {
      await restart('it lacks workitems', () => pretend({ unindexed: null }))
    })

    it('because it is from another store', async () => {
      await restart('it was made from another store', () => pretend({ at: '2020-01-01T00:00:00.000Z' }))
    })

    it('because it has seen what the store does not know: its own word', async () => {
      await restart('it has seen more than the store holds', () => pretend({ position: 11 }))
    })

    it('because it has seen what the store does not know: a workitem', async () => {
      await restart('it has seen more than the store holds', async () => {
        const index = await house.live()
        await house.cluster.index({
          index,
          id: '1.9',
          version: 11,
          version_type: 'external',
          document: { version: 11 },
        })
        return index
      })
    })

    it('because another store has come', async () => {
      await restart('it was not made from this store', async () => {
        const index = await house.live()
        await house.renewStore()
        await house.createMany(0, 20)
        return index
      })
    })

    it('because the feed has forgotten what it lacks', async () => {
      await restart('the feed has forgotten what it lacks', async () => {
        await house.createMany(10, 20)
        house.forgetFeed(15)
        return house.live()
      })
    })

    it('but not because the feed has forgotten what it has', async () => {
      await house.createMany(0, 10)
      await house.start()
      await house.stop()
      const old = await house.live()
      house.forgetFeed(10)
      await house.start()
      expect(await house.uids()).to.have.length(10)
      await house.stop()
      await house.createMany(10, 20)
      await house.start()
      expect(await house.uids()).to.have.length(20)
      expect(await house.live()).to.equal(old)
    })

    it('because the feed has forgotten what it lacks, at work', async () => {
      const proxy = await FaultyProxy.start((await elasticsearch()).url)
      try {
        await house.start({ nodes: [proxy.url] })
        proxy.fault = ({ path }) => (path.includes('_bulk') ? 429 : undefined)
        await house.createMany(0, 10)
        const searching = house.find()
        await until(() => house.counts.failures > 0)
        await house.createMany(10, 20)
        house.forgetFeed(15)
        proxy.fault = () => undefined
        await searching
        await house.untilApplied()
        expect(await house.uids()).to.have.length(20)
        expect(reasons()).to.deep.equal(['there is none', 'the feed has forgotten what it lacks'])
        await house.expectSame()
      } finally {
        await house.stop()
        await proxy.stop()
      }
    })

    it('and while it is made again, the one there is answers but for the order of date-times', async () => {
      await house.createMany(0, 10)
      await house.start()
      const old = await house.live()
      const byTime = [{ tag: '00404005', descending: false }]
      house.timeZone = 'Pacific/Apia'
      const criteria = { query: {}, order: byTime, timeZone: 'Pacific/Apia' }
      expect(await house.engine.find(criteria)).to.equal(undefined)
      expect(await house.uids()).to.have.length(10)
      house.engine.find({ query: {}, order: [], timeZone: undefined }).catch(() => undefined)
      await house.create('1.3')
      await until(async () => (await house.uids()) !== undefined && (await house.live()) !== old)
      await until(async () => (await house.engine.find(criteria)) !== undefined)
      expect(reasons()).to.deep.equal(['there is none', 'the time zone has changed'])
      await house.expectSame()
    })

    it('because an administrator has deleted it, and nothing is written', async () => {
      await house.createMany(0, 10)
      await house.start()
      await house.cluster.indices.delete({ index: await house.live() })
      // Whoever comes first finds it out.
      const error = await house.uids().then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).to.include({ code: 'UPS_SEARCH_UNAVAILABLE' })
      await house.untilReady()
      expect(await house.uids()).to.have.length(10)
      await house.expectSame()
    })

    it('because an administrator has deleted it, and something is written', async () => {
      await house.createMany(0, 10)
      await house.start()
      await house.cluster.indices.delete({ index: await house.live() })
      await house.create('1.3')
      await house.find()
      await house.untilApplied()
      expect(await house.uids()).to.have.length(11)
      await house.expectSame()
    })

    it('because an administrator has deleted it, and nobody comes', async () => {
      await house.createMany(0, 10)
      await house.start()
      await house.cluster.indices.delete({ index: await house.live() })
      await until(async () => (await house.indices()).length === 1, 15_000)
      await house.untilReady()
      await house.expectSame()
    })
  })

  it('without what a crash has left of an attempt', async () => {
    await house.createMany(0, 10)
    await house.start()
    await house.stop()
    await house.cluster.indices.create({ index: `${house.prefix}workitem-v1-20200101000000-abcdef` })
    await house.start()
    await until(async () => (await house.indices()).length === 1)
    await house.expectSame()
  })

  it('but not because the cluster counted as away when old ones were looked for', async () => {
    const proxy = await FaultyProxy.start((await elasticsearch()).url)
    let held = 0
    let letGo = (): void => undefined
    const holding = new Promise<void>((resolve) => {
      letGo = resolve
    })
    proxy.hold = async ({ method, path }) => {
      if (method !== 'GET' || !path.endsWith('/_alias') || held++ > 0) return
      await holding
    }
    await house.createMany(0, 10)
    await house.start({ nodes: [proxy.url] })
    const index = await house.live()
    await until(() => held > 0)

    proxy.fault = ({ method, path }) => (path.includes('_alias') || method === 'DELETE' ? undefined : 500)
    expect(await house.find({}, [{ tag: '00741202', descending: false }])).to.equal(undefined)
    await until(() => house.engine.status().state === 'away')
    const looks = proxy.count('/_alias')
    letGo()
    await until(() => proxy.count('/_alias') > looks)
    proxy.fault = () => undefined
    await house.untilReady()
    expect(await house.uids()).to.have.length(10)
    expect(await house.indices()).to.deep.equal([index])
    expect(reasons()).to.deep.equal(['there is none'])
    await house.stop()
    await proxy.stop()
  })
})
