/** GraphQL as clients ask it, over HTTP. */
import type { GraphQLFormattedError } from 'graphql'

export type Variables = Readonly<Record<string, unknown>>

export interface GraphqlAnswer<Data = Readonly<Record<string, unknown>>> {
  readonly data?: Data | null
  readonly errors?: readonly GraphQLFormattedError[]
}

/** `service`: its URL, with the prefix. */
export async function askGraphql<Data>(
  service: string,
  query: string,
  variables: Variables = {},
): Promise<GraphqlAnswer<Data>> {
  const response = await fetch(`${service}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as GraphqlAnswer<Data>
}

