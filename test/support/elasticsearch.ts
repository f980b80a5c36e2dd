/**
 * A real Elasticsearch as a private process: on ports of 127.0.0.1, its configuration, data and log in a temporary folder
 * of its own. It is the distribution that Elastic publishes for tests at Maven Central, fetched once per machine:
 *
 *     node test/support/elasticsearch.ts
 *
 * fetches it ahead of the tests. All tests of a run share one, started when the first asks; what they write they keep
 * apart by an index prefix. ARCHIVE_UPS_TEST_ELASTICSEARCH names the URL of one that runs already and is to be shared.
 *
 * The distribution holds no more than a node needs: no ingest, no scripts, and no answer to `GET /` (`client.info()`).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder } from './folder.ts'
import { closed, opened } from './leaks.ts'

const VERSION = '9.5.0'
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`
const OLDEST_JAVA = 21
const FETCHED_WITHIN_MS = 240_000
const ANSWERS_WITHIN_MS = 60_000
const STOPS_WITHIN_MS = 20_000
const LAST_CHARACTERS = 6_000

/** One that somebody else started, and will end. */
const RUNNING = process.env['ARCHIVE_UPS_TEST_ELASTICSEARCH']

export interface ElasticsearchServer {
  readonly url: string
}

export interface OwnElasticsearch extends ElasticsearchServer {
  /** In order, as a machine that is shut down. */
  stop(): Promise<void>
  /** kill -9 */
  kill(): Promise<void>
  /** Again, on the same port with the same data. Fulfilled when it answers. */
  start(): Promise<void>
  /** Ends it for good, and removes the folder. */
  dispose(): Promise<void>
}

// --- What the machine has

const ROOT = process.getuid?.() === 0

/** Root's home is closed to the user that Elasticsearch runs as, so root's cache is the machine's. */
const CACHE = join(process.env['XDG_CACHE_HOME'] || (ROOT ? '/var/cache' : join(homedir(), '.cache')), 'archive-ups')
const DISTRIBUTION = join(CACHE, `elasticsearch-${VERSION}`)

const onPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)))

interface Machine {
  readonly javaHome: string
  /** Whom it runs as: it refuses to run as root. Empty: as ourselves. */
  readonly user: { readonly uid?: number; readonly gid?: number }
}

let found: Machine | string | undefined

/** What it takes to run one here; a text: what is missing. Looked up once. */
const machine = (): Machine | string => (found ??= lookAtMachine())

function lookAtMachine(): Machine | string {
  const user = ROOT ? nobody() : {}
  if (user === undefined) return 'user nobody'
  const javaHome = [process.env['ES_JAVA_HOME'], process.env['JAVA_HOME'], ...inside('/usr/lib/jvm'), ...inside('/opt')]
    .filter((folder): folder is string => folder !== undefined && folder !== '')
    .find((folder) => javaVersion(folder, user) >= OLDEST_JAVA)
  if (javaHome === undefined) return `a Java from ${OLDEST_JAVA} on`
  if (existsSync(DISTRIBUTION)) return { javaHome, user }
  const programs = ['mvn', 'unzip'].filter((name) => !onPath(name))
  return programs.length === 0 ? { javaHome, user } : programs.join(', ')
}

function nobody(): Machine['user'] | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout)
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}

const inside = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []

/** 0: not for this user. */
function javaVersion(home: string, user: Machine['user']): number {
  const { stderr } = spawnSync(join(home, 'bin/java'), ['-version'], { encoding: 'utf8', cwd: '/', ...user })
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
}

let fetchFailure: string | undefined
let told = false

/** Why there is none on this machine, with what to install; undefined: there is one. */
export function elasticsearchMissing(): string | undefined {
  if (RUNNING) return undefined
  const here = machine()
  const what = typeof here === 'string' ? `${here} missing` : fetchFailure
  if (what === undefined) return undefined
  const why =
    `SKIPPED, NO ELASTICSEARCH HERE (${what}): apt-get install maven unzip openjdk-${OLDEST_JAVA}-jre-headless ` +
    '(or name a newer one by ES_JAVA_HOME), or name a running server by ARCHIVE_UPS_TEST_ELASTICSEARCH'
  if (!told) process.once('exit', () => console.warn(`\n!!! ${why}\n`))
  told = true
  return why
}

