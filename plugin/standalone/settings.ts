/** From flags and variables to what the host needs, or a sentence that says which of them is wrong. */
import { UpsError, type UpsPluginOptions } from '../index.ts'
import { BIND_PASSWORD_VARIABLE, FLAGS, type FlagKey, LDAP_FLAGS } from './flags.ts'
import { graphqlSettings } from './graphql-settings.ts'
import { searchSettings } from './search-settings.ts'
import { bad, readFile, readList, readText, type GivenFlags, secretFile, type Variables } from './given.ts'

export interface HostSettings {
  readonly host: string
  readonly port: number
  readonly logLevel: string
  readonly plugin: Omit<UpsPluginOptions, 'host'>
}

/** @throws UpsError UPS_BAD_OPTION */
export function hostSettings(given: GivenFlags, variables: Variables): HostSettings {
  const read = (key: FlagKey): string | undefined => readText(key, given, variables)
  const [prefix, strictness, store] = [read('prefix'), read('strictness'), read('store')]
  const host = loopback(read('host') ?? FLAGS.host.default)
  return {
    host,
    port: port(read('port') ?? FLAGS.port.default),
    logLevel: logLevel(read('logLevel') ?? FLAGS.logLevel.default),
    plugin: {
      ...directorySettings(given, variables),
      ...(prefix === undefined ? {} : { prefix }),
      ...(store === undefined ? {} : { store }),
      search: searchSettings(given, variables),
      graphql: graphqlSettings(given, variables),
      // Checked by the plugin, which names the option; the type is what the check is for.
      ...(strictness === undefined ? {} : { strictness: strictness as 'lenient' | 'strict' }),
      allowedHosts: [...LOOPBACK_NAMES, inUrl(host), ...readList('allowHost', given, variables).map(hostName)],
      allowedOrigins: readList('allowOrigin', given, variables),
      reportPositions: readSwitch('reportPositions', given, variables),
    },
  }
}

/** Which directory, and how it is spoken to: all that `check-config` needs. */
export function directorySettings(
  given: GivenFlags,
  variables: Variables,
): Pick<UpsPluginOptions, 'config' | 'device' | 'ldap'> {
  refuseWithoutLdap(given, variables)
  refusePasswordOfNobody(given, variables)
  const read = (key: FlagKey): string | undefined => readText(key, given, variables)
  const [config, device, ca, bindDn] = [read('config'), read('device'), read('ldapCa'), read('bindDn')]
  return {
    ...(config === undefined ? {} : { config }),
    ...(device === undefined ? {} : { device }),
    ldap: {
      ...(bindDn === undefined ? {} : { bindDn }),
      bindPassword: bindPassword(read('bindPasswordFile'), variables),
      startTls: readSwitch('ldapStarttls', given, variables),
      ...(ca === undefined ? {} : { ca: readFile('ldapCa', ca) }),
    },
  }
}

/** A file is read at every bind, so that a password can be changed. */
const bindPassword = (file: string | undefined, variables: Variables): string | (() => string) =>
  file === undefined ? (variables[BIND_PASSWORD_VARIABLE] ?? '') : secretFile('bindPasswordFile', file)

function readSwitch(key: FlagKey, given: GivenFlags, variables: Variables): boolean {
  if (given[key] === true) return true
  const text = variables[FLAGS[key].variable] ?? ''
  if (['true', '1'].includes(text)) return true
  if (['', 'false', '0'].includes(text)) return false
  throw bad(key, text, 'true, false, 1 or 0')
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** An IPv6 address stands in brackets there. */
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

function hostName(text: string): string {
  if (/^([\w.-]+|\[[\da-fA-F:.]+\])$/.test(text)) return text
  throw bad('allowHost', text, 'a host name without scheme and port')
}

function refuseWithoutLdap(given: GivenFlags, variables: Variables): void {
  if (/^ldaps?:/i.test(readText('config', given, variables) ?? '')) return
  for (const key of LDAP_FLAGS) {
    const { name, variable } = FLAGS[key]
    if (given[key] === undefined && !variables[variable]) continue
    throw new UpsError('UPS_BAD_OPTION', `${name} (${variable}) is for LDAP servers, and --config names none.`)
  }
}

/** Without a DN the server would be asked as nobody, and the password be of no use. */
function refusePasswordOfNobody(given: GivenFlags, variables: Variables): void {
  const file = readText('bindPasswordFile', given, variables)
  if (readText('bindDn', given, variables) !== undefined) return
  if (file === undefined && !variables[BIND_PASSWORD_VARIABLE]) return
  throw new UpsError(
    'UPS_BAD_OPTION',
    `There is a password to bind with, but no ${FLAGS.bindDn.name} (${FLAGS.bindDn.variable}).`,
  )
}

/** Whoever can reach the port may change everything: not before there is authentication (decisions.md 1). */
function loopback(host: string): string {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return host
  throw bad(
    'host',
    host,
    'a loopback address such as 127.0.0.1, ::1 or localhost, since there is no authentication yet',
  )
}

function port(text: string): number {
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number <= 65_535) return number
  throw bad('port', text, 'a number from 0 to 65535')
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

function logLevel(text: string): string {
  if (LOG_LEVELS.includes(text)) return text
  throw bad('logLevel', text, `one of ${LOG_LEVELS.join(', ')}`)
}
