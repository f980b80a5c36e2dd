/**
 * What items of sequences look like: sequences whose items have the same attributes, all the way down, share a structure,
 * and with it one type of GraphQL. A structure without a name, or a name without a structure, stops the program at import.
 */
import { ATTRIBUTE_TABLE, type AttributeRow } from '../ups/attribute-table.ts'

export interface Structure {
  readonly name: string
  /** The rows of the sequences that have it, as the table has them; never none. */
  readonly places: readonly AttributeRow[]
}

/** By the keyword of a sequence that has it. */
const NAMES: Readonly<Record<string, string>> = {
  ConceptNameCodeSequence: 'Code',
  ScheduledProcessingParametersSequence: 'ContentItem',
  ScheduledHumanPerformersSequence: 'HumanPerformer',
  InputInformationSequence: 'ReferencedInstances',
  ReferencedSOPSequence: 'ReferencedSOP',
  DICOMRetrievalSequence: 'DicomRetrieval',
  DICOMMediaRetrievalSequence: 'DicomMediaRetrieval',
  WADORetrievalSequence: 'WadoRetrieval',
  XDSRetrievalSequence: 'XdsRepository',
  WADORSRetrievalSequence: 'WadoRSRetrieval',
  OutputDestinationSequence: 'OutputDestination',
  DICOMStorageSequence: 'DicomStorage',
  STOWRSStorageSequence: 'StowRSStorage',
  IssuerOfPatientIDQualifiersSequence: 'PatientIDQualifiers',
  IssuerOfAdmissionIDSequence: 'HierarchicDesignator',
  OtherPatientIDsSequence: 'OtherPatientID',
  ReferencedRequestSequence: 'ReferencedRequest',
  ReplacedProcedureStepSequence: 'ReplacedProcedureStep',
  ProcedureStepProgressInformationSequence: 'ProgressInformation',
  ProcedureStepProgressParametersSequence: 'ProgressParameter',
  ProcedureStepCommunicationsURISequence: 'CommunicationsURI',
  UnifiedProcedureStepPerformedProcedureSequence: 'PerformedProcedure',
}

/** The same for two sequences whose items have the same attributes. */
const shapeOf = ({ items }: AttributeRow): string =>
  items
    .map((row) => `${row.tag}${row.vr}${row.vm}${row.vr === 'SQ' ? `(${shapeOf(row)})` : ''}`)
    .toSorted()
    .join()

const sequencesIn = (rows: readonly AttributeRow[]): readonly AttributeRow[] =>
  rows.flatMap((row) => (row.vr === 'SQ' ? [row, ...sequencesIn(row.items)] : []))

function named(places: readonly AttributeRow[]): Structure {
  const [name, ...others] = new Set(places.flatMap(({ keyword }) => NAMES[keyword] ?? []))
  if (name !== undefined && others.length === 0) return { name, places }
  throw new TypeError(`items of ${places[0]?.keyword}: expected one name, found ${others.length + (name ? 1 : 0)}`)
}

function allStructures(): readonly Structure[] {
  const structures = Map.groupBy(sequencesIn(ATTRIBUTE_TABLE), shapeOf).values().map(named).toArray()
  const used = structures.map(({ name }) => name)
  for (const name of Object.values(NAMES)) {
    if (used.filter((other) => other === name).length !== 1) {
      throw new TypeError(`expected one structure of items that is named ${name}`)
    }
  }
  return structures
}

/** In the order in which the table has the first of each. */
export const STRUCTURES: readonly Structure[] = allStructures()

const NAME_BY_PATH = new Map(STRUCTURES.flatMap(({ name, places }) => places.map(({ path }) => [path, name])))

/** The name of the structure of a sequence's items. */
export function structureName({ path }: AttributeRow): string {
  const name = NAME_BY_PATH.get(path)
  if (name === undefined) throw new TypeError(`${path} is no sequence`)
  return name
}
