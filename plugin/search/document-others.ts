/**
 * Attributes without a field of their own: the texts of all of them are in one field, each behind its path, so that a
 * search for any attribute looks at few workitems. Items lose their bounds here.
 */
import { itemsOfAttribute } from '../dicom/attribute-value.ts'
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { significantText } from '../dicom/matching-text.ts'
import { PrivateBlocks } from '../dicom/private-blocks.ts'
import { VR_MATCHING } from '../dicom/query-vr-table.ts'
import { isPrivateTag } from '../dicom/tag.ts'
import { TAG } from '../ups/tags.ts'
import { type Term, termOf } from './document-text.ts'
import type { SearchKeys } from './keys.ts'

/** Of UTF-16. What is deeper, or has a creator of a longer name, is not in the index. */
export const MOST_UNITS_OF_PATH = 2000

/** Behind the path comes the text. */
export const headOf = (path: string): string => `${path}=`
/** Has values that are no texts: a private attribute, whose VR a query does not know. */
export const valuesMark = (path: string): string => `${path}~`

export const pathIn = (path: string, step: string): string => (path === '' ? step : `${path}.${step}`)
/** A creator may have any block, so the number of the block is left out. The quotes of JSON make it unmistakable. */
export const privateStep = (tag: Tag, creator: string): string =>
  `${tag.slice(0, 4)}${tag.slice(6)}${JSON.stringify(creator)}`

export interface OtherTerm extends Term {
  readonly path: string
}

/** `keys`: of the level, what is not among the others. */
export function othersOf(level: Dataset, keys: SearchKeys): readonly OtherTerm[] {
  const terms: OtherTerm[] = []
  addItem(level, '', keys, terms)
  return terms
}

const NO_KEYS: SearchKeys = new Map()

function addItem(item: Dataset, path: string, keys: SearchKeys, terms: OtherTerm[]): void {
  let blocks: PrivateBlocks | undefined
  for (const tag in item) {
    const attribute = item[tag]
    // Nothing but the path of writing may see the lock.
    if (attribute?.Value === undefined || keys.has(tag) || tag === TAG.TransactionUID) continue
    if (isPrivateTag(tag)) {
      blocks ??= new PrivateBlocks(item)
      const { creator } = blocks.masked(tag)
      if (creator !== undefined) addPrivate(attribute, pathIn(path, privateStep(tag, creator)), terms)
    } else {
      addAttribute(attribute, pathIn(path, tag), terms)
    }
  }
}

function addPrivate(attribute: Attribute, path: string, terms: OtherTerm[]): void {
  const { kind } = VR_MATCHING[attribute.vr]
  if (kind === 'text' || kind === 'uid' || kind === 'none') addAttribute(attribute, path, terms)
  else if (path.length <= MOST_UNITS_OF_PATH) terms.push({ path, ...termOf(valuesMark(path)) })
}

function addAttribute(attribute: Attribute, path: string, terms: OtherTerm[]): void {
  if (path.length > MOST_UNITS_OF_PATH) return
  for (const item of itemsOfAttribute(attribute)) addItem(item, path, NO_KEYS, terms)
  for (const text of textsOf(attribute)) terms.push({ path, ...termOf(headOf(path) + text) })
}

/** What can be matched of them, in order. */
export function textsOf({ vr, Value = [] }: Attribute): readonly string[] {
  const texts: string[] = []
  for (const value of Value) {
    const text = typeof value === 'string' ? significantText(vr, value) : ''
    if (text !== '') texts.push(text)
  }
  return texts
}
