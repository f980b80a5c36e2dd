/** What a global command makes of the history of an AE. The store keeps histories; this is what they become. */
import type { Filter } from './matching-keys.ts'
import type { GlobalCommand, GlobalOperation, History, Moment } from './subscription.ts'

/** Undefined: nothing is left of it. */
export function historyAfter(
  history: History | undefined,
  subscriber: string,
  command: GlobalCommand,
  at: Moment,
): History | undefined {
  if (command.does === 'clear') return undefined
  const before = history?.operations ?? []
  const last = before.at(-1)
  const repeated =
    last && repeats(last, command) ? { ...last, again: [...(last.deletionLock ? last.again : []), at] } : undefined
  if (repeated) return { subscriber, operations: [...before.slice(0, -1), repeated] }
  return { subscriber, operations: [...before, operationOf(command, at)] }
}

function operationOf(command: Exclude<GlobalCommand, { does: 'clear' }>, at: Moment): GlobalOperation {
  return command.does === 'subscribe' ? { ...command, at, again: [] } : { ...command, at }
}

/**
 * The last operation, if the command only repeats it. Then it changes nothing but for workitems whose standing the AE has changed
 * one by one since: all others that it covers are covered already.
 */
export function repeatedBy(history: History | undefined, command: GlobalCommand): GlobalOperation | undefined {
  const last = history?.operations.at(-1)
  return last && command.does !== 'clear' && repeats(last, command) ? last : undefined
}

/** When an AE last subscribed by this operation. */
export const lastMoment = (operation: GlobalOperation): Moment =>
  operation.does === 'subscribe' ? (operation.again.at(-1) ?? operation.at) : operation.at

/** A client that subscribes again at each of its starts must not make the history longer. */
function repeats(
  last: GlobalOperation,
  command: GlobalCommand,
): last is Extract<GlobalOperation, { does: 'subscribe' }> {
  if (last.does !== 'subscribe' || command.does !== 'subscribe') return false
  return last.deletionLock === command.deletionLock && sameRecord(last, command)
}

function sameRecord(
  last: Extract<GlobalOperation, { does: 'subscribe' }>,
  command: Extract<GlobalCommand, { does: 'subscribe' }>,
): boolean {
  if (last.record === 'global' || command.record === 'global') return last.record === command.record
  return meaning(last.filter) === meaning(command.filter)
}

const meaning = ({ query, timeZone }: Filter): string => JSON.stringify([query, timeZone])
