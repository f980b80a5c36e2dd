// The checklists of standard.md A.6, transcribed by hand in the order printed there. Tags that A.6 does not print are those of A.2.

export interface Attribute {
  readonly keyword: string
  readonly tag: string
}

export interface FinalAttribute {
  readonly keyword: string
  /** Dotted tags from the root. */
  readonly path: string
  readonly code: 'R' | 'RC' | 'P' | 'X'
  readonly when?: string
  /** The attribute must be present, with zero items if there is nothing to tell. */
  readonly mayBeEmpty?: true
}

export interface MatchingKey {
  readonly keyword: string
  /** Dotted tags from the root. */
  readonly path: string
  /** `-`: A.6 names no matching type. */
  readonly match: 'single value' | 'single value, range' | '-'
}

/** 1/1. Procedure Step State has to be SCHEDULED. */
export const CREATE_MUST_HAVE_VALUE: readonly Attribute[] = [
  { keyword: 'ScheduledProcedureStepPriority', tag: '00741200' },
  { keyword: 'ProcedureStepLabel', tag: '00741204' },
  { keyword: 'ScheduledProcedureStepStartDateTime', tag: '00404005' },
  { keyword: 'InputReadinessState', tag: '00404041' },
  { keyword: 'ProcedureStepState', tag: '00741000' },
]

/** 2/2. */
export const CREATE_MAY_BE_EMPTY: readonly Attribute[] = [
  { keyword: 'ScheduledProcessingParametersSequence', tag: '00741210' },
  { keyword: 'ScheduledStationNameCodeSequence', tag: '00404025' },
  { keyword: 'ScheduledStationClassCodeSequence', tag: '00404026' },
  { keyword: 'ScheduledStationGeographicLocationCodeSequence', tag: '00404027' },
  { keyword: 'ScheduledWorkitemCodeSequence', tag: '00404018' },
  { keyword: 'CommentsOnTheScheduledProcedureStep', tag: '00400400' },
  { keyword: 'InputInformationSequence', tag: '00404021' },
  { keyword: 'PatientName', tag: '00100010' },
  { keyword: 'IssuerOfPatientID', tag: '00100021' },
  { keyword: 'IssuerOfPatientIDQualifiersSequence', tag: '00100024' },
  { keyword: 'OtherPatientIDsSequence', tag: '00101002' },
  { keyword: 'PatientBirthDate', tag: '00100030' },
  { keyword: 'PatientSex', tag: '00100040' },
  { keyword: 'AdmissionID', tag: '00380010' },
  { keyword: 'IssuerOfAdmissionIDSequence', tag: '00380014' },
  { keyword: 'AdmittingDiagnosesDescription', tag: '00081080' },
  { keyword: 'AdmittingDiagnosesCodeSequence', tag: '00081084' },
  { keyword: 'ReferencedRequestSequence', tag: '0040A370' },
]

/** 2/1: may be empty, the server then assigns a value. */
export const CREATE_MAY_BE_EMPTY_WITH_DEFAULT: readonly Attribute[] = [{ keyword: 'WorklistLabel', tag: '00741202' }]

/** Present and empty. */
export const CREATE_MUST_BE_EMPTY: readonly Attribute[] = [
  { keyword: 'TransactionUID', tag: '00081195' },
  { keyword: 'ProcedureStepProgressInformationSequence', tag: '00741002' },
  { keyword: 'UnifiedProcedureStepPerformedProcedureSequence', tag: '00741216' },
]

