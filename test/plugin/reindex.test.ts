/** `archive-ups reindex` and `POST /ctrl/reindex`: the index of search made anew. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { showProgress } from '../../plugin/standalone/progress.ts'
import { describeWithElasticsearch, elasticsearch, indexPrefix, removeIndices } from '../support/elasticsearch.ts'
import { temporaryFolder } from '../support/folder.ts'
import { post, send } from '../support/http.ts'
import { freePort } from '../support/port.ts'
import { type Bin, type BinOptions, runBin, startBin, stopBin } from '../support/process.ts'
import { searchStatus } from '../support/search-engines.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample, sampleText } from '../support/workitems.ts'

const COUNT = 1_000

async function fill(url: string, count: number): Promise<void> {
  const workitems = `${url}/aets/WORKLIST/rs/workitems`
  await Promise.all(
    Array.from({ length: count }, (_, n) => post(`${workitems}?1.2.88.${n + 1}`, sampleText('minimal'))),
  )
}

const linesOf = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('archive-ups reindex', () => {
  const folder = temporaryFolder()
  let free: number
  before(async () => {
    free = await freePort()
  })
  const inFolder: BinOptions = { cwd: folder.path }
  after(() => folder.remove())

  describe('while a server runs', () => {
    let bin: Bin
    let url: string
    before(async () => {
      bin = startBin(['--port', '0'], inFolder)
      url = await bin.ready
      await fill(url, COUNT)
    })
    after(() => stopBin(bin))

    it('goes through it, and tells in lines how far it is', async () => {
      const { code, out, err } = await runBin(['reindex', '--url', url], inFolder)
      expect([code, err]).to.deep.equal([0, ''])
      const lines = out.trimEnd().split('\n')
      expect(lines.at(-1)).to.equal(`${COUNT} workitems are in the index.`)
      expect(lines.slice(0, -1)).not.to.be.empty
      for (const line of lines.slice(0, -1)) expect(line).to.match(/^reindex: \d+ of \d+ \(\d+ %\)$/)
    })

    it('finds it by the flags that the server was started with', async () => {
      const { port } = new URL(url)
      const { code, out } = await runBin(['reindex', '--port', port], inFolder)
      expect([code, out.trimEnd().split('\n').at(-1)]).to.deep.equal([0, `${COUNT} workitems are in the index.`])
    })

    it('is refused the store that the server holds, where it is not told of the server', async () => {
      const { code, err } = await runBin(['reindex', '--port', String(free)], inFolder)
      expect(code).to.equal(1)
      expect(err).to.match(/^archive-ups: The store .* is held by process \d+/)
    })

    it('searches are right meanwhile', async () => {
      const work = post(`${url}/ctrl/reindex`)
      for (let n = 1; n <= 20; n++) {
        const answer = await send(`${url}/aets/WORKLIST/rs/workitems/count?ProcedureStepState=SCHEDULED`)
        expect(answer.json()).to.deep.equal({ count: COUNT })
      }
      expect((await work).status).to.equal(200)
    })
  })

  describe('while none runs', () => {
    it('opens the store by itself where no server runs', async () => {
      const { code, out, err } = await runBin(['reindex', '--port', String(free)], inFolder)
      expect([code, err]).to.deep.equal([0, ''])
      expect(out).to.contain(`${COUNT} workitems are in the index.\n`)
    })

    it('ends with 1 where the server that was named does not answer, and with 2 for a URL that is none', async () => {
      const away = await runBin(['reindex', '--url', `http://127.0.0.1:${free}`], inFolder)
      expect([away.code, away.err]).to.deep.equal([1, `archive-ups: No server answers at http://127.0.0.1:${free}.\n`])
      const none = await runBin(['reindex', '--url', 'nowhere'], inFolder)
      expect([none.code, none.err]).to.deep.equal([
        2,
        'archive-ups: --url is "nowhere", expected a URL such as http://127.0.0.1:8080.\n',
      ])
    })

    it('ends with 1 where what answers is no worklist', async () => {
      const service = await startService({ prefix: '/elsewhere' })
      const { code, err } = await runBin(['reindex', '--url', service.url], inFolder)
      await service.stop()
      expect(code).to.equal(1)
      expect(err).to.match(/^archive-ups: The server at http:\S+ answered 404 to POST \/ctrl\/reindex\.\n$/)
    })
  })

  describe('where what answers at the URL', () => {
    const cases: readonly (readonly [string, (response: ServerResponse) => void, RegExp])[] = [
      [
        'ends midway',
        (response) => response.write('{"done":1,"all":2}\n', () => response.destroy()),
        /ended before the index was made/,
      ],
      ['ends without a word', (response) => response.end('{"done":1,"all":2}\n'), /ended before the index was made/],
      [
        'speaks of something else',
        (response) => response.end('<html>secret</html>'),
        /What answers at \S+ is no worklist/,
      ],
      ['is no HTTP server', (response) => response.socket?.end('SSH-2.0\r\n'), /cannot be asked: \w+/],
    ]
    for (const [what, answer, sentence] of cases) {
      it(`${what} it ends with 1 and a sentence`, async () => {
        const server = createServer((request, response) => answer(request.resume() && response))
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
        const { port } = server.address() as AddressInfo
        const { code, err } = await runBin(['reindex', '--url', `http://127.0.0.1:${port}`], inFolder)
        server.closeAllConnections()
        server.close()
        expect(code).to.equal(1)
        expect(err)
          .to.match(/^archive-ups: .*\.\n$/)
          .and.to.match(sentence)
        expect(err).not.to.contain('secret')
      })
    }
  })
})

describe('Progress', () => {
  const shown = (isTTY: boolean, steps: readonly (readonly [number, number])[]): string => {
    let text = ''
    const progress = showProgress({ isTTY, write: (more) => (text += more) }, 'reindex')
    for (const [done, all] of steps) progress.show(done, all)
    progress.end()
    return text
  }

  it('is a bar on a terminal', () => {
    expect(shown(true, [[0, 200], [100, 200], [200, 200]])).to.equal(
      `\rreindex [${'.'.repeat(30)}] 0 of 200 (0 %)\u001b[K` +
        `\rreindex [${'#'.repeat(15)}${'.'.repeat(15)}] 100 of 200 (50 %)\u001b[K` +
        `\rreindex [${'#'.repeat(30)}] 200 of 200 (100 %)\u001b[K\n`,
    ) // prettier-ignore
  })

  it('is a line for each tenth elsewhere', () => {
    const steps = Array.from({ length: 101 }, (_, n) => [n * 5, 500] as const)
    const lines = shown(false, steps).trimEnd().split('\n')
    expect(lines).to.deep.equal(Array.from({ length: 11 }, (_, n) => `reindex: ${n * 50} of 500 (${n * 10} %)`))
  })

  it('is over where there is nothing to do', () => {
    expect(shown(false, [[0, 0]])).to.equal('reindex: 0 of 0 (100 %)\n')
  })
})

describeWithElasticsearch('POST /ctrl/reindex, in Elasticsearch', () => {
  const prefix = indexPrefix()
  let url: string
  let service: Service
  before(async () => {
    ;({ url } = await elasticsearch())
    service = await startService({ search: { nodes: [url], prefix } })
    await fill(service.url, COUNT)
    await until(async () => (await searchStatus(service)).state === 'ready', 30_000)
  })
  after(async () => {
    await service.stop()
    await removeIndices(url, prefix)
  })

  it('answers with lines of JSON, and the workitems that are created meanwhile are in it', async () => {
    const work = post(`${service.url}/ctrl/reindex`)
    for (let n = 0; n < 50; n++) {
      const uid = `1.2.89.${n}`
      expect((await post(`${service.aet()}/workitems?${uid}`, sample('minimal'))).status).to.equal(201)
      expect((await send(`${service.aet()}/workitems/count`)).json()).to.deep.equal({ count: COUNT + n + 1 })
    }
    const answer = await work
    expect([answer.status, answer.headers.get('content-type')]).to.deep.equal([200, 'application/x-ndjson'])
    const lines = linesOf(answer.text)
    const last = lines.at(-1)
    expect(last).to.have.all.keys('indexed')
    expect(last?.indexed).to.be.within(COUNT, COUNT + 50)
    const done = lines.slice(0, -1).map((line) => Number(line.done))
    expect(done).to.deep.equal(done.toSorted((a, b) => a - b))
  })

  it('says why where the cluster is away', async () => {
    const alone = await startService({ search: { nodes: ['http://127.0.0.1:1'], prefix } })
    await until(async () => (await searchStatus(alone)).state === 'away')
    expect((await send(`${alone.url}/readyz`)).json()).to.deep.include({
      status: 'degraded',
      reasons: ['The search cluster cannot be used; the store searches by itself meanwhile.'],
    })
    const lines = linesOf((await post(`${alone.url}/ctrl/reindex`)).text)
    await alone.stop()
    expect(Object.keys(lines.at(-1) ?? {})).to.deep.equal(['error'])
    expect(String(lines.at(-1)?.error)).not.to.match(/ECONNREFUSED|127\.0\.0\.1|at /)
  })
})
