/** One event channel in virtual time: pings and receipts, its buffer, when it counts as dead, its end (decisions.md 4). */
import { expect } from 'chai'
import { Channel } from '../../plugin/events/channel.ts'
import { reportOf } from '../../plugin/events/frames.ts'
import type { Place } from '../../plugin/store/store.ts'
import { FakeSocket, VirtualClock } from './virtual.ts'

const TIMING = { ping: 30_000, deadAfter: 60_000 }
const MIB = 1024 * 1024

const at = (position: number, ordinal = 0): Place => ({ position, ordinal })
const REPORT = reportOf('1.2.3', 'UPS State Report', '{"00741000":{"vr":"CS","Value":["SCHEDULED"]}}')

interface Opened {
  readonly channel: Channel
  readonly socket: FakeSocket
  readonly clock: VirtualClock
  readonly told: { receipted: number; ready: number; closed: number }
}

function open(timing = TIMING): Opened {
  const [socket, clock] = [new FakeSocket(), new VirtualClock()]
  const told = { receipted: 0, ready: 0, closed: 0 }
  const owner = {
    receipted: () => void told.receipted++,
    ready: () => void told.ready++,
    closed: () => void told.closed++,
  }
  const channel = new Channel(socket, owner, timing, clock)
  socket.events = channel
  return { channel, socket, clock, told }
}

