/**
 * The event reports that a change causes and what each carries: PS3.4 CC.2.4.3 and Table CC.2.4-1, with the triggers of
 * decisions.md 4. They are decided with the change and kept in its feed entry; delivery is somebody else's work.
 */
import { firstString, hasValue, itemsOf, sameAttribute } from '../dicom/access.ts'
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { single } from './stamp.ts'
import { TAG } from './tags.ts'
import type { State, Workitem } from './workitem.ts'

/** Event Type IDs of Table CC.2.4-1. */
export const EVENT_TYPE = {
  'UPS State Report': 1,
  'UPS Cancel Requested': 2,
  'UPS Progress Report': 3,
  'SCP Status Change': 4,
  'UPS Assigned': 5,
} as const

export type EventName = keyof typeof EVENT_TYPE

export interface EventReport {
  readonly event: EventName
  readonly information: Dataset
}

/** Event Information of a State Report: with the reasons only when the state is CANCELED. */
function stateReport(attributes: Dataset, state: State): EventReport {
  const information: Record<Tag, Attribute> = { [TAG.ProcedureStepState]: single('CS', state) }
  copy(attributes, [TAG.InputReadinessState], information)
  const progress = itemsOf(attributes, TAG.ProcedureStepProgressInformationSequence)[0]
  if (progress) copy(progress, REASONS[state], information)
  return { event: 'UPS State Report', information }
}

const CANCELLATION: readonly Tag[] = [TAG.ReasonForCancellation, TAG.ProcedureStepDiscontinuationReasonCodeSequence]

/** What a State Report takes from the progress information. */
const REASONS: Readonly<Record<State, readonly Tag[]>> = {
  SCHEDULED: [],
  'IN PROGRESS': [],
  COMPLETED: [],
  CANCELED: CANCELLATION,
}

/** What a cancel request may carry (Table CC.2.2-1). */
export const CANCEL_REQUEST_ATTRIBUTES: readonly Tag[] = [...CANCELLATION, TAG.ContactURI, TAG.ContactDisplayName]

export function cancelRequested(requestingAE: string, request: Dataset): EventReport {
  const information: Record<Tag, Attribute> = { [TAG.RequestingAE]: single('AE', requestingAE) }
  copy(request, CANCEL_REQUEST_ATTRIBUTES, information)
  return { event: 'UPS Cancel Requested', information }
}

function progressReport(attributes: Dataset): EventReport {
  const information: Record<Tag, Attribute> = {}
  copy(attributes, [TAG.ProcedureStepProgressInformationSequence], information, 'also empty')
  return { event: 'UPS Progress Report', information }
}

/** One report per human performer, with the station codes; the stations alone if there is none. */
function assignedReports(attributes: Dataset): readonly EventReport[] {
  const performers = itemsOf(attributes, TAG.ScheduledHumanPerformersSequence)
  const each = performers.length > 0 ? performers : [undefined]
  return each.map((performer) => {
    const information: Record<Tag, Attribute> = {}
    copy(attributes, [TAG.ScheduledStationNameCodeSequence], information)
    if (performer) copy(performer, [TAG.HumanPerformerCodeSequence, TAG.HumanPerformerOrganization], information)
    return { event: 'UPS Assigned', information }
  })
}

const ASSIGNMENT: readonly Tag[] = [TAG.ScheduledStationNameCodeSequence, TAG.ScheduledHumanPerformersSequence]

/** What a new subscriber gets: the state as it is (CC.2.4.3). */
export const initialReport = ({ attributes, state }: Workitem): EventReport => stateReport(attributes, state)

/** State (SCHEDULED), then Assigned if the workitem comes assigned. */
export function reportsOfCreation(attributes: Dataset): readonly EventReport[] {
  const assigned = ASSIGNMENT.some((tag) => hasValue(attributes[tag]))
  return [stateReport(attributes, 'SCHEDULED'), ...(assigned ? assignedReports(attributes) : [])]
}

/** One State Report for each state gone through, with the attributes as they are at the end. */
export const reportsOfStates = (attributes: Dataset, states: readonly State[]): readonly EventReport[] =>
  states.map((state) => stateReport(attributes, state))

/** In the order of decisions.md 4: State, Progress, Assigned. */
export function reportsOfUpdate(before: Dataset, after: Dataset, state: State): readonly EventReport[] {
  const changed = (tag: Tag): boolean => !sameAttribute(before[tag], after[tag])
  const reports: EventReport[] = []
  if (firstString(before, TAG.InputReadinessState) !== firstString(after, TAG.InputReadinessState)) {
    reports.push(stateReport(after, state))
  }
  if (changed(TAG.ProcedureStepProgressInformationSequence)) reports.push(progressReport(after))
  if (ASSIGNMENT.some(changed)) reports.push(...assignedReports(after))
  return reports
}

export type ScpStatus = 'RESTARTED' | 'GOING DOWN'

/** Of the service itself. Its lists survive every restart. */
export const scpStatusChange = (status: ScpStatus): EventReport => ({
  event: 'SCP Status Change',
  information: {
    [TAG.SCPStatus]: single('CS', status),
    [TAG.SubscriptionListStatus]: single('CS', 'WARM START'),
    [TAG.UnifiedProcedureStepListStatus]: single('CS', 'WARM START'),
  },
})

function copy(from: Dataset, tags: readonly Tag[], to: Record<Tag, Attribute>, empty?: 'also empty'): void {
  for (const tag of tags) {
    const attribute = from[tag]
    if (attribute && (empty || hasValue(attribute))) to[tag] = attribute
  }
}
