/**
 * Commands that need the store, which one process holds: through the server that runs; by themselves where none does.
 */
import { createUpsPlugin, UpsError, type UpsPlugin } from '../index.ts'
import type { HostSettings } from './settings.ts'

export interface Work<Result> {
  /** Of the resource that does it, below the URL of the server. It is sent a POST. */
  readonly path: string
  /** A dataset that goes with it. */
  readonly dataset?: object
  /** Reads the answer of the server. */
  readonly through: (answer: Response, server: string) => Promise<Result>
  readonly alone: (plugin: UpsPlugin) => Promise<Result>
}

/** `url`: of the server; undefined: the one that `serve` would be with the same settings. @throws UpsError */
export async function withStore<Result>(
  url: string | undefined,
  settings: HostSettings,
  work: Work<Result>,
): Promise<Result> {
  const server = (url ?? urlOf(settings)).replace(/\/$/, '')
  const answer = await ask(server, work)
  if (answer) return work.through(answer, server)
  // Who names a server means that one.
  if (url !== undefined) throw unavailable(`No server answers at ${url}.`)
  return alone(settings, work)
}

export const unavailable = (sentence: string): UpsError => new UpsError('UPS_SERVER_UNAVAILABLE', sentence)

export const noWorklist = (server: string): UpsError => unavailable(`What answers at ${server} is no worklist.`)

/** The server answered what that resource does not. */
export const unexpected = (server: string, { status }: Response, path: string): UpsError =>
  unavailable(`The server at ${server} answered ${status} to POST ${path}.`)

function urlOf({ host, port, plugin }: HostSettings): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}${plugin.prefix ?? ''}`
}

/** Undefined: nobody listens there. */
async function ask<Result>(server: string, { path, dataset }: Work<Result>): Promise<Response | undefined> {
  const target = URL.parse(`${server}${path}`)
  if (target === null || !target.protocol.startsWith('http')) {
    throw new UpsError(
      'UPS_BAD_OPTION',
      `--url is ${JSON.stringify(server)}, expected a URL such as http://127.0.0.1:8080.`,
    )
  }
  try {
    return await fetch(target, { method: 'POST', ...(dataset && payloadOf(dataset)) })
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ECONNREFUSED') return undefined
    throw unavailable(`The server at ${server} cannot be asked: ${code}.`)
  }
}

const payloadOf = (dataset: object): RequestInit => ({
  headers: { 'Content-Type': 'application/dicom+json' },
  body: JSON.stringify(dataset),
})

/** Of what fetch was in trouble with: its own message says nothing. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection'
}

async function alone<Result>({ plugin: options }: HostSettings, work: Work<Result>): Promise<Result> {
  const plugin = createUpsPlugin(options)
  await plugin.start()
  try {
    return await work.alone(plugin)
  } finally {
    await plugin.stop()
  }
}
