/**
 * What should not happen, with a code that a host and its operators may rely on. An expected "no" to a client (a lost
 * race, a missing attribute) is not here: that is a refusal, a value from `ups/statuses.ts`.
 */
export type ErrorCode =
  /** An option, flag or variable cannot be used. */
  | 'UPS_BAD_OPTION'
  /** The directory cannot be read, or holds a value that cannot be used, and there is no last good configuration. */
  | 'UPS_BAD_CONFIGURATION'
  /** The address or port cannot be listened on. */
  | 'UPS_CANNOT_LISTEN'
  /** The store cannot be opened (path, permission, not a database). */
  | 'UPS_STORE_CANNOT_OPEN'
  /** Another process or plugin holds the embedded store. */
  | 'UPS_STORE_HELD'
  /** The store was written by a newer version of this software. */
  | 'UPS_STORE_FROM_THE_FUTURE'
  /** The store cannot take or give data now (disk full, I/O error, closed); the request may be tried again. */
  | 'UPS_STORE_UNAVAILABLE'
  /** The engine of search cannot answer now; the store's own does. */
  | 'UPS_SEARCH_UNAVAILABLE'
  /** (Stand-alone host) The server that runs, or that was named, cannot be asked, or is no worklist. */
  | 'UPS_SERVER_UNAVAILABLE'
  /** No AE of the device answers to that title. */
  | 'UPS_UNKNOWN_AE'
  /** Somebody else committed a newer version of the workitem first. */
  | 'UPS_STALE_VERSION'

export class UpsError extends Error {
  override readonly name = 'UpsError'
  readonly code: ErrorCode

  /** `message` is one readable sentence; `cause` is for operators and never leaves the house. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export const hasCode = (error: unknown, code: ErrorCode): error is UpsError =>
  error instanceof UpsError && error.code === code
