/** `subscriptions`: who is subscribed to what, with which deletion locks. */
import { setImmediate } from 'node:timers/promises'
import type { Sequence } from '../store/store.ts'
import type { Maker } from '../ups/subscription.ts'
import {
  type HeldPage,
  type HeldWorkitem,
  type Subscriber,
  subscribersOf,
  workitemsHeldBy,
} from '../worklist/subscriptions.ts'
import { requireAeTitle } from './ae.ts'
import { BadArgument } from './bad-argument.ts'
import type { OperationContext } from './context.ts'
import { ownError } from './errors.ts'
import { checkFirst } from './workitems.ts'

type Filtered = NonNullable<Subscriber['filtered']>

interface Subscribers {
  readonly nodes: readonly Subscriber[]
  readonly pageInfo: object
}

interface SubscriptionsArguments {
  readonly subscriber?: string | null
  readonly first: number
  /** The AE title that the page before ended with. */
  readonly after?: string | null
}

async function subscriptions(
  _: unknown,
  { subscriber, first, after }: SubscriptionsArguments,
  { service }: OperationContext,
): Promise<Subscribers> {
  checkFirst(first)
  const wanted =
    subscriber === undefined || subscriber === null ? undefined : requireAeTitle(subscriber, 'The subscriber')
  const all = await subscribersOf(service.desk().store, service.channels, wanted)
  const behind = all.filter((one) => one.subscriber > (after ?? ''))
  const nodes = behind.slice(0, first)
  return {
    nodes,
    pageInfo: {
      hasNextPage: behind.length > first,
      hasPreviousPage: behind.length < all.length,
      startCursor: nodes[0]?.subscriber,
      endCursor: nodes.at(-1)?.subscriber,
    },
  }
}

interface Page extends HeldPage {
  readonly isFirst: boolean
}

async function workitems(
  { subscriber }: Subscriber,
  { first, after }: { readonly first: number; readonly after?: string | null },
  { service, timeZone, signal }: OperationContext,
): Promise<Page> {
  checkFirst(first)
  // The embedded store answers at once, and there may be many who ask: others have a turn, and so has the clock.
  await setImmediate()
  if (signal.aborted) throw ownError('TIMEOUT')
  const behind = readCursor(after)
  const page = { limit: first, ...(behind === undefined ? {} : { after: behind }) }
  const held = await workitemsHeldBy(subscriber, page, service.desk().store, timeZone)
  return { ...held, isFirst: behind === undefined }
}

function readCursor(text: string | null | undefined): Sequence | undefined {
  if (text === null || text === undefined) return undefined
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text) as Sequence
  throw new BadArgument('after', 'is no cursor of these workitems, expected one that this service has given')
}

/** `SubscriptionMaker` of the schema. */
const MAKERS = { EXPLICIT: 'explicit', GLOBAL: 'global', FILTERED: 'filtered' } as const satisfies Readonly<
  Record<string, Maker>
>

export const SUBSCRIBER_RESOLVERS = {
  Query: { subscriptions },
  Subscriber: { aeTitle: ({ subscriber }: Subscriber) => subscriber, workitems },
  FilteredSubscription: {
    keys: ({ filter }: Filtered) => filter.keys.map(({ name, list }) => ({ name, values: list })),
    fuzzyMatching: ({ filter }: Filtered) => filter.options.fuzzymatching ?? false,
    emptyValueMatching: ({ filter }: Filtered) => filter.options.emptyvaluematching ?? false,
    multipleValueMatching: ({ filter }: Filtered) => filter.options.multiplevaluematching ?? false,
  },
  SubscribedWorkitemConnection: {
    nodes: (page: Page) => page.workitems,
    pageInfo: ({ next, isFirst }: Page) => ({
      hasNextPage: next !== undefined,
      hasPreviousPage: !isFirst,
      endCursor: next === undefined ? null : String(next),
    }),
  },
  SubscribedWorkitem: {
    workitem: ({ uid }: HeldWorkitem, _: unknown, { loaders }: OperationContext) => loaders.workitem.load(uid),
  },
  SubscriptionMaker: MAKERS,
}
