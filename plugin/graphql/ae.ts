/** The AE that an operation goes through. */
import { type AeConfiguration, findAe } from '../config/configuration.ts'
import { aeTitleProblem } from '../ups/arguments.ts'
import { refuse } from '../ups/decision.ts'
import type { OperationContext } from './context.ts'
import { ownError, refusedError } from './errors.ts'

/** @throws GraphQLError INVALID_ARGUMENT, UNKNOWN_AE */
export function requireAe(aeTitle: string, { service }: OperationContext): AeConfiguration {
  const title = requireAeTitle(aeTitle, 'The AE title')
  const lookup = findAe(service.configuration(), title)
  if (lookup.status === 'found') return lookup.ae
  const why = lookup.status === 'unknown' ? 'is not configured' : 'is not installed'
  throw ownError('UNKNOWN_AE', `The Application Entity ${title} ${why} on this device.`)
}

/** @returns it without leading and trailing spaces, which are not significant @throws GraphQLError INVALID_ARGUMENT */
export function requireAeTitle(text: string, what: string): string {
  const problem = aeTitleProblem(text, what)
  if (problem === undefined) return text.trim()
  throw refusedError(refuse('invalidArgument', [], problem).refusal)
}
