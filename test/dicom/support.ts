/** Shorthands of the tests in this folder. */
import type { Dataset, Path } from '../../plugin/dicom/dataset.ts'
import { parseDatasetJson } from '../../plugin/dicom/json.ts'
import type { Parsed } from '../../plugin/dicom/parsed.ts'
import { parseDatasetXml } from '../../plugin/dicom/xml-read.ts'

/** The value, or an error that shows the problems. */
export function accepted<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value
  throw new Error(`refused as ${parsed.kind}: ${JSON.stringify(parsed.problems)}`)
}

/** What was refused in one line for each problem: `invalid 00100010: expected ...`. */
export function refusals<T>(parsed: Parsed<T>): readonly string[] {
  if (parsed.ok) throw new Error(`accepted: ${JSON.stringify(parsed.value)}`)
  return parsed.problems.map(({ path, reason }) => `${parsed.kind} ${path}: ${reason}`)
}

export const json = (document: unknown): Parsed<Dataset> => parseDatasetJson(document)

export const xml = (attributes: string): Parsed<Dataset> =>
  parseDatasetXml(`<NativeDicomModel xml:space="preserve">${attributes}</NativeDicomModel>`)

/** A sequence in a sequence in a sequence, `depth` of them. The group is one that the dictionary does not know. */
export function nested(depth: number, tag = '77760001'): Dataset {
  let dataset: Dataset = {}
  for (let i = 0; i < depth; i++) dataset = { [tag]: { vr: 'SQ', Value: [dataset] } }
  return dataset
}

export const nestedPath = (depth: number, tag = '77760001'): Path => Array.from({ length: depth }, () => tag).join('.')
