/**
 * `extensions.code` of errors: one for each refusal of the status catalogue (ups/statuses.ts), and those of GraphQL itself, with
 * the HTTP status where a request is not even run. Texts are for people, codes for programs.
 */
import type { ChangeKind } from '../store/store.ts'
import { dicomCode, REFUSALS, type RefusalKey, type WarningKey } from '../ups/statuses.ts'

interface OwnError {
  readonly text: string
  readonly http?: number
}

export const OWN_ERRORS = {
  /** An argument or a field of an input cannot be read. */
  BAD_ARGUMENT: { text: 'An argument has an invalid value.' },
  UNKNOWN_AE: { text: 'No such Application Entity.' },
  TOO_MANY_MATCHES: {
    text: 'The search matches more Workitems than the limit of this service; narrow it down.',
  },
  SEARCH_TOO_BROAD: {
    text: 'The search looks at more Workitems than this service can in the time it has; narrow it down.',
  },
  FEED_POSITION_UNKNOWN: { text: 'The feed has no such position; read what there is, and follow from there.' },
  FEED_POSITION_FORGOTTEN: {
    text: 'The feed does not go back to that position any more; read what there is, and follow from there.',
  },
  RESUME: { text: 'The subscription cannot go on here; subscribe again after the last position.' },
  CONFIGURATION_REFUSED: {
    text: 'The directory holds a configuration that cannot be used; the last good one stays in force.',
  },
  DIRECTORY_UNREACHABLE: { text: 'The directory cannot be reached; the last good configuration stays in force.' },
  TIMEOUT: { text: 'The operation took too long; a mutation of it may have taken place.' },
  UNAVAILABLE: { text: 'The service cannot take or give data now; try again.' },
  INTERNAL: { text: 'Internal error.' },
  TOO_DEEP: { http: 400, text: 'The document has more fields in each other than this service allows.' },
  TOO_MANY_ALIASES: { http: 400, text: 'The document has more aliases than this service allows.' },
  TOO_LARGE: { http: 400, text: 'The document or its variables are larger than this service allows.' },
  TOO_COSTLY: {
    http: 400,
    text: 'The operation asks for more than this service allows; ask for fewer fields or smaller pages.',
  },
  CIRCULAR: { http: 400, text: 'A fragment of the document contains itself.' },
  CROSS_SITE: { http: 403, text: 'Requests from other sites are refused.' },
  REQUEST_TOO_LARGE: { http: 413, text: 'The request is larger than this service allows.' },
  NOT_UTF8: { http: 400, text: 'The request is not UTF-8.' },
  UNREADABLE: { http: 400, text: 'The request cannot be read.' },
  NOT_STREAMED: {
    http: 400,
    text: 'A subscription is answered as text/event-stream or over WebSocket, and not as one of several operations.',
  },
  NOT_JSON: { http: 415, text: 'The Content-Type of the request must be application/json.' },
  TOO_MANY_OPERATIONS: { text: 'The connection has more operations at the same time than this service allows.' },
  DOCUMENT_NOT_KNOWN: { http: 400, text: 'This service runs the documents that it knows, and no others.' },
} as const satisfies Readonly<Record<string, OwnError>>

export type OwnErrorCode = keyof typeof OWN_ERRORS

/** Of an operation that was not even run; undefined: that of any answer. */
export function httpStatusOf(code: unknown): number | undefined {
  const errors: Readonly<Record<string, OwnError>> = OWN_ERRORS
  return typeof code === 'string' && Object.hasOwn(errors, code) ? errors[code]?.http : undefined
}

/** `transactionUidMissing` is TRANSACTION_UID_MISSING. */
export const codeOf = (key: RefusalKey | WarningKey | ChangeKind): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/** As the SDL has them, in `enum ErrorCode`. */
export const ERROR_CODES: readonly { readonly code: string; readonly text: string }[] = [
  ...(Object.keys(REFUSALS) as RefusalKey[]).map((key) => ({
    code: codeOf(key),
    text: `${dicomCode(REFUSALS[key])}: ${REFUSALS[key].text}`,
  })),
  ...Object.entries(OWN_ERRORS).map(([code, { text }]) => ({ code, text })),
]
