/**
 * Why the cluster did not do what it was asked. Errors of the client quote requests, and with them patient data: what leaves
 * this file says no more than which kind of error it was.
 */
import { errors } from '@elastic/elasticsearch'
import { UpsError } from '../errors.ts'
import { isCode } from './connection.ts'

/**
 * `away`: nobody answers, or nobody in charge. `busy`: it takes nothing now. `gone`: the index is not there (any more).
 * `refused`: asking again does not help.
 */
export type FailureKind = 'away' | 'busy' | 'gone' | 'refused'

export class ClusterFailure extends Error {
  override readonly name = 'ClusterFailure'
  readonly kind: FailureKind
  readonly status: number | undefined

  constructor(kind: FailureKind, message: string, status?: number) {
    super(message)
    this.kind = kind
    this.status = status
  }
}

export const isFailure = (error: unknown, ...kinds: readonly FailureKind[]): error is ClusterFailure =>
  error instanceof ClusterFailure && (kinds.length === 0 || kinds.includes(error.kind))

export function failureOf(error: unknown): ClusterFailure {
  if (error instanceof ClusterFailure) return error
  if (!(error instanceof errors.ResponseError)) {
    return new ClusterFailure('away', nameOf(error))
  }
  const status = error.statusCode ?? 0
  const type = typeOf(error.body)
  return new ClusterFailure(kindOf(status, type), [status, type].join(' ').trim(), status)
}

/** The code of a connection that failed. Of other errors the name alone: messages may quote anything. */
function nameOf(error: unknown): string {
  if (error instanceof errors.ConnectionError && isCode(error.message)) return error.message
  return error instanceof Error ? error.name : typeof error
}

/** Of an answer, or of the answer to one item of a bulk request. */
export function kindOf(status: number, type: string): FailureKind {
  if (status === 429 || status === 503 || BUSY.has(type)) return 'busy'
  if (GONE.has(type)) return 'gone'
  if (REFUSED.has(type)) return 'refused'
  // Who finds nothing, or nothing that is allowed, does not speak to the cluster that was meant.
  return status >= 500 || [401, 403, NOT_FOUND].includes(status) ? 'away' : 'refused'
}

export const NOT_FOUND = 404

/** The index is there, but not to be written now: a full disk, or an administrator. */
const BUSY: ReadonlySet<string> = new Set(['cluster_block_exception', 'index_closed_exception'])
const GONE: ReadonlySet<string> = new Set(['index_not_found_exception'])
/** Somebody has read too slowly. */
const REFUSED: ReadonlySet<string> = new Set(['search_context_missing_exception'])

/** Of the first cause: that of a search as a whole says nothing. */
function typeOf(body: unknown): string {
  const error = (body as { readonly error?: { readonly type?: unknown; readonly root_cause?: unknown } } | undefined)
    ?.error
  const [cause] = Array.isArray(error?.root_cause) ? (error.root_cause as readonly { readonly type?: unknown }[]) : []
  const type = cause?.type ?? error?.type
  return typeof type === 'string' ? type : ''
}

export const unavailable = (error: unknown): UpsError =>
  new UpsError('UPS_SEARCH_UNAVAILABLE', 'The search engine cannot answer now.', {
    cause: isFailure(error) ? error : undefined,
  })
