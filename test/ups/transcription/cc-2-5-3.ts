// Table CC.2.5-3 of PS3.4 with its macros CC.2.5-2a to 2g, transcribed by hand from standard.md A.2 to A.5.
//
// Lines: keyword | tag | VR | VM | N-CREATE | N-SET | final state. Leading `>` as printed: the nesting.
//   see text      the cell is prose
//   -             (last column) blank
//   a => b        printed a, to be read as b (standard.md A.2 to A.5, decisions.md 3)
//   include 2a    the rows of that macro, at this depth
//   set as create (on an include) the N-SET column of all included rows is read as N-CREATE
// Rows "All (other) Attributes of ... Module" are left out.

export interface AttributeRow {
  /** Dotted tags from the root. */
  readonly path: string
  readonly keyword: string
  readonly vr: string
  readonly vm: string
  /** N-CREATE, SCU/SCP as printed. */
  readonly create: string
  /** N-SET, SCU/SCP as printed. */
  readonly set: string
  /** R, RC, P, X, O; `-` where blank. */
  readonly final: string
}

const MAIN = `
TransactionUID | 00081195 | UI | 1 | 2/2 | see text | O

SpecificCharacterSet | 00080005 | CS | 1-n | 1C/1C | 1C/1C | RC
SOPClassUID | 00080016 | UI | 1 | see text | NA | R
SOPInstanceUID | 00080018 | UI | 1 | NA | NA | R

ScheduledProcedureStepPriority | 00741200 | CS | 1 | 1/1 | 3/1 | R
ScheduledProcedureStepModificationDateTime | 00404010 | DT | 1 | -/1 | -/1 | R
ProcedureStepLabel | 00741204 | LO | 1 | 1/1 | 3/1 | O
WorklistLabel | 00741202 | LO | 1 | 2/1 | 3/1 | O
ScheduledProcessingParametersSequence | 00741210 | SQ | 1 | 2/2 | 3/2 | O
> include 2b
ScheduledStationNameCodeSequence | 00404025 | SQ | 1 | 2/2 | 3/2 | O
> include 2a
ScheduledStationClassCodeSequence | 00404026 | SQ | 1 | 2/2 | 3/2 | O
> include 2a
ScheduledStationGeographicLocationCodeSequence | 00404027 | SQ | 1 | 2/2 | 3/2 | O
> include 2a
ScheduledHumanPerformersSequence | 00404034 | SQ | 1 | 2C/2C | 3/2 | O
> HumanPerformerCodeSequence | 00404009 | SQ | 1 | 1/1 | 1/1 | O
>> include 2a
> HumanPerformerName | 00404037 | PN | 1 | 1/1 | 1/1 | O
> HumanPerformerOrganization | 00404036 | LO | 1 | 1/1 | 1/1 | O
ScheduledProcedureStepStartDateTime | 00404005 | DT | 1 | 1/1 | 3/1 | R
ExpectedCompletionDateTime | 00404011 | DT | 1 | 3/1 | 3/1 | O
ScheduledProcedureStepExpirationDateTime | 00404008 | DT | 1 | 3/3 | 3/3 | O
ScheduledWorkitemCodeSequence | 00404018 | SQ | 1 | 2/2 | 3/1 | O
> include 2a
CommentsOnTheScheduledProcedureStep | 00400400 | LT | 1 | 2/2 | 3/1 | O
InputReadinessState | 00404041 | CS | 1 | 1/1 | 3/1 | R
InputInformationSequence | 00404021 | SQ | 1 | 2/2 | 3/2 | O
> include 2c
StudyInstanceUID | 0020000D | UI | 1 | 1C/2 | 3/2 | O
OutputDestinationSequence | 00404070 | SQ | 1 | 3/3 | 3/3 | O
> include 2g

PatientName | 00100010 | PN | 1 | 2/2 | NA | O
PatientID | 00100020 | LO | 1 | 1C/2 | NA | O
include 2e
OtherPatientIDsSequence | 00101002 | SQ | 1 | 2/2 | 3/3 | O
> PatientID | 00100020 | LO | 1 | 1/1 | 1/1 | O
> include 2e | set as create
> TypeOfPatientID | 00100022 | CS | 1 | 3/3 | 3/3 | O
PatientBirthDate | 00100030 | DA | 1 | 2/2 | NA | O
PatientSex | 00100040 | CS | 1 | 2/2 | NA | O
ReferencedPatientPhotoSequence | 00101100 | SQ | 1 | 3/3 | 3/3 | O
> include 2c
AdmissionID | 00380010 | LO | 1 | 2/2 | NA | O
IssuerOfAdmissionIDSequence | 00380014 | SQ | 1 | 2/2 | NA | O
> include 2d
AdmittingDiagnosesDescription | 00081080 | LO | 1-n | 2/2 | NA | O
AdmittingDiagnosesCodeSequence | 00081084 | SQ | 1 | 2/2 | NA | O
> include 2a
ReferencedRequestSequence | 0040A370 | SQ | 1 | 2/2 | NA | O
> StudyInstanceUID | 0020000D | UI | 1 | 1/1 | NA | O
> AccessionNumber | 00080050 | SH | 1 | 2/2 | NA | O
> IssuerOfAccessionNumberSequence | 00080051 | SQ | 1 | 2/2 | NA | O
>> include 2d
> PlacerOrderNumberImagingServiceRequest | 00402016 | LO | 1 | 3/1 | NA | O
> OrderPlacerIdentifierSequence | 00400026 | SQ | 1 | 2/2 | NA | O
>> include 2d
> FillerOrderNumberImagingServiceRequest | 00402017 | LO | 1 | 3/1 | NA | O
> OrderFillerIdentifierSequence | 00400027 | SQ | 1 | 2/2 | NA | O
>> include 2d
> RequestedProcedureID | 00401001 | SH | 1 | 2/2 | NA | O
> RequestedProcedureDescription | 00321060 | LO | 1 | 2/2 | NA | O
> RequestedProcedureCodeSequence | 00321064 | SQ | 1 | 2/2 | NA | O
>> include 2a
> ReasonForTheRequestedProcedure | 00401002 | LO | 1 | 3/3 | 3/3 | O
> ReasonForRequestedProcedureCodeSequence | 0040100A | SQ | 1 | 3/3 | 3/3 | O
>> include 2a
> RequestedProcedureComments | 00401400 | LT | 1 | 3/3 | 3/3 | O
> ConfidentialityCode | 00401008 | LO | 1 | 3/3 | 3/3 | O
> NamesOfIntendedRecipientsOfResults | 00401010 | PN | 1-n | 3/3 | 3/3 | O
> ImagingServiceRequestComments | 00402400 | LT | 1 | 3/3 | 3/3 | O
> RequestingPhysician | 00321032 | PN | 1 | 3/3 | 3/3 | O
> RequestingService | 00321033 | LO | 1 | 3/1 | 3/1 | O
> RequestingServiceCodeSequence | 00321034 | SQ | 1 | 3/3 | 3/3 | O
>> include 2a
> IssueDateOfImagingServiceRequest | 00402004 | DA | 1 | 3/3 | 3/3 | O
> IssueTimeOfImagingServiceRequest | 00402005 | TM | 1 | 3/3 | 3/3 | O
> ReferringPhysicianName | 00080090 | PN | 1 | 3/3 | 3/3 | O
ReplacedProcedureStepSequence | 00741224 | SQ | 1 | 1C/1C | NA | O
> include 2f

MedicalAlerts | 00102000 | LO | 1-n | 3/2 | 3/2 | O
PregnancyStatus | 001021C0 | US | 1 | 3/2 | 3/2 | O
SpecialNeeds | 00380050 | LO | 1 | 3/2 | 3/2 | O

ProcedureStepState | 00741000 | CS | 1 | 1/1 | NA | R
ProcedureStepProgressInformationSequence | 00741002 | SQ | 1 | 2/2 | 3/2 | X
> ProcedureStepProgress | 00741004 | DS | 1 | NA | 3/1 | O
> ProcedureStepProgressDescription | 00741006 | ST | 1 | NA | 3/1 | O
> ProcedureStepProgressParametersSequence | 00741007 | SQ | 1 | NA | 3/3 | O
>> include 2b
>> ContentItemModifierSequence | 00400441 | SQ | 1 | NA | 3/3 | O
>>> include 2b
> ProcedureStepCommunicationsURISequence | 00741008 | SQ | 1 | NA | 3/1 | O
>> ContactURI | 0074100A | UR | 1 | NA | 1/1 | O
>> ContactDisplayName | 0074100C | LO | 1 | NA | 3/1 | O
> ProcedureStepCancellationDateTime | 00404052 | DT | 1 | NA | 3/1 | X
> ReasonForCancellation | 00741238 | LT | 1 | NA | 3/1 | O
> ProcedureStepDiscontinuationReasonCodeSequence | 0074100E | SQ | 1 | NA | 3/1 | X
>> include 2a

UnifiedProcedureStepPerformedProcedureSequence | 00741216 | SQ | 1 | 2/2 | 3/2 | P
> ActualHumanPerformersSequence | 00404035 | SQ | 1 | NA | 3/1 | RC
>> HumanPerformerCodeSequence | 00404009 | SQ | 1 | NA | 3/1 | RC
>>> include 2a
>> HumanPerformerName | 00404037 | PN | 1 | NA | 3/1 | RC
>> HumanPerformerOrganization | 00404036 | LO | 1 | NA | 3/1 | O
> PerformedStationNameCodeSequence | 00404028 | SQ | 1 | NA | 3/2 | P
>> include 2a
> PerformedStationClassCodeSequence | 00404029 | SQ | 1 | NA | 3/2 | O
>> include 2a
> PerformedStationGeographicLocationCodeSequence | 00404030 | SQ | 1 | NA | 3/2 | O
>> include 2a
> PerformedProcedureStepStartDateTime | 00404050 | DT | 1 | NA | 3/1 | P
> PerformedProcedureStepDescription | 00400254 | LO | 1 | NA | 3/1 | O
> CommentsOnThePerformedProcedureStep | 00400280 | ST | 1 | NA | 3/1 | O
> PerformedWorkitemCodeSequence | 00404019 | SQ | 1 | NA | 3/1 | P
>> include 2a
> PerformedProcessingParametersSequence | 00741212 | SQ | 1 | NA | 3/1 | O
>> include 2b
> PerformedProcedureStepEndDateTime | 00404051 | DT | 1 | NA | 3/1 | P
> OutputInformationSequence | 00404033 | SQ | 1 | NA | 2/2 | P
> include 2c => >> include 2c
`

