/** What is wrong with the value of an option is said in one form: option, value, what was expected. */
import { UpsError } from './errors.ts'

export function bad(name: string, value: unknown, expected: string): UpsError {
  return new UpsError('UPS_BAD_OPTION', `The option ${name} is ${JSON.stringify(value)}, expected ${expected}.`)
}

export function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw bad(name, value, 'a text that is not empty')
}

/** What a timer of Node.js can count. */
const MOST = 2 ** 31 - 1

export function positive(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= MOST) return value
  throw bad(name, value, `a whole number above 0, at most ${MOST}`)
}

export function yesOrNo(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw bad(name, value, 'true or false')
}
