/** GraphQL over WebSocket as decent and other clients speak it, and as it ends. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { SILENT } from '../../plugin/host.ts'
import { createUpsPlugin } from '../../plugin/index.ts'
import { handshake } from '../events/raw-channel.ts'
import { create, metric } from '../events/service-calls.ts'
import { rawExchange, statusesIn } from '../http/wire.ts'
import { type Channel, type ChannelOptions, openChannelAt } from '../support/channel.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { askGraphql, type GraphqlClient, graphqlClient, openEvents, type Variables } from '../support/graphql.ts'
import { type Service, type ServiceOptions, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample } from '../support/workitems.ts'

const PROTOCOL = 'graphql-transport-ws'
const WATCH = 'subscription ($after: FeedPosition) { workitemChanges(after: $after) { position uid } }'
const CREATE = `mutation ($uid: String!, $dataset: DicomJson!) {
  create(aeTitle: "WORKLIST", uid: $uid, dataset: $dataset) { uid workitem { state } position } }`

interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: unknown
}

interface Failed {
  readonly message: string
  readonly extensions: Readonly<Record<string, unknown>>
}

/** One that speaks the protocol message by message. */
interface Speaker extends Channel {
  say(message: object): void
  operate(id: string, query: string, variables?: Variables): void
  /** Those of one operation, or without one. */
  heard(id?: string): readonly Message[]
  /** Resolves with the errors of an operation, and whether they are its last word. */
  failure(id: string): Promise<{ readonly as: string; readonly errors: readonly Failed[] }>
}

