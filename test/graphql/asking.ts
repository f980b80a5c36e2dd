/** What a running service says to a client. */
import { expect } from 'chai'
import type { GraphQLFormattedError } from 'graphql'
import { askGraphql, type GraphqlAnswer, type Variables } from '../support/graphql.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- answers are of any shape, and what they hold is what is tested
export type Told = Readonly<Record<string, any>>

/** `service`: its URL, with the prefix. Fails with what it says instead. */
export async function dataOf(
  { url }: { readonly url: string },
  query: string,
  variables: Variables = {},
): Promise<Told> {
  const { data, errors } = await askGraphql<Told>(url, query, variables)
  expect(errors, JSON.stringify(errors)).to.equal(undefined)
  return data ?? {}
}

export interface GraphqlRefusal {
  readonly message: string
  readonly code: unknown
  readonly dicomStatus?: unknown
  readonly attributes?: readonly { readonly path: string; readonly keyword?: string; readonly reason: string }[]
  readonly [extension: string]: unknown
}

/** The only error there is. */
export async function errorOf(
  { url }: { readonly url: string },
  query: string,
  variables: Variables = {},
): Promise<GraphqlRefusal> {
  return onlyError(await askGraphql(url, query, variables))
}

export function onlyError({ errors = [], data }: GraphqlAnswer): GraphqlRefusal {
  expect(errors, JSON.stringify(data)).to.have.length(1)
  return shownError(errors[0])
}

export const shownError = (error: GraphQLFormattedError | undefined): GraphqlRefusal => ({
  ...(error?.extensions as { readonly code: unknown }),
  message: error?.message ?? '',
})