const MACROS: Readonly<Record<string, string>> = {
  // UPS Code Sequence
  '2a': `
CodeValue | 00080100 | SH | 1 | 1C/1C | 1C/1C | -
CodingSchemeDesignator | 00080102 | SH | 1 | 1C/1C | 1C/1C | -
CodingSchemeVersion | 00080103 | SH | 1 | 1C/1C | 1C/1C | -
CodeMeaning | 00080104 | LO | 1 | 1/1 | 1/1 | -
LongCodeValue | 00080119 | UC | 1 | 1C/1C | 1C/1C | -
URNCodeValue | 00080120 | UR | 1 | 1C/1C | 1C/1C | -
MappingResource | 00080105 | CS | 1 | 3/3 | 3/3 | -
MappingResourceUID | 00080118 | UI | 1 | 3/3 | 3/3 | -
ContextGroupVersion | 00080106 | DT | 1 | 3/3 | 3/3 | -
ContextGroupExtensionFlag | 0008010B | CS | 1 | 3/3 | 3/3 | -
ContextGroupLocalVersion | 00080107 | DT | 1 | 3/3 | 3/3 | -
ContextGroupExtensionCreatorUID | 0008010D | UI | 1 | 3/3 | 3/3 | -
`,
  // UPS Content Item
  '2b': `
ValueType | 0040A040 | CS | 1 | 1/1 | 1/1 | -
ConceptNameCodeSequence | 0040A043 | SQ | 1 | 1/1 | 1/1 | -
> include 2a
DateTime | 0040A120 | DT | 1 | 1C/1C | 1/1 => 1C/1C | -
Date | 0040A121 | DA | 1 | 1C/1C | 1/1 => 1C/1C | -
Time | 0040A122 | TM | 1 | 1C/1C | 1/1 => 1C/1C | -
PersonName | 0040A123 | PN | 1 | 1C/1C | 1/1 => 1C/1C | -
UID | 0040A124 | UI | 1 | 1C/1C | 1/1 => 1C/1C | -
TextValue | 0040A160 | UT | 1 | 1C/1C | 1/1 => 1C/1C | -
ConceptCodeSequence | 0040A168 | SQ | 1 | 1C/1C | 1/1 => 1C/1C | -
> include 2a
NumericValue | 0040A30A | DS | 1-n | 1C/1C | 1/1 => 1C/1C | -
MeasurementUnitsCodeSequence | 004008EA | SQ | 1 | 1C/1C | 1/1 => 1C/1C | -
> include 2a
`,
  // Referenced Instances and Access
  '2c': `
TypeOfInstances | 0040E020 | CS | 1 | 1/1 | 1/1 | -
StudyInstanceUID | 0020000D | UI | 1 | 1C/1 | 1C/1 | -
SeriesInstanceUID | 0020000E | UI | 1 | 1C/1 | 1C/1 | -
ReferencedSOPSequence | 00081199 | SQ | 1 | 1/1 | 1/1 | -
> ReferencedSOPClassUID | 00081150 | UI | 1 | 1/1 | 1/1 | -
> ReferencedSOPInstanceUID | 00081155 | UI | 1 | 1/1 | 1/1 | -
> HL7InstanceIdentifier | 0040E001 | ST | 1 | 1C/1 | 1C/1 | -
> ReferencedFrameNumber | 00081160 | IS | 1-n | 1C/1 | 1C/1 | -
> ReferencedSegmentNumber | 0062000B | US | 1-n | 1C/1 | 1C/1 | -
DICOMRetrievalSequence | 0040E021 | SQ | 1 | 1C/1 | 1C/1 | -
> RetrieveAETitle | 00080054 | AE | 1-n | 1/1 | 1/1 | -
DICOMMediaRetrievalSequence | 0040E022 | SQ | 1 | 1C/1 | 1C/1 | -
> StorageMediaFileSetID | 00880130 | SH | 1 | 2/2 | 2/2 | -
> StorageMediaFileSetUID | 00880140 | UI | 1 | 1/1 | 1/1 | -
WADORetrievalSequence | 0040E023 | SQ | 1 | 1C/1 | 1C/1 | -
> RetrieveURI | 0040E010 | UR | 1 | 1/1 | 1/1 | -
XDSRetrievalSequence | 0040E024 | SQ | 1 | 1C => 1C/1 | 1C/1 | -
> RepositoryUniqueID | 0040E030 | UI | 1 | 1/1 | 1/1 | -
> HomeCommunityID | 0040E031 | UI | 1 | 3/2 | 3/2 | -
WADORSRetrievalSequence | 0040E025 | SQ | 1 | 1C/1 | 1C/1 | -
> RetrieveURL | 00081190 | UR | 1 | 1/1 | 1/1 | -
`,
  // HL7v2 Hierarchic Designator
  '2d': `
LocalNamespaceEntityID | 00400031 | UT | 1 | 1C/1 | NA | -
UniversalEntityID | 00400032 | UT | 1 | 1C/1 | NA | -
UniversalEntityIDType | 00400033 | CS | 1 | 1C/1 | NA | -
`,
  // Issuer of Patient ID
  '2e': `
IssuerOfPatientID | 00100021 | LO | 1 | 2/2 | NA | O
IssuerOfPatientIDQualifiersSequence | 00100024 | SQ | 1 | 2/2 | NA | O
> UniversalEntityID | 00400032 | UT | 1 | 2/2 | NA | O
> UniversalEntityIDType | 00400033 | CS | 1 | 1C/1 | NA | O
> IdentifierTypeCode | 00400035 | CS | 1 | 2/2 | NA | O
> AssigningFacilitySequence | 00400036 | SQ | 1 | 2/2 | NA | O
>> include 2d
> AssigningJurisdictionCodeSequence | 00400039 | SQ | 1 | 2/2 | NA | O
>> include 2a
> AssigningAgencyOrDepartmentCodeSequence | 0040003A | SQ | 1 | 2/2 | NA | O
>> include 2a
`,
  // SOP Instance Reference
  '2f': `
ReferencedSOPClassUID | 00081150 | UI | 1 | 1/1 | 1/1 | -
ReferencedSOPInstanceUID | 00081155 | UI | 1 | 1/1 | 1/1 | -
`,
  // Storage
  '2g': `
ReferencedSOPClassUID | 00081150 | UI | 1 | 1C/1 | 1C/1 | -
DICOMStorageSequence | 00404071 | SQ | 1 | 1C/1 | 1C/1 | -
> DestinationAE | 00404071 => 21000140 | AE | 1 | 1/1 | 1/1 | -
STOWRSStorageSequence | 00404072 | SQ | 1 | 1C/1 | 1C/1 | -
> StorageURL | 00404073 | UR | 1 | 1/1 | 1/1 | -
XDSStorageSequence | 00404074 | SQ | 1 | 1C/1 | 1C/1 | -
> RepositoryUniqueID | 0040E030 | UI | 1 | 1/1 | 1/1 | -
> HomeCommunityID | 0040E031 | UI | 1 | 3/2 | 3/2 | -
`,
}

