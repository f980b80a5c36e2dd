/** How outcomes become responses. The only place that sets a status, a Warning or a body. */
import type { Context } from 'koa'
import type { Refusal } from '../ups/decision.ts'
import { MOST_PROBLEMS } from '../dicom/problem-list.ts'
import { describeRefusal } from '../ups/describe-refusal.ts'
import { ACCEPTED, REFUSALS, type WarningKey, WARNINGS } from '../ups/statuses.ts'
import type { Receipt } from '../worklist/execute.ts'
import type { Call } from './call.ts'
import { HTTP_REFUSALS, type HttpRefusal } from './http-statuses.ts'

/** Warnings of HTTP itself; the DICOM ones are in `ups/statuses.ts`. */
const unknownParameters = 'Unknown parameters of the request were ignored.'

/** The 299 that PS3.18 8.3.4.4.1 prescribes, without a full stop. */
const moreResults = (remaining: number): string => `There are ${remaining} additional results that can be requested`

/** Answers a command: its success without a payload, or its refusal. `base`: `<service>` of the Warning header. */
export function answerReceipt(
  { ctx, base }: Pick<Call, 'ctx' | 'base'>,
  kind: keyof typeof ACCEPTED,
  receipt: Receipt,
  created?: { readonly location: string },
): void {
  if (receipt.outcome === 'refused') {
    answerRefusal(ctx, base, receipt.refusal)
    return
  }
  // In this order: Koa makes an empty body a 204 unless the status is set after it.
  ctx.body = null
  ctx.status = ACCEPTED[kind]
  warn(ctx, base, receipt.warnings)
  if (created) {
    ctx.set('Location', created.location)
    ctx.set('Content-Location', created.location)
  }
}

/** 204: nothing was found, or there is nothing to say. */
export function answerEmpty(ctx: Context): void {
  ctx.body = null
}

export function warn(ctx: Context, base: string, warnings: readonly WarningKey[]): void {
  for (const key of warnings) appendWarning(ctx, base, WARNINGS[key].text)
}

export const warnUnknownParameters = (ctx: Context, base: string): void => appendWarning(ctx, base, unknownParameters)

export const warnMoreResults = (ctx: Context, base: string, remaining: number): void =>
  appendWarning(ctx, base, moreResults(remaining))

const appendWarning = (ctx: Context, base: string, text: string): void => ctx.append('Warning', `299 ${base}: ${text}`)

export function answerRefusal(ctx: Context, base: string, refusal: Refusal): void {
  const { key } = refusal
  answerProblem(ctx, base, {
    key,
    status: REFUSALS[key].http,
    ...describeRefusal(refusal),
    attributes: refusal.attributes
      .slice(0, MOST_PROBLEMS)
      .map(({ path, keyword, reason }) => ({ path, keyword, reason })),
  })
}

export function answerHttpRefusal(ctx: Context, base: string, refusal: HttpRefusal): void {
  const status = HTTP_REFUSALS[refusal.key]
  ctx.set({ ...refusal.headers })
  const { key, message: detail, members } = refusal
  answerProblem(ctx, base, { key, status: status.http, title: status.text, detail, ...members })
}

interface Problem {
  readonly key: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly dicomStatus?: string
  readonly attributes?: readonly {
    readonly path: string
    readonly keyword: string | undefined
    readonly reason: string
  }[]
}

/** RFC 9457, with the DICOM status and the attributes that are wrong (decisions.md 1). */
export const problemDetails = ({ key, ...problem }: Problem, requestId: string): string =>
  JSON.stringify({ type: `urn:archive-ups:problem:${key}`, ...problem, instance: `urn:uuid:${requestId}` })

function answerProblem(ctx: Context, base: string, problem: Problem): void {
  ctx.status = problem.status
  ctx.body = problemDetails(problem, ctx.response.get('X-Request-Id'))
  ctx.type = 'application/problem+json'
  appendWarning(ctx, base, problem.title)
}
