/**
 * The command line of the stand-alone host: every flag once, with its variable, default and meaning (decisions.md 9).
 * A flag wins over a variable; an empty variable counts as none.
 */
import { DEFAULTS } from '../options.ts'

export interface Flag {
  readonly name: string
  /** What stands after it in the help; absent: it is a switch. */
  readonly value?: string
  readonly variable: string
  readonly default?: string
  readonly doc: string
  /** May be given several times, or as a comma list. */
  readonly list?: true
}

export const FLAGS = {
  host: {
    name: '--host',
    value: '<address>',
    variable: 'ARCHIVE_UPS_HOST',
    default: '127.0.0.1',
    doc: 'address to listen on; loopback only, while there is no authentication',
  },
  port: {
    name: '--port',
    value: '<number>',
    variable: 'ARCHIVE_UPS_PORT',
    default: '8080',
    doc: 'port to listen on; 0: any free one',
  },
  prefix: {
    name: '--prefix',
    value: '<path>',
    variable: 'ARCHIVE_UPS_PREFIX',
    default: DEFAULTS.prefix,
    doc: 'path in front of everything',
  },
  config: {
    name: '--config',
    value: '<path|url>',
    variable: 'ARCHIVE_UPS_CONFIG',
    doc: 'LDIF file or folder, ldap://host:port/BASE-DN or ldaps://... (default: the sample that comes with the package)',
  },
  device: {
    name: '--device',
    value: '<name>',
    variable: 'ARCHIVE_UPS_DEVICE',
    default: DEFAULTS.device,
    doc: 'dicomDeviceName of the archive',
  },
  bindDn: { name: '--bind-dn', value: '<dn>', variable: 'ARCHIVE_UPS_BIND_DN', doc: 'who binds to the directory' },
  bindPasswordFile: {
    name: '--bind-password-file',
    value: '<path>',
    variable: 'ARCHIVE_UPS_BIND_PASSWORD_FILE',
    doc: 'file with the password of the bind',
  },
  ldapStarttls: { name: '--ldap-starttls', variable: 'ARCHIVE_UPS_LDAP_STARTTLS', doc: 'StartTLS before the bind' },
  ldapCa: {
    name: '--ldap-ca',
    value: '<path>',
    variable: 'ARCHIVE_UPS_LDAP_CA',
    doc: 'certificates of authorities, PEM',
  },
  strictness: {
    name: '--strictness',
    value: '<lenient|strict>',
    variable: 'ARCHIVE_UPS_STRICTNESS',
    default: DEFAULTS.strictness,
    doc: 'what becomes of a missing type 2 attribute: added as empty, or refused',
  },
  allowHost: {
    name: '--allow-host',
    value: '<name>',
    variable: 'ARCHIVE_UPS_ALLOW_HOST',
    list: true,
    doc: 'host name that requests may be for (default: the loopback names)',
  },
  allowOrigin: {
    name: '--allow-origin',
    value: '<origin>',
    variable: 'ARCHIVE_UPS_ALLOW_ORIGIN',
    list: true,
    doc: 'origin of web pages of the same site that may send requests (default: none but its own)',
  },
  reportPositions: {
    name: '--report-positions',
    variable: 'ARCHIVE_UPS_REPORT_POSITIONS',
    doc: 'event reports carry their position in a private attribute, so that a client can drop a repeated one',
  },
  store: {
    name: '--store',
    value: '<sqlite:path>',
    variable: 'ARCHIVE_UPS_STORE',
    default: DEFAULTS.store,
    doc: 'where workitems are kept',
  },
  search: {
    name: '--search',
    value: '<embedded|url>',
    variable: 'ARCHIVE_UPS_SEARCH',
    default: DEFAULTS.search,
    doc: 'what answers searches: the store, or Elasticsearch at http(s)://host:port, several separated by commas',
  },
  searchUser: {
    name: '--search-user',
    value: '<name>',
    variable: 'ARCHIVE_UPS_SEARCH_USER',
    doc: 'user of the search cluster',
  },
  searchPasswordFile: {
    name: '--search-password-file',
    value: '<path>',
    variable: 'ARCHIVE_UPS_SEARCH_PASSWORD_FILE',
    doc: 'file with the password of that user',
  },
  searchApiKeyFile: {
    name: '--search-api-key-file',
    value: '<path>',
    variable: 'ARCHIVE_UPS_SEARCH_API_KEY_FILE',
    doc: 'file with an API key (encoded form), instead of a user',
  },
  searchCa: {
    name: '--search-ca',
    value: '<path>',
    variable: 'ARCHIVE_UPS_SEARCH_CA',
    doc: 'certificates of authorities for https, PEM',
  },
  graphiql: {
    name: '--graphiql',
    value: '<loopback|on|off>',
    variable: 'ARCHIVE_UPS_GRAPHIQL',
    default: 'loopback',
    doc: 'whether GraphiQL is shown at /graphql: to browsers on this machine, to all, or not',
  },
  graphqlIntrospection: {
    name: '--graphql-introspection',
    value: '<on|off>',
    variable: 'ARCHIVE_UPS_GRAPHQL_INTROSPECTION',
    default: 'on',
    doc: 'whether clients may ask for the schema of GraphQL',
  },
  graphqlDocuments: {
    name: '--graphql-documents',
    value: '<path>',
    variable: 'ARCHIVE_UPS_GRAPHQL_DOCUMENTS',
    doc: 'JSON file with documents of GraphQL by their id; no others are run then',
  },
  logLevel: {
    name: '--log-level',
    value: '<level>',
    variable: 'ARCHIVE_UPS_LOG_LEVEL',
    default: 'info',
    doc: 'trace, debug, info, warn, error, fatal or silent',
  },
} as const satisfies Readonly<Record<string, Flag>>

export type FlagKey = keyof typeof FLAGS

/** Secrets have no flag: a command line can be read by everybody on the machine. */
export const BIND_PASSWORD_VARIABLE = 'ARCHIVE_UPS_BIND_PASSWORD'

export const SEARCH_PASSWORD_VARIABLE = 'ARCHIVE_UPS_SEARCH_PASSWORD'
export const SEARCH_API_KEY_VARIABLE = 'ARCHIVE_UPS_SEARCH_API_KEY'

/** The flags that say how the search cluster is spoken to. */
export const SEARCH_FLAGS = [
  'searchUser',
  'searchPasswordFile',
  'searchApiKeyFile',
  'searchCa',
] as const satisfies readonly FlagKey[]

/** The flags that say which directory, and how it is spoken to. */
export const LDAP_FLAGS = ['bindDn', 'bindPasswordFile', 'ldapStarttls', 'ldapCa'] as const satisfies readonly FlagKey[]
export const DIRECTORY_FLAGS = ['config', 'device', ...LDAP_FLAGS] as const satisfies readonly FlagKey[]
