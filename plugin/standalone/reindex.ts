/**
 * `archive-ups reindex`: makes the index of search anew. Through the server that runs, since one process holds the store; by
 * itself where none does.
 */
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createUpsPlugin, type Progress, UpsError } from '../index.ts'
import type { HostSettings } from './settings.ts'

/** @throws UpsError @returns how many workitems are in the index */
export async function reindex(url: string | undefined, settings: HostSettings, progress: Progress): Promise<number> {
  const server = url ?? urlOf(settings)
  const answer = await ask(server)
  if (answer) return follow(answer, server, progress)
  // Who names a server means that one.
  if (url !== undefined) throw unavailable(`No server answers at ${url}.`)
  return alone(settings, progress)
}

/** The server that `serve` would be with the same flags. */
function urlOf({ host, port, plugin }: HostSettings): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}${(plugin.prefix ?? '').replace(/\/$/, '')}`
}

/** Undefined: nobody listens there. */
async function ask(url: string): Promise<Response | undefined> {
  const target = URL.parse(`${url.replace(/\/$/, '')}/ctrl/reindex`)
  if (target === null || !target.protocol.startsWith('http')) {
    throw new UpsError(
      'UPS_BAD_OPTION',
      `--url is ${JSON.stringify(url)}, expected a URL such as http://127.0.0.1:8080.`,
    )
  }
  try {
    return await fetch(target, { method: 'POST' })
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ECONNREFUSED') return undefined
    throw unavailable(`The server at ${url} cannot be asked: ${code}.`)
  }
}

/** Of what fetch was in trouble with: its own message says nothing. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection'
}

interface Line {
  readonly done?: number
  readonly all?: number
  readonly indexed?: number
  readonly error?: string
}

async function follow(answer: Response, url: string, progress: Progress): Promise<number> {
  if (!answer.ok || answer.body === null) {
    throw unavailable(`The server at ${url} answered ${answer.status} to POST /ctrl/reindex.`)
  }
  for await (const { done, all, indexed, error } of linesOf(answer.body, url)) {
    if (error !== undefined) throw unavailable(error)
    if (indexed !== undefined) {
      progress(indexed, indexed)
      return indexed
    }
    progress(done ?? 0, all ?? 0)
  }
  throw unavailable(`The server at ${url} ended before the index was made.`)
}

async function* linesOf(body: NonNullable<Response['body']>, url: string): AsyncGenerator<Line> {
  try {
    for await (const text of createInterface({ input: Readable.from(body) })) yield lineOf(text, url)
  } catch (error) {
    if (error instanceof UpsError) throw error
    throw unavailable(`The server at ${url} ended before the index was made.`)
  }
}

function lineOf(text: string, url: string): Line {
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line === 'object' && line !== null) return line
  } catch {
    // It is told below.
  }
  throw unavailable(`What answers at ${url} is no worklist.`)
}

const unavailable = (sentence: string): UpsError => new UpsError('UPS_SEARCH_UNAVAILABLE', sentence)

async function alone({ plugin: options }: HostSettings, progress: Progress): Promise<number> {
  const plugin = createUpsPlugin(options)
  await plugin.start()
  try {
    return await plugin.reindex(progress)
  } finally {
    await plugin.stop()
  }
}
