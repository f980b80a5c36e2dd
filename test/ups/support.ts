/** Commands, facts and stored workitems for the tests of the rules, and decisions in the words of the standard. */
import type { Attribute, Dataset, Path, Tag } from '../../plugin/dicom/dataset.ts'
import type { VR } from '../../plugin/dicom/vr.ts'
import { decide } from '../../plugin/ups/decide.ts'
import type {
  CancelAbandoned,
  ChangeState,
  Command,
  Create,
  Decision,
  Facts,
  RequestCancel,
  Update,
} from '../../plugin/ups/decision.ts'
import type { EventReport } from '../../plugin/ups/event-reports.ts'
import type { Policy } from '../../plugin/ups/policy.ts'
import { REFUSALS, WARNINGS } from '../../plugin/ups/statuses.ts'
import type { State, Workitem } from '../../plugin/ups/workitem.ts'
import { changed, sample, TRANSACTION_UID } from '../support/workitems.ts'

export { changed, sample, TRANSACTION_UID } from '../support/workitems.ts'

export const UID = '1.2.826.0.1.3680043.9.7'
export const OTHER_UID = '1.2.826.0.1.3680043.9.2'
export const SOP_CLASS = '1.2.840.10008.5.1.4.34.6.1'
export const PERFORMER = 'LINAC1'
export const LABEL = 'FROM CONFIGURATION'

/** When the stored workitems were last changed, and when the commands of the tests arrive. */
export const EARLIER = '20260301080000.000+0000'
export const NOW = new Date('2026-03-01T09:05:00.123Z')
export const STAMP = '20260301090500.123+0000'

export const LENIENT: Policy = { strictness: 'lenient', worklistLabel: LABEL, updateWithoutTransactionUid: false }
export const STRICT: Policy = { ...LENIENT, strictness: 'strict' }
export const BOTH: readonly Policy[] = [LENIENT, STRICT]

export const STATES: readonly State[] = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED']

export const text = (vr: VR, ...values: readonly string[]): Attribute => ({ vr, Value: values })
export const sequence = (...items: readonly Dataset[]): Attribute => ({ vr: 'SQ', Value: items })
export const person = (alphabetic: string): Attribute => ({ vr: 'PN', Value: [{ Alphabetic: alphabetic }] })
export const empty = (vr: VR): Attribute => ({ vr })

export const code = (value: string, meaning = `meaning of ${value}`): Dataset => ({
  '00080100': text('SH', value),
  '00080102': text('SH', '99TEST'),
  '00080104': text('LO', meaning),
})

/** (110513, DCM, "Discontinued for unspecified reason"), PS3.16 CID 9300. */
export const UNSPECIFIED: Attribute = sequence({
  '00080100': text('SH', '110513'),
  '00080102': text('SH', 'DCM'),
  '00080104': text('LO', 'Discontinued for unspecified reason'),
})

/** All that COMPLETED demands of the performed procedure. */
export const PERFORMED: Dataset = {
  '00404028': sequence(code('STATION')),
  '00404019': sequence(code('110003')),
  '00404033': empty('SQ'),
  '00404050': text('DT', '20260301081500'),
  '00404051': text('DT', '20260301083000'),
}

/** A payload that is right in strict too. Unassigned, all text ASCII. */
export const PAYLOAD: Dataset = changed(sample('ai-triage'), {
  '00080005': undefined,
  '00080016': undefined,
  '00404010': undefined,
  '00404025': empty('SQ'),
  '00100010': person('Doe^Jane'),
})

/** What is stored of it. */
export const STORED: Dataset = changed(PAYLOAD, {
  '00080016': text('UI', SOP_CLASS),
  '00080018': text('UI', UID),
  '00081195': undefined,
  '00404010': text('DT', EARLIER),
})

type Changes = Readonly<Record<Tag, Attribute | undefined>>

/** A workitem in a state, claimed where the state needs it, that meets what COMPLETED demands. */
export function workitemIn(state: State, changes: Changes = {}): Workitem {
  const attributes = changed(STORED, {
    '00741000': text('CS', state),
    '00741216': state === 'SCHEDULED' ? empty('SQ') : sequence(PERFORMED),
    ...changes,
  })
  const base: Workitem = { uid: UID, state, receivingAE: 'WORKLIST', attributes }
  if (state === 'SCHEDULED') return base
  const claimed: Workitem = { ...base, lock: { transactionUid: TRANSACTION_UID, performer: PERFORMER } }
  return state === 'IN PROGRESS' ? claimed : { ...claimed, finishedAt: new Date('2026-03-01T08:30:00Z') }
}

