import { expect } from 'chai'
import fc from 'fast-check'
import { formatDuration, parseDuration } from '../../plugin/config/duration.ts'

describe('A duration', () => {
  const DURATIONS: readonly (readonly [text: string, milliseconds: number])[] = [
    ['P1D', 86_400_000],
    ['P0D', 0],
    ['PT0S', 0],
    ['PT1H', 3_600_000],
    ['PT90M', 5_400_000],
    ['PT1S', 1_000],
    ['PT0.5S', 500],
    ['PT1.005S', 1_005],
    ['PT0.0004S', 0],
    ['P1DT2H3M4.5S', 93_784_500],
    ['P30DT0H', 2_592_000_000],
    ['P2W', 1_209_600_000],
    ['p1dt1h', 90_000_000],
    ['P007D', 604_800_000],
    ['P50000000D', 4_320_000_000_000_000],
  ]
  for (const [text, milliseconds] of DURATIONS) {
    it(`${text} is ${milliseconds} ms`, () => expect(parseDuration(text)).to.equal(milliseconds))
  }

  const OTHERS = [
    '', 'P', 'PT', 'P1DT', '1D', 'D', 'P1', 'P-1D', '-P1D', 'P1.5D', 'P1Y', 'P1M', 'PT1.S', 'PT.5S', 'PT1S1M', 'PT1D',
    'P1W1D', 'P1,5D', 'P 1D', ' P1D', 'P1D ', 'P1D\n', '3600', 'P50000001D', `P${'9'.repeat(400)}D`,
  ] // prettier-ignore
  for (const text of OTHERS) {
    it(`is not ${JSON.stringify(text).slice(0, 20)}`, () => expect(parseDuration(text)).to.equal(undefined))
  }

  const WRITTEN: readonly (readonly [milliseconds: number, text: string])[] = [
    [0, 'PT0S'],
    [1, 'PT0.001S'],
    [1_000, 'PT1S'],
    [86_400_000, 'P1D'],
    [1_209_600_000, 'P14D'],
    [93_784_500, 'P1DT2H3M4.5S'],
  ]
  for (const [milliseconds, text] of WRITTEN) {
    it(`of ${milliseconds} ms is written ${text}`, () => expect(formatDuration(milliseconds)).to.equal(text))
  }

  it('is read again as it was written', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 12), (milliseconds) => parseDuration(formatDuration(milliseconds)) === milliseconds),
    )
  })
})
