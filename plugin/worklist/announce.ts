/**
 * The initial reports that a global subscription with lock owes to workitems that were there (Table CC.2.3-2): one batch at
 * a time, when the subscriber has room for it, so that a million of them neither fill a backlog nor hold up a writer.
 */
import { hasCode } from '../errors.ts'
import type { Announcement, Candidate, GlobalSubscriptions, Store } from '../store/store.ts'
import { standingFor } from '../ups/attend.ts'
import { initialReport } from '../ups/event-reports.ts'
import { isSubscribed } from '../ups/standing.ts'
import { situationOf } from './situation.ts'

const BATCH = 200

/**
 * Puts the next batch for this AE into its backlog. @returns whether it may still owe some
 * @throws UPS_STORE_UNAVAILABLE
 */
export async function announceNext(subscriber: string, store: Store, timeZone: string | undefined): Promise<boolean> {
  const announcement = (await store.announcements()).find((one) => one.subscriber === subscriber)
  if (!announcement) return false
  // A workitem of the batch that changes meanwhile makes all of it stale; a smaller one is faster.
  for (let size = BATCH; ; size = Math.ceil(size / 4)) {
    try {
      await announceBatch(announcement, size, store, timeZone)
      return true
    } catch (error) {
      if (!hasCode(error, 'UPS_STALE_VERSION')) throw error
    }
  }
}

async function announceBatch(
  announcement: Announcement,
  size: number,
  store: Store,
  timeZone: string | undefined,
): Promise<void> {
  const globals = await store.globalSubscriptions()
  const candidates = await store.readAnnouncement(announcement, size)
  const through = candidates.at(-1)?.sequence
  if (through === undefined) {
    await store.endAnnouncement(announcement)
    return
  }
  const owed = candidates.filter((candidate) => isOwed(candidate, announcement, globals, timeZone))
  const reports = owed.map(({ workitem, version }) => ({
    uid: workitem.uid,
    expected: version,
    report: initialReport(workitem),
  }))
  await store.announce({ announcement, through, reports }, globals.version)
}

/** Subscribed by that very global subscription, and still. */
function isOwed(
  candidate: Candidate,
  { subscriber, operation }: Announcement,
  globals: GlobalSubscriptions,
  timeZone: string | undefined,
): boolean {
  const { facts } = situationOf(candidate, globals, timeZone)
  const standing = standingFor(subscriber, candidate.workitem, facts)
  return isSubscribed(standing) && standing.since === operation
}
