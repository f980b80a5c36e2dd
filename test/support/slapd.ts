/**
 * A real slapd (OpenLDAP) as a private process: on a port of 127.0.0.1, its configuration, data and log in a temporary
 * folder of its own. Needs no root, touches no slapd of the machine.
 *
 * Three identities: nobody (anonymous), the reader (a plain account, for which the limits count), and the root, which
 * `add`, `modify`, `delete` and `search` use: it may do everything, schema under cn=schema,cn=config included, and no
 * limit counts for it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { sharedPath } from '../config/shared-directory.ts'
import { temporaryFolder } from './folder.ts'
import { closed, opened } from './leaks.ts'

const ROOT = { dn: 'cn=admin,cn=config', password: 'root-secret' } as const
const READER = { dn: 'cn=reader,o=accounts', password: 'reader-secret' } as const
const SUFFIXES = ['dc=archive,dc=example', 'dc=dcm4che,dc=org']
const ANSWERS_WITHIN_MS = 15_000
const NO_SUCH_OBJECT = 32

const firstThatExists = (paths: readonly string[]): string | undefined => paths.find((path) => existsSync(path))

const PROGRAM_FOLDERS = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/libexec',
]
const program = (name: string): string | undefined =>
  firstThatExists(PROGRAM_FOLDERS.filter(Boolean).map((folder) => join(folder, name)))

const PROGRAMS = ['slapd', 'slapadd', 'ldapadd', 'ldapmodify', 'ldapdelete', 'ldapsearch'] as const
const missing = PROGRAMS.filter((name) => program(name) === undefined)

/** The schema that OpenLDAP brings along, and its modules where they are not part of the program. */
export const openldapSchemaFolder = firstThatExists(['/etc/ldap/schema', '/etc/openldap/schema'])
export const openldapModuleFolder = firstThatExists(['/usr/lib/ldap', '/usr/lib64/openldap', '/usr/lib/openldap'])

/** Undefined where a slapd can be started; else what is missing, and what to do about it. */
export const slapdMissing: string | undefined =
  missing.length > 0 || openldapSchemaFolder === undefined
    ? `SKIPPED, NO LDAP SERVER HERE (${missing.join(', ') || 'schema of OpenLDAP'} missing): apt-get install slapd ldap-utils`
    : undefined

if (slapdMissing !== undefined) console.warn(`\n!!! ${slapdMissing}\n`)

/** The path of a program of OpenLDAP. */
export function openldapProgram(name: (typeof PROGRAMS)[number] | 'slaptest' | 'slapcat'): string {
  const path = program(name)
  if (path === undefined) throw new Error(slapdMissing ?? `${name} is missing: apt-get install slapd ldap-utils`)
  return path
}

export interface SlapdOptions {
  /**
   * What it knows beyond OpenLDAP's core and cosine: our schema, the one that dcm4chee publishes (from `../shared`), that
   * one with our class upsArchiveNetworkAE on top, or LDIF files, loaded in this order. `[]`: nothing.
   */
  readonly schema: 'ours' | 'dcm4chee' | 'dcm4chee and ours' | readonly string[]
  /** The trees that it holds; they are empty. Default: dc=archive,dc=example and dc=dcm4che,dc=org. */
  readonly suffixes?: readonly string[]
  /** Paths of PEM files, read at every start. With it, `url` speaks StartTLS, and there is `tlsUrl`. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string }
  /** The most entries that one search of anybody but the root gets; after them it ends with sizeLimitExceeded (4). */
  readonly sizeLimit?: number
  /** The same for all pages of a paged search together. Default: unlimited, so that paging helps. */
  readonly pagedSizeLimit?: number
  /** Whether one who has not bound may read. Default: true. The reader may in any case. */
  readonly anonymousRead?: boolean
  /** Default: a free one. */
  readonly port?: number
}

export interface Slapd {
  readonly port: number
  /** `ldap://127.0.0.1:PORT` */
  readonly url: string
  /** `ldaps://127.0.0.1:OTHER_PORT`; throws where the options have no `tls`. */
  readonly tlsUrl: string
  readonly rootDn: string
  readonly rootPassword: string
  /** A plain account that may read everything. The limits count for it. */
  readonly readerDn: string
  readonly readerPassword: string
  readonly folder: string
  /** `ldapadd` as root. This and the three below throw with what the command wrote to stderr. */
  add(ldif: string): Promise<void>
  addFile(path: string): Promise<void>
  /** `ldapmodify` as root. */
  modify(ldif: string): Promise<void>
  /** `ldapdelete` as root. */
  delete(dn: string, options?: { readonly recursive?: boolean }): Promise<void>
  /** What `ldapsearch -LLL` as root writes, a line for each value; the empty text where the base does not exist. */
  search(base: string, filter?: string, attributes?: readonly string[]): Promise<string>
  /** SIGSTOP: takes connections, answers nothing. */
  pause(): void
  /** SIGCONT */
  resume(): void
  /** SIGKILL: refuses connections from now on. */
  kill(): Promise<void>
  /** Again, on the same port with the same data. Fulfilled when it answers. */
  start(): Promise<void>
  /** Ends it for good, and removes the folder. */
  stop(): Promise<void>
  /** Where its log ends now. */
  logOffset(): number
  /** What it logged (level `stats`) since then. */
  logSince(offset: number): string
  /** How many searches it was asked since then, by anybody; each page of a paged one counts. */
  searches(sinceOffset: number): number
}

