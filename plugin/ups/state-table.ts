/**
 * PS3.4 Table CC.1.1-2, read across: what arrives, and the state it finds. Total by type: deleting a cell does not
 * compile. The two Update rows and the last one are not in the printed table; they say what CC.2.6.2, CC.2.6.3, CC.2.1.3 and
 * decisions.md 2 say.
 */
import type { RefusalKey, WarningKey } from './statuses.ts'
import type { FinalState, State } from './workitem.ts'

export type Found = 'null' | State

export type Arrival =
  | 'create'
  | 'claim, correct Transaction UID'
  | 'claim, no correct Transaction UID'
  | 'to SCHEDULED'
  | 'complete, correct Transaction UID'
  | 'complete, no correct Transaction UID'
  | 'request cancel'
  | 'cancel, correct Transaction UID'
  | 'cancel, no correct Transaction UID'
  | 'update, correct Transaction UID'
  | 'update, no correct Transaction UID'
  | 'cancel abandoned'

export type Cell =
  | { readonly does: 'refuse'; readonly refusal: RefusalKey }
  /** C301: which of its wordings fits (missing, incorrect, lost race) depends on what was sent. */
  | { readonly does: 'refuse for the Transaction UID' }
  | { readonly does: 'warn'; readonly warning: WarningKey }
  /** Go through these states in order, one State Report each; the dataset must meet what the final state demands. */
  | { readonly does: 'become'; readonly states: readonly State[]; readonly demands?: FinalState }
  | { readonly does: 'update' }
  /** Tell subscribers that somebody asks for a cancellation; the state stays. */
  | { readonly does: 'ask the performer' }

/** Kept by the table, so that a rule need not answer what its row never says. */
type That<Does extends Cell['does']> = Extract<Cell, { readonly does: Does }>

const no = (refusal: RefusalKey): That<'refuse'> => ({ does: 'refuse', refusal })
const warn = (warning: WarningKey): That<'warn'> => ({ does: 'warn', warning })
const become = (...states: readonly State[]): That<'become'> => ({ does: 'become', states })
const finish = (state: FinalState): That<'become'> => ({ does: 'become', states: [state], demands: state })
const c301: That<'refuse for the Transaction UID'> = { does: 'refuse for the Transaction UID' }
const c307 = no('notFound')
const update: That<'update'> = { does: 'update' }
const ask: That<'ask the performer'> = { does: 'ask the performer' }

// prettier-ignore
export const STATE_TABLE = {
  'create':
    { null: become('SCHEDULED'), SCHEDULED: no('duplicate'), 'IN PROGRESS': no('duplicate'), COMPLETED: no('duplicate'), CANCELED: no('duplicate') },
  'claim, correct Transaction UID':
    { null: c307, SCHEDULED: become('IN PROGRESS'), 'IN PROGRESS': no('claimStands'), COMPLETED: no('finished'), CANCELED: no('finished') },
  'claim, no correct Transaction UID':
    { null: c307, SCHEDULED: c301, 'IN PROGRESS': c301, COMPLETED: c301, CANCELED: c301 },
  'to SCHEDULED':
    { null: c307, SCHEDULED: no('scheduledOnlyByCreate'), 'IN PROGRESS': no('scheduledOnlyByCreate'), COMPLETED: no('scheduledOnlyByCreate'), CANCELED: no('scheduledOnlyByCreate') },
  'complete, correct Transaction UID':
    { null: c307, SCHEDULED: no('notYetInProgress'), 'IN PROGRESS': finish('COMPLETED'), COMPLETED: warn('alreadyCompleted'), CANCELED: no('finished') },
  'complete, no correct Transaction UID':
    { null: c307, SCHEDULED: c301, 'IN PROGRESS': c301, COMPLETED: c301, CANCELED: c301 },
  'request cancel':
    { null: c307, SCHEDULED: become('IN PROGRESS', 'CANCELED'), 'IN PROGRESS': ask, COMPLETED: no('alreadyCompleted'), CANCELED: warn('alreadyCanceled') },
  'cancel, correct Transaction UID':
    { null: c307, SCHEDULED: no('notYetInProgress'), 'IN PROGRESS': finish('CANCELED'), COMPLETED: no('finished'), CANCELED: warn('alreadyCanceled') },
  'cancel, no correct Transaction UID':
    { null: c307, SCHEDULED: c301, 'IN PROGRESS': c301, COMPLETED: c301, CANCELED: c301 },
  'update, correct Transaction UID':
    { null: c307, SCHEDULED: no('notYetInProgressNoUpdate'), 'IN PROGRESS': update, COMPLETED: no('finishedNoUpdate'), CANCELED: no('finishedNoUpdate') },
  'update, no correct Transaction UID':
    { null: c307, SCHEDULED: update, 'IN PROGRESS': c301, COMPLETED: no('finishedNoUpdate'), CANCELED: no('finishedNoUpdate') },
  'cancel abandoned':
    { null: c307, SCHEDULED: no('notYetClaimed'), 'IN PROGRESS': finish('CANCELED'), COMPLETED: no('alreadyCompleted'), CANCELED: warn('alreadyCanceled') },
} as const satisfies Readonly<Record<Arrival, Readonly<Record<Found, Cell>>>>

/** What a Change State request for a state is, by whether it brings the correct Transaction UID. */
export const ARRIVAL_OF_STATE: Readonly<Record<State, { readonly correct: Arrival; readonly not: Arrival }>> = {
  SCHEDULED: { correct: 'to SCHEDULED', not: 'to SCHEDULED' },
  'IN PROGRESS': { correct: 'claim, correct Transaction UID', not: 'claim, no correct Transaction UID' },
  COMPLETED: { correct: 'complete, correct Transaction UID', not: 'complete, no correct Transaction UID' },
  CANCELED: { correct: 'cancel, correct Transaction UID', not: 'cancel, no correct Transaction UID' },
}
