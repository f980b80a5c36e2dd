import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { aeEntry, writeDirectory } from '../http/directory.ts'
import { attribute } from '../http/datasets.ts'
import { FILTERED, succeeds, Subscribers, unassigned, WORKLIST } from '../http/subscriptions.ts'
import { openChannel } from '../support/channel.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { describeWithElasticsearch, elasticsearch, indexPrefix, removeIndices } from '../support/elasticsearch.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { dataOf, errorOf, type Told } from './asking.ts'

const SUBSCRIBERS = `query($subscriber: String) {
  subscriptions(subscriber: $subscriber) {
    nodes {
      aeTitle
      global { deletionLock }
      filtered { deletionLock keys { name values } fuzzyMatching emptyValueMatching multipleValueMatching }
      channels waiting dropped
      workitems { nodes { uid deletionLock by workitem { state } } }
    }
  }
}`

const HELD = `query($subscriber: String, $first: Int! = 25, $after: String) {
  subscriptions(subscriber: $subscriber, first: 1) {
    nodes {
      workitems(first: $first, after: $after) {
        nodes { uid } pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
  }
}`

describe('subscriptions', () => {
  let service: Service
  const subscribers = new Subscribers(() => service)
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.stop())
  const told = async (variables: Told = {}): Promise<readonly Told[]> =>
    (await dataOf(service, SUBSCRIBERS, variables))['subscriptions'].nodes as readonly Told[]
  const none = { global: null, filtered: null, channels: 0, waiting: 0, dropped: 0, workitems: { nodes: [] } }

  it('are none where nobody is subscribed, but for the one that is asked for', async () => {
    expect(await told()).to.deep.equal([])
    expect(await told({ subscriber: ' TMS ' })).to.deep.equal([{ aeTitle: 'TMS', ...none }])
  })

  it('tell of global and filtered ones, with their keys and locks, in order of AE titles', async () => {
    await succeeds(subscribers.subscribe(WORKLIST, 'TMS', 'deletionlock=true'))
    await succeeds(subscribers.subscribe(WORKLIST, 'ATMS'))
    const filter = 'filter=00741200=LOW,HIGH,PatientName=doe*&fuzzymatching=true'
    await succeeds(subscribers.subscribe(FILTERED, 'TMS', filter))
    expect(await told()).to.deep.equal([
      { aeTitle: 'ATMS', ...none, global: { deletionLock: false } },
      {
        aeTitle: 'TMS',
        ...none,
        global: { deletionLock: true },
        filtered: {
          deletionLock: false,
          keys: [
            { name: '00741200', values: ['LOW', 'HIGH'] },
            { name: 'PatientName', values: ['doe*'] },
          ],
          fuzzyMatching: true,
          emptyValueMatching: false,
          multipleValueMatching: false,
        },
      },
    ])
    await succeeds(subscribers.unsubscribe(WORKLIST, 'ATMS'))
    expect((await told()).map(({ aeTitle }) => aeTitle as string)).to.deep.equal(['TMS'])
  })

  it('tell of those one by one, with what made them', async () => {
    for (const uid of ['1.2.1', '1.2.2', '1.2.3']) await subscribers.create(uid)
    await succeeds(subscribers.subscribe('1.2.1', 'TMS', 'deletionlock=true'))
    await succeeds(subscribers.subscribe('1.2.2', 'TMS'))
    await succeeds(subscribers.subscribe('1.2.3', 'CONSOLE'))
    const [console, tms] = await told()
    expect(console?.['workitems'].nodes).to.have.length(1)
    expect(tms?.['workitems'].nodes).to.deep.equal([
      { uid: '1.2.1', deletionLock: true, by: ['EXPLICIT'], workitem: { state: 'SCHEDULED' } },
      { uid: '1.2.2', deletionLock: false, by: ['EXPLICIT'], workitem: { state: 'SCHEDULED' } },
    ])
    expect(tms?.['waiting']).to.equal((await service.store.backlogs()).find((one) => one.subscriber === 'TMS')?.waiting)
    await deleteWorkitem(service.store, '1.2.2')
    expect((await told({ subscriber: 'TMS' }))[0]?.['workitems'].nodes).to.have.length(1)
  })

  it('of a workitem are as UPS-RS lists them', async () => {
    await succeeds(subscribers.subscribe(WORKLIST, 'TMS', 'deletionlock=true'))
    await succeeds(subscribers.subscribe(FILTERED, 'CONSOLE', 'filter=00741200=LOW'))
    await subscribers.create('1.2.1')
    await succeeds(subscribers.subscribe('1.2.1', 'CONSOLE'))
    const { workitem } = await dataOf(
      service,
      '{ workitem(uid: "1.2.1") { subscriptions { subscriber deletionLock by } } }',
    )
    const listed = await subscribers.holders('1.2.1')
    expect(listed).to.have.length(2)
    expect(workitem.subscriptions).to.have.deep.members(
      listed.map(({ by, ...rest }) => ({ ...rest, by: by.map((maker) => maker.toUpperCase()) })),
    )
  })

  it('come page by page', async () => {
    for (let index = 1; index <= 5; index++) {
      await subscribers.create(`1.2.${index}`)
      await succeeds(subscribers.subscribe(`1.2.${index}`, 'TMS'))
    }
    const uids: string[] = []
    let after: string | null = null
    for (let page = 0; page < 4; page++) {
      const { subscriptions } = await dataOf(service, HELD, { subscriber: 'TMS', first: 2, after })
      const { nodes, pageInfo } = subscriptions.nodes[0].workitems as Told
      uids.push(...(nodes as readonly { uid: string }[]).map(({ uid }) => uid))
      expect(pageInfo.hasPreviousPage).to.equal(page > 0)
      expect(pageInfo.hasNextPage).to.equal(page < 2)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor as string
    }
    expect(uids).to.deep.equal(['1.2.1', '1.2.2', '1.2.3', '1.2.4', '1.2.5'])
    for (const wrong of [{ first: 0 }, { first: 1_001 }, { after: 'x' }, { after: '-1' }, { after: '' }]) {
      const error = await errorOf(service, HELD, { subscriber: 'TMS', ...wrong })
      expect(error).to.deep.include({ code: 'BAD_ARGUMENT', argument: Object.keys(wrong)[0] })
    }
    expect((await errorOf(service, HELD, { subscriber: 'far too long for a title' })).code).to.equal('INVALID_ARGUMENT')
  })

  it('tell of open channels, of reports that wait, and of those that were dropped', async () => {
    await succeeds(subscribers.subscribe(WORKLIST, 'CONSOLE'))
    for (let index = 0; index < 104; index++) await subscribers.create(`1.2.${index}`, unassigned())
    // As often as CONSOLE may be away in the sample: its backlog holds 100.
    const channel = await openChannel(service.aet(), 'CONSOLE')
    const sizes = await service.store.backlogs()
    const { waiting = 0, dropped = 0 } = sizes.find((one) => one.subscriber === 'CONSOLE') ?? {}
    const [open] = await told({ subscriber: 'CONSOLE' })
    expect(open?.['channels']).to.equal(1)
    expect(open?.['dropped']).to.equal(dropped).and.be.above(0)
    expect(waiting).to.be.at.least(open?.['waiting'] as number)
    await channel.close()
    await until(async () => (await told({ subscriber: 'CONSOLE' }))[0]?.['channels'] === 0)
  })
})

