/** What a query says of the state, which stores know without looking into a dataset. */
import { matches } from '../dicom/matching.ts'
import { isUniversal, type Query } from '../dicom/query.ts'
import { TAG } from './tags.ts'
import { type State, STATES } from './workitem.ts'

export interface QueriedStates {
  /** A match is in one of these; absent: in any state. */
  readonly states?: readonly State[]
  /** Whether every workitem in these states is a match. */
  readonly decide: boolean
}

export function queriedStates(query: Query): QueriedStates {
  const { [TAG.ProcedureStepState]: criterion, ...others } = query
  const decide = isUniversal(others)
  if (criterion === undefined) return { decide }
  const asked = { [TAG.ProcedureStepState]: criterion }
  const states = STATES.filter((state) => matches(asked, { [TAG.ProcedureStepState]: { vr: 'CS', Value: [state] } }))
  return states.length === STATES.length ? { decide } : { states, decide }
}
