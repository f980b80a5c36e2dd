/** Resources for those who run the service. */
import type { Context } from 'koa'
import type { ShownTrouble } from '../config/report.ts'
import { answerEmpty } from './answer.ts'
import { answerJson, answerText } from './dataset-answer.ts'
import { HttpRefusal } from './http-statuses.ts'
import type { Service } from './service.ts'

export interface ControlResource {
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly handler: (ctx: Context, service: Service) => void | Promise<void>
}

export const CONTROL_RESOURCES: readonly ControlResource[] = [
  {
    path: '/ctrl/config',
    method: 'GET',
    handler: (ctx, { administration }) => answerJson(ctx, administration.configuration()),
  },
  { path: '/ctrl/reload', method: 'POST', handler: reload },
  { path: '/healthz', method: 'GET', handler: (ctx) => answerJson(ctx, { status: 'ok' }) },
  {
    path: '/readyz',
    method: 'GET',
    handler: (ctx, { administration }) => answerJson(ctx, readiness(administration.trouble())),
  },
  { path: '/metrics', method: 'GET', handler: metrics },
]

/** A directory that cannot be used keeps nobody from working: the last good configuration does. */
const readiness = (trouble: ShownTrouble | undefined): object =>
  trouble ? { status: 'degraded', reasons: [trouble.message], since: trouble.since } : { status: 'ready' }

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
