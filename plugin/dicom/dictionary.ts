/**
 * The data dictionary (PS3.6 chapter 6): what is known about an attribute by its tag or keyword.
 *
 * - VRs: all that are allowed; the first one is meant when none is said.
 * - VM: how many values, as text (`1`, `1-n`, `2-2n`) and as numbers.
 * - Repeating group: attributes such as (60xx,0010), listed once for all their groups.
 *
 * The entries come from dcmjs, with corrections. Its private elements are left out: a private tag alone means nothing.
 */
import { dictionary as dcmjs } from 'dcmjs/dictionary'

import type { Tag } from './dataset.ts'
import { CORRECTIONS } from './dictionary-corrections.ts'
import { isPrivateCreatorTag, isPrivateTag, normalTag } from './tag.ts'
import { isVR, type VR } from './vr.ts'

export { isPrivateCreatorTag, isPrivateTag, isTag, privateCreatorTagOf } from './tag.ts'

/** Value multiplicity (PS3.5 6.4): `min`, then in steps of `step` up to `max`, which may be Infinity. */
export interface Vm {
  readonly text: string
  readonly min: number
  readonly max: number
  readonly step: number
}

export interface DictionaryEntry {
  readonly tag: Tag
  /** Empty for the few retired attributes that PS3.6 lists without one. */
  readonly keyword: string
  /** All allowed VRs, never empty; the first is the default. */
  readonly vrs: readonly VR[]
  readonly vm: Vm
  readonly retired: boolean
}

/** The codes by which dcmjs means a choice; the default is what PS3.5 A.1 prescribes where no VR is sent. */
const VR_CHOICES: ReadonlyMap<string, readonly VR[]> = new Map([
  ['ox', ['OW', 'OB']],
  ['xs', ['US', 'SS']],
  ['lt', ['US', 'SS', 'OW']],
  ['up', ['UL']],
])

const RETIRED = 'RETIRED_'
const NO_KEYWORD = 'undefined'

/** Entries by tag; those of repeating groups by a pattern, `60xx0010` or `002031xx`. */
const byTag = new Map<string, DictionaryEntry>()
const byKeyword = new Map<string, DictionaryEntry>()

function readDcmjs(): void {
  for (const { tag, vr, name, vm } of Object.values(dcmjs)) {
    const pattern = patternOf(tag)
    const vrs = vrsOf(vr)
    if (pattern === undefined || vrs === undefined || name === undefined || vm === undefined) continue
    const retired = name.startsWith(RETIRED)
    const keyword = retired ? name.slice(RETIRED.length) : name
    add(pattern, {
      tag: pattern.replace('xx', '00'),
      keyword: keyword === NO_KEYWORD ? '' : keyword,
      vrs,
      vm: vmOf(vm),
      retired,
    })
  }
}

function correct(): void {
  for (const [tag, vrs, vm, keyword] of CORRECTIONS) {
    byKeyword.delete(byTag.get(tag)?.keyword ?? '')
    add(tag, { tag, keyword, vrs: vrs.split(' or ').filter(isVR), vm: vmOf(vm), retired: false })
  }
}

function add(pattern: string, entry: DictionaryEntry): void {
  byTag.set(pattern, entry)
  if (entry.keyword === '') return
  // A current keyword wins over a retired one.
  if (!entry.retired || !byKeyword.has(entry.keyword)) byKeyword.set(entry.keyword, entry)
}

/** `(0010,0010)`, `(6000-60FF,0010)` or `(0020,3100-31FF)`; all else is private or a rule about all groups. */
function patternOf(tag: string): string | undefined {
  const [, group = '', groupEnd, element = '', elementEnd] =
    /^\((\w{4})(?:-(\w{4}))?,(\w{4})(?:-(\w{4}))?\)$/.exec(tag) ?? []
  if (group === '') return undefined
  return ranged(group, groupEnd) + ranged(element, elementEnd)
}

const ranged = (start: string, end: string | undefined): string =>
  end === undefined ? start : `${start.slice(0, 2)}xx`

/** Undefined for items and delimiters, which have no VR. */
function vrsOf(code: string | undefined): readonly VR[] | undefined {
  return isVR(code) ? [code] : VR_CHOICES.get(code ?? '')
}

/** `3`, `1-8`, `1-n`, `2-2n`. */
function vmOf(text: string): Vm {
  const [least = '1', most = least] = text.split('-')
  const min = Number(least)
  if (!most.endsWith('n')) return { text, min, max: Number(most), step: 1 }
  return { text, min, max: Infinity, step: most === 'n' ? 1 : Number(most.slice(0, -1)) }
}

/** The entry of a tag (upper case), also of one in a repeating group. Private tags have none. */
export function lookupTag(tag: Tag): DictionaryEntry | undefined {
  return byTag.get(tag) ?? lookupRepeating(tag)
}

function lookupRepeating(tag: Tag): DictionaryEntry | undefined {
  if (isPrivateTag(tag)) return undefined
  const entry = byTag.get(`${tag.slice(0, 2)}xx${tag.slice(4)}`) ?? byTag.get(`${tag.slice(0, 6)}xx`)
  return entry && { ...entry, tag }
}

/** The entry of a keyword, which has to be in its exact case; of a repeating group the first one. */
export const lookupKeyword = (keyword: string): DictionaryEntry | undefined => byKeyword.get(keyword)

/** Undefined for a tag that is not in the dictionary, and for the few that have no keyword. */
export const keywordOf = (tag: Tag): string | undefined => lookupTag(tag)?.keyword || undefined

/** The VR of an attribute for which none is said. */
export function vrOf(tag: Tag): VR {
  if (isPrivateCreatorTag(tag)) return 'LO'
  return lookupTag(tag)?.vrs[0] ?? 'UN'
}

/** The tag that a keyword or 8 hex digits in either case stand for (PS3.18 8.3.4.1: attribute ids in a URL). */
export const parseAttributeId = (text: string): Tag | undefined => normalTag(text) ?? lookupKeyword(text)?.tag

readDcmjs()
correct()
