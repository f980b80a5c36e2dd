/** `Workitem.attribute(path:)`: any attribute, also private ones and those of sequences, in whatever items. */
import { isFilled } from '../dicom/attribute-value.ts'
import { itemsOf } from '../dicom/access.ts'
import type { Attribute, Dataset, Path, Value } from '../dicom/dataset.ts'
import { keywordOf } from '../dicom/dictionary.ts'
import { withoutTrailingSpaces } from '../dicom/padding.ts'
import { isPersonName, personNameText } from '../dicom/person-name.ts'
import { ProblemList } from '../dicom/problem-list.ts'
import { shownName, tagsOfName } from '../dicom/query-tree.ts'
import { BadArgument } from './bad-argument.ts'
import { publicAttribute } from './public-dataset.ts'

/** Has the fields of the type, so that the type needs no resolvers. */
export interface DicomAttribute {
  /** Of tags. */
  readonly path: Path
  readonly keyword: string | undefined
  readonly vr: string
  /** As the DICOM JSON model has them; the base64 of a binary one. */
  readonly values: readonly Value[]
  readonly text: readonly string[]
}

/**
 * All values that the attribute has in the items on the way, in their order; undefined where no item has it. Its VR is
 * that of the first.
 * @throws BadArgument for a path that names no attribute, or the Transaction UID
 */
export function attributeAt(dataset: Dataset, path: string): DicomAttribute | undefined {
  const tags = tagsOfPath(path)
  const last = tags.at(-1) ?? ''
  let items: readonly Dataset[] = [dataset]
  for (const tag of tags.slice(0, -1)) items = items.flatMap((item) => itemsOf(item, tag))
  const found = items.flatMap((item) => item[last] ?? [])
  const [first] = found
  if (first === undefined) return undefined
  return {
    path: tags.join('.'),
    keyword: keywordOf(last),
    vr: first.vr,
    values: found.flatMap((attribute) => valuesOf(publicAttribute(attribute))),
    text: found.flatMap(textsOf),
  }
}

function tagsOfPath(path: string): readonly string[] {
  const problems = new ProblemList()
  const tags = tagsOfName(path, problems)
  if (tags !== undefined) return tags
  throw new BadArgument('path', `${shownName(path)}: ${problems.problems.map(({ reason }) => reason).join('; ')}`)
}

const valuesOf = ({ Value, InlineBinary }: Attribute): readonly Value[] =>
  InlineBinary === undefined ? (Value ?? []) : [InlineBinary]

const textsOf = ({ vr, Value }: Attribute): readonly string[] =>
  vr === 'SQ' ? [] : (Value ?? []).filter(isFilled).map(textOf)

const textOf = (value: Value): string =>
  withoutTrailingSpaces(isPersonName(value) ? personNameText(value) : String(value))