// --- The distribution

let fetched: Promise<void> | undefined

/** Sees to it that the distribution is on this machine; rejected with what `elasticsearchMissing` says from then on. */
export const fetchElasticsearch = (): Promise<void> => (fetched ??= fetchDistribution())

async function fetchDistribution(): Promise<void> {
  if (elasticsearchMissing() === undefined && !RUNNING && !existsSync(DISTRIBUTION)) {
    try {
      await download()
    } catch (error) {
      fetchFailure = `it cannot be fetched: ${(error as Error).message.replaceAll(/\s+/g, ' ').slice(0, 500)}`
    }
  }
  const missing = elasticsearchMissing()
  if (missing !== undefined) throw new Error(missing)
}

/** Appears under its name when it is complete: a run that is killed leaves no half of it. */
async function download(): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'fetch-'))
  try {
    const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy'
    await run('mvn', ['-q', '-B', plugin, `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${folder}`], { cwd: folder })
    await run('unzip', ['-q', join(folder, `elasticsearch-${VERSION}.zip`), '-d', folder], { cwd: folder })
    await run('chmod', ['-R', 'a+rX', join(folder, `elasticsearch-${VERSION}`)], { cwd: folder })
    chmodSync(CACHE, 0o755)
    renameSync(join(folder, `elasticsearch-${VERSION}`), DISTRIBUTION)
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(DISTRIBUTION)) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a program to its end; throws with what it wrote when it ends with another code than 0. */
async function run(
  path: string,
  args: readonly string[],
  options: Machine['user'] & { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<void> {
  const child = spawn(path, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: FETCHED_WITHIN_MS })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more))
  child.stderr.setEncoding('utf8').on('data', (more: string) => (text += more))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  if (code !== 0) throw new Error(`${path} ended with ${code ?? signal}: ${text.trim()}`)
}

// --- One server

/**
 * In a process group of its own, with a watcher that ends the group without mercy as soon as our end of its stdin closes.
 * The system closes it however this process dies, so nothing outlives a run, not one that is killed with -9 either.
 * When Elasticsearch ends by itself, the group goes with it. TERM is for Elasticsearch alone, which shuts down by it.
 */
const SCRIPT = `
  exec 3<&0
  { trap '' TERM; read -r _ <&3; kill -9 0; } &
  trap : TERM
  "$0" </dev/null 3<&-
  kill -9 0
`

/** Small, and quick to start: the compiler that is fast itself, no memory touched before it is used, no log of the GC. */
const JAVA_OPTIONS = [
  '-Xms512m',
  '-Xmx512m',
  '-XX:-UseG1GC',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-AlwaysPreTouch',
  '-XX:-HeapDumpOnOutOfMemoryError',
  '-Xlog:disable',
]

const MEASURED = ['-Xms1g', '-Xmx1g', '-Xlog:disable']

export interface OwnOptions {
  readonly security?: { readonly user: string; readonly password: string }
  /** Compiled as well as it can be: it starts slower, and is fast afterwards. */
  readonly measured?: boolean
}

class Server {
  readonly url: string
  private child: ChildProcess | undefined
  private readonly home = temporaryFolder()
  private running = false
  private log = ''
  private readonly environment: NodeJS.ProcessEnv
  private readonly user: Machine['user']
  private readonly security: OwnOptions['security']

