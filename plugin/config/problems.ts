/** What is wrong with a directory, in a form that a person who mends it can use. */
import { UpsError } from '../errors.ts'

export interface ConfigurationProblem {
  readonly dn: string
  /** As the schema spells it. */
  readonly attribute: string
  /** Absent where the attribute is missing. */
  readonly value?: string
  /** Completes "expected ...". */
  readonly expected: string
  /** Where the entry is when the DN does not say it all, `file:line`. */
  readonly place?: string
}

/** One line without a full stop. */
export function describeProblem({ dn, attribute, value, expected, place }: ConfigurationProblem): string {
  const what = value === undefined ? `${attribute} is missing` : `${attribute} is ${JSON.stringify(value)}`
  return `${place === undefined ? '' : `${place}: `}${dn}: ${what}; expected ${expected}`
}

/** UPS_BAD_CONFIGURATION, with every problem in its message. */
export function configurationError(source: string, problems: readonly ConfigurationProblem[]): UpsError {
  const lines = problems.map((problem) => `\n  ${describeProblem(problem)}`)
  return new UpsError('UPS_BAD_CONFIGURATION', `The configuration in ${source} cannot be used:${lines.join('')}`)
}
