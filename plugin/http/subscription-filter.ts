/**
 * The matching keys of a filtered subscription: `filter=` with a list of keys (PS3.18 11.10), or keys as query parameters
 * of their own (2019a, dcm4chee).
 */
import type { QueryKey } from '../dicom/query.ts'
import { type Filter, readFilter } from '../ups/matching-keys.ts'
import { DicomRefusal } from './dicom-refusal.ts'
import { keyParameters, MATCHING_FLAGS, matchingOptions, problemText } from './matching-parameters.ts'
import type { Parameter } from './query.ts'

export interface SubscriptionFilter {
  /** Absent: no key was given. */
  readonly filter?: Filter
  /** Parameters were ignored; the answer must say so (PS3.18 8.3). */
  readonly hasUnknown: boolean
}

const FILTER = 'filter'
const CONTROL: ReadonlySet<string> = new Set([FILTER, 'deletionlock', 'accept', 'charset', ...MATCHING_FLAGS])

/** @throws DicomRefusal, HttpRefusal that name the key or parameter */
export function readSubscriptionFilter(query: readonly Parameter[]): SubscriptionFilter {
  const listed = query.filter(({ name }) => name.toLowerCase() === FILTER).flatMap(({ list }) => list)
  const given = keyParameters(query, CONTROL)
  const keys = [...keysOf(listed), ...given.keys]
  const { hasUnknown } = given
  return keys.length === 0 ? { hasUnknown } : { filter: parse(keys, query), hasUnknown }
}

function parse(keys: readonly QueryKey[], query: readonly Parameter[]): Filter {
  const read = readFilter(keys, matchingOptions(query))
  if (read.ok) return read.filter
  throw new DicomRefusal('invalidArgument', [], problemText(read.problems))
}

/** `Keyword=`, `00404025.CodeValue=`: what stands in front of the value of a key. */
const KEY = /^((?:[A-Z][A-Za-z0-9]*|[0-9A-Fa-f]{8})(?:\.(?:[A-Z][A-Za-z0-9]*|[0-9A-Fa-f]{8}))*)=([^]*)$/

/**
 * Clients encode the whole list or each key, so a comma may part two keys or two values of one: what does not begin with an
 * attribute and `=` is one more value of the key before it.
 */
function keysOf(listed: readonly string[]): readonly QueryKey[] {
  const keys: { readonly name: string; readonly list: string[] }[] = []
  for (const piece of listed.flatMap((one) => one.split(',')).filter((one) => one !== '')) {
    const [, name, value = ''] = KEY.exec(piece) ?? []
    const last = keys.at(-1)
    if (name !== undefined) keys.push({ name, list: [value] })
    else if (last) last.list.push(piece)
    else
      throw new DicomRefusal(
        'invalidArgument',
        [],
        'filter holds no key: expected attribute=value, with commas between.',
      )
  }
  return keys
}
