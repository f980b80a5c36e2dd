/**
 * Writes the Native DICOM Model (PS3.19 A.1), without white space between elements.
 *
 * Nothing is lost on the way there and back. Private creator elements are written too, as attributes of their own: they
 * keep the number of the block, which the masked tag of a private attribute does not tell.
 *
 * A character that XML 1.0 does not have (in checked values only the form feed) becomes U+FFFD, the replacement
 * character, so that the document can be read and the gap be seen.
 */
import { itemsOfAttribute } from './attribute-value.ts'
import type { Attribute, Dataset, Tag, Value } from './dataset.ts'
import { keywordOf } from './dictionary.ts'
import { NAME_COMPONENTS, NATIVE_NAMESPACE, ROOT } from './native-model.ts'
import { numberText } from './numbers.ts'
import { COMPONENT_DELIMITER, isPersonName, NAME_GROUPS } from './person-name.ts'
import { PrivateBlocks } from './private-blocks.ts'
import { isPrivateTag, tagsInOrder } from './tag.ts'
import type { VR } from './vr.ts'

const START = `<?xml version="1.0" encoding="UTF-8"?><${ROOT} xmlns="${NATIVE_NAMESPACE}" xml:space="preserve">`
const END = `</${ROOT}>`

export const writeDatasetXml = (dataset: Dataset): string => START + attributesOf(dataset) + END

function attributesOf(dataset: Dataset): string {
  let blocks: PrivateBlocks | undefined
  let xml = ''
  for (const tag of tagsInOrder(dataset)) {
    const attribute = dataset[tag]
    if (attribute === undefined) continue
    if (isPrivateTag(tag)) blocks ??= new PrivateBlocks(dataset)
    xml += element('DicomAttribute', identificationOf(tag, attribute.vr, blocks), contentOf(attribute))
  }
  return xml
}

function identificationOf(tag: Tag, vr: VR, blocks: PrivateBlocks | undefined): string {
  const { tag: written, creator } = isPrivateTag(tag) && blocks ? blocks.masked(tag) : { tag, creator: undefined }
  const keyword = keywordOf(tag)
  const suffix = keyword === undefined ? '' : ` keyword="${keyword}"`
  return ` tag="${written}" vr="${vr}"${suffix}${creator === undefined ? '' : ` privateCreator="${escapeAttribute(creator)}"`}`
}

function contentOf(attribute: Attribute): string {
  const { vr, Value = [], InlineBinary } = attribute
  if (InlineBinary !== undefined) return element('InlineBinary', '', escapeText(InlineBinary))
  if (vr === 'SQ') return numbered('Item', itemsOfAttribute(attribute).map(attributesOf))
  return vr === 'PN' ? numbered('PersonName', Value.map(groupsOf)) : numbered('Value', Value.map(textOf))
}

const numbered = (name: string, contents: readonly string[]): string =>
  contents.map((content, index) => element(name, ` number="${index + 1}"`, content)).join('')

const element = (name: string, attributes: string, content: string): string =>
  content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`

function textOf(value: Value): string {
  if (typeof value === 'number') return numberText(value)
  return typeof value === 'string' ? escapeText(value) : ''
}

function groupsOf(value: Value): string {
  if (!isPersonName(value)) return ''
  return NAME_GROUPS.map((group) => {
    const text = value[group] ?? ''
    return text === '' ? '' : element(group, '', componentsOf(text))
  }).join('')
}

/** A component too many stays with the last one, delimiter and all, so that nothing is lost. */
function componentsOf(group: string): string {
  const components = group.split(COMPONENT_DELIMITER)
  const last = components.splice(NAME_COMPONENTS.length - 1).join(COMPONENT_DELIMITER)
  return NAME_COMPONENTS.map((name, index) => {
    const text = components[index] ?? (index === NAME_COMPONENTS.length - 1 ? last : '')
    return text === '' ? '' : element(name, '', escapeText(text))
  }).join('')
}

const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
const SPECIAL_IN_TEXT = /[&<>\r]/g
const SPECIAL_IN_ATTRIBUTE = /[&<>"\t\n\r]/g

/** A literal CR would be read as LF, and in an attribute any white space as a space (XML 1.0 2.11, 3.3.3). */
const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
])

const escapeText = (text: string): string => escape(text, SPECIAL_IN_TEXT)
const escapeAttribute = (text: string): string => escape(text, SPECIAL_IN_ATTRIBUTE)

const escape = (text: string, special: RegExp): string =>
  text
    .toWellFormed()
    .replace(NOT_XML, '\ufffd')
    .replace(special, (character) => REFERENCES.get(character) ?? character)
