/** N-ACTION Change UPS State (PS3.4 CC.2.1, PS3.18 11.7; decisions.md 2). */
import type { Attribute, Tag } from '../dicom/dataset.ts'
import { cancelledProgress } from './cancellation.ts'
import {
  accept,
  type ChangeState,
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
import { single, stamped } from './stamp.ts'
import { ARRIVAL_OF_STATE, type Cell, STATE_TABLE } from './state-table.ts'
import type { RefusalKey, WarningKey } from './statuses.ts'
import { TAG } from './tags.ts'
import { refuseTransactionUid, standingOf } from './transaction-uid.ts'
import { isState, type Lock, type State, STATES, type Workitem } from './workitem.ts'

export function decideChangeState(command: ChangeState, facts: Facts): Decision {
  const { workitem } = facts
  if (!workitem) return refuseUnknown(facts)
  const { state } = command
  if (!isState(state)) return refuseFor([noSuchState(state)])

  const mayBeMissing = facts.policy.updateWithoutTransactionUid && MAY_BE_WITHOUT_TRANSACTION_UID[state]
  const standing = standingOf(command.transactionUid, workitem, mayBeMissing)
  const arrival = ARRIVAL_OF_STATE[state]
  const cell = STATE_TABLE[standing === 'correct' ? arrival.correct : arrival.not][workitem.state]
  const ignored: readonly WarningKey[] = command.hasOtherAttributes ? ['attributesIgnored'] : []
  switch (cell.does) {
    case 'refuse':
      return refuse(cell.refusal)
    case 'refuse for the Transaction UID':
      return refuseTransactionUid(standing, INCORRECT[state])
    case 'warn':
      return unchanged(cell.warning, ...ignored)
    default:
      return change(command, workitem, state, cell, facts, ignored)
  }
}

function noSuchState(state: string | undefined): AttributeProblem {
  const kind = state === undefined ? 'missingAttribute' : state.length === 0 ? 'missingValue' : 'invalidValue'
  return problemAt(kind, TAG.ProcedureStepState, `expected one of ${STATES.join(', ')}`)
}

/** A claim always needs one: it is the key that is recorded (decisions.md 2). */
const MAY_BE_WITHOUT_TRANSACTION_UID: Readonly<Record<State, boolean>> = {
  SCHEDULED: true,
  'IN PROGRESS': false,
  COMPLETED: true,
  CANCELED: true,
}

/** C301 is a 400, but for the loser of a race to claim, who must see a conflict (decisions.md 2). */
const INCORRECT: Readonly<Record<State, RefusalKey>> = {
  SCHEDULED: 'transactionUidIncorrect',
  'IN PROGRESS': 'claimedByAnother',
  COMPLETED: 'transactionUidIncorrect',
  CANCELED: 'transactionUidIncorrect',
}

function change(
  command: ChangeState,
  workitem: Workitem,
  state: State,
  cell: Cell,
  facts: Facts,
  warnings: readonly WarningKey[],
): Decision {
  const next = enter(state, workitem, command, facts.now)
  if (cell.does === 'become' && cell.demands) {
    const missing = missingForFinalState(next.attributes, cell.demands)
    if (missing.length > 0) return refuse('finalStateRequirements', missing)
  }
  return accept(next, reportsOfStates(next.attributes, [state]), warnings)
}

/** What entering a state writes beside the state itself: into the workitem, and into its dataset. */
interface Entered {
  readonly workitem: Partial<Workitem>
  readonly attributes: Readonly<Record<Tag, Attribute>>
}

const ENTER: Readonly<Record<State, (before: Workitem, command: ChangeState, now: Date) => Entered>> = {
  SCHEDULED: () => ({ workitem: {}, attributes: {} }),
  'IN PROGRESS': (_, command) => ({ workitem: { lock: lockOf(command) }, attributes: {} }),
  COMPLETED: (_, __, now) => ({ workitem: { finishedAt: now }, attributes: {} }),
  CANCELED: ({ attributes }, _, now) => ({
    workitem: { finishedAt: now },
    attributes: { [TAG.ProcedureStepProgressInformationSequence]: cancelledProgress(attributes, {}, now) },
  }),
}

function enter(state: State, before: Workitem, command: ChangeState, now: Date): Workitem {
  const { workitem, attributes } = ENTER[state](before, command, now)
  const changed = { ...attributes, [TAG.ProcedureStepState]: single('CS', state) }
  return { ...before, ...workitem, state, attributes: stamped(before.attributes, changed, now) }
}

const lockOf = ({ transactionUid = '', requester }: ChangeState): Lock => ({
  transactionUid,
  ...(requester === undefined ? {} : { performer: requester }),
})
