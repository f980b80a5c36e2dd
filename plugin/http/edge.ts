/** The one error edge: whatever was thrown becomes an answer here, and nothing of the inside leaves with it. */
import { randomUUID } from 'node:crypto'
import type { Context, Middleware, Next } from 'koa'
import { hasCode } from '../errors.ts'
import { answerHttpRefusal, answerRefusal } from './answer.ts'
import { serviceBase } from './call.ts'
import { DicomRefusal } from './dicom-refusal.ts'
import { HttpRefusal } from './http-statuses.ts'
import type { Service } from './service.ts'

export function errorEdge(service: Service): Middleware {
  return async (ctx: Context, next: Next): Promise<void> => {
    ctx.set('X-Request-Id', randomUUID())
    try {
      await next()
    } catch (error) {
      answerError(ctx, service, error)
    }
  }
}

function answerError(ctx: Context, service: Service, error: unknown): void {
  const base = serviceBase(ctx, service)
  if (error instanceof DicomRefusal) {
    service.counters.refused(error.refusal.key)
    answerRefusal(ctx, base, error.refusal)
  } else if (error instanceof HttpRefusal) answerHttpRefusal(ctx, base, error)
  else answerHttpRefusal(ctx, base, failure(ctx, service, error))
}

const RETRY_AFTER = { 'Retry-After': '1' }

/** What went wrong stays here, under the correlation id that the client gets. */
function failure(ctx: Context, { logger }: Service, error: unknown): HttpRefusal {
  const requestId = ctx.response.get('X-Request-Id')
  const unavailable = hasCode(error, 'UPS_STORE_UNAVAILABLE')
  logger.error({ err: error, requestId }, unavailable ? 'store unavailable' : 'request failed')
  return unavailable ? new HttpRefusal('unavailable', undefined, RETRY_AFTER) : new HttpRefusal('internal')
}
