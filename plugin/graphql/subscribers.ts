/** `subscriptions`: who is subscribed to what, with which deletion locks. */
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
import { checkFirst } from './workitems.ts'

type Filtered = NonNullable<Subscriber['filtered']>

const subscriptions = (
  _: unknown,
  { subscriber }: { readonly subscriber?: string | null },
  { service }: OperationContext,
): Promise<readonly Subscriber[]> => {
  const wanted =
    subscriber === undefined || subscriber === null ? undefined : requireAeTitle(subscriber, 'The subscriber')
  return subscribersOf(service.desk().store, service.channels, wanted)
}

interface Page extends HeldPage {
  readonly isFirst: boolean
}

async function workitems(
  { subscriber }: Subscriber,
  { first, after }: { readonly first: number; readonly after?: string | null },
  { service, timeZone }: OperationContext,
): Promise<Page> {
  checkFirst(first)
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
