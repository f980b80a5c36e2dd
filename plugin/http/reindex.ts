/** `POST /ctrl/reindex` (decisions.md 9): makes the index of search anew, and tells how it goes in lines of JSON. */
import { setTimeout } from 'node:timers/promises'
import { Readable } from 'node:stream'
import type { Context } from 'koa'
import { hasCode } from '../errors.ts'
import type { Reindexing } from '../worklist/search-engine.ts'
import type { Service } from './service.ts'

/** Milliseconds between two lines. */
const INTERVAL = 250

export function reindex(ctx: Context, { administration, logger }: Service): void {
  ctx.set('Content-Type', 'application/x-ndjson')
  ctx.set('Cache-Control', 'no-cache')
  const lines = linesOf(administration.reindex, (err) => logger.error({ err }, 'the index of search could not be made'))
  ctx.body = Readable.from(lines, { objectMode: false, encoding: 'utf8' })
}

/** `{"done":1000,"all":5000}`, and at the end `{"indexed":5000}` or `{"error":"..."}`. */
async function* linesOf(start: Reindexing, failed: (error: unknown) => void): AsyncGenerator<string> {
  let now: { readonly done: number; readonly all: number } | undefined
  const work = start((done, all) => {
    now = { done, all }
  }).then(
    (indexed) => ({ indexed }),
    (error: unknown) => {
      failed(error)
      return { error: sentenceOf(error) }
    },
  )
  for (;;) {
    if (now) yield line(now)
    const last = await Promise.race([work, setTimeout(INTERVAL)])
    if (last === undefined) continue
    yield line(last)
    return
  }
}

/** Our own are for everybody. */
const sentenceOf = (error: unknown): string =>
  hasCode(error, 'UPS_SEARCH_UNAVAILABLE') || hasCode(error, 'UPS_STORE_UNAVAILABLE')
    ? error.message
    : 'Internal error.'

const line = (document: object): string => `${JSON.stringify(document)}\n`
