/** A command that changes one workitem: its change, who hears of it, and what that does to subscriptions, in one commit. */
import { replacedBetween } from '../store/replaced.ts'
import { type Attendance, attendChange, attendCreation, standingsOf, subscribersIn } from '../ups/attend.ts'
import { decide } from '../ups/decide.ts'
import type { Accepted, Command, Facts } from '../ups/decision.ts'
import type { Policy } from '../ups/policy.ts'
import type { Desk, Receipt } from './execute.ts'
import { loadSituation, type Situation } from './situation.ts'

/** Rejected with UPS_STALE_VERSION when another was faster. */
export async function changeWorkitem(command: Command, policy: Policy, { store, clock }: Desk): Promise<Receipt> {
  const situation = await loadSituation(command.uid, policy, store)
  const now = clock()
  const decision = decide(command, factsOf(situation, policy, now))
  if (decision.outcome === 'refused') return decision
  const { change, warnings } = decision
  if (!change) return { outcome: 'accepted', warnings }
  const { loaded, workitem, globals } = situation
  const position = await store.commit({
    uid: command.uid,
    expected: loaded.is === 'there' ? loaded.version : undefined,
    histories: globals.version,
    next: change.next,
    kind: command.kind,
    replaced: workitem ? replacedBetween(workitem.attributes, change.next.attributes) : {},
    reports: change.reports,
    at: now,
    ...attendanceOf(change, situation),
  })
  return { outcome: 'accepted', warnings, position }
}

const factsOf = ({ loaded, workitem, facts }: Situation, policy: Policy, now: Date): Facts => ({
  workitem,
  deleted: loaded.is === 'deleted',
  /** Only a cancel request asks. */
  get subscribers() {
    return workitem ? subscribersIn(standingsOf(workitem, facts)) : []
  },
  policy,
  now,
})

function attendanceOf({ next, reports }: NonNullable<Accepted['change']>, { workitem, facts }: Situation): Attendance {
  return workitem ? attendChange(workitem, next, reports, facts) : attendCreation(next, reports, facts)
}
