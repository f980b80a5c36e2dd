/**
 * The DICOM JSON model (PS3.18 Annex F): liberal in what is read, canonical in what is written.
 *
 * Accepted beyond the model: keys in lower case or any order, an attribute of the dictionary without vr, one value
 * without its list, numbers as strings and strings as numbers, person names as text, empty values in any form.
 * Refused, since nothing is to be dropped silently: whatever else is not in the model.
 */
import { itemsOfAttribute } from './attribute-value.ts'
import {
  emptyAttribute,
  isEmptyList,
  isEmptyValue,
  mayNest,
  NO_BULK_DATA,
  readInlineBinary,
  readValues,
  resolveVr,
} from './attribute-reading.ts'
import type { Attribute, Dataset, Path, Tag, Value } from './dataset.ts'
import { quoted, typeName } from './found.ts'
import { isObject, type JsonObject } from './json-object.ts'
import { numberText } from './numbers.ts'
import { malformed, type Parsed } from './parsed.ts'
import { isPersonName, NAME_GROUPS } from './person-name.ts'
import { ProblemList } from './problem-list.ts'
import { isGroupLength, normalTag, tagsInOrder } from './tag.ts'
import type { VR } from './vr.ts'

/** `document` is what JSON.parse gave: a dataset, or a list of exactly one. */
export function parseDatasetJson(document: unknown): Parsed<Dataset> {
  if (Array.isArray(document) && document.length !== 1) {
    return malformed(`expected one dataset, or a list of exactly one, found a list of ${document.length}`)
  }
  const source: unknown = Array.isArray(document) ? document[0] : document
  if (!isObject(source)) return malformed(`expected a dataset, an object with tags as keys, found ${typeName(source)}`)
  const problems = new ProblemList()
  return problems.result(readDataset(source, '', 0, problems))
}

/** `depth`: how many sequences the dataset is in. */
function readDataset(source: JsonObject, path: Path, depth: number, problems: ProblemList): Dataset {
  const dataset: Record<Tag, Attribute> = {}
  for (const key of Object.keys(source)) {
    const tag = normalTag(key)
    if (tag === undefined) {
      problems.malformed(path, `expected a tag of 8 hex digits as key, found ${quoted(key)}`)
      continue
    }
    if (isGroupLength(tag)) continue
    const at = path === '' ? tag : `${path}.${tag}`
    if (dataset[tag] !== undefined) {
      problems.malformed(at, 'expected each tag once, found it in upper and in lower case')
      continue
    }
    const attribute = readAttribute(source[key], tag, at, depth, problems)
    if (attribute !== undefined) dataset[tag] = attribute
  }
  return dataset
}

function readAttribute(
  source: unknown,
  tag: Tag,
  path: Path,
  depth: number,
  problems: ProblemList,
): Attribute | undefined {
  if (!isObject(source)) {
    return problems.malformed(path, `expected an attribute, an object with vr and Value, found ${typeName(source)}`)
  }
  const content = contentKeyOf(source, path, problems)
  if (content === undefined) return undefined
  const vr = resolveVr(tag, source.vr, content === 'InlineBinary', path, problems)
  if (vr === undefined) return undefined
  switch (content) {
    case 'Value':
      return readList(vr, source.Value, path, depth, problems)
    case 'InlineBinary':
      return readInlineBinary(vr, source.InlineBinary, path, problems)
    case 'none':
      return readList(vr, [], path, depth, problems)
  }
}

/** Which of the ways to give a value is used (PS3.18 F.2.2: at most one). */
function contentKeyOf(
  source: JsonObject,
  path: Path,
  problems: ProblemList,
): 'Value' | 'InlineBinary' | 'none' | undefined {
  let content: 'Value' | 'InlineBinary' | 'none' = 'none'
  for (const key of Object.keys(source)) {
    if (key === 'vr') continue
    if (key === 'BulkDataURI') return problems.invalid(path, NO_BULK_DATA)
    if (key !== 'Value' && key !== 'InlineBinary') {
      return problems.malformed(
        path,
        `expected no keys but vr, Value and InlineBinary in an attribute, found ${quoted(key)}`,
      )
    }
    if (content !== 'none') {
      return problems.malformed(path, 'expected either Value or InlineBinary, found both')
    }
    content = key
  }
  return content
}

function readList(vr: VR, list: unknown, path: Path, depth: number, problems: ProblemList): Attribute | undefined {
  if (isObject(list)) {
    return problems.malformed(path, 'expected a list as Value, found an object')
  }
  const values: readonly unknown[] = Array.isArray(list) ? list : [list]
  return vr === 'SQ' ? readItems(values, path, depth, problems) : readValues(vr, values, path, problems)
}

function readItems(items: readonly unknown[], path: Path, depth: number, problems: ProblemList): Attribute | undefined {
  if (!mayNest(depth, path, problems)) return undefined
  if (isEmptyList(items)) return emptyAttribute('SQ')
  const datasets: Dataset[] = []
  for (const item of items) {
    if (isObject(item)) datasets.push(readDataset(item, path, depth + 1, problems))
    else if (isEmptyValue(item)) datasets.push({})
    else problems.invalid(path, `expected datasets as the items of a sequence, found ${typeName(item)}`)
  }
  return { vr: 'SQ', Value: datasets }
}

/**
 * The one text of a dataset: tags ascending at every level, no white space. It is written by hand, since JSON.stringify
 * keeps the order of JavaScript objects, in which tags like 21000140 come first.
 */
export function stringifyDataset(dataset: Dataset): string {
  let text = ''
  for (const tag of tagsInOrder(dataset)) {
    const attribute = dataset[tag]
    if (attribute !== undefined) text += `${text === '' ? '' : ','}"${tag}":${stringifyAttribute(attribute)}`
  }
  return `{${text}}`
}

function stringifyAttribute(attribute: Attribute): string {
  const { vr, Value, InlineBinary } = attribute
  if (InlineBinary !== undefined) return `{"vr":"${vr}","InlineBinary":${stringifyText(InlineBinary)}}`
  if (Value === undefined || Value.length === 0) return `{"vr":"${vr}"}`
  const values = vr === 'SQ' ? itemsOfAttribute(attribute).map(stringifyDataset) : Value.map(stringifyValue)
  return `{"vr":"${vr}","Value":[${values.join()}]}`
}

function stringifyValue(value: Value): string {
  if (typeof value === 'string') return stringifyText(value)
  if (typeof value === 'number') return numberText(value)
  if (!isPersonName(value)) return 'null'
  const groups: string[] = []
  for (const group of NAME_GROUPS) {
    const text = value[group]
    if (text !== undefined) groups.push(`"${group}":${stringifyText(text)}`)
  }
  return `{${groups.join()}}`
}

/** Surrogates are left to JSON.stringify, which escapes those that stand alone. */
const TO_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/

const stringifyText = (text: string): string => (TO_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`)
