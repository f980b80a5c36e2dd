/** One Elasticsearch as a private process: its configuration, data and log in a temporary folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ask } from './elasticsearch-requests.ts'
import { DISTRIBUTION, fetchElasticsearch, type Machine, machine, run } from './elasticsearch-distribution.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'

export const ANSWERS_WITHIN_MS = 60_000
const STOPS_WITHIN_MS = 20_000
const LAST_CHARACTERS = 6_000

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

export class Server {
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

export async function startServer(options: OwnOptions): Promise<Server> {
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
