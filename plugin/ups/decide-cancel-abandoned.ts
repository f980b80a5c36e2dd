/**
 * The way out when a performer has lost its Transaction UID: the service may change a state on its own, "with caution"
 * (PS3.4 CC.2.1.3; decisions.md 2). The lock stays, so whatever the performer still sends is answered as after any cancellation.
 */
import { hasValue } from '../dicom/access.ts'
import type { Dataset } from '../dicom/dataset.ts'
import { cancelled, readCancelRequest } from './cancellation.ts'
import {
  accept,
  type CancelAbandoned,
  type Decision,
  type Facts,
  refuse,
  refuseFor,
  refuseUnknown,
  unchanged,
} from './decision.ts'
import { reportsOfStates } from './event-reports.ts'
import { missingForFinalState } from './final-state.ts'
import { type AttributeProblem, problemAt } from './problems.ts'
import { STATE_TABLE } from './state-table.ts'
import { TAG } from './tags.ts'

export function decideCancelAbandoned(command: CancelAbandoned, facts: Facts): Decision {
  const { workitem } = facts
  if (!workitem) return refuseUnknown(facts)
  const cell = STATE_TABLE['cancel abandoned'][workitem.state]
  if (cell.does === 'refuse') return refuse(cell.refusal)
  if (cell.does === 'warn') return unchanged(cell.warning)

  const { request, problems } = readCancelRequest(command.attributes, facts.policy.strictness)
  const all = [...withoutReason(request), ...problems]
  if (all.length > 0) return refuseFor(all)
  const next = cancelled(workitem, request, cell.states, facts.now)
  const missing = cell.demands ? missingForFinalState(next.attributes, cell.demands) : []
  if (missing.length > 0) return refuse('finalStateRequirements', missing)
  return accept(next, reportsOfStates(next.attributes, cell.states))
}

/** Who takes work away from its performer says why. */
function withoutReason(request: Dataset): readonly AttributeProblem[] {
  const reason = request[TAG.ReasonForCancellation]
  if (hasValue(reason)) return []
  const kind = reason ? 'missingValue' : 'missingAttribute'
  return [problemAt(kind, TAG.ReasonForCancellation, 'must be present and have a value')]
}
