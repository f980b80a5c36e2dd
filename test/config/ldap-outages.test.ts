/** A server that is away, comes back, or goes away in the middle. */
import { expect } from 'chai'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { DirectoryError } from '../../plugin/config/directory.ts'
import { slapdMissing, startSlapd, type Slapd } from '../support/slapd.ts'
import {
  addFrame,
  BASE,
  deviceWithAEsLdif,
  directoryAt,
  expectFailure,
  replaceLdif,
  titlesOf,
  pause,
} from './ldap-support.ts'
import { rejection } from './rejection.ts'

const LARGE = { deviceName: 'large' }

describe('An LDAP server that goes away', function () {
  this.timeout(30_000)
  let slapd: Slapd
  before(async function () {
    if (slapdMissing !== undefined) this.skip()
    slapd = await startSlapd({ schema: 'ours' })
    await addFrame(slapd)
    await slapd.add(deviceWithAEsLdif('large', 1_000))
  })
  after(() => slapd?.stop())

  it('refuses connections: the reading fails at once, and works again once it is back', async () => {
    const directory = directoryAt(slapd.url)
    const bound = directoryAt(slapd.url, { bind: { dn: slapd.readerDn, password: slapd.readerPassword } })
    await directory.stampDevice('large')
    await slapd.kill()
    const reason = 'cannot be read: nothing listens there (connection refused).'
    await expectFailure(directory, 'unreachable', reason, LARGE)
    await expectFailure(bound, 'unreachable', reason, LARGE)
    await slapd.start()
    expect(titlesOf(await directory.readDevice('large'))).to.have.length(1_000)
    expect(titlesOf(await bound.readDevice('large'))).to.have.length(1_000)
  })

  it('is paused: the reading ends when its time is up, and works again once it goes on', async () => {
    const directory = directoryAt(slapd.url, { timeouts: { operation: 300 } })
    await pause(slapd)
    try {
      const start = performance.now()
      await expectFailure(directory, 'unreachable', 'cannot be read: there was no answer within 0.3 s.', LARGE)
      // Two readings.
      expect(performance.now() - start)
        .to.be.greaterThan(590)
        .and.lessThan(5_000)
    } finally {
      slapd.resume()
    }
    expect(titlesOf(await directory.readDevice('large'))).to.have.length(1_000)
  })

  it('is not to be found, or not to be reached', async () => {
    await expectFailure(
      directoryAt('ldap://no-such-host.invalid'),
      'unreachable',
      /^cannot be read: (there is no host of that name|the name of the host cannot be looked up now)\.$/,
    )
  })

  it('does not answer to connections: the reading ends when its time is up', async () => {
    // TEST-NET-1 (RFC 5737): nobody is there. Some networks say so at once.
    const directory = directoryAt('ldap://192.0.2.1', { timeouts: { connect: 200 } })
    await expectFailure(
      directory,
      'unreachable',
      /^cannot be read: (no connection within 0\.2 s|there is no way to its network|nothing listens there \(connection refused\))\.$/,
    )
  })

  describe('in the middle of an answer', () => {
    /** How many octets of the answer arrive before it happens. */
    const REACHED = [1, 1_000, 100_000, 400_000]
    for (const octets of REACHED) {
      it(`killed after ${octets} octets: an error, not half a tree`, async () => {
        const relay = await startRelay(slapd.port, { after: { octets }, happens: () => slapd.kill() })
        try {
          await expectFailureOnce(directoryAt(relay.url).readDevice('large'))
        } finally {
          await relay.stop()
          await slapd.start()
        }
      })
    }

    it('paused: an error, not half a tree', async () => {
      const relay = await startRelay(slapd.port, {
        after: { octets: 100_000 },
        happens: async () => {
          await pause(slapd)
          await new Promise(() => {})
        },
      })
      try {
        const directory = directoryAt(relay.url, { timeouts: { operation: 300 } })
        await expectFailureOnce(directory.readDevice('large'), 'there was no answer within 0.3 s')
      } finally {
        slapd.resume()
        await relay.stop()
      }
    })

    it('killed between two pages: an error, not half a tree', async () => {
      await slapd.modify(replaceLdif('cn=config', 'olcSizeLimit', 'size=unlimited size.pr=500'))
      // Asked for the device in a large page, in a small one, for its AEs, and for more of them.
      const relay = await startRelay(slapd.port, { before: { request: 4 }, happens: () => slapd.kill() })
      try {
        await expectFailureOnce(directoryAt(relay.url).readDevice('large'))
        expect(relay.octets()).to.be.greaterThan(200_000)
      } finally {
        await relay.stop()
        await slapd.start()
      }
    })
  })
})

async function expectFailureOnce(
  reading: Promise<unknown>,
  reason = 'the connection was closed before the answer was complete',
): Promise<void> {
  const error = await rejection(reading)
  expect(error).to.be.instanceOf(DirectoryError).and.include({ failure: 'unreachable' })
  expect(error).property('message').to.contain(` cannot be read: ${reason}.`)
}

interface Relay {
  readonly url: string
  /** Of the answers, how much went through. */
  octets(): number
  stop(): Promise<void>
}

interface Incident {
  readonly after?: { readonly octets: number }
  readonly before?: { readonly request: number }
  /** Nothing goes through while it does; then the connection ends. */
  readonly happens: () => Promise<void>
}

/** Between a client and a server, until something happens. */
async function startRelay(port: number, { after, before, happens }: Incident): Promise<Relay> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => void sockets.add(socket.on('error', () => {}))
  let octets = 0
  let requests = 0
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    keep(client)
    keep(upstream)
    let happened = false
    const happen = async (): Promise<void> => {
      happened = true
      await happens()
      client.end()
    }
    client.on('data', (request) => {
      if (++requests === before?.request) void happen()
      else upstream.write(request)
    })
    upstream.on('data', (answer) => {
      if (happened) return
      const part = answer.subarray(0, (after?.octets ?? Infinity) - octets)
      octets += part.length
      client.write(part)
      if (octets === after?.octets) void happen()
    })
    client.on('close', () => upstream.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}/${BASE}`,
    octets: () => octets,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
