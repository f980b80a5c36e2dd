/** The composition root: opens, wires, starts, and closes what it opened, last first. */
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import Koa, { type Middleware } from 'koa'
import { type ArchiveConfiguration, findAe } from './config/configuration.ts'
import { ConfigurationKeeper, type KeeperOptions, type Reloaded, type Trouble } from './config/keeper.ts'
import { lastGoodFile } from './config/last-good.ts'
import { devicePolicyOf, policyOf } from './config/policy.ts'
import { DEFAULT_EVENT_QUEUE_SIZE } from './config/settings.ts'
import { type ConfigurationReport, describeConfiguration, describeTrouble, type ShownTrouble } from './config/report.ts'
import { configurationEvents } from './configuration-events.ts'
import { stringifyDataset } from './dicom/json.ts'
import { directoryOf } from './directories.ts'
import { UpsError } from './errors.ts'
import { Delivery } from './events/delivery.ts'
import { webSocketEnd } from './events/web-socket.ts'
import { Feed } from './feed/feed.ts'
import type { Graphql } from './graphql/graphql.ts'
import type { GraphqlService } from './graphql/ports.ts'
import { serviceMiddleware } from './http/app.ts'
import type { Service } from './http/service.ts'
import { unavailableMiddleware } from './http/unavailable.ts'
import { admitUpgrade } from './http/upgrade.ts'
import { InFlight } from './in-flight.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { checkOptions, type Options, sqliteFile, type UpsPluginOptions } from './options.ts'
import type { ElasticsearchSearch } from './search/elasticsearch-search.ts'
import { openSqliteStore } from './store/sqlite/open.ts'
import type { Progress, Store } from './store/store.ts'
import { initialReport } from './ups/event-reports.ts'
import { announceNext } from './worklist/announce.ts'
import type { Desk } from './worklist/execute.ts'
import { forgetEntries } from './worklist/forget.ts'
import { Turns } from './worklist/turns.ts'
import { type Receiver, type Worklist, worklistOf } from './worklist/worklist.ts'

export interface UpsPlugin {
  /** For `http.createServer`, or for a host that is not Koa. */
  callback(): RequestListener
  /** For the host's own Koa application. It answers every request that reaches it. */
  middleware(): Middleware
  /**
   * For the `upgrade` event of the host's server. True: the plugin answered. False: the path is none of its own, the
   * socket still belongs to the host.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  readonly worklist: Worklist
  /** What `GET /ctrl/config` shows: the configuration in force, with the origin of each value. */
  configuration(): ConfigurationReport
  /**
   * Makes the index of search anew, as `POST /ctrl/reindex` does; that of the cluster, where there is one. Searches are answered
   * meanwhile. `progress`: workitems done, and of how many. Fulfilled with how many are in it.
   */
  reindex(progress?: Progress): Promise<number>
  /** Reads the directory now, as `POST /ctrl/reload` does. What cannot be used is refused, never half taken. */
  reload(): Promise<Reloaded>
  /** @throws UpsError; nothing is left open then */
  start(): Promise<void>
  /** Lets requests under way end, then closes what `start` opened. Stopping twice is harmless. */
  stop(): Promise<void>
}

interface Running {
  readonly keeper: ConfigurationKeeper
  readonly desk: Desk
  readonly delivery: Delivery
  readonly cluster: ElasticsearchSearch | undefined
  readonly feed: Feed
  readonly graphql: Graphql | undefined
  /** In the order of opening. */
  readonly closers: readonly (() => void | Promise<void>)[]
}

