/** `archive-ups cancel-abandoned`, and `plugin.worklist.cancelAbandoned`. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { describeRefusal, type Receipt } from '../../plugin/index.ts'
import { retrieved } from '../http/refusal.ts'
import { temporaryFolder } from '../support/folder.ts'
import { post, put } from '../support/http.ts'
import { freePort } from '../support/port.ts'
import { type Bin, type BinOptions, type Ended, runBin, startBin, stopBin } from '../support/process.ts'
import { type Service, startService } from '../support/service.ts'
import { sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'

const REASON = 'The linac has lost its memory of Gisela'

async function claimed(aet: string, uid: string): Promise<void> {
  expect((await post(`${aet}/workitems?${uid}`, sampleText('ai-triage'))).status).to.equal(201)
  expect((await put(`${aet}/workitems/${uid}/state`, stateChange('IN PROGRESS'))).status).to.equal(200)
}

async function expectCanceled(aet: string, uid: string): Promise<void> {
  const dataset = await retrieved(aet, uid)
  expect(dataset['00741000']?.Value).to.deep.equal(['CANCELED'])
  expect(dataset['00741002']).to.have.nested.property('Value[0].00741238.Value[0]', REASON)
}

describe('archive-ups cancel-abandoned', () => {
  const folder = temporaryFolder()
  const inFolder: BinOptions = { cwd: folder.path }
  const prefixed: BinOptions = { cwd: folder.path, variables: { ARCHIVE_UPS_PREFIX: '/archive/' } }
  let free: number
  let bin: Bin
  let url: string
  let aet: string
  const serve = async (): Promise<void> => {
    bin = startBin(['--port', '0'], prefixed)
    url = await bin.ready
    aet = `${url}/aets/WORKLIST/rs`
  }
  before(async () => {
    free = await freePort()
    await serve()
  })
  after(async () => {
    await stopBin(bin)
    folder.remove()
  })

  const run = (args: readonly string[], options = inFolder): Promise<Ended> =>
    runBin(['cancel-abandoned', ...args], options)
  const expectEnd = ({ code, out, err }: Ended, ...expected: readonly [number, string, string]): void => {
    expect([code, out, err]).to.deep.equal(expected)
  }

  describe('while a server runs', () => {
    it('goes through it, and says in one line what has become of the workitem', async () => {
      await claimed(aet, '1.2.91.1')
      expectEnd(await run(['1.2.91.1', '--reason', REASON, '--url', url]), 0, '1.2.91.1 is CANCELED.\n', '')
      await expectCanceled(aet, '1.2.91.1')
    })

    it('says so when there was nothing to do', async () => {
      const again = await run(['1.2.91.1', '--reason', 'another', '--url', `${url}/`])
      expectEnd(again, 0, '1.2.91.1 was CANCELED before; nothing has changed.\n', '')
      await expectCanceled(aet, '1.2.91.1')
    })

    it('finds it by the flags that the server was started with', async () => {
      await claimed(aet, '1.2.91.2')
      const { port } = new URL(url)
      expectEnd(await run(['--port', port, '--reason', REASON, '1.2.91.2'], prefixed), 0, '1.2.91.2 is CANCELED.\n', '')
    })

    it('takes a reason that is too long for a URL', async () => {
      await claimed(aet, '1.2.91.3')
      expectEnd(await run(['1.2.91.3', '--reason', 'ä'.repeat(10_240), '--url', url]), 0, '1.2.91.3 is CANCELED.\n', '')
    })

    it('ends with 1 and one sentence with the DICOM status where it is refused', async () => {
      await post(`${aet}/workitems?1.2.91.4`, sampleText('ai-triage'))
      for (const [uid, reason, sentence] of [
        ['1.2.91.4', REASON, 'C310: Nobody has claimed the UPS; a cancel request cancels it.'],
        ['1.2.91.99', REASON, 'C307: The Workitem does not exist.'],
      ] as const) {
        const refused = await run([uid, '--reason', reason, '--url', url])
        expectEnd(refused, 1, '', `archive-ups: Refused with ${sentence}\n`)
      }
      await claimed(aet, '1.2.91.5')
      const { code, out, err } = await run(['1.2.91.5', '--reason', 'x'.repeat(10_241), '--url', url])
      expect([code, out]).to.deep.equal([1, ''])
      expect(err).to.match(/^archive-ups: Refused with 0106: ReasonForCancellation \(00741238\): [^\n]+\.\n$/)
    })

    it('is refused the store that the server holds, where it is not told of the server', async () => {
      const { code, err } = await run(['1.2.91.5', '--reason', REASON, '--port', String(free)])
      expect(code).to.equal(1)
      expect(err).to.match(/^archive-ups: The store .* is held by process \d+/)
    })

    it('leaves one line in the log of the server for each, without the reason', () => {
      const lines = bin.err().split('\n').filter((line) => line.includes('an administrator cancels')) // prettier-ignore
      expect(lines).to.have.length(7)
      expect(bin.err()).not.to.contain('Gisela')
      expect(bin.err()).not.to.contain(TRANSACTION_UID)
    })
  })

  describe('whatever runs', () => {
    const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
      [
        'a UID that is none',
        ['1.2.03', '--reason', 'x'],
        /^archive-ups: The UID is "1\.2\.03", expected that of a workitem/,
      ],
      ['an empty UID', ['', '--reason', 'x'], /^archive-ups: The UID is ""/],
      ['a path in the place of a UID', ['..', '--reason', 'x'], /^archive-ups: The UID is "\.\."/],
      ['no UID', ['--reason', 'x'], /^error: missing required argument 'uid'/],
      ['no reason', ['1.2.3'], /^error: required option '--reason <text>' not specified/],
      ['an empty reason', ['1.2.3', '--reason', ''], /^archive-ups: --reason is "", expected a text\.\n$/],
      ['a blank reason', ['1.2.3', '--reason', ' '], /^archive-ups: --reason is " ", expected a text\.\n$/],
      ['two UIDs', ['1.2.3', '1.2.4', '--reason', 'x'], /^error: too many arguments/],
      ['a URL that is none', ['1.2.3', '--reason', 'x', '--url', 'nowhere'], /^archive-ups: --url is "nowhere"/],
    ]
    for (const [what, args, sentence] of wrong) {
      it(`ends with 2 for ${what}, and asks nobody`, async () => {
        const { code, out, err } = await run([...args, '--port', String(free)])
        expect([code, out]).to.deep.equal([2, ''])
        expect(err).to.match(sentence)
      })
    }
  })

  describe('while none runs', () => {
    before(async () => {
      await claimed(aet, '1.2.91.6')
      await stopBin(bin)
    })

    it('ends with 1 where the server that was named does not answer', async () => {
      const away = await run(['1.2.91.6', '--reason', REASON, '--url', `http://127.0.0.1:${free}`])
      expectEnd(away, 1, '', `archive-ups: No server answers at http://127.0.0.1:${free}.\n`)
    })

    it('opens the store by itself, with the same words', async () => {
      const alone = (uid: string): Promise<Ended> => run([uid, '--reason', REASON, '--port', String(free)])
      expectEnd(await alone('1.2.91.6'), 0, '1.2.91.6 is CANCELED.\n', '')
      expectEnd(await alone('1.2.91.6'), 0, '1.2.91.6 was CANCELED before; nothing has changed.\n', '')
      const unclaimed = 'archive-ups: Refused with C310: Nobody has claimed the UPS; a cancel request cancels it.\n'
      expectEnd(await alone('1.2.91.4'), 1, '', unclaimed)
      await serve()
      await expectCanceled(aet, '1.2.91.6')
    })
  })

  describe('where what answers at the URL', () => {
    const cases: readonly (readonly [string, (response: ServerResponse) => void, RegExp])[] = [
      [
        'says yes to everything',
        (response) => response.end('<html>secret</html>'),
        /What answers at \S+ is no worklist/,
      ],
      ['says yes without a word', (response) => response.end(), /What answers at \S+ is no worklist/],
      [
        'knows no such resource',
        (response) => response.writeHead(404).end('<html>secret</html>'),
        /answered 404 to POST \/ctrl\/workitems\/1\.2\.3\/cancel-abandoned/,
      ],
      [
        'ends midway',
        (response) => response.write('{', () => response.destroy()),
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
        const { code, out, err } = await run(['1.2.3', '--reason', REASON, '--url', `http://127.0.0.1:${port}`])
        server.closeAllConnections()
        server.close()
        expect([code, out]).to.deep.equal([1, ''])
        expect(err)
          .to.match(/^archive-ups: .*\.\n$/)
          .and.to.match(sentence)
        expect(err).not.to.match(/secret|Gisela/)
      })
    }

    it('is a worklist elsewhere it ends with 1', async () => {
      const service = await startService({ prefix: '/elsewhere' })
      const { code, err } = await run(['1.2.3', '--reason', REASON, '--url', service.url])
      await service.stop()
      expect(code).to.equal(1)
      expect(err).to.match(/^archive-ups: The server at http:\S+ answered 404 to POST \S+\.\n$/)
    })
  })
})

describe('plugin.worklist.cancelAbandoned', () => {
  let service: Service
  before(async () => {
    service = await startService()
    await claimed(service.aet(), '1.2.92.1')
  })
  after(() => service.stop())

  const wordsOf = (receipt: Receipt): string => {
    if (receipt.outcome === 'accepted') return ['accepted', ...receipt.warnings].join(' ')
    const { dicomStatus, detail } = describeRefusal(receipt.refusal)
    return `${dicomStatus} ${detail}`
  }

  it('refuses what would be refused over HTTP', async () => {
    const { worklist } = service.plugin
    const cancel = async (...args: Parameters<typeof worklist.cancelAbandoned>): Promise<string> =>
      wordsOf(await worklist.cancelAbandoned(...args))
    expect(await cancel('1.2.03', REASON)).to.equal('0115 The Workitem UID is "1.2.03", expected a UID (PS3.5 9.1).')
    expect(await cancel('1.2.92.9', REASON)).to.equal('C307 The Workitem does not exist.')
    expect(await cancel('1.2.92.1', '')).to.match(/^0121 ReasonForCancellation \(00741238\): /)
    expect(await cancel('1.2.92.1', undefined as unknown as string)).to.match(/^01\d\d /)
    const named = { 'a"b': { vr: 'LO', Value: ['x'] } } as const
    expect(await cancel('1.2.92.1', REASON, named)).to.match(/^0106 /)
    expect(await service.feed()).to.have.length(2)
  })

  it('cancels, with what else a cancel request may hold', async () => {
    const { worklist } = service.plugin
    const others = { '0074100C': { vr: 'LO', Value: ['Physics'] } } as const
    const receipt = await worklist.cancelAbandoned('1.2.92.1', REASON, others)
    expect(wordsOf(receipt)).to.equal('accepted')
    expect(receipt).to.have.property('position')
    await expectCanceled(service.aet(), '1.2.92.1')
    const { '00741002': progress } = await retrieved(service.aet(), '1.2.92.1')
    expect(progress).to.have.nested.property('Value[0].00741008.Value[0].0074100C.Value[0]', 'Physics')
    expect(wordsOf(await worklist.cancelAbandoned('1.2.92.1', REASON))).to.equal('accepted alreadyCanceled')
  })
})
