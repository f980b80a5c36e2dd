/**
 * An LDAP server as a directory. Every reading is a connection of its own: what became of an earlier one does not matter,
 * and a server that comes back is found again by the next.
 */
import { hash, X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { AndFilter, EqualityFilter, type Filter, InvalidAsn1Error, OrFilter } from 'ldapts'
import { UpsError } from '../errors.ts'
import { type DeviceTree, type Directory, DirectoryError, valuesOf } from './directory.ts'
import { parseDn } from './dn.ts'
import { LdapConnection, type Timeouts } from './ldap-connection.ts'
import { decodeEntry, type EncodedEntry } from './ldap-entry.ts'
import { LdapFailure, notLdapFailure, RESULT } from './ldap-failures.ts'
import type { LdapUrl } from './ldap-url.ts'
import { SETTINGS } from './settings.ts'

export { isLdapUrl, parseLdapUrl } from './ldap-url.ts'

export interface LdapBind {
  readonly dn: string
  /** A function is asked at each reading. */
  readonly password: string | (() => Promise<string> | string)
}

export interface LdapDirectoryOptions {
  readonly url: LdapUrl
  /** A simple bind; without it the server is asked anonymously. */
  readonly bind?: LdapBind
  /** TLS by StartTLS, for `ldap://`. */
  readonly startTls?: boolean
  /** The authorities to trust in place of those of the system: certificates, PEM. */
  readonly ca?: string
  /** Milliseconds. Default: 5 s for a connection, 10 s for each answer. */
  readonly timeouts?: Partial<Timeouts>
}

const TIMEOUTS: Timeouts = { connect: 5_000, operation: 10_000 }

/** Most servers give a tree in one page, so that a look at it is one search; those that limit pages let 500 pass. */
const LARGE_PAGE = 5_000
const SMALL_PAGE = 500

const LISTED_DEVICES = 20

/** Opens nothing until it is read. @throws UpsError UPS_BAD_OPTION for options that contradict each other */
export function ldapDirectory(options: LdapDirectoryOptions): Directory {
  checkOptions(options)
  return new LdapDirectory(options)
}

interface Search {
  readonly base: string
  readonly filter: Filter
  readonly attributes: readonly string[]
}

class LdapDirectory implements Directory {
  readonly source: string
  readonly #options: LdapDirectoryOptions
  /** In error texts: who is shown less than others may be. */
  readonly #client: string
  /** DNs by device name, so that a stamp is one search. */
  readonly #found = new Map<string, string>()
  #pageSize = LARGE_PAGE
  #secureContext: SecureContext | undefined

  constructor(options: LdapDirectoryOptions) {
    this.source = options.url.text
    this.#options = options
    this.#client = options.bind ? 'that bind DN' : 'somebody who has not bound'
  }

  readDevice(deviceName: string): Promise<DeviceTree> {
    return this.#connected(async (connection) => {
      const dn = await this.#findDevice(connection, deviceName)
      const search = { base: dn, filter: deviceAndAEs(deviceName), attributes: ALL_USER_ATTRIBUTES }
      const tree = treeOf(dn, await this.#search(connection, search))
      if (!tree) throw unusable(`${this.source} no longer holds the device ${deviceName}, which was ${dn}.`)
      return tree
    })
  }

  stampDevice(deviceName: string): Promise<string> {
    return this.#connected(async (connection) => {
      const entriesBelow = (base: string): Promise<readonly EncodedEntry[]> =>
        this.#search(connection, { base, filter: deviceAndAEs(deviceName), attributes: STAMPED_ATTRIBUTES })
      const known = this.#found.get(deviceName)
      const entries = known === undefined ? undefined : await entriesBelow(known).catch(ifNoSuchObject)
      return stampOf(entries ?? (await entriesBelow(await this.#findDevice(connection, deviceName))))
    })
  }

  /** The DN of the only device of that name. */
  async #findDevice(connection: LdapConnection, deviceName: string): Promise<string> {
    this.#found.delete(deviceName)
    const { base } = this.#options.url
    const search = { base, filter: deviceNamed(deviceName), attributes: ['dicomDeviceName'] }
    const entries = await this.#search(connection, search).catch(ifNoSuchObject)
    if (!entries) throw unusable(`${this.source} shows no entry ${base} to ${this.#client}.`)
    const dns = entries.map((entry) => decodeEntry(entry).dn)
    const [dn, another] = dns
    if (dn === undefined) {
      throw unusable(`${this.source} holds no device ${deviceName}; ${await this.#listDevices(connection)}.`)
    }
    if (another !== undefined) {
      throw unusable(`${this.source} holds the device ${deviceName} more than once: ${dns.join(' and ')}.`)
    }
    this.#found.set(deviceName, dn)
    return dn
  }

  async #listDevices(connection: LdapConnection): Promise<string> {
    const search = { base: this.#options.url.base, filter: isA('dicomDevice'), attributes: ['dicomDeviceName'] }
    const entries = await connection.search({ ...search, want: { first: LISTED_DEVICES + 1 } })
    const names = entries.flatMap((entry) => valuesOf(decodeEntry(entry), 'dicomDeviceName'))
    if (names.length === 0) return `it shows none at all to ${this.#client}`
    return `it holds ${names.slice(0, LISTED_DEVICES).join(', ')}${names.length > LISTED_DEVICES ? ' and others' : ''}`
  }

  async #search(connection: LdapConnection, search: Search): Promise<readonly EncodedEntry[]> {
    try {
      return await connection.search({ ...search, want: { pagesOf: this.#pageSize } })
    } catch (error) {
      if (this.#pageSize === SMALL_PAGE || !isLimit(error)) throw error
      this.#pageSize = SMALL_PAGE
      return connection.search({ ...search, want: { pagesOf: this.#pageSize } })
    }
  }

  /** A connection for `use`, bound as the options say; closed whatever happens. @throws DirectoryError */
  async #connected<T>(use: (connection: LdapConnection) => Promise<T>): Promise<T> {
    const { url, startTls, bind, timeouts } = this.#options
    try {
      const password = bind && (await passwordOf(bind))
      const server = { ...url, secureContext: () => this.#authorities() }
      const connection = await LdapConnection.open(server, { ...TIMEOUTS, ...timeouts })
      try {
        if (startTls) await connection.startTls()
        if (bind && password !== undefined) await connection.bind(bind.dn, password)
        return await use(connection)
      } finally {
        await connection.close()
      }
    } catch (error) {
      throw directoryError(this.source, error)
    }
  }

  /** Those given, or those of the system and of Node. */
  #authorities(): SecureContext {
    return (this.#secureContext ??= createSecureContext({
      ca: this.#options.ca ?? [...getCACertificates('system'), ...getCACertificates('default')],
    }))
  }
}

function checkOptions({ url, startTls = false, ca, bind }: LdapDirectoryOptions): void {
  if (url.tls && startTls) throw bad(`StartTLS is for ldap://; ${url.text} speaks TLS from the start.`)
  if (ca !== undefined && !url.tls && !startTls) {
    throw bad(`A CA is given, but ${url.text} is asked without TLS; that takes ldaps:// or StartTLS.`)
  }
  if (ca !== undefined && !isCertificate(ca))
    throw bad('The CA of the LDAP server cannot be used, expected a certificate in PEM form.')
  // A server takes a name without a password, or the other way round, for nobody (RFC 4513 5.1.2).
  if (bind && bind.dn.trim() === '') throw bad('The bind DN is empty.')
}

const bad = (message: string): UpsError => new UpsError('UPS_BAD_OPTION', message)

function isCertificate(text: string): boolean {
  try {
    return Boolean(new X509Certificate(text))
  } catch {
    return false
  }
}

async function passwordOf({ password }: LdapBind): Promise<string> {
  let given: string
  try {
    given = typeof password === 'string' ? password : await password()
  } catch (cause) {
    throw new LdapFailure('unreachable', 'the password of the bind DN cannot be read', { cause })
  }
  if (given === '') throw new LdapFailure('unreachable', 'the password of the bind DN is empty')
  return given
}

function directoryError(source: string, error: unknown): unknown {
  if (error instanceof InvalidAsn1Error) return directoryError(source, notLdapFailure(error))
  if (!(error instanceof LdapFailure)) return error
  const { failure, message, cause } = error
  return new DirectoryError(failure, `${source} cannot be read: ${message}.`, cause === undefined ? {} : { cause })
}

const unusable = (message: string): DirectoryError => new DirectoryError('unusable', message)

const ALL_USER_ATTRIBUTES = ['*']

/**
 * Every setting, so that a change of one is seen on any server; and what servers change with every change, so that others
 * are seen as well: entryCSN (OpenLDAP), modifyTimestamp (all, though a second change in the same second is lost on it).
 */
const STAMPED_ATTRIBUTES = [
  'entryCSN',
  'modifyTimestamp',
  'dicomDescription',
  ...Object.values(SETTINGS).map(({ attribute }) => attribute),
]

// Filters are sent as values, not as text: nothing needs escaping.
const equal = (attribute: string, value: string): Filter => new EqualityFilter({ attribute, value })
const isA = (objectClass: string): Filter => equal('objectClass', objectClass)
const deviceNamed = (name: string): Filter =>
  new AndFilter({ filters: [isA('dicomDevice'), equal('dicomDeviceName', name)] })
const deviceAndAEs = (deviceName: string): Filter =>
  new OrFilter({ filters: [deviceNamed(deviceName), isA('dicomNetworkAE')] })

const LIMITS: ReadonlySet<number | undefined> = new Set([
  RESULT.sizeLimitExceeded,
  RESULT.adminLimitExceeded,
  RESULT.unwillingToPerform,
])
const isLimit = (error: unknown): boolean => error instanceof LdapFailure && LIMITS.has(error.resultCode)

function ifNoSuchObject(error: unknown): undefined {
  if (error instanceof LdapFailure && error.resultCode === RESULT.noSuchObject) return undefined
  throw error
}

/** undefined: the device is not among the entries. */
function treeOf(deviceDn: string, encoded: readonly EncodedEntry[]): DeviceTree | undefined {
  const key = keysOf(deviceDn).key
  const entries = encoded.map(decodeEntry).map((entry) => ({ entry, dn: keysOf(entry.dn) }))
  const device = entries.find(({ dn }) => dn.key === key)
  const below = entries.filter(({ dn }) => dn.parentKey === key)
  return device && { device: device.entry, networkAEs: below.map(({ entry }) => entry) }
}

function keysOf(text: string): { readonly key: string; readonly parentKey: string } {
  const dn = parseDn(text)
  if (!dn) throw new LdapFailure('unusable', `it gives an entry a DN that is none (RFC 4514): ${text}`)
  return dn
}

const stampOf = (entries: readonly EncodedEntry[]): string => hash('sha256', Buffer.concat(entries), 'base64url')