/** The HL7v2 designator and issuer macros (2d, 2e) are forbidden wherever they occur, too. */
export const UPDATE_FORBIDDEN: readonly Attribute[] = [
  { keyword: 'SOPClassUID', tag: '00080016' },
  { keyword: 'SOPInstanceUID', tag: '00080018' },
  { keyword: 'ProcedureStepState', tag: '00741000' },
  { keyword: 'PatientName', tag: '00100010' },
  { keyword: 'PatientID', tag: '00100020' },
  { keyword: 'IssuerOfPatientID', tag: '00100021' },
  { keyword: 'IssuerOfPatientIDQualifiersSequence', tag: '00100024' },
  { keyword: 'PatientBirthDate', tag: '00100030' },
  { keyword: 'PatientSex', tag: '00100040' },
  { keyword: 'AdmissionID', tag: '00380010' },
  { keyword: 'IssuerOfAdmissionIDSequence', tag: '00380014' },
  { keyword: 'AdmittingDiagnosesDescription', tag: '00081080' },
  { keyword: 'AdmittingDiagnosesCodeSequence', tag: '00081084' },
  { keyword: 'ReferencedRequestSequence', tag: '0040A370' },
  { keyword: 'ReplacedProcedureStepSequence', tag: '00741224' },
]

/** R, RC and P. */
export const FINAL_COMPLETED: readonly FinalAttribute[] = [
  { keyword: 'SOPClassUID', path: '00080016', code: 'R' },
  { keyword: 'SOPInstanceUID', path: '00080018', code: 'R' },
  { keyword: 'ScheduledProcedureStepPriority', path: '00741200', code: 'R' },
  { keyword: 'ScheduledProcedureStepModificationDateTime', path: '00404010', code: 'R' },
  { keyword: 'ScheduledProcedureStepStartDateTime', path: '00404005', code: 'R' },
  { keyword: 'InputReadinessState', path: '00404041', code: 'R' },
  { keyword: 'ProcedureStepState', path: '00741000', code: 'R' },
  {
    keyword: 'SpecificCharacterSet',
    path: '00080005',
    code: 'RC',
    when: 'an extended or replacement character set is used',
  },
  { keyword: 'UnifiedProcedureStepPerformedProcedureSequence', path: '00741216', code: 'P' },
  { keyword: 'PerformedStationNameCodeSequence', path: '00741216.00404028', code: 'P' },
  { keyword: 'PerformedProcedureStepStartDateTime', path: '00741216.00404050', code: 'P' },
  { keyword: 'PerformedProcedureStepEndDateTime', path: '00741216.00404051', code: 'P' },
  { keyword: 'PerformedWorkitemCodeSequence', path: '00741216.00404019', code: 'P' },
  { keyword: 'OutputInformationSequence', path: '00741216.00404033', code: 'P', mayBeEmpty: true },
  { keyword: 'ActualHumanPerformersSequence', path: '00741216.00404035', code: 'RC', when: 'known' },
  { keyword: 'HumanPerformerCodeSequence', path: '00741216.00404035.00404009', code: 'RC', when: 'known' },
  { keyword: 'HumanPerformerName', path: '00741216.00404035.00404037', code: 'RC', when: 'known' },
]

/** The R and RC rows of COMPLETED, and X. The server fills in the cancellation date-time if it is missing. */
export const FINAL_CANCELED: readonly FinalAttribute[] = [
  { keyword: 'SOPClassUID', path: '00080016', code: 'R' },
  { keyword: 'SOPInstanceUID', path: '00080018', code: 'R' },
  { keyword: 'ScheduledProcedureStepPriority', path: '00741200', code: 'R' },
  { keyword: 'ScheduledProcedureStepModificationDateTime', path: '00404010', code: 'R' },
  { keyword: 'ScheduledProcedureStepStartDateTime', path: '00404005', code: 'R' },
  { keyword: 'InputReadinessState', path: '00404041', code: 'R' },
  { keyword: 'ProcedureStepState', path: '00741000', code: 'R' },
  {
    keyword: 'SpecificCharacterSet',
    path: '00080005',
    code: 'RC',
    when: 'an extended or replacement character set is used',
  },
  { keyword: 'ActualHumanPerformersSequence', path: '00741216.00404035', code: 'RC', when: 'known' },
  { keyword: 'HumanPerformerCodeSequence', path: '00741216.00404035.00404009', code: 'RC', when: 'known' },
  { keyword: 'HumanPerformerName', path: '00741216.00404035.00404037', code: 'RC', when: 'known' },
  { keyword: 'ProcedureStepProgressInformationSequence', path: '00741002', code: 'X' },
  { keyword: 'ProcedureStepCancellationDateTime', path: '00741002.00404052', code: 'X' },
  { keyword: 'ProcedureStepDiscontinuationReasonCodeSequence', path: '00741002.0074100E', code: 'X' },
]

