/**
 * The one write path: HTTP, GraphQL, the host and every later command end here. Load, decide, commit; when another was
 * faster, decide again on what is there now.
 */
import { hasCode } from '../errors.ts'
import type { Logger } from '../host.ts'
import type { Position, Store } from '../store/store.ts'
import { RECORD_OF, type SubscriptionCommand } from '../ups/decide-subscription.ts'
import type { Accepted, Command as WorkitemCommand, Refused } from '../ups/decision.ts'
import { refuse } from '../ups/decision.ts'
import type { Policy } from '../ups/policy.ts'
import { changeWorkitem } from './change-workitem.ts'
import { subscribeGlobally, subscribeToWorkitem } from './subscribe.ts'
import type { SearchEngine } from './search-engine.ts'
import type { Tally } from './tally.ts'
import type { Turns } from './turns.ts'

/** What the write path works with. */
export interface Desk {
  readonly store: Store
  /** Narrows searches where the store's own engine need not. */
  readonly engine?: SearchEngine | undefined
  readonly turns: Turns
  readonly clock: () => Date
  readonly tally: Tally
  /** Gets a line for what an administrator does. */
  readonly logger: Pick<Logger, 'info'>
}

export type Command = WorkitemCommand | SubscriptionCommand

export type Receipt =
  { readonly outcome: 'accepted'; readonly warnings: Accepted['warnings']; readonly position?: Position } | Refused

/** Writers of the same workitem in other processes are met here, those of this process wait for their turn. */
const TRIES = 4

/** @throws UPS_STORE_UNAVAILABLE; nothing of the command took place then. */
export async function execute(command: Command, policy: Policy, desk: Desk): Promise<Receipt> {
  const receipt = await desk.turns.take(command.uid, () => untilDecided(() => attempt(command, policy, desk)))
  if (receipt.outcome === 'refused') desk.tally.refused(receipt.refusal.key)
  else if (receipt.position !== undefined) desk.tally.committed(command.kind)
  if (command.kind === 'cancelAbandoned') noteAbandoned(command.uid, receipt, desk)
  return receipt
}

/** Whoever takes work away from its performer leaves a trace. The reason may speak of the patient, and stays out of it. */
function noteAbandoned(uid: string, receipt: Receipt, { logger }: Desk): void {
  const outcome =
    receipt.outcome === 'refused' ? receipt.refusal.key : receipt.position === undefined ? 'unchanged' : 'canceled'
  logger.info({ uid, outcome }, 'an administrator cancels an abandoned workitem')
}

async function untilDecided(decideAndCommit: () => Promise<Receipt>): Promise<Receipt> {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      return await decideAndCommit()
    } catch (error) {
      if (!hasCode(error, 'UPS_STALE_VERSION')) throw error
    }
  }
  return refuse('conflict')
}

/** Rejected with UPS_STALE_VERSION when another was faster. */
function attempt(command: Command, policy: Policy, desk: Desk): Promise<Receipt> {
  if (!isSubscriptionCommand(command)) return changeWorkitem(command, policy, desk)
  const record = RECORD_OF[command.uid]
  return record ? subscribeGlobally(inZone(command, policy), record, desk) : subscribeToWorkitem(command, policy, desk)
}

/** Its filter with the zone in which it is read from now on: the device's, else the one that the process has today. */
function inZone(command: SubscriptionCommand, policy: Policy): SubscriptionCommand {
  if (command.kind !== 'subscribe' || !command.filter) return command
  const timeZone = policy.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  return { ...command, filter: { ...command.filter, timeZone } }
}

const SUBSCRIPTION_COMMANDS: ReadonlySet<string> = new Set<SubscriptionCommand['kind']>([
  'subscribe',
  'unsubscribe',
  'suspend',
])

const isSubscriptionCommand = (command: Command): command is SubscriptionCommand =>
  SUBSCRIPTION_COMMANDS.has(command.kind)