const ARCHIVE = `{
  archive {
    deviceName dn description installed source readAt from
    settings { attribute value unit level dn }
    networkAEs { aeTitle dn description installed settings { attribute value unit level dn } }
    ignored { dn attribute }
    trouble { kind message since problems { dn attribute value expected place } }
  }
}`

/** `GET /ctrl/config`, as the schema has it. */
const asArchive = ({ device, networkAEs, from, trouble, ...rest }: Told): Told => ({
  ...rest,
  ...entryOf(device as Told),
  from: (from as string).toUpperCase().replace(' ', '_'),
  networkAEs: (networkAEs as readonly Told[]).map(entryOf),
  trouble: trouble ? { ...(trouble as Told), kind: (trouble.kind as string).toUpperCase() } : undefined,
})

const entryOf = ({ settings, ...rest }: Told): Told => ({
  ...rest,
  settings: Object.entries(settings as Record<string, Told>).map(([name, { value, unit, origin }]) => ({
    attribute: name,
    value,
    unit,
    level: (origin.level as string).toUpperCase(),
    dn: origin.dn,
  })),
})

/** Null and absent are the same. */
const compact = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (one === null ? undefined : one)))

describe('archive', () => {
  let folder: Folder
  let service: Service
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await service.stop()
    folder.remove()
  })
  const expectAsConfig = async (): Promise<Told> => {
    const { archive } = await dataOf(service, ARCHIVE)
    const shown = (await send(`${service.url}/ctrl/config`)).json() as Told
    expect(compact(archive)).to.deep.equal(compact(asArchive(shown)))
    return archive as Told
  }

  it('is what GET /ctrl/config shows, of the sample', async () => {
    service = await startService()
    const { networkAEs, trouble, settings } = await expectAsConfig()
    expect(trouble).to.equal(null)
    expect(settings).to.not.have.length(0)
    expect((networkAEs as readonly Told[]).map(({ aeTitle }) => aeTitle as string)).to.include('RADONC')
  })

  it('tells what a reload has refused, until a good one, and what it cannot reach', async () => {
    const good = (): string => writeDirectory(folder.path, [aeEntry('A')], 'dcmUPSWorklistLabel: Good')
    const config = good()
    service = await startService({ config, pollInterval: 1_000_000 })
    writeDirectory(folder.path, [aeEntry('A')], `dcmUPSWorklistLabel: ${'x'.repeat(65)}`)
    await post(`${service.url}/ctrl/reload`)
    const { trouble, settings } = await expectAsConfig()
    expect(trouble.kind).to.equal('INVALID')
    expect(trouble.problems).to.have.length(1)
    expect(trouble.problems[0]).to.deep.include({ attribute: 'dcmUPSWorklistLabel', value: 'x'.repeat(65) })
    expect(JSON.stringify(trouble)).not.to.include(folder.path)
    // The last good one stays.
    expect(JSON.stringify(settings)).to.include('"Good"')
    renameSync(config, join(folder.path, 'away'))
    await post(`${service.url}/ctrl/reload`)
    expect((await expectAsConfig())['trouble'].kind).to.equal('UNREACHABLE')
    writeFileSync(config, 'no LDIF at all')
    await post(`${service.url}/ctrl/reload`)
    expect((await expectAsConfig())['trouble'].kind).to.equal('UNUSABLE')
    good()
    await post(`${service.url}/ctrl/reload`)
    expect((await expectAsConfig())['trouble']).to.equal(null)
  })
})

