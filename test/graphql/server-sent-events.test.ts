/** Subscriptions over HTTP: the same streams as events. */
import { expect } from 'chai'
import { metric } from '../events/service-calls.ts'
import { type EventStream, openEvents, type Variables } from '../support/graphql.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { Recorder, type Told, WATCH } from './writing.ts'

describe('A subscription over HTTP', () => {
  let service: Service
  let recorder: Recorder
  let streams: EventStream[]
  beforeEach(async () => {
    service = await startService()
    recorder = new Recorder(service)
    streams = []
  })
  afterEach(async () => {
    for (const stream of streams) stream.cut()
    await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 0)
    await service.stop()
  })
  const watch = async (variables: Variables): Promise<EventStream> => {
    const stream = await openEvents(service.url, WATCH, variables)
    streams.push(stream)
    return stream
  }
  const toldBy = ({ events }: EventStream): readonly Told[] =>
    events.map(({ data }) => (data.data as { workitemChanges: Told }).workitemChanges)

  it('is told what one over WebSocket is, what was before and what comes', async () => {
    await recorder.work('1.2.1', 300)
    const stream = await watch({ after: '0' })
    expect([stream.status, stream.type]).to.deep.equal([200, 'text/event-stream'])
    const expected = await recorder.told()
    await stream.has(expected.length)
    expect(toldBy(stream)).to.deep.equal(expected)
    await recorder.work('1.2.2', 40)
    const all = await recorder.toldToWhoeverWasThere(Number(expected.at(-1)?.position))
    await stream.has(expected.length + all.length)
    expect(toldBy(stream).slice(expected.length)).to.deep.equal(all)
    expect(new Set(stream.events.map(({ event }) => event))).to.deep.equal(new Set(['next']))
  })

  it('ends when its client goes, whether anything happens or not', async () => {
    const [waiting, behind] = [await watch({}), await watch({ after: '0' })]
    await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 2)
    waiting.cut()
    await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 1)
    await recorder.create('1.2.3')
    await behind.has(1)
    expect(waiting.events).to.deep.equal([])
  })

  it('does not begin where its client has gone meanwhile', async () => {
    const [gate, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const head = service.store.head.bind(service.store)
    service.store.head = async () => {
      reached.resolve()
      await gate.promise
      return head()
    }
    const controller = new AbortController()
    const asked = fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify({ query: WATCH }),
      signal: controller.signal,
    }).catch(() => undefined)
    await reached.promise
    controller.abort()
    await asked
    await new Promise((resolve) => setTimeout(resolve, 50))
    gate.resolve()
    const stream = await watch({})
    await recorder.create('1.2.3')
    await stream.has(1)
    expect(await metric(service, 'ups_graphql_subscriptions')).to.equal(1)
  })

  it('tells why it is refused, or not even begun', async () => {
    const bad = await watch({ after: 'x' })
    await bad.ended
    expect(bad.events.map(({ event }) => event)).to.deep.equal(['next', 'complete'])
    expect(bad.events[0]?.data.errors?.[0]?.extensions).to.deep.equal({ code: 'BAD_ARGUMENT', argument: 'after' })
    const unknown = await watch({ after: '1' })
    await unknown.ended
    expect(unknown.events[0]?.data.errors?.[0]?.extensions).to.deep.equal({ code: 'FEED_POSITION_UNKNOWN' })
  })

  it('is told where to resume when the service stops, and the service does not wait for its client', async () => {
    await recorder.create('1.2.3')
    const stream = await watch({ after: '0' })
    await stream.has(1)
    const before = performance.now()
    await service.plugin.stop()
    await stream.ended
    expect(performance.now() - before).to.be.below(500)
    expect(stream.events.map(({ event }) => event)).to.deep.equal(['next', 'next', 'complete'])
    expect(stream.events[1]?.data.errors?.[0]?.extensions).to.deep.equal({ code: 'RESUME', after: '1' })
  })
})
