/** Whom GraphiQL is shown to, and what it opens with. */
import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import { validate } from 'graphql'
import { GRAPHIQL_HEADERS, graphiqlFor, renderGraphiql } from '../../plugin/graphql/graphiql.ts'
import { DEFAULT_LIMITS, type GraphqlSettings } from '../../plugin/graphql/ports.ts'
import { costError, nothingSpent, parseWithin, shapeError } from '../../plugin/graphql/limits.ts'
import { worklistSchema } from '../../plugin/graphql/schema.ts'

interface From {
  readonly address?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

const optionsFor = (graphiql: GraphqlSettings['graphiql'], { address, headers = {} }: From) =>
  graphiqlFor(
    { socket: { remoteAddress: address }, headers } as unknown as IncomingMessage,
    {
      graphiql,
    } as GraphqlSettings,
  )

const isShown = (graphiql: GraphqlSettings['graphiql'], from: From): boolean => optionsFor(graphiql, from) !== false

/** And whether it is of this machine. */
const ADDRESSES: readonly (readonly [string | undefined, boolean])[] = [
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.168.0.1', false],
  ['10.127.0.1', false],
  ['1127.0.0.1', false],
  ['127.0.0.1.5', false],
  ['::ffff:10.0.0.1', false],
  ['::11', false],
  ['fe80::1', false],
  ['', false],
  [undefined, false],
]

const HOSTS: readonly (readonly [string | undefined, boolean])[] = [
  ['localhost', true],
  ['LOCALHOST:8080', true],
  ['127.0.0.1', true],
  ['127.0.0.1:8080', true],
  ['127.1.2.3:1', true],
  ['[::1]', true],
  ['[::1]:8080', true],
  ['localhost.example.org', false],
  ['evil.localhost', false],
  ['notlocalhost:8080', false],
  ['127.0.0.1.nip.io', false],
  ['127.0.0.1:8080.example.org', false],
  ['x127.0.0.1', false],
  ['archive.example.org:8080', false],
  ['::1', false],
  ['localhost:', false],
  ['', false],
  [undefined, false],
]

const PROXIED: readonly (Readonly<Record<string, string>> & object)[] = [
  { forwarded: 'for=10.0.0.1' },
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-forwarded-host': 'localhost' },
  { 'x-forwarded-proto': 'https' },
  { 'x-real-ip': '127.0.0.1' },
  { via: '1.1 proxy' },
  { 'x-forwarded-for': '' },
]

const hostHeader = (host: string | undefined): Readonly<Record<string, string>> => (host === undefined ? {} : { host })

/** Every combination of address, Host and header of a proxy; whether it is from a browser on this machine. */
const ALL = ADDRESSES.flatMap(([address, isAddress]) =>
  HOSTS.flatMap(([host, isHost]) => [
    { from: { address, headers: hostHeader(host) }, isHere: isAddress && isHost },
    ...PROXIED.map((proxy) => ({ from: { address, headers: { ...hostHeader(host), ...proxy } }, isHere: false })),
  ]),
)

describe('GraphiQL', () => {
  it('is shown to browsers on this machine, which no proxy asks for', () => {
    for (const { from, isHere } of ALL) expect(isShown('loopback', from), JSON.stringify(from)).to.equal(isHere)
    expect(ALL.filter(({ isHere }) => isHere).length).to.equal(28)
  })

  it('is shown to them whatever other headers they send', () => {
    const headers = { host: 'localhost', accept: 'text/html', 'x-requested-with': 'via', 'user-agent': 'forwarded' }
    expect(isShown('loopback', { address: '::1', headers })).to.equal(true)
  })

  it('is shown to everybody where it is on, to nobody where it is off', () => {
    for (const { from } of ALL) {
      expect(isShown('on', from), JSON.stringify(from)).to.equal(true)
      expect(isShown('off', from), JSON.stringify(from)).to.equal(false)
    }
  })

  it('talks to where it comes from, with its own cookies alone', () => {
    expect(optionsFor('on', {})).to.deep.include({ subscriptionsProtocol: 'WS', credentials: 'same-origin' })
    const policy = GRAPHIQL_HEADERS['Content-Security-Policy'].split('; ')
    expect(policy).to.include.members([
      "default-src 'none'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ])
    expect(policy.join(' ')).not.to.match(/https?:|\*|unsafe-eval/)
    expect(GRAPHIQL_HEADERS['X-Content-Type-Options']).to.equal('nosniff')
  })

  it('opens with examples that are valid, and within the limits', () => {
    const options = optionsFor('on', {})
    const tabs = options === false ? [] : (options.defaultTabs ?? [])
    expect(tabs.length).to.equal(4)
    const schema = worklistSchema()
    for (const { query = '', variables } of tabs) {
      const document = parseWithin(query ?? '', DEFAULT_LIMITS)
      expect(validate(schema, document), query ?? '').to.deep.equal([])
      expect(shapeError(document, DEFAULT_LIMITS)).to.equal(undefined)
      const variableValues = JSON.parse(variables ?? '{}') as Record<string, unknown>
      expect(costError({ schema, document, variableValues }, DEFAULT_LIMITS, nothingSpent()), query ?? '').to.equal(
        undefined,
      )
    }
    expect(tabs.filter(({ variables }) => variables !== undefined).length).to.equal(1)
  })

  it('is a page that holds all that it runs', async () => {
    const options = optionsFor('on', {})
    const page = await renderGraphiql(options === false ? undefined : options)
    expect(page).to.match(/<title>archive-ups<\/title>/)
    expect(page).not.to.match(/<(?:script|link)[^>]+(?:src|href)="?(?:https?:)?\/\//)
  })
})
