/**
 * Private attributes of one dataset, put where another one has their creators (PS3.5 7.8.1): a private attribute is known
 * by its creator and the last two digits of its element; the number of its block is chance.
 */
import type { Attribute, Dataset, Tag } from './dataset.ts'
import { PrivateBlocks } from './private-blocks.ts'
import { isPrivateCreatorTag, isPrivateTag, privateCreatorTagOf } from './tag.ts'

/**
 * `payload` with the block numbers that `stored` has for the same creators, and free ones for creators that it does not
 * have. Attributes without a creator stay where they are. Undefined: no block of a group is free, or two
 * blocks of one creator would become one.
 */
export function rebasePrivateAttributes(payload: Dataset, stored: Dataset): Dataset | undefined {
  if (!Object.keys(payload).some(isPrivateTag)) return payload
  const sent = new PrivateBlocks(payload)
  const kept = new PrivateBlocks(stored)
  const rebased: Record<Tag, Attribute> = {}
  for (const [tag, attribute] of Object.entries(payload)) {
    // A creator element comes along with the attributes of its block; without any it says nothing.
    if (isPrivateCreatorTag(tag)) continue
    const creator = isPrivateTag(tag) ? sent.masked(tag).creator : undefined
    const target = creator === undefined ? tag : kept.unmasked(tag, creator)
    // Two blocks of one creator must not fall onto one: a value would be lost.
    if (target === undefined || target in rebased) return undefined
    rebased[target] = attribute
    if (creator !== undefined) rebased[privateCreatorTagOf(target)] = { vr: 'LO', Value: [creator] }
  }
  return rebased
}
