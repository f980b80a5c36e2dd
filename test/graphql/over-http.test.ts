import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { serverAudits } from 'graphql-http'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import Koa from 'koa'
import { createUpsPlugin, type UpsPlugin } from '../../plugin/index.ts'
import type { Store } from '../../plugin/store/store.ts'
import { expectRefusal } from '../http/refusal.ts'
import { rawExchange, wire } from '../http/wire.ts'
import { openChannelAt } from '../support/channel.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { type Answer, post, send } from '../support/http.ts'
import { closed, opened } from '../support/leaks.ts'
import { type Service, type ServiceOptions, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample } from '../support/workitems.ts'
import { type GraphqlRefusal, onlyError, type Told } from './asking.ts'

const JSON_TYPE = 'application/json'
const RESPONSE_TYPE = 'application/graphql-response+json'
const QUERY = '{ feed { position } }'
const MUTATION = `mutation { create(aeTitle: "WORKLIST", uid: "1.2.3", dataset: {}) { uid } }`
const NOTHING_YET = { data: { feed: { position: '0' } } }

type Headers = Readonly<Record<string, string>>

const ask = (service: Service, body: object | string, headers: Headers = {}): Promise<Answer> =>
  post(`${service.url}/graphql`, body, { 'Content-Type': JSON_TYPE, ...headers })

const search = (parameters: Headers): string => `?${new URLSearchParams(parameters).toString()}`

const get = (service: Service, parameters: Headers, headers: Headers = {}): Promise<Answer> =>
  send(`${service.url}/graphql${search(parameters)}`, { headers })

function expectError(answer: Answer, status: number, code: string, type = JSON_TYPE): GraphqlRefusal {
  expect(answer.status, answer.text).to.equal(status)
  expect(answer.headers.get('content-type')).to.equal(`${type}; charset=utf-8`)
  const error = onlyError(answer.json() as object)
  expect(error.code).to.equal(code)
  return error
}

const expectAnswered = (answer: Answer, type = JSON_TYPE): void => {
  expect(answer.status, answer.text).to.equal(200)
  expect(answer.headers.get('content-type')).to.equal(`${type}; charset=utf-8`)
  expect(answer.json()).to.deep.equal(NOTHING_YET)
}

