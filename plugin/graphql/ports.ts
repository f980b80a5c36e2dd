/** What the GraphQL face works with; made by the composition root. */
import type { ArchiveConfiguration } from '../config/configuration.ts'
import type { ConfigurationReport, ShownTrouble } from '../config/report.ts'
import type { Feed } from '../feed/feed.ts'
import type { Logger } from '../host.ts'
import type { Desk } from '../worklist/execute.ts'
import type { SearchStatus } from '../worklist/search-engine.ts'
import type { Worklist } from '../worklist/worklist.ts'

export interface GraphqlService {
  readonly desk: () => Desk
  /** Commands, as a host calls them. */
  readonly worklist: Worklist
  readonly feed: () => Feed
  /** The configuration in force at this moment. */
  readonly configuration: () => ArchiveConfiguration
  readonly administration: GraphqlAdministration
  /** How many event channels a subscriber has open. */
  readonly channels: (subscriber: string) => number
  readonly clock: () => Date
  readonly logger: Logger
  readonly tally: GraphqlTally
  /** Counts work that does not come over HTTP, so that a stop waits for it. */
  readonly during: <Result>(work: () => Promise<Result>) => Promise<Result>
}

/** What operations are told to. */
export interface GraphqlTally {
  /** One was run, or refused before that. */
  operation(kind: 'query' | 'mutation' | 'subscription', outcome: 'run' | 'refused'): void
  /** So many more streams of subscriptions are open, or fewer. */
  streams(more: 1 | -1): void
}

/** What those who run the service may ask of it. */
export interface GraphqlAdministration {
  configuration(): ConfigurationReport
  /** Reads the directory now; fulfilled with what keeps it from being used, if anything does. */
  reload(): Promise<ShownTrouble | undefined>
  /** Of the index of search that is not the store's own, if there is one. */
  search(): SearchStatus | undefined
}

export interface GraphqlSettings {
  /** Whether GraphiQL is shown: to browsers on the same machine, to all, or to none. */
  readonly graphiql: 'loopback' | 'on' | 'off'
  readonly introspection: boolean
  /** Documents by their id; where there are any, no others are run. */
  readonly documents: ReadonlyMap<string, string> | undefined
  /** Milliseconds for one operation; a subscription is none. */
  readonly timeout: number
  /** Bytes of a request. */
  readonly bodyLimit: number
  readonly limits: Limits
  /** Milliseconds: how often a WebSocket is pinged, and how long one may neither send anything nor take what it is sent. */
  readonly channels: { readonly ping: number; readonly deadAfter: number }
}

/** What one operation may ask for. */
export interface Limits {
  /** Of fields in each other. */
  readonly depth: number
  /** Of fields under another name. */
  readonly aliases: number
  /** Words and signs of a document. */
  readonly tokens: number
  /** What its fields cost together (cost.ts); all operations of a request together. */
  readonly cost: number
  /** Operations of one request. */
  readonly batch: number
  /** Operations of one WebSocket at the same time. */
  readonly operations: number
}

export const DEFAULT_LIMITS: Limits = {
  depth: 16,
  aliases: 100,
  tokens: 2_000,
  cost: 25_000,
  batch: 10,
  operations: 50,
}
