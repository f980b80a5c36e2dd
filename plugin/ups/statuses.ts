/**
 * The status catalogue: the only place that knows a DICOM status of the UPS services, its HTTP status and its wording
 * (PS3.4 Tables CC.2.1-2, CC.2.2-2, CC.2.5-4, CC.2.6-1, PS3.18 chapter 11, decisions.md 2).
 * Texts are fixed ASCII: they go into headers, so no value of a client may ever stand in them.
 */

export interface Status {
  readonly dicom: number
  readonly http: number
  readonly text: string
}

const INCONSISTENT_WORKITEM = 'The submitted request is inconsistent with the current state of the Workitem.'
const INCONSISTENT_INSTANCE = 'The submitted request is inconsistent with the state of the UPS Instance.'

/** Why a command was turned down. */
export const REFUSALS = {
  notAllowedAttribute: { dicom: 0x0105, http: 400, text: 'An Attribute is not allowed in this request.' },
  invalidValue: { dicom: 0x0106, http: 400, text: 'An Attribute has an invalid value.' },
  invalidArgument: { dicom: 0x0115, http: 400, text: 'An argument of the request has an invalid value.' },
  missingAttribute: { dicom: 0x0120, http: 400, text: 'A required Attribute is missing.' },
  missingValue: { dicom: 0x0121, http: 400, text: 'A required Attribute has no value.' },
  notScheduled: { dicom: 0xc309, http: 400, text: 'The provided value of UPS State was not SCHEDULED.' },
  scheduledOnlyByCreate: { dicom: 0xc303, http: 400, text: 'The UPS may only become SCHEDULED via Create.' },
  transactionUidMissing: { dicom: 0xc301, http: 400, text: 'The Transaction UID is missing.' },
  transactionUidIncorrect: { dicom: 0xc301, http: 400, text: 'The Transaction UID is incorrect.' },
  /** The loser of a race must see a conflict (decisions.md 2). */
  claimedByAnother: { dicom: 0xc301, http: 409, text: 'The Transaction UID is incorrect.' },
  /** PS3.18 11.6.2 wants 400 for an Update of a finished workitem. */
  finishedNoUpdate: { dicom: 0xc300, http: 400, text: INCONSISTENT_WORKITEM },
  finished: { dicom: 0xc300, http: 409, text: INCONSISTENT_INSTANCE },
  claimStands: {
    dicom: 0xc302,
    http: 409,
    text: 'The UPS is already IN PROGRESS under this Transaction UID; the claim stands.',
  },
  duplicate: { dicom: 0x0111, http: 409, text: 'The Workitem already exists.' },
  finalStateRequirements: { dicom: 0xc304, http: 409, text: 'The final state requirements of the UPS are not met.' },
  notYetInProgress: { dicom: 0xc310, http: 409, text: INCONSISTENT_INSTANCE },
  notYetInProgressNoUpdate: {
    dicom: 0xc310,
    http: 409,
    text: 'The target URI did not reference a claimed Workitem.',
  },
  notYetClaimed: { dicom: 0xc310, http: 409, text: 'Nobody has claimed the UPS; a cancel request cancels it.' },
  alreadyCompleted: { dicom: 0xc311, http: 409, text: 'The UPS is already COMPLETED.' },
  performerUnreachable: { dicom: 0xc312, http: 409, text: 'The performer cannot be contacted.' },
  notFound: { dicom: 0xc307, http: 404, text: 'The Workitem does not exist.' },
  gone: { dicom: 0xc307, http: 410, text: 'The Workitem existed and was deleted.' },
  /** PS3.18 11.11, 11.12: the target subscription. */
  notSubscribed: { dicom: 0xc307, http: 404, text: 'The target Subscription was not found.' },
  onlyForTheWorklist: { dicom: 0xc314, http: 409, text: 'The action is not appropriate for a single Workitem.' },
  matchingKeysMissing: { dicom: 0x0115, http: 400, text: 'Matching Keys are missing.' },
  filterNotAppropriate: { dicom: 0x0115, http: 400, text: 'Matching Keys are for the Filtered Worklist only.' },
  conflict: { dicom: 0x0110, http: 409, text: 'The Workitem was changed by others at the same time; try again.' },
} as const satisfies Readonly<Record<string, Status>>

export type RefusalKey = keyof typeof REFUSALS

/** Success with a remark: the status of the command stays a success, the text goes into a Warning header. */
export const WARNINGS = {
  createdWithModifications: { dicom: 0xb300, text: 'The Workitem was created with modifications.' },
  updatedWithModifications: { dicom: 0xb305, text: 'The Workitem was updated with modifications.' },
  attributesIgnored: { dicom: 0x0001, text: 'Requested optional Attributes are not supported.' },
  alreadyCanceled: { dicom: 0xb304, text: 'The UPS is already in the requested state of CANCELED.' },
  alreadyCompleted: { dicom: 0xb306, text: 'The UPS is already in the requested state of COMPLETED.' },
} as const satisfies Readonly<Record<string, Omit<Status, 'http'>>>

export type WarningKey = keyof typeof WARNINGS

/** HTTP status of an accepted command (PS3.18 11.4 to 11.12). */
export const ACCEPTED = {
  create: 201,
  update: 200,
  changeState: 200,
  requestCancel: 202,
  cancelAbandoned: 200,
  subscribe: 201,
  unsubscribe: 200,
  suspend: 200,
} as const

/** A status as clients read it: four upper-case hex digits. */
export const dicomCode = (status: { readonly dicom: number }): string =>
  status.dicom.toString(16).toUpperCase().padStart(4, '0')
