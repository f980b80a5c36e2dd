/** Event channels as clients have them: real WebSockets to a running service, decent and hostile ones. */
import { createServer, request } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { SILENT } from '../../plugin/host.ts'
import { createUpsPlugin } from '../../plugin/index.ts'
import { rawExchange, statusesIn } from '../http/wire.ts'
import { aeEntry, writeDirectory } from '../http/directory.ts'
import { type Channel, eventTypeOf, openChannel, openChannelAt, stateOf, uidOf } from '../support/channel.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, send } from '../support/http.ts'
import { type Bin, startBin, stopBin } from '../support/process.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sampleText } from '../support/workitems.ts'
import { handshake, openRaw, OPCODE, type RawChannel } from './raw-channel.ts'
import { cancel, create, GLOBAL, metric, subscribe, uidsBelow, waiting } from './service-calls.ts'

const PATHS = ['ws', 'rs', 'rs/ws'] as const
const PATH = '/aets/WORKLIST/ws/subscribers/WATCHER'

describe('An event channel over a WebSocket', function () {
  this.timeout(15_000)
  let service: Service
  let channels: Channel[]
  let raws: RawChannel[]
  let folder: Folder
  let last = 0
  const nextAe = (): string => `AE_${++last}`
  const nextUid = (): string => `1.2.61.${++last}`
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())
  beforeEach(() => {
    channels = []
    raws = []
    folder = temporaryFolder()
  })
  afterEach(async () => {
    for (const channel of channels) await channel.close()
    for (const raw of raws) await raw.cut()
    folder.remove()
  })
  const kept = async (opening: Promise<Channel>): Promise<Channel> => {
    const channel = await opening
    channels.push(channel)
    return channel
  }
  const raw = async (port: number, path: string): Promise<RawChannel> => {
    const channel = await openRaw(port, path)
    raws.push(channel)
    return channel
  }

  describe('is opened', () => {
    for (const prefix of ['', '/dcm4chee-arc']) {
      it(`at three paths, which are one to its subscriber; prefix '${prefix}'`, async () => {
        const own = prefix === '' ? service : await startService({ prefix })
        try {
          const subscriber = nextAe()
          const urls = PATHS.map(
            (path) => `${own.url.replace('http', 'ws')}${prefix}/aets/WORKLIST/${path}/subscribers/${subscriber}`,
          )
          const opened = await Promise.all(urls.map((url) => kept(openChannelAt(url))))
          const uid = nextUid()
          await create(own, [uid])
          await subscribe(own, subscriber, uid)
          for (const channel of opened) expect((await channel.has(1)).map(uidOf)).to.deep.equal([uid])
          for (const channel of opened) await channel.close()
        } finally {
          if (own !== service) await own.stop()
        }
      })
    }

    it('for a subscriber whose title needs percent encoding', async () => {
      const uid = nextUid()
      await create(service, [uid])
      const channel = await kept(openChannel(service.aet(), 'C T/1%'))
      await subscribe(service, encodeURIComponent('C T/1%'), uid)
      await channel.has(1)
    })

    it('with no subprotocol unless one is offered, then with the first', async () => {
      const exchange = (lines: readonly string[]): Promise<string> =>
        rawExchange(
          service.port,
          handshake(PATH, `127.0.0.1:${service.port}`, lines),
          Buffer.from([0x88, 0x80, 0, 0, 0, 0]),
        )
      expect(await exchange([]))
        .to.match(/^HTTP\/1\.1 101 /)
        .and.not.match(/sec-websocket-protocol/i)
      expect(await exchange(['Sec-WebSocket-Protocol: dicom, other'])).to.match(/^sec-websocket-protocol: dicom\r$/im)
      const channel = await kept(openChannel(service.aet(), nextAe(), { protocols: ['x.y', 'z'] }))
      expect(channel.protocol).to.equal('x.y')
    })

    it('without compression, also when it is offered', async () => {
      const offer = ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits']
      const received = await rawExchange(
        service.port,
        handshake(PATH, `127.0.0.1:${service.port}`, offer),
        Buffer.from([0x88, 0x80, 0, 0, 0, 0]),
      )
      expect(received)
        .to.match(/^HTTP\/1\.1 101 /)
        .and.not.match(/sec-websocket-extensions/i)
    })
  })

  describe('is refused', () => {
    const refusal = async (path: string, lines: readonly string[] = [], host?: string): Promise<string> =>
      rawExchange(service.port, handshake(path, host ?? `127.0.0.1:${service.port}`, lines))
    const problem = (received: string): unknown => JSON.parse(received.slice(received.indexOf('\r\n\r\n') + 4))

    it('as 400 when the handshake is a bad one', async () => {
      const good = handshake(PATH, `127.0.0.1:${service.port}`)
      for (const [name, text] of [
        ['version 12', good.replace('Version: 13', 'Version: 12')],
        ['no version', good.replace('Sec-WebSocket-Version: 13\r\n', '')],
        ['no key', good.replace(/Sec-WebSocket-Key.*\r\n/, '')],
        ['a short key', good.replace('dGhlIHNhbXBsZSBub25jZQ==', 'c2hvcnQ=')],
      ] as const) {
        const received = await rawExchange(service.port, text)
        expect(statusesIn(received), name).to.deep.equal([400])
      }
      expect(await rawExchange(service.port, good.replace('Version: 13', 'Version: 12'))).to.match(
        /^sec-websocket-version: .*13/im,
      )
      expect(statusesIn(await rawExchange(service.port, good.replace('GET', 'POST')))).to.satisfy(
        ([status]: readonly number[]) => status === 400 || status === 405,
      )
    })

    it('as 404 for an AE that the device does not have, by name', async () => {
      for (const path of PATHS) {
        const received = await refusal(`/aets/NOBODY/${path}/subscribers/X`)
        expect(statusesIn(received)).to.deep.equal([404])
        expect(problem(received)).to.have.property('detail').that.includes('NOBODY')
      }
    })

    it('as 400 for a subscriber that is no AE title, or is not encoded correctly', async () => {
      for (const subscriber of ['A'.repeat(17), 'A%5CB', '%20%20', 'A%0AB', '%C3%84', '%E0%A4%A', '%', 'A%2']) {
        const received = await refusal(`/aets/WORKLIST/ws/subscribers/${subscriber}`)
        expect(statusesIn(received), subscriber).to.deep.equal([400])
        expect(received).to.match(/^content-type: application\/problem\+json\r$/im)
        expect(problem(received)).to.have.property('status', 400)
      }
      expect(statusesIn(await refusal('/aets/%E0%A4%A/ws/subscribers/X'))).to.deep.equal([400])
    })

    it('as 403 from another site, before anything else is looked at', async () => {
      for (const path of [PATH, '/aets/NOBODY/ws/subscribers/X', '/aets/WORKLIST/rs/ws/subscribers/%']) {
        for (const [lines, host] of [
          [['Sec-Fetch-Site: cross-site'], undefined],
          [['Origin: https://evil.example'], undefined],
          [[], 'evil.example'],
        ] as const) {
          expect(statusesIn(await refusal(path, lines, host)), `${path} ${lines[0] ?? host}`).to.deep.equal([403])
        }
      }
    })

    it('as 503 before the service runs and when it has stopped', async () => {
      const plugin = createUpsPlugin({ store: `sqlite:${join(folder.path, 'worklist.db')}` })
      const server = createServer(plugin.callback())
      server.on('upgrade', (message, socket, head) => void plugin.handleUpgrade(message, socket, head))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      try {
        const { port } = server.address() as AddressInfo
        const upgrade = () => rawExchange(port, handshake(PATH, `127.0.0.1:${port}`))
        expect(statusesIn(await upgrade())).to.deep.equal([503])
        await plugin.start()
        await plugin.stop()
        expect(statusesIn(await upgrade())).to.deep.equal([503])
      } finally {
        server.close()
      }
    })

    it('and leaves every other path to the host, which may well take it', async () => {
      for (const path of [
        '/aets/WORKLIST/subscribers/X',
        '/aets/WORKLIST/ws/subscribers',
        '/aets/WORKLIST/ws/subscribers/X/Y',
      ]) {
        expect(await refusal(path), path).to.equal('')
      }
    })
  })

  describe('to a client that', () => {
    const watch = async (): Promise<{ readonly channel: RawChannel; readonly works: () => Promise<void> }> => {
      const subscriber = nextAe()
      const channel = await raw(service.port, `/aets/WORKLIST/ws/subscribers/${subscriber}`)
      return {
        channel,
        async works() {
          const before = channel.texts().length
          const uid = nextUid()
          await create(service, [uid])
          await subscribe(service, subscriber, uid)
          await until(() => channel.texts().length === before + 1)
          expect(channel.texts().at(-1)).to.contain(uid)
        },
      }
    }
    const closeCode = async (channel: RawChannel): Promise<number | undefined> => {
      const [frame] = await channel.has(OPCODE.close)
      return frame?.payload.readUInt16BE(0)
    }

    it('sends texts and bytes up to 16 KiB, pings and pongs: goes on', async () => {
      const { channel, works } = await watch()
      for (const payload of ['', '{"hello":1}', 'x'.repeat(16 * 1024)]) {
        channel.send(OPCODE.text, payload)
        channel.send(OPCODE.binary, payload)
      }
      channel.send(OPCODE.text, 'half', { first: OPCODE.text })
      channel.send(OPCODE.continuation, ' and half')
      channel.send(OPCODE.ping, 'are you there')
      for (const payload of ['', '1', '2', 'x'.repeat(125)]) channel.send(OPCODE.pong, payload)
      const [pong] = await channel.has(OPCODE.pong)
      expect(pong?.payload.toString()).to.equal('are you there')
      await works()
    })

    for (const [name, code, act] of [
      ['sends a text of 16 KiB and 1', 1009, (to: RawChannel) => to.send(OPCODE.text, 'x'.repeat(16 * 1024 + 1))],
      ['sends bytes of 16 KiB and 1', 1009, (to: RawChannel) => to.send(OPCODE.binary, Buffer.alloc(16 * 1024 + 1))],
      [
        'sends 16 KiB and 1 in parts',
        1009,
        (to: RawChannel) => {
          to.send(OPCODE.binary, Buffer.alloc(16 * 1024), { first: OPCODE.binary })
          to.send(OPCODE.continuation, 'x')
        },
      ],
      ['does not mask', 1002, (to: RawChannel) => to.send(OPCODE.text, 'x', { masked: false })],
      ['sends an opcode that there is not', 1002, (to: RawChannel) => to.send(3, 'x')],
      ['sets a reserved bit', 1002, (to: RawChannel) => to.send(OPCODE.text, 'x', { first: 0xc1 })],
      ['sends a ping in parts', 1002, (to: RawChannel) => to.send(OPCODE.ping, 'x', { first: OPCODE.ping })],
      ['continues what it has not begun', 1002, (to: RawChannel) => to.send(OPCODE.continuation, 'x')],
      ['sends a text that is not UTF-8', 1007, (to: RawChannel) => to.send(OPCODE.text, Buffer.from([0xff, 0xfe]))],
    ] as const) {
      it(`${name}: ends with ${code}, and nobody else notices`, async () => {
        const beside = await kept(openChannel(service.aet(), nextAe()))
        const { channel } = await watch()
        act(channel)
        expect(await closeCode(channel)).to.equal(code)
        channel.socket.end()
        await channel.ended
        expect(beside.texts).to.deep.equal([])
        await beside.close()
      })
    }

    it('goes in the middle of the handshake, or of a frame: does no harm', async () => {
      const text = handshake(PATH, `127.0.0.1:${service.port}`)
      for (let n = 0; n < 40; n++) {
        const socket = connect(service.port, '127.0.0.1')
        socket.on('error', () => undefined)
        await new Promise((resolve) => socket.once('connect', resolve))
        socket.write(n % 2 === 0 ? text : text.slice(0, n * 5))
        if (n % 3 === 0) socket.write(Buffer.from([0x81, 0xfe, 0x10]))
        if (n % 4 === 0) socket.resetAndDestroy()
        else socket.destroy()
      }
      const { works } = await watch()
      await works()
      await until(async () => (await metric(service, 'ups_event_channels')) === 1)
    })

    it('sends frames behind the handshake in one go: is heard', async () => {
      const subscriber = nextAe()
      const text = handshake(`/aets/WORKLIST/ws/subscribers/${subscriber}`, `127.0.0.1:${service.port}`)
      const ping = Buffer.from([0x89, 0x81, 0, 0, 0, 0, 0x78])
      const close = Buffer.from([0x88, 0x80, 0, 0, 0, 0])
      const received = await rawExchange(service.port, Buffer.concat([Buffer.from(text), ping, close]))
      expect(received).to.match(/^HTTP\/1\.1 101 /)
      // The pong, then the close frame.
      expect(received.slice(received.indexOf('\r\n\r\n') + 4)).to.equal('\u{8a}\u{01}x\u{88}\u{00}')
    })

    it('opens 200 of them and goes: leaves nothing', async () => {
      const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
      await until(async () => (await metric(service, 'ups_event_channels')) === 0)
      const before = sockets()
      const many = await Promise.all(Array.from({ length: 200 }, (_, n) => openChannel(service.aet(), `MANY${n % 20}`)))
      expect(await metric(service, 'ups_event_channels')).to.equal(200)
      await Promise.all(many.map((channel, n) => (n % 2 === 0 ? channel.close() : channel.cut())))
      await until(async () => (await metric(service, 'ups_event_channels')) === 0)
      await until(() => sockets() <= before + 5)
    })
  })

  describe('whose other end closes', () => {
    it('by a close frame of its own, and ends the connection only while we stop: what it did not get is not receipted', async () => {
      const own = await startService({ folder })
      await subscribe(own, 'WATCHER')
      const channel = await raw(own.port, PATH)
      await until(async () => (await metric(own, 'ups_event_channels')) === 1)
      channel.sendClose(1000)
      await channel.has(OPCODE.close)
      await create(own, uidsBelow('1.2.62', 3))
      await new Promise((resolve) => setTimeout(resolve, 120))
      const stopping = own.stop()
      await new Promise((resolve) => setTimeout(resolve, 50))
      channel.socket.end()
      await stopping
      const again = await startService({ folder })
      try {
        expect([channel.texts(), await waiting(again, 'WATCHER')]).to.deep.equal([[], uidsBelow('1.2.62', 3)])
      } finally {
        await again.stop()
      }
    })

    for (const code of [1000, 1001]) {
      it(`by a close frame of its own (${code}) that crosses ours: it need not have read what was under way`, async () => {
        const own = await startService({ folder })
        await subscribe(own, 'WATCHER')
        const channel = await raw(own.port, PATH)
        await create(own, ['1.2.63.1'])
        await channel.has(OPCODE.text)
        const stopping = own.stop()
        await channel.has(OPCODE.close)
        // A browser drops what comes after it has said close, and answers no ping then.
        channel.sendClose(code)
        channel.socket.end()
        await stopping
        const again = await startService({ folder })
        try {
          expect(await waiting(again, 'WATCHER')).to.deep.equal(['1.2.63.1'])
        } finally {
          await again.stop()
        }
      })
    }

    it('with the pongs that it owed: all is receipted, and nothing repeated after the restart', async () => {
      const own = await startService({ folder })
      await subscribe(own, 'WATCHER')
      const channel = await openChannel(own.aet(), 'WATCHER')
      await create(own, uidsBelow('1.2.64', 50))
      await channel.has(50)
      await own.stop()
      expect(await channel.ended).to.deep.equal({ code: 1001, reason: 'going down' })
      const again = await startService({ folder })
      try {
        expect(await waiting(again, 'WATCHER')).to.deep.equal([])
      } finally {
        await again.stop()
      }
    })
  })

  describe('whose other end is slow', () => {
    it('gets all that waits, at its own pace: 10 MB', async () => {
      const own = await startService({ channels: { ping: 200, deadAfter: 10_000 } })
      try {
        const uids = uidsBelow('1.2.69', 1_000)
        await create(own, uids)
        await subscribe(own, 'WATCHER')
        const channel = await kept(openChannel(own.aet(), 'WATCHER'))
        channel.pause()
        await cancel(own, uids, 'x'.repeat(10_000))
        const before = process.memoryUsage().rss
        for (let n = 0; n < 20; n++) {
          channel.resume()
          await new Promise((resolve) => setTimeout(resolve, 5))
          channel.pause()
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
        channel.resume()
        const frames = await channel.has(2_000)
        expect(process.memoryUsage().rss - before).to.be.below(200 * 1024 * 1024)
        expect(frames.filter((frame) => stateOf(frame) === 'CANCELED').map(uidOf)).to.deep.equal(
          (await own.feed()).filter(({ kind }) => kind === 'requestCancel').map(({ uid }) => uid),
        )
        await until(async () => (await waiting(own, 'WATCHER')).length === 0)
        await channel.close()
      } finally {
        await own.stop()
      }
    })

    it('or dead is told by whether anything comes from it', async () => {
      const own = await startService({ channels: { ping: 60_000, deadAfter: 400 } })
      try {
        const [texts, pings, silent] = [await raw(own.port, PATH), await raw(own.port, PATH), await raw(own.port, PATH)]
        let gone = ''
        for (const [name, channel] of Object.entries({ texts, pings, silent }))
          channel.socket.once('end', () => (gone += name))
        for (let n = 0; n < 12; n++) {
          await new Promise((resolve) => setTimeout(resolve, 80))
          texts.send(OPCODE.text, 'x')
          pings.send(OPCODE.ping, '')
        }
        expect(gone).to.equal('silent')
      } finally {
        for (const channel of raws) await channel.cut()
        await own.stop()
      }
    })
  })

  describe('of a global subscription with lock on a worklist of 1 000', () => {
    const LOCK = '?deletionlock=true'
    let own: Service
    let errors: object[]
    const existing = uidsBelow('1.2.65', 1_000)
    beforeEach(async () => {
      errors = []
      const error = (fields: object): void => void errors.push(fields)
      own = await startService({ channels: { ping: 200, deadAfter: 5_000 }, host: { logger: { ...SILENT, error } } })
      await create(own, existing)
    })
    afterEach(async () => {
      for (const channel of channels.splice(0)) await channel.close()
      await own.stop()
    })

    it('that was open before it: gets every initial report', async () => {
      const channel = await kept(openChannel(own.aet(), 'WATCHER'))
      await subscribe(own, 'WATCHER', GLOBAL, LOCK)
      const frames = await channel.has(1_000, 1_500)
      expect(frames.map(uidOf)).to.deep.equal(existing)
      expect(new Set(frames.map(stateOf))).to.deep.equal(new Set(['SCHEDULED']))
    })

    it('gets exactly one for each, in order, while others are created, and one for each of those', async () => {
      await subscribe(own, 'WATCHER', GLOBAL, LOCK)
      const fresh = uidsBelow('1.2.66', 200)
      const creating = (async () => {
        for (const uid of fresh) {
          await create(own, [uid])
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      })()
      const channel = await kept(openChannel(own.aet(), 'WATCHER'))
      await creating
      const all = (await channel.has(1_200)).map(uidOf)
      await until(async () => (await waiting(own, 'WATCHER')).length === 0)
      expect(all.filter((uid) => String(uid).startsWith('1.2.65.'))).to.deep.equal(existing)
      expect(all.filter((uid) => String(uid).startsWith('1.2.66.'))).to.deep.equal(fresh)
      expect(channel.texts).to.have.length(1_200)
    })

    it('gets exactly one for each while they change, none of them older than what it was told before', async () => {
      await subscribe(own, 'WATCHER', GLOBAL, LOCK)
      const changing = existing.filter((_uid, n) => n % 3 === 0)
      const channel = await kept(openChannel(own.aet(), 'WATCHER'))
      for (let from = 0; from < changing.length; from += 20) {
        await cancel(own, changing.slice(from, from + 20))
      }
      const frames = await channel.has(1_000 + 2 * changing.length)
      await until(async () => (await own.store.announcements()).length === 0)
      expect(channel.texts).to.have.length(1_000 + 2 * changing.length)
      const states = new Map<unknown, unknown[]>()
      for (const frame of frames) states.set(uidOf(frame), [...(states.get(uidOf(frame)) ?? []), stateOf(frame)])
      for (const uid of existing) {
        const told = states.get(uid)
        if (!changing.includes(uid)) expect(told, uid).to.deep.equal(['SCHEDULED'])
        else {
          expect(told?.join(), uid).to.be.oneOf(['SCHEDULED,IN PROGRESS,CANCELED', 'IN PROGRESS,CANCELED,CANCELED'])
        }
      }
      expect(errors).to.deep.equal([])
    })

    it('gets exactly one for each although a workitem of the batch changes in the moment in which it is reported', async () => {
      await subscribe(own, 'WATCHER', GLOBAL, LOCK)
      const read = own.store.readAnnouncement.bind(own.store)
      const changing = existing.slice(3, 7)
      const sizes: number[] = []
      own.store.readAnnouncement = async (announcement, limit) => {
        const candidates = await read(announcement, limit)
        sizes.push(limit)
        const next = changing.shift()
        if (next !== undefined) await cancel(own, [next])
        return candidates
      }
      const channel = await kept(openChannel(own.aet(), 'WATCHER'))
      const frames = await channel.has(1_008)
      expect(sizes.slice(0, 3)).to.deep.equal([200, 50, 13])
      expect(frames.filter((frame) => stateOf(frame) === 'SCHEDULED')).to.have.length(996)
      expect(channel.texts).to.have.length(1_008)
      expect(errors).to.deep.equal([])
    })

    it('gets none for a workitem to which it was subscribed before', async () => {
      const mine = existing.slice(0, 5)
      for (const uid of mine) await subscribe(own, 'WATCHER', uid)
      const channel = await kept(openChannel(own.aet(), 'WATCHER'))
      await channel.has(5)
      await subscribe(own, 'WATCHER', GLOBAL, LOCK)
      await channel.has(1_000)
      await until(async () => (await own.store.announcements()).length === 0)
      expect(channel.frames().map(uidOf)).to.deep.equal(existing)
    })

    it('gets none for a workitem that it left before its turn', async () => {
      await subscribe(own, 'WATCHER', GLOBAL, LOCK)
      // More than one batch: nothing is to be told of any in it.
      const gone = existing.slice(0, 250)
      for (const uid of gone) {
        const { status } = await send(`${own.aet()}/workitems/${uid}/subscribers/WATCHER`, { method: 'DELETE' })
        expect(status).to.equal(200)
      }
      const channel = await kept(openChannel(own.aet(), 'WATCHER'))
      await channel.has(750)
      await until(async () => (await own.store.announcements()).length === 0)
      expect(channel.frames().map(uidOf)).to.deep.equal(existing.filter((uid) => !gone.includes(uid)))
    })
  })

  it('follows a queue size that is reloaded', async () => {
    const configured = (size: number): string =>
      writeDirectory(
        folder.path,
        [aeEntry('WORKLIST')],
        `dcmUPSEventWebSocketQueueSize: OTHER=5`,
        `dcmUPSEventWebSocketQueueSize: WATCHER=${size}`,
      )
    const own = await startService({ config: configured(100) })
    try {
      await subscribe(own, 'WATCHER')
      await create(own, uidsBelow('1.2.67', 30))
      configured(7)
      expect((await post(`${own.url}/ctrl/reload`)).status).to.equal(204)
      const channel = await openChannel(own.aet(), 'WATCHER')
      const frames = await channel.has(31)
      expect(frames.slice(1).map(uidOf)).to.deep.equal(uidsBelow('1.2.67', 30))
      expect(await metric(own, 'ups_event_reports_dropped_total')).to.equal(23)
      expect(eventTypeOf(frames[0] ?? {})).to.equal(4)
      await channel.close()
    } finally {
      await own.stop()
    }
  })
})

describe('The bin with event channels', function () {
  this.timeout(15_000)
  let folder: Folder
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())
  const start = (): Bin => startBin(['--port', '0', '--store', `sqlite:${join(folder.path, 'worklist.db')}`])
  const portOf = (url: string): number => Number(new URL(url).port)

  it('ends with exit code 0 at once, its channels told and closed with 1001', async () => {
    const bin = start()
    const url = await bin.ready
    const channels = await Promise.all(['A', 'A', 'B'].map((one) => openChannel(`${url}/aets/WORKLIST/rs`, one)))
    expect((await post(`${url}/aets/WORKLIST/rs/workitems/${GLOBAL}/subscribers/A`)).status).to.equal(201)
    const before = Date.now()
    expect(await stopBin(bin)).to.equal(0)
    expect(Date.now() - before).to.be.below(1_000)
    for (const channel of channels) expect(await channel.ended).to.deep.equal({ code: 1001, reason: 'going down' })
    expect(channels.map(({ texts }) => texts.length)).to.deep.equal([1, 1, 0])
  })

  it('ends with exit code 0 within two seconds when an other end never answers', async function () {
    this.slow(5_000)
    const bin = start()
    const port = portOf(await bin.ready)
    const silent = await openRaw(port, PATH)
    const stalled = await openRaw(port, PATH)
    stalled.socket.pause()
    const before = Date.now()
    expect(await stopBin(bin)).to.equal(0)
    expect(Date.now() - before).to.be.below(2_500)
    expect(bin.err()).to.not.match(/"level":(?:50|60)/)
    for (const channel of [silent, stalled]) await channel.cut()
  })

  it('takes other offers for what the request is without them', async () => {
    const bin = start()
    const port = portOf(await bin.ready)
    for (const path of ['ws', 'rs', 'rs/ws']) {
      expect(await offering(port, 'GET', `/aets/WORKLIST/${path}/subscribers/X`), path).to.equal(426)
    }
    expect(await offering(port, 'POST', '/aets/WORKLIST/rs/workitems?1.2.68.1', sampleText('minimal'))).to.equal(201)
    expect(await offering(port, 'GET', '/aets/WORKLIST/rs/workitems')).to.equal(200)
    expect(await stopBin(bin)).to.equal(0)
  })

  it('answers an upgrade at a path that has none with 404 and closes', async () => {
    const bin = start()
    const port = portOf(await bin.ready)
    expect(statusesIn(await rawExchange(port, handshake('/nowhere', `127.0.0.1:${port}`)))).to.deep.equal([404])
    expect(await stopBin(bin)).to.equal(0)
  })
})

/** The status for a request with the headers that the client of the JDK sends first. */
function offering(port: number, method: string, path: string, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      ...(body === '' ? {} : { 'Content-Type': 'application/dicom+json' }),
    }
    const sent = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.once('error', reject).end(body)
  })
}
