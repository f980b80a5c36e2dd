/**
 * Reads the Native DICOM Model (PS3.19 A.1), liberally: the namespace, vr, keyword and number may be missing, the
 * keyword may stand for the tag (but the tag wins), a person name may be plain text in a Value, attributes of elements
 * that are not in the model are ignored. Elements that are not in it are refused, as are text between elements and
 * everything that `parseXml` refuses.
 */
import { emptyAttribute, mayNest, NO_BULK_DATA, readInlineBinary, readValues, resolveVr } from './attribute-reading.ts'
import type { Attribute, Dataset, Path, Tag } from './dataset.ts'
import { lookupKeyword } from './dictionary.ts'
import { quoted } from './found.ts'
import { NATIVE_NAMESPACE, ROOT } from './native-model.ts'
import { withoutPadding } from './padding.ts'
import { malformed, type Parsed } from './parsed.ts'
import { PrivateBlocks } from './private-blocks.ts'
import { ProblemList } from './problem-list.ts'
import { isGroupLength, isPrivateTag, normalTag, privateCreatorTagOf } from './tag.ts'
import type { VR } from './vr.ts'
import {
  elementsInPlace,
  elementsOf,
  nameIn,
  textOf,
  withoutWhiteSpace,
  type ElementList,
  type Reading,
} from './xml-content.ts'
import { parseXml, type XmlElement } from './xml-tree.ts'

export function parseDatasetXml(document: string): Parsed<Dataset> {
  const tree = parseXml(document, NATIVE_NAMESPACE)
  if (!tree.ok) return tree
  const root = tree.value
  if (root.name !== ROOT) return malformed(`expected ${ROOT} as the root element, found ${quoted(root.name)}`)
  const reading: Reading = { problems: new ProblemList(), leftOut: 0 }
  return reading.problems.result(readDataset(root, '', 0, reading))
}

/** `depth`: how many sequences the dataset is in. */
function readDataset(parent: XmlElement, path: Path, depth: number, reading: Reading): Dataset {
  const { problems } = reading
  const dataset: Record<Tag, Attribute> = {}
  const put = (tag: Tag, element: XmlElement): void => {
    const at = path === '' ? tag : `${path}.${tag}`
    if (dataset[tag] !== undefined) return problems.malformed(at, 'expected each tag once, found it twice')
    const attribute = readAttribute(element, tag, at, depth, reading)
    if (attribute !== undefined) dataset[tag] = attribute
  }

  const owned: Owned[] = []
  for (const element of elementsOf(parent, path, reading)) {
    const tag = tagOf(element, path, problems)
    if (tag === undefined) continue
    const creator = element.attributes.get('privateCreator')
    if (creator !== undefined) owned.push({ element, tag, creator: withoutPadding(creator) })
    else if (!isGroupLength(tag)) put(tag, element)
  }
  if (owned.length === 0) return dataset

  // These come second: their blocks go by the creator elements, wherever in the document those are.
  const blocks = new PrivateBlocks(dataset)
  for (const { element, tag, creator } of owned) {
    const unmasked = unmask(tag, creator, blocks, path, problems)
    if (unmasked === undefined) continue
    dataset[privateCreatorTagOf(unmasked)] ??= { vr: 'LO', Value: [creator] }
    put(unmasked, element)
  }
  return dataset
}

/** A DicomAttribute that names its private creator. */
interface Owned {
  readonly element: XmlElement
  readonly tag: Tag
  readonly creator: string
}

function unmask(tag: Tag, creator: string, blocks: PrivateBlocks, path: Path, problems: ProblemList): Tag | undefined {
  if (creator === '' || !isPrivateTag(tag)) {
    return problems.malformed(
      path,
      `expected a privateCreator with a name, and on private attributes only, found it on ${tag}`,
    )
  }
  const allTaken = `expected a free block for the private creator of ${tag}, found none`
  return blocks.unmasked(tag, creator) ?? problems.malformed(path, allTaken)
}

function tagOf({ name, attributes }: XmlElement, path: Path, problems: ProblemList): Tag | undefined {
  if (name !== 'DicomAttribute') {
    return problems.malformed(path, `expected DicomAttribute elements, found ${quoted(name)}`)
  }
  const text = attributes.get('tag')
  if (text !== undefined) {
    return normalTag(text) ?? problems.malformed(path, `expected a tag of 8 hex digits, found ${quoted(text)}`)
  }
  const keyword = attributes.get('keyword')
  const found = keyword === undefined ? 'neither' : `keyword ${quoted(keyword)}`
  return (
    lookupKeyword(keyword ?? '')?.tag ??
    problems.malformed(path, `expected a tag, or a keyword of the dictionary, found ${found}`)
  )
}

function readAttribute(
  element: XmlElement,
  tag: Tag,
  path: Path,
  depth: number,
  reading: Reading,
): Attribute | undefined {
  const { problems } = reading
  const children = elementsOf(element, path, reading)
  const content = contentIn(children, path, problems)
  if (content === undefined) return undefined
  const vr = resolveVr(tag, element.attributes.get('vr'), content === 'InlineBinary', path, problems)
  if (vr === undefined || (vr === 'SQ' && !mayNest(depth, path, problems))) return undefined
  if (content === 'none') return emptyAttribute(vr)
  if (content === 'InlineBinary') return readBinary(vr, children, path, reading)
  if (!contentsOf(vr).includes(content)) {
    return problems.invalid(path, `expected ${contentsOf(vr).join(' or ')} elements for VR ${vr}, found ${content}`)
  }
  const list = elementsInPlace(children, path, reading)
  return list && (vr === 'SQ' ? readItems(list, path, depth, reading) : readList(vr, list, path, reading))
}

type Content = 'Value' | 'Item' | 'PersonName' | 'InlineBinary' | 'none'

/** The one kind of elements in a DicomAttribute. */
function contentIn(children: readonly XmlElement[], path: Path, problems: ProblemList): Content | undefined {
  const name = children[0]?.name ?? 'none'
  if (children.some((child) => child.name !== name)) {
    return problems.malformed(path, 'expected content of one kind, found several')
  }
  switch (name) {
    case 'Value':
    case 'Item':
    case 'PersonName':
    case 'InlineBinary':
      return name
    case 'BulkData':
      return problems.invalid(path, NO_BULK_DATA)
    default:
      if (children.length === 0) return 'none'
      return problems.malformed(
        path,
        `expected Value, Item, PersonName or InlineBinary elements, found ${quoted(name)}`,
      )
  }
}

function contentsOf(vr: VR): readonly Content[] {
  if (vr === 'SQ') return ['Item']
  return vr === 'PN' ? ['PersonName', 'Value'] : ['Value']
}

function readBinary(vr: VR, children: readonly XmlElement[], path: Path, reading: Reading): Attribute | undefined {
  const [element, ...more] = children
  if (element === undefined || more.length > 0) {
    return reading.problems.malformed(path, 'expected one InlineBinary element, found several')
  }
  return readInlineBinary(vr, withoutWhiteSpace(textOf(element, path, reading)), path, reading.problems)
}

function readItems(list: ElementList, path: Path, depth: number, reading: Reading): Attribute {
  const items = list.map((element) => (element === undefined ? {} : readDataset(element, path, depth + 1, reading)))
  return { vr: 'SQ', Value: items }
}

function readList(vr: VR, list: ElementList, path: Path, reading: Reading): Attribute | undefined {
  const raws = list.map((element) => {
    if (element === undefined) return null
    return element.name === 'PersonName' ? nameIn(element, path, reading) : textOf(element, path, reading)
  })
  return readValues(vr, raws, path, reading.problems)
}