describe('GraphQL over HTTP', () => {
  const services: Service[] = []
  const start = async (options: ServiceOptions = {}): Promise<Service> => {
    const started = await startService(options)
    services.push(started)
    return started
  }
  let service: Service
  before(async () => {
    service = await start()
  })
  after(() => Promise.all(services.map((one) => one.stop())))
  const nothingHappened = async (): Promise<void> => {
    expect(await service.feed()).to.have.length(0)
  }

  describe('passes the audit of graphql-http', () => {
    for (const { id, name, fn } of serverAudits({ url: 'http://localhost' })) {
      // One that is free to choose is only run.
      const isRequired = /^(MUST|SHOULD)\b/.test(name)
      it(`${id} ${name}`, async () => {
        const audit = serverAudits({ url: `${service.url}/graphql` }).find((one) => one.id === id)
        const result = await (audit?.fn ?? fn)()
        if (!isRequired) return
        expect(result.status, result.status === 'ok' ? '' : result.reason).to.equal('ok')
      })
    }
  })

  describe('refuses what pages of other sites can send without asking', () => {
    const notJson: readonly (readonly [string, Headers, string])[] = [
      ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, search({ query: MUTATION }).slice(1)],
      ['plain text', { 'Content-Type': 'text/plain' }, JSON.stringify({ query: MUTATION })],
      [
        'plain text that says JSON beside it',
        { 'Content-Type': 'text/plain; application/json' },
        JSON.stringify({ query: MUTATION }),
      ],
      [
        'a multipart form',
        { 'Content-Type': 'multipart/form-data; boundary=x' },
        `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query: MUTATION })}\r\n--x--\r\n`,
      ],
      ['no media type', {}, JSON.stringify({ query: MUTATION })],
      ['another JSON', { 'Content-Type': 'application/graphql+json' }, JSON.stringify({ query: MUTATION })],
      ['JSON of another encoding', { 'Content-Type': 'application/json; charset=utf-16' }, QUERY],
      ['a document', { 'Content-Type': 'application/graphql' }, MUTATION],
    ]
    for (const [what, headers, body] of notJson) {
      it(`${what}: 415`, async () => {
        const length = { 'Content-Length': String(Buffer.byteLength(body)) }
        const answer = await wire({
          port: service.port,
          path: '/graphql',
          method: 'POST',
          headers: { ...headers, ...length },
          body,
        })
        expectError(answer, 415, 'NOT_JSON')
        await nothingHappened()
      })
    }

    it('GET of a page of another origin of the same site: 403', async () => {
      const answer = await wire({
        port: service.port,
        path: `/graphql${search({ query: QUERY })}`,
        headers: { 'Sec-Fetch-Site': 'same-site' },
      })
      expectError(answer, 403, 'CROSS_SITE')
    })
    for (const site of ['same-origin', 'none']) {
      it(`but not GET with Sec-Fetch-Site: ${site}`, async () => {
        const path = `/graphql${search({ query: QUERY })}`
        expectAnswered(await wire({ port: service.port, path, headers: { 'Sec-Fetch-Site': site } }))
      })
    }

    const elsewhere: readonly (readonly [string, Headers])[] = [
      ['Sec-Fetch-Site: cross-site', { 'Sec-Fetch-Site': 'cross-site' }],
      ['a foreign Origin', { Origin: 'https://evil.example' }],
      ['Origin: null', { Origin: 'null' }],
      ['a foreign Host', { Host: 'evil.example' }],
    ]
    for (const [what, headers] of elsewhere) {
      for (const method of ['GET', 'POST'] as const) {
        it(`${method} with ${what}: 403`, async () => {
          const body = JSON.stringify({ query: MUTATION })
          const isPost = method === 'POST'
          const answer = await wire({
            port: service.port,
            path: `/graphql${isPost ? '' : search({ query: QUERY })}`,
            method,
            headers: { ...(isPost ? { 'Content-Type': JSON_TYPE } : {}), ...headers },
            ...(isPost ? { body } : {}),
          })
          expectRefusal(answer, headers['Host'] ? `http://${headers['Host']}` : service.url, 'crossSite')
          await nothingHappened()
        })
      }
    }

    it('an upgrade with a foreign Origin', async () => {
      const answer = await upgrade(service, '/graphql', 'Origin: https://evil.example')
      expect(answer).to.match(/^HTTP\/1\.1 403 /)
    })

    it('a mutation by GET: 405, also one that is known by its id', async () => {
      const known = await start({ graphql: { documents: { create: MUTATION } } })
      for (const answer of [
        await get(service, { query: MUTATION }),
        await get(service, { query: `${QUERY} ${MUTATION.replace('mutation', 'mutation M')}`, operationName: 'M' }),
        await get(known, { documentId: 'create' }),
        await get(known, { extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash: 'create' } }) }),
      ]) {
        expect(answer.status, answer.text).to.equal(405)
        expect(answer.headers.get('allow')).to.equal('POST')
      }
      await nothingHappened()
      expect(await known.feed()).to.have.length(0)
    })

    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      it(`${method}: 405, and nothing that would let other origins in`, async () => {
        const answer = await wire({
          port: service.port,
          path: `/graphql${search({ query: QUERY })}`,
          method,
          headers: { 'Access-Control-Request-Method': 'POST' },
        })
        expect([answer.status, answer.headers.get('allow')]).to.deep.equal([405, 'GET, POST'])
        for (const name of answer.headers.keys()) expect(name).not.to.match(/^access-control/)
      })
    }
  })

  describe('answers in the media type that is accepted', () => {
    for (const [accept, type] of [
      [JSON_TYPE, JSON_TYPE],
      [RESPONSE_TYPE, RESPONSE_TYPE],
      ['*/*', JSON_TYPE],
      ['application/*', JSON_TYPE],
      [`${RESPONSE_TYPE}, ${JSON_TYPE};q=0.9`, RESPONSE_TYPE],
    ] as const) {
      it(`${type} for ${accept}`, async () => {
        expectAnswered(await ask(service, { query: QUERY }, { Accept: accept }), type)
        expectAnswered(await get(service, { query: QUERY }, { Accept: accept }), type)
      })
    }

    it('406 where nothing is', async () => {
      for (const accept of ['image/png', 'text/plain', 'application/dicom+json']) {
        const answer = await ask(service, { query: QUERY }, { Accept: accept })
        expect([answer.status, answer.text]).to.deep.equal([406, ''])
        expect(answer.headers.get('accept')).to.include(RESPONSE_TYPE)
      }
    })

    const NOT_RUN: readonly (readonly [string, string, string])[] = [
      ['does not parse', '{ feed', 'GRAPHQL_PARSE_FAILED'],
      ['is not valid', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
      ['is too deep', `{ ${'a{'.repeat(40)}b${'}'.repeat(40)} }`, 'TOO_DEEP'],
      ['is too long', QUERY + ' '.repeat(65_536), 'TOO_LARGE'],
    ]
    for (const [what, query, code] of NOT_RUN) {
      it(`400 for a document that ${what}, which as application/json is 200`, async () => {
        expectError(await ask(service, { query }, { Accept: RESPONSE_TYPE }), 400, code, RESPONSE_TYPE)
        expectError(await ask(service, { query }, { Accept: JSON_TYPE }), 200, code)
      })
    }

    it('200 for what was run and refused', async () => {
      const query = '{ workitem(uid: "a") { uid } feed { position } }'
      for (const type of [JSON_TYPE, RESPONSE_TYPE]) {
        const answer = await ask(service, { query }, { Accept: type })
        expectError(answer, 200, 'INVALID_ARGUMENT', type)
        expect(answer.json()).to.have.deep.property('data', { workitem: null, ...NOTHING_YET.data })
      }
    })

    it('a stream for a subscription, which is refused where none is accepted, and as one of several operations', async () => {
      const query = 'subscription { workitemChanges { uid } }'
      expectError(await ask(service, { query }, { Accept: JSON_TYPE }), 200, 'NOT_STREAMED')
      expectError(await ask(service, { query }, { Accept: RESPONSE_TYPE }), 400, 'NOT_STREAMED', RESPONSE_TYPE)
      expect((await ask(service, { query }, { Accept: 'image/png' })).status).to.equal(406)
      const [first, second] = (await ask(service, [{ query }, { query: QUERY }])).json() as readonly Told[]
      expect(first?.['errors'][0].extensions.code).to.equal('NOT_STREAMED')
      expect(second).to.deep.equal(NOTHING_YET)
      await until(async () => (await openStreams(service)) === 0)
      const end = new AbortController()
      const stream = await fetch(`${service.url}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': JSON_TYPE, Accept: 'text/event-stream' },
        body: JSON.stringify({ query }),
        signal: end.signal,
      })
      expect(stream.headers.get('content-type')).to.equal('text/event-stream')
      expect(await openStreams(service)).to.equal(1)
      end.abort()
      await until(async () => (await openStreams(service)) === 0)
    })
  })

  describe('refuses what is no request', () => {
    const broken: readonly (readonly [string, string, string?])[] = [
      ['no JSON', '{"query": "{feed', 'UNREADABLE'],
      ['nothing', '', 'UNREADABLE'],
      ['a text', '"{ feed { position } }"', 'UNREADABLE'],
      ['a number', '1', 'UNREADABLE'],
      ['null', 'null', 'UNREADABLE'],
      ['a query that is a number', '{"query": 1}'],
      ['a query that is an object', '{"query": {}}'],
      ['variables that are a text', `{"query": "${QUERY}", "variables": "{}"}`],
      ['variables that are a list', `{"query": "${QUERY}", "variables": []}`],
      ['extensions that are a list', `{"query": "${QUERY}", "extensions": []}`],
      ['a parameter that it does not know', `{"query": "${QUERY}", "extra": 1}`],
    ]
    for (const [what, body, code = 'BAD_REQUEST'] of broken) {
      it(`${what}: 400`, async () => {
        const headers = { 'Content-Type': JSON_TYPE, Accept: RESPONSE_TYPE }
        const path = `${service.url}/graphql`
        const answer = await send(path, { method: 'POST', headers, body })
        expectError(answer, 400, code, RESPONSE_TYPE)
        expect(
          (await send(path, { method: 'POST', headers: { ...headers, Accept: JSON_TYPE }, body })).status,
        ).to.equal(400)
      })
    }

    it('bytes that are not UTF-8: 400, so that no name becomes another one', async () => {
      const text = JSON.stringify({ query: MUTATION.replace('1.2.3', 'M\u00fcller') })
      const answer = await send(`${service.url}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': JSON_TYPE },
        body: new Uint8Array(Buffer.from(text, 'latin1')),
      })
      expect(answer.status).to.equal(400)
      expect(onlyError(answer.json() as object).message).to.match(/UTF-8/)
    })

    it('parameters of a URL that are no JSON: 400, and no failure of the service', async () => {
      const lines: string[] = []
      const note = (_: object, message: string): void => void lines.push(message)
      const logger = { debug: () => undefined, info: () => undefined, warn: note, error: note }
      const logged = await start({ host: { logger } })
      for (const name of ['variables', 'extensions']) {
        const answer = await get(logged, { query: QUERY, [name]: '{a secret' }, { Accept: RESPONSE_TYPE })
        expectError(answer, 400, 'UNREADABLE', RESPONSE_TYPE)
        expect(answer.text).to.include(name).and.not.include('secret')
      }
      expect(lines).to.deep.equal([])
    })

    it('what it cannot choose from: two operations without a name, or another one', async () => {
      const query = `query A ${QUERY} query B ${QUERY}`
      expect((await ask(service, { query })).status).to.equal(400)
      for (const operationName of ['C', 1, {}]) {
        expect((await ask(service, { query, operationName })).status).to.equal(400)
      }
      expectAnswered(await ask(service, { query, operationName: 'B' }))
    })

    it('a request that is too large: 413, with and without a Content-Length', async () => {
      const small = await start({ bodyLimit: 1_000 })
      const body = JSON.stringify({ query: QUERY, variables: { padding: 'x'.repeat(1_000) } })
      expect((await ask(small, body)).status).to.equal(413)
      const chunked = await wire({
        port: small.port,
        path: '/graphql',
        method: 'POST',
        headers: { 'Content-Type': JSON_TYPE },
        chunks: [body.slice(0, 600), body.slice(600)],
      })
      expect(chunked.status).to.equal(413)
      const query = QUERY.padEnd(1_000 - JSON.stringify({ query: '' }).length)
      expectAnswered(await ask(small, { query }))
      expect((await ask(small, { query: `${query} ` })).status).to.equal(413)
    })
  })

  describe('runs a batch', () => {
    const batch = (count: number): readonly object[] => Array.from({ length: count }, () => ({ query: QUERY }))

    it('of 10, each of them on its own', async () => {
      const answer = await ask(service, [...batch(9), { query: '{ nothing }' }])
      expect(answer.status).to.equal(200)
      const results = answer.json() as readonly object[]
      expect(results.slice(0, 9)).to.deep.equal(Array.from({ length: 9 }, () => NOTHING_YET))
      expect(onlyError(results[9] ?? {}).code).to.equal('GRAPHQL_VALIDATION_FAILED')
    })

    it('but not of 11: 413, and none of them is run', async () => {
      const answer = await ask(service, [{ query: MUTATION }, ...batch(10)])
      expectError(answer, 413, 'BAD_REQUEST')
      await nothingHappened()
    })

    it('of as many as the option says', async () => {
      const two = await start({ graphql: { limits: { batch: 2 } } })
      expect((await ask(two, batch(2))).status).to.equal(200)
      expect((await ask(two, batch(3))).status).to.equal(413)
    })
  })

  describe('GraphiQL', () => {
    const page = (where: Service, headers: Headers = {}): Promise<Answer> =>
      wire({ port: where.port, path: '/graphql', headers: { Accept: 'text/html', ...headers } })
    const isShown = async (where: Service, headers: Headers = {}): Promise<boolean> => {
      const answer = await page(where, headers)
      if (answer.status === 406) return false
      expect([answer.status, answer.headers.get('content-type')]).to.deep.equal([200, 'text/html'])
      return true
    }

    it('is a page that loads nothing from elsewhere, is in no frame, and opens with examples', async () => {
      const { headers, text } = await page(service)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).to.include("default-src 'none'").and.include("connect-src 'self'")
      expect(policy)
        .to.include("frame-ancestors 'none'")
        .and.not.match(/https?:|\*/)
      expect(headers.get('x-content-type-options')).to.equal('nosniff')
      expect(text).to.include('<title>archive-ups</title>').and.include('query Worklist')
    })

    it('is shown on loopback by any of its names', async () => {
      for (const host of ['127.0.0.1', `127.0.0.1:${service.port}`, 'localhost', `localhost:${service.port}`]) {
        expect(await isShown(service, { Host: host }), host).to.equal(true)
      }
    })

    it('is not shown through a proxy, which asks for somebody else', async () => {
      for (const name of ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host']) {
        expect(await isShown(service, { [name]: 'for=192.0.2.1' }), name).to.equal(false)
      }
    })

    it('is not shown under a name that is not of this machine', async () => {
      const any = await start({ allowedHosts: ['127.0.0.1', 'archive.example'] })
      expect(await isShown(any, { Host: 'archive.example' })).to.equal(false)
      expect(await isShown(any)).to.equal(true)
    })

    it('is shown to all, or to none, as the option says', async () => {
      const on = await start({ graphql: { graphiql: 'on' }, allowedHosts: ['archive.example'] })
      const off = await start({ graphql: { graphiql: 'off' } })
      expect(await isShown(on, { Host: 'archive.example', 'X-Forwarded-For': '192.0.2.1' })).to.equal(true)
      expect(await isShown(off)).to.equal(false)
    })

    it('is not what a program gets that accepts anything', async () => {
      expect((await page(service, { Accept: '*/*' })).headers.get('content-type')).to.include(JSON_TYPE)
    })
  })

  describe('persisted documents', () => {
    const documents = { position: `query Position ${QUERY}`, watch: 'subscription { workitemChanges { uid } }' }
    let known: Service
    before(async () => {
      known = await start({ graphql: { documents } })
    })
    const hash = (sha256Hash: unknown): object => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } })

    it('are run by their id, both ways of naming it, by POST and by GET', async () => {
      expectAnswered(await ask(known, { documentId: 'position' }))
      expectAnswered(await ask(known, hash('position')))
      expectAnswered(await get(known, { documentId: 'position' }))
      expectAnswered(
        await get(known, { extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash: 'position' } }) }),
      )
    })

    it('are run whatever document is sent beside the id', async () => {
      expectAnswered(await ask(known, { documentId: 'position', query: '{ nothing }' }))
    })

    for (const [what, body] of [
      ['any other document', { query: QUERY }],
      ['the text of a known one', { query: documents.position }],
      ['an unknown id', { documentId: 'other', query: QUERY }],
      ['the name of something that every object has', { documentId: 'constructor' }],
      ['an id that is no text', { documentId: 1, query: QUERY }],
      ['an unknown hash', { query: QUERY, ...hash('other') }],
      ['a hash that is no text', { query: QUERY, ...hash(['position']) }],
      ['nothing', {}],
    ] as const) {
      it(`refuse ${what}: 400`, async () => {
        const answer = await ask(known, body, { Accept: RESPONSE_TYPE })
        expectError(answer, 400, 'DOCUMENT_NOT_KNOWN', RESPONSE_TYPE)
      })
    }

    it('refuse each of a batch on its own', async () => {
      const [first, second] = (await ask(known, [{ documentId: 'position' }, { query: QUERY }])).json() as object[]
      expect(first).to.deep.equal(NOTHING_YET)
      expect(onlyError(second ?? {}).code).to.equal('DOCUMENT_NOT_KNOWN')
    })

    it('are all that is run over WebSocket, too', async () => {
      const channel = await openChannelAt(`${known.url.replace('http', 'ws')}/graphql`, {
        protocols: [GRAPHQL_TRANSPORT_WS_PROTOCOL],
      })
      channel.send(JSON.stringify({ type: 'connection_init' }))
      await channel.has(1)
      channel.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '', documentId: 'position' } }))
      channel.send(JSON.stringify({ id: '2', type: 'subscribe', payload: { query: '', ...hash('position') } }))
      channel.send(JSON.stringify({ id: '3', type: 'subscribe', payload: { query: QUERY } }))
      await channel.has(6)
      const frames = channel.texts.map((text) => JSON.parse(text) as Frame)
      const of = (id: string): readonly Frame[] => frames.filter((frame) => frame.id === id)
      for (const id of ['1', '2']) {
        expect(of(id).map(({ type }) => type)).to.deep.equal(['next', 'complete'])
        expect(of(id)[0]?.payload).to.deep.equal(NOTHING_YET)
      }
      expect(of('3')).to.have.length(1)
      expect(of('3')[0]?.type).to.equal('error')
      expect(onlyError({ errors: of('3')[0]?.payload as [] }).code).to.equal('DOCUMENT_NOT_KNOWN')
      await channel.close()
    })

    it('are not known where the archive gave none: an id is refused, and documents are run', async () => {
      const answer = await ask(service, { documentId: 'position', query: QUERY }, { Accept: RESPONSE_TYPE })
      expectError(answer, 400, 'DOCUMENT_NOT_KNOWN', RESPONSE_TYPE)
      expectAnswered(await ask(service, { query: QUERY }))
      expectAnswered(await ask(service, { query: QUERY, ...hash('position') }))
    })
  })

  describe('introspection', () => {
    const query = '{ __schema { queryType { name } } }'

    it('is there', async () => {
      const answer = await ask(service, { query })
      expect(answer.json()).to.deep.equal({ data: { __schema: { queryType: { name: 'Query' } } } })
    })

    it('is not there where the option says so, which leaves __typename', async () => {
      const closedOne = await start({ graphql: { introspection: false } })
      for (const asked of [query, '{ __type(name: "Query") { name } }']) {
        const answer = await ask(closedOne, { query: asked }, { Accept: RESPONSE_TYPE })
        expect(answer.status).to.equal(400)
        expect(answer.text).not.to.include('"data"')
      }
      const answer = await ask(closedOne, { query: '{ __typename }' })
      expect(answer.json()).to.deep.equal({ data: { __typename: 'Query' } })
    })
  })

  it('is not there where the option says so: 404, and an upgrade is left to the host', async () => {
    const without = await start({ graphql: false })
    expectRefusal(await ask(without, { query: QUERY }), without.url, 'unknownResource')
    expectRefusal(await send(`${without.url}/graphql`), without.url, 'unknownResource')
    // The host of the tests ends what is not taken.
    expect(await upgrade(without, '/graphql')).to.equal('')
    expect(await upgrade(service, '/graphql', `Sec-WebSocket-Protocol: ${GRAPHQL_TRANSPORT_WS_PROTOCOL}`)).to.match(
      /^HTTP\/1\.1 101 /,
    )
  })

  it('is below the prefix, and nowhere else', async () => {
    const prefixed = await start({ prefix: '/dcm4chee-arc' })
    const where = { ...prefixed, url: `${prefixed.url}/dcm4chee-arc` }
    expectAnswered(await ask(where, { query: QUERY }))
    expect((await ask(prefixed, { query: QUERY })).status).to.equal(404)
    for (const path of ['/GraphQL', '/graphql/x', '/graphqlx']) {
      expect((await post(where.url + path, { query: QUERY }, { 'Content-Type': JSON_TYPE })).status, path).to.equal(404)
    }
  })

  describe('a timeout', () => {
    it('gives up what takes too long, and what a mutation has done is done', async () => {
      const slow = await start({ graphql: { timeout: 150 } })
      const release = slowly(slow.store, 'head')
      const answer = await ask(slow, { query: '{ feed { position } archive { deviceName } }' })
      expectError(answer, 200, 'TIMEOUT')
      const variables = { dataset: sample('minimal') }
      const query = `mutation($dataset: DicomJson!) {
        create(aeTitle: "WORKLIST", uid: "1.2.3", dataset: $dataset) { uid }
        cancelAbandoned(uid: "1.2.3", reason: "gone") { uid }
      }`
      const releaseLoad = slowly(slow.store, 'load')
      const mutation = await ask(slow, { query, variables })
      expect(expectError(mutation, 200, 'TIMEOUT').message).to.match(/may have taken place/)
      release()
      releaseLoad()
      await until(async () => (await slow.feed()).length > 0)
    })

    it('is not of a subscription', async () => {
      const quick = await start({ graphql: { timeout: 50 } })
      const end = new AbortController()
      const stream = await fetch(`${quick.url}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': JSON_TYPE, Accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { workitemChanges { uid } }' }),
        signal: end.signal,
      })
      await new Promise((resolve) => setTimeout(resolve, 200))
      await post(`${quick.aet()}/workitems?1.2.3`, sample('minimal'))
      let text = ''
      const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
      while (!text.includes('1.2.3')) text += (await reader?.read())?.value ?? ''
      end.abort()
      await until(async () => (await openStreams(quick)) === 0)
    })
  })

  describe('in a host', () => {
    let folder: Folder
    let plugin: UpsPlugin
    let server: Server
    let url: string
    const listen = async (make: (plugin: UpsPlugin) => Server): Promise<void> => {
      folder = temporaryFolder()
      plugin = createUpsPlugin({ store: `sqlite:${join(folder.path, 'worklist.db')}` })
      server = make(plugin)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      opened(server, `host at ${url}`, () => server.close())
    }
    afterEach(async () => {
      const gone = new Promise((resolve) => server.close(resolve))
      await plugin.stop()
      server.closeAllConnections()
      await gone
      folder.remove()
      closed(server)
    })
    const asked = (path: string): Promise<Answer> => post(url + path, { query: QUERY }, { 'Content-Type': JSON_TYPE })

    it('is below the path that its Koa application mounts it at', async () => {
      await listen((it) => {
        const middleware = it.middleware()
        const app = new Koa()
        app.use(async (ctx, next) => {
          if (!ctx.path.startsWith('/archive/')) return next()
          const whole = ctx.path
          ctx.path = whole.slice('/archive'.length)
          await middleware(ctx, next)
          ctx.path = whole
        })
        return createServer((request, response) => void app.callback()(request, response))
      })
      await plugin.start()
      expectAnswered(await asked('/archive/graphql'))
      expectAnswered(await send(`${url}/archive/graphql${search({ query: QUERY })}`))
      expect((await asked('/graphql')).status).to.equal(404)
    })

    it('is below the path that another host mounts its callback at', async () => {
      await listen((it) => {
        const callback = it.callback()
        return createServer((request, response) => {
          const whole = request.url ?? '/'
          request.url = whole.slice('/archive'.length)
          callback(Object.assign(request, { originalUrl: whole }), response)
        })
      })
      await plugin.start()
      expectAnswered(await asked('/archive/graphql'))
      expectAnswered(await send(`${url}/archive/graphql${search({ query: QUERY })}`))
    })

    it('is 503 before the service starts and after it stopped', async () => {
      await listen((it) => createServer(it.callback()))
      expectRefusal(await asked('/graphql'), url, 'unavailable')
      await plugin.start()
      expectAnswered(await asked('/graphql'))
      await plugin.stop()
      expectRefusal(await asked('/graphql'), url, 'unavailable')
    })
  })
})

interface Frame {
  readonly id?: string
  readonly type: string
  readonly payload?: unknown
}

const upgrade = (service: Service, path: string, ...lines: readonly string[]): Promise<string> =>
  rawExchange(
    service.port,
    [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${service.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...lines,
      '',
      '',
    ].join('\r\n'),
  )

async function openStreams(service: Service): Promise<number> {
  const { text } = await send(`${service.url}/metrics`)
  return Number(/^ups_graphql_subscriptions (\d+)/m.exec(text)?.[1])
}

/** What is asked of the store there takes until what this gives is called. */
function slowly(store: Store, ...names: readonly (keyof Store)[]): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const name of names) {
    const method = store[name].bind(store) as (...args: readonly unknown[]) => unknown
    Object.defineProperty(store, name, {
      configurable: true,
      value: async (...args: readonly unknown[]) => {
        await promise
        return method(...args)
      },
    })
  }
  return resolve
}
