/**
 * The workitems of one rung of days or instants, as terms. Where date-times are readings of clocks, the rungs of their own
 * ladder that may be meant are taken, and who is on which side is seen when they are looked at: so it does not matter what
 * clocks are put forward or back.
 */
import { extent, highest, type Rung, rungsAround, rungsOfRange, rungTerm } from '../../dicom/ladder.ts'
import { DAY } from '../../dicom/matching-moment.ts'
import { offsetsAround } from '../../dicom/matching-time-zone.ts'
import { type Ladder, ladderTerm, LAST_DAY, LAST_QUARTER, QUARTER, startOfQuarter } from '../../ups/index-terms.ts'
import { either } from './search-expression.ts'
import type { Step } from './search-steps.ts'

export interface OnRung {
  /** Satisfied by all of them. */
  readonly expression: string
  /** Satisfied by no other one, either; absent: the index cannot tell. */
  readonly exact?: string | undefined
  /** Microseconds of those that are meant; absent: all. */
  readonly within?: { readonly from: number; readonly before: number }
}

export const highestRungs = ({ ladders }: Step): readonly Rung[] =>
  highest(ladders.includes('day') ? LAST_DAY : LAST_QUARTER)

export function onRung({ key: { code }, ladders }: Step, rung: Rung, timeZone: string | undefined): OnRung {
  const on = (ladder: Ladder, rungs: readonly Rung[]): readonly string[] =>
    rungs.map((one) => ladderTerm(code, ladder, rungTerm(one)))
  const [ladder = 'utc', clocks] = ladders
  const [own = ''] = on(ladder, [rung])
  if (clocks === undefined) return { expression: own, exact: own }
  const { from, before } = extent(rung)
  const { least, most } = offsetsWithin(from, before, timeZone)
  const around = rungsAround(rung.height, Math.max(from + least, 0), before + most)
  return {
    expression: either([own, ...on(clocks, around)]),
    exact:
      least === most
        ? either([own, ...on(clocks, rungsOfRange(Math.max(from + least, 0), before + least))])
        : undefined,
    within: { from: startOfQuarter(from), before: startOfQuarter(before) },
  }
}

const QUARTERS_OF_DAY = DAY / QUARTER

/** No clocks have ever been further from UTC. */
const MOST_OFFSET = (16 / 24) * QUARTERS_OF_DAY

/** Quarters for which changes of clocks are looked for: of two days, one cannot be missed. */
const LOOKED_AT = 64 * QUARTERS_OF_DAY

/** In quarters: how far clocks may be ahead of UTC. */
function offsetsWithin(
  from: number,
  before: number,
  timeZone: string | undefined,
): { readonly least: number; readonly most: number } {
  let [least, most] = [MOST_OFFSET, -MOST_OFFSET]
  if (before - from > LOOKED_AT) return { least: -MOST_OFFSET, most: MOST_OFFSET }
  for (let quarter = from; quarter < before + QUARTERS_OF_DAY; quarter += 2 * QUARTERS_OF_DAY) {
    const around = offsetsAround(startOfQuarter(quarter), timeZone)
    least = Math.min(least, Math.floor(around.least / QUARTER))
    most = Math.max(most, Math.ceil(around.most / QUARTER))
  }
  return { least, most }
}
