/** One who watches, is cut off, and comes back: nothing is missed, nothing comes twice. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { uidFromUuid } from '../../plugin/dicom/uid.ts'
import { metric } from '../events/service-calls.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { askGraphql, type GraphqlClient, graphqlClient, type Stream, type Variables } from '../support/graphql.ts'
import { freePort } from '../support/port.ts'
import { type Bin, startBin, stopBin } from '../support/process.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { changed, sample } from '../support/workitems.ts'
import { labelled, labelOf, Recorder, stateOf, type Told, WATCH } from './writing.ts'

const EVENTS = `subscription ($after: FeedPosition, $types: [EventType!], $filter: WorkitemFilter) {
  workitemEvents(after: $after, types: $types, filter: $filter) { position transition uid reports { type dataset } }
}`

interface ToldEvents {
  readonly position: string
  readonly transition: string
  readonly uid: string
  readonly reports: readonly { readonly type: string; readonly dataset: Dataset }[]
}

const EVENT_TYPES: Readonly<Record<string, string>> = {
  'UPS State Report': 'STATE_REPORT',
  'UPS Cancel Requested': 'CANCEL_REQUESTED',
  'UPS Progress Report': 'PROGRESS_REPORT',
  'UPS Assigned': 'ASSIGNED',
}

const positionsOf = (told: readonly { readonly position: string }[]): readonly number[] =>
  told.map(({ position }) => Number(position))

const lastOf = (told: readonly { readonly position: string }[]): string => told.at(-1)?.position ?? '0'

describe('Whoever watches changes and comes back after the last position', function () {
  this.timeout(60_000)
  let service: Service
  let recorder: Recorder
  let clients: GraphqlClient[]
  beforeEach(async () => {
    service = await startService()
    recorder = new Recorder(service)
    clients = []
  })
  afterEach(async () => {
    for (const client of clients) await client.close()
    await service.stop()
  })

  const connect = (url = service.url): GraphqlClient => {
    const client = graphqlClient(url)
    clients.push(client)
    return client
  }
  const watch = (variables: Variables, client = connect()): Stream<Told> =>
    client.follow<Told>(WATCH, variables, 'workitemChanges')
  const head = async (): Promise<number> => (await service.store.head()) ?? 0
  const work = async (count: number): Promise<void> => {
    await Promise.all(['1.2.1', '1.2.2', '1.2.3', '1.2.4'].map((prefix) => recorder.work(prefix, count / 4)))
  }
  /** Nothing more comes: what is committed now is the next thing that is told. */
  const expectNoMore = async (stream: Stream<Told>, before: number): Promise<void> => {
    const uid = uidFromUuid(randomUUID())
    await recorder.create(uid, 'A')
    const told = await stream.has(before + 1)
    expect(told).to.have.length(before + 1)
    expect(told.at(-1)?.uid).to.equal(uid)
  }

  it('is told 1 000 changes that happened meanwhile, in order, each once, with the workitem as each left it', async () => {
    const client = connect()
    const first = watch({}, client)
    await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 1)
    await work(40)
    await first.has((await recorder.toldToWhoeverWasThere()).length)
    const after = lastOf(first.told)
    await client.cut()
    await work(1_000)
    const expected = await recorder.told(Number(after))
    const second = watch({ after })
    expect(await second.has(expected.length)).to.deep.equal(expected)
    expect([...new Set(expected.map(({ kind }) => kind))].toSorted()).to.deep.equal([
      'CHANGE_STATE',
      'CREATE',
      'DELETE',
      'REQUEST_CANCEL',
      'UPDATE',
    ])
    await expectNoMore(second, expected.length)
  })

  it('is told everything that ever happened, after "0"', async () => {
    await work(400)
    const expected = await recorder.told()
    const stream = watch({ after: '0' })
    expect(await stream.has(expected.length)).to.deep.equal(expected)
    await expectNoMore(stream, expected.length)
  })

  it('is told only what happens from now on, without a position', async () => {
    await work(40)
    const stream = watch({})
    await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 1)
    await expectNoMore(stream, 0)
  })

  const FILTERS: readonly (readonly [string, Variables, (dataset: Dataset) => boolean])[] = [
    ['a state', { procedureStepState: 'SCHEDULED' }, (one) => stateOf(one) === 'SCHEDULED'],
    [
      'several states',
      { procedureStepState: ['COMPLETED', 'CANCELED'] },
      (one) => ['COMPLETED', 'CANCELED'].includes(stateOf(one)),
    ],
    ['a value', { procedureStepLabel: 'B' }, (one) => labelOf(one) === 'B'],
    ['a wildcard', { procedureStepLabel: 'A*' }, (one) => labelOf(one).startsWith('A')],
    [
      'several keys',
      { procedureStepLabel: ['A', 'C'], procedureStepState: 'IN_PROGRESS' },
      (one) => ['A', 'C'].includes(labelOf(one)) && stateOf(one) === 'IN PROGRESS',
    ],
    ['nothing at all', { procedureStepLabel: 'NEVER' }, () => false],
  ]
  it('is told what enters, changes within and leaves what a filter matches', async () => {
    await work(40)
    const after = await head()
    await work(800)
    const transitions = new Set<string>()
    for (const [name, filter, isMatch] of FILTERS) {
      const expected = await recorder.told(after, isMatch)
      for (const { transition, kind } of expected) if (kind !== 'DELETE') transitions.add(`${name}: ${transition}`)
      const stream = watch({ after: `${after}`, filter })
      expect(await stream.has(expected.length), name).to.deep.equal(expected)
      stream.stop()
    }
    // A final state is never left, nor is there anything to change in it.
    expect(transitions.size).to.equal(4 * 3 + 1)
  })

  for (const types of [undefined, ['STATE_REPORT'], ['CANCEL_REQUESTED', 'PROGRESS_REPORT'], ['ASSIGNED']]) {
    it(`is told event reports of ${types ? `[${types.join()}]` : 'all types'}, all those of a change together`, async () => {
      await recorder.create('1.2.9')
      const after = await head()
      const station = sample('ai-triage')['00404025']
      await recorder.update(
        '1.2.9',
        station ? { '00404025': station, '00404041': { vr: 'CS', Value: ['INCOMPLETE'] } } : {},
      )
      await recorder.update('1.2.9', { '00741002': { vr: 'SQ', Value: [{ '00741004': { vr: 'DS', Value: ['40'] } }] } })
      await work(200)
      const told = new Map((await recorder.told(after)).map((one) => [one.position, one]))
      const expected = (await service.feed()).flatMap(({ position, uid, reports }): readonly ToldEvents[] => {
        const shown = reports
          .map(({ event, information }) => ({ type: EVENT_TYPES[event] ?? event, dataset: information }))
          .filter(({ type }) => types === undefined || types.includes(type))
        const { transition } = told.get(`${position}`) ?? {}
        return shown.length === 0 || !transition ? [] : [{ position: `${position}`, transition, uid, reports: shown }]
      })
      const stream = connect().follow<ToldEvents>(EVENTS, { after: `${after}`, types }, 'workitemEvents')
      expect(await stream.has(expected.length)).to.deep.equal(expected)
      if (types === undefined) {
        const seen = new Set(expected.flatMap(({ reports }) => reports.map(({ type }) => type)))
        expect([...seen].toSorted()).to.deep.equal(Object.values(EVENT_TYPES).toSorted())
        expect(expected.some(({ reports }) => reports.length > 1)).to.equal(true)
      }
    })
  }

  it('is told event reports of what a filter matches before or after the change', async () => {
    await work(300)
    const isMatch = (one: Dataset): boolean => labelOf(one) === 'A'
    const reported = new Set((await service.feed()).flatMap(({ position, reports }) => (reports[0] ? [position] : [])))
    const expected = (await recorder.told(0, isMatch)).filter(({ position }) => reported.has(Number(position) as never))
    const variables = { after: '0', filter: { procedureStepLabel: 'A' } }
    const stream = connect().follow<ToldEvents>(EVENTS, variables, 'workitemEvents')
    const told = await stream.has(expected.length)
    const shortly = (all: readonly { position: string; transition: string; uid: string }[]): readonly string[] =>
      all.map(({ position, transition, uid }) => `${position} ${transition} ${uid}`)
    expect(shortly(told)).to.deep.equal(shortly(expected))
  })

  it('misses nothing and sees nothing twice while writers go on, however often it is cut off', async () => {
    const writing = work(2_000)
    const told: Told[] = []
    for (let connection = 1; connection <= 20; connection++) {
      const client = connect()
      const stream = watch({ after: lastOf(told) }, client)
      await stream.has((connection * 37) % 80)
      await client.cut()
      // What it has not looked at does not count.
      told.push(...stream.told.slice(0, 1 + ((connection * 37) % 80)))
    }
    await writing
    const last = watch({ after: lastOf(told) })
    const all = await recorder.toldToWhoeverWasThere()
    await until(() => lastOf(last.told) === lastOf(all))
    told.push(...last.told)
    const positions = positionsOf(told)
    expect(positions).to.deep.equal([...new Set(positions)].toSorted((a, b) => a - b))
    const seen = new Set(positions)
    expect(all.filter(({ position }) => seen.has(Number(position)))).to.deep.equal(told)
    expect((await recorder.told()).filter(({ position }) => !seen.has(Number(position)))).to.deep.equal([])
  })

  it('has no gap between a page and what it follows behind its position', async () => {
    await work(100)
    const writing = work(600)
    const page = `query ($after: String) { workitems(first: 1000, after: $after, filter: { procedureStepLabel: "A*" }) {
      position nodes { uid version dataset } pageInfo { hasNextPage } } }`
    const { data } = await askGraphql<{
      workitems: {
        position: string
        nodes: { uid: string; version: string; dataset: Dataset }[]
        pageInfo: { hasNextPage: boolean }
      }
    }>(service.url, page)
    if (!data) throw new Error('no page')
    expect(data.workitems.pageInfo.hasNextPage).to.equal(false)
    const shown = new Map(data.workitems.nodes.map(({ uid, version, dataset }) => [uid, { version, dataset }]))
    expect(shown.size).to.be.greaterThan(5)
    const stream = watch({ after: data.workitems.position, filter: { procedureStepLabel: 'A*' } })
    await writing
    await recorder.create('1.2.10', 'A')
    await until(() => stream.told.some(({ uid }) => uid === '1.2.10'))
    for (const { uid, transition, workitem } of stream.told) {
      if (transition === 'LEAVING' || !workitem) shown.delete(uid)
      else if (Number(workitem.version) >= Number(shown.get(uid)?.version ?? 0)) {
        shown.set(uid, { version: workitem.version, dataset: workitem.dataset })
      }
    }
    const now = await askGraphql<{ workitems: { nodes: { uid: string; dataset: Dataset }[] } }>(service.url, page)
    const expected = now.data?.workitems.nodes.map(({ uid, dataset }) => [uid, dataset])
    expect([...shown].map(([uid, { dataset }]) => [uid, dataset])).to.have.deep.members(expected ?? [])
  })

  describe('is refused, and its connection goes on, with a position that', () => {
    const refused = async (after: string): Promise<unknown> => {
      const client = connect()
      const other = watch({ after: `${await head()}` }, client)
      const stream = watch({ after }, client)
      expect(await stream.ended).to.equal('complete')
      await expectNoMore(other, 0)
      expect([stream.told, stream.errors.length]).to.deep.equal([[], 1])
      return stream.errors[0]?.extensions
    }

    it('is none', async () => {
      for (const after of ['', 'x', '-1', '01', '1.5', '1e3', ' 1', '9'.repeat(17), '0x1', `${2 ** 53}`]) {
        expect(await refused(after), after).to.deep.equal({ code: 'BAD_ARGUMENT', argument: 'after' })
      }
    })

    it('this store has never had', async () => {
      await work(8)
      expect(await refused(`${(await head()) + 1}`)).to.deep.equal({ code: 'FEED_POSITION_UNKNOWN' })
      await expectNoMore(watch({ after: `${await head()}` }), 0)
    })
  })

  describe('when it does not take what it is told', () => {
    /** Its dataset is told with each change, and fills what the operating system holds for a connection. */
    const createLarge = async (uid: string, characters: number): Promise<void> => {
      const attributes: Dataset = {
        ...sample('minimal'),
        '00090010': { vr: 'LO', Value: ['TEST'] },
        '00091001': { vr: 'UT', Value: ['x'.repeat(characters)] },
      }
      await recorder.run({ kind: 'create', uid, receivingAE: 'WORKLIST', attributes })
    }
    const relabel = async (uid: string, times: number): Promise<void> => {
      for (let n = 0; n < times; n++) {
        const attributes = labelled(`${n}`)
        await service.plugin.worklist.execute(
          { kind: 'update', uid, transactionUid: undefined, attributes },
          'WORKLIST',
        )
      }
    }
    const CHANGE = `subscription ($after: FeedPosition) {
      workitemChanges(after: $after) { position workitem { dataset } }
    }`
    const follow = (client: GraphqlClient, variables: Variables): Stream<Pick<Told, 'position'>> =>
      client.follow(CHANGE, variables, 'workitemChanges')

    it('is told RESUME once it is more than 10 000 changes behind, and where: no gap from there', async () => {
      const others = Array.from({ length: 20 }, (_, n) => `1.2.20.${n}`)
      await createLarge('1.2.21', 200_000)
      for (const uid of others) await recorder.create(uid)
      const client = connect()
      const slow = follow(client, { after: '0' })
      await slow.has(21)
      client.pause()
      await relabel('1.2.21', 100)
      await Promise.all(others.map((uid) => relabel(uid, 510)))
      client.resume()
      expect(await slow.ended).to.equal('complete')
      expect(slow.errors.map(({ extensions }) => extensions)).to.deep.equal([
        { code: 'RESUME', after: lastOf(slow.told) },
      ])
      const last = await head()
      expect(last - Number(lastOf(slow.told))).to.be.greaterThan(10_000)
      const { length } = slow.told
      const rest = follow(client, { after: lastOf(slow.told) })
      await rest.has(last - length)
      expect(positionsOf([...slow.told, ...rest.told])).to.deep.equal(Array.from({ length: last }, (_, n) => n + 1))
    })

    it('costs no memory: 20 of them, 5 000 changes of a workitem of 20 KB', async () => {
      await createLarge('1.2.22', 20_000)
      const stalled = Array.from({ length: 20 }, () => connect())
      const streams = stalled.map((client) => follow(client, { after: '0' }))
      for (const stream of streams) await stream.has(1)
      for (const client of stalled) client.pause()
      const before = memoryUsed()
      await relabel('1.2.22', 5_000)
      // 2 GB are not told.
      expect((memoryUsed() - before) / MEGABYTE).to.be.below(100)
      for (const client of stalled.slice(1)) await client.cut()
      stalled[0]?.resume()
      await streams[0]?.has(5_001, 30_000)
      expect(positionsOf(streams[0]?.told ?? [])).to.deep.equal(Array.from({ length: 5_001 }, (_, n) => n + 1))
      await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 1)
    })

    it('costs no memory over HTTP either', async () => {
      await createLarge('1.2.23', 20_000)
      const responses = await Promise.all(
        Array.from({ length: 10 }, () =>
          fetch(`${service.url}/graphql`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
            body: JSON.stringify({ query: CHANGE, variables: { after: '0' } }),
          }),
        ),
      )
      await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 10)
      const before = memoryUsed()
      await relabel('1.2.23', 3_000)
      // 600 MB are not told.
      expect((memoryUsed() - before) / MEGABYTE).to.be.below(100)
      for (const { body } of responses) await body?.cancel()
      await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 0)
    })
  })
})