  constructor(
    { javaHome, user }: Machine,
    ports: { readonly http: number; readonly transport: number },
    { security, measured = false }: OwnOptions,
  ) {
    this.url = `http://127.0.0.1:${ports.http}`
    this.user = user
    this.security = security
    const { path } = this.home
    const configuration = join(path, 'config')
    const temporary = join(path, 'tmp')
    mkdirSync(temporary)
    cpSync(join(DISTRIBUTION, 'config'), configuration, { recursive: true })
    writeFileSync(
      join(configuration, 'elasticsearch.yml'),
      [
        'cluster.name: archive-ups-test',
        'node.name: test',
        'discovery.type: single-node',
        'network.host: 127.0.0.1',
        `http.port: ${ports.http}`,
        `transport.port: ${ports.transport}`,
        `path.data: ${join(path, 'data')}`,
        `path.logs: ${join(path, 'logs')}`,
        // A disk that is rather full is no reason to refuse the little that tests write.
        'cluster.routing.allocation.disk.threshold_enabled: false',
        `xpack.security.enabled: ${security !== undefined}`,
        'xpack.security.http.ssl.enabled: false',
        '',
      ].join('\n'),
    )
    for (const name of ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })])
      if (user.uid !== undefined && user.gid !== undefined) chownSync(join(path, name), user.uid, user.gid)
    this.environment = {
      PATH: process.env['PATH'],
      HOME: path,
      LC_ALL: 'C.UTF-8',
      ES_JAVA_HOME: javaHome,
      ES_PATH_CONF: configuration,
      ES_TMPDIR: temporary,
      ES_JAVA_OPTS: (measured ? MEASURED : JAVA_OPTIONS).join(' '),
      CLI_JAVA_OPTS: '-XX:TieredStopAtLevel=1',
    }
  }

  /** With the security's user, to whom everything is allowed, where it has one. */
  private get urlOfUser(): string {
    if (this.security === undefined) return this.url
    const { user, password } = this.security
    return this.url.replace('//', `//${encodeURIComponent(user)}:${encodeURIComponent(password)}@`)
  }

  async addUser(): Promise<void> {
    if (this.security === undefined) return
    await run(
      join(DISTRIBUTION, 'bin/elasticsearch-users'),
      ['useradd', this.security.user, '-p', this.security.password, '-r', 'superuser'],
      { cwd: this.home.path, env: this.environment, ...this.user },
    )
  }

  /** Fulfilled when it answers, with all its indices. */
  async start(): Promise<void> {
    if (this.running) throw new Error(`Elasticsearch at ${this.url} runs already`)
    const child = spawn('/bin/sh', ['-c', SCRIPT, join(DISTRIBUTION, 'bin/elasticsearch')], {
      cwd: this.home.path,
      env: this.environment,
      detached: true,
      stdio: 'pipe',
      ...this.user,
    })
    this.child = child
    this.running = true
    this.log = ''
    // Not before the last of the group is dead, as each has our pipes; then the ports and the data are free.
    child.once('close', () => (this.running = false))
    child.once('error', (error) => (this.log += error.message))
    for (const out of [child.stdout, child.stderr])
      out.setEncoding('utf8').on('data', (text: string) => (this.log = (this.log + text).slice(-LAST_CHARACTERS)))
    child.stdin.on('error', () => {}) // It may be gone; `close` says so.
    // None of it is a reason for this process to go on.
    child.unref()
    for (const pipe of [child.stdin, child.stdout, child.stderr]) (pipe as Socket).unref()

    let last = 'nothing'
    const end = performance.now() + ANSWERS_WITHIN_MS
    while (this.running && performance.now() < end) {
      const health = '/_cluster/health?wait_for_status=yellow&timeout=1s'
      try {
        await ask(this.urlOfUser, 'GET', health)
        return
      } catch (error) {
        last = (error as Error).message
      }
      await delay(50)
    }
    const what = this.running ? `is not ready in ${ANSWERS_WITHIN_MS} ms (last: ${last})` : 'ended at once'
    await this.kill()
    throw new Error(`Elasticsearch ${what}:\n${this.log.trimEnd()}`)
  }

  async stop(): Promise<void> {
    this.signal('SIGTERM')
    await this.gone()
    await this.kill()
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.gone()
  }

  async dispose(): Promise<void> {
    await this.kill()
    this.home.remove()
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.running || this.child?.pid === undefined) return
    try {
      process.kill(-this.child.pid, signal)
    } catch {
      // It has just ended by itself.
    }
  }

  private async gone(): Promise<void> {
    const end = performance.now() + STOPS_WITHIN_MS
    while (this.running && performance.now() < end) await delay(5)
  }
}

