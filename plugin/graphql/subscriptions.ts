/** `workitemEvents` and `workitemChanges`: the feed of changes, for whoever watches what a filter matches. */
import type { Query } from '../dicom/query.ts'
import type { Change } from '../feed/changes.ts'
import { positionText } from '../feed/position.ts'
import type { ChangeKind } from '../store/store.ts'
import type { EventName } from '../ups/event-reports.ts'
import { BadArgument } from './bad-argument.ts'
import { type OperationContext, workitemSource } from './context.ts'
import { codeOf } from './error-codes.ts'
import type { WorkitemFilterInput } from './filter.ts'
import { publicDataset } from './public-dataset.ts'
import { readQuery } from './read-query.ts'
import { sourceStream } from './source-stream.ts'
import { transitionOf } from './transition.ts'

interface Watched {
  readonly filter?: WorkitemFilterInput | null
  readonly after?: string | null
}

interface WatchedEvents extends Watched {
  readonly types?: readonly EventName[] | null
}

/** `EventType` of the schema. SCP Status Change is of the service, of no workitem. */
const EVENT_NAMES = {
  STATE_REPORT: 'UPS State Report',
  CANCEL_REQUESTED: 'UPS Cancel Requested',
  PROGRESS_REPORT: 'UPS Progress Report',
  ASSIGNED: 'UPS Assigned',
} as const satisfies Readonly<Record<string, EventName>>

/** Those that change a workitem, or ask its performer to; a subscription to it changes nothing that is shown of it. */
const KINDS: ReadonlySet<ChangeKind> = new Set([
  'create',
  'update',
  'changeState',
  'requestCancel',
  'cancelAbandoned',
  'delete',
])

function workitemEvents(_: unknown, { filter, types, after }: WatchedEvents, context: OperationContext) {
  const query = readQuery(filter)
  if (types?.length === 0) throw new BadArgument('types', 'is empty, expected at least one type, or none given')
  const wanted = types && new Set(types)
  return sourceStream(
    after,
    (change) => {
      const reports = change.entry.reports.filter(({ event }) => !wanted || wanted.has(event))
      if (reports.length === 0) return undefined
      return told(change, query, context, {
        reports: reports.map(({ event, information }) => ({ type: event, dataset: publicDataset(information) })),
      })
    },
    context,
  )
}

function workitemChanges(_: unknown, { filter, after }: Watched, context: OperationContext) {
  const query = readQuery(filter)
  return sourceStream(
    after,
    (change) => {
      const { entry, before } = change
      if (!KINDS.has(entry.kind)) return undefined
      const { uid, previous: version } = entry
      const previous = before && version !== undefined ? workitemSource(uid, version, before) : null
      return told(change, query, context, { kind: codeOf(entry.kind), previous })
    },
    context,
  )
}

/** `WorkitemEvent` or `WorkitemChange`; undefined: the filter has nothing to do with it. */
function told(change: Change, query: Query, { timeZone }: OperationContext, rest: object): object | undefined {
  const transition = transitionOf(change, query, timeZone)
  if (transition === undefined) return undefined
  const { entry, after } = change
  const { uid, position, at } = entry
  return {
    position: positionText(position),
    at: at.toISOString(),
    transition,
    uid,
    workitem: after ? workitemSource(uid, position, after) : null,
    ...rest,
  }
}

/** What is told is the value of the field. */
const itself = (one: object): object => one

export const SUBSCRIPTION_RESOLVERS = {
  Subscription: {
    workitemEvents: { subscribe: workitemEvents, resolve: itself },
    workitemChanges: { subscribe: workitemChanges, resolve: itself },
  },
  EventType: EVENT_NAMES,
}
