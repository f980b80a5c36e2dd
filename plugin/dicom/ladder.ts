/**
 * Whole numbers as terms of an index that knows nothing but terms: a number stands on one rung of each height, and the rung of
 * height h holds 16^h numbers. So a range is a few rungs, and an order can be found by going down from the widest ones.
 */

const WIDTH = 16

/** Heights from 0. There are few of the highest rungs, whatever there is: 2^30 numbers are on four of them. */
export const HEIGHTS = 8

export interface Rung {
  readonly height: number
  readonly number: number
}

/** As many digits as the rung is below the top: the beginning of those of each number on it. */
export const rungTerm = ({ height, number }: Rung): string => number.toString(WIDTH).padStart(HEIGHTS - height, '0')

/** Of all rungs that a number from 0 stands on. */
export function rungTermsOf(number: number): readonly string[] {
  const lowest = rungTerm({ height: 0, number })
  return Array.from({ length: HEIGHTS }, (_, height) => lowest.slice(0, HEIGHTS - height))
}

/** The fewest rungs that hold the numbers from `from` to the one before `before`, and no other. */
export function rungsOfRange(from: number, before: number): readonly Rung[] {
  const rungs: Rung[] = []
  let [low, high] = [from, before]
  for (let height = 0; height < HEIGHTS - 1 && low < high; height++) {
    while (low < high && low % WIDTH !== 0) rungs.push({ height, number: low++ })
    while (low < high && high % WIDTH !== 0) rungs.push({ height, number: --high })
    low /= WIDTH
    high /= WIDTH
  }
  while (low < high) rungs.push({ height: HEIGHTS - 1, number: low++ })
  return rungs
}

/** The rungs one step below, in order; none below the lowest. */
export const below = ({ height, number }: Rung): readonly Rung[] =>
  height === 0 ? [] : Array.from({ length: WIDTH }, (_, i) => ({ height: height - 1, number: number * WIDTH + i }))

/** The highest rungs of the numbers up to `last`, in order. */
export const highest = (last: number): readonly Rung[] =>
  Array.from({ length: Math.floor(last / WIDTH ** (HEIGHTS - 1)) + 1 }, (_, number) => ({
    height: HEIGHTS - 1,
    number,
  }))

/** The rungs of a height that hold the numbers from `from` to the one before `before`, and others. */
export function rungsAround(height: number, from: number, before: number): readonly Rung[] {
  const width = WIDTH ** height
  const first = Math.floor(from / width)
  return Array.from({ length: Math.ceil(before / width) - first }, (_, i) => ({ height, number: first + i }))
}

/** The first number of a rung, and the one behind its last. */
export const extent = ({ height, number }: Rung): { readonly from: number; readonly before: number } => ({
  from: number * WIDTH ** height,
  before: (number + 1) * WIDTH ** height,
})
