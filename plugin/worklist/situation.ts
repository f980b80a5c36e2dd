/** What is loaded before anything is decided: the workitem, and all that says who is subscribed to it. */
import type { GlobalSubscriptions, Loaded, Store } from '../store/store.ts'
import type { SubscriptionFacts } from '../ups/attend.ts'
import type { Policy } from '../ups/policy.ts'
import type { Workitem } from '../ups/workitem.ts'

export interface Situation {
  readonly loaded: Loaded
  /** Undefined: there is none. */
  readonly workitem: Workitem | undefined
  readonly globals: GlobalSubscriptions
  readonly facts: SubscriptionFacts
}

export async function loadSituation(uid: string, { timeZone }: Policy, store: Store): Promise<Situation> {
  const [loaded, globals] = await Promise.all([store.load(uid), store.globalSubscriptions()])
  return situationOf(loaded, globals, timeZone)
}

export function situationOf(loaded: Loaded, globals: GlobalSubscriptions, timeZone: string | undefined): Situation {
  const there = loaded.is === 'there' ? loaded : undefined
  return { loaded, workitem: there?.workitem, globals, facts: factsOf(there ?? NOWHERE, globals, timeZone) }
}

const NOWHERE = { createdAt: Infinity, entries: [] }

export const factsOf = (
  { createdAt, entries }: Pick<SubscriptionFacts, 'createdAt' | 'entries'>,
  { histories }: GlobalSubscriptions,
  timeZone: string | undefined,
): SubscriptionFacts => ({ histories, entries, createdAt, matching: timeZone === undefined ? {} : { timeZone } })
