/** Positions in the feed: as text, as clients see them, and how far one is from another. Nobody else does arithmetic on them. */
import type { Position } from '../store/store.ts'

/** A position, or 0: before all of them. */
export type Reached = Position | 0

/** Opaque to clients. */
export const positionText = (position: Reached): string => String(position)

/** Undefined: a text that `positionText` gives for none. */
export function parsePosition(text: string): Reached | undefined {
  const position = TEXT.test(text) ? Number(text) : NaN
  return Number.isSafeInteger(position) ? (position as Reached) : undefined
}

const TEXT = /^(?:0|[1-9]\d{0,15})$/

/** How many entries are behind `reached`, up to `head`. */
export const entriesBehind = (reached: Reached, head: Reached): number => Math.max(head - reached, 0)

/** As the store takes it. */
export const behind = (reached: Reached): Position | undefined => (reached === 0 ? undefined : reached)

/** Behind which a reading of the feed begins with the entry at this position, positions having no gap. */
export const before = (position: Position): Position | undefined => behind((position - 1) as Reached)
