/** GraphQL as clients ask it: over HTTP, and over WebSocket with the client of graphql-ws. */
import type { Socket } from 'node:net'
import type { GraphQLFormattedError } from 'graphql'
import { type Client, type ClientOptions, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { closed, opened } from './leaks.ts'
import { until } from './until.ts'

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

/** What comes of one operation over a WebSocket. */
export interface Stream<Told> {
  /** As it came. */
  readonly told: readonly Told[]
  /** Of answers without data. */
  readonly errors: readonly GraphQLFormattedError[]
  /** Resolves when so many were told; fails when they do not come. */
  has(count: number, patience?: number): Promise<readonly Told[]>
  /** Says `complete`. */
  stop(): void
  /** `complete`, or what the client says why it is over: errors, or the end of the connection. */
  readonly ended: Promise<unknown>
}

export interface GraphqlClient {
  /** `field`: what is told is the value of it. */
  follow<Told>(query: string, variables: Variables, field: string): Stream<Told>
  /** Breaks the connection without a word. */
  cut(): Promise<void>
  /** Stops reading from the connection, pongs included, until `resume`. */
  pause(): void
  resume(): void
  close(): Promise<void>
}

/** Of the official client, which does not come back by itself unless `options` say so. */
export function graphqlClient(service: string, options: Partial<ClientOptions> = {}): GraphqlClient {
  const sockets = new Set<WebSocket>()
  class Registered extends WebSocket {
    constructor(url: string, protocols: string | string[]) {
      super(url, protocols, { perMessageDeflate: false })
      sockets.add(this)
      opened(this, `GraphQL over WebSocket ${url}`, () => this.terminate())
      this.once('close', () => {
        sockets.delete(this)
        closed(this)
      })
    }
  }
  const client = createClient({
    url: `${service.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: Registered,
    retryAttempts: 0,
    ...options,
  })
  const raws = (): readonly Socket[] =>
    [...sockets].map((socket) => {
      const { _socket: raw } = socket as unknown as { readonly _socket: Socket }
      return raw
    })
  const gone = (): Promise<void> => until(() => sockets.size === 0)
  return {
    follow: (query, variables, field) => streamOf(client, query, variables, field),
    async cut() {
      for (const raw of raws()) raw.destroy()
      await gone()
    },
    pause: () => raws().forEach((raw) => raw.pause()),
    resume: () => raws().forEach((raw) => raw.resume()),
    async close() {
      await client.dispose()
      await gone()
    },
  }
}

function streamOf<Told>(client: Client, query: string, variables: Variables, field: string): Stream<Told> {
  const told: Told[] = []
  const errors: GraphQLFormattedError[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>()
  const stop = client.subscribe<Readonly<Record<string, Told>>>(
    { query, variables },
    {
      next({ data, errors: failed = [] }) {
        errors.push(...failed)
        const one = data?.[field]
        if (one !== undefined) told.push(one)
      },
      error: end,
      complete: () => end('complete'),
    },
  )
  return {
    told,
    errors,
    async has(count, patience = 10_000) {
      await until(() => told.length >= count, patience)
      return told
    },
    stop,
    ended,
  }
}

/** One event of a stream over HTTP. */
export interface ServerSentEvent {
  readonly event: string
  readonly data: GraphqlAnswer
}

export interface EventStream {
  readonly status: number
  readonly type: string | null
  /** As they came. */
  readonly events: readonly ServerSentEvent[]
  has(count: number, patience?: number): Promise<readonly ServerSentEvent[]>
  /** Breaks the connection. */
  cut(): void
  /** Fulfilled when it is over, whoever ended it. */
  readonly ended: Promise<void>
}

export async function openEvents(service: string, query: string, variables: Variables = {}): Promise<EventStream> {
  const controller = new AbortController()
  const response = await fetch(`${service}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables }),
    signal: controller.signal,
  })
  const events: ServerSentEvent[] = []
  opened(response, `events of ${service}`, () => controller.abort())
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    events,
    async has(count, patience = 10_000) {
      await until(() => events.length >= count, patience)
      return events
    },
    cut: () => controller.abort(),
    ended: readEvents(response, events)
      // That it was cut.
      .catch(() => undefined)
      .finally(() => closed(response)),
  }
}

/** The first that a subscription tells, whose stream is cut then. */
export async function firstTold(service: string, query: string, variables: Variables = {}): Promise<GraphqlAnswer> {
  const stream = await openEvents(service, query, variables)
  try {
    const [first] = await stream.has(1)
    return first?.data ?? {}
  } finally {
    stream.cut()
    await stream.ended
  }
}

async function readEvents({ body }: Response, events: ServerSentEvent[]): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    const blocks = `${text}${decoder.decode(chunk, { stream: true })}`.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1]
      const data = /^data: ?(.*)$/m.exec(block)?.[1]
      if (event !== undefined) events.push({ event, data: data ? (JSON.parse(data) as GraphqlAnswer) : {} })
    }
  }
}
