/** The tags that rules speak of, by keyword. */
export const TAG = {
  AffectedSOPInstanceUID: '00001000',
  RequestedSOPInstanceUID: '00001001',
  SpecificCharacterSet: '00080005',
  SOPClassUID: '00080016',
  SOPInstanceUID: '00080018',
  RetrieveURL: '00081190',
  TransactionUID: '00081195',
  CodeValue: '00080100',
  CodingSchemeDesignator: '00080102',
  CodeMeaning: '00080104',
  LongCodeValue: '00080119',
  URNCodeValue: '00080120',
  PatientID: '00100020',
  LocalNamespaceEntityID: '00400031',
  UniversalEntityID: '00400032',
  UniversalEntityIDType: '00400033',
  ScheduledProcedureStepStartDateTime: '00404005',
  ExpectedCompletionDateTime: '00404011',
  ScheduledStationNameCodeSequence: '00404025',
  ScheduledHumanPerformersSequence: '00404034',
  HumanPerformerCodeSequence: '00404009',
  HumanPerformerOrganization: '00404036',
  ScheduledProcedureStepModificationDateTime: '00404010',
  OutputInformationSequence: '00404033',
  InputReadinessState: '00404041',
  ProcedureStepCancellationDateTime: '00404052',
  DICOMStorageSequence: '00404071',
  STOWRSStorageSequence: '00404072',
  XDSStorageSequence: '00404074',
  ValueType: '0040A040',
  TypeOfInstances: '0040E020',
  DICOMRetrievalSequence: '0040E021',
  DICOMMediaRetrievalSequence: '0040E022',
  WADORetrievalSequence: '0040E023',
  XDSRetrievalSequence: '0040E024',
  WADORSRetrievalSequence: '0040E025',
  ProcedureStepState: '00741000',
  ProcedureStepProgressInformationSequence: '00741002',
  ProcedureStepCommunicationsURISequence: '00741008',
  ContactURI: '0074100A',
  ContactDisplayName: '0074100C',
  ProcedureStepDiscontinuationReasonCodeSequence: '0074100E',
  ScheduledProcedureStepPriority: '00741200',
  WorklistLabel: '00741202',
  UnifiedProcedureStepPerformedProcedureSequence: '00741216',
  RequestingAE: '00741236',
  ReasonForCancellation: '00741238',
  SCPStatus: '00741242',
  SubscriptionListStatus: '00741244',
  UnifiedProcedureStepListStatus: '00741246',
} as const

/** UPS Push: the SOP Class of every workitem (PS3.4 CC.3.1.1). */
export const UPS_PUSH_SOP_CLASS = '1.2.840.10008.5.1.4.34.6.1'

/** The well-known instances that stand for the whole worklist (PS3.4 CC.2.3.1), never for a workitem. */
export const GLOBAL_SUBSCRIPTION_UID = '1.2.840.10008.5.1.4.34.5'
export const FILTERED_GLOBAL_SUBSCRIPTION_UID = '1.2.840.10008.5.1.4.34.5.1'

export const isGlobalUid = (uid: string): boolean =>
  uid === GLOBAL_SUBSCRIPTION_UID || uid === FILTERED_GLOBAL_SUBSCRIPTION_UID
