import { expect } from 'chai'
import fc from 'fast-check'

import { glob } from '../../plugin/dicom/matching-glob.ts'

/** As the standard says it, with no thought of time. */
function naive(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return text.length === 0
  if (first === '*') return naive(rest, text) || (text.length > 0 && naive(pattern, text.slice(1)))
  return text.length > 0 && (first === '?' || first === text[0]) && naive(rest, text.slice(1))
}

describe('Wildcards', () => {
  const characters = ['a', 'b', '穆', '😀']
  const word = (from: readonly string[], maxLength: number): fc.Arbitrary<readonly string[]> =>
    fc.array(fc.constantFrom(...from), { maxLength })

  it('match what a naive matcher matches', () => {
    let hits = 0
    fc.assert(
      fc.property(word([...characters, '*', '*', '?'], 8), word(characters, 8), (pattern, text) => {
        const expected = naive(pattern, text)
        if (expected) hits++
        expect(glob(pattern.join(''), text.join(''))).to.equal(expected)
      }),
      { numRuns: 20_000 },
    )
    expect(hits).to.be.above(500)
  })

  const long = 'a'.repeat(100_000)
  const hostile: readonly (readonly [string, string, string, boolean])[] = [
    ['1000 times *a', '*a'.repeat(1000), long, true],
    ['1000 times *a and a letter that is not there', `${'*a'.repeat(1000)}b`, long, false],
    ['1000 times *?', '*?'.repeat(1000), long, true],
    ['1000 stars', '*'.repeat(1000), long, true],
    ['1000 stars and a letter that is not there', `${'*'.repeat(1000)}b`, long, false],
    ['as many letters as a name has', `*${'a'.repeat(60)}b`, long, false],
    ['the longest one that a query may have, in the longest LT', `*${'a?'.repeat(255)}b`, 'a'.repeat(10_240), false],
  ]
  for (const [what, pattern, text, expected] of hostile) {
    it(`cost little: ${what}`, () => {
      const start = performance.now()
      expect(glob(pattern, text)).to.equal(expected)
      expect(performance.now() - start).to.be.below(50)
    })
  }
})
