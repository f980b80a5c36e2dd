/** Resources for those who run the service. */
import type { Context } from 'koa'
import { describeConfiguration } from '../config/report.ts'
import { answerText } from './dataset-answer.ts'
import type { Service } from './service.ts'

export interface ControlResource {
  readonly path: string
  readonly handler: (ctx: Context, service: Service) => void
}

export const CONTROL_RESOURCES: readonly ControlResource[] = [
  { path: '/ctrl/config', handler: (ctx, service) => json(ctx, describeConfiguration(service.configuration())) },
  { path: '/healthz', handler: (ctx) => json(ctx, { status: 'ok' }) },
  { path: '/readyz', handler: (ctx) => json(ctx, { status: 'ready' }) },
]

const json = (ctx: Context, document: unknown): void => answerText(ctx, 'application/json', JSON.stringify(document))
