/** How the search cluster is reached: users, API keys, https, several nodes; and all of it from the command line. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect } from 'chai'
import type { ElasticsearchSettings } from '../../plugin/index.ts'
import { FaultyProxy } from '../search/faulty-proxy.ts'
import { uidsIn } from '../http/searching.ts'
import { type Certificates, makeCertificates } from '../support/certificates.ts'
import {
  describeWithElasticsearch,
  elasticsearch,
  indexPrefix,
  type OwnElasticsearch,
  removeIndices,
  startOwnElasticsearch,
} from '../support/elasticsearch.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, send } from '../support/http.ts'
import { startBin, stopBin } from '../support/process.ts'
import { searchStatus } from '../support/search-engines.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample } from '../support/workitems.ts'

/** @returns the state of the index once it is not being made any more */
async function stateWith(search: ElasticsearchSettings): Promise<string> {
  const service = await startService({ search })
  try {
    expect((await post(`${service.aet()}/workitems?1.2.3`, sample('minimal'))).status).to.equal(201)
    let state = 'building'
    await until(async () => {
      ;({ state } = await searchStatus(service))
      return state !== 'building'
    }, 20_000)
    expect(uidsIn(await send(`${service.aet()}/workitems?ProcedureStepState=SCHEDULED`))).to.deep.equal(['1.2.3'])
    return state
  } finally {
    await service.stop()
  }
}

describeWithElasticsearch('A search cluster is reached', () => {
  let url: string
  let prefix: string
  let folder: Folder
  before(async () => {
    ;({ url } = await elasticsearch())
    folder = temporaryFolder()
  })
  after(() => folder.remove())
  beforeEach(() => {
    prefix = indexPrefix()
  })
  afterEach(() => removeIndices(url, prefix))

  it('with an API key in the header of each request', async () => {
    const proxy = await FaultyProxy.start(url)
    expect(await stateWith({ nodes: [proxy.url], prefix, apiKey: () => 'a2V5' })).to.equal('ready')
    await proxy.stop()
    expect([...new Set(proxy.asked.map(({ authorization }) => authorization))]).to.deep.equal(['ApiKey a2V5'])
  })

  it('where one of its nodes is', async () => {
    expect(await stateWith({ nodes: ['http://127.0.0.1:1', url], prefix })).to.equal('ready')
    expect(await stateWith({ nodes: [url, 'http://127.0.0.1:1'], prefix })).to.equal('ready')
  })

  describe('over https', () => {
    let certificates: Certificates
    let secure: string
    const server = () =>
      createHttps(
        { cert: readFileSync(certificates.certFile), key: readFileSync(certificates.keyFile) },
        (request, response) => {
          void (async () => {
            const body = await buffer(request)
            const { 'content-type': type = 'application/json', accept = '*/*' } = request.headers
            const method = request.method ?? 'GET'
            const init = { method, headers: { 'content-type': type, accept }, ...(body.length > 0 && { body }) }
            const answer = await fetch(new URL(request.url ?? '', url), init)
            const headers = ['content-type', 'x-elastic-product'].map((name) => [name, answer.headers.get(name) ?? ''])
            response.writeHead(answer.status, Object.fromEntries(headers))
            response.end(Buffer.from(await answer.arrayBuffer()))
          })()
        },
      )
    let stop: () => Promise<void>
    before(async () => {
      certificates = makeCertificates(folder.path)
      const tls = server().listen(0, '127.0.0.1')
      await once(tls, 'listening')
      secure = `https://127.0.0.1:${(tls.address() as AddressInfo).port}`
      stop = async () => {
        tls.closeAllConnections()
        tls.close()
        await once(tls, 'close')
      }
    })
    after(() => stop())

    it('with the certificate of its authority', async () => {
      const ca = readFileSync(certificates.caFile, 'utf8')
      expect(await stateWith({ nodes: [secure], prefix, ca })).to.equal('ready')
    })

    it('and not with that of another one, or none', async () => {
      const stranger = makeCertificates(folder.path, { name: 'stranger' })
      const ca = readFileSync(stranger.caFile, 'utf8')
      expect(await stateWith({ nodes: [secure], prefix, ca })).to.equal('away')
      expect(await stateWith({ nodes: [secure], prefix })).to.equal('away')
    })
  })
})

describeWithElasticsearch('A search cluster that asks who is there', () => {
  const password = 'pässword: 1'
  let cluster: OwnElasticsearch
  let folder: Folder
  before(async () => {
    folder = temporaryFolder()
    cluster = await startOwnElasticsearch({ security: { user: 'ups', password } })
    writeFileSync(join(folder.path, 'password'), `${password}\n`)
  })
  after(async () => {
    await cluster.dispose()
    folder.remove()
  })

  it('answers its users, and nobody else: the store does then', async () => {
    expect(await stateWith({ nodes: [cluster.url], username: 'ups', password })).to.equal('ready')
    expect(await stateWith({ nodes: [cluster.url], username: 'ups', password: 'wrong' })).to.equal('away')
    expect(await stateWith({ nodes: [cluster.url] })).to.equal('away')
  })

  it('from the command line, where the password is neither shown nor logged', async () => {
    const flags = ['--search', cluster.url, '--search-user', 'ups', '--search-password-file', './password']
    const bin = startBin(['--port', '0', '--log-level', 'debug', ...flags], { cwd: folder.path })
    const base = await bin.ready
    const ready = async () => ((await send(`${base}/readyz`)).json() as { search: { state: string } }).search.state
    await until(async () => (await ready()) === 'ready', 20_000)
    expect((await post(`${base}/aets/WORKLIST/rs/workitems?1.2.3`, sample('minimal'))).status).to.equal(201)
    const found = await send(`${base}/aets/WORKLIST/rs/workitems?ProcedureStepState=SCHEDULED`)
    expect(uidsIn(found)).to.deep.equal(['1.2.3'])
    expect((await send(`${base}/metrics`)).text).to.match(/^ups_searches_total\{answered_by="index"\} 1$/m)
    const shown = (await send(`${base}/ctrl/config`)).text
    expect(await stopBin(bin)).to.equal(0)
    expect(bin.out()).to.contain(`  Searched in:   Elasticsearch at ${cluster.url}\n`)
    const basic = Buffer.from(`ups:${password}`).toString('base64')
    for (const text of [bin.out(), bin.err(), shown]) expect(text).not.to.contain('ssword: 1').and.not.to.contain(basic)
  })
})
