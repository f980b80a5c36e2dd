/** N-ACTION Request UPS Cancel (PS3.4 CC.2.2, PS3.18 11.8; decisions.md 2). */
import { cancelled, readCancelRequest } from './cancellation.ts'
import {
  accept,
  type Decision,
  type Facts,
  refuse,
  refuseFor,
  refuseUnknown,
  type RequestCancel,
  unchanged,
} from './decision.ts'
import { cancelRequested, reportsOfStates } from './event-reports.ts'
import { STATE_TABLE } from './state-table.ts'
import type { Workitem } from './workitem.ts'

export function decideRequestCancel(command: RequestCancel, facts: Facts): Decision {
  const { workitem } = facts
  if (!workitem) return refuseUnknown(facts)
  const cell = STATE_TABLE['request cancel'][workitem.state]
  if (cell.does === 'refuse') return refuse(cell.refusal)
  if (cell.does === 'warn') return unchanged(cell.warning)

  const { request, problems } = readCancelRequest(command.attributes, facts.policy.strictness)
  if (problems.length > 0) return refuseFor(problems)
  if (cell.does === 'become') {
    // Nobody performs it yet: the service cancels it itself and must make the final state requirements true (CC.2.2.3).
    const next = cancelled(workitem, request, cell.states, facts.now)
    return accept(next, reportsOfStates(next.attributes, cell.states))
  }
  if (!reachesPerformer(workitem, facts.subscribers)) return refuse('performerUnreachable')
  // Nothing of the workitem changes, but the report must be committed before the request is acknowledged.
  return accept(workitem, [cancelRequested(command.requestingAE, request)])
}

/** Subscribed is enough, since delivery is durable; whom to reach when the performer is unknown: anybody. */
function reachesPerformer({ lock }: Workitem, subscribers: readonly string[]): boolean {
  return lock?.performer === undefined ? subscribers.length > 0 : subscribers.includes(lock.performer)
}
