/**
 * The one write path: HTTP, GraphQL, the host and every later command end here. Load, decide, commit; when another was
 * faster, decide again on what is there now.
 */
import { hasCode } from '../errors.ts'
import { replacedBetween } from '../store/replaced.ts'
import type { Commit, Loaded, Position, Store } from '../store/store.ts'
import { decide } from '../ups/decide.ts'
import type { Accepted, Command, Facts, Refused } from '../ups/decision.ts'
import { refuse } from '../ups/decision.ts'
import type { Policy } from '../ups/policy.ts'
import type { Tally } from './tally.ts'
import type { Turns } from './turns.ts'

/** What the write path works with. */
export interface Desk {
  readonly store: Store
  readonly turns: Turns
  readonly clock: () => Date
  readonly tally: Tally
}

export type Receipt =
  { readonly outcome: 'accepted'; readonly warnings: Accepted['warnings']; readonly position?: Position } | Refused

/** Writers of the same workitem in other processes are met here, those of this process wait for their turn. */
const TRIES = 4

/** @throws UPS_STORE_UNAVAILABLE; nothing of the command took place then. */
export async function execute(command: Command, policy: Policy, desk: Desk): Promise<Receipt> {
  const receipt = await desk.turns.take(command.uid, () => loadDecideCommit(command, policy, desk))
  if (receipt.outcome === 'refused') desk.tally.refused(receipt.refusal.key)
  else if (receipt.position !== undefined) desk.tally.committed(command.kind)
  return receipt
}

async function loadDecideCommit(command: Command, policy: Policy, desk: Desk): Promise<Receipt> {
  for (let tries = 0; tries < TRIES; tries++) {
    const loaded = await desk.store.load(command.uid)
    const now = desk.clock()
    const decision = decide(command, factsOf(loaded, policy, now))
    if (decision.outcome === 'refused') return decision
    const { change, warnings } = decision
    if (!change) return { outcome: 'accepted', warnings }
    try {
      const position = await desk.store.commit(commitOf(command, loaded, change, now))
      return { outcome: 'accepted', warnings, position }
    } catch (error) {
      if (!hasCode(error, 'UPS_STALE_VERSION')) throw error
    }
  }
  return refuse('conflict')
}

const factsOf = (loaded: Loaded, policy: Policy, now: Date): Facts => ({
  workitem: loaded.is === 'there' ? loaded.workitem : undefined,
  deleted: loaded.is === 'deleted',
  // Nobody can subscribe before there are subscriptions.
  subscribers: [],
  policy,
  now,
})

function commitOf(command: Command, loaded: Loaded, change: NonNullable<Accepted['change']>, at: Date): Commit {
  const { next, reports } = change
  const there = loaded.is === 'there' ? loaded : undefined
  return {
    uid: command.uid,
    expected: there?.version,
    next,
    kind: command.kind,
    replaced: there ? replacedBetween(there.workitem.attributes, next.attributes) : {},
    reports,
    at,
  }
}
