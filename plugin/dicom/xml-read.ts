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
import type { JsonObject } from './json-object.ts'
import { NAME_COMPONENTS, NATIVE_NAMESPACE, ROOT } from './native-model.ts'
import { withoutPadding } from './padding.ts'
import { malformed, type Parsed } from './parsed.ts'
import { COMPONENT_DELIMITER, isNameGroup, withoutTrailingDelimiters } from './person-name.ts'
import { PrivateBlocks } from './private-blocks.ts'
import { ProblemList } from './problem-list.ts'
import { isGroupLength, isPrivateTag, normalTag, privateCreatorTagOf } from './tag.ts'
import type { VR } from './vr.ts'
import { parseXml, type XmlElement } from './xml-tree.ts'

/**
 * `number` may leave out positions, which are empty values then; in the whole document no more than this, or a short
 * one could demand any amount of memory.
 */
const MOST_LEFT_OUT = 10_000

/** What is kept while one document is read. */
interface Reading {
  readonly problems: ProblemList
  leftOut: number
}

export function parseDatasetXml(document: string): Parsed<Dataset> {
  const tree = parseXml(document, NATIVE_NAMESPACE)
  if (!tree.ok) return tree
  const root = tree.value
  if (root.name !== ROOT) return malformed(`expected ${ROOT} as the root element, found ${quoted(root.name)}`)
  const reading: Reading = { problems: new ProblemList(), leftOut: 0 }
  return reading.problems.result(readDataset(root, '', 0, reading))
}

/** A DicomAttribute and what it says about itself. `creator`: the tag is one inside a block of this creator. */
interface Identified {
  readonly element: XmlElement
  readonly tag: Tag
  readonly creator: string | undefined
}

/** `depth`: how many sequences the dataset is in. */
function readDataset(parent: XmlElement, path: Path, depth: number, reading: Reading): Dataset {
  const identified = elementsOf(parent, path, reading).flatMap((element) => identify(element, path, reading) ?? [])
  const dataset: Record<Tag, Attribute> = {}
  const put = (tag: Tag, element: XmlElement): void => {
    const at = path === '' ? tag : `${path}.${tag}`
    if (dataset[tag] !== undefined) return reading.problems.malformed(at, 'expected each tag once, found it twice')
    const attribute = readAttribute(element, tag, at, depth, reading)
    if (attribute !== undefined) dataset[tag] = attribute
  }
  for (const { element, tag, creator } of identified) {
    if (creator === undefined && !isGroupLength(tag)) put(tag, element)
  }
  // Private elements come second: their blocks go by the creator elements, wherever in the document those are.
  const blocks = new PrivateBlocks(dataset)
  for (const { element, tag, creator } of identified) {
    if (creator === undefined) continue
    const unmasked = blocks.unmasked(tag, creator)
    if (unmasked === undefined) {
      reading.problems.malformed(path, `expected a free block for the private creator of ${tag}, found none`)
      continue
    }
    dataset[privateCreatorTagOf(unmasked)] ??= { vr: 'LO', Value: [creator] }
    put(unmasked, element)
  }
  return dataset
}

function identify(element: XmlElement, path: Path, { problems }: Reading): Identified | undefined {
  if (element.name !== 'DicomAttribute') {
    problems.malformed(path, `expected DicomAttribute elements, found ${quoted(element.name)}`)
    return undefined
  }
  const tag = tagOf(element, path, problems)
  const creator = element.attributes.get('privateCreator')
  if (tag === undefined) return undefined
  if (creator === undefined) return { element, tag, creator }
  const name = withoutPadding(creator)
  if (name !== '' && isPrivateTag(tag)) return { element, tag, creator: name }
  problems.malformed(path, `expected a privateCreator with a name, and on private attributes only, found it on ${tag}`)
  return undefined
}

function tagOf({ attributes }: XmlElement, path: Path, problems: ProblemList): Tag | undefined {
  const text = attributes.get('tag')
  const keyword = attributes.get('keyword')
  if (text !== undefined) {
    const tag = normalTag(text)
    if (tag === undefined) problems.malformed(path, `expected a tag of 8 hex digits, found ${quoted(text)}`)
    return tag
  }
  const tag = lookupKeyword(keyword ?? '')?.tag
  if (tag === undefined) {
    const found = keyword === undefined ? 'neither' : `keyword ${quoted(keyword)}`
    problems.malformed(path, `expected a tag, or a keyword of the dictionary, found ${found}`)
  }
  return tag
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
  const content = children[0]?.name
  if (children.some(({ name }) => name !== content)) {
    problems.malformed(path, 'expected content of one kind, found several')
    return undefined
  }
  if (content === 'BulkData') {
    problems.invalid(path, NO_BULK_DATA)
    return undefined
  }
  if (content !== undefined && !CONTENTS.has(content)) {
    problems.malformed(path, `expected Value, Item, PersonName or InlineBinary elements, found ${quoted(content)}`)
    return undefined
  }
  const vr = resolveVr(tag, element.attributes.get('vr'), content === 'InlineBinary', path, problems)
  if (vr === undefined || (vr === 'SQ' && !mayNest(depth, path, problems))) return undefined
  if (content === undefined) return emptyAttribute(vr)
  if (content === 'InlineBinary') return readBinary(vr, children, path, reading)
  if (!contentsOf(vr).includes(content)) {
    problems.invalid(path, `expected ${contentsOf(vr).join(' or ')} elements for VR ${vr}, found ${content}`)
    return undefined
  }
  const list = inPlace(children, path, reading)
  return list && (vr === 'SQ' ? readItems(list, path, depth, reading) : readList(vr, list, path, reading))
}

