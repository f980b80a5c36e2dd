/** A search sees every commit that was fulfilled before it, and costs the cluster no more refreshes than needed. */
import { expect } from 'chai'
import { describeWithElasticsearch, elasticsearch } from '../support/elasticsearch.ts'
import { until } from '../support/until.ts'
import { rejection } from '../store/contract.ts'
import { type Fault, FaultyProxy } from './faulty-proxy.ts'
import { read, SearchedStore, withLabel } from './searched-store.ts'

describeWithElasticsearch('A search in Elasticsearch', () => {
  let house: SearchedStore
  let proxy: FaultyProxy
  beforeEach(async () => {
    const { url } = await elasticsearch()
    house = new SearchedStore(url)
    proxy = await FaultyProxy.start(url)
    await house.start({ nodes: [proxy.url] })
  })
  afterEach(async () => {
    await house.end()
    await proxy.stop()
  })

  it('sees what was written just before, 200 times', async function () {
    this.timeout(60_000)
    const lane = async (name: number): Promise<void> => {
      for (let i = 0; i < 25; i++) {
        const label = `${name}-${i}`
        await house.create(`1.${name}.${i}`, label)
        const found = await house.found(withLabel(label))
        expect(await found.count(), label).to.equal(1)
        expect((await read(found)).map(({ uid }) => uid)).to.deep.equal([`1.${name}.${i}`])
        if (i % 2 === 0) await house.relabel(`1.${name}.${i}`, 'changed')
        else await house.delete(`1.${name}.${i}`)
        expect(await house.labels(label), label).to.deep.equal([])
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, n) => lane(n + 1)))
    // 400 searches after as many writes.
    expect(house.counts.refreshes).to.be.lessThan(300)
    await house.expectSame()
  })

  it('has nothing refreshed where nothing has changed', async () => {
    await house.createMany(0, 10)
    expect(await house.uids()).to.have.length(10)
    const { refreshes } = house.counts
    for (let i = 0; i < 10; i++) expect(await house.uids()).to.have.length(10)
    expect(house.counts.refreshes).to.equal(refreshes)
  })

  it('shares its refresh with all that wait for the same', async () => {
    await house.create('1.1')
    const { refreshes } = house.counts
    const found = await Promise.all(Array.from({ length: 20 }, () => house.uids()))
    for (const uids of found) expect(uids).to.deep.equal(['1.1'])
    expect(house.counts.refreshes).to.equal(refreshes + 1)
  })

  it('does not make do with a refresh that began before its write', async () => {
    let held = 0
    let letGo = (): void => undefined
    const holding = new Promise<void>((resolve) => {
      letGo = resolve
    })
    proxy.hold = async ({ path }) => {
      if (!path.includes('_refresh') || held > 0) return
      held++
      await holding
    }
    await house.create('1.1')
    const first = house.uids()
    await until(() => held === 1)
    await house.create('1.2')
    const second = [house.uids(), house.uids()]
    // Until the second one is applied, and waits for a refresh of its own.
    await until(async () => (await written(house)) === 2)
    const { refreshes } = house.counts
    letGo()
    expect(await first).to.include('1.1')
    for (const uids of await Promise.all(second)) expect(uids).to.deep.equal(['1.1', '1.2'])
    expect(house.counts.refreshes).to.equal(refreshes + 2)
  })

  it('waits for two seconds and no longer, and those who come then not at all', async () => {
    await house.create('1.1')
    expect(await house.uids()).to.deep.equal(['1.1'])
    proxy.fault = ({ path }) => (path.includes('_bulk') ? 'hang' : undefined)
    await house.create('1.2')
    const begin = performance.now()
    expect(await house.find()).to.equal(undefined)
    expect(performance.now() - begin).to.be.within(1_900, 3_000)
    const then = performance.now()
    expect(await house.find()).to.equal(undefined)
    expect(performance.now() - then).to.be.lessThan(200)
    expect(house.engine.status().state).to.equal('behind')
  })

  it('is answered again once the index has caught up, without a search that waits', async () => {
    await house.create('1.1')
    expect(await house.uids()).to.deep.equal(['1.1'])
    proxy.fault = ({ path }) => (path.includes('_refresh') ? 429 : undefined)
    await house.create('1.2')
    expect(await house.find()).to.equal(undefined)
    proxy.fault = () => undefined
    await house.untilApplied()
    expect(await house.uids()).to.deep.equal(['1.1', '1.2'])
  })

  it('leaves nothing open, also when nobody reads to the end', async () => {
    await house.createMany(0, 120)
    const found = await house.found()
    for await (const page of found.pages(0)) {
      expect(page).to.have.length(50)
      break
    }
    const asked = (method: string): number =>
      proxy.asked.filter((one) => one.method === method && one.path.includes('_pit')).length
    await until(() => asked('DELETE') === 1)
    expect(asked('POST')).to.equal(1)
  })

  it('and a stop wait not long for a cluster that does not answer', async () => {
    await house.createMany(0, 3)
    proxy.fault = () => 'hang'
    expect(await house.find()).to.equal(undefined)
    await house.create('1.3')
    const begin = performance.now()
    await house.stop()
    expect(performance.now() - begin).to.be.lessThan(3_000)
  })

  describe('waits no longer for a cluster that has stopped answering', () => {
    const byLabel = [{ tag: '00741202', descending: false }]
    const hangs = (fault: Fault = 'hang'): void => {
      proxy.fault = () => fault
    }
    /** Fulfilled with what took that long. */
    async function taking(least: number, most: number, work: () => Promise<unknown>): Promise<unknown> {
      const begin = performance.now()
      const done = await work()
      expect(performance.now() - begin).to.be.within(least, most)
      return done
    }
    const unanswered = { code: 'UPS_SEARCH_UNAVAILABLE' }
    async function expectAwayThenWell(): Promise<void> {
      for (let i = 0; i < 10; i++) expect(await taking(0, 100, () => house.find({}, byLabel))).to.equal(undefined)
      expect(house.engine.status()).to.include({ state: 'away', reason: 'TimeoutError' })
      proxy.fault = () => undefined
      await house.untilReady()
      expect(await house.uids()).to.have.length(60)
    }
    beforeEach(async () => {
      await house.createMany(0, 60)
      await house.untilApplied()
    })

    it('when it is asked what it can answer, nor do those who search at the same time', async () => {
      await taking(1_900, 3_000, async () => {
        hangs()
        const found = await Promise.all(Array.from({ length: 20 }, () => house.find({}, byLabel)))
        for (const one of found) expect(one).to.equal(undefined)
      })
      await expectAwayThenWell()
    })

    for (const [what, fault] of [
      ['with nothing', 'hang'],
      ['with the beginning of an answer', 'stall'],
    ] as const) {
      it(`when it is asked how many there are, ${what}`, async () => {
        const found = await house.found()
        hangs(fault)
        expect(await taking(1_900, 3_000, () => rejection(found.count()))).to.include(unanswered)
        expect(await taking(0, 100, () => rejection(found.count()))).to.include(unanswered)
        expect(await taking(0, 100, () => rejection(read(found)))).to.include(unanswered)
        expect(house.engine.status()).to.include({ state: 'away', reason: 'TimeoutError' })
      })
    }

    it('when it is to keep a moment', async () => {
      const found = await house.found()
      hangs()
      expect(await taking(1_900, 3_000, () => rejection(read(found)))).to.include(unanswered)
      await expectAwayThenWell()
    })

    it('when it is read, be it for the first page or a later one', async () => {
      const found = await house.found()
      const pages = found.pages(0)[Symbol.asyncIterator]()
      expect((await pages.next()).value).to.have.length(50)
      hangs()
      expect(await taking(1_900, 3_000, () => rejection(pages.next()))).to.include(unanswered)
      await expectAwayThenWell()
    })

    it('when somebody has read enough', async () => {
      const found = await house.found()
      await taking(0, 500, async () => {
        for await (const page of found.pages(0)) {
          expect(page).to.have.length(50)
          hangs()
          break
        }
      })
    })

    it('and is answered by it as soon as that has been reached again', async () => {
      proxy.fault = ({ path }) => (path.includes('_count') ? 'hang' : undefined)
      expect(await taking(1_900, 3_000, () => house.find({}, byLabel))).to.equal(undefined)
      await house.untilReady()
      proxy.fault = () => undefined
      expect(await house.uids({}, byLabel)).to.have.length(60)
    })
  })

  it('asks for nothing more once it is called off', async () => {
    await house.createMany(0, 500)
    const found = await house.found()
    const asked = (): number => proxy.count('/_search') + proxy.count('_pit')
    const before = asked()
    for await (const page of found.pages(0, AbortSignal.abort())) expect(page).to.equal('none')
    expect(asked()).to.equal(before)

    const enough = new AbortController()
    const sizes: number[] = []
    for await (const page of found.pages(0, enough.signal)) {
      sizes.push(page.length)
      if (sizes.length === 2) enough.abort()
    }
    expect(sizes).to.deep.equal([50, 200])
    expect(proxy.count('/_search')).to.equal(2)
    await until(() => proxy.asked.at(-1)?.method === 'DELETE')

    const later = new AbortController()
    proxy.hold = async ({ path }) => {
      if (path.includes('/_search')) later.abort()
    }
    for await (const page of found.pages(20, later.signal)) expect(page).to.equal('none')
    expect(proxy.count('/_search')).to.equal(3)
    expect(house.counts.failures).to.equal(0)
  })

  it('is not answered with a part of what there is', async () => {
    await house.createMany(0, 120)
    const found = await house.found()
    proxy.fault = ({ path }) => (path.includes('_search') ? 503 : undefined)
    const error = await read(found).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).to.include({ code: 'UPS_SEARCH_UNAVAILABLE' })
    expect(await found.count()).to.equal(120)
  })
})

/** How many workitems have come to the index. */
async function written(house: SearchedStore): Promise<number> {
  const { indices } = await house.cluster.indices.stats({ index: await house.live(), metric: 'indexing' })
  return Object.values(indices ?? {})[0]?.primaries?.indexing?.index_total ?? 0
}
