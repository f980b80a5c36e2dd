// DICOM status -> HTTP status: the table of decisions.md 2; Warning texts: standard.md C.1 to C.5. Transcribed by hand.

/** `unsubscribe` stands for unsubscribe and suspend; `any`: the table does not tell operations apart. */
export type Operation = 'create' | 'update' | 'state' | 'cancel' | 'subscribe' | 'unsubscribe' | 'any'

export interface Status {
  readonly dicom: string
  readonly operation: Operation
  readonly http: number
  /** The case, where code and operation alone do not decide. */
  readonly when?: string
}

/** In each group of rows with the same code and operation: the special cases (`when`) before the general one. */
export const STATUSES: readonly Status[] = [
  { dicom: '0000', operation: 'create', http: 201 },
  { dicom: '0000', operation: 'update', http: 200 },
  { dicom: '0000', operation: 'state', http: 200 },
  { dicom: '0000', operation: 'cancel', http: 202 },
  { dicom: '0000', operation: 'subscribe', http: 201 },
  { dicom: '0000', operation: 'unsubscribe', http: 200 },

  // "success code + Warning text of C": the operations are those of C
  { dicom: 'B300', operation: 'create', http: 201 },
  { dicom: 'B305', operation: 'update', http: 200 },
  { dicom: '0001', operation: 'update', http: 200 },
  { dicom: 'B301', operation: 'subscribe', http: 201 },
  { dicom: 'B304', operation: 'state', http: 200 },
  { dicom: 'B304', operation: 'cancel', http: 202 },
  { dicom: 'B306', operation: 'state', http: 200 },

  { dicom: '0105', operation: 'any', http: 400 },
  { dicom: '0106', operation: 'any', http: 400 },
  { dicom: '0120', operation: 'any', http: 400 },
  { dicom: '0121', operation: 'any', http: 400 },
  { dicom: '0115', operation: 'any', http: 400 },
  { dicom: 'C309', operation: 'any', http: 400 },
  { dicom: 'C303', operation: 'any', http: 400 },

  {
    dicom: 'C301',
    operation: 'state',
    http: 409,
    when: 'change to IN PROGRESS with a UID that is not the recorded one, in any state but SCHEDULED',
  },
  { dicom: 'C301', operation: 'any', http: 400 },

  { dicom: 'C300', operation: 'update', http: 400 },
  { dicom: 'C300', operation: 'state', http: 409 },
  { dicom: 'C302', operation: 'any', http: 409 },

  { dicom: '0111', operation: 'any', http: 409 },
  { dicom: 'C304', operation: 'any', http: 409 },
  { dicom: 'C310', operation: 'any', http: 409 },
  { dicom: 'C311', operation: 'any', http: 409 },
  { dicom: 'C312', operation: 'any', http: 409 },
  { dicom: 'C313', operation: 'any', http: 409 },
  { dicom: 'C314', operation: 'any', http: 409 },

  { dicom: 'C307', operation: 'any', http: 410, when: 'the server remembers the deletion' },
  { dicom: 'C307', operation: 'any', http: 404 },

  { dicom: '0124', operation: 'any', http: 403 },
  { dicom: 'C315', operation: 'any', http: 403 },
]

/** Rows of the table that print no DICOM code. */
export const SITUATIONS: readonly { readonly situation: string; readonly http: number; readonly header?: string }[] = [
  { situation: 'filtered subscription refused', http: 403 },
  { situation: 'stale version after the internal retries', http: 409 },
  { situation: 'store unavailable', http: 503, header: 'Retry-After' },
]

/** Any well-formed AE title may subscribe. */
export const NEVER_ANSWERED: readonly string[] = ['C308']

export interface WarningText {
  /** Section of standard.md. */
  readonly section: 'C.1' | 'C.3' | 'C.4' | 'C.5' | 'C.7'
  readonly operation: Operation
  readonly outcome: 'success' | 'failure'
  /** Left out where the text is not tied to one code. */
  readonly dicom?: string
  readonly situation: string
  /** What follows `Warning: 299 <service>: `. */
  readonly text: string
  /** Printed without the number 299 (edition 2026a). */
  readonly printedWithout299?: true
}

export const WARNING_TEXTS: readonly WarningText[] = [
  {
    section: 'C.1',
    operation: 'create',
    outcome: 'success',
    dicom: 'B300',
    situation: 'the server modified the workitem',
    text: 'The Workitem was created with modifications.',
  },
  {
    section: 'C.3',
    operation: 'update',
    outcome: 'success',
    dicom: 'B305',
    situation: 'success with modifications',
    text: 'The Workitem was updated with modifications.',
  },
  {
    section: 'C.3',
    operation: 'update',
    outcome: 'success',
    dicom: '0001',
    situation: 'optional attributes rejected',
    text: 'Requested optional Attributes are not supported.',
  },
  {
    section: 'C.3',
    operation: 'update',
    outcome: 'failure',
    situation: 'failure, one of',
    text: 'The target URI did not reference a claimed Workitem.',
  },
  {
    section: 'C.3',
    operation: 'update',
    outcome: 'failure',
    situation: 'failure, one of',
    text: 'The submitted request is inconsistent with the current state of the Workitem.',
  },
  {
    section: 'C.4',
    operation: 'state',
    outcome: 'success',
    dicom: 'B304',
    situation: 'already CANCELED',
    text: 'The UPS is already in the requested state of CANCELED.',
  },
  {
    section: 'C.4',
    operation: 'state',
    outcome: 'success',
    dicom: 'B306',
    situation: 'already COMPLETED',
    text: 'The UPS is already in the requested state of COMPLETED.',
  },
  {
    section: 'C.4',
    operation: 'state',
    outcome: 'failure',
    dicom: 'C301',
    situation: 'Transaction UID missing',
    text: 'The Transaction UID is missing.',
  },
  {
    section: 'C.4',
    operation: 'state',
    outcome: 'failure',
    dicom: 'C301',
    situation: 'Transaction UID incorrect',
    text: 'The Transaction UID is incorrect.',
  },
  {
    section: 'C.4',
    operation: 'state',
    outcome: 'failure',
    situation: 'failure, one of',
    text: 'The submitted request is inconsistent with the state of the UPS Instance.',
  },
  {
    section: 'C.5',
    operation: 'cancel',
    outcome: 'success',
    dicom: 'B304',
    situation: 'already CANCELED',
    text: 'The UPS is already in the requested state of CANCELED.',
  },
  {
    section: 'C.5',
    operation: 'cancel',
    outcome: 'failure',
    dicom: 'C311',
    situation: 'already COMPLETED',
    text: 'The UPS is already COMPLETED.',
    printedWithout299: true,
  },
  {
    section: 'C.5',
    operation: 'cancel',
    outcome: 'failure',
    dicom: 'C313',
    situation: 'performer chooses not to cancel',
    text: 'Performer chooses not to cancel.',
    printedWithout299: true,
  },
  {
    section: 'C.5',
    operation: 'cancel',
    outcome: 'failure',
    dicom: 'C312',
    situation: 'performer cannot be contacted',
    text: 'The performer cannot be contacted.',
    printedWithout299: true,
  },
  {
    section: 'C.7',
    operation: 'subscribe',
    outcome: 'success',
    dicom: 'B301',
    situation: 'deletion lock not granted',
    text: 'Deletion Lock not granted.',
  },
  {
    section: 'C.7',
    operation: 'subscribe',
    outcome: 'failure',
    situation: 'filtered subscription refused',
    text: 'Filtered Worklist Subscriptions are not supported.',
  },
]
