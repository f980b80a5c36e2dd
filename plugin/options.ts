/** Every option of the plugin once: type, default, unit, check. */
import { createSecureContext } from 'node:tls'
import type { Directory } from './config/directory.ts'
import { UpsError } from './errors.ts'
import { type GraphqlOptions, graphqlOption } from './graphql-options.ts'
import type { GraphqlSettings } from './graphql/ports.ts'
import { type Host, SILENT } from './host.ts'
import { bad, positive, text, yesOrNo } from './option-checks.ts'
import type { ElasticsearchSettings } from './search/settings.ts'
import type { Store } from './store/store.ts'
import type { Strictness } from './ups/policy.ts'

export interface LdapOptions {
  /** Who binds, with a simple bind. Default: nobody, the server is asked anonymously. */
  readonly bindDn?: string
  /** Asked for at every bind when it is a function. */
  readonly bindPassword?: string | (() => string | Promise<string>)
  /** StartTLS before the bind, for `ldap://`. Default: false. */
  readonly startTls?: boolean
  /** Certificates of the authorities that are trusted, PEM. Default: those of the system. */
  readonly ca?: string
  /** Milliseconds. Default: 5 000 for a connection, 10 000 for each answer. */
  readonly timeouts?: { readonly connect?: number; readonly operation?: number }
}

export interface UpsPluginOptions {
  /** dicomDeviceName of the archive in the directory. Default: `archive`. */
  readonly device?: string
  /**
   * `ldap://host:port/BASE-DN`, `ldaps://...`, the path of an LDIF file or folder, or a directory that the host brings.
   * Default: the sample that comes with us.
   */
  readonly config?: string | Directory
  /** How to speak to an LDAP server. */
  readonly ldap?: LdapOptions
  /**
   * File for the last good configuration, from which the service starts while its directory is away or broken. Default:
   * beside the embedded store, `worklist.db.configuration.json`; none beside a store that the host lends.
   */
  readonly lastGood?: string
  /** How often the directory is looked at, in milliseconds. Default: 60 000. */
  readonly pollInterval?: number
  /** `sqlite:PATH`, or a store that the host lends (and closes itself). Default: `sqlite:data/worklist.db`. */
  readonly store?: string | Store
  /** What answers searches before the store does: nothing (`embedded`, the default), or Elasticsearch. */
  readonly search?: 'embedded' | ElasticsearchSettings
  /** The GraphQL face at `{prefix}/graphql`; false: there is none. Default: there is, with the defaults of its options. */
  readonly graphql?: false | GraphqlOptions
  /** Path in front of everything. Default: `/`. */
  readonly prefix?: string
  /** What becomes of a missing type 2 attribute. Default: `lenient`: it is added as empty, and the answer says so. */
  readonly strictness?: Strictness
  /** Host names that requests may be for, without port. Default: any; the host in front is trusted to look. */
  readonly allowedHosts?: readonly string[]
  /** Origins of web pages that may send requests, as `https://host[:port]`. Default: none but the request's own. */
  readonly allowedOrigins?: readonly string[]
  /** The largest payload of a request, in bytes. Default: 5 MiB. */
  readonly bodyLimit?: number
  /** How long `stop` waits for requests under way, in milliseconds. Default: 10 000. */
  readonly drainTimeout?: number
  /**
   * Event reports carry their position as a private attribute, so that a client can drop one that is repeated after a
   * connection broke. Default: false.
   */
  readonly reportPositions?: boolean
  /**
   * Event channels, in milliseconds. `ping`: how often an idle one is pinged, default 30 000. `deadAfter`: how long one may
   * neither send anything nor take what it is sent before it is closed, default 60 000.
   */
  readonly channels?: { readonly ping?: number; readonly deadAfter?: number }
  readonly host?: Host
}

export interface Options {
  readonly device: string
  readonly config: string | Directory | undefined
  readonly ldap: LdapOptions & Required<Pick<LdapOptions, 'bindPassword' | 'startTls'>>
  readonly lastGood: string | undefined
  readonly pollInterval: number
  readonly store: string | Store
  readonly search: 'embedded' | ElasticsearchSettings
  readonly graphql: Omit<GraphqlSettings, 'bodyLimit' | 'channels'> | undefined
  /** Without a slash at its end: empty, or `/path`. */
  readonly prefix: string
  readonly strictness: Strictness
  readonly allowedHosts: ReadonlySet<string> | undefined
  readonly allowedOrigins: ReadonlySet<string>
  readonly bodyLimit: number
  readonly drainTimeout: number
  readonly reportPositions: boolean
  readonly channels: { readonly ping: number; readonly deadAfter: number }
  readonly host: Required<Host>
}

export const DEFAULTS = {
  device: 'archive',
  pollInterval: 60_000,
  store: 'sqlite:data/worklist.db',
  search: 'embedded',
  prefix: '/',
  strictness: 'lenient',
  bodyLimit: 5 * 1024 * 1024,
  drainTimeout: 10_000,
  reportPositions: false,
  channels: { ping: 30_000, deadAfter: 60_000 },
} as const