const MEGABYTE = 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that are in use, garbage not counted. */
function memoryUsed(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe('Whoever watches a store', function () {
  this.timeout(60_000)
  let folder: Folder
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('that has forgotten where it was is told so, and can go on from where the feed begins', async () => {
    const first = await startService({ folder })
    await new Recorder(first).work('1.2.1', 40)
    await first.stop()
    const database = new DatabaseSync(join(folder.path, 'worklist.db'))
    database.exec('DELETE FROM feed WHERE position <= 20')
    database.close()
    const second = await startService({ folder })
    const client = graphqlClient(second.url)
    const POSITIONS = `subscription ($after: FeedPosition) { workitemChanges(after: $after) { position } }`
    for (const after of ['0', '19']) {
      const stream = client.follow<Told>(POSITIONS, { after }, 'workitemChanges')
      expect(await stream.ended).to.equal('complete')
      expect(stream.errors.map(({ extensions }) => extensions)).to.deep.equal([{ code: 'FEED_POSITION_FORGOTTEN' }])
    }
    const { data } = await askGraphql<{ feed: { start: string } }>(second.url, '{ feed { start } }')
    expect(data?.feed.start).to.equal('20')
    const stream = client.follow<Told>(POSITIONS, { after: '20' }, 'workitemChanges')
    await until(() => lastOf(stream.told) === '40')
    await client.close()
    await second.stop()
  })

  it('whose server is killed under load has every acknowledged change once when it is back', async () => {
    const port = await freePort()
    const start = (): Bin => startBin(['--port', `${port}`, '--store', `sqlite:${join(folder.path, 'worklist.db')}`])
    const acknowledged = new Set<number>()
    const told: { position: string; kind: string }[] = []
    for (let kill = 0; kill < 4; kill++) {
      const bin = start()
      const url = await bin.ready
      const client = graphqlClient(url)
      const stream = client.follow<{ position: string; kind: string }>(
        `subscription ($after: FeedPosition) { workitemChanges(after: $after) { position kind } }`,
        { after: lastOf(told) },
        'workitemChanges',
      )
      const writing = Array.from({ length: 8 }, () => write(url, acknowledged))
      await stream.has(20 + kill * 30)
      bin.process.kill('SIGKILL')
      await Promise.all([...writing, bin.exit, stream.ended])
      told.push(...stream.told)
      await client.close()
    }
    const bin = start()
    const client = graphqlClient(await bin.ready)
    const last = client.follow<{ position: string; kind: string }>(
      `subscription ($after: FeedPosition) { workitemChanges(after: $after) { position kind } }`,
      { after: lastOf(told) },
      'workitemChanges',
    )
    const end = Math.max(...acknowledged)
    if (Number(lastOf(told)) < end) await until(() => Number(lastOf(last.told)) >= end)
    const positions = positionsOf([...told, ...last.told])
    expect(positions).to.deep.equal(Array.from({ length: positions.length }, (_, n) => n + 1))
    const seen = new Set(positions)
    expect([...acknowledged].filter((position) => !seen.has(position))).to.deep.equal([])
    expect(acknowledged.size).to.be.greaterThan(100)
    await client.close()
    await stopBin(bin)
  })
})

/** Creates and claims until the server is gone; writes down the positions of what was acknowledged. */
async function write(url: string, acknowledged: Set<number>): Promise<void> {
  const variables = { dataset: changed(sample('minimal'), labelled('A')) }
  const run = async (mutation: string): Promise<boolean> => {
    try {
      const answer = await askGraphql<{ done: { position: string } }>(url, mutation, variables)
      if (!answer.data) throw new Error(`refused: ${answer.errors?.map(({ message }) => message).join()}`)
      acknowledged.add(Number(answer.data.done.position))
      return true
    } catch (error) {
      // fetch fails with a TypeError when the connection is gone.
      if (error instanceof TypeError) return false
      throw error
    }
  }
  for (;;) {
    const uid = uidFromUuid(randomUUID())
    const create = `mutation ($dataset: DicomJson!) {
      done: create(aeTitle: "WORKLIST", uid: "${uid}", dataset: $dataset) { position } }`
    const claim = `mutation { done: changeState(aeTitle: "WORKLIST", uid: "${uid}", state: IN_PROGRESS,
      transactionUID: "1.2.3") { position } }`
    if (!(await run(create)) || !(await run(claim))) return
  }
}
