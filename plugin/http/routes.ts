/** The one route table: every resource, its methods, what they do, and what Retrieve Capabilities says of them. */
import { changeWorkitemState } from './change-state.ts'
import type { Call } from './call.ts'
import { createWorkitem } from './create.ts'
import { requestCancellation } from './request-cancel.ts'
import { retrieveWorkitem } from './retrieve.ts'
import { countWorkitems, searchWorkitems } from './search.ts'
import { SEARCH_PARAMETERS } from './search-query.ts'
import { MATCHING_FLAGS } from './matching-parameters.ts'
import { listSubscribers, listWorkitemSubscribers } from './list-subscribers.ts'
import { subscribe, suspend, unsubscribe } from './subscribe.ts'
import { updateWorkitem } from './update.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface Transaction {
  /** As PS3.18 Table 11.3-1 names it. */
  readonly name: string
  readonly handler: (call: Call) => Promise<void>
  /** Whether a dataset comes in. */
  readonly payload: boolean
  readonly queryParameters: readonly string[]
}

export interface Resource {
  /** Below `/aets/{aet}/rs`; names in braces are path parameters. */
  readonly path: string
  readonly methods: Partial<Record<Method, Transaction>>
}

export const transactionsOf = ({ methods }: Resource): readonly (readonly [Method, Transaction])[] =>
  Object.entries(methods) as [Method, Transaction][]

const create: Transaction = {
  name: 'Create Workitem',
  handler: createWorkitem,
  payload: true,
  queryParameters: ['workitem', 'AffectedSOPInstanceUID'],
}
const search: Transaction = {
  name: 'Search',
  handler: searchWorkitems,
  payload: false,
  queryParameters: SEARCH_PARAMETERS,
}
const counting: Transaction = {
  name: 'Count Workitems',
  handler: countWorkitems,
  payload: false,
  queryParameters: MATCHING_FLAGS,
}
const retrieve: Transaction = {
  name: 'Retrieve Workitem',
  handler: retrieveWorkitem,
  payload: false,
  queryParameters: ['accept'],
}
const update: Transaction = {
  name: 'Update Workitem',
  handler: updateWorkitem,
  payload: true,
  queryParameters: ['transaction-uid'],
}
const changeState: Transaction = {
  name: 'Change Workitem State',
  handler: changeWorkitemState,
  payload: true,
  queryParameters: ['requester'],
}
const requestCancel: Transaction = {
  name: 'Request Cancellation',
  handler: requestCancellation,
  payload: true,
  queryParameters: ['requester'],
}

const subscribing: Transaction = {
  name: 'Subscribe',
  handler: subscribe,
  payload: false,
  queryParameters: ['deletionlock', 'filter'],
}
const unsubscribing: Transaction = { name: 'Unsubscribe', handler: unsubscribe, payload: false, queryParameters: [] }
const suspending: Transaction = {
  name: 'Suspend Global Subscription',
  handler: suspend,
  payload: false,
  queryParameters: [],
}
const listing: Transaction = {
  name: 'List Subscribers of a Workitem',
  handler: listWorkitemSubscribers,
  payload: false,
  queryParameters: [],
}
const listingAll: Transaction = {
  name: 'List Subscribers',
  handler: listSubscribers,
  payload: false,
  queryParameters: ['subscriber', 'after', 'limit'],
}

export const RESOURCES: readonly Resource[] = [
  { path: '/workitems', methods: { POST: create, GET: search } },
  // Before the next one: count is no UID, and its route would take it for one.
  { path: '/workitems/count', methods: { GET: counting } },
  // PUT: a client in the field updates with it.
  { path: '/workitems/{workitem}', methods: { GET: retrieve, POST: update, PUT: update } },
  { path: '/workitems/{workitem}/state', methods: { PUT: changeState } },
  { path: '/workitems/{workitem}/state/{requester}', methods: { PUT: changeState } },
  { path: '/workitems/{workitem}/cancelrequest', methods: { POST: requestCancel } },
  { path: '/workitems/{workitem}/cancelrequest/{requester}', methods: { POST: requestCancel } },
  { path: '/workitems/{workitem}/subscribers', methods: { GET: listing } },
  { path: '/workitems/{workitem}/subscribers/{subscriber}', methods: { POST: subscribing, DELETE: unsubscribing } },
  { path: '/workitems/{workitem}/subscribers/{subscriber}/suspend', methods: { POST: suspending } },
  { path: '/subscribers', methods: { GET: listingAll } },
]
