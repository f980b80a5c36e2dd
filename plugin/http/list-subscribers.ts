/** Who holds which subscriptions and deletion locks (extension, decisions.md 4): of one workitem, and of the worklist. */
import type { Sequence } from '../store/store.ts'
import type { Filter } from '../ups/matching-keys.ts'
import {
  type HeldPage,
  type Subscriber,
  subscribersOf,
  subscriptionsOf,
  workitemsHeldBy,
} from '../worklist/subscriptions.ts'
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
  const { store } = service.desk()
  const uid = requirePathUid(ctx)
  const subscribers = (await subscriptionsOf([uid], store, policy.timeZone)).get(uid)
  if (subscribers) {
    json(call, { subscribers })
    return
  }
  const { is } = await store.retrieve(uid)
  answerRefusal(ctx, base, { key: is === 'deleted' ? 'gone' : 'notFound', attributes: [] })
}

const SUBSCRIBER: ReadonlySet<string> = new Set(['subscriber'])

/** The most workitems that one answer lists. */
const PAGE = 1_000

export async function listSubscribers(call: Call): Promise<void> {
  const { query, service } = call
  const wanted = agreed(valuesOf(query, SUBSCRIBER), 'the subscriber')
  if (wanted !== undefined) requireAeTitle(wanted, 'The subscriber')
  const subscribers = await subscribersOf(service.desk().store, service.channels, wanted)
  const held = wanted === undefined ? {} : await heldBy(wanted, call)
  json(call, { subscribers: subscribers.map(shown), ...held })
}

function heldBy(subscriber: string, { query, policy, service }: Call): Promise<HeldPage> {
  const after = (unsigned(query, 'after') ?? 0) as Sequence
  const limit = Math.min(unsigned(query, 'limit') ?? PAGE, PAGE)
  return workitemsHeldBy(subscriber, { after, limit }, service.desk().store, policy.timeZone)
}

const shown = ({ filtered, ...others }: Subscriber): object =>
  filtered ? { ...others, filtered: { deletionLock: filtered.deletionLock, ...keysOf(filtered.filter) } } : others

/** The keys as somebody wrote them. */
const keysOf = ({ keys, options }: Filter): object => ({
  filter: Object.fromEntries(keys.map(({ name, list }) => [name, list])),
  ...options,
})
