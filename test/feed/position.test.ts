import { expect } from 'chai'
import fc from 'fast-check'
import { before, behind, entriesBehind, parsePosition, positionText, type Reached } from '../../plugin/feed/position.ts'
import type { Position } from '../../plugin/store/store.ts'

const reached = fc.maxSafeNat().map((position) => position as Reached)

describe('A position, as clients see it', () => {
  it('comes back as it was, also the one before all others', () => {
    fc.assert(fc.property(reached, (position) => parsePosition(positionText(position)) === position))
    expect(parsePosition(positionText(0))).to.equal(0)
  })

  it('has one text: no other is taken', () => {
    const odd = fc.oneof(fc.string(), fc.stringMatching(/^[-+ 0-9.eExn]{1,20}$/))
    fc.assert(
      fc.property(odd, (text) => {
        const position = parsePosition(text)
        expect(position === undefined || positionText(position) === text).to.equal(true)
      }),
    )
    for (const text of ['', '-0', '-1', '+1', '01', '00', ' 1', '1 ', '1\n', '1.0', '1e3', '0x1', '١', 'null', 'NaN'])
      expect(parsePosition(text), JSON.stringify(text)).to.equal(undefined)
  })

  it('is no larger than a number can be told from its neighbours', () => {
    expect(parsePosition('9007199254740991')).to.equal(Number.MAX_SAFE_INTEGER)
    for (const text of ['9007199254740992', '9007199254740993', '9999999999999999', '10000000000000000'])
      expect(parsePosition(text)).to.equal(undefined)
  })
})

describe('Positions in the feed', () => {
  it('say how many entries are between them, none where one is ahead', () => {
    expect([entriesBehind(0, 7 as Position), entriesBehind(3 as Position, 7 as Position)]).to.deep.equal([7, 4])
    expect(entriesBehind(7 as Position, 3 as Position)).to.equal(0)
  })

  it('are given to the store as it takes them: nothing is before the first', () => {
    expect([behind(0), behind(4 as Position)]).to.deep.equal([undefined, 4])
    expect([before(1 as Position), before(4 as Position)]).to.deep.equal([undefined, 3])
  })
})