export const SEARCH_DEFAULT_TYPE_1: readonly Attribute[] = [
  { keyword: 'SOPClassUID', tag: '00080016' },
  { keyword: 'SOPInstanceUID', tag: '00080018' },
  { keyword: 'ScheduledProcedureStepPriority', tag: '00741200' },
  { keyword: 'ProcedureStepLabel', tag: '00741204' },
  { keyword: 'WorklistLabel', tag: '00741202' },
  { keyword: 'ScheduledProcedureStepStartDateTime', tag: '00404005' },
  { keyword: 'InputReadinessState', tag: '00404041' },
  { keyword: 'ProcedureStepState', tag: '00741000' },
]

/** Present even if empty. Referenced Request Sequence comes with its nested 1, 2 and 1C attributes. */
export const SEARCH_DEFAULT_TYPE_2: readonly Attribute[] = [
  { keyword: 'ScheduledProcessingParametersSequence', tag: '00741210' },
  { keyword: 'ScheduledStationNameCodeSequence', tag: '00404025' },
  { keyword: 'ScheduledStationClassCodeSequence', tag: '00404026' },
  { keyword: 'ScheduledStationGeographicLocationCodeSequence', tag: '00404027' },
  { keyword: 'ScheduledHumanPerformersSequence', tag: '00404034' },
  { keyword: 'ScheduledWorkitemCodeSequence', tag: '00404018' },
  { keyword: 'InputInformationSequence', tag: '00404021' },
  { keyword: 'StudyInstanceUID', tag: '0020000D' },
  { keyword: 'PatientName', tag: '00100010' },
  { keyword: 'PatientID', tag: '00100020' },
  { keyword: 'IssuerOfPatientID', tag: '00100021' },
  { keyword: 'IssuerOfPatientIDQualifiersSequence', tag: '00100024' },
  { keyword: 'OtherPatientIDsSequence', tag: '00101002' },
  { keyword: 'PatientBirthDate', tag: '00100030' },
  { keyword: 'PatientSex', tag: '00100040' },
  { keyword: 'AdmissionID', tag: '00380010' },
  { keyword: 'IssuerOfAdmissionIDSequence', tag: '00380014' },
  { keyword: 'AdmittingDiagnosesDescription', tag: '00081080' },
  { keyword: 'AdmittingDiagnosesCodeSequence', tag: '00081084' },
  { keyword: 'ReferencedRequestSequence', tag: '0040A370' },
  { keyword: 'ProcedureStepProgressInformationSequence', tag: '00741002' },
]

/** 1C and 2C. PS3.18 11.9.2 speaks of 1C only; A.6: returning the 2C attributes is harmless. */
export const SEARCH_DEFAULT_CONDITIONAL: readonly (Attribute & { readonly code: '1C' | '2C' })[] = [
  { keyword: 'SpecificCharacterSet', tag: '00080005', code: '1C' },
  { keyword: 'MedicalAlerts', tag: '00102000', code: '2C' },
  { keyword: 'PregnancyStatus', tag: '001021C0', code: '2C' },
  { keyword: 'SpecialNeeds', tag: '00380050', code: '2C' },
]

/** Type 3 or `-`: not in a search result unless asked for (the Transaction UID never). */
export const SEARCH_NOT_DEFAULT: readonly Attribute[] = [
  { keyword: 'ScheduledProcedureStepModificationDateTime', tag: '00404010' },
  { keyword: 'ExpectedCompletionDateTime', tag: '00404011' },
  { keyword: 'ScheduledProcedureStepExpirationDateTime', tag: '00404008' },
  { keyword: 'CommentsOnTheScheduledProcedureStep', tag: '00400400' },
  { keyword: 'OutputDestinationSequence', tag: '00404070' },
  { keyword: 'ReferencedPatientPhotoSequence', tag: '00101100' },
  { keyword: 'ReplacedProcedureStepSequence', tag: '00741224' },
  { keyword: 'UnifiedProcedureStepPerformedProcedureSequence', tag: '00741216' },
  { keyword: 'TransactionUID', tag: '00081195' },
]

