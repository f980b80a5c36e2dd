// Values and item counts of standard.md A.7, transcribed by hand.

export interface Enumeration {
  readonly keyword: string
  readonly tag: string
  readonly values: readonly string[]
}

export interface ItemCount {
  readonly keyword: string
  readonly tag: string
  readonly max: number
  /** Left out where zero items are allowed. */
  readonly min?: number
  /** The words of A.7. */
  readonly printed: string
}

/** Enumerated values of A.7: any other value is invalid, wherever the attribute occurs. */
export const ENUMERATED_VALUES: readonly Enumeration[] = [
  {
    keyword: 'ProcedureStepState',
    tag: '00741000',
    values: ['SCHEDULED', 'IN PROGRESS', 'CANCELED', 'COMPLETED'],
  },
  { keyword: 'InputReadinessState', tag: '00404041', values: ['INCOMPLETE', 'UNAVAILABLE', 'READY'] },
  { keyword: 'ScheduledProcedureStepPriority', tag: '00741200', values: ['HIGH', 'MEDIUM', 'LOW'] },
  { keyword: 'PatientSex', tag: '00100040', values: ['M', 'F', 'O'] },
]

/** Values that are not in A.7: Type of Instances in A.5, Value Type in A.4 (the list of PS3.3 Table 10-2). */
export const ENUMERATED_VALUES_OF_MACROS: readonly Enumeration[] = [
  { keyword: 'TypeOfInstances', tag: '0040E020', values: ['DICOM', 'CDA'] },
  {
    keyword: 'ValueType',
    tag: '0040A040',
    values: [
      'DATE',
      'TIME',
      'DATETIME',
      'PNAME',
      'UIDREF',
      'TEXT',
      'CODE',
      'NUMERIC',
      'COMPOSITE',
      'IMAGE',
      'WAVEFORM',
    ],
  },
]

/** Defined terms: other values are legal, a server must not refuse them. */
export const DEFINED_TERMS: readonly Enumeration[] = [
  { keyword: 'TypeOfPatientID', tag: '00100022', values: ['TEXT', 'RFID', 'BARCODE'] },
]

/** Not part of a workitem: information of the subscribe action. */
export const ACTION_VALUES: readonly Enumeration[] = [
  { keyword: 'DeletionLock', tag: '00741230', values: ['TRUE', 'FALSE'] },
]

/**
 * Row "Item counts". For "one", `min` stands where the type code forbids zero length (1/1, and 1C/1C with its condition
 * met); Issuer of Admission ID Sequence is 2/2 and may be empty. All other sequences: zero or more items.
 */
export const ITEM_COUNTS: readonly ItemCount[] = [
  { keyword: 'ScheduledWorkitemCodeSequence', tag: '00404018', max: 1, printed: 'exactly one item if not empty' },
  { keyword: 'HumanPerformerCodeSequence', tag: '00404009', max: 1, min: 1, printed: 'one item' },
  { keyword: 'IssuerOfAdmissionIDSequence', tag: '00380014', max: 1, printed: 'one' },
  { keyword: 'ProcedureStepProgressInformationSequence', tag: '00741002', max: 1, printed: 'zero or one' },
  { keyword: 'UnifiedProcedureStepPerformedProcedureSequence', tag: '00741216', max: 1, printed: 'zero or one' },
  { keyword: 'RequestedProcedureCodeSequence', tag: '00321064', max: 1, printed: 'zero or one' },
  { keyword: 'ConceptNameCodeSequence', tag: '0040A043', max: 1, min: 1, printed: 'one' },
  { keyword: 'ConceptCodeSequence', tag: '0040A168', max: 1, min: 1, printed: 'one' },
  { keyword: 'MeasurementUnitsCodeSequence', tag: '004008EA', max: 1, min: 1, printed: 'one' },
]
