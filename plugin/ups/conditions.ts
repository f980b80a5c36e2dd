/**
 * The conditions of types 1C and 2C in Table CC.2.5-3. Total by type; what cannot be told from the dataset counts as
 * not met (decisions.md 3), and says so here.
 */
import { firstString, hasValue } from '../dicom/access.ts'
import type { Dataset, Tag } from '../dicom/dataset.ts'
import { TAG } from './tags.ts'
import type { Strictness } from './policy.ts'

/** The value types for which macro CC.2.5-2b has a value attribute. */
type ValueType = 'DATE' | 'TIME' | 'DATETIME' | 'PNAME' | 'UIDREF' | 'TEXT' | 'CODE' | 'NUMERIC'

export interface ConditionFacts {
  /** The dataset or item in which the attribute stands. */
  readonly item: Dataset
  /** The item around that one. */
  readonly parent: Dataset | undefined
  readonly tag: Tag
  readonly strictness: Strictness
}

type Holds = (facts: ConditionFacts) => boolean

const cannotBeTold: Holds = () => false
const has = (item: Dataset, tag: Tag): boolean => hasValue(item[tag])
const none = (item: Dataset, tags: readonly Tag[]): boolean => tags.every((tag) => !has(item, tag))
const valueTypeIs =
  (type: ValueType): Holds =>
  ({ item }) =>
    firstString(item, TAG.ValueType) === type

const RETRIEVALS: readonly Tag[] = [
  TAG.DICOMRetrievalSequence,
  TAG.DICOMMediaRetrievalSequence,
  TAG.WADORetrievalSequence,
  TAG.XDSRetrievalSequence,
  TAG.WADORSRetrievalSequence,
]
const STORAGES: readonly Tag[] = [TAG.DICOMStorageSequence, TAG.STOWRSStorageSequence, TAG.XDSStorageSequence]

const CONDITIONS = {
  // An item without any code lacks its Code Value; which of the other two it should have been cannot be told.
  codeIsShort: ({ item }) => none(item, [TAG.LongCodeValue, TAG.URNCodeValue]),
  codeIsLong: cannotBeTold,
  codeIsUrn: cannotBeTold,
  codeNeedsScheme: ({ item }) => has(item, TAG.CodeValue) || has(item, TAG.LongCodeValue),
  schemeIsAmbiguous: cannotBeTold,
  'valueTypeIs DATE': valueTypeIs('DATE'),
  'valueTypeIs TIME': valueTypeIs('TIME'),
  'valueTypeIs DATETIME': valueTypeIs('DATETIME'),
  'valueTypeIs PNAME': valueTypeIs('PNAME'),
  'valueTypeIs UIDREF': valueTypeIs('UIDREF'),
  'valueTypeIs TEXT': valueTypeIs('TEXT'),
  'valueTypeIs CODE': valueTypeIs('CODE'),
  'valueTypeIs NUMERIC': valueTypeIs('NUMERIC'),
  noUniversalEntity: ({ item }) => !has(item, TAG.UniversalEntityID),
  // When both are missing the row of the Local Namespace names the gap.
  noLocalNamespace: cannotBeTold,
  universalEntity: ({ item }) => has(item, TAG.UniversalEntityID),
  instancesAreCda: ({ parent }) => parent !== undefined && firstString(parent, TAG.TypeOfInstances) === 'CDA',
  informationModel: cannotBeTold,
  partOfInstance: cannotBeTold,
  // One of the five must be there; the first row names the gap. Clients in the field send none (decisions.md 3).
  noOtherRetrieval: ({ item, tag, strictness }) =>
    strictness === 'strict' && tag === TAG.DICOMRetrievalSequence && none(item, RETRIEVALS),
  noOtherStorage: ({ item, tag }) => tag === TAG.DICOMStorageSequence && none(item, STORAGES),
  specificSopClass: cannotBeTold,
  // The service answers in UTF-8 and sets (0008,0005) itself.
  extendedCharacterSet: cannotBeTold,
  humanPerformerSpecified: cannotBeTold,
  createsInstances: cannotBeTold,
  subjectRequiresIdentification: cannotBeTold,
  replacesAnother: cannotBeTold,
} as const satisfies Readonly<Record<string, Holds>>

export type Condition = keyof typeof CONDITIONS

export const isCondition = (name: string): name is Condition => Object.hasOwn(CONDITIONS, name)

/** Decisions.md 3: Patient ID acts as type 2, since whether the subject requires identification cannot be told. */
export const presentWhenUnmet = (condition: Condition): boolean => condition === 'subjectRequiresIdentification'

export const conditionHolds = (condition: Condition, facts: ConditionFacts): boolean => CONDITIONS[condition](facts)
