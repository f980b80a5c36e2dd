/** What goes wrong between us and an LDAP server, in words for those who run it. */
import type { DirectoryFailure } from './directory.ts'

export class LdapFailure extends Error {
  readonly failure: DirectoryFailure
  /** The result code of the server (RFC 4511 A.1), where it answered with one. */
  readonly resultCode: number | undefined

  /** `reason` continues "The directory cannot be read: ", without a full stop. */
  constructor(
    failure: DirectoryFailure,
    reason: string,
    options: ErrorOptions & { readonly resultCode?: number } = {},
  ) {
    super(reason, options)
    this.failure = failure
    this.resultCode = options.resultCode
  }
}

/** The result codes that are told apart somewhere. */
export const RESULT = {
  success: 0,
  sizeLimitExceeded: 4,
  adminLimitExceeded: 11,
  noSuchObject: 32,
  unwillingToPerform: 53,
} as const

type Row = readonly [name: string, failure: DirectoryFailure, words: string]

const REFERS = 'it refers to another server, and referrals are not followed'

const RESULTS: Readonly<Record<number, Row>> = {
  1: ['operationsError', 'unusable', 'it cannot do that search'],
  2: ['protocolError', 'unusable', 'it does not understand the request'],
  3: ['timeLimitExceeded', 'unreachable', 'the search took longer than its time limit'],
  4: [
    'sizeLimitExceeded',
    'unusable',
    'the device has more entries than it gives to this client; its size limit must be raised (OpenLDAP: olcLimits, size.prtotal)',
  ],
  7: ['authMethodNotSupported', 'unreachable', 'it does not take a bind DN with a password'],
  8: ['strongerAuthRequired', 'unreachable', 'it demands a bind, or a stronger one'],
  10: ['referral', 'unusable', REFERS],
  11: ['adminLimitExceeded', 'unusable', 'the search is beyond a limit that its administrator set'],
  12: ['unavailableCriticalExtension', 'unusable', 'it lacks a feature that is needed'],
  13: ['confidentialityRequired', 'unreachable', 'it demands TLS (ldaps:// or StartTLS)'],
  32: ['noSuchObject', 'unusable', 'there is no such entry, or it may not be seen'],
  34: ['invalidDNSyntax', 'unusable', 'it does not take the DN for one'],
  48: ['inappropriateAuthentication', 'unreachable', 'it does not let this client bind that way'],
  49: ['invalidCredentials', 'unreachable', 'it does not accept the bind DN or its password'],
  50: ['insufficientAccessRights', 'unusable', 'it does not let this client read that'],
  51: ['busy', 'unreachable', 'it is busy'],
  52: ['unavailable', 'unreachable', 'it is not available now'],
  53: ['unwillingToPerform', 'unusable', 'it is not willing to do that'],
}

/** @param diagnostic what the server says itself; for operators, as the cause. */
export function resultFailure(code: number, diagnostic: string): LdapFailure {
  const [name, failure, words]: Row = RESULTS[code] ?? ['another result', 'unusable', 'it refuses']
  const cause = new Error(`the server answered ${name} (${code})${diagnostic === '' ? '' : `: ${diagnostic}`}`)
  return new LdapFailure(failure, `${words} (${name}, ${code})`, { cause, resultCode: code })
}

export const referralFailure = (to: string): LdapFailure =>
  new LdapFailure('unusable', `for a part of the tree ${REFERS} (${to})`)

export const timeFailure = (what: string, milliseconds: number): LdapFailure =>
  new LdapFailure('unreachable', `${what} within ${milliseconds / 1_000} s`)

export const closedFailure = (cause?: unknown): LdapFailure =>
  new LdapFailure('unreachable', 'the connection was closed before the answer was complete', { cause })

export const notLdapFailure = (cause?: unknown): LdapFailure =>
  new LdapFailure('unreachable', 'what it answers is not LDAP', { cause })

const UNTRUSTED = 'its certificate does not come from an authority that is trusted here'
const NO_ROUTE = 'there is no way to its network'

/** By the codes of Node and OpenSSL. */
const SOCKET_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ECONNRESET: 'the connection was closed before the answer was complete',
  EPIPE: 'the connection was closed before the answer was complete',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ETIMEDOUT: 'there was no answer',
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there',
}

/** What became of a socket. */
export function socketFailure(error: unknown): LdapFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  const words = SOCKET_ERRORS[code]
  return new LdapFailure('unreachable', words === undefined ? `the connection failed (${code})` : words, {
    cause: error,
  })
}

/** What became of a socket before TLS stood. */
export function handshakeFailure(error: unknown): LdapFailure {
  const brokenOff = error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
  if (!brokenOff) return socketFailure(error)
  return new LdapFailure('unreachable', 'it broke off the TLS handshake; it may not speak TLS there', { cause: error })
}