describe('feed', () => {
  it('tells where the feed is, and how far back it goes', async () => {
    const service = await startService()
    const subscribers = new Subscribers(() => service)
    const query = '{ feed { position start } }'
    expect(await dataOf(service, query)).to.deep.equal({ feed: { position: '0', start: '0' } })
    await subscribers.create('1.2.1')
    await subscribers.update('1.2.1', { '00741204': attribute('LO', 'Other') })
    const { position } = (await service.feed()).at(-1) ?? {}
    expect(await dataOf(service, query)).to.deep.equal({ feed: { position: String(position), start: '0' } })
    await service.stop()
  })
})

const SEARCH = '{ search { engine state behind reason } }'

describe('search', () => {
  it('is the store itself, which is always ready', async () => {
    const service = await startService()
    expect(await dataOf(service, SEARCH)).to.deep.equal({
      search: { engine: 'EMBEDDED', state: 'READY', behind: 0, reason: null },
    })
    await service.stop()
  })

  it('is away where no cluster answers', async () => {
    const service = await startService({ search: { nodes: ['http://127.0.0.1:9'] } })
    await until(async () => ((await dataOf(service, SEARCH))['search'] as Told)['state'] === 'AWAY')
    const { search } = await dataOf(service, SEARCH)
    expect(search).to.deep.include({ engine: 'ELASTICSEARCH' })
    expect(search.reason).to.be.a('string').and.not.include('127.0.0.1')
    await service.stop()
  })

  describeWithElasticsearch('of a cluster', () => {
    it('is ready, and behind by nothing once it has applied what was written', async () => {
      const prefix = indexPrefix()
      const { url } = await elasticsearch()
      const service = await startService({ search: { nodes: [url], prefix } })
      await new Subscribers(() => service).create('1.2.1')
      const ready = { search: { engine: 'ELASTICSEARCH', state: 'READY', behind: 0, reason: null } }
      await until(async () => JSON.stringify(await dataOf(service, SEARCH)) === JSON.stringify(ready), 15_000)
      await service.stop()
      await removeIndices(url, prefix)
    })
  })
})
