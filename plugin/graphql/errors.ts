/** Errors as clients get them. A refusal tells what is wrong; a failure has a correlation id, and what it was stays in the log. */
import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { MOST_PROBLEMS } from '../dicom/problem-list.ts'
import { hasCode } from '../errors.ts'
import type { Logger } from '../host.ts'
import type { Refusal } from '../ups/decision.ts'
import { describeRefusal } from '../ups/describe-refusal.ts'
import { BadArgument } from './bad-argument.ts'
import { libraryError } from './library-errors.ts'
import { codeOf, ERROR_CODES, OWN_ERRORS, type OwnErrorCode } from './error-codes.ts'

/** A command that was refused, as UPS-RS refuses it. */
export function refusedError(refusal: Refusal): GraphQLError {
  const { detail, dicomStatus } = describeRefusal(refusal)
  return new GraphQLError(detail, {
    extensions: {
      code: codeOf(refusal.key),
      dicomStatus,
      attributes: refusal.attributes
        .slice(0, MOST_PROBLEMS)
        .map(({ path, keyword, reason }) => ({ path, keyword, reason })),
    },
  })
}

/** `detail`: one sentence in the place of the usual one. */
export const ownError = (
  code: OwnErrorCode,
  detail?: string,
  extensions: Readonly<Record<string, unknown>> = {},
): GraphQLError => new GraphQLError(detail ?? OWN_ERRORS[code].text, { extensions: { code, ...extensions } })

/** What becomes of whatever was thrown: nothing of the inside leaves with it. */
export function maskedError(error: unknown, logger: Logger): GraphQLError {
  if (!(error instanceof GraphQLError)) return shown(error, logger)
  const { originalError } = error
  if (originalError === undefined || originalError === null) return isOwn(error) ? error : libraryError(error)
  // Thrown by a resolver, perhaps around what another one threw, and found a place in the answer since.
  return placed(error, maskedError(originalError, logger))
}

/** Made by us, for a client to read. */
const isOwn = ({ extensions }: GraphQLError): boolean => ERROR_CODES.some(({ code }) => code === extensions.code)

const placed = ({ nodes, path }: GraphQLError, { message, extensions }: GraphQLError): GraphQLError =>
  new GraphQLError(message, { nodes: nodes ?? null, path: path ?? null, extensions })

function shown(error: unknown, logger: Logger): GraphQLError {
  if (error instanceof BadArgument) return ownError('BAD_ARGUMENT', error.message, { argument: error.argument })
  if (hasCode(error, 'UPS_UNKNOWN_AE')) return ownError('UNKNOWN_AE', error.message)
  const requestId = randomUUID()
  const code = hasCode(error, 'UPS_STORE_UNAVAILABLE') ? 'UNAVAILABLE' : 'INTERNAL'
  logger.error({ err: error, requestId }, code === 'UNAVAILABLE' ? 'store unavailable' : 'operation failed')
  return ownError(code, undefined, { requestId })
}
