/** What one client can cost others: memory, time, connections that are not let go of, answers that tell more than they should. */
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import { post, send } from '../support/http.ts'
import { closed, opened } from '../support/leaks.ts'
import { askGraphql, graphqlClient } from '../support/graphql.ts'
import { type Service, type ServiceOptions, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample, TRANSACTION_UID } from '../support/workitems.ts'
import { dataOf, errorOf, onlyError, type Told } from './asking.ts'

const JSON_TYPE = { 'Content-Type': 'application/json' }
const POSITION = '{ feed { position } }'

describe('One client of GraphQL', () => {
  let services: Service[]
  beforeEach(() => {
    services = []
  })
  afterEach(async () => {
    await Promise.all(services.map((one) => one.stop()))
  })
  const start = async (options: ServiceOptions = {}): Promise<Service> => {
    const service = await startService(options)
    services.push(service)
    return service
  }

  it('that speaks and takes no answers is not listened to until it does', async () => {
    const service = await start()
    const socket = new WebSocket(`${service.url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
    opened(socket, 'a socket that reads nothing', () => socket.terminate())
    await once(socket, 'open')
    const pongs: unknown[] = []
    socket.on('message', (data: Buffer) => pongs.push(JSON.parse(data.toString('utf8'))))
    const { _socket: raw } = socket as unknown as { readonly _socket: Socket }
    raw.pause()
    const payload = { x: 'x'.repeat(1024 * 1024) }
    for (let sent = 0; sent < 60; sent++) socket.send(JSON.stringify({ type: 'ping', payload }))
    let before = Infinity
    await until(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      const stands = socket.bufferedAmount === before
      before = socket.bufferedAmount
      return stands
    })
    expect(socket.bufferedAmount).to.be.greaterThan(30 * 1024 * 1024)
    raw.resume()
    await until(() => pongs.length === 60)
    socket.close()
    await once(socket, 'close')
    closed(socket)
  })

  it('is told TIMEOUT of a document whose later commands are not carried out then', async () => {
    const service = await start({ graphql: { timeout: 60 } })
    const creates = Array.from(
      { length: 60 },
      (_, n) => `c${n}: create(aeTitle: "WORKLIST", uid: "1.2.${n}", dataset: $d) { uid }`,
    ).join(' ')
    const commit = service.store.commit.bind(service.store)
    service.store.commit = async (one) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return commit(one)
    }
    const query = `mutation ($d: DicomJson!) { ${creates} }`
    expect((await errorOf(service, query, { d: sample('minimal') })).code).to.equal('TIMEOUT')
    const { length } = await service.feed()
    await new Promise((resolve) => setTimeout(resolve, 200))
    // One was under way.
    expect((await service.feed()).length - length).to.be.at.most(1)
    expect(length).to.be.below(60)
  })

  it('waits many times as long as was worked for what is refused, and keeps nobody else waiting', async () => {
    const service = await start()
    const f = { patientID: Array.from({ length: 300_000 }, () => 'A') }
    const began = performance.now()
    const refused = errorOf(service, 'query ($f: WorkitemFilter) { workitems(filter: $f) { position } }', { f })
    let answered = 0
    const others = async (): Promise<void> => {
      while (answered >= 0) {
        await send(`${service.url}/healthz`)
        answered++
      }
    }
    const asking = others()
    expect((await refused).code).to.equal('TOO_LARGE')
    expect(performance.now() - began).to.be.greaterThan(100)
    expect(answered).to.be.greaterThan(10)
    answered = -Infinity
    await asking
  })

  it('cannot bring a Transaction UID in a dataset beside the argument', async () => {
    const service = await start()
    await post(`${service.aet()}/workitems?1.2.3`, sample('minimal'))
    const query = `mutation ($d: DicomJson!) { update(aeTitle: "WORKLIST", uid: "1.2.3", dataset: $d) { uid } }`
    const transactionUid = { '00081195': { vr: 'UI', Value: [TRANSACTION_UID] } }
    for (const d of [transactionUid, [transactionUid]]) {
      const error = await errorOf(service, query, { d })
      expect(error).to.deep.include({ code: 'NOT_ALLOWED_ATTRIBUTE', dicomStatus: '0105' })
      expect(error.attributes?.[0]?.path).to.equal('00081195')
    }
    expect(await service.feed()).to.have.length(1)
  })

  it('is told of wrong variables and arguments with a code, and without the values', async () => {
    const service = await start()
    const filter = 'query ($f: WorkitemFilter) { workitems(filter: $f) { position } }'
    const claim = `mutation ($t: String) {
      changeState(aeTitle: "WORKLIST", uid: "1.2.3", state: IN_PROGRESS, transactionUID: $t) { uid } }`
    const cases: readonly (readonly [string, object, string])[] = [
      [filter, { f: { patientName: { x: 'DOE^JOHN' } } }, 'BAD_ARGUMENT'],
      [filter, { f: { patientNam: 'DOE^JOHN' } }, 'BAD_ARGUMENT'],
      [filter, { f: 'DOE^JOHN' }, 'BAD_ARGUMENT'],
      [filter, { f: { procedureStepState: 'DOE^JOHN' } }, 'BAD_ARGUMENT'],
      [filter, { f: { fuzzyMatching: 'DOE^JOHN' } }, 'BAD_ARGUMENT'],
      [claim, { t: { a: 'DOE^JOHN' } }, 'BAD_ARGUMENT'],
      ['{ workitems(filter: { fuzzyMatching: "DOE^JOHN" }) { position } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
      ['{ workitems(filter: { patientName: { a: "DOE^JOHN" } }) { position } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ]
    for (const [query, variables, code] of cases) {
      const error = await errorOf(service, query, variables as Record<string, unknown>)
      expect(error.code, JSON.stringify(variables)).to.equal(code)
      expect(JSON.stringify(error)).not.to.include('DOE')
    }
  })

  it('makes no failure of what it sends wrong, and disturbs no other stream of its connection', async () => {
    const errors: unknown[] = []
    const nothing = (): void => undefined
    const logger = { debug: nothing, info: nothing, warn: nothing, error: (...line: unknown[]) => errors.push(line) }
    const service = await start({ host: { logger } })
    for (const body of ['[null]', '[[]]', '[1]', 'null', '"x"', '[]']) {
      const answer = await send(`${service.url}/graphql`, { method: 'POST', headers: JSON_TYPE, body })
      expect(answer.text, body).to.not.include('INTERNAL')
    }
    const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)])
    const client = graphqlClient(service.url)
    const watching = client.follow<Told>('subscription { workitemChanges { uid } }', {}, 'workitemChanges')
    const filter = 'query ($f: WorkitemFilter) { workitems(filter: $f) { position } }'
    const asked = client.follow(filter, { f: { patientID: deep(1_000) } }, 'workitems')
    await asked.ended
    expect(asked.errors.map(({ extensions }) => extensions?.['code'])).to.deep.equal(['TOO_LARGE'])
    const nested = client.follow(`{ ${'a{'.repeat(1_000)}`, {}, 'a')
    await nested.ended
    await post(`${service.aet()}/workitems?1.2.3`, sample('minimal'))
    await watching.has(1)
    await client.close()
    expect(errors).to.deep.equal([])
  })

  it('may run no more operations at a time than are allowed, whether it waits for their answers or not', async () => {
    const service = await start({ graphql: { limits: { operations: 5 } } })
    const gate = Promise.withResolvers<void>()
    const head = service.store.head.bind(service.store)
    let asked = 0
    service.store.head = async () => {
      asked++
      await gate.promise
      return head()
    }
    const socket = new WebSocket(`${service.url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
    opened(socket, 'a socket that does not wait', () => socket.terminate())
    await once(socket, 'open')
    const said: Told[] = []
    socket.on('message', (data: Buffer) => said.push(JSON.parse(data.toString('utf8')) as Told))
    const say = (message: object): void => socket.send(JSON.stringify(message))
    say({ type: 'connection_init' })
    await until(() => said.length === 1)
    for (let id = 0; id < 20; id++) {
      say({ type: 'subscribe', id: String(id), payload: { query: POSITION } })
      await new Promise((resolve) => setTimeout(resolve, 5))
      say({ type: 'complete', id: String(id) })
    }
    await until(() => said.some(({ type }) => type === 'error'))
    expect(asked).to.be.at.most(5)
    gate.resolve()
    socket.close()
    await once(socket, 'close')
    closed(socket)
  })

  it('learns nothing of the schema from suggestions where introspection is off', async () => {
    const service = await start({ graphql: { introspection: false } })
    for (const query of [
      '{ workitm(uid: "1") { uid } }',
      '{ workitem(uid: "1") { procedureStepStat } }',
      'mutation { creat { uid } }',
    ]) {
      expect((await errorOf(service, query)).message).to.match(/^Cannot query field "\w+" on type "\w+"\.$/)
    }
    const open = await start()
    expect((await errorOf(open, '{ workitm(uid: "1") { uid } }')).message).to.include('Did you mean')
  })

  it('that does not read the end of its stream holds up no stop', async () => {
    const service = await startService({ drainTimeout: 20_000 })
    const socket = connect(service.port, '127.0.0.1')
    opened(socket, 'a reader that reads nothing', () => socket.destroy())
    await once(socket, 'connect')
    socket.pause()
    const body = JSON.stringify({ query: 'subscription { workitemChanges(after: "0") { workitem { dataset } } }' })
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    const large = { ...sample('minimal'), '00091001': { vr: 'UT', Value: ['x'.repeat(4_000_000)] } }
    large['00090010' as never] = { vr: 'LO', Value: ['TEST'] } as never
    for (let n = 0; n < 4; n++) {
      expect((await post(`${service.aet()}/workitems?1.2.${n}`, large)).status).to.equal(201)
    }
    const started = performance.now()
    await service.stop()
    expect(performance.now() - started).to.be.below(5_000)
    socket.destroy()
    closed(socket)
  })

  it('with a Host that is no name of a host is answered like any other', async () => {
    const service = await start({ allowedHosts: undefined as never })
    for (const host of ['a b', '[', 'x:99999']) {
      const status = await new Promise((resolve, reject) => {
        const asked = request(
          {
            port: service.port,
            host: '127.0.0.1',
            method: 'POST',
            path: '/graphql',
            headers: { ...JSON_TYPE, Host: host },
          },
          (response) => {
            resolve(response.statusCode)
            response.resume()
          },
        )
        asked.on('error', reject)
        asked.end(JSON.stringify({ query: POSITION }))
      })
      expect(status, host).to.equal(200)
    }
  })

  it('that has sent too much can go on with the same connection', async () => {
    const service = await start({ bodyLimit: 100_000 })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (body: string, headers: object = JSON_TYPE, path = '/graphql'): Promise<string> =>
      new Promise((resolve, reject) => {
        const asked = request(
          { port: service.port, host: '127.0.0.1', method: 'POST', path, agent, headers: { ...headers } },
          (response) => resolve(text(response)),
        )
        asked.on('error', reject)
        asked.end(body)
      })
    expect(await ask('x'.repeat(3_000_000))).to.include('REQUEST_TOO_LARGE')
    const position = JSON.stringify({ query: POSITION })
    expect(await ask(position)).to.include('"position":"0"')
    // So can one who has sent to UPS-RS, in chunks, what it does not read.
    const chunked = { 'Content-Type': 'image/png', 'Transfer-Encoding': 'chunked' }
    await ask('x'.repeat(3_000_000), chunked, '/aets/WORKLIST/rs/workitems/1.2.3/cancelrequest')
    expect(await ask(position)).to.include('"position":"0"')
    agent.destroy()
  })

  it('is told that no types of events are no filter', async () => {
    const service = await start()
    const client = graphqlClient(service.url)
    const stream = client.follow('subscription { workitemEvents(types: []) { uid } }', {}, 'workitemEvents')
    await stream.ended
    expect(onlyError({ errors: stream.errors })).to.deep.include({ code: 'BAD_ARGUMENT', argument: 'types' })
    await client.close()
  })

  it('reads those who are subscribed page by page', async () => {
    const service = await start()
    await post(`${service.aet()}/workitems?1.2.3`, sample('minimal'))
    for (let n = 0; n < 5; n++) await post(`${service.aet()}/workitems/1.2.3/subscribers/AE${n}`)
    const query =
      'query ($after: String) { subscriptions(first: 2, after: $after) { nodes { aeTitle } pageInfo { hasNextPage hasPreviousPage endCursor } } }'
    const titles: string[] = []
    let after: string | null = null
    for (let page = 0; page < 3; page++) {
      const { subscriptions } = await dataOf(service, query, { after })
      titles.push(...(subscriptions.nodes as readonly { aeTitle: string }[]).map(({ aeTitle }) => aeTitle))
      expect(subscriptions.pageInfo.hasNextPage).to.equal(page < 2)
      expect(subscriptions.pageInfo.hasPreviousPage).to.equal(page > 0)
      after = subscriptions.pageInfo.endCursor as string
    }
    expect(titles).to.deep.equal(['AE0', 'AE1', 'AE2', 'AE3', 'AE4'])
    expect((await askGraphql(service.url, '{ subscriptions(first: 0) { nodes { aeTitle } } }')).errors).to.have.length(
      1,
    )
  })
})
