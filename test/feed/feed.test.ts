/** Consumers that follow the feed (plugin/feed/feed.ts), on a real store. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import type { Feed } from '../../plugin/feed/feed.ts'
import type { Reached } from '../../plugin/feed/position.ts'
import { rejection } from '../store/contract.ts'
import { counting, FedStore, labelOf, Reader } from './fed-store.ts'

const at = (position: number): Reached => position as Reached
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe('The feed', () => {
  let house: FedStore
  beforeEach(() => {
    house = new FedStore()
  })
  afterEach(() => house.end())

  const follow = async (feed: Feed, after: Reached | undefined): Promise<string> =>
    (await feed.follow(after, AbortSignal.timeout(10))).is

  it('says where it is, also before anything was committed', async () => {
    const feed = house.start()
    expect(await feed.head()).to.equal(0)
    await house.create('1.1')
    expect(await feed.head()).to.equal(1)
  })

  describe('tells one who follows', () => {
    it('what happens from now on, at once', async () => {
      await house.create('1.1', 'a')
      const feed = house.start()
      const reader = await Reader.follow(feed)
      const waiting = reader.take()
      await house.relabel('1.1', 'b')
      await waiting
      const [change] = reader.changes
      expect([reader.positions, labelOf(change?.before), labelOf(change?.after)]).to.deep.equal([[2], 'a', 'b'])
    })

    it('what is committed before it takes its first page', async () => {
      const reader = await Reader.follow(house.start())
      await house.createMany(1, 3)
      await reader.takeThrough(at(3))
      expect(reader.positions).to.deep.equal([1, 2, 3])
    })

    it('what was before, from any position, and then what comes', async () => {
      await house.createMany(1, 250)
      const feed = house.start({ entries: 4 })
      for (const after of [0, 1, 99, 249, 250]) {
        const reader = await Reader.follow(feed, at(after))
        await reader.takeThrough(at(250))
        const waiting = reader.take()
        await house.relabel('1.1', 'b')
        await waiting
        await house.delete('1.1')
        await house.store.readFeed(undefined, 1)
        await reader.takeThrough(await feed.head())
        const last = (await feed.head()) as number
        expect(reader.positions.slice(-2)).to.deep.equal([last - 1, last])
        const seen = reader.pages.reduce((all, { changes }) => Math.max(all, changes.length), 0)
        expect(seen).to.be.at.most(100)
        house.forgetTombstones()
        await house.create('1.1')
        reader.abort()
      }
    })

    it('how far it has come, also where nothing is to be told', async () => {
      await house.create('1.1')
      for (let n = 2; n < 140; n++) await house.relabel('1.1', `${n}`)
      await house.delete('1.1')
      const reader = await Reader.follow(house.start(), 0)
      expect([await reader.take(), reader.positions]).to.deep.equal([true, []])
      expect(reader.through).to.be.within(1, 139)
      await reader.takeThrough(at(140))
      expect([reader.positions, reader.through]).to.deep.equal([[140], 140])
    })

    it('everything, though word of commits was missed', async () => {
      house.isMute = true
      const reader = await Reader.follow(house.start({ look: 20 }))
      const waiting = reader.take()
      await soon()
      await house.create('1.1')
      await waiting
      expect(reader.positions).to.deep.equal([1])
    })

    it('that the position is older than is kept', async () => {
      await house.createMany(1, 5)
      house.prune(3)
      const feed = house.start()
      expect([await follow(feed, 0), await follow(feed, at(2))]).to.deep.equal(['forgotten', 'forgotten'])
      const reader = await Reader.follow(feed, at(3))
      await reader.takeThrough(at(5))
      expect(reader.positions).to.deep.equal([4, 5])
      house.prune(5)
      expect([await follow(feed, at(4)), await follow(feed, at(5))]).to.deep.equal(['forgotten', 'following'])
      expect(await follow(feed, undefined)).to.equal('following')
    })

    it('that the position is of another store', async () => {
      const feed = house.start()
      expect([await follow(feed, at(1)), await follow(feed, 0)]).to.deep.equal(['unknown', 'following'])
      await house.create('1.1')
      expect([await follow(feed, at(1)), await follow(feed, at(2))]).to.deep.equal(['following', 'unknown'])
    })
  })

  describe('ends', () => {
    it('without a word when the signal is aborted, also of one who waits', async () => {
      const feed = house.start()
      const [waiting, busy, early] = [await Reader.follow(feed), await Reader.follow(feed), await Reader.follow(feed)]
      const other = await Reader.follow(feed)
      const ended = waiting.takeAll()
      const goingOn = other.takeThrough(at(3))
      const first = busy.take()
      await house.create('1.1')
      await first
      await soon()
      for (const reader of [waiting, busy, early]) reader.abort()
      await ended
      await house.create('1.2')
      for (const reader of [busy, early]) await reader.takeAll()
      expect([waiting.end, busy.end, early.end]).to.deep.equal(Array(3).fill('without a word'))
      expect([waiting.positions, busy.positions, early.positions]).to.deep.equal([[1], [1], []])
      await house.create('1.3')
      await goingOn
      expect(other.positions).to.deep.equal([1, 2, 3])
    })

    it('without a word also where it is aborted while a page is read, or cannot be', async () => {
      await house.create('1.1')
      const feed = house.start()
      for (const outcome of [() => Promise.resolve(), () => Promise.reject(new Error('the disk'))]) {
        const reader = await Reader.follow(feed, 0)
        const other = await Reader.follow(feed)
        const waiting = other.take()
        await soon()
        const abortMeanwhile = (): Promise<void> => {
          reader.abort()
          return outcome()
        }
        house.before = { retrieveAll: abortMeanwhile }
        await reader.takeAll()
        expect([reader.end, reader.positions]).to.deep.equal(['without a word', []])
        other.abort()
        await waiting
      }
    })

    it('with "stopped" when it is stopped, of one who waits, one who is behind, and one who comes then', async () => {
      await house.createMany(1, 40)
      const feed = house.start()
      const [waiting, behind] = [await Reader.follow(feed), await Reader.follow(feed, 0)]
      const ended = waiting.takeAll()
      await behind.take()
      await soon()
      const reading = behind.takeAll()
      await feed.stop()
      await feed.stop()
      const late = await Reader.follow(feed, 0)
      await Promise.all([ended, reading, late.takeAll()])
      expect([waiting.end, behind.end, late.end]).to.deep.equal(['stopped', 'stopped', 'stopped'])
    })

    it('with "stopped" where a reading fails because its store is being closed, too', async () => {
      await house.createMany(1, 40)
      const feed = house.start()
      const behind = await Reader.follow(feed, 0)
      await behind.take()
      const stopAndFail = async (): Promise<never> => {
        await feed.stop()
        throw new Error('closed')
      }
      house.before = { retrieveAll: stopAndFail }
      await behind.takeAll()
      expect(behind.end).to.equal('stopped')
    })

    it('after what is being read for all has been read', async () => {
      const feed = house.start()
      const reader = await Reader.follow(feed)
      const ended = reader.takeAll()
      await soon()
      const { promise: gate, resolve: open } = Promise.withResolvers<void>()
      house.before = { retrieveAll: () => gate }
      await house.create('1.1')
      await soon()
      let isStopped = false
      const stopping = feed.stop().then(() => (isStopped = true))
      await soon()
      expect(isStopped).to.equal(false)
      open()
      await Promise.all([stopping, ended])
      expect(reader.end).to.equal('stopped')
    })

    it('with "too slow" for one who had caught up and fell too far behind, and for no other', async () => {
      await house.createMany(1, 30)
      const feed = house.start({ entries: 4, mostBehind: 20 })
      const [slow, other, first] = [await Reader.follow(feed), await Reader.follow(feed), await Reader.follow(feed, 0)]
      const waiting = Promise.all([slow.take(), other.take(), first.take()])
      await house.create('2.1')
      await waiting
      const keepingUp = other.takeThrough(at(72))
      for (const n of counting(31, 45)) await house.create(`1.${n}`)
      expect(await slow.take()).to.equal(true)
      for (const n of counting(46, 71)) await house.create(`1.${n}`)
      await keepingUp
      // That is far more than 20 behind the ring, yet it has never been in it.
      await first.takeThrough(at(20))
      expect(first.end).to.equal(undefined)
      expect(slow.through).to.be.below(52)
      await slow.takeAll()
      await first.takeThrough(at(72))
      expect([slow.end, other.end, first.end]).to.deep.equal(['too slow', undefined, undefined])
      expect(first.positions).to.deep.equal(counting(1, 72))
      expect(slow.positions).to.deep.equal(counting(31, slow.through))
      const resumed = await Reader.follow(feed, slow.through)
      await resumed.takeThrough(at(72))
      expect(resumed.positions).to.deep.equal(counting(slow.through + 1, 72))
    })

    it('with "forgotten" where entries are pruned under one who is behind', async () => {
      await house.createMany(1, 50)
      const feed = house.start({ entries: 4 })
      const behind = await Reader.follow(feed, 0)
      await behind.take()
      house.prune(45)
      await behind.takeAll()
      expect(behind.end).to.equal('forgotten')
      expect(behind.positions).to.deep.equal(counting(1, behind.through))
    })

    it('with "forgotten" also where they are pruned while they are read', async () => {
      await house.create('1.1', 'a')
      await house.relabel('1.1', 'b')
      await house.relabel('1.1', 'c')
      const behind = await Reader.follow(house.start(), 0)
      // It has read the entries, and lacks what came after its first page.
      const changeAndPrune = async (): Promise<void> => {
        await house.relabel('1.1', 'd')
        house.prune(4)
      }
      house.before = { retrieveAll: changeAndPrune }
      await behind.takeAll()
      expect([behind.end, behind.positions]).to.deep.equal(['forgotten', []])
    })

    it('with "forgotten" for one who was up to date, too; those who come then follow', async () => {
      house.isMute = true
      const feed = house.start({ look: 20 })
      const reader = await Reader.follow(feed)
      const ended = reader.takeAll()
      await soon()
      const muchAndPruned = async (): Promise<void> => {
        await house.createMany(1, 5)
        house.prune(3)
      }
      house.before = { readFeed: muchAndPruned }
      await ended
      expect([reader.end, reader.positions]).to.deep.equal(['forgotten', []])
      const next = await Reader.follow(feed)
      const waiting = next.take()
      await house.create('1.6')
      await waiting
      expect(next.positions).to.deep.equal([6])
    })

    it('with the failure of the store, and whoever resumes later misses nothing', async () => {
      const feed = house.start({ look: 10 })
      const [waiting, slow] = [await Reader.follow(feed), await Reader.follow(feed)]
      const first = Promise.all([waiting.take(), slow.take()])
      await house.create('1.1')
      await first
      house.before = { readFeed: () => Promise.reject(new Error('the disk')) }
      expect(await rejection(waiting.take())).to.have.property('message', 'the disk')
      await house.create('1.2')
      await slow.takeThrough(at(2))
      const resumed = await Reader.follow(feed, waiting.through)
      await resumed.takeThrough(at(2))
      expect([slow.positions, resumed.positions]).to.deep.equal([[1, 2], [2]])
    })

    it('with UPS_STORE_UNAVAILABLE where the store is closed under it', async () => {
      await house.createMany(1, 40)
      const feed = house.start({ look: 10 })
      const [live, behind] = [await Reader.follow(feed), await Reader.follow(feed, 0)]
      await behind.take()
      const waiting = rejection(live.take())
      await soon()
      await house.store.close()
      expect(await waiting).to.have.property('code', 'UPS_STORE_UNAVAILABLE')
      expect(await rejection(behind.takeAll())).to.have.property('code', 'UPS_STORE_UNAVAILABLE')
      expect(await rejection(Reader.follow(feed))).to.have.property('code', 'UPS_STORE_UNAVAILABLE')
    })
  })

  describe('reads', () => {
    it('once for a thousand who follow', async () => {
      await house.createMany(1, 3)
      const feed = house.start()
      const readers = await Promise.all(counting(1, 1_000).map(() => Reader.follow(feed)))
      const first = Promise.all(readers.map((reader) => reader.take()))
      await soon()
      house.calls = {}
      await house.relabel('1.1', 'b')
      await first
      await soon()
      // The second time it finds that there is no more.
      expect(house.calls).to.deep.equal({ readFeed: 2, retrieveAll: 1, feedStart: 2 })
      for (const reader of readers) {
        expect(reader.positions).to.deep.equal([4])
        expect(reader.pages[0]).to.equal(readers[0]?.pages[0])
      }
      const second = Promise.all(readers.map((reader) => reader.takeThrough(at(24))))
      await Promise.all(counting(1, 20).map((n) => house.create(`2.${n}`)))
      await second
      await soon()
      expect(house.calls.retrieveAll).to.be.at.most(4)
      for (const reader of readers) expect(reader.positions).to.deep.equal(counting(4, 24))
      for (const reader of readers) reader.abort()
    })

    it('nothing while nobody follows, and holds nothing', async () => {
      const feed = house.start({ look: 5 })
      const idle = await Reader.follow(feed)
      house.calls = {}
      await house.createMany(1, 3)
      await soon()
      expect(house.calls).to.deep.equal({})
      expect(house.watching).to.equal(0)
      await idle.takeThrough(at(3))
      const waiting = idle.take()
      await soon()
      expect(house.calls.readFeed).to.be.above(2)
      expect(house.watching).to.equal(1)
      idle.abort()
      await waiting
      await soon()
      expect(house.watching).to.equal(0)
      house.calls = {}
      await house.create('1.9')
      await soon()
      expect(house.calls).to.deep.equal({})
    })

    it('nothing more once the last one is gone who does not even ask for what it has', async () => {
      const feed = house.start({ look: 5 })
      const reader = await Reader.follow(feed)
      const first = reader.take()
      await house.create('1.1')
      await first
      reader.abort()
      await soon()
      house.calls = {}
      await soon()
      expect(house.calls).to.deep.equal({})
    })
  })

  it('warns of nothing where a thousand share a signal', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error): void => void warnings.push(warning)
    process.on('warning', warn)
    const feed = house.start()
    const controller = new AbortController()
    const ends = counting(1, 1_000).map(async () => {
      const followed = await feed.follow(undefined, controller.signal)
      if (followed.is === 'following') for await (const page of followed.pages) expect(page.is).to.equal('page')
    })
    await soon()
    controller.abort()
    await Promise.all(ends)
    await soon()
    process.off('warning', warn)
    expect(warnings).to.deep.equal([])
  })

  it('does not hold large datasets for one who is slow', async () => {
    const MIB = 1024 * 1024
    const feed = house.start({ bytes: 4 * MIB })
    const [slow, live] = [await Reader.follow(feed), await Reader.follow(feed)]
    const first = Promise.all([slow.take(), live.take()])
    await house.create('1.0')
    await first
    const before = usedHeap()
    const large = { '00400400': { vr: 'LT', Value: ['x'.repeat(MIB)] } } as const
    for (const n of counting(1, 60)) {
      await house.create(`1.${n}`, 'large', large)
      await live.takeThrough(at(n + 1))
      live.changes.length = 0
      live.pages.length = 0
    }
    expect((usedHeap() - before) / MIB).to.be.below(20)
    for (let taken = 1; slow.through < 61; taken++) {
      expect(await slow.take()).to.equal(true)
      expect(slow.changes.map(({ entry }) => entry.position).at(-1)).to.equal(slow.through)
      slow.changes.length = 0
      slow.pages.length = 0
      expect(taken).to.be.below(62)
    }
  })
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function usedHeap(): number {
  collect()
  return process.memoryUsage().heapUsed
}
