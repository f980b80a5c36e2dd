import type { Middleware } from 'koa'
import compose from 'koa-compose'
import { errorEdge } from './edge.ts'
import { HttpRefusal } from './http-statuses.ts'
import type { Service } from './service.ts'

/** Answers while the service does not run yet, or stops. */
export const unavailableMiddleware = (service: Service): Middleware =>
  compose([
    errorEdge(service),
    () => {
      throw new HttpRefusal('unavailable', 'The service does not run.', { 'Retry-After': '1' })
    },
  ])
