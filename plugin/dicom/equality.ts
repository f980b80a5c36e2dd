/** When two attributes mean the same, although they may have been written differently. */
import { hasValue, itemsOfAttribute } from './attribute-value.ts'
import type { Attribute, Dataset, Value } from './dataset.ts'
import { numberText } from './numbers.ts'
import { withoutPadding, withoutTrailingSpaces } from './padding.ts'
import { isPersonName, NAME_GROUPS, withoutTrailingDelimiters } from './person-name.ts'
import { VALUE_KIND, type VR } from './vr.ts'

/**
 * Absent and empty are the same. Padding does not count, nor does whether a DS, IS, SV or UV was sent as number or as
 * text (but `1` and `1.0` differ), nor do trailing delimiters in a person name. Sequences are compared item by item.
 */
export function sameAttribute(a: Attribute | undefined, b: Attribute | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || !hasValue(a) || !hasValue(b)) return hasValue(a) === hasValue(b)
  if (a.vr !== b.vr || a.InlineBinary !== b.InlineBinary) return false
  if (a.vr === 'SQ') return sameLists(itemsOfAttribute(a), itemsOfAttribute(b), sameDataset)
  return sameLists(a.Value ?? [], b.Value ?? [], (x, y) => comparable(a.vr, x) === comparable(b.vr, y))
}

export function sameDataset(a: Dataset, b: Dataset): boolean {
  for (const tag of Object.keys(a)) if (!sameAttribute(a[tag], b[tag])) return false
  for (const tag of Object.keys(b)) if (a[tag] === undefined && hasValue(b[tag])) return false
  return true
}

const sameLists = <T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean =>
  a.length === b.length &&
  a.every((x, i) => {
    const y = b[i]
    return y !== undefined && same(x, y)
  })

/** What a value has in common with all others that mean the same. */
function comparable(vr: VR, value: Value): string | number {
  if (typeof value === 'string')
    return VALUE_KIND[vr] === 'numeric string' ? withoutPadding(value) : withoutTrailingSpaces(value)
  if (typeof value === 'number') return VALUE_KIND[vr] === 'numeric string' ? numberText(value) : value
  if (!isPersonName(value)) return ''
  return NAME_GROUPS.map((group) => withoutTrailingDelimiters(withoutTrailingSpaces(value[group] ?? ''))).join('=')
}
