/** `archive-ups reindex`: makes the index of search anew. */
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type Progress, UpsError } from '../index.ts'
import { noWorklist, unavailable, unexpected, withStore } from './server.ts'
import type { HostSettings } from './settings.ts'

const PATH = '/ctrl/reindex'

/** @throws UpsError @returns how many workitems are in the index */
export const reindex = (url: string | undefined, settings: HostSettings, progress: Progress): Promise<number> =>
  withStore(url, settings, {
    path: PATH,
    through: (answer, server) => follow(answer, server, progress),
    alone: (plugin) => plugin.reindex(progress),
  })

interface Line {
  readonly done?: number
  readonly all?: number
  readonly indexed?: number
  readonly error?: string
}

async function follow(answer: Response, server: string, progress: Progress): Promise<number> {
  if (!answer.ok || answer.body === null) throw unexpected(server, answer, PATH)
  for await (const { done, all, indexed, error } of linesOf(answer.body, server)) {
    if (error !== undefined) throw new UpsError('UPS_SEARCH_UNAVAILABLE', error)
    if (indexed !== undefined) {
      progress(indexed, indexed)
      return indexed
    }
    progress(done ?? 0, all ?? 0)
  }
  throw ended(server)
}

async function* linesOf(body: NonNullable<Response['body']>, server: string): AsyncGenerator<Line> {
  try {
    for await (const text of createInterface({ input: Readable.from(body) })) yield lineOf(text, server)
  } catch (error) {
    if (error instanceof UpsError) throw error
    throw ended(server)
  }
}

const ended = (server: string): UpsError => unavailable(`The server at ${server} ended before the index was made.`)

function lineOf(text: string, server: string): Line {
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line === 'object' && line !== null) return line
  } catch {
    // It is told below.
  }
  throw noWorklist(server)
}