export async function startSlapd(options: SlapdOptions): Promise<Slapd> {
  const home = temporaryFolder()
  const folder = home.path
  const configuration = join(folder, 'slapd.d')
  const log = join(folder, 'slapd.log')
  const port = options.port ?? (await freePort())
  const tlsPort = options.tls ? await freePort() : undefined
  const url = `ldap://127.0.0.1:${port}`
  const tlsUrl = `ldaps://127.0.0.1:${tlsPort}`

  mkdirSync(configuration)
  writeFileSync(log, '')
  const ldif = join(folder, 'config.ldif')
  writeFileSync(ldif, configurationLdif(folder, options))
  try {
    await openldap('slapadd', ['-n0', '-F', configuration, '-l', ldif])
  } catch (error) {
    home.remove()
    throw error
  }

  const server = new Process(openldapProgram('slapd'), {
    // -d keeps it in the foreground and sends its log to stderr; level 256 is `stats`.
    args: ['-d', '256', '-F', configuration, '-h', tlsPort === undefined ? url : `${url} ${tlsUrl}`],
    log,
  })
  const start = async (): Promise<void> => {
    server.start()
    await answers(server, port, log)
  }
  const handle = {}
  opened(handle, `slapd at ${url}`)
  const stop = async (): Promise<void> => {
    await server.kill()
    home.remove()
    closed(handle)
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }

  const asRoot = ['-x', '-H', url, '-D', ROOT.dn, '-w', ROOT.password]
  const logSince = (offset: number): string => readFileSync(log).subarray(offset).toString()
  return {
    port,
    url,
    get tlsUrl() {
      if (tlsPort === undefined) throw new Error('this slapd was started without tls')
      return tlsUrl
    },
    rootDn: ROOT.dn,
    rootPassword: ROOT.password,
    readerDn: READER.dn,
    readerPassword: READER.password,
    folder,
    add: (text) => openldap('ldapadd', asRoot, { input: text }).then(ignore),
    addFile: (path) => openldap('ldapadd', [...asRoot, '-f', path]).then(ignore),
    modify: (text) => openldap('ldapmodify', asRoot, { input: text }).then(ignore),
    delete: (dn, { recursive = false } = {}) =>
      openldap('ldapdelete', [...asRoot, ...(recursive ? ['-r'] : []), dn]).then(ignore),
    search: (base, filter = '(objectClass=*)', attributes = []) =>
      openldap('ldapsearch', ['-LLL', '-o', 'ldif-wrap=no', ...asRoot, '-b', base, filter, ...attributes], {
        alsoGood: NO_SUCH_OBJECT,
      }),
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    kill: () => server.kill(),
    start,
    stop,
    logOffset: () => statSync(log).size,
    logSince,
    searches: (sinceOffset) => logSince(sinceOffset).match(/ SRCH base=/g)?.length ?? 0,
  }
}

const ignore = (): void => {}

/** What slapd is configured with, as `slapadd -n0` takes it. */
function configurationLdif(folder: string, options: SlapdOptions): string {
  const { suffixes = SUFFIXES, tls, sizeLimit, pagedSizeLimit, anonymousRead = true } = options
  const others = anonymousRead ? 'read' : 'auth'
  const database = (suffix: string, number: number, ...lines: readonly string[]): readonly string[] => {
    const data = join(folder, `data-${number}`)
    mkdirSync(data)
    return [
      'dn: olcDatabase=mdb,cn=config',
      'objectClass: olcDatabaseConfig',
      'objectClass: olcMdbConfig',
      'olcDatabase: mdb',
      `olcDbDirectory: ${data}`,
      `olcSuffix: ${suffix}`,
      'olcDbMaxSize: 268435456',
      // A killed process loses nothing by it, only a machine without power does.
      'olcDbNoSync: TRUE',
      'olcDbIndex: objectClass eq',
      ...lines,
      '',
    ]
  }
  const lines = [
    'dn: cn=config',
    'objectClass: olcGlobal',
    'cn: config',
    'olcLogLevel: none',
    `olcSizeLimit: size=${sizeLimit ?? 'unlimited'} size.prtotal=${pagedSizeLimit ?? 'unlimited'}`,
    ...(tls ? [`olcTLSCertificateFile: ${tls.cert}`, `olcTLSCertificateKeyFile: ${tls.key}`] : []),
    ...(tls?.ca ? [`olcTLSCACertificateFile: ${tls.ca}`] : []),
    '',
    ...moduleLines(),
    'dn: cn=schema,cn=config',
    'objectClass: olcSchemaConfig',
    'cn: schema',
    '',
    ...schemaFiles(options.schema).map((path) => `include: ${pathToFileURL(path).href}`),
    '',
    'dn: olcDatabase=config,cn=config',
    'objectClass: olcDatabaseConfig',
    'olcDatabase: config',
    `olcRootDN: ${ROOT.dn}`,
    `olcRootPW: ${ROOT.password}`,
    '',
    ...suffixes.flatMap((suffix, index) =>
      database(
        suffix,
        index,
        `olcRootDN: ${ROOT.dn}`,
        `olcAccess: to * by dn.exact="${READER.dn}" read by * ${others}`,
      ),
    ),
    // A tree of its own, so that its root is a nobody in the others.
    ...database('o=accounts', suffixes.length, `olcRootDN: ${READER.dn}`, `olcRootPW: ${READER.password}`),
  ]
  return `${lines.join('\n')}\n`
}

