/**
 * `archive-ups reindex`: makes the index of search anew. Through the server that runs, since one process holds the store; by
 * itself where none does.
 */
import { pipeline } from 'node:stream/promises'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createUpsPlugin, UpsError } from '../index.ts'
import type { HostSettings } from './settings.ts'

export interface Progress {
  (done: number, all: number): void
}

/** @throws UpsError @returns how many workitems are in the index */
export async function reindex(url: string | undefined, settings: HostSettings, progress: Progress): Promise<number> {
  const server = url ?? urlOf(settings)
  const answer = await ask(server)
  if (answer) return follow(answer, server, progress)
  // Who names a server means that one.
  if (url !== undefined) throw new UpsError('UPS_SEARCH_UNAVAILABLE', `No server answers at ${url}.`)
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
  return fetch(target, { method: 'POST' }).catch(() => undefined)
}

async function follow(answer: Response, url: string, progress: Progress): Promise<number> {
  if (!answer.ok || answer.body === null) {
    throw new UpsError(
      'UPS_SEARCH_UNAVAILABLE',
      `The server at ${url} answered ${answer.status} to POST /ctrl/reindex.`,
    )
  }
  let indexed: number | undefined
  await pipeline(Readable.fromWeb(answer.body), async (body: AsyncIterable<Buffer>) => {
    for await (const text of createInterface({ input: Readable.from(body) })) {
      const line = JSON.parse(text) as { done?: number; all?: number; indexed?: number; error?: string }
      if (line.error !== undefined) throw new UpsError('UPS_SEARCH_UNAVAILABLE', line.error)
      indexed = line.indexed
      progress(line.done ?? line.indexed ?? 0, line.all ?? line.indexed ?? 0)
    }
  })
  if (indexed !== undefined) return indexed
  throw new UpsError('UPS_SEARCH_UNAVAILABLE', `The server at ${url} ended before the index was made.`)
}

async function alone({ plugin: options }: HostSettings, progress: Progress): Promise<number> {
  const plugin = createUpsPlugin(options)
  await plugin.start()
  try {
    return await plugin.reindex(progress)
  } finally {
    await plugin.stop()
  }
}
