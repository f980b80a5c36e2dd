/** GraphiQL, the page on which people try operations: whom it is shown to, and the examples that it opens with. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { GraphiQLOptions } from 'graphql-yoga'
import type { GraphqlSettings } from './ports.ts'

/** What runs on the page is on the page, and it talks to where it comes from. */
export const GRAPHIQL_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:; style-src 'unsafe-inline'; " +
    "img-src data: 'self'; font-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
} as const

/** False: it is not shown. */
export function graphiqlFor(request: IncomingMessage, { graphiql }: GraphqlSettings): GraphiQLOptions | false {
  if (graphiql === 'off' || (graphiql === 'loopback' && !isFromHere(request))) return false
  return {
    title: 'archive-ups',
    subscriptionsProtocol: 'WS',
    credentials: 'same-origin',
    defaultTabs: EXAMPLES.map(({ query, variables }) => ({
      query: readExample(query),
      ...(variables === undefined ? {} : { variables: readExample(variables) }),
    })),
  }
}

/** The library is large: only who looks at the page loads it. */
export async function renderGraphiql(options?: GraphiQLOptions): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  return renderGraphiQL(options)
}

interface Example {
  readonly query: string
  readonly variables?: string
}

const EXAMPLES: readonly Example[] = [
  { query: 'worklist.graphql' },
  { query: 'statistics.graphql' },
  { query: 'create.graphql', variables: 'create.json' },
  { query: 'watch.graphql' },
]

const readExample = (name: string): string =>
  readFileSync(fileURLToPath(import.meta.resolve(`archive-ups/schema/graphql/examples/${name}`)), 'utf8')

const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
const LOOPBACK_NAME = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i
const OF_A_PROXY = /^(?:via|forwarded|x-forwarded-.*|x-real-ip)$/

/** Of a proxy on this machine nobody knows for whom it asks. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  if (Object.keys(headers).some((name) => OF_A_PROXY.test(name))) return false
  return LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') && LOOPBACK_NAME.test(headers.host ?? '')
}
