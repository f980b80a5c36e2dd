/** Operations of GraphQL over HTTP, as a client sends them. */
import type { ExecutionResult } from 'graphql'

export type Variables = Readonly<Record<string, unknown>>

const send = (url: string, body: object, accept: string, signal?: AbortSignal): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })

/** A query or mutation. */
export async function ask(url: string, query: string, variables: Variables = {}): Promise<ExecutionResult> {
  const answer = await send(url, { query, variables }, 'application/graphql-response+json')
  return (await answer.json()) as ExecutionResult
}

/** The first that a subscription tells, which is ended then; undefined: it ended before. */
export async function firstTold(
  url: string,
  query: string,
  variables: Variables = {},
): Promise<ExecutionResult | undefined> {
  const over = new AbortController()
  const answer = await send(url, { query, variables }, 'text/event-stream', over.signal)
  let text = ''
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const [, told] = /^data: ?(.+)\n/m.exec(text) ?? []
    if (told === undefined) continue
    over.abort()
    return JSON.parse(told) as ExecutionResult
  }
  return undefined
}
