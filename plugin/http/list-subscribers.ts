/** Who holds which subscriptions and deletion locks (extension, decisions.md 4): of one workitem, and of the worklist. */
import { setImmediate } from 'node:timers/promises'
import type { Sequence, Store } from '../store/store.ts'
import { standingFor, standingsOf } from '../ups/attend.ts'
import { holdsLock, isSubscribed, recordsAt } from '../ups/standing.ts'
import type { Filter } from '../ups/matching-keys.ts'
import type { History, Standing } from '../ups/subscription.ts'
import { loadSituation } from '../worklist/situation.ts'
import { answerRefusal } from './answer.ts'
import { type Call, requireAeTitle, requirePathUid } from './call.ts'
import { answerJson } from './dataset-answer.ts'
import { agreed, unsigned, valuesOf } from './query.ts'

const json = ({ ctx }: Call, document: unknown): void => {
  ctx.set('Cache-Control', 'no-cache')
  answerJson(ctx, document)
}

export async function listWorkitemSubscribers(call: Call): Promise<void> {
  const { ctx, policy, service, base } = call
  const { workitem, loaded, facts } = await loadSituation(requirePathUid(ctx), policy, service.desk().store)
  if (!workitem) {
    answerRefusal(ctx, base, { key: loaded.is === 'deleted' ? 'gone' : 'notFound', attributes: [] })
    return
  }
  const subscribers = [...standingsOf(workitem, facts)]
    .filter(([, standing]) => isSubscribed(standing))
    .map(([subscriber, standing]) => ({ subscriber, ...held(standing) }))
  json(call, { subscribers })
}

const SUBSCRIBER: ReadonlySet<string> = new Set(['subscriber'])

/** The most workitems that one answer lists. */
const PAGE = 1_000

export async function listSubscribers(call: Call): Promise<void> {
  const { store } = call.service.desk()
  const wanted = agreed(valuesOf(call.query, SUBSCRIBER), 'the subscriber')
  if (wanted !== undefined) requireAeTitle(wanted, 'The subscriber')
  const { histories } = await store.globalSubscriptions()
  const backlogs = new Map((await store.backlogs()).map((one) => [one.subscriber, one]))
  const titles = wanted === undefined ? await store.subscribers() : [wanted]
  const subscribers = titles.toSorted().map((subscriber) => ({
    subscriber,
    ...recordsOf(histories.get(subscriber)),
    channels: call.service.channels(subscriber),
    waiting: backlogs.get(subscriber)?.waiting ?? 0,
    dropped: backlogs.get(subscriber)?.dropped ?? 0,
  }))
  json(call, { subscribers, ...(wanted === undefined ? {} : await workitemsOf(call, store, wanted)) })
}

function recordsOf(history: History | undefined): object {
  const { global, filtered } = recordsAt(history)
  return {
    ...(global ? { global: { deletionLock: global.deletionLock } } : {}),
    ...(filtered ? { filtered: { deletionLock: filtered.deletionLock, ...shown(filtered.filter) } } : {}),
  }
}

/** The keys as somebody wrote them. */
const shown = ({ keys, options }: Filter): object => ({
  filter: Object.fromEntries(keys.map(({ name, list }) => [name, list])),
  ...options,
})

interface WorkitemPage {
  readonly workitems: readonly object[]
  /** For `after`, when there may be more. */
  readonly next?: Sequence
}

/** Those that are recorded one by one, page by page. What follows from a global subscription alone is not listed. */
async function workitemsOf({ query, policy }: Call, store: Store, subscriber: string): Promise<WorkitemPage> {
  const after = (unsigned(query, 'after') ?? 0) as Sequence
  const limit = Math.min(unsigned(query, 'limit') ?? PAGE, PAGE)
  const found = await store.listEntries(subscriber, { limit, after })
  const workitems: object[] = []
  for (const { uid } of found) {
    // A global subscription that was given up since may have taken what is recorded.
    const { workitem, facts } = await loadSituation(uid, policy, store)
    const standing = workitem && standingFor(subscriber, workitem, facts)
    // The embedded store answers at once: others must have a turn.
    if (workitems.length % 50 === 49) await setImmediate()
    if (standing && isSubscribed(standing)) workitems.push({ uid, ...held(standing) })
  }
  const next = found.at(-1)?.sequence
  return { workitems, ...(next !== undefined && found.length === limit ? { next } : {}) }
}

const held = (standing: Standing): object => ({ deletionLock: holdsLock(standing), by: standing.makers })
