/** The order of what changes while it is read (plugin/worklist/in-order.ts), for any changes. */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Position, Sequence } from '../../plugin/store/store.ts'
import { InOrder } from '../../plugin/worklist/in-order.ts'
import { compareRanks, isBehind, type Rank } from '../../plugin/worklist/place.ts'

const HEAD = 10 as Position
const ORDER = [{ tag: '00741202', descending: false }]

interface Read {
  readonly sequence: number
  readonly rank: Rank
  readonly version: Position
}

const key = fc.constantFrom('a', 'b', 'c', 'd', undefined)
const workitems = fc.array(fc.record({ was: key, is: fc.option(key, { nil: 'as it was' as const, freq: 2 }) }), {
  maxLength: 40,
})

/** As an engine gives them: in the order that was, each as it is. */
function readOf(
  all: readonly { readonly was: string | undefined; readonly is: string | undefined }[],
): readonly Read[] {
  const rank = (sequence: number, one: string | undefined): Rank => ({ keys: [one], sequence: sequence as Sequence })
  return all
    .map(({ was, is }, i) => ({ i, was: rank(i, was), is }))
    .toSorted((a, b) => compareRanks(a.was, b.was, ORDER))
    .map(({ i, was, is }) => ({
      sequence: i,
      rank: is === 'as it was' ? was : rank(i, is),
      version: (is === 'as it was' ? HEAD : HEAD + 1) as Position,
    }))
}

function given(read: readonly Read[]): readonly Read[] {
  const inOrder = new InOrder<Read>(ORDER, HEAD)
  return [...read.flatMap((one) => inOrder.next(one)), ...inOrder.rest()]
}

describe('Workitems that change while they are read', () => {
  it('come once, in order, and none stands for a place behind its own', () => {
    fc.assert(
      fc.property(workitems, (all) => {
        const read = readOf(all)
        const result = given(read)
        expect(result.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).to.deep.equal(all.map((_, i) => i))
        for (const [i, { rank }] of result.entries()) {
          expect(i === 0 || !isBehind(result[i - 1]?.rank as Rank, rank, ORDER), 'in order').to.equal(true)
        }
        for (const one of read) {
          const at = result.findIndex(({ sequence }) => sequence === one.sequence)
          const [place, before] = [result[at]?.rank as Rank, result[at - 1]]
          if (place === one.rank) continue
          expect(isBehind(place, one.rank, ORDER), 'its turn was over').to.equal(true)
          expect(place).to.equal(before?.rank)
        }
      }),
    )
  })

  it('wait in memory up to a bound, and then stand for the place of the one before', () => {
    const all = [{ was: 'a', is: 'as it was' }, ...Array.from({ length: 3_000 }, () => ({ was: 'b', is: 'd' }))]
    const inOrder = new InOrder<Read>(ORDER, HEAD)
    const now = readOf(all).flatMap((one) => inOrder.next(one))
    expect(now).to.have.length(2_001)
    expect(new Set(now.map(({ rank }) => rank.keys[0]))).to.deep.equal(new Set(['a']))
    expect(inOrder.rest()).to.have.length(1_000)
  })
})
