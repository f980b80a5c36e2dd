/**
 * Attributes that have no field of their own (document-others.ts). The index does not know which of their texts come from
 * one item: it is sure of one text only.
 */
import type { Tag } from '../dicom/dataset.ts'
import { hasWildcard } from '../dicom/matching-glob.ts'
import { withoutPadding, withoutTrailingSpaces } from '../dicom/padding.ts'
import {
  isUniversal,
  type AttributeCriterion,
  type Criterion,
  type OfStoredVr,
  type Private,
  type Query,
} from '../dicom/query-criteria.ts'
import { isPrivateTag, normalTag } from '../dicom/tag.ts'
import { TAG } from '../ups/tags.ts'
import { headOf, MOST_UNITS_OF_PATH, pathIn, privateStep, valuesMark } from './document-others.ts'
import { all, any, EVERYTHING, type Narrowed, roughly, UNKNOWN } from './query-narrowed.ts'
import { narrowTexts, narrowValues, type TextField } from './query-text.ts'

/** `level`: what the fields of the level begin with. */
export function narrowOther(level: string, tag: Tag, criterion: Criterion): Narrowed {
  return narrowKey(level, '', tag, criterion)
}

function narrowKey(level: string, path: string, tag: Tag, criterion: Criterion): Narrowed {
  if (criterion.type === 'universal') return EVERYTHING
  if (tag === TAG.TransactionUID || criterion.type === 'date-time pair') return UNKNOWN
  if (criterion.type === 'private') return roughly(narrowPrivate(level, path, tag, criterion))
  return isPrivateTag(tag) ? UNKNOWN : narrowCriterion(level, pathIn(path, tag), criterion)
}

function narrowPrivate(level: string, path: string, tag: Tag, { creator, of }: Private): Narrowed {
  const inner = pathIn(path, privateStep(tag, creator))
  if (of.type === 'stored VR') return narrowStoredVr(level, inner, of)
  return of.type === 'sequence' ? narrowCriterion(level, inner, of) : UNKNOWN
}

function narrowCriterion(level: string, path: string, criterion: AttributeCriterion): Narrowed {
  if (path.length > MOST_UNITS_OF_PATH) return UNKNOWN
  const place = placeOf(level, path)
  switch (criterion.type) {
    case 'text':
      return narrowTexts(place, criterion)
    case 'uid':
      return narrowValues(place, criterion.values)
    case 'any':
      return any(criterion.of.map((one) => narrowCriterion(level, path, one)))
    case 'all':
      return all(criterion.of.map((one) => narrowCriterion(level, path, one)))
    case 'sequence':
      return narrowItem(level, path, criterion.item)
    default:
      return UNKNOWN
  }
}

const placeOf = (level: string, path: string): TextField => ({
  field: `${level}others`,
  cutField: `${level}cut`,
  name: path,
  head: headOf(path),
})

function narrowItem(level: string, path: string, item: Query): Narrowed {
  if (isUniversal(item)) return EVERYTHING
  const parts = Object.entries(item).map(([tag, criterion]) => narrowKey(level, path, tag, criterion))
  const narrowed = all(parts)
  const asked = Object.values(item).filter(({ type }) => type !== 'universal')
  const isOneText = asked.length === 1 && asked.every(({ type }) => type !== 'all')
  return isOneText ? narrowed : roughly(narrowed)
}

/** Whatever the VR, as text or as what is no text. */
function narrowStoredVr(level: string, path: string, { values }: OfStoredVr): Narrowed {
  if (path.length > MOST_UNITS_OF_PATH) return UNKNOWN
  const texts = values.flatMap((value) => [
    withoutTrailingSpaces(value),
    withoutPadding(value),
    normalTag(value) ?? value,
  ])
  const isPattern = Map.groupBy(new Set(texts), hasWildcard)
  const found = { values: isPattern.get(false) ?? [], patterns: isPattern.get(true) ?? [] }
  return any([
    narrowTexts(placeOf(level, path), found),
    narrowValues({ ...placeOf(level, path), head: '' }, [valuesMark(path)]),
  ])
}
