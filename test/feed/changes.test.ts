/** Datasets before and after an entry of the feed, as they were then (plugin/feed/changes.ts). */
import { expect } from 'chai'
import { type Change, changesOf } from '../../plugin/feed/changes.ts'
import type { FeedEntry } from '../../plugin/store/store.ts'
import { FedStore, labelOf } from './fed-store.ts'

describe('What entries of the feed did', () => {
  let house: FedStore
  beforeEach(() => {
    house = new FedStore()
  })
  afterEach(() => house.end())

  const read = (after = 0, limit = 100): Promise<readonly FeedEntry[]> =>
    house.store.readFeed((after || undefined) as never, limit)
  const told = (changes: readonly Change[]): readonly string[] =>
    changes.map(({ entry: { position, uid }, before, after }) => {
      return `${position} ${uid} ${labelOf(before)} -> ${labelOf(after)}`
    })

  it('is told by the datasets before and after each of them, whatever happened since', async () => {
    await house.create('1.1', 'a')
    await house.create('1.2', 'x')
    await house.relabel('1.1', 'b')
    await house.relabel('1.1', 'c')
    await house.relabel('1.2', 'y')
    await house.relabel('1.1', 'd')
    const all = [
      '1 1.1 undefined -> a',
      '2 1.2 undefined -> x',
      '3 1.1 a -> b',
      '4 1.1 b -> c',
      '5 1.2 x -> y',
      '6 1.1 c -> d',
    ]
    for (let after = 0; after < 6; after++)
      for (let limit = 1; limit <= 6; limit++)
        expect(told(await changesOf(await read(after, limit), house.store))).to.deep.equal(
          all.slice(after, after + limit),
        )
  })

  it('keeps attributes that came, and takes out those that were not there', async () => {
    await house.create('1.1', 'a', { '00100020': { vr: 'LO', Value: ['P'] } })
    const [first] = await changesOf(await read(), house.store)
    await house.relabel('1.1', 'b')
    const [again, second] = await changesOf(await read(), house.store)
    expect(again).to.deep.equal(first)
    expect(second?.before).to.deep.equal(first?.after)
    expect(second?.after).to.have.property('00100020')
  })

  it('shares what has not changed', async () => {
    await house.create('1.1', 'a')
    await house.relabel('1.1', 'b')
    await house.relabel('1.1', 'b')
    const [first, second, third] = await changesOf(await read(), house.store)
    expect(second?.before).to.equal(first?.after)
    expect(second?.before?.['00080018']).to.equal(second?.after?.['00080018'])
    expect(third?.before).to.equal(third?.after)
  })

  it('of one who is deleted by now, is its deletion', async () => {
    await house.create('1.1', 'a')
    await house.create('1.2', 'x')
    await house.relabel('1.1', 'b')
    await house.delete('1.1')
    expect(told(await changesOf(await read(), house.store))).to.deep.equal([
      '2 1.2 undefined -> x',
      '4 1.1 undefined -> undefined',
    ])
    expect(await changesOf(await read(0, 1), house.store)).to.deep.equal([])
  })

  it('of a UID that is there a second time, is what the second one did', async () => {
    await house.create('1.1', 'a')
    await house.delete('1.1')
    house.forgetTombstones()
    await house.create('1.1', 'b')
    await house.relabel('1.1', 'c')
    expect(told(await changesOf(await read(0, 3), house.store))).to.deep.equal([
      '2 1.1 undefined -> undefined',
      '3 1.1 undefined -> b',
    ])
    expect(await changesOf(await read(0, 1), house.store)).to.deep.equal([])
  })

  it('is nothing where a global subscription changed', async () => {
    await house.store.commitGlobal({
      uid: '1.2.840.10008.5.1.4.34.5',
      subscriber: 'TMS',
      kind: 'subscribe',
      change: { does: 'subscribe', record: 'global', deletionLock: false },
      announce: false,
      at: new Date(),
      expected: undefined,
    })
    expect(await changesOf(await read(), house.store)).to.deep.equal([])
    expect(house.calls).to.not.have.any.keys('retrieveAll', 'histories')
  })

  describe('is right when somebody commits meanwhile:', () => {
    const EXPECTED = ['1 1.1 undefined -> a', '2 1.2 undefined -> x', '3 1.1 a -> b']
    let entries: readonly FeedEntry[]
    beforeEach(async () => {
      await house.create('1.1', 'a')
      await house.create('1.2', 'x')
      await house.relabel('1.1', 'b')
      entries = await read()
      await house.relabel('1.1', 'c')
    })
    const tell = async (): Promise<readonly string[]> => told(await changesOf(entries, house.store))

    it('a change before workitems are read', async () => {
      house.before = { retrieveAll: () => house.relabel('1.1', 'd') }
      expect(await tell()).to.deep.equal(EXPECTED)
    })

    it('a change between workitems and histories', async () => {
      house.before = { histories: () => house.relabel('1.1', 'd') }
      expect(await tell()).to.deep.equal(EXPECTED)
    })

    it('a deletion before workitems are read', async () => {
      house.before = { retrieveAll: () => house.delete('1.1') }
      expect(await tell()).to.deep.equal([EXPECTED[1]])
    })

    it('a deletion between workitems and histories', async () => {
      house.before = { histories: () => house.delete('1.1') }
      expect(await tell()).to.deep.equal([EXPECTED[1]])
    })

    it('a deletion and a new one of that UID between workitems and histories', async () => {
      house.before = {
        histories: async () => {
          await house.delete('1.1')
          house.forgetTombstones()
          await house.create('1.1', 'other')
        },
      }
      expect(await tell()).to.deep.equal([EXPECTED[1]])
    })

    it('the feed is pruned in the middle of what must be undone', async () => {
      await house.relabel('1.1', 'd')
      house.before = { histories: async () => house.prune(4) }
      expect(await tell()).to.deep.equal([EXPECTED[1]])
    })
  })

  it('takes the same number of calls for any number of entries', async () => {
    await house.createMany(1, 50)
    for (let n = 1; n <= 50; n++) await house.relabel(`1.${n}`, 'b')
    for (const limit of [1, 10, 100]) {
      const entries = await read(0, limit)
      house.calls = {}
      expect(await changesOf(entries, house.store)).to.have.length(limit)
      expect(house.calls).to.deep.equal({ retrieveAll: 1, ...(limit < 100 && { histories: 1 }) })
    }
  })
})