/** @throws UpsError UPS_BAD_OPTION that names the option, its value and what was expected */
export function checkOptions(given: UpsPluginOptions): Options {
  refuseUnknown(given)
  const store = storeOption(given.store ?? DEFAULTS.store)
  return {
    device: text('device', given.device ?? DEFAULTS.device),
    config: given.config,
    ldap: { bindPassword: '', startTls: false, ...given.ldap },
    lastGood: given.lastGood ?? besideStore(store),
    pollInterval: positive('pollInterval', given.pollInterval ?? DEFAULTS.pollInterval),
    store,
    search: searchOption(given.search ?? DEFAULTS.search),
    graphql: graphqlOption(given.graphql ?? {}),
    prefix: prefixOption(given.prefix ?? DEFAULTS.prefix),
    strictness: strictnessOption(given.strictness ?? DEFAULTS.strictness),
    allowedHosts:
      given.allowedHosts && new Set(given.allowedHosts.map((name) => text('allowedHosts', name).toLowerCase())),
    allowedOrigins: new Set((given.allowedOrigins ?? []).map(originOption)),
    bodyLimit: positive('bodyLimit', given.bodyLimit ?? DEFAULTS.bodyLimit),
    drainTimeout: positive('drainTimeout', given.drainTimeout ?? DEFAULTS.drainTimeout),
    reportPositions: yesOrNo('reportPositions', given.reportPositions ?? DEFAULTS.reportPositions),
    channels: {
      ping: positive('channels.ping', given.channels?.ping ?? DEFAULTS.channels.ping),
      deadAfter: positive('channels.deadAfter', given.channels?.deadAfter ?? DEFAULTS.channels.deadAfter),
    },
    host: {
      logger: given.host?.logger ?? SILENT,
      trustProxy: given.host?.trustProxy ?? false,
      clock: given.host?.clock ?? (() => new Date()),
    },
  }
}

const NAMES: ReadonlySet<string> = new Set<keyof UpsPluginOptions>([
  'device',
  'config',
  'ldap',
  'lastGood',
  'pollInterval',
  'store',
  'search',
  'graphql',
  'prefix',
  'strictness',
  'allowedHosts',
  'allowedOrigins',
  'bodyLimit',
  'drainTimeout',
  'reportPositions',
  'channels',
  'host',
])

function refuseUnknown(given: UpsPluginOptions): void {
  for (const name of Object.keys(given)) {
    // Its value may be a secret that got under a wrong name.
    if (NAMES.has(name)) continue
    throw new UpsError('UPS_BAD_OPTION', `There is no option ${name}; expected one of ${[...NAMES].join(', ')}.`)
  }
}

function strictnessOption(value: unknown): Strictness {
  if (value === 'lenient' || value === 'strict') return value
  throw bad('strictness', value, 'lenient or strict')
}

function searchOption(search: 'embedded' | ElasticsearchSettings): 'embedded' | ElasticsearchSettings {
  if (search === 'embedded') return search
  if (typeof search !== 'object' || !Array.isArray(search.nodes) || search.nodes.length === 0) {
    throw bad('search', typeof search === 'object' ? 'without nodes' : search, 'embedded, or nodes of Elasticsearch')
  }
  search.nodes.forEach(checkNode)
  if (search.apiKey !== undefined && search.username !== undefined) {
    throw bad('search', 'with both', 'a user or an API key, not both')
  }
  if (search.password !== undefined && search.username === undefined) {
    throw bad('search', 'with a password', 'a user to whom it belongs')
  }
  const isSecure = search.nodes.every((node: string) => node.toLowerCase().startsWith('https:'))
  if (search.ca !== undefined && !isSecure) throw bad('search.nodes', search.nodes, 'https, since there is a CA')
  if (search.ca !== undefined) checkCa(search.ca)
  if (search.prefix !== undefined && !/^[a-z\d][a-z\d_.-]{0,99}$/.test(search.prefix)) {
    throw bad('search.prefix', search.prefix, 'small letters, digits, -, _ and .')
  }
  return search
}

function checkCa(ca: string): void {
  try {
    createSecureContext({ ca })
    if (ca.includes('-----BEGIN CERTIFICATE-----')) return
  } catch {
    // It is told below.
  }
  throw bad('search.ca', '...', 'certificates in PEM')
}

/** What is wrong is not repeated where it may hold a password. */
function checkNode(node: unknown): void {
  const url = typeof node === 'string' ? URL.parse(node) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw bad('search.nodes', node, 'URLs such as https://search.example:9200')
  }
  if (url.username !== '' || url.password !== '') {
    throw bad('search.nodes', url.host, 'no user in the URL; there are options for it')
  }
  if (url.search !== '' || url.hash !== '') throw bad('search.nodes', url.origin, 'no query in the URL')
}

function prefixOption(value: unknown): string {
  if (value === '/') return ''
  if (typeof value === 'string' && /^(\/[\w.~-]+)+\/?$/.test(value)) return value.replace(/\/$/, '')
  throw bad('prefix', value, 'a path such as / or /dcm4chee-arc')
}

function originOption(value: unknown): string {
  if (typeof value === 'string' && URL.canParse(value)) {
    const { origin } = new URL(value)
    const written = value.toLowerCase().replace(/\/$/, '')
    if (origin !== 'null' && written === origin) return origin
  }
  throw bad('allowedOrigins', value, 'an origin such as https://dashboard.example:8443')
}

/** The path in `sqlite:PATH`. */
export const sqliteFile = (store: string): string => store.slice('sqlite:'.length)

const besideStore = (store: string | Store): string | undefined =>
  typeof store === 'string' ? `${sqliteFile(store)}.configuration.json` : undefined

function storeOption(value: unknown): string | Store {
  if (typeof value === 'object' && value !== null) return value as Store
  if (typeof value === 'string' && /^sqlite:./.test(value)) return value
  const engine = typeof value === 'string' ? /^[a-z]+(?=:)/.exec(value)?.[0] : undefined
  throw engine && engine !== 'sqlite'
    ? new UpsError(
        'UPS_BAD_OPTION',
        `The option store asks for ${engine}, a store that this version does not have; it has sqlite:PATH.`,
      )
    : bad('store', value, 'sqlite:PATH')
}
