/** Resources for those who run the service. */
import type { Context } from 'koa'
import type { ShownTrouble } from '../config/report.ts'
import type { SearchStatus } from '../worklist/search-engine.ts'
import { answerEmpty } from './answer.ts'
import { cancelAbandoned } from './cancel-abandoned.ts'
import { answerJson, answerText } from './dataset-answer.ts'
import { HttpRefusal } from './http-statuses.ts'
import { reindex } from './reindex.ts'
import type { Service } from './service.ts'

export interface ControlResource {
  /** Names in braces are path parameters. */
  readonly path: string
  readonly method: 'GET' | 'POST'
  /** Whether a dataset may come in. */
  readonly payload?: true
  readonly handler: (ctx: Context, service: Service) => void | Promise<void>
}

export const CONTROL_RESOURCES: readonly ControlResource[] = [
  {
    path: '/ctrl/config',
    method: 'GET',
    handler: (ctx, { administration }) => answerJson(ctx, administration.configuration()),
  },
  { path: '/ctrl/reload', method: 'POST', handler: reload },
  { path: '/ctrl/reindex', method: 'POST', handler: reindex },
  { path: '/ctrl/workitems/{workitem}/cancel-abandoned', method: 'POST', payload: true, handler: cancelAbandoned },
  { path: '/healthz', method: 'GET', handler: (ctx) => answerJson(ctx, { status: 'ok' }) },
  {
    path: '/readyz',
    method: 'GET',
    handler: (ctx, { administration }) => answerJson(ctx, readiness(administration.trouble(), administration.search())),
  },
  { path: '/metrics', method: 'GET', handler: metrics },
]

/** What is wrong keeps nobody from working: the last good configuration does, and the store searches by itself. */
function readiness(trouble: ShownTrouble | undefined, search: SearchStatus | undefined): object {
  const reasons = [trouble?.message, search && SEARCH_TROUBLE[search.state]].filter((reason) => reason !== undefined)
  const status = reasons.length > 0 ? { status: 'degraded', reasons } : { status: 'ready' }
  return { ...status, ...(trouble && { since: trouble.since }), ...(search && { search }) }
}

const SEARCH_TROUBLE: Readonly<Record<SearchStatus['state'], string | undefined>> = {
  ready: undefined,
  building: undefined,
  behind: 'The search cluster is behind; the store searches by itself meanwhile.',
  away: 'The search cluster cannot be used; the store searches by itself meanwhile.',
}

async function reload(ctx: Context, { administration }: Service): Promise<void> {
  const trouble = await administration.reload()
  if (!trouble) return answerEmpty(ctx)
  const { kind, message, problems } = trouble
  if (kind === 'unreachable') throw new HttpRefusal('directoryUnreachable', message, { 'Retry-After': '60' })
  throw new HttpRefusal('configurationRefused', message, {}, { problems })
}

async function metrics(ctx: Context, { counters }: Service): Promise<void> {
  answerText(ctx, counters.contentType, await counters.text())
}
