/**
 * What slapd never does, and another server or something in between may: answers that are odd, broken off or hostile. The
 * server here is a script.
 */
import { expect } from 'chai'
import { BerReader, BerWriter } from 'ldapts'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Directory } from '../../plugin/config/directory.ts'
import {
  BASE,
  deviceDn,
  directoryAt,
  eventually,
  expectFailure,
  openSockets,
  titlesOf,
  type Options,
} from './ldap-support.ts'

const OP = {
  bind: 0x60,
  boundAs: 0x61,
  search: 0x63,
  entry: 0x64,
  done: 0x65,
  reference: 0x73,
  extended: 0x77,
  extendedDone: 0x78,
}
const PAGED_RESULTS = '1.2.840.113556.1.4.319'
const START_TLS = '1.3.6.1.4.1.1466.20037'

const LOST = 'cannot be read: the connection was closed before the answer was complete.'
const NOT_LDAP = 'cannot be read: what it answers is not LDAP.'

/** The requests of all connections have one count, from 1. */
interface Request {
  readonly id: number
  readonly operation: number
  readonly count: number
  readonly socket: Socket
  readonly octets: Buffer
}

type Script = (request: Request) => readonly Buffer[]

interface Scripted {
  readonly url: string
  readonly requests: readonly Request[]
  /** How many connections it was asked for. */
  connections(): number
  stop(): Promise<void>
}

