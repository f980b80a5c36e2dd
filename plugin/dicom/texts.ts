/** The texts that a dataset holds at a path, as matching compares them. */
import { itemsOf } from './access.ts'
import type { Dataset, Path } from './dataset.ts'
import { significantText } from './matching-text.ts'

/** In all items of the sequences of the path. Without padding; some may be there twice. */
export function textsAt(dataset: Dataset, path: Path): readonly string[] {
  const [tag = '', ...inner] = path.split('.')
  if (inner.length > 0) return itemsOf(dataset, tag).flatMap((item) => textsAt(item, inner.join('.')))
  const { vr, Value = [] } = dataset[tag] ?? { vr: 'UN' }
  return Value.flatMap((value) => (typeof value === 'string' ? [significantText(vr, value)] : [])).filter(
    (text) => text !== '',
  )
}
