/**
 * The syntax of tags (PS3.5 7.1) and of private ones (PS3.5 7.8.1): what can be said of a tag without a dictionary.
 * Private: the group is odd. Creator element: (gggg,00xx) names the owner of the block (gggg,xx00-xxFF).
 */
import type { Dataset, Tag } from './dataset.ts'

const TAG_LENGTH = 8

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isUpperHex = (code: number): boolean => isDigit(code) || (code >= 0x41 && code <= 0x46)
const isLowerHex = (code: number): boolean => code >= 0x61 && code <= 0x66

/** The tag with upper-case digits, or undefined if the text is no tag. A tag that is upper case already is not copied. */
export function normalTag(text: string): Tag | undefined {
  if (text.length !== TAG_LENGTH) return undefined
  let upper = true
  for (let i = 0; i < TAG_LENGTH; i++) {
    const code = text.charCodeAt(i)
    if (isUpperHex(code)) continue
    if (!isLowerHex(code)) return undefined
    upper = false
  }
  return upper ? text : text.toUpperCase()
}

/** 8 hex digits, in either case. */
export const isTag = (text: string): boolean => normalTag(text) !== undefined

/** The last digit of the group decides: 1 3 5 7 9 B D F are the ones whose character code is odd for 0-9, even for A-F. */
export function isPrivateTag(tag: Tag): boolean {
  const code = tag.charCodeAt(3)
  return isDigit(code) ? code % 2 === 1 : code % 2 === 0
}

/** Blocks 10 to FF; (gggg,0001-000F) is not used (PS3.5 7.8.1). */
const isBlock = (block: string): boolean => block >= '10'

export const isPrivateCreatorTag = (tag: Tag): boolean =>
  isPrivateTag(tag) && tag.startsWith('00', 4) && isBlock(tag.slice(6))

/** The tag of the creator element, gggg00xx, of the private element gggg xxee. */
export const privateCreatorTagOf = (tag: Tag): Tag => `${tag.slice(0, 4)}00${tag.slice(4, 6)}`

/** Group lengths, (gggg,0000), are in no DICOM JSON or XML model (PS3.18 F.2.2, PS3.19 A.1). */
export const isGroupLength = (tag: Tag): boolean => tag.endsWith('0000')

/** The tags in ascending order; JavaScript has those that look like an array index, 21000140, before all others. */
export function tagsInOrder(dataset: Dataset): readonly Tag[] {
  const tags = Object.keys(dataset)
  for (let i = 1; i < tags.length; i++) {
    if ((tags[i - 1] ?? '') > (tags[i] ?? '')) return tags.toSorted()
  }
  return tags
}