/** One that a request cancelled before anybody claimed it. */
export const cancelledWhileScheduled = (): Workitem => {
  const { lock: _, ...rest } = workitemIn('CANCELED')
  return rest
}

export const factsOf = (workitem: Workitem | undefined, given: Partial<Facts> = {}): Facts => ({
  workitem,
  deleted: false,
  subscribers: [],
  policy: LENIENT,
  now: NOW,
  ...given,
})

export const create = (attributes: Dataset = PAYLOAD, given: Partial<Create> = {}): Create => ({
  kind: 'create',
  uid: UID,
  receivingAE: 'WORKLIST',
  attributes,
  ...given,
})

export const update = (attributes: Dataset, transactionUid?: string): Update => ({
  kind: 'update',
  uid: UID,
  transactionUid,
  attributes,
})

export const toState = (
  state: string | undefined,
  transactionUid?: string,
  given: Partial<ChangeState> = {},
): ChangeState => ({
  kind: 'changeState',
  uid: UID,
  transactionUid,
  state,
  requester: undefined,
  hasOtherAttributes: false,
  ...given,
})

export const requestCancel = (attributes: Dataset = {}): RequestCancel => ({
  kind: 'requestCancel',
  uid: UID,
  requestingAE: 'WARD',
  attributes,
})

export const REASON: Dataset = { '00741238': text('LT', 'The linac lost its memory') }

export const cancelAbandoned = (attributes: Dataset = REASON): CancelAbandoned => ({
  kind: 'cancelAbandoned',
  uid: UID,
  attributes,
})

/** A decision as a client sees it, and what it leaves behind. */
export interface Seen {
  readonly outcome: Decision['outcome']
  /** Of a refusal: status and text. */
  readonly dicom?: string
  readonly http?: number
  readonly text?: string
  readonly paths: readonly Path[]
  /** Of an accepted command: the codes of its warnings. */
  readonly warnings: readonly string[]
  /** Undefined where nothing is committed. */
  readonly next: Workitem | undefined
  readonly reports: readonly EventReport[]
}

const hex = (status: number): string => status.toString(16).toUpperCase().padStart(4, '0')

export function seen(decision: Decision): Seen {
  if (decision.outcome === 'accepted') {
    const { change, warnings } = decision
    const codes = warnings.map((key) => hex(WARNINGS[key].dicom))
    return { outcome: 'accepted', paths: [], warnings: codes, next: change?.next, reports: change?.reports ?? [] }
  }
  const { key, attributes } = decision.refusal
  const { dicom, http, text: wording } = REFUSALS[key]
  const paths = attributes.map(({ path }) => path)
  return {
    outcome: 'refused',
    dicom: hex(dicom),
    http,
    text: wording,
    paths,
    warnings: [],
    next: undefined,
    reports: [],
  }
}

export const run = (command: Command, facts: Facts): Seen => seen(decide(command, facts))

/** The dataset that was committed. Throws if nothing was. */
export function committed({ next, dicom, paths }: Seen): Dataset {
  if (next === undefined) throw new Error(`nothing was committed: ${dicom ?? 'no change'} ${paths.join(' ')}`)
  return next.attributes
}

/** In one line: `C301 400`, or `accepted` with the codes of its warnings. */
export const answer = ({ outcome, dicom, http, warnings }: Seen): string =>
  outcome === 'refused' ? `${dicom} ${http}` : ['accepted', ...warnings].join(' ')

/** The reports in one line each: the state of a State Report, the names of the others. */
export const reported = ({ reports }: Seen): readonly string[] =>
  reports.map(({ event, information }) =>
    event === 'UPS State Report' ? `State ${String(information['00741000']?.Value?.[0])}` : event.replace('UPS ', ''),
  )

/** The attribute at a path, in the first item of each sequence. */
export function at(dataset: Dataset, path: Path): Attribute | undefined {
  const [tag = '', ...deeper] = path.split('.')
  const attribute = dataset[tag]
  if (deeper.length === 0) return attribute
  const item = attribute?.vr === 'SQ' ? attribute.Value?.[0] : undefined
  return typeof item === 'object' && item !== null ? at(item as Dataset, deeper.join('.')) : undefined
}

/** The item that stands in a sequence of the dataset first; empty if there is none. */
export const firstItem = (dataset: Dataset, tag: Tag): Dataset => {
  const item = dataset[tag]?.Value?.[0]
  return typeof item === 'object' && item !== null ? (item as Dataset) : {}
}

/** So that a rule that changes what it was given throws. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) frozen(inner)
  return value
}
