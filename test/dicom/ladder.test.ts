/** Numbers as terms of an index (plugin/dicom/ladder.ts). */
import { expect } from 'chai'
import fc from 'fast-check'
import {
  below,
  extent,
  HEIGHTS,
  highest,
  type Rung,
  rungsAround,
  rungsOfRange,
  rungTerm,
  rungTermsOf,
} from '../../plugin/dicom/ladder.ts'

const TOP = HEIGHTS - 1
const END = 16 ** HEIGHTS

/** Often just beside a number where rungs of some height begin. */
const number: fc.Arbitrary<number> = fc.oneof(
  fc.nat(END - 1),
  fc
    .tuple(fc.integer({ min: 0, max: TOP }), fc.nat(40), fc.integer({ min: -2, max: 2 }))
    .map(([height, count, beside]) => Math.min(Math.max(count * 16 ** height + beside, 0), END - 1)),
)
const range = fc.tuple(number, number).map(([a, b]) => (a < b ? ([a, b] as const) : ([b, a] as const)))
const rung: fc.Arbitrary<Rung> = fc
  .integer({ min: 0, max: TOP })
  .chain((height) => fc.record({ height: fc.constant(height), number: fc.nat(16 ** (HEIGHTS - height) - 1) }))

const inOrder = (rungs: readonly Rung[]): readonly Rung[] => rungs.toSorted((a, b) => extent(a).from - extent(b).from)
const rungOf = (height: number, of: number): Rung => ({ height, number: Math.floor(of / 16 ** height) })

/** Each begins where the one before it ends. */
function expectSeamless(rungs: readonly Rung[], from: number, before: number): void {
  const ends = [from, ...rungs.map((one) => extent(one).before)]
  expect(rungs.map((one) => extent(one).from)).to.deep.equal(ends.slice(0, -1))
  expect(ends.at(-1)).to.equal(before)
}

describe('The ladder of numbers', () => {
  it('has a rung of each height for a number, and its terms', () => {
    fc.assert(
      fc.property(number, (one) => {
        const rungs = Array.from({ length: HEIGHTS }, (_, height) => rungOf(height, one))
        expect(rungTermsOf(one)).to.deep.equal(rungs.map(rungTerm))
        for (const { from, before } of rungs.map(extent)) expect(one).to.be.at.least(from).and.below(before)
      }),
    )
  })

  it('has terms that say where a rung is: the one above has the beginning of them', () => {
    expect(rungTermsOf(0x12ab)).to.deep.equal(['000012ab', '000012a', '000012', '00001', '0000', '000', '00', '0'])
    expect(rungTerm({ height: TOP, number: 15 })).to.equal('f')
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(rungTermsOf(a).filter((term) => rungTermsOf(b).includes(term))).to.have.lengthOf(
          Array.from({ length: HEIGHTS }, (_, h) => h).filter((h) => rungOf(h, a).number === rungOf(h, b).number)
            .length,
        )
      }),
    )
  })

  it('has rungs that hold exactly the numbers of a range', () => {
    fc.assert(fc.property(range, ([from, before]) => expectSeamless(inOrder(rungsOfRange(from, before)), from, before)))
  })

  it('has as few of them as there can be: never all of those that one rung holds', () => {
    fc.assert(
      fc.property(range, ([from, before]) => {
        const counts = new Map<string, number>()
        for (const { height, number: at } of rungsOfRange(from, before)) {
          const above = `${height} ${Math.floor(at / 16)}`
          if (height < TOP) counts.set(above, (counts.get(above) ?? 0) + 1)
        }
        expect(Math.max(0, ...counts.values())).to.be.below(16)
      }),
    )
    expect(rungsOfRange(0, 16 ** TOP * 3)).to.deep.equal([0, 1, 2].map((at) => ({ height: TOP, number: at })))
  })

  it('has none for a range that is empty or reversed', () => {
    for (const from of [0, 1, 16, 17, 4096, 16 ** TOP + 1]) {
      for (const back of [0, 1, 15, 16, 17])
        expect(rungsOfRange(from, from - back), `${from} ${back}`).to.deep.equal([])
    }
  })

  it('goes down without leaving anything out', () => {
    fc.assert(
      fc.property(rung, (one) => {
        const { from, before } = extent(one)
        if (one.height === 0) expect(below(one)).to.deep.equal([])
        else expectSeamless(below(one), from, before)
        expect(below(one).every(({ height }) => height === one.height - 1)).to.equal(true)
      }),
    )
  })

  it('begins with the highest rungs, down to the one with the last number', () => {
    fc.assert(
      fc.property(number, (last) => {
        const rungs = highest(last)
        expectSeamless(rungs, 0, extent(rungOf(TOP, last)).before)
        expect(rungs.every(({ height }) => height === TOP)).to.equal(true)
      }),
    )
  })

  it('has the rungs of one height around a range', () => {
    fc.assert(
      fc.property(range, fc.integer({ min: 5, max: TOP }), ([from, before], height) => {
        fc.pre(from < before)
        const rungs = rungsAround(height, from, before)
        expect(rungs.every((one) => one.height === height)).to.equal(true)
        expect(rungs[0]).to.deep.equal(rungOf(height, from))
        expect(rungs.at(-1)).to.deep.equal(rungOf(height, before - 1))
        expectSeamless(rungs, extent(rungOf(height, from)).from, extent(rungOf(height, before - 1)).before)
      }),
      { numRuns: 30 },
    )
    expect(rungsAround(1, 15, 17)).to.deep.equal([0, 1].map((at) => ({ height: 1, number: at })))
    expect(rungsAround(0, 7, 9)).to.deep.equal([7, 8].map((at) => ({ height: 0, number: at })))
  })
})
