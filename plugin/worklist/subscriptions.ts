/** Who holds which subscriptions and deletion locks (decisions.md 4): of workitems, of one AE, and of the worklist. */
import { setImmediate } from 'node:timers/promises'
import type { Attended, GlobalSubscriptions, Sequence, Store } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { standingFor, standingsOf } from '../ups/attend.ts'
import type { Filter } from '../ups/matching-keys.ts'
import { holdsLock, isSubscribed, recordsAt } from '../ups/standing.ts'
import type { History, Maker, Standing } from '../ups/subscription.ts'
import { factsOf } from './situation.ts'

/** Of one AE to one workitem. */
export interface Holding {
  /** The workitem must not be deleted. */
  readonly deletionLock: boolean
  /** What made it: a Subscribe to this workitem, or global subscriptions that cover it. */
  readonly by: readonly Maker[]
}

export interface WorkitemSubscription extends Holding {
  /** AE title. */
  readonly subscriber: string
}

/**
 * By UID, of those workitems that are there. Constant in calls of the store, however many they are.
 * @throws UpsError UPS_STORE_UNAVAILABLE
 */
export async function subscriptionsOf(
  uids: readonly string[],
  store: Store,
  timeZone: string | undefined,
): Promise<ReadonlyMap<string, readonly WorkitemSubscription[]>> {
  const found = new Map<string, readonly WorkitemSubscription[]>()
  for await (const { uid, workitem, facts } of situationsOf(uids, store, timeZone)) {
    const held = [...standingsOf(workitem, facts)].filter(([, standing]) => isSubscribed(standing))
    found.set(
      uid,
      held.map(([subscriber, standing]) => ({ subscriber, ...holdingOf(standing) })),
    )
  }
  return found
}

export interface HeldWorkitem extends Holding {
  readonly uid: string
}

export interface HeldPage {
  readonly workitems: readonly HeldWorkitem[]
  /** For `after`, when there may be more. */
  readonly next?: Sequence
}

/**
 * Those that are recorded for one AE one by one, in order of creation, behind `after`. What follows from a global subscription
 * alone is not among them. A page may have fewer than `limit` and still a next one. @throws UpsError UPS_STORE_UNAVAILABLE
 */
export async function workitemsHeldBy(
  subscriber: string,
  page: { readonly after?: Sequence; readonly limit: number },
  store: Store,
  timeZone: string | undefined,
): Promise<HeldPage> {
  const recorded = await store.listEntries(subscriber, page)
  const uids = recorded.map(({ uid }) => uid)
  const workitems: HeldWorkitem[] = []
  for await (const { uid, workitem, facts } of situationsOf(uids, store, timeZone)) {
    // A global subscription that was given up since may have taken what is recorded.
    const standing = standingFor(subscriber, workitem, facts)
    if (isSubscribed(standing)) workitems.push({ uid, ...holdingOf(standing) })
  }
  const next = recorded.at(-1)?.sequence
  return { workitems, ...(next !== undefined && recorded.length === page.limit ? { next } : {}) }
}

/** An AE, and its subscriptions to the worklist and the filtered worklist. */
export interface Subscriber {
  /** AE title. */
  readonly subscriber: string
  readonly global?: { readonly deletionLock: boolean }
  readonly filtered?: { readonly deletionLock: boolean; readonly filter: Filter }
  /** Open event channels. */
  readonly channels: number
  /** Event reports that wait for it. */
  readonly waiting: number
  /** Event reports that were ever dropped since too many waited. */
  readonly dropped: number
}

/**
 * In order of AE titles: those that are subscribed to anything, or the `wanted` one, whether it is or not.
 * @throws UpsError UPS_STORE_UNAVAILABLE
 */
export async function subscribersOf(
  store: Store,
  channels: (subscriber: string) => number,
  wanted?: string,
): Promise<readonly Subscriber[]> {
  const [{ histories }, sizes] = await Promise.all([store.globalSubscriptions(), store.backlogs()])
  const titles = wanted === undefined ? await store.subscribers() : [wanted]
  const backlogs = new Map(sizes.map((one) => [one.subscriber, one]))
  return titles.toSorted().map((subscriber) => {
    const { waiting = 0, dropped = 0 } = backlogs.get(subscriber) ?? {}
    return { subscriber, ...recordsOf(histories.get(subscriber)), channels: channels(subscriber), waiting, dropped }
  })
}

function recordsOf(history: History | undefined): Pick<Subscriber, 'global' | 'filtered'> {
  const { global, filtered } = recordsAt(history)
  return {
    ...(global && { global: { deletionLock: global.deletionLock } }),
    ...(filtered && { filtered: { deletionLock: filtered.deletionLock, filter: filtered.filter } }),
  }
}

const holdingOf = (standing: Standing): Holding => ({ deletionLock: holdsLock(standing), by: standing.makers })

/** Workitems after which others have a turn: the embedded store answers at once, and filters are matched here. */
const TURN = 50

async function* situationsOf(uids: readonly string[], store: Store, timeZone: string | undefined) {
  const [attended, globals] = await Promise.all([store.attended(uids), store.globalSubscriptions()])
  for (const [index, one] of attended.entries()) {
    if (index % TURN === TURN - 1) await setImmediate()
    yield situationOf(one, globals, timeZone)
  }
}

const situationOf = (attended: Attended, globals: GlobalSubscriptions, timeZone: string | undefined) => ({
  uid: attended.uid,
  workitem: { attributes: storedDataset(attended.json) },
  facts: factsOf(attended, globals, timeZone),
})