const CONTENTS: ReadonlySet<string> = new Set(['Value', 'Item', 'PersonName', 'InlineBinary'])

function contentsOf(vr: VR): readonly string[] {
  if (vr === 'SQ') return ['Item']
  return vr === 'PN' ? ['PersonName', 'Value'] : ['Value']
}

function readBinary(vr: VR, children: readonly XmlElement[], path: Path, reading: Reading): Attribute | undefined {
  const [element, ...more] = children
  if (element === undefined || more.length > 0) {
    reading.problems.malformed(path, 'expected one InlineBinary element, found several')
    return undefined
  }
  return readInlineBinary(vr, textOf(element, path, reading).replace(WHITE_SPACE, ''), path, reading.problems)
}

/** Gaps are undefined. */
type List = readonly (XmlElement | undefined)[]

/** The elements at the positions that their numbers say; one without a number comes after the one before it. */
function inPlace(elements: readonly XmlElement[], path: Path, reading: Reading): List | undefined {
  const byPosition = new Map<number, XmlElement>()
  let last = 0
  let length = 0
  for (const element of elements) {
    const position = positionOf(element, last)
    if (position === undefined || byPosition.has(position)) {
      const found = position === undefined ? 'something else' : 'one of them twice'
      reading.problems.malformed(path, `expected numbers from 1, each once, found ${found}`)
      return undefined
    }
    byPosition.set(position, element)
    last = position
    length = Math.max(length, position)
  }
  reading.leftOut += length - elements.length
  if (reading.leftOut > MOST_LEFT_OUT) {
    reading.problems.malformed(path, `expected at most ${MOST_LEFT_OUT} numbers to be left out, found more`)
    return undefined
  }
  return Array.from({ length }, (_, index) => byPosition.get(index + 1))
}

function positionOf(element: XmlElement, last: number): number | undefined {
  const number = element.attributes.get('number')
  if (number === undefined) return last + 1
  return POSITION.test(number) ? Number(number) : undefined
}

const POSITION = /^[1-9]\d{0,8}$/

function readItems(list: List, path: Path, depth: number, reading: Reading): Attribute {
  const items = list.map((element) => (element === undefined ? {} : readDataset(element, path, depth + 1, reading)))
  return { vr: 'SQ', Value: items }
}

function readList(vr: VR, list: List, path: Path, reading: Reading): Attribute | undefined {
  const raws = list.map((element) => {
    if (element === undefined) return null
    return element.name === 'PersonName' ? nameIn(element, path, reading) : textOf(element, path, reading)
  })
  return readValues(vr, raws, path, reading.problems)
}

/** The groups of a name, each with its components joined as PS3.5 6.2.1 does. */
function nameIn(element: XmlElement, path: Path, reading: Reading): JsonObject {
  const groups: Record<string, string> = {}
  for (const group of elementsOf(element, path, reading)) {
    if (isNameGroup(group.name) && groups[group.name] === undefined) {
      groups[group.name] = componentsIn(group, path, reading)
    } else {
      const found = quoted(group.name)
      reading.problems.malformed(
        path,
        `expected Alphabetic, Ideographic and Phonetic, each at most once, found ${found}`,
      )
    }
  }
  return groups
}

function componentsIn(group: XmlElement, path: Path, reading: Reading): string {
  const byName = new Map<string, string>()
  for (const component of elementsOf(group, path, reading)) {
    if (COMPONENTS.has(component.name) && !byName.has(component.name)) {
      byName.set(component.name, textOf(component, path, reading))
    } else {
      const found = quoted(component.name)
      reading.problems.malformed(path, `expected ${NAME_COMPONENTS.join(', ')}, each at most once, found ${found}`)
    }
  }
  return withoutTrailingDelimiters(NAME_COMPONENTS.map((name) => byName.get(name) ?? '').join(COMPONENT_DELIMITER))
}

const COMPONENTS: ReadonlySet<string> = new Set(NAME_COMPONENTS)

const WHITE_SPACE = /[ \t\r\n]+/g

/** The elements in one that has nothing but elements and white space. */
function elementsOf(element: XmlElement, path: Path, { problems }: Reading): readonly XmlElement[] {
  if (element.text.replace(WHITE_SPACE, '') !== '') {
    problems.malformed(path, `expected nothing but elements in ${element.name}, found text`)
  }
  return element.children
}

/** The text of an element that has nothing but text. */
function textOf(element: XmlElement, path: Path, { problems }: Reading): string {
  if (element.children.length > 0)
    problems.malformed(path, `expected nothing but text in ${element.name}, found elements`)
  return element.text
}