const messageIds = ({ texts }: FakeSocket): readonly number[] =>
  texts.map((text) => Number(/"00000110":\{"vr":"US","Value":\[(\d+)\]/.exec(text)?.[1]))

describe('A channel', () => {
  describe('numbers its messages', () => {
    it('from 1 to 65535, then from 1 again, SCP Status Changes among them', () => {
      const { channel, socket } = open()
      channel.send(REPORT)
      for (let n = 2; n <= 65_537; n++) channel.send(REPORT, at(n))
      expect(messageIds(socket)).to.deep.equal([...Array.from({ length: 65_535 }, (_, n) => n + 1), 1, 2])
    })

    it('apart from any other channel', () => {
      const [one, other] = [open(), open()]
      one.channel.send(REPORT, at(1))
      other.channel.send(REPORT, at(1))
      expect([messageIds(one.socket), messageIds(other.socket)]).to.deep.equal([[1], [1]])
    })
  })

  describe('asks for a receipt', () => {
    it('50 ms after reports, once for a burst', () => {
      const { channel, socket, clock } = open()
      for (let n = 1; n <= 10; n++) channel.send(REPORT, at(n))
      clock.advance(49)
      expect(socket.pings).to.deep.equal([])
      clock.advance(1)
      expect(socket.pings).to.have.length(1)
    })

    it('within a second while reports never stop coming', () => {
      const { channel, socket, clock } = open()
      for (let n = 1; n <= 50; n++) {
        channel.send(REPORT, at(n))
        clock.advance(20)
      }
      expect(socket.pings, 'pings within the first second').to.not.be.empty
    })

    it('also while reports never stop coming that need no sending', () => {
      const { channel, socket, clock } = open()
      for (let n = 1; n <= 50; n++) {
        channel.pass(at(n))
        clock.advance(20)
      }
      expect(socket.pings).to.not.be.empty
    })

    it('with one ping on its way at a time, and again within a second of the pong when more was sent since', () => {
      const { channel, socket, clock, told } = open()
      channel.send(REPORT, at(1))
      clock.advance(50)
      channel.send(REPORT, at(2))
      clock.advance(5_000)
      expect(socket.pings).to.have.length(1)
      socket.pong()
      expect([channel.receipt, told.receipted]).to.deep.equal([at(1), 1])
      clock.advance(1_000)
      expect(socket.pings).to.have.length(2)
      socket.pong()
      expect([channel.receipt, told.receipted]).to.deep.equal([at(2), 2])
      clock.advance(29_999)
      expect(socket.pings).to.have.length(2)
      clock.advance(1)
      expect(socket.pings).to.have.length(3)
    })

    it('every `ping` ms otherwise, which receipts nothing', () => {
      const { channel, socket, clock, told } = open()
      for (let n = 1; n <= 4; n++) {
        clock.advance(29_999)
        expect(socket.pings).to.have.length(n - 1)
        clock.advance(1)
        expect(socket.pings).to.have.length(n)
        socket.pong()
      }
      expect([channel.receipt, told.receipted]).to.deep.equal([undefined, 0])
    })

    it('with a payload of its own for each ping', () => {
      const { socket, clock } = open({ ping: 10, deadAfter: 60_000 })
      for (let n = 0; n < 20; n++) {
        clock.advance(10)
        socket.pong()
      }
      expect(new Set(socket.pings).size).to.equal(20)
    })

    it('not for an SCP Status Change', () => {
      const { channel, socket, clock } = open()
      channel.send(REPORT)
      clock.advance(1_000)
      expect([channel.sent, socket.pings]).to.deep.equal([undefined, []])
    })

    it('for reports that needed no sending', () => {
      const { channel, socket, clock } = open()
      channel.pass(at(3))
      clock.advance(50)
      socket.pong()
      expect([channel.receipt, socket.texts]).to.deep.equal([at(3), []])
    })
  })

  describe('takes for a receipt', () => {
    it('no pong but the answer to the ping on its way: unknown, early and late ones change nothing', () => {
      const { channel, socket, clock, told } = open()
      channel.send(REPORT, at(1))
      for (const payload of ['', '0', '1', '2', 'x']) channel.pong(payload)
      clock.advance(50)
      const [first = ''] = socket.pings
      for (const payload of ['', `${first} `, `0${first}`, `${Number(first) + 1}`]) channel.pong(payload)
      expect([channel.receipt, told.receipted]).to.deep.equal([undefined, 0])
      channel.pong(first)
      expect([channel.receipt, told.receipted]).to.deep.equal([at(1), 1])
      channel.send(REPORT, at(2))
      channel.pong(first)
      clock.advance(50)
      channel.pong(first)
      expect([channel.receipt, told.receipted]).to.deep.equal([at(1), 1])
    })

    it('only what was sent before the ping', () => {
      const { channel, socket, clock } = open()
      channel.send(REPORT, at(1))
      channel.send(REPORT, at(2, 7))
      clock.advance(50)
      channel.send(REPORT, at(3))
      socket.pong()
      expect(channel.receipt).to.deep.equal(at(2, 7))
    })
  })

  describe('is dead', () => {
    const silent = (prepare: (set: Opened) => void = () => undefined): Opened => {
      const set = open()
      prepare(set)
      return set
    }

    it('when nothing came for deadAfter, not before', () => {
      const { socket, clock } = silent()
      clock.advance(59_999)
      expect(socket.terminated).to.equal(false)
      clock.advance(15_001)
      expect(socket.terminated).to.equal(true)
      expect(socket.closes, 'nobody would answer').to.deep.equal([])
    })

    it('not while anything comes: a message, a ping of its own, a pong to nothing', () => {
      for (const sign of [(set: Opened) => set.channel.received(), (set: Opened) => set.channel.pong('unasked')]) {
        const set = silent()
        for (let n = 0; n < 10; n++) {
          set.clock.advance(50_000)
          sign(set)
        }
        expect(set.socket.terminated).to.equal(false)
      }
    })

    it('not while its buffer shrinks', () => {
      const { socket, clock } = silent(({ socket: { events }, socket: one }) => {
        one.buffered = MIB
        events?.drained()
      })
      for (let n = 0; n < 20; n++) {
        clock.advance(15_000)
        socket.drain(socket.buffered - 10_000)
      }
      expect(socket.terminated).to.equal(false)
      clock.advance(75_001)
      expect(socket.terminated, 'and then no longer').to.equal(true)
    })

    it('not while its buffer shrinks and is filled again to where it was: a slow reader of a long backlog', () => {
      const { socket, clock } = silent()
      socket.buffered = MIB
      for (let n = 0; n < 40; n++) {
        clock.advance(5_000)
        // 50 000 bytes are taken, and reports of a few more come behind them.
        socket.drain(MIB - 50_000 + n)
        socket.buffered = MIB + n
      }
      expect(socket.terminated).to.equal(false)
    })

    it('when the system takes what it is sent, two reports at a time, and nothing ever comes back', () => {
      const { channel, socket, clock } = open()
      for (let n = 0; n < 16; n++) {
        clock.advance(5_000)
        channel.send(REPORT, at(2 * n + 1))
        channel.send(REPORT, at(2 * n + 2))
        // The first goes into the kernel at once, the second in the next turn: no other end is needed for that.
        socket.drain(200)
        socket.drain(0)
      }
      expect(socket.terminated).to.equal(true)
    })

    it('in the end when it speaks and takes, but answers no ping: its backlog would grow for ever', () => {
      const { channel, socket, clock } = open()
      channel.send(REPORT, at(1))
      for (let n = 0; n < 16; n++) {
        clock.advance(5_000)
        channel.received()
      }
      expect([socket.terminated, socket.closes.map(({ code }) => code)]).to.deep.equal([false, [1013]])
    })

    it('when its buffer only grows', () => {
      const { socket, clock } = silent()
      for (let n = 0; n < 16; n++) {
        clock.advance(5_000)
        socket.buffered += 1_000
      }
      expect(socket.terminated).to.equal(true)
    })

    it('not while it answers pings, whatever it is sent', () => {
      const { channel, socket, clock } = open()
      for (let n = 0; n < 3_000; n++) {
        const before = socket.pings.length
        channel.send(REPORT, at(n + 1))
        clock.advance(40)
        if (socket.pings.length > before) socket.pong()
      }
      expect(socket.terminated, 'terminated within two minutes of reports every 40 ms').to.equal(false)
    })
  })

  describe('takes no more than it has room for', () => {
    it('above 1 MiB it has none, and says so once it has again', () => {
      const { channel, socket, told } = open()
      socket.buffered = MIB
      expect(channel.hasRoom).to.equal(true)
      socket.buffered = MIB + 1
      expect(channel.hasRoom).to.equal(false)
      socket.drain(MIB + 1)
      expect(told.ready).to.equal(0)
      socket.drain(MIB)
      expect([channel.hasRoom, told.ready]).to.deep.equal([true, 1])
      socket.drain(0)
      expect(told.ready, 'nobody waited').to.equal(1)
    })

    it('none when it is closing or gone', () => {
      const { channel } = open()
      channel.close(1001, 'x')
      expect([channel.hasRoom, channel.isOpen]).to.deep.equal([false, false])
      const other = open()
      other.channel.closed()
      expect([other.channel.hasRoom, other.channel.isOpen]).to.deep.equal([false, false])
    })
  })

  describe('ends', () => {
    it('by our close, and asks for a receipt before it while reports are unreceipted', () => {
      const { channel, socket, told, clock } = open()
      channel.send(REPORT, at(1))
      clock.advance(50)
      channel.send(REPORT, at(2))
      channel.close(1001, 'going down')
      expect(socket.wire.slice(-2)).to.deep.equal([`ping ${socket.pings.at(-1)}`, 'close 1001'])
      expect(socket.closes).to.deep.equal([{ code: 1001, reason: 'going down' }])
      for (const payload of socket.pings) socket.pong(payload)
      channel.closed()
      expect([channel.receipt, told.closed]).to.deep.equal([at(2), 1])
    })

    it('by our close without a ping where nothing is unreceipted', () => {
      const { channel, socket, clock } = open()
      channel.send(REPORT, at(1))
      clock.advance(50)
      socket.pong()
      channel.close(1001, 'going down')
      expect(socket.pings).to.have.length(1)
    })

    it('by whatever close: the end is no receipt, a pong before it is one', () => {
      const [ours, theirs, late] = [open(), open(), open()]
      for (const { channel } of [ours, theirs, late]) channel.send(REPORT, at(1))
      ours.channel.close(1001, 'going down')
      ours.channel.closed()
      theirs.channel.closed()
      late.clock.advance(50)
      late.channel.closed()
      late.socket.pong()
      for (const { channel, told } of [ours, theirs, late]) {
        expect([channel.receipt, told]).to.deep.equal([undefined, { receipted: 0, ready: 0, closed: 1 }])
      }
    })

    it('by our close: of several pings on their way the answer to any counts for what was sent before it', () => {
      const { channel, socket, clock } = open()
      channel.send(REPORT, at(1))
      clock.advance(50)
      channel.send(REPORT, at(2))
      channel.close(1001, 'going down')
      const [first, second] = socket.pings
      socket.pong(first)
      expect(channel.receipt).to.deep.equal(at(1))
      socket.pong(second)
      expect(channel.receipt).to.deep.equal(at(2))
      const other = open()
      other.channel.send(REPORT, at(1))
      other.clock.advance(50)
      other.channel.send(REPORT, at(2))
      other.channel.close(1001, 'going down')
      // It may answer the most recent one alone (RFC 6455 5.5.3), and an older answer takes nothing back.
      other.socket.pong(other.socket.pings[1])
      other.socket.pong(other.socket.pings[0])
      expect(other.channel.receipt).to.deep.equal(at(2))
    })

    it('with nothing after close: no report, no second close frame, no ping when the time comes', () => {
      const { channel, socket, clock } = open()
      channel.send(REPORT, at(1))
      channel.close(1013, 'too slow')
      const before = [...socket.wire]
      channel.send(REPORT, at(2))
      channel.send(REPORT)
      channel.close(1001, 'again')
      clock.advance(1_000)
      expect(socket.wire).to.deep.equal(before)
      expect(channel.sent).to.deep.equal(at(1))
    })

    it('without taking what came after the close for sent: it was not', () => {
      const { channel } = open()
      channel.send(REPORT, at(1))
      channel.close(1001, 'going down')
      channel.send(REPORT, at(2))
      // The next one in the same batch needs no sending.
      channel.pass(at(3))
      expect(channel.sent).to.deep.equal(at(1))
    })

    it('a closing one that never ends is dead in the end', () => {
      const { channel, socket, clock } = open()
      channel.close(1013, 'too slow')
      clock.advance(75_001)
      expect(socket.terminated).to.equal(true)
    })

    it('once, with all its timers called off', () => {
      for (const prepare of [
        () => undefined,
        ({ channel }: Opened) => channel.send(REPORT, at(1)),
        ({ channel, clock }: Opened) => {
          channel.send(REPORT, at(1))
          clock.advance(50)
        },
        ({ clock }: Opened) => clock.advance(75_001),
      ]) {
        const set = open()
        prepare(set)
        set.channel.closed()
        set.channel.closed()
        expect([set.clock.pending, set.told.closed]).to.deep.equal([0, 1])
        for (const payload of ['1', '2']) set.channel.pong(payload)
        set.channel.received()
        set.channel.drained()
        set.channel.pass(at(9))
        expect(set.clock.pending, 'timers after the end').to.equal(0)
      }
    })
  })
})
