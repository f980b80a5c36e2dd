/** What the HTTP handlers work with; made by the composition root. */
import type { Middleware } from 'koa'
import type { ArchiveConfiguration } from '../config/configuration.ts'
import type { ConfigurationReport, ShownTrouble } from '../config/report.ts'
import type { Logger } from '../host.ts'
import type { Strictness } from '../ups/policy.ts'
import type { RefusalKey } from '../ups/statuses.ts'
import type { Desk } from '../worklist/execute.ts'
import type { Reindexing, SearchStatus } from '../worklist/search-engine.ts'
import type { OriginPolicy } from './origin.ts'

export interface Service {
  readonly desk: () => Desk
  /** The configuration in force at this moment. */
  readonly configuration: () => ArchiveConfiguration
  readonly strictness: Strictness
  readonly origins: OriginPolicy
  /** Path in front of everything, without a slash at its end: `` or `/dcm4chee-arc`. */
  readonly prefix: string
  /** Bytes. */
  readonly bodyLimit: number
  readonly logger: Logger
  readonly counters: Counters
  readonly administration: Administration
  /** Answers `/graphql`; undefined: there is no such path. */
  readonly graphql: Middleware | undefined
  /** How many event channels a subscriber has open. */
  readonly channels: (subscriber: string) => number
}

/** What requests and refusals are told to, and what `GET /metrics` shows. */
export interface Counters {
  answered(route: string, method: string, status: number): void
  refused(refusal: RefusalKey): void
  readonly contentType: string
  text(): Promise<string>
}

/** What those who run the service may ask of it. */
export interface Administration {
  /** What `GET /ctrl/config` shows. */
  configuration(): ConfigurationReport
  /** Reads the directory now; fulfilled with what keeps it from being used, if anything does. */
  reload(): Promise<ShownTrouble | undefined>
  /** What is wrong with the directory now. */
  trouble(): ShownTrouble | undefined
  /** Of the index of search that is not the store's own, if there is one. */
  search(): SearchStatus | undefined
  readonly reindex: Reindexing
}
