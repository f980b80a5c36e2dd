/** The cluster goes away and comes back: nobody waits for it, nothing is lost, and nobody has to help. */
import { expect } from 'chai'
import { setTimeout } from 'node:timers/promises'
import { describeWithElasticsearch, type OwnElasticsearch, startOwnElasticsearch } from '../support/elasticsearch.ts'
import { until } from '../support/until.ts'
import { SearchedStore } from './searched-store.ts'

const COMES_BACK = 60_000

describeWithElasticsearch('While Elasticsearch is away', () => {
  let own: OwnElasticsearch
  let house: SearchedStore
  before(async () => {
    own = await startOwnElasticsearch()
  })
  after(() => own?.dispose())
  beforeEach(() => {
    house = new SearchedStore(own.url)
  })
  afterEach(() => house.end())

  for (const end of ['stop', 'kill'] as const) {
    it(`(${end}) changes go on, searches are left to the store, and everything is made up for later`, async () => {
      await house.createMany(0, 200)
      await house.start()
      const enough = new AbortController()
      let rounds = 0
      const load = (async () => {
        for (; !enough.signal.aborted; rounds++) {
          await house.createMany(1_000 + rounds * 5, 1_005 + rounds * 5)
          await house.relabel(`1.2.${rounds % 100}`, `round ${rounds}`)
          if (rounds < 50) await house.delete(`1.2.${199 - rounds}`)
          await setTimeout(5)
        }
      })()
      await until(() => rounds > 10)
      await own[end]()
      const from = rounds
      const begin = performance.now()
      expect(await house.find()).to.equal(undefined)
      expect(performance.now() - begin).to.be.lessThan(3_000)
      await until(() => house.engine.status().state === 'away')
      for (let i = 0; i < 20; i++) {
        const then = performance.now()
        expect(await house.find()).to.equal(undefined)
        expect(performance.now() - then).to.be.lessThan(100)
      }
      await until(() => rounds > from + 20)
      await until(() => house.engine.status().behind > 20 && house.counts.lag > 20)

      await own.start()
      await until(() => house.engine.status().state === 'ready', COMES_BACK)
      enough.abort()
      await load
      await house.untilApplied(COMES_BACK)
      expect(await house.labels(`round ${rounds - 1}`)).to.deep.equal([`1.2.${(rounds - 1) % 100}`])
      await house.expectSame()
    })
  }

  it('one may start, and stop', async () => {
    await own.kill()
    await house.create('1.1')
    const begin = performance.now()
    house.startOnly()
    expect(performance.now() - begin).to.be.lessThan(200)
    expect(await house.find()).to.equal(undefined)
    await until(() => house.engine.status().state === 'away')
    const error = await house.engine.reindex().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).to.include({ code: 'UPS_SEARCH_UNAVAILABLE' })
    const then = performance.now()
    await house.stop()
    expect(performance.now() - then).to.be.lessThan(500)

    house.startOnly()
    await own.start()
    await house.untilReady(COMES_BACK)
    expect(await house.uids()).to.deep.equal(['1.1'])
    const troubles = house.lines.filter(({ level }) => level === 'warn')
    expect(troubles.length).to.be.within(1, 6)
  })
})
