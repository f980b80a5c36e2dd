/** What it takes to run an Elasticsearch here, and the distribution: fetched once per machine. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const VERSION = '9.5.0'
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`
const OLDEST_JAVA = 21
export const FETCHED_WITHIN_MS = 240_000

/** One that somebody else started, and will end. */
export const RUNNING = process.env['ARCHIVE_UPS_TEST_ELASTICSEARCH']

const ROOT = process.getuid?.() === 0

/** Root's home is closed to the user that Elasticsearch runs as, so root's cache is the machine's. */
const CACHE = join(process.env['XDG_CACHE_HOME'] || (ROOT ? '/var/cache' : join(homedir(), '.cache')), 'archive-ups')
export const DISTRIBUTION = join(CACHE, `elasticsearch-${VERSION}`)

const onPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)))

export interface Machine {
  readonly javaHome: string
  /** Whom it runs as: it refuses to run as root. Empty: as ourselves. */
  readonly user: { readonly uid?: number; readonly gid?: number }
}

let found: Machine | string | undefined

/** What it takes to run one here; a text: what is missing. Looked up once. */
export const machine = (): Machine | string => (found ??= lookAtMachine())

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
export async function run(
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

// What is missing is told in any case.
if (import.meta.main) await fetchElasticsearch().catch(() => (process.exitCode = 1))
