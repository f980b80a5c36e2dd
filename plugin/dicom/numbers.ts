/** The numbers that a number VR can hold (PS3.5 6.2), and how numbers are read from and written as text. */

/** JSON has no number that is none: NaN and the infinities cannot be a value (PS3.18 F.2.3). */
type Range = { readonly holds: (value: number) => boolean; readonly expected: string }

const integers = (min: number, max: number): Range => ({
  holds: (value) => Number.isInteger(value) && value >= min && value <= max,
  expected: `an integer from ${min} to ${max}`,
})

export const NUMBER_RANGES = {
  SS: integers(-0x8000, 0x7fff),
  US: integers(0, 0xffff),
  SL: integers(-0x80000000, 0x7fffffff),
  UL: integers(0, 0xffffffff),
  FL: { holds: (value) => Number.isFinite(Math.fround(value)), expected: 'a finite number of single precision' },
  FD: { holds: Number.isFinite, expected: 'a finite number' },
} as const satisfies Record<string, Range>

export type NumberVR = keyof typeof NUMBER_RANGES

export const isNumberVR = (vr: string): vr is NumberVR => Object.hasOwn(NUMBER_RANGES, vr)

/** Decimal, fixed or floating point, as in DS (PS3.5 6.2). Every part matches in one way only, so it is linear. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

export const isDecimal = (text: string): boolean => DECIMAL.test(text)

/** The number that a text stands for, white space around it aside; undefined if it is none. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim()
  return isDecimal(trimmed) ? Number(trimmed) : undefined
}

/** As JSON has it; minus zero keeps its sign, which a double (FD) may be meant to have. */
export const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))
