/**
 * Which private creator holds which block of a group (PS3.5 7.8.1), at one level of a dataset: an item has its own.
 *
 * JSON has the number of the block in the tag and the creator as an element, (0009,0011) = ACME, (0009,1101). XML masks
 * the number and names the creator instead: tag 00090001, privateCreator ACME. A block goes by its creator element.
 */
import type { Attribute, Dataset, Tag } from './dataset.ts'
import { withoutPadding } from './padding.ts'
import { isPrivateCreatorTag, isPrivateTag, privateCreatorTagOf, tagsInOrder } from './tag.ts'

const FIRST_BLOCK = 0x10
const LAST_BLOCK = 0xff

export class PrivateBlocks {
  readonly #creators = new Map<Tag, string>()
  /** The first block of a creator in a group, by group and creator: two blocks may have the same one. */
  readonly #first = new Map<string, Tag>()
  readonly #taken = new Set<Tag>()

  constructor(dataset: Dataset) {
    for (const tag of tagsInOrder(dataset)) {
      if (!isPrivateTag(tag)) continue
      if (isPrivateCreatorTag(tag)) this.#take(tag, creatorName(dataset[tag]))
      else this.#taken.add(privateCreatorTagOf(tag))
    }
  }

  #take(creatorTag: Tag, creator: string | undefined): void {
    this.#taken.add(creatorTag)
    if (creator === undefined) return
    this.#creators.set(creatorTag, creator)
    const key = groupAndCreator(creatorTag, creator)
    if (!this.#first.has(key)) this.#first.set(key, creatorTag)
  }

  /**
   * How XML has a private tag: masked, with its creator. Not masked if the creator has an earlier block too, since then
   * the name alone would not lead back to this one; without creator if the dataset has none for it.
   */
  masked(tag: Tag): { readonly tag: Tag; readonly creator: string | undefined } {
    const creatorTag = privateCreatorTagOf(tag)
    const creator = this.#creators.get(creatorTag)
    if (creator === undefined || this.#first.get(groupAndCreator(tag, creator)) !== creatorTag) return { tag, creator }
    return { tag: `${tag.slice(0, 4)}00${tag.slice(6)}`, creator }
  }

  /**
   * The tag that a masked one stands for: in the block that it names itself if the creator holds that one, else in the
   * creator's first block, else in the first free block. Undefined if no block is free.
   */
  unmasked(tag: Tag, creator: string): Tag | undefined {
    const named = privateCreatorTagOf(tag)
    const creatorTag =
      this.#creators.get(named) === creator
        ? named
        : (this.#first.get(groupAndCreator(tag, creator)) ?? this.#allocate(tag, creator))
    return creatorTag && `${tag.slice(0, 4)}${creatorTag.slice(6)}${tag.slice(6)}`
  }

  #allocate(tag: Tag, creator: string): Tag | undefined {
    for (let block = FIRST_BLOCK; block <= LAST_BLOCK; block++) {
      const creatorTag = `${tag.slice(0, 4)}00${block.toString(16).toUpperCase()}`
      if (this.#taken.has(creatorTag)) continue
      this.#take(creatorTag, creator)
      return creatorTag
    }
    return undefined
  }
}

const groupAndCreator = (tag: Tag, creator: string): string => tag.slice(0, 4) + creator

/** The name in a creator element, which is a LO with one value; padding does not count. */
function creatorName(attribute: Attribute | undefined): string | undefined {
  const [value, ...more] = attribute?.vr === 'LO' ? (attribute.Value ?? []) : []
  return typeof value === 'string' && more.length === 0 ? withoutPadding(value) || undefined : undefined
}