async function startServer(options: OwnOptions): Promise<Server> {
  await fetchElasticsearch()
  const here = machine()
  if (typeof here === 'string' || !existsSync(DISTRIBUTION))
    throw new Error(`one that is started here needs ${typeof here === 'string' ? here : DISTRIBUTION}`)
  const server = new Server(here, { http: await freePort(), transport: await freePort() }, options)
  try {
    await server.addUser()
    await server.start()
  } catch (error) {
    await server.dispose()
    throw error
  }
  return server
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

// --- What tests ask for

let shared: Promise<ElasticsearchServer> | undefined
let endShared = async (): Promise<void> => {}

/** The one of this run, started when the first asks. */
export const elasticsearch = (): Promise<ElasticsearchServer> => (shared ??= startShared())

async function startShared(): Promise<ElasticsearchServer> {
  if (RUNNING) {
    await ask(RUNNING, 'GET', '/_cluster/health')
    return { url: RUNNING }
  }
  const server = await startServer({})
  endShared = () => server.dispose()
  return { url: server.url }
}

// Of the whole run, as this file is loaded outside of every suite. There is no mocha where it is the program.
if (typeof after === 'function') after(() => endShared())

/** One of its own, which the test may stop and start again (same port, same data). */
export async function startOwnElasticsearch(options: OwnOptions = {}): Promise<OwnElasticsearch> {
  const server = await startServer(options)
  opened(server, `Elasticsearch at ${server.url}`, () => server.signal('SIGKILL'))
  return {
    url: server.url,
    stop: () => server.stop(),
    kill: () => server.kill(),
    start: () => server.start(),
    dispose: async () => {
      await server.dispose()
      closed(server)
    },
  }
}

/** A prefix that no other test has, e.g. for index names: lower case letters, digits and `-`. */
export const indexPrefix = (): string => `test-${randomBytes(6).toString('hex')}`

interface Resolved {
  readonly indices: readonly { readonly name: string }[]
  readonly aliases: readonly { readonly name: string; readonly indices: readonly string[] }[]
}

/** Deletes what begins with the prefix (indices, aliases, templates). */
export async function removeIndices(url: string, prefix: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(prefix)) throw new Error(`'${prefix}' is no prefix of a test`)
  const resolve = (): Promise<Resolved> =>
    ask(url, 'GET', `/_resolve/index/${prefix}*?expand_wildcards=all`) as Promise<Resolved>
  for (const { name } of (await resolve()).indices) await ask(url, 'DELETE', `/${name}?ignore_unavailable=true`)
  for (const { name, indices } of (await resolve()).aliases)
    await ask(url, 'DELETE', `/${indices.join(',')}/_alias/${name}`)
  for (const kind of ['_index_template', '_component_template', '_template'])
    await ask(url, 'DELETE', `/${kind}/${prefix}*`, { alsoGood: 404 })
}

/** What it answers, read as JSON. A user in the URL is who asks. */
async function ask(base: string, method: string, path: string, { alsoGood = 200 } = {}): Promise<unknown> {
  const url = new URL(path, base)
  const { username, password } = url
  const user = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  url.username = ''
  url.password = ''
  const response = await fetch(url, {
    method,
    headers: username === '' ? {} : { authorization: `Basic ${user}` },
    signal: AbortSignal.timeout(STOPS_WITHIN_MS),
  })
  const text = await response.text()
  if (!response.ok && response.status !== alsoGood)
    throw new Error(`${method} ${path} is answered with ${response.status}: ${text}`)
  return JSON.parse(text)
}

/** `describe` that is skipped, with one loud line in the whole run, where there is no Elasticsearch. */
export const describeWithElasticsearch = (title: string, body: () => void): void => {
  describe(title, function () {
    // A test may start one of its own; when it fails, its own error is to be seen, not the timeout of the test.
    this.timeout(2 * ANSWERS_WITHIN_MS)
    before('Elasticsearch', async function () {
      this.timeout(FETCHED_WITHIN_MS + 2 * ANSWERS_WITHIN_MS)
      await fetchElasticsearch().catch(() => {})
      if (elasticsearchMissing() !== undefined) this.skip()
      await elasticsearch()
    })
    body()
  })
}

// What is missing is told in any case.
if (import.meta.main) await fetchElasticsearch().catch(() => (process.exitCode = 1))
