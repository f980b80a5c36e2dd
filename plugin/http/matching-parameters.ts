/** Matching keys as query parameters, and the flags that say how they are meant: search and subscriptions read them alike. */
import type { DatasetProblem } from '../dicom/parsed.ts'
import type { QueryKey } from '../dicom/query.ts'
import type { MatchingOptions } from '../ups/matching-keys.ts'
import { boolean, LOOKS_LIKE_AN_ATTRIBUTE, type Parameter } from './query.ts'

export const MATCHING_FLAGS = ['fuzzymatching', 'emptyvaluematching', 'multiplevaluematching'] as const

export interface KeyParameters {
  readonly keys: readonly QueryKey[]
  /** Parameters were ignored; the answer must say so (PS3.18 8.3). */
  readonly hasUnknown: boolean
}

/** `control`: the names, in lower case, of the parameters that are no attributes whatever they look like. */
export function keyParameters(query: readonly Parameter[], control: ReadonlySet<string>): KeyParameters {
  const others = query.filter(({ name }) => !control.has(name.toLowerCase()))
  const attributes = others.filter(({ name }) => LOOKS_LIKE_AN_ATTRIBUTE.test(name))
  return {
    keys: attributes.map(({ name, list }) => ({ name, list })),
    hasUnknown: attributes.length < others.length,
  }
}

/** @throws HttpRefusal that names the flag */
export function matchingOptions(query: readonly Parameter[]): MatchingOptions {
  const given = MATCHING_FLAGS.flatMap((name) => (boolean(query, name) ? [[name, true] as const] : []))
  return Object.fromEntries(given)
}

/** One sentence that names each key, as the client wrote it, and what was expected. */
export const problemText = (problems: readonly DatasetProblem[]): string =>
  `${problems.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`)).join('; ')}.`
