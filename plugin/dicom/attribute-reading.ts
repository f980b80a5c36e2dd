/**
 * What reading JSON and reading XML have in common: which VR an attribute has, and its values in normal form. Every
 * function puts what is wrong into the problem list and gives undefined then.
 */
import { isBase64 } from './base64.ts'
import { MAX_SEQUENCE_DEPTH, type Attribute, type Path, type PersonName, type Tag } from './dataset.ts'
import { lookupTag, type DictionaryEntry } from './dictionary.ts'
import { quoted, typeName } from './found.ts'
import { isNumberVR, NUMBER_RANGES, numberOf } from './numbers.ts'
import { parsePersonName } from './person-name.ts'
import type { ProblemList } from './problem-list.ts'
import { isPrivateCreatorTag, normalTag } from './tag.ts'
import { isVR, VALUE_KIND, VRS, type VR } from './vr.ts'

export const NO_BULK_DATA =
  'expected the value itself: bulk data is not supported by worklist transactions, PS3.18 11.1.3'

const EMPTY = Object.fromEntries(VRS.map((vr) => [vr, Object.freeze({ vr })]))

/** An attribute without a value. One object for each VR, since datasets never change. */
export const emptyAttribute = (vr: VR): Attribute => EMPTY[vr] ?? { vr }

export const isBinary = (vr: VR): boolean => VALUE_KIND[vr] === 'binary'

/** `given`: the vr of the document, undefined if it has none. `inlineBinary`: how the value is given. */
export function resolveVr(
  tag: Tag,
  given: unknown,
  inlineBinary: boolean,
  path: Path,
  problems: ProblemList,
): VR | undefined {
  const entry = lookupTag(tag)
  if (given === undefined) {
    const unknown = `expected a vr for ${tag}, which the dictionary does not know, found none`
    return impliedVr(tag, entry, inlineBinary) ?? problems.malformed(path, unknown)
  }
  if (!isVR(given)) {
    const found = typeof given === 'string' ? quoted(given) : typeName(given)
    return problems.malformed(path, `expected a vr of PS3.5 6.2, found ${found}`)
  }
  if (entry !== undefined && !entry.vrs.includes(given)) {
    return problems.invalid(path, `expected VR ${entry.vrs.join(' or ')}, found ${given}`)
  }
  return given
}

function impliedVr(tag: Tag, entry: DictionaryEntry | undefined, inlineBinary: boolean): VR | undefined {
  if (entry !== undefined) return (inlineBinary ? entry.vrs.find(isBinary) : undefined) ?? entry.vrs[0]
  if (inlineBinary) return 'UN'
  return isPrivateCreatorTag(tag) ? 'LO' : undefined
}

/** Whether a sequence may be at this depth; `depth` is that of the dataset it is in. */
export function mayNest(depth: number, path: Path, problems: ProblemList): boolean {
  if (depth < MAX_SEQUENCE_DEPTH) return true
  problems.malformed(path, `expected sequences at most ${MAX_SEQUENCE_DEPTH} levels deep, found one more`)
  return false
}

/** An empty value: null in the model, but clients write an empty string too. */
export const isEmptyValue = (raw: unknown): boolean => raw === null || raw === ''

/** One empty value is as good as none. */
export const isEmptyList = (raws: readonly unknown[]): boolean =>
  raws.length === 0 || (raws.length === 1 && isEmptyValue(raws[0]))

/** The attribute of a list of values of any VR but SQ. */
export function readValues(vr: VR, raws: readonly unknown[], path: Path, problems: ProblemList): Attribute | undefined {
  if (isEmptyList(raws)) return emptyAttribute(vr)
  if (isBinary(vr)) {
    return problems.invalid(path, `expected InlineBinary, since ${vr} is a binary VR, found values`)
  }
  const values: Scalar[] = []
  for (const raw of raws) {
    const value = isEmptyValue(raw) ? null : normalValue(vr, raw)
    if (value === undefined) {
      return problems.invalid(path, `expected ${expectedOf(vr)} as a value of VR ${vr}, found ${foundOf(raw)}`)
    }
    values.push(value)
  }
  return values.length === 1 && values[0] === null ? emptyAttribute(vr) : { vr, Value: values }
}

/** The attribute of a whole value field in base64. */
export function readInlineBinary(vr: VR, raw: unknown, path: Path, problems: ProblemList): Attribute | undefined {
  if (!isBinary(vr)) {
    return problems.invalid(path, `expected values, since ${vr} is not a binary VR, found InlineBinary`)
  }
  if (isEmptyValue(raw)) return emptyAttribute(vr)
  if (typeof raw === 'string' && isBase64(raw)) return { vr, InlineBinary: raw }
  const found = typeof raw === 'string' ? 'other text' : typeName(raw)
  return problems.invalid(path, `expected base64 as InlineBinary, found ${found}`)
}

type Scalar = string | number | PersonName | null

/** A value as the normal form has it; undefined if it cannot be one of that VR. */
function normalValue(vr: VR, raw: unknown): Scalar | undefined {
  switch (VALUE_KIND[vr]) {
    case 'string':
      return vr === 'AT' ? tagValue(raw) : textValue(raw)
    case 'numeric string':
      return numericValue(raw)
    case 'number':
      return numberValue(vr, raw)
    case 'name':
      return parsePersonName(raw)
    default:
      return undefined
  }
}

const tagValue = (raw: unknown): string | undefined => (typeof raw === 'string' ? normalTag(raw) : undefined)

function numericValue(raw: unknown): string | number | undefined {
  if (typeof raw === 'string') return raw
  return typeof raw === 'number' && Number.isFinite(raw) ? raw : undefined
}

function textValue(raw: unknown): string | undefined {
  if (typeof raw === 'string') return raw
  return typeof raw === 'number' && Number.isFinite(raw) ? String(raw) : undefined
}

function numberValue(vr: VR, raw: unknown): number | undefined {
  const value = typeof raw === 'string' ? numberOf(raw) : raw
  return typeof value === 'number' && isNumberVR(vr) && NUMBER_RANGES[vr].holds(value) ? value : undefined
}

function expectedOf(vr: VR): string {
  if (isNumberVR(vr)) return NUMBER_RANGES[vr].expected
  if (vr === 'AT') return '8 hex digits'
  switch (VALUE_KIND[vr]) {
    case 'numeric string':
      return 'a string or a finite number'
    case 'name':
      return 'text, or an object with Alphabetic, Ideographic or Phonetic text,'
    default:
      return 'a string'
  }
}

/** A type alone would read oddly where the type is right and the value is not. */
const foundOf = (raw: unknown): string =>
  typeof raw === 'string' || typeof raw === 'number' ? `another ${typeof raw}` : typeName(raw)
