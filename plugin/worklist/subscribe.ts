/** Commands that change subscriptions: to one workitem, and to the worklist or the filtered worklist. */
import { decideGlobalSubscription, decideSubscription, type SubscriptionCommand } from '../ups/decide-subscription.ts'
import { lastMoment, repeatedBy } from '../ups/history.ts'
import type { Policy } from '../ups/policy.ts'
import type { GlobalRecord } from '../ups/subscription.ts'
import type { Desk, Receipt } from './execute.ts'
import { forgetEntries } from './forget.ts'
import { loadSituation } from './situation.ts'

/**
 * The workitem itself stays as it is and gets a new version: whoever decides on it at the same time must see the new
 * subscriber. Rejected with UPS_STALE_VERSION when another was faster.
 */
export async function subscribeToWorkitem(
  command: SubscriptionCommand,
  policy: Policy,
  { store, clock }: Desk,
): Promise<Receipt> {
  const { loaded, workitem, globals, facts } = await loadSituation(command.uid, policy, store)
  const decision = decideSubscription(command, { ...facts, workitem, deleted: loaded.is === 'deleted' })
  if (decision.outcome === 'refused') return decision
  const position = await store.commit({
    uid: command.uid,
    expected: loaded.is === 'there' ? loaded.version : undefined,
    histories: globals.version,
    next: workitem,
    kind: command.kind,
    replaced: {},
    reports: [],
    at: clock(),
    entries: decision.entries,
    deliveries: decision.deliveries,
  })
  return { outcome: 'accepted', warnings: [], position }
}

/** One row, whatever the size of the worklist. Rejected with UPS_STALE_VERSION when another was faster. */
export async function subscribeGlobally(
  command: SubscriptionCommand,
  record: GlobalRecord,
  { store, clock }: Desk,
): Promise<Receipt> {
  const { version, histories } = await store.globalSubscriptions()
  const history = histories.get(command.subscriber)
  const hasEntries = await store.hasEntries(command.subscriber)
  const decision = decideGlobalSubscription(command, record, { history, hasEntries })
  if (decision.outcome === 'refused') return decision
  const { uid, subscriber, kind } = command
  const { change, announce } = decision
  // Clients subscribe again at each of their starts.
  const repeated = repeatedBy(history, change)
  if (repeated && !(await store.hasEntryWithout(record, subscriber, lastMoment(repeated)))) {
    return { outcome: 'accepted', warnings: [] }
  }
  const position = await store.commitGlobal({ uid, subscriber, kind, change, announce, expected: version, at: clock() })
  // Nobody waits for that: what was recorded counts no more already.
  if (change.does === 'clear') void forgetEntries(store)
  return { outcome: 'accepted', warnings: [], position }
}
