/** What is said of a cluster that cannot be followed: enough to help it, and nothing that somebody else must not know. */
import { expect } from 'chai'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Criterion } from '../../plugin/dicom/query-criteria.ts'
import type { ElasticsearchSettings } from '../../plugin/search/settings.ts'
import { makeCertificates } from '../support/certificates.ts'
import { describeWithElasticsearch, elasticsearch } from '../support/elasticsearch.ts'
import { temporaryFolder } from '../support/folder.ts'
import { closed, opened } from '../support/leaks.ts'
import { until } from '../support/until.ts'
import { FaultyProxy } from './faulty-proxy.ts'
import { SearchedStore } from './searched-store.ts'

const NOBODY = 'http://127.0.0.1:1'

describe('The reason why a search cluster is away', () => {
  let house: SearchedStore
  beforeEach(() => {
    house = new SearchedStore(NOBODY)
  })
  afterEach(() => house.end())

  /** What the status says, and the log no more often than it is another. */
  async function reasonOf(settings: Partial<ElasticsearchSettings>): Promise<string | undefined> {
    house.startOnly(settings)
    await until(() => house.engine.status().state === 'away', 20_000)
    const { failures } = house.counts
    await until(() => house.counts.failures > failures, 20_000)
    const { reason } = house.engine.status()
    expect(house.lines.map(({ fields }) => fields)).to.deep.equal([{ reason }])
    return reason
  }

  it('is that nobody listens there', async () => {
    expect(await reasonOf({ nodes: [NOBODY] })).to.equal('ECONNREFUSED')
  })

  it('is that nobody listens at any of its addresses', async () => {
    expect(await reasonOf({ nodes: ['http://localhost:1', NOBODY] })).to.equal('ECONNREFUSED')
  })

  it('is that there is no such host', async () => {
    // The second one where no server of names can be asked.
    expect(await reasonOf({ nodes: ['http://nobody.invalid:9200'] })).to.be.oneOf(['ENOTFOUND', 'EAI_AGAIN'])
  })

  it('is what TLS has against it', async () => {
    const folder = temporaryFolder()
    const { certFile, keyFile, caFile } = makeCertificates(folder.path, { for: ['DNS:localhost'] })
    const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }).listen(0, '127.0.0.1')
    opened(server, 'a server with a certificate', () => server.close())
    try {
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const nodes = [`https://127.0.0.1:${port}`]
      expect(await reasonOf({ nodes })).to.equal('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
      await house.stop()
      house.lines.length = 0
      const ca = readFileSync(caFile, 'utf8')
      expect(await reasonOf({ nodes, ca })).to.equal('ERR_TLS_CERT_ALTNAME_INVALID')
    } finally {
      server.closeAllConnections()
      server.close()
      closed(server)
      folder.remove()
    }
  })

  it('is told no more when it has gone', async () => {
    const proxy = await FaultyProxy.start(NOBODY)
    proxy.fault = () => 401
    expect(await reasonOf({ nodes: [proxy.url] })).to.equal('401 a_fault')
    proxy.fault = () => 403
    await until(() => house.engine.status().reason === '403 a_fault', 20_000)
    expect(JSON.stringify(house.lines)).not.to.match(/127\.0\.0\.1|http/)
    await house.stop()
    await proxy.stop()
    house.startOnly({ nodes: [NOBODY] })
  })
})

describeWithElasticsearch('A search in Elasticsearch that', () => {
  let house: SearchedStore
  beforeEach(async () => {
    house = new SearchedStore((await elasticsearch()).url)
    await house.create('1.1')
    await house.start()
  })
  afterEach(() => house.end())

  const broken = (error: Error): Criterion => {
    throw error
  }

  it('meets a mistake of ours is left to the store, and the mistake told once, without what it quotes', async () => {
    house.lines.length = 0
    for (const Kind of [TypeError, RangeError]) {
      const search = () =>
        house.find({
          get '00100010'() {
            return broken(new Kind('Geheim^Gisela\n    at Geheim^Gisela'))
          },
        })
      for (let i = 0; i < 3; i++) expect(await search()).to.equal(undefined)
    }
    expect(house.counts.failures).to.equal(6)
    expect(house.lines.map(({ level }) => level)).to.deep.equal(['error', 'error'])
    const [first, second] = house.lines.map(({ fields }) => fields as { error: string; frames: string[] })
    expect([first?.error, second?.error]).to.deep.equal(['TypeError', 'RangeError'])
    expect(first?.frames[0]).to.match(/^at .*elasticsearch-trouble\.test\.ts:\d+:\d+\)?$/)
    expect(first?.frames.join('\n')).to.include('plugin/search/query.ts')
    expect(JSON.stringify(house.lines)).not.to.include('Geheim')
    expect(house.engine.status().state).to.equal('ready')
    expect(await house.uids()).to.deep.equal(['1.1'])
  })

  it('names a zone that nobody knows is left to the store, too, and that is no mistake', async () => {
    house.lines.length = 0
    const from = { at: 0, local: true } as const
    const query = { '00404005': { type: 'date-time', ranges: [{ from }] } } as const
    expect(await house.engine.find({ query, order: [], timeZone: 'Mars/Olympus' })).to.equal(undefined)
    expect(await house.engine.find({ query, order: [], timeZone: 'Europe/Vienna' })).not.to.equal(undefined)
    expect(house.lines).to.deep.equal([])
    expect(house.counts.failures).to.equal(0)
  })

  it('cannot be made knows how far the index had come, also after a restart', async () => {
    await house.createMany(0, 50)
    await house.untilApplied()
    await house.stop()
    house.startOnly({ nodes: [NOBODY] })
    await until(() => house.engine.status().state === 'away')
    await until(() => house.counts.failures > 1)
    expect(house.engine.status().behind).to.equal(0)
    await house.createMany(50, 53)
    await until(() => house.engine.status().behind === 3 && house.counts.lag === 3)
    await house.stop()
    await house.start()
    expect(await house.uids()).to.have.length(54)
    expect(house.engine.status()).to.deep.equal({ state: 'ready', behind: 0 })
  })
})
