/** Datasets as clients see them. */
import { itemsOfAttribute } from '../dicom/attribute-value.ts'
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { TAG } from '../ups/tags.ts'

/**
 * Without a Transaction UID at any depth. The workitem's own is never in its dataset, but a client may have put one into
 * an item, which is kept as all else that it sends. The same dataset where there is none.
 */
export function publicDataset(dataset: Dataset): Dataset {
  let changed: Record<Tag, Attribute> | undefined
  for (const tag in dataset) {
    const attribute = dataset[tag]
    if (attribute === undefined) continue
    const shown = tag === TAG.TransactionUID ? undefined : publicAttribute(attribute)
    if (shown === attribute) continue
    changed ??= { ...dataset }
    if (shown === undefined) delete changed[tag]
    else changed[tag] = shown
  }
  return changed ?? dataset
}

/** The same attribute where no item of it has one. */
export function publicAttribute(attribute: Attribute): Attribute {
  if (attribute.vr !== 'SQ') return attribute
  const items = itemsOfAttribute(attribute)
  const shown = items.map(publicDataset)
  return shown.every((item, place) => item === items[place]) ? attribute : { vr: 'SQ', Value: shown }
}