describe('GraphQL over WebSocket', function () {
  this.timeout(20_000)
  let service: Service
  let speakers: Channel[]
  let clients: GraphqlClient[]
  let others: Service[]
  let folder: Folder
  let last = 0
  const nextUid = (): string => `1.2.71.${++last}`
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())
  beforeEach(() => {
    speakers = []
    clients = []
    others = []
    folder = temporaryFolder()
  })
  afterEach(async () => {
    for (const client of clients) await client.close()
    for (const speaker of speakers) await speaker.cut()
    await until(async () => (await streams(service)) === 0)
    for (const other of others) await other.stop()
    folder.remove()
  })

  const streams = (of: Service): Promise<number> => metric(of, 'ups_graphql_subscriptions')
  const start = async (options: ServiceOptions): Promise<Service> => {
    const other = await startService(options)
    others.push(other)
    return other
  }
  const connect = (url = service.url): GraphqlClient => {
    const client = graphqlClient(url)
    clients.push(client)
    return client
  }

  /** With a connection that the service has acknowledged, unless it is told not to ask for it. */
  async function speak(
    url = service.url,
    asks: 'asks' | 'waits' = 'asks',
    options: ChannelOptions = {},
  ): Promise<Speaker> {
    const channel = await openChannelAt(`${url.replace('http', 'ws')}/graphql`, { protocols: [PROTOCOL], ...options })
    speakers.push(channel)
    const heard = (id?: string): readonly Message[] =>
      channel.texts.map((text) => JSON.parse(text) as Message).filter((message) => message.id === id)
    const say = (message: object): void => channel.send(JSON.stringify(message))
    const speaker: Speaker = {
      ...channel,
      say,
      heard,
      operate: (id, query, variables = {}) => say({ id, type: 'subscribe', payload: { query, variables } }),
      async failure(id) {
        const isFailure = ({ type, payload }: Message): boolean =>
          type === 'error' || (type === 'next' && (payload as object).hasOwnProperty('errors'))
        await until(() => heard(id).some(isFailure), 10_000)
        const { type: as, payload } = heard(id).find(isFailure) ?? { type: 'nothing' }
        if (as === 'next') await until(() => heard(id).at(-1)?.type === 'complete')
        return { as, errors: (as === 'next' ? (payload as { errors: unknown }).errors : payload) as readonly Failed[] }
      },
    }
    if (asks === 'asks') {
      say({ type: 'connection_init' })
      await until(() => heard().some(({ type }) => type === 'connection_ack'))
    }
    return speaker
  }
  const expectWell = async (speaker: Speaker): Promise<void> => {
    const id = `well-${++last}`
    speaker.operate(id, '{ __typename }')
    await until(() => speaker.heard(id).length === 2)
    expect(speaker.heard(id)).to.deep.equal([
      { id, type: 'next', payload: { data: { __typename: 'Query' } } },
      { id, type: 'complete' },
    ])
  }

  describe('is closed', () => {
    it('with 4406 where graphql-transport-ws is not offered', async () => {
      for (const lines of [[], ['Sec-WebSocket-Protocol: graphql-ws'], ['Sec-WebSocket-Protocol: soap, dicom']]) {
        const request = handshake('/graphql', `127.0.0.1:${service.port}`, lines)
        const received = await rawExchange(service.port, request, Buffer.from([0x88, 0x80, 0, 0, 0, 0]))
        expect(statusesIn(received)).to.deep.equal([101])
        expect(received).to.not.match(/sec-websocket-protocol/i)
        const [, close = ''] = received.split('\r\n\r\n')
        expect(Buffer.from(close, 'latin1').readUInt16BE(2)).to.equal(4406)
      }
    })

    const CLOSING: readonly (readonly [string, number, 'asks' | 'waits', (speaker: Speaker) => void])[] = [
      ['that does not begin with connection_init', 4408, 'waits', () => undefined],
      ['that begins with an operation', 4401, 'waits', (one) => one.operate('1', '{ __typename }')],
      ['that says connection_init twice', 4429, 'asks', (one) => one.say({ type: 'connection_init' })],
      [
        'with two operations of one id',
        4409,
        'asks',
        (one) => {
          one.operate('1', WATCH)
          one.operate('1', WATCH)
        },
      ],
      ['that sends no JSON', 4400, 'asks', (one) => one.send('{"type":')],
      ['that sends no message', 4400, 'asks', (one) => one.say({ type: 'hello' })],
      ['that sends an operation without a document', 4400, 'asks', (one) => one.say({ id: '1', type: 'subscribe' })],
      ['that sends bytes that are no UTF-8', 4400, 'asks', (one) => one.send(NO_UTF8)],
      ['that sends more than a request may hold', 1009, 'asks', (one) => one.send(' '.repeat(5 * 1024 * 1024 + 1))],
    ]
    for (const [name, code, asks, act] of CLOSING) {
      it(`with ${code}, one ${name}`, async () => {
        const speaker = await speak(service.url, asks)
        act(speaker)
        expect((await speaker.ended).code).to.equal(code)
      })
    }

    it('with nothing said of a message that is as large as a request may be', async () => {
      const speaker = await speak()
      const query = '{ __typename }'
      const message = JSON.stringify({ id: '1', type: 'subscribe', payload: { query } })
      speaker.send(message + ' '.repeat(5 * 1024 * 1024 - message.length))
      await until(() => speaker.heard('1').length === 2)
    })
  })

  describe('is refused before the handshake', () => {
    const refusal = async (lines: readonly string[], host = `127.0.0.1:${service.port}`): Promise<string> =>
      rawExchange(service.port, handshake('/graphql', host, [`Sec-WebSocket-Protocol: ${PROTOCOL}`, ...lines]))

    it('with 403, of another site or for another host', async () => {
      for (const [lines, host] of [
        [['Origin: https://evil.example'], undefined],
        [['Sec-Fetch-Site: cross-site'], undefined],
        [['Origin: null'], undefined],
        [[], 'evil.example'],
      ] as const) {
        const received = await refusal(lines, host)
        expect(statusesIn(received), lines[0] ?? host).to.deep.equal([403])
        expect(received).to.match(/^content-type: application\/problem\+json\r$/im)
      }
    })

    it('with 503 before the service runs and when it has stopped', async () => {
      const plugin = createUpsPlugin({ store: `sqlite:${join(folder.path, 'worklist.db')}` })
      const server = createServer(plugin.callback())
      server.on('upgrade', (message, socket, head) => void plugin.handleUpgrade(message, socket, head))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      try {
        const { port } = server.address() as AddressInfo
        const upgrade = () => rawExchange(port, handshake('/graphql', `127.0.0.1:${port}`))
        expect(statusesIn(await upgrade())).to.deep.equal([503])
        await plugin.start()
        await plugin.stop()
        expect(statusesIn(await upgrade())).to.deep.equal([503])
      } finally {
        server.close()
      }
    })

    it('and elsewhere is not there: another path, another prefix, or without GraphQL', async () => {
      const [mounted, without] = [await start({ prefix: '/dcm4chee-arc' }), await start({ graphql: false })]
      for (const [port, path] of [
        [service.port, '/graphql/'],
        [service.port, '/graphqlx'],
        [mounted.port, '/graphql'],
        [without.port, '/graphql'],
      ] as const) {
        expect(await rawExchange(port, handshake(path, `127.0.0.1:${port}`)), path).to.equal('')
      }
      await expectWell(await speak(`${mounted.url}/dcm4chee-arc`))
    })
  })

  describe('runs', () => {
    it('queries and mutations, as over HTTP', async () => {
      const speaker = await speak()
      const uid = nextUid()
      speaker.operate('1', CREATE, { uid, dataset: sample('minimal') })
      await until(() => speaker.heard('1').length === 2)
      const position = `${await service.store.head()}`
      expect(speaker.heard('1')).to.deep.equal([
        { id: '1', type: 'next', payload: { data: { create: { uid, workitem: { state: 'SCHEDULED' }, position } } } },
        { id: '1', type: 'complete' },
      ])
      const query = `{ workitem(uid: "${uid}") { uid version dataset } feed { position } }`
      speaker.operate('2', query)
      await until(() => speaker.heard('2').length === 2)
      expect(speaker.heard('2')[0]?.payload).to.deep.equal(await askGraphql(service.url, query))
    })

    const nested = (times: number): string => (times === 0 ? 'name' : `fields { type { ${nested(times - 1)} } }`)
    const REFUSED: readonly (readonly [string, string, string, Variables?])[] = [
      ['of no use', 'GRAPHQL_PARSE_FAILED', '{ workitem('],
      ['with a field that is not there', 'GRAPHQL_VALIDATION_FAILED', '{ nothing }'],
      ['that is too deep', 'TOO_DEEP', `{ __type(name: "Query") { ${nested(9)} } }`],
      [
        'with too many aliases',
        'TOO_MANY_ALIASES',
        `{ ${Array.from({ length: 101 }, (_, n) => `a${n}: __typename`).join(' ')} }`,
      ],
      [
        'that goes in circles',
        'CIRCULAR',
        '{ archive { ...A } } fragment A on Archive { ...B } fragment B on Archive { ...A }',
      ],
      ['that is too long', 'TOO_LARGE', `{ __typename }${' '.repeat(65_536)}`],
      [
        'that costs too much',
        'TOO_COSTLY',
        `{ workitems(first: 1000) { nodes { ${Array.from({ length: 40 }, (_, n) => `a${n}: state`).join(' ')} } } }`,
      ],
      [
        'with too large a variable',
        'TOO_LARGE',
        'query ($x: WorkitemFilter) { workitems(filter: $x) { position } }',
        {
          x: { procedureStepLabel: Array(10_001).fill('x') },
        },
      ],
      ['with a bad argument', 'BAD_ARGUMENT', '{ workitems(first: 1001) { position } }'],
      ['for nobody', 'UNKNOWN_AE', '{ workitems(aeTitle: "NOBODY") { position } }'],
      [
        'that the rules refuse',
        'NOT_FOUND',
        'mutation { changeState(aeTitle: "WORKLIST", uid: "1.9.9", state: IN_PROGRESS, transactionUID: "1.2") { uid } }',
      ],
    ]
    for (const [name, code, query, variables] of REFUSED) {
      it(`no operation ${name}: ${code}, as over HTTP but for its status, and goes on`, async () => {
        const [speaker, overHttp] = [await speak(), await askGraphql(service.url, query, variables)]
        speaker.operate('1', query, variables)
        const { errors } = await speaker.failure('1')
        expect(errors[0]?.extensions).to.include({ code })
        expect(errors).to.deep.equal(overHttp.errors)
        expect(errors.map(({ extensions }) => Object.keys(extensions))).to.not.deep.include('http')
        await expectWell(speaker)
      })
    }

    it('no subscription that costs too much, and none that is none', async () => {
      const speaker = await speak()
      const fields = Array.from({ length: 100 }, (_, n) => `a${n}: subscriptions { by }`).join(' ')
      const tooMuch = await start({ graphql: { limits: { cost: 100 } } })
      const small = await speak(tooMuch.url)
      small.operate('1', `subscription { workitemChanges { workitem { ${fields} } } }`)
      expect((await small.failure('1')).errors[0]?.extensions).to.include({ code: 'TOO_COSTLY' })
      expect(await streams(tooMuch)).to.equal(0)
      speaker.operate('1', 'subscription { workitemChanges(after: "x") { uid } }')
      const { errors } = await speaker.failure('1')
      expect(errors.map(({ extensions }) => extensions)).to.deep.equal([{ code: 'BAD_ARGUMENT', argument: 'after' }])
      speaker.operate('2', 'query A { __typename } query B { __typename }')
      expect((await speaker.failure('2')).errors).to.have.length(1)
      await expectWell(speaker)
    })

    it('only the documents that it knows, where they are given', async () => {
      const own = await start({ graphql: { documents: { type: '{ __typename }' } } })
      const speaker = await speak(own.url)
      speaker.operate('1', '{ archive { deviceName } }')
      expect((await speaker.failure('1')).errors[0]?.extensions).to.deep.equal({ code: 'DOCUMENT_NOT_KNOWN' })
      speaker.say({ id: '2', type: 'subscribe', payload: { query: '', documentId: 'type' } })
      speaker.say({ id: '3', type: 'subscribe', payload: { query: '', extensions: { documentId: 'type' } } })
      await until(() => speaker.heard('2').length === 2)
      expect(speaker.heard('2')[0]?.payload).to.deep.equal({ data: { __typename: 'Query' } })
      expect((await speaker.failure('3')).errors[0]?.extensions).to.deep.equal({ code: 'DOCUMENT_NOT_KNOWN' })
    })

    it('50 operations at the same time and no more, whereupon the others go on', async () => {
      const speaker = await speak()
      for (let n = 1; n <= 52; n++) speaker.operate(`${n}`, WATCH)
      for (const id of ['51', '52']) {
        const { as, errors } = await speaker.failure(id)
        expect(as).to.equal('error')
        expect(errors.map(({ extensions }) => extensions)).to.deep.equal([{ code: 'TOO_MANY_OPERATIONS' }])
      }
      await until(async () => (await streams(service)) === 50)
      const uid = nextUid()
      await create(service, [uid])
      await until(() =>
        Array.from({ length: 50 }, (_, n) => speaker.heard(`${n + 1}`)).every(({ length }) => length === 1),
      )
      expect(speaker.heard('50')[0]?.payload).to.have.nested.property('data.workitemChanges.uid', uid)
      speaker.say({ id: '7', type: 'complete' })
      await expectWell(speaker)
      await until(async () => (await streams(service)) === 49)
    })
  })

  describe('with a stream', () => {
    it('ends it when the client says so, also before it has begun', async () => {
      const speaker = await speak()
      speaker.operate('1', WATCH)
      await until(async () => (await streams(service)) === 1)
      speaker.operate('2', WATCH)
      speaker.say({ id: '2', type: 'complete' })
      speaker.operate('3', WATCH, { after: '0' })
      speaker.say({ id: '1', type: 'complete' })
      speaker.say({ id: '3', type: 'complete' })
      await expectWell(speaker)
      await until(async () => (await streams(service)) === 0)
      const count = speaker.texts.length
      await create(service, [nextUid()])
      await expectWell(speaker)
      expect(speaker.texts.length).to.equal(count + 2)
    })

    it('does not begin it where the client has gone meanwhile', async () => {
      const own = await start({})
      const gate = Promise.withResolvers<void>()
      const reached = Promise.withResolvers<void>()
      const head = own.store.head.bind(own.store)
      own.store.head = async () => {
        reached.resolve()
        await gate.promise
        return head()
      }
      const [speaker, other] = [await speak(own.url), await speak(own.url)]
      speaker.operate('1', WATCH)
      await reached.promise
      await speaker.cut()
      await expectWell(other)
      gate.resolve()
      other.operate('1', WATCH)
      await until(async () => (await streams(own)) > 0)
      await expectWell(other)
      expect(await streams(own)).to.equal(1)
    })

    it('tells why the store cannot be read as the last word of it, and stays', async () => {
      const logged: { readonly requestId?: unknown }[] = []
      const own = await start({ host: { logger: { ...SILENT, error: (about: object) => void logged.push(about) } } })
      await create(own, [nextUid(), nextUid()])
      const speaker = await speak(own.url)
      speaker.operate('1', WATCH, { after: '0' })
      await until(() => speaker.heard('1').length === 2)
      // Which is noticed when somebody looks at it, after 5 seconds at the latest.
      await own.store.close()
      const { as, errors } = await speaker.failure('1')
      expect(as).to.equal('next')
      expect(errors[0]?.extensions).to.include({ code: 'UNAVAILABLE' })
      expect(logged.map(({ requestId }) => requestId)).to.include(errors[0]?.extensions['requestId'])
      expect(await streams(own)).to.equal(0)
      speaker.operate('2', WATCH)
      expect((await speaker.failure('2')).errors[0]?.extensions).to.include({ code: 'UNAVAILABLE' })
      await expectWell(speaker)
    })

    it('is cut when its client is gone without a word, and its followers end', async () => {
      const own = await start({ channels: { ping: 40, deadAfter: 200 } })
      const [silent, decent] = [await speak(own.url), await speak(own.url)]
      for (const speaker of [silent, decent]) for (const id of ['1', '2']) speaker.operate(id, WATCH)
      await until(async () => (await streams(own)) === 4)
      silent.pause()
      const before = performance.now()
      await until(async () => (await streams(own)) === 2)
      expect(performance.now() - before).to.be.within(100, 2_000)
      await new Promise((resolve) => setTimeout(resolve, 500))
      await expectWell(decent)
    })

    it('is cut when its client takes no more of it', async () => {
      const own = await start({ channels: { ping: 40, deadAfter: 300 } })
      await createLarge(own, '1.2.3')
      const speaker = await speak(own.url)
      speaker.operate('1', DATASETS, { after: '0' })
      await until(() => speaker.heard('1').length > 0)
      speaker.pause()
      expect(speaker.texts).to.have.length.below(100)
      await until(async () => (await streams(own)) === 0)
    })

    it('is not cut as long as its client answers, or takes something, however slowly', async () => {
      const own = await start({ channels: { ping: 200, deadAfter: 1_000 } })
      await createLarge(own, '1.2.3')
      const [answers, takes] = [await speak(own.url), await speak(own.url, 'asks', { autoPong: false })]
      for (const speaker of [answers, takes]) speaker.operate('1', DATASETS, { after: '0' })
      const before = performance.now()
      for (let n = 0; n < 100 && takes.texts.length < 152; n++) {
        takes.resume()
        await new Promise((resolve) => setImmediate(resolve))
        takes.pause()
        await new Promise((resolve) => setTimeout(resolve, 120))
      }
      expect(takes.texts).to.have.length(152)
      expect(performance.now() - before).to.be.greaterThan(1_500)
      takes.resume()
      expect(await takes.ended).to.include({ code: 1006 })
      await expectWell(answers)
    })

    it('answers the pings of its client, of both kinds', async () => {
      const speaker = await speak()
      await speaker.ping()
      speaker.say({ type: 'ping' })
      speaker.say({ type: 'ping', payload: { n: 7 } })
      speaker.say({ type: 'pong' })
      await until(() => speaker.heard().length === 3)
      expect(speaker.heard().slice(1)).to.deep.equal([{ type: 'pong' }, { type: 'pong', payload: { n: 7 } }])
      await expectWell(speaker)
    })
  })

  describe('when the service stops', () => {
    it('is closed with 1001, its streams told where to resume, at once', async () => {
      const own = await start({})
      await create(own, ['1.2.3'])
      const watching = await Promise.all(Array.from({ length: 20 }, () => speak(own.url)))
      for (const speaker of watching) speaker.operate('1', WATCH, { after: '0' })
      for (const speaker of watching) await until(() => speaker.heard('1').length === 1)
      const events = await Promise.all(Array.from({ length: 5 }, () => openEvents(own.url, WATCH, { after: '0' })))
      for (const one of events) await one.has(1)
      const idle = await speak(own.url)
      const before = performance.now()
      await own.plugin.stop()
      expect(performance.now() - before).to.be.below(500)
      for (const speaker of watching) {
        expect(await speaker.ended).to.include({ code: 1001 })
        const { errors } = await speaker.failure('1')
        expect(errors[0]?.extensions).to.deep.equal({ code: 'RESUME', after: '1' })
        expect(speaker.heard('1').map(({ type }) => type)).to.deep.equal(['next', 'next', 'complete'])
      }
      expect(await idle.ended).to.include({ code: 1001 })
      for (const one of events) {
        await one.ended
        expect(one.events.map(({ event }) => event)).to.deep.equal(['next', 'next', 'complete'])
        expect(one.events[1]?.data.errors?.[0]?.extensions).to.deep.equal({ code: 'RESUME', after: '1' })
      }
    })

    it('answers the mutation under way first', async () => {
      const own = await start({})
      const speaker = await speak(own.url)
      const reached = Promise.withResolvers<void>()
      const opened = Promise.withResolvers<void>()
      const commit = own.store.commit.bind(own.store)
      own.store.commit = async (one) => {
        reached.resolve()
        await opened.promise
        return commit(one)
      }
      speaker.operate('1', CREATE, { uid: '1.2.3', dataset: sample('minimal') })
      await reached.promise
      const stopping = own.plugin.stop()
      // Longer than last words may take.
      await new Promise((resolve) => setTimeout(resolve, 1_200))
      expect(speaker.heard('1')).to.deep.equal([])
      opened.resolve()
      await stopping
      expect(await speaker.ended).to.include({ code: 1001 })
      expect(speaker.heard('1').map(({ type }) => type)).to.deep.equal(['next', 'complete'])
      expect(speaker.heard('1')[0]?.payload).to.have.nested.property('data.create.uid', '1.2.3')
    })

    it('does not wait long for one that does not answer', async () => {
      const own = await start({})
      const speaker = await speak(own.url)
      speaker.operate('1', WATCH)
      await until(async () => (await streams(own)) === 1)
      speaker.pause()
      const before = performance.now()
      await own.plugin.stop()
      expect(performance.now() - before).to.be.within(500, 2_000)
    })

    it('tells one that is slow what it still can, and that nothing new can be done', async () => {
      const own = await start({})
      await createLarge(own, '1.2.3')
      const speaker = await speak(own.url)
      speaker.operate('1', DATASETS, { after: '0' })
      speaker.pause()
      await until(async () => (await streams(own)) === 1)
      const stopping = own.plugin.stop()
      speaker.operate('2', '{ feed { position } }')
      await new Promise((resolve) => setTimeout(resolve, 200))
      speaker.resume()
      await stopping
      expect(await speaker.ended).to.include({ code: 1001 })
      expect((await speaker.failure('1')).errors[0]?.extensions).to.include({ code: 'RESUME' })
      const { as, errors } = await speaker.failure('2')
      expect([as, errors[0]?.extensions]).to.deep.include('error')
      expect(errors[0]?.extensions).to.include({ code: 'UNAVAILABLE' })
    })

    it('is gone, also when it stops a second time', async () => {
      const own = await start({})
      const client = connect(own.url)
      const stream = client.follow(WATCH, {}, 'workitemChanges')
      await until(async () => (await streams(own)) === 1)
      await Promise.all([own.plugin.stop(), own.plugin.stop()])
      await stream.ended
      expect(stream.errors.map(({ extensions }) => extensions)).to.deep.equal([{ code: 'RESUME', after: '0' }])
    })
  })
})

/** What would be a message with another letter in its place. */
const NO_UTF8 = Buffer.from('{"id":"1","type":"subscribe","payload":{"query":"{ __typename } # \u00e9"}}', 'latin1')

const DATASETS = 'subscription ($after: FeedPosition) { workitemChanges(after: $after) { workitem { dataset } } }'

/** And changes it 150 times: 30 MB are to be told of it, more than the operating system holds for a connection. */
async function createLarge(service: Service, uid: string): Promise<void> {
  const attributes: Dataset = {
    ...sample('minimal'),
    '00090010': { vr: 'LO', Value: ['TEST'] },
    '00091001': { vr: 'UT', Value: ['x'.repeat(200_000)] },
  }
  const { worklist } = service.plugin
  await worklist.execute({ kind: 'create', uid, receivingAE: 'WORKLIST', attributes }, 'WORKLIST')
  for (let n = 0; n < 150; n++) {
    const label: Dataset = { '00741204': { vr: 'LO', Value: [`${n}`] } }
    await worklist.execute({ kind: 'update', uid, transactionUid: undefined, attributes: label }, 'WORKLIST')
  }
}
