/** How much memory changes take, roughly: so that what is kept of them can be bounded. */
import type { Attribute, Dataset, Value } from '../dicom/dataset.ts'
import type { Replaced } from '../store/store.ts'
import type { Change } from './changes.ts'

/** Bytes of a member of an object, of an object or array, and of an entry of the feed. */
const MEMBER = 24
const THING = 48
const ENTRY = 300

/** In bytes. What several datasets share counts once. */
export function sizeOf(changes: readonly Change[]): number {
  const seen = new Set<object>()
  const sizes = changes.map(({ entry, before, after }) => {
    const reports = entry.reports.map(({ information }) => datasetSize(information, seen))
    return ENTRY + sum(reports) + sum([before, after, entry.replaced].map((dataset) => datasetSize(dataset, seen)))
  })
  return sum(sizes)
}

function datasetSize(dataset: Dataset | Replaced | undefined, seen: Set<object>): number {
  if (!dataset || seen.has(dataset)) return 0
  seen.add(dataset)
  let size = THING
  for (const attribute of Object.values(dataset)) {
    size += MEMBER
    if (attribute === null || seen.has(attribute)) continue
    seen.add(attribute)
    size += attributeSize(attribute)
  }
  return size
}

const attributeSize = ({ Value, InlineBinary = '' }: Attribute): number =>
  THING + InlineBinary.length + (Value ? THING + sum(Value.map(valueSize)) : 0)

function valueSize(value: Value): number {
  if (typeof value === 'string') return MEMBER + value.length * 2
  if (typeof value !== 'object' || value === null) return MEMBER
  return THING + sum(Object.values(value).map((member: string | Attribute) => MEMBER + memberSize(member)))
}

/** Of a person name, or an item. */
const memberSize = (member: string | Attribute): number =>
  typeof member === 'string' ? member.length * 2 : attributeSize(member)

const sum = (sizes: readonly number[]): number => sizes.reduce((all, size) => all + size, 0)
