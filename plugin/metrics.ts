/** Counters for `GET /metrics` (Prometheus text), a registry for each plugin. */
import { Counter, Gauge, Registry } from 'prom-client'
import { dicomCode, REFUSALS } from './ups/statuses.ts'
import type { DeliveryTally } from './events/ports.ts'
import type { GraphqlTally } from './graphql/ports.ts'
import type { SearchTally } from './search/ports.ts'
import type { Tally } from './worklist/tally.ts'

export interface Metrics extends Tally {
  readonly delivery: DeliveryTally
  readonly search: SearchTally
  readonly graphql: GraphqlTally
  answered(route: string, method: string, status: number): void
  /** What is in force was read from the directory at that time. */
  configured(readAt: Date): void
  /** How many values or other faults of the directory keep it from being used now; 0: it is well. */
  configurationProblems(count: number): void
  reloaded(outcome: 'changed' | 'unchanged' | 'refused'): void
  /** The media type of `text`. */
  readonly contentType: string
  text(): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'ups_http_requests_total',
    help: 'Requests answered, by route, method and HTTP status.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const refusals = new Counter({
    name: 'ups_refusals_total',
    help: 'Commands and requests refused, by DICOM status.',
    labelNames: ['dicom_status', 'reason'],
    registers,
  })
  const commits = new Counter({
    name: 'ups_commits_total',
    help: 'Changes made durable, by what caused them.',
    labelNames: ['kind'],
    registers,
  })
  const searches = new Counter({
    name: 'ups_searches_total',
    help: "Searches, by what answered them: the store's own engine, or the index of the search cluster.",
    labelNames: ['answered_by'],
    registers,
  })
  const problems = new Gauge({
    name: 'ups_configuration_problems',
    help: 'What is wrong with the directory now; while it is not 0 the last good configuration is in force.',
    registers,
  })
  const readAt = new Gauge({
    name: 'ups_configuration_read_timestamp_seconds',
    help: 'When the configuration in force was read from the directory.',
    registers,
  })
  const reloads = new Counter({
    name: 'ups_configuration_reads_total',
    help: 'Readings of the whole directory after the start, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  return {
    delivery: deliveryMetrics(registers),
    search: searchMetrics(registers),
    graphql: graphqlMetrics(registers),
    answered: (route, method, status) => requests.inc({ route, method, status }),
    refused: (refusal) => refusals.inc({ dicom_status: dicomCode(REFUSALS[refusal]), reason: refusal }),
    committed: (kind) => commits.inc({ kind }),
    searched: (by) => searches.inc({ answered_by: by }),
    configurationProblems: (count) => problems.set(count),
    configured: (at) => readAt.set(at.getTime() / 1000),
    reloaded: (outcome) => reloads.inc({ outcome }),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}

function deliveryMetrics(registers: readonly Registry[]): DeliveryTally {
  const channels = new Gauge({ name: 'ups_event_channels', help: 'Event channels open.', registers: [...registers] })
  const sent = new Counter({
    name: 'ups_event_reports_sent_total',
    help: 'Event reports sent, on every channel, repeated ones too.',
    registers: [...registers],
  })
  const dropped = new Counter({
    name: 'ups_event_reports_dropped_total',
    help: 'Event reports that overflowed the backlog of a subscriber.',
    labelNames: ['subscriber'],
    registers: [...registers],
  })
  return {
    channels: (open) => channels.set(open),
    sent: (reports) => sent.inc(reports),
    dropped: (subscriber, reports) => dropped.inc({ subscriber }, reports),
  }
}

function graphqlMetrics(registers: readonly Registry[]): GraphqlTally {
  const operations = new Counter({
    name: 'ups_graphql_operations_total',
    help: 'Operations of GraphQL that were run, or refused before that for what they ask.',
    labelNames: ['operation', 'outcome'],
    registers: [...registers],
  })
  const streams = new Gauge({
    name: 'ups_graphql_subscriptions',
    help: 'Streams of GraphQL subscriptions open.',
    registers: [...registers],
  })
  return {
    operation: (operation, outcome) => operations.inc({ operation, outcome }),
    streams: (more) => streams.inc(more),
  }
}

function searchMetrics(registers: readonly Registry[]): SearchTally {
  const of = (name: string, help: string): Counter => new Counter({ name, help, registers: [...registers] })
  const indexed = of(
    'ups_search_indexed_total',
    'Workitems written into the index of the search cluster, or taken out.',
  )
  const refused = of('ups_search_refused_total', 'Workitems that the search cluster does not take as they are.')
  const failures = of('ups_search_failures_total', 'Requests that the search cluster did not answer as it should.')
  const refreshes = of('ups_search_refreshes_total', 'Refreshes of the index of the search cluster.')
  const behind = new Gauge({
    name: 'ups_search_behind',
    help: 'Changes that are not in the index of the search cluster yet.',
    registers: [...registers],
  })
  return {
    indexed: (workitems) => indexed.inc(workitems),
    refused: (workitems) => refused.inc(workitems),
    behind: (entries) => behind.set(entries),
    failed: () => failures.inc(),
    refreshed: () => refreshes.inc(),
  }
}
