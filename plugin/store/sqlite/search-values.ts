/** Which texts workitems hold: from the terms of the index, and where a term does not tell from the workitems that have it. */
import type { Path } from '../../dicom/dataset.ts'
import { textsAt } from '../../dicom/texts.ts'
import type { IndexedKey } from '../../ups/index-keys.ts'
import { orderPrefix, textOfTerm } from '../../ups/index-terms.ts'
import type { Listed } from '../store.ts'
import { storedDataset } from '../stored-dataset.ts'
import type { SearchReader } from './search-reader.ts'

type Texts = AsyncGenerator<readonly string[]>

/** Terms that are read at a time. */
const TERMS = 64

export async function* textsOfKey(key: IndexedKey, path: Path, reader: SearchReader): Texts {
  for await (const terms of reader.terms(orderPrefix(key), TERMS)) {
    for (const term of terms) {
      const text = textOfTerm(term)
      if (text === undefined) yield* textsIn(reader.matching(term, 0), path)
      else yield [text]
    }
  }
}

export async function* textsIn(pages: AsyncIterable<readonly Listed[]>, path: Path): Texts {
  for await (const page of pages) yield page.flatMap(({ json }) => textsAt(storedDataset(json), path))
}