/** U and R: the keys that A.6 lists, without the leaves of code sequences (see MATCHING_KEYS_IN_CODE_SEQUENCE). */
export const MATCHING_KEYS_REQUIRED: readonly MatchingKey[] = [
  { keyword: 'SOPInstanceUID', path: '00080018', match: 'single value' },
  { keyword: 'ScheduledProcedureStepPriority', path: '00741200', match: '-' },
  { keyword: 'ProcedureStepLabel', path: '00741204', match: '-' },
  { keyword: 'WorklistLabel', path: '00741202', match: '-' },
  { keyword: 'ScheduledStationNameCodeSequence', path: '00404025', match: '-' },
  { keyword: 'ScheduledStationClassCodeSequence', path: '00404026', match: '-' },
  { keyword: 'ScheduledStationGeographicLocationCodeSequence', path: '00404027', match: '-' },
  { keyword: 'ScheduledHumanPerformersSequence', path: '00404034', match: '-' },
  { keyword: 'HumanPerformerCodeSequence', path: '00404034.00404009', match: '-' },
  { keyword: 'ScheduledProcedureStepStartDateTime', path: '00404005', match: 'single value, range' },
  { keyword: 'ExpectedCompletionDateTime', path: '00404011', match: 'single value, range' },
  { keyword: 'ScheduledWorkitemCodeSequence', path: '00404018', match: '-' },
  { keyword: 'InputReadinessState', path: '00404041', match: '-' },
  { keyword: 'PatientName', path: '00100010', match: '-' },
  { keyword: 'PatientID', path: '00100020', match: '-' },
  { keyword: 'IssuerOfPatientID', path: '00100021', match: '-' },
  { keyword: 'PatientBirthDate', path: '00100030', match: '-' },
  { keyword: 'PatientSex', path: '00100040', match: '-' },
  { keyword: 'AdmissionID', path: '00380010', match: '-' },
  { keyword: 'IssuerOfAdmissionIDSequence', path: '00380014', match: '-' },
  { keyword: 'LocalNamespaceEntityID', path: '00380014.00400031', match: '-' },
  { keyword: 'UniversalEntityID', path: '00380014.00400032', match: '-' },
  { keyword: 'UniversalEntityIDType', path: '00380014.00400033', match: '-' },
  { keyword: 'ReferencedRequestSequence', path: '0040A370', match: '-' },
  { keyword: 'AccessionNumber', path: '0040A370.00080050', match: '-' },
  { keyword: 'IssuerOfAccessionNumberSequence', path: '0040A370.00080051', match: '-' },
  { keyword: 'RequestedProcedureID', path: '0040A370.00401001', match: '-' },
  { keyword: 'RequestingService', path: '0040A370.00321033', match: '-' },
  { keyword: 'ReplacedProcedureStepSequence', path: '00741224', match: '-' },
  { keyword: 'ReferencedSOPClassUID', path: '00741224.00081150', match: '-' },
  { keyword: 'ReferencedSOPInstanceUID', path: '00741224.00081155', match: '-' },
  { keyword: 'ProcedureStepState', path: '00741000', match: '-' },
]

/** The keys inside each code sequence; Code Meaning and Coding Scheme Version are none. */
export const MATCHING_KEYS_IN_CODE_SEQUENCE: readonly (Attribute & { readonly match: 'single value' })[] = [
  { keyword: 'CodeValue', tag: '00080100', match: 'single value' },
  { keyword: 'CodingSchemeDesignator', tag: '00080102', match: 'single value' },
  { keyword: 'LongCodeValue', tag: '00080119', match: 'single value' },
  { keyword: 'URNCodeValue', tag: '00080120', match: 'single value' },
]