/** Starts nothing. @throws UpsError UPS_BAD_OPTION */
export function createUpsPlugin(given: UpsPluginOptions = {}): UpsPlugin {
  const options = checkOptions(given)
  const metrics = createMetrics()
  const inFlight = new InFlight()
  let running: Running | undefined
  let starting: Promise<Running> | undefined
  let closing: Promise<void> | undefined

  const now = (): Running => {
    if (running) return running
    throw new UpsError('UPS_STORE_UNAVAILABLE', 'The worklist is not running.')
  }
  const service = serviceOf(options, metrics, now)
  const worklist = worklistOf(service.desk, {
    receiver: (aeTitle) => receiverOf(service.configuration(), aeTitle, options),
    devicePolicy: () => devicePolicyOf(service.configuration(), options.strictness),
  })
  const graphqlService: GraphqlService = {
    ...service,
    worklist,
    feed: () => now().feed,
    tally: metrics.graphql,
    clock: options.host.clock,
    during: (work) => inFlight.during(work),
  }
  const answer = serviceMiddleware(service)
  const unavailable = unavailableMiddleware(service)
  const webSockets = webSocketEnd()
  const middleware = inFlight.middleware((ctx, next) => (running ? answer : unavailable)(ctx, next), unavailable)

  return {
    middleware: () => middleware,
    callback: () => callbackOf(middleware, options),
    handleUpgrade(request, socket, head) {
      const upgrade = admitUpgrade(request, socket, service)
      if (upgrade.is === 'channel') {
        const { delivery } = now()
        webSockets.accept(request, socket, head, (connection) => delivery.open(upgrade.subscriber, connection))
      }
      if (upgrade.is === 'graphql') now().graphql?.accept(request, socket, head)
      return upgrade.is !== 'elsewhere'
    },
    configuration: () => service.administration.configuration(),
    reload: () => now().keeper.reload(),
    reindex: (progress) => inFlight.during(() => service.administration.reindex(progress)),
    worklist: {
      execute: (command, aeTitle) => inFlight.during(() => worklist.execute(command, aeTitle)),
      cancelAbandoned: (uid, reason, others) => inFlight.during(() => worklist.cancelAbandoned(uid, reason, others)),
      retrieve: (uid) => inFlight.during(() => worklist.retrieve(uid)),
    },
    async start() {
      if (starting) throw new UpsError('UPS_BAD_OPTION', 'The plugin was started before; make a new one.')
      starting = open(options, metrics, graphqlService)
      running = await starting
    },
    async stop() {
      // Streams of subscriptions would never end by themselves.
      await running?.feed.stop()
      running?.graphql?.endStreams()
      await inFlight.drain(options.drainTimeout)
      // A start under way is waited for, or it would leave open what it opens.
      const opened = await starting?.catch(() => undefined)
      running = undefined
      if (opened) await (closing ??= closeAll(opened.closers))
    },
  }
}

