/** N-ACTION Request UPS Cancel (PS3.4 CC.2.2, PS3.18 11.8; decisions.md 2). */
import type { Attribute, Dataset, Tag } from '../dicom/dataset.ts'
import { cancelledProgress } from './cancellation.ts'
import { rootRow } from './attribute-table.ts'
import { checkDataset } from './check.ts'
import {
  type Accepted,
  accept,
  type Decision,
  type Facts,
  refuse,
  refuseFor,
  refuseUnknown,
  type RequestCancel,
  unchanged,
} from './decision.ts'
import { CANCEL_REQUEST_ATTRIBUTES, cancelRequested, reportsOfStates } from './event-reports.ts'
import { examine } from './requirements.ts'
import { single, stamped } from './stamp.ts'
import { cellFor } from './state-table.ts'
import { TAG } from './tags.ts'
import type { State, Workitem } from './workitem.ts'

export function decideRequestCancel(command: RequestCancel, facts: Facts): Decision {
  const { workitem } = facts
  if (!workitem) return refuseUnknown(facts)
  const cell = cellFor('request cancel', workitem.state)
  if (cell.does === 'refuse') return refuse(cell.refusal)
  if (cell.does === 'warn') return unchanged(cell.warning)

  const request = counting(command.attributes)
  const examined = examine(request, REASON_ROWS, 'set', facts.policy.strictness)
  const problems = [...examined.problems, ...checkDataset(request)]
  if (problems.length > 0) return refuseFor(problems)
  if (cell.does === 'become') return cancelled(workitem, request, cell.states, facts.now)
  if (!reachesPerformer(workitem, facts.subscribers)) return refuse('performerUnreachable')
  // Nothing of the workitem changes, but the report must be committed before the request is acknowledged.
  return accept(workitem, [cancelRequested(command.requestingAE, request)])
}

/** The reason is a code sequence, the same as in the progress information. */
const REASON_ROWS = (rootRow(TAG.ProcedureStepProgressInformationSequence)?.items ?? []).filter(
  ({ tag }) => tag === TAG.ProcedureStepDiscontinuationReasonCodeSequence,
)

/** The four attributes that count; clients send others along (decisions.md 1). */
function counting(attributes: Dataset): Dataset {
  const request: Record<Tag, Attribute> = {}
  for (const tag of CANCEL_REQUEST_ATTRIBUTES) {
    const attribute = attributes[tag]
    if (attribute) request[tag] = attribute
  }
  return request
}

/** Nobody performs it yet: the service cancels it itself and must make the final state requirements true (CC.2.2.3). */
function cancelled(workitem: Workitem, request: Dataset, states: readonly State[], now: Date): Accepted {
  const state = states.at(-1) ?? workitem.state
  const attributes = stamped(
    workitem.attributes,
    {
      [TAG.ProcedureStepState]: single('CS', state),
      [TAG.ProcedureStepProgressInformationSequence]: cancelledProgress(workitem.attributes, request, now),
    },
    now,
  )
  return accept({ ...workitem, state, finishedAt: now, attributes }, reportsOfStates(attributes, states))
}

/** Subscribed is enough, since delivery is durable; whom to reach when the performer is unknown: anybody. */
function reachesPerformer({ lock }: Workitem, subscribers: readonly string[]): boolean {
  return lock?.performer === undefined ? subscribers.length > 0 : subscribers.includes(lock.performer)
}