function moduleLines(): readonly string[] {
  const folder = openldapModuleFolder
  if (folder === undefined || !readdirSync(folder).includes('back_mdb.la')) return []
  return [
    'dn: cn=module,cn=config',
    'objectClass: olcModuleList',
    'cn: module',
    `olcModulePath: ${folder}`,
    'olcModuleLoad: back_mdb',
    '',
  ]
}

const OUR_SCHEMA = resolve(import.meta.dirname, '../../schema/ldap')

/** Our schema files in the order in which they are loaded. */
export const ourSchemaFiles = (kind: 'ldif' | 'schema'): readonly string[] =>
  ['dicom', 'dcm4chee-compatible', 'upsArchive'].map((name) => join(OUR_SCHEMA, `${name}.${kind}`))

/** The schema files of an unmodified dcm4chee in the order in which they are loaded. */
export function dcm4cheeSchemaFiles(): readonly string[] {
  const folder = sharedPath('ldap', 'dcm4chee')
  if (folder === undefined)
    throw new Error("the schema of dcm4chee is missing: ask `sharedPath('ldap', 'dcm4chee')` first")
  const names = ['1-dicom-schema', '2-dcm4che-schema', '3-archive-schema', '4-archive-ui-schema']
  return names.map((name) => join(folder, `${name}.ldif`))
}

/** OpenLDAP's own schema files that the others build on. */
export function openldapSchemaFiles(kind: 'ldif' | 'schema'): readonly string[] {
  const folder = openldapSchemaFolder
  if (folder === undefined) throw new Error(slapdMissing)
  return ['core', 'cosine'].map((name) => join(folder, `${name}.${kind}`))
}

function schemaFiles(schema: SlapdOptions['schema']): readonly string[] {
  const own = openldapSchemaFiles('ldif')
  if (typeof schema !== 'string') return [...own, ...schema.map((path) => resolve(path))]
  if (schema === 'ours') return [...own, ...ourSchemaFiles('ldif')]
  const theirs = [...own, ...dcm4cheeSchemaFiles()]
  return schema === 'dcm4chee' ? theirs : [...theirs, ...ourSchemaFiles('ldif').slice(-1)]
}

/** A program that is started, ended without mercy and started again; dies with this process. */
class Process {
  private child: ChildProcess | undefined
  private readonly dieToo = (): boolean | undefined => this.child?.kill('SIGKILL')
  private readonly path: string
  private readonly args: readonly string[]
  private readonly log: string

  constructor(path: string, { args, log }: { readonly args: readonly string[]; readonly log: string }) {
    this.path = path
    this.args = args
    this.log = log
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null
  }

  start(): void {
    if (this.running) throw new Error(`${this.path} runs already`)
    const out = openSync(this.log, 'a')
    this.child = spawn(this.path, this.args, { stdio: ['ignore', 'ignore', out] })
    closeSync(out)
    process.once('exit', this.dieToo)
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.running) throw new Error(`${this.path} does not run`)
    this.child?.kill(signal)
  }

  async kill(): Promise<void> {
    process.off('exit', this.dieToo)
    const { child } = this
    if (child === undefined || !this.running) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}

/** Fulfilled when it accepts connections; it starts to listen when it has read its configuration. */
async function answers(server: Process, port: number, log: string): Promise<void> {
  for (const end = performance.now() + ANSWERS_WITHIN_MS; performance.now() < end; await delay(5)) {
    if (!server.running) break
    if (await accepts(port)) {
      await openldap('ldapsearch', ['-x', '-H', `ldap://127.0.0.1:${port}`, '-s', 'base', '-b', '', '1.1'])
      return
    }
  }
  throw new Error(`slapd ${server.running ? 'does not answer' : 'ended at once'}:\n${readFileSync(log, 'utf8')}`)
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((settle) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => settle(false))
    socket.once('connect', () => {
      socket.destroy()
      settle(true)
    })
  })

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What a program of OpenLDAP writes to stdout; throws with what it writes to stderr when it ends with another code than 0. */
export async function openldap(
  name: Parameters<typeof openldapProgram>[0],
  args: readonly string[],
  { input = '', alsoGood = 0 }: { readonly input?: string; readonly alsoGood?: number } = {},
): Promise<string> {
  const child = spawn(openldapProgram(name), args, { stdio: 'pipe', env: { ...process.env, LDAPNOINIT: '1' } })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin.on('error', () => {}) // It may end before it has read everything; its code says why.
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0 && code !== alsoGood) throw new Error(`${name} ended with ${code}: ${err.trim()}`)
  return out
}