async function closeAll(closers: Running['closers']): Promise<void> {
  const errors: unknown[] = []
  for (const close of closers.toReversed()) {
    try {
      await close()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'not everything could be closed')
}

function receiverOf(configuration: ArchiveConfiguration, aeTitle: string, { strictness }: Options): Receiver {
  const lookup = findAe(configuration, aeTitle)
  if (lookup.status === 'found') {
    return { aeTitle: lookup.ae.aeTitle, policy: policyOf(lookup.ae, configuration, strictness) }
  }
  throw new UpsError('UPS_UNKNOWN_AE', `The Application Entity ${aeTitle} is ${lookup.status} on this device.`)
}

const serviceOf = (options: Options, metrics: Metrics, now: () => Running): Service => ({
  configuration: () => now().keeper.inForce.configuration,
  desk: () => now().desk,
  strictness: options.strictness,
  origins: {
    allowedHosts: options.allowedHosts,
    allowedOrigins: options.allowedOrigins,
    trustProxy: options.host.trustProxy,
  },
  prefix: options.prefix,
  bodyLimit: options.bodyLimit,
  logger: options.host.logger,
  counters: metrics,
  graphql: options.graphql && ((ctx, next) => now().graphql?.middleware(ctx, next)),
  channels: (subscriber) => now().delivery.channels(subscriber),
  administration: {
    configuration: () => describeConfiguration(now().keeper.inForce, now().keeper.trouble),
    async reload() {
      const reloaded = await now().keeper.reload()
      return reloaded.outcome === 'refused' ? shown(reloaded.trouble, now()) : undefined
    },
    trouble: () => shown(now().keeper.trouble, now()),
    search: () => now().cluster?.status(),
    reindex: (progress) => reindexed(now(), progress),
  },
})

async function reindexed({ cluster, desk }: Running, progress?: Progress): Promise<number> {
  if (!cluster) return desk.store.reindex(progress)
  const { indexed } = await cluster.reindex(progress)
  return indexed
}

const shown = (trouble: Trouble | undefined, { keeper }: Running): ShownTrouble | undefined =>
  trouble && describeTrouble(trouble, keeper.inForce.configuration.source)

function callbackOf(middleware: Middleware, { host }: Options): RequestListener {
  const app = new Koa({ proxy: host.trustProxy })
  app.silent = true
  // What reaches this is a connection that broke while an answer was being sent.
  app.on('error', (err: unknown) => host.logger.debug({ err }, 'answer not sent'))
  app.use(middleware)
  const callback = app.callback()
  return (request, response) => void callback(request, response)
}

/** What was opened before something failed is closed again. */
async function open(options: Options, metrics: Metrics, service: GraphqlService): Promise<Running> {
  const closers: (() => void | Promise<void>)[] = []
  try {
    const keeper = await ConfigurationKeeper.open(keeperOptions(options, metrics))
    closers.push(() => keeper.close())
    const { store, close } = openStore(options)
    if (close) closers.push(close)
    const delivery = await startDelivery(store, keeper, options, metrics)
    closers.push(() => delivery.stop())
    const cluster = await startCluster(store, keeper, options, metrics)
    if (cluster) closers.push(() => cluster.stop())
    const feed = Feed.start(store)
    closers.push(() => feed.stop())
    const graphql = await startGraphql(options, service)
    if (graphql) closers.push(() => graphql.stop())
    keeper.begin()
    void forgetEntries(store)
    const { clock, logger } = options.host
    const desk = { store, engine: cluster, turns: new Turns(), clock, tally: metrics, logger }
    return { keeper, desk, delivery, cluster, feed, graphql, closers }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

/** Its libraries are large: who has no use for it does not load them. */
async function startGraphql(
  { graphql, bodyLimit, channels }: Options,
  service: GraphqlService,
): Promise<Graphql | undefined> {
  if (!graphql) return undefined
  const { createGraphql } = await import('./graphql/graphql.ts')
  return createGraphql(service, { ...graphql, bodyLimit, channels })
}

/** The cluster may be away: the store searches by itself until it is there. Its client is large: only who has one loads it. */
async function startCluster(
  store: Store,
  keeper: ConfigurationKeeper,
  { search, host: { logger } }: Options,
  metrics: Metrics,
): Promise<ElasticsearchSearch | undefined> {
  if (search === 'embedded') return undefined
  const engine = await import('./search/elasticsearch-search.ts')
  const timeZone = () => keeper.inForce.configuration.settings.timeZone.value
  return engine.ElasticsearchSearch.start(search, { store, timeZone, logger, tally: metrics.search })
}

function startDelivery(
  store: Store,
  keeper: ConfigurationKeeper,
  { channels, reportPositions, host }: Options,
  { delivery: tally }: Metrics,
): Promise<Delivery> {
  const settings = () => keeper.inForce.configuration.settings
  const ports = {
    backlog: store,
    async present(uid: string) {
      const loaded = await store.load(uid)
      return loaded.is === 'there' ? stringifyDataset(initialReport(loaded.workitem).information) : undefined
    },
    replenish: (subscriber: string) => announceNext(subscriber, store, settings().timeZone.value),
    queueSize: (subscriber: string) => settings().eventQueueSizes.value.get(subscriber) ?? DEFAULT_EVENT_QUEUE_SIZE,
    fallback: () => [...settings().eventQueueSizes.value.keys()],
    logger: host.logger,
    tally,
  }
  return Delivery.start(ports, { ...channels, withPositions: reportPositions })
}

function keeperOptions(options: Options, metrics: Metrics): KeeperOptions {
  return {
    directory: directoryOf(options),
    deviceName: options.device,
    lastGood: options.lastGood === undefined ? undefined : lastGoodFile(options.lastGood),
    pollInterval: options.pollInterval,
    clock: options.host.clock,
    onEvent: configurationEvents(options.host.logger, metrics),
  }
}

/** A store that the host lends is not ours to close. */
function openStore({ store, host: { logger } }: Options): {
  readonly store: Store
  readonly close?: () => Promise<void>
} {
  if (typeof store === 'object') return { store }
  const own = openSqliteStore({ file: sqliteFile(store) })
  if (!own.isIndexed) {
    logger.info({}, 'the index of search is being made; searches look at every workitem meanwhile')
    void own.indexed.then((done) =>
      logger.info({ done }, done ? 'the index of search is made' : 'the index of search is made at the next start'),
    )
  }
  return { store: own, close: () => own.close() }
}