/** `printed => read`: what is read. */
const read = (text: string): string => text.split(' => ').at(-1) ?? text

/** The flat rows of a text, all of them below `parent` (tags). */
function expand(text: string, parent: readonly string[]): AttributeRow[] {
  const rows: AttributeRow[] = []
  let path: string[] = []
  for (const source of text.split('\n')) {
    if (source === '') continue
    const line = source.includes('include') ? read(source) : source
    const match = /^(>*) ?(.+)$/.exec(line)
    const depth = match?.[1]?.length ?? 0
    const cells = (match?.[2] ?? '').split(' | ').map(read)
    const at = path.slice(0, depth)
    if (at.length !== depth) throw new Error(`CC.2.5-3: nested too deep: ${source}`)
    const macro = /^include (.+)$/.exec(cells[0] ?? '')?.[1]
    if (macro !== undefined) {
      const content = MACROS[macro]
      if (content === undefined) throw new Error(`CC.2.5-3: no such macro: ${source}`)
      const included = expand(content, [...parent, ...at])
      rows.push(...(cells[1] === 'set as create' ? included.map((row) => ({ ...row, set: row.create })) : included))
      continue
    }
    const [keyword, tag, vr, vm, create, set, final] = cells
    if (cells.length !== 7 || !keyword || !tag || !vr || !vm || !create || !set || !final) {
      throw new Error(`CC.2.5-3: not 7 cells: ${source}`)
    }
    path = [...at, tag]
    rows.push({ path: [...parent, ...path].join('.'), keyword, vr, vm, create, set, final })
  }
  return rows
}

export const CC_2_5_3: readonly AttributeRow[] = expand(MAIN, [])
