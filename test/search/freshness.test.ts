/** Who waits for which refresh (plugin/search/freshness.ts), with refreshes that end when the test says so. */
import { expect } from 'chai'
import { setImmediate } from 'node:timers/promises'
import type { Reached } from '../../plugin/feed/position.ts'
import { Freshness } from '../../plugin/search/freshness.ts'

const at = (position: number): Reached => position as Reached

describe('The freshness of an index', () => {
  let refreshes: { readonly end: () => void; readonly fail: () => void }[]
  let freshness: Freshness
  let reached: string[]
  beforeEach(() => {
    refreshes = []
    reached = []
    freshness = new Freshness(at(10), () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      refreshes.push({ end: resolve, fail: () => reject(new Error('no')) })
      return promise
    })
  })

  async function wait(position: number, name = String(position)): Promise<void> {
    void freshness.reach(at(position), 5_000).then(
      (isFresh) => reached.push(isFresh ? name : `not ${name}`),
      () => reached.push(`failed ${name}`),
    )
    await setImmediate()
  }
  const apply = async (position: number, wrote = true): Promise<void> => {
    freshness.advance(at(position), wrote)
    await setImmediate()
  }
  const end = async (refresh: number): Promise<void> => {
    refreshes[refresh]?.end()
    await setImmediate()
  }

  it('is not waited for where nothing is new', async () => {
    await wait(10)
    await apply(12, false)
    await wait(12)
    expect(reached).to.deep.equal(['10', '12'])
    expect(refreshes).to.have.length(0)
  })

  it('comes with a refresh after the change has been applied', async () => {
    await wait(11)
    expect(refreshes).to.have.length(0)
    await apply(11)
    expect(refreshes).to.have.length(1)
    expect(reached).to.deep.equal([])
    await end(0)
    expect(reached).to.deep.equal(['11'])
  })

  it('comes with the same refresh for all whose changes it began after, and with the next one for all others', async () => {
    await apply(12)
    await wait(11)
    await wait(12)
    expect(refreshes).to.have.length(1)
    await apply(14)
    await wait(13)
    await wait(14)
    expect(refreshes).to.have.length(1)
    await end(0)
    expect(reached).to.have.members(['11', '12'])
    expect(refreshes).to.have.length(2)
    await end(1)
    expect(reached).to.have.members(['11', '12', '13', '14'])
    await wait(14, 'again')
    expect(refreshes).to.have.length(2)
  })

  it('comes with the next refresh when one has failed', async () => {
    await apply(11)
    await wait(11)
    await apply(12)
    await wait(12)
    refreshes[0]?.fail()
    await setImmediate()
    expect(reached).to.deep.equal(['failed 11'])
    await end(1)
    expect(reached).to.deep.equal(['failed 11', '12'])
  })

  it('does not come when nothing more is applied', async () => {
    await wait(11)
    freshness.giveUp()
    await setImmediate()
    expect(reached).to.deep.equal(['not 11'])
    expect(freshness.isBehind).to.equal(false)
  })

  it('is behind after somebody has waited in vain, until it has been made up for', async () => {
    expect(await freshness.reach(at(11), 1)).to.equal(false)
    expect(freshness.isBehind).to.equal(true)
    await freshness.recover()
    expect(refreshes).to.have.length(0)
    await apply(11)
    const recovered = freshness.recover()
    await setImmediate()
    expect(freshness.isBehind).to.equal(true)
    await end(0)
    await recovered
    expect(freshness.isBehind).to.equal(false)
  })
})