async function startScripted(script: Script): Promise<Scripted> {
  const sockets = new Set<Socket>()
  const requests: Request[] = []
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.on('data', (octets) => {
      const request = { ...parseRequest(octets), count: requests.length + 1, socket, octets }
      requests.push(request)
      for (const answer of script(request)) socket.write(answer)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What is not LDAP, a ClientHello for example, has no number and no operation. */
function parseRequest(octets: Buffer): { id: number; operation: number } {
  const reader = new BerReader(octets)
  if (octets[0] !== 0x30) return { id: -1, operation: -1 }
  reader.readSequence()
  return { id: reader.readInt() ?? -1, operation: reader.peek() ?? -1 }
}

function message(id: number, operation: number, body: (writer: BerWriter) => void, cookie?: string): Buffer {
  const writer = new BerWriter()
  writer.startSequence()
  writer.writeInt(id)
  writer.startSequence(operation)
  body(writer)
  writer.endSequence()
  if (cookie !== undefined) writeCookie(writer, cookie)
  writer.endSequence()
  return writer.buffer
}

function writeCookie(writer: BerWriter, cookie: string): void {
  const value = new BerWriter()
  value.startSequence()
  value.writeInt(0)
  value.writeString(cookie)
  value.endSequence()
  writer.startSequence(0xa0)
  writer.startSequence()
  writer.writeString(PAGED_RESULTS)
  writer.writeBuffer(value.buffer, 0x04)
  writer.endSequence()
  writer.endSequence()
}

const result = (
  id: number,
  operation: number,
  code = 0,
  { diagnostic = '', cookie }: { diagnostic?: string; cookie?: string } = {},
): Buffer =>
  message(
    id,
    operation,
    (writer) => {
      writer.writeEnumeration(code)
      writer.writeString('')
      writer.writeString(diagnostic)
    },
    cookie,
  )

function entry(id: number, dn: string, attributes: Readonly<Record<string, string>>): Buffer {
  return message(id, OP.entry, (writer) => {
    writer.writeString(dn)
    writer.startSequence()
    for (const [name, value] of Object.entries(attributes)) {
      writer.startSequence()
      writer.writeString(name)
      writer.startSequence(0x31)
      writer.writeString(value)
      writer.endSequence()
      writer.endSequence()
    }
    writer.endSequence()
  })
}

const device = (id: number): Buffer => entry(id, deviceDn('archive'), { dicomDeviceName: 'archive' })
const ae = (id: number, title: string): Buffer =>
  entry(id, `dicomAETitle=${title},${deviceDn('archive')}`, { dicomAETitle: title })

/** Finds the device; `tree` answers the searches below it, which have a count of their own on each connection. */
function withTree(tree: Script): Script {
  const searches = new WeakMap<Socket, number>()
  return (request) => {
    if (request.operation !== OP.search) return []
    if (!request.octets.includes(deviceDn('archive'))) return [device(request.id), result(request.id, OP.done)]
    const count = (searches.get(request.socket) ?? 0) + 1
    searches.set(request.socket, count)
    return tree({ ...request, count })
  }
}

const twoAEs = (id: number): Buffer => Buffer.concat([device(id), ae(id, 'A'), ae(id, 'B'), result(id, OP.done)])

/** A stamp is taken of entries as they came, without looking into them: these show when they are read. */
const readingOf = (directory: Directory): Directory => ({
  source: directory.source,
  readDevice: (deviceName) => directory.readDevice(deviceName),
})

describe('What a directory makes of an LDAP server that', function () {
  this.timeout(10_000)
  let scripted: Scripted | undefined
  afterEach(async () => {
    await scripted?.stop()
    scripted = undefined
  })

  async function at(script: Script, options: Options = {}) {
    scripted = await startScripted(script)
    return directoryAt(scripted.url, { timeouts: { operation: 300 }, ...options })
  }

  it('gives pages without entries, the cookie of another behind them: it goes on to the end', async () => {
    const directory = await at(
      withTree(({ id, count }) => {
        if (count === 1) return [result(id, OP.done, 0, { cookie: 'next' })]
        if (count === 2) return [device(id), ae(id, 'A'), result(id, OP.done, 0, { cookie: 'more' })]
        if (count === 3) return [result(id, OP.done, 0, { cookie: 'last' })]
        return [ae(id, 'B'), result(id, OP.done, 0, { cookie: '' })]
      }),
    )
    expect(titlesOf(await directory.readDevice('archive'))).to.deep.equal(['A', 'B'])
    await eventually(() => expect(openSockets()).to.equal(0))
  })

  it('does not know pages: its answer is whole', async () => {
    const directory = await at(withTree(({ id }) => [device(id), ae(id, 'A'), result(id, OP.done)]))
    expect(titlesOf(await directory.readDevice('archive'))).to.deep.equal(['A'])
  })

  it('sends an answer in pieces, or everything at once: it is the same answer', async () => {
    const whole = await at(withTree(({ id }) => [twoAEs(id)]))
    expect(titlesOf(await whole.readDevice('archive'))).to.deep.equal(['A', 'B'])
    await scripted?.stop()
    const inPieces = await at(
      withTree(({ id, socket }) => {
        socket.setNoDelay(true)
        const octets = twoAEs(id)
        const next = (index: number): void => {
          socket.write(octets.subarray(index, index + 1))
          if (index + 1 < octets.length) setImmediate(next, index + 1)
        }
        next(0)
        return []
      }),
      { timeouts: { operation: 5_000 } },
    )
    expect(titlesOf(await inPieces.readDevice('archive'))).to.deep.equal(['A', 'B'])
  })

  const HALF_TREES: Readonly<Record<string, readonly [tree: Script, reason: string | RegExp]>> = {
    'closes the connection between two entries': [
      ({ id, socket }) => (socket.end(Buffer.concat([device(id), ae(id, 'A')])), []),
      LOST,
    ],
    'closes the connection within an entry': [
      ({ id, socket }) => (socket.end(Buffer.concat([device(id), ae(id, 'A').subarray(0, -1)])), []),
      LOST,
    ],
    'resets the connection': [({ socket }) => (socket.resetAndDestroy(), []), LOST],
    'announces that it closes the connection, and does not': [
      ({ id }) => [device(id), result(0, OP.extendedDone, 52)],
      LOST,
    ],
    'falls silent': [({ id }) => [device(id), ae(id, 'A')], 'cannot be read: there was no answer within 0.3 s.'],
    'falls silent on the second page': [
      ({ id, count }) => (count === 1 ? [device(id), ae(id, 'A'), result(id, OP.done, 0, { cookie: 'next' })] : []),
      'cannot be read: there was no answer within 0.3 s.',
    ],
    'refers to another one for a part': [
      ({ id }) => [
        device(id),
        message(id, OP.reference, (writer) => writer.writeString(`ldap://b/${BASE}`)),
        result(id, OP.done),
      ],
      `cannot be read: for a part of the tree it refers to another server, and referrals are not followed (ldap://b/${BASE}).`,
    ],
    'runs out of time': [
      ({ id }) => [device(id), ae(id, 'A'), result(id, OP.done, 3)],
      'cannot be read: the search took longer than its time limit (timeLimitExceeded, 3).',
    ],
    'is busy': [({ id }) => [result(id, OP.done, 51)], 'cannot be read: it is busy (busy, 51).'],
    'answers something that nobody knows': [
      ({ id }) => [device(id), result(id, OP.done, 123)],
      'cannot be read: it refuses (another result, 123).',
    ],
    'answers to another request': [({ id }) => [device(id), ae(id + 1, 'A'), result(id, OP.done)], NOT_LDAP],
    'answers to a search as to a bind': [({ id }) => [device(id), result(id, OP.boundAs)], NOT_LDAP],
    'sends a message without end': [() => [Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff])], NOT_LDAP],
    'sends a negative length': [() => [Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])], NOT_LDAP],
    'sends entries whose insides are longer than they are': [
      ({ id }) => [lengthened(device(id), 'dicomDeviceName'), result(id, OP.done)],
      NOT_LDAP,
    ],
    'sends controls that are longer than they are': [
      ({ id }) => [device(id), lengthened(result(id, OP.done, 0, { cookie: 'x' }), PAGED_RESULTS)],
      NOT_LDAP,
    ],
    'sends a result without a code': [({ id }) => [message(id, OP.done, () => {})], NOT_LDAP],
    'speaks something else': [() => [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')], NOT_LDAP],
    'gives an entry without a proper DN': [
      ({ id }) => [device(id), entry(id, 'no DN', { dicomAETitle: 'A' }), result(id, OP.done)],
      'cannot be read: it gives an entry a DN that is none (RFC 4514): no DN.',
    ],
    'does not give the device any more': [
      ({ id }) => [ae(id, 'A'), result(id, OP.done)],
      `no longer holds the device archive, which was ${deviceDn('archive')}.`,
    ],
  }
  const READ_ONLY = new Set([
    'sends entries whose insides are longer than they are',
    'gives an entry without a proper DN',
    'does not give the device any more',
  ])
  for (const [what, [tree, reason]] of Object.entries(HALF_TREES)) {
    it(`${what}: an error, not half a tree`, async () => {
      const directory = await at(withTree(tree))
      const failure = /refer|refuses|DN that is none|no longer/.test(String(reason)) ? 'unusable' : 'unreachable'
      await expectFailure(READ_ONLY.has(what) ? readingOf(directory) : directory, failure, reason)
    })
  }

  const bind = { dn: 'cn=reader', password: 'secret!' }

  it('says the password again when it refuses it: we do not', async () => {
    const directory = await at(({ id }) => [result(id, OP.boundAs, 49, { diagnostic: 'not secret!, but data 52e' })], {
      bind,
    })
    await expectFailure(
      directory,
      'unreachable',
      'cannot be read: it does not accept the bind DN or its password (invalidCredentials, 49).',
    )
    const error: unknown = await directory.readDevice('archive').catch((reason: unknown) => reason)
    expect(error).to.have.nested.property(
      'cause.message',
      'the server answered invalidCredentials (49): not ..., but data 52e',
    )
  })

  it('closes the connection after the bind: it is not asked again as nobody', async () => {
    const directory = await at(({ id, socket }) => (socket.end(result(id, OP.boundAs)), []), { bind })
    await expectFailure(readingOf(directory), 'unreachable', LOST)
    expect(scripted?.connections()).to.equal(1)
  })

  describe('is asked for StartTLS, and', () => {
    const startTls = { startTls: true, bind }
    const CASES: Readonly<Record<string, readonly [script: Script, reason: string | RegExp]>> = {
      refuses: [({ id }) => [result(id, OP.extendedDone, 2)], 'cannot be read: it does not do StartTLS (2).'],
      'closes the connection': [({ socket }) => (socket.end(), []), LOST],
      'agrees, and closes the connection': [
        ({ id, socket }) => (socket.end(result(id, OP.extendedDone)), []),
        /^cannot be read: (it broke off the TLS handshake; it may not speak TLS there|the connection was closed before the answer was complete)\.$/,
      ],
      'agrees, and falls silent': [
        ({ id, count }) => (count % 2 === 1 ? [result(id, OP.extendedDone)] : []),
        'cannot be read: no TLS within 0.3 s.',
      ],
      'agrees, and goes on in plain text at once': [
        ({ id }) => [Buffer.concat([result(id, OP.extendedDone), result(id + 1, OP.boundAs)])],
        NOT_LDAP,
      ],
      'agrees, and goes on in plain text': [
        ({ id, count }) => [result(count % 2 === 1 ? id : 2, count % 2 === 1 ? OP.extendedDone : OP.boundAs)],
        'cannot be read: it does not speak TLS there.',
      ],
    }
    for (const [what, [script, reason]] of Object.entries(CASES)) {
      it(`${what}: an error, and neither bind nor search`, async () => {
        const directory = await at(script, startTls)
        await expectFailure(directory, 'unreachable', reason)
        const { requests = [] } = scripted ?? {}
        expect(requests.filter(({ octets }) => octets.includes(START_TLS))).to.have.length(2)
        expect(requests.some(({ octets }) => octets.includes('secret!'))).to.be.false
        expect(scripted?.connections()).to.equal(2)
      })
    }
  })
})

/** Of the list whose first element begins with `first`: its length says more than there is. */
function lengthened(octets: Buffer, first: string): Buffer {
  const copy = Buffer.from(octets)
  copy[copy.lastIndexOf(first) - 5] = 0x7f
  return copy
}
