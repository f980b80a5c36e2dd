/** From a command to its rule. Total by type: a command without a rule does not compile. */
import { decideCancelAbandoned } from './decide-cancel-abandoned.ts'
import { decideChangeState } from './decide-change-state.ts'
import { decideCreate } from './decide-create.ts'
import { decideRequestCancel } from './decide-request-cancel.ts'
import { decideUpdate } from './decide-update.ts'
import type { Command, Decision, Facts } from './decision.ts'

export function decide(command: Command, facts: Facts): Decision {
  switch (command.kind) {
    case 'create':
      return decideCreate(command, facts)
    case 'update':
      return decideUpdate(command, facts)
    case 'changeState':
      return decideChangeState(command, facts)
    case 'requestCancel':
      return decideRequestCancel(command, facts)
    case 'cancelAbandoned':
      return decideCancelAbandoned(command, facts)
  }
}
