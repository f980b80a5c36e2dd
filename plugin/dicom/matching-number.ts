/** What numbers have in common that are the same, however they are written: `+7`, `007`, `7` and 7. */
import type { Value } from './dataset.ts'
import { numberOf } from './numbers.ts'
import { withoutPadding } from './padding.ts'
import { VR_RULES } from './vr-rules.ts'
import type { VR } from './vr.ts'

/** Text for SV and UV, a number for all others; undefined if the value is none of the VR. */
export function comparableNumber(vr: VR, value: Value): number | string | undefined {
  if (vr === 'SV' || vr === 'UV') return bigInteger(vr, value)
  const number = typeof value === 'string' ? numberOf(value) : value
  if (typeof number !== 'number') return undefined
  // JSON may have an FL with the digits of a double or with those of a single.
  return vr === 'FL' ? Math.fround(number) : number
}

function bigInteger(vr: VR, value: Value): string | undefined {
  if (!VR_RULES[vr].holds(value)) return undefined
  return typeof value === 'number' ? String(value) : String(BigInt(withoutPadding(String(value)).replace('+', '')))
}
