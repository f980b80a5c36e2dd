/** Backlog and channels of subscribers in virtual time (decisions.md 4): nothing lost, nothing out of order, no race. */
import { expect } from 'chai'
import { UpsError } from '../../plugin/errors.ts'
import { deliveryModel } from './delivery-model.ts'
import { MemoryBacklog, type Operation } from './memory-backlog.ts'
import { startStation, type Station, type StationOptions } from './station.ts'
import { type FakeSocket, settle } from './virtual.ts'

const uids = (count: number, from = 1, prefix = '1'): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}.${n + from}`)

const MIB = 1024 * 1024

describe('Delivery', () => {
  let backlog: MemoryBacklog
  let station: Station<MemoryBacklog>
  const start = async (options?: StationOptions): Promise<void> => {
    station = await startStation(backlog, options)
  }
  const commit = (count: number, from = 1, subscribers: readonly string[] = ['A']): readonly string[] => {
    const all = uids(count, from)
    for (const uid of all) backlog.commit(subscribers, uid)
    return all
  }
  /** Full: it takes nothing. */
  const stall = (socket: FakeSocket): void => {
    socket.buffered = MIB + 1
    socket.holds = true
  }
  beforeEach(() => {
    backlog = new MemoryBacklog()
  })
  afterEach(async () => {
    backlog.failing.clear()
    backlog.before = () => undefined
    await station.stop()
  })

  /** Keeps an operation from taking place until it is let go. */
  function gate(operation: Operation): { readonly reached: () => boolean; readonly open: () => Promise<void> } {
    let reached = false
    let open: () => void = () => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    backlog.before = (one) => {
      if (one !== operation) return undefined
      reached = true
      return opened
    }
    return {
      reached: () => reached,
      open: async () => {
        backlog.before = () => undefined
        open()
        await settle()
      },
    }
  }

  describe('to open channels', () => {
    it('gives every channel of the subscriber everything, in order, and nobody else', async () => {
      await start()
      const all = [station.open('A'), station.open('A'), station.open('A')]
      const other = station.open('B')
      const expected = [...commit(450), ...commit(3, 451, ['A', 'B'])]
      await settle(20)
      for (const socket of all) expect(socket.uids).to.deep.equal(expected)
      expect(other.uids).to.deep.equal(uids(3, 451))
    })

    it('gives what waited first, then what comes', async () => {
      await start()
      const waited = commit(250)
      const socket = station.open('A')
      const later = commit(250, 251)
      await settle(20)
      expect(socket.uids).to.deep.equal([...waited, ...later])
    })

    for (const operation of ['trimBacklog', 'readBacklog'] as const) {
      it(`misses nothing that is committed before its first ${operation}, nor while that is under way`, async () => {
        await start()
        const held = gate(operation)
        const socket = station.open('A')
        commit(2)
        await settle()
        expect(held.reached()).to.equal(true)
        commit(2, 3)
        await held.open()
        expect(socket.uids).to.deep.equal(uids(4))
      })
    }

    it('misses nothing that is committed when the read that found nothing comes back', async () => {
      await start()
      const socket = station.open('A')
      await settle()
      let times = 0
      backlog.before = (operation) => {
        // After the store has answered, before delivery has seen it.
        if (operation === 'readBacklog' && times++ < 3) void Promise.resolve().then(() => void commit(1, times + 10))
        return undefined
      }
      commit(1)
      await settle(20)
      expect(socket.uids).to.deep.equal(['1.1', '1.11', '1.12', '1.13'])
    })

    it('tells the count of channels and of reports', async () => {
      await start()
      const [first] = [station.open('A'), station.open('A'), station.open('B')]
      commit(3)
      await settle()
      expect([station.tally, station.delivery.channels('A'), station.delivery.channels('NOBODY')]).to.deep.equal([
        { sent: 6, dropped: 0, channels: 3 },
        2,
        0,
      ])
      station.cut(first)
      expect([station.tally.channels, station.delivery.channels('A')]).to.deep.equal([2, 1])
    })

    it('with positions, of which a repeated report keeps its own', async () => {
      await start({ withPositions: true })
      const first = station.open('A')
      commit(2)
      await settle()
      station.cut(first)
      const again = station.open('A')
      await settle()
      const positions = (socket: FakeSocket) => socket.texts.map((text) => /"00091001".*?\["([^"]*)/.exec(text)?.[1])
      expect([positions(first), positions(again)]).to.deep.equal([
        ['1.0', '2.0'],
        ['1.0', '2.0'],
      ])
    })
  })

  describe('at the seam', () => {
    it('a second channel starts at the durable cursor: only what nobody has receipted is repeated', async () => {
      await start()
      const first = station.open('A')
      commit(3)
      await station.receipt(first)
      commit(2, 4)
      await station.clock.pass(200)
      const second = station.open('A')
      await settle()
      expect([first.uids, second.uids]).to.deep.equal([uids(5), uids(2, 4)])
      commit(1, 6)
      await settle()
      expect([first.uids, second.uids]).to.deep.equal([uids(6), uids(3, 4)])
    })

    it('a cut without receipt repeats everything, a receipt before it nothing', async () => {
      await start()
      const first = station.open('A')
      commit(3)
      await settle()
      station.cut(first)
      const second = station.open('A')
      await settle()
      expect(second.uids).to.deep.equal(uids(3))
      await station.receipt(second)
      station.cut(second)
      await settle()
      const third = station.open('A')
      await settle()
      expect(third.uids).to.deep.equal([])
    })

    it('who comes back in the moment in which its channel ends gets nothing again that it has receipted', async () => {
      await start()
      const first = station.open('A')
      commit(3)
      await station.clock.pass(60)
      first.pong()
      station.cut(first)
      const second = station.open('A')
      await settle()
      expect(second.uids).to.deep.equal([])
    })
  })

  describe('writes receipts down', () => {
    it('at most every 100 ms', async () => {
      await start({ ping: 10 })
      const socket = station.open('A')
      for (let n = 0; n < 20; n++) {
        commit(1, n + 1)
        await station.clock.pass(50)
        socket.pong()
      }
      await station.clock.pass(200)
      expect(backlog.of('A')).to.deep.equal([])
      expect(backlog.called('receipt').length).to.be.within(5, 12)
    })

    it('when the last channel ends, at once', async () => {
      await start()
      const socket = station.open('A')
      commit(3)
      await station.clock.pass(60)
      socket.pong()
      expect(backlog.called('receipt')).to.deep.equal([])
      station.cut(socket)
      await settle()
      expect(backlog.called('receipt')).to.deep.equal(['receipt A 3.0'])
    })

    it('when the service stops', async () => {
      await start()
      const socket = station.open('A')
      commit(3)
      await station.clock.pass(60)
      socket.pong()
      await station.stop()
      expect(backlog.of('A')).to.deep.equal([])
    })

    it('once, not again and again', async () => {
      await start()
      const sockets = [station.open('A'), station.open('A')]
      commit(1)
      await station.clock.pass(60)
      for (const socket of sockets) socket.pong()
      await station.clock.pass(100_000)
      expect(backlog.called('receipt')).to.deep.equal(['receipt A 1.0'])
    })

    it('also one that comes while another is being written', async () => {
      await start()
      const socket = station.open('A')
      commit(1)
      await station.clock.pass(50)
      commit(1, 2)
      await station.clock.pass(5)
      socket.pong()
      // The second ping is on its way when the first receipt is written, and answered while that takes long.
      const held = gate('receipt')
      await station.clock.pass(100)
      expect([held.reached(), socket.pings.length]).to.deep.equal([true, 2])
      socket.pong()
      await station.clock.pass(150)
      await held.open()
      await station.clock.pass(5_000)
      expect(backlog.uids('A')).to.deep.equal([])
    })

    it('and leaves no timer behind when the last channel is gone', async () => {
      await start()
      const socket = station.open('A')
      commit(1)
      await station.receipt(socket)
      station.cut(socket)
      await station.clock.pass(100)
      expect(station.clock.pending).to.equal(0)
    })
  })

  describe('with channels of different pace', () => {
    it('one receipt takes no report from a channel that has not read it', async () => {
      await start()
      const fast = station.open('A')
      const slow = station.open('A', stall)
      commit(3)
      await station.receipt(fast)
      await station.clock.pass(10_000)
      expect([fast.uids, slow.uids]).to.deep.equal([uids(3), []])
      slow.holds = false
      slow.drain()
      await settle()
      expect(slow.uids).to.deep.equal(uids(3))
      await station.clock.pass(200)
      expect(backlog.of('A')).to.deep.equal([])
    })

    it('one that has read needs to have receipted nothing', async () => {
      await start()
      const [one] = [station.open('A'), station.open('A')]
      commit(3)
      await station.receipt(one)
      await station.clock.pass(200)
      expect(backlog.of('A')).to.deep.equal([])
    })

    it('the furthest receipt of any counts', async () => {
      await start()
      const [one, other] = [station.open('A'), station.open('A')]
      commit(1)
      await station.receipt(other)
      commit(2, 2)
      // Its first ping was for the first report.
      for (let n = 0; n < 2; n++) await station.receipt(one)
      await station.clock.pass(1_000)
      expect(backlog.of('A')).to.deep.equal([])
    })

    it('one that takes nothing does not delay the others', async () => {
      await start()
      const stalled = station.open('A', stall)
      const others = [station.open('A'), station.open('A')]
      for (let n = 0; n < 20; n++) {
        commit(50, n * 50 + 1)
        await settle()
        for (const socket of others) expect(socket.texts).to.have.length((n + 1) * 50)
      }
      expect(stalled.texts).to.deep.equal([])
    })

    it('one that holds receipts up for longer than the patience is closed with 1013, and starts anew', async () => {
      await start()
      const fast = station.open('A')
      const slow = station.open('A', stall)
      commit(3)
      await station.receipt(fast)
      for (let n = 0; n < 11; n++) {
        await station.clock.pass(5_000)
        fast.events?.received()
        slow.events?.received()
      }
      expect([slow.closes, backlog.of('A').length]).to.deep.equal([[], 3])
      await station.clock.pass(6_000)
      expect([slow.closes, fast.closes]).to.deep.equal([[{ code: 1013, reason: 'too slow' }], []])
      await station.clock.pass(200)
      expect(backlog.of('A')).to.deep.equal([])
      slow.events?.closed()
      const again = station.open('A')
      commit(1, 4)
      await settle()
      expect([again.uids, fast.uids]).to.deep.equal([['1.4'], uids(4)])
    })

    describe('closes nobody who has nothing to read', () => {
      /** Both ends are alive and nothing happens. */
      const idle = async (...sockets: readonly FakeSocket[]): Promise<void> => {
        for (let n = 0; n < 30; n++) {
          await station.clock.pass(5_000)
          for (const socket of sockets) socket.pong()
        }
      }

      it('after the channel beside it has ended', async () => {
        await start()
        const first = station.open('A')
        commit(1)
        await station.receipt(first)
        await station.clock.pass(200)
        const second = station.open('A')
        await settle()
        station.cut(first)
        await idle(second)
        expect(second.closes).to.deep.equal([])
      })

      it('after a third one has ended', async () => {
        await start()
        const first = station.open('A')
        commit(1)
        await station.receipt(first)
        await station.clock.pass(200)
        const [second, third] = [station.open('A'), station.open('A')]
        await settle()
        station.cut(third)
        await idle(first, second)
        expect([first.closes, second.closes]).to.deep.equal([[], []])
      })

      it('nor keeps a timer running for it', async () => {
        await start()
        const first = station.open('A')
        commit(1)
        await station.receipt(first)
        await station.clock.pass(200)
        station.open('A')
        await settle()
        station.cut(first)
        await station.clock.pass(1_000)
        // Of the channel: ping and watch.
        expect(station.clock.pending).to.equal(2)
      })
    })

    it('one that has just come is not closed for what another one held up', async () => {
      await start()
      const fast = station.open('A')
      const slow = station.open('A', stall)
      commit(3)
      await station.receipt(fast)
      await station.clock.pass(59_000)
      slow.events?.received()
      const fresh = station.open('A', stall)
      await station.clock.pass(3_000)
      expect(slow.closes).to.have.length(1)
      expect(fresh.closes).to.deep.equal([])
    })

    it('one that reads slowly, yet reads, is not closed', async () => {
      await start({ queueSize: 50_000 })
      commit(35_000)
      const fast = station.open('A')
      const slow = station.open('A', stall)
      await settle(250)
      expect(fast.texts).to.have.length(35_000)
      await station.receipt(fast)
      for (let second = 0; second < 75; second++) {
        await station.clock.pass(1_000)
        slow.drain(MIB - 40_000)
        await settle()
        for (const socket of [fast, slow]) socket.pong()
      }
      expect(slow.texts.length).to.be.within(1_000, 34_999)
      expect(slow.closes).to.deep.equal([])
    })
  })

  describe('holds what waits in one buffer to its bound', () => {
    it('nothing is sent above 1 MiB, and it goes on where it stopped once there is room', async () => {
      await start()
      const socket = station.open('A', (one) => (one.holds = true))
      const big = 'x'.repeat(100_000)
      const all = Array.from({ length: 150 }, (_, n) => `${n}.${big}`)
      for (const uid of all) backlog.commit(['A'], uid)
      await settle(20)
      for (let times = 0; times < 20; times++) {
        socket.drain()
        await settle()
      }
      expect(socket.uids.length).to.equal(150)
      expect(socket.uids).to.deep.equal(all)
      // The bound, and the report that came above it.
      expect(socket.most).to.be.at.most(MIB + 101_000)
    })

    it('and a channel beside it that has room gets everything', async () => {
      await start()
      const held = station.open('A', (one) => (one.holds = true))
      const free = station.open('A')
      const big = 'x'.repeat(20_000)
      const all = Array.from({ length: 450 }, (_, n) => `${n}.${big}`)
      for (const uid of all) backlog.commit(['A'], uid)
      await settle(20)
      expect(free.uids).to.deep.equal(all)
      expect(held.texts.length).to.be.below(450)
      for (let n = 0; n < 20; n++) {
        held.drain()
        await settle()
      }
      expect(held.uids).to.deep.equal(all)
    })
  })

  describe('keeps the bound', () => {
    const newest = (count: number, of: number): readonly string[] => uids(of).slice(of - count)

    it('exactly when the first channel opens: present values of what was dropped, then the newest', async () => {
      await start({ queueSize: 3 })
      commit(10)
      const socket = station.open('A')
      await settle()
      expect(socket.uids).to.deep.equal([...uids(7), ...newest(3, 10)])
      expect(station.tally.dropped).to.equal(7)
    })

    it('exactly when the last channel ends, not when another one does', async () => {
      await start({ queueSize: 3 })
      const [one, two] = [station.open('A'), station.open('A')]
      await settle()
      commit(10)
      await settle()
      station.cut(one)
      await settle()
      expect(backlog.of('A')).to.have.length(10)
      station.cut(two)
      await settle()
      expect(backlog.called('trimBacklog')).to.have.length(2)
      expect(backlog.of('A').filter(({ place }) => place.position > 0)).to.have.length(3)
    })

    it('in between only once it is 1.25 times the bound and 100 more', async () => {
      await start({ queueSize: 200 })
      commit(350)
      await settle()
      expect(backlog.called('trimBacklog')).to.deep.equal([])
      commit(1, 351)
      await settle()
      expect(backlog.called('trimBacklog')).to.deep.equal(['trimBacklog A 200'])
      // It counts from the bound again.
      commit(150, 352)
      await settle()
      expect(backlog.called('trimBacklog')).to.have.length(1)
      commit(1, 502)
      await settle()
      expect(backlog.called('trimBacklog')).to.have.length(2)
      expect(backlog.of('A').filter(({ place }) => place.position > 0)).to.have.length(200)
    })

    it('never while a channel is open, whatever it is sent', async () => {
      await start({ queueSize: 3 })
      const socket = station.open('A', stall)
      await settle()
      const before = backlog.called('trimBacklog').length
      commit(1_000)
      await station.clock.pass(1_000)
      expect(backlog.called('trimBacklog')).to.have.length(before)
      socket.holds = false
      socket.drain()
      await settle(20)
      expect(socket.uids).to.deep.equal(uids(1_000))
    })

    it('of a backlog that was there when the service starts', async () => {
      await start({ queueSize: 10 })
      commit(100)
      await station.stop()
      const before = backlog.called('trimBacklog').length
      await start({ queueSize: 0 })
      await settle()
      expect(backlog.called('trimBacklog')).to.have.length(before)
      commit(1, 101)
      await settle()
      expect(backlog.called('trimBacklog').slice(before)).to.deep.equal(['trimBacklog A 0'])
    })

    it('of 0: present values only, one for each workitem', async () => {
      await start({ queueSize: 0 })
      for (let n = 0; n < 3; n++) backlog.commit(['A'], '1.1', `STATE ${n}`)
      commit(1, 2)
      const socket = station.open('A')
      await settle()
      expect(socket.uids).to.deep.equal(['1.1', '1.2'])
      expect(socket.texts[0]).to.contain('STATE 2')
      commit(2, 3)
      await settle()
      expect(socket.uids.slice(2)).to.deep.equal(['1.3', '1.4'])
    })

    it('and counts and logs what it drops, once for each time', async () => {
      await start({ queueSize: 2 })
      commit(5)
      const socket = station.open('A')
      await settle()
      const warnings = () => station.lines.filter(({ level }) => level === 'warn')
      expect([station.tally.dropped, warnings().map(({ fields }) => fields)]).to.deep.equal([
        3,
        [{ subscriber: 'A', dropped: 3 }],
      ])
      await station.receipt(socket)
      station.cut(socket)
      await settle()
      expect([station.tally.dropped, warnings().length], 'nothing to drop').to.deep.equal([3, 1])
    })

    it('with Cancel Requested last of all', async () => {
      await start({ queueSize: 2 })
      backlog.commit(['A'], '1.1', 'IN PROGRESS', 'UPS Cancel Requested')
      commit(5, 2)
      const socket = station.open('A')
      await settle()
      expect(socket.uids).to.deep.equal([...uids(4, 2), '1.1', '1.6'])
    })

    it('as it is configured now', async () => {
      await start({ queueSize: 10 })
      commit(8)
      station.queueSize = 4
      const socket = station.open('A')
      await settle()
      expect(socket.uids).to.deep.equal([...uids(4), ...newest(4, 8)])
    })
  })

  describe('gives present values', () => {
    it('as they are when they are sent, without a position', async () => {
      await start({ queueSize: 1, withPositions: true })
      commit(3)
      const held = gate('readBacklog')
      const socket = station.open('A')
      await settle()
      backlog.commit([], '1.1', 'COMPLETED')
      await held.open()
      expect(socket.uids).to.deep.equal(uids(3))
      expect(socket.texts[0]).to.contain('COMPLETED').and.not.contain('00091001')
      expect(socket.texts[2]).to.contain('"00091001":{"vr":"LO","Value":["3.0"]}')
    })

    it('of nothing that has been deleted since, and has that receipted all the same', async () => {
      await start({ queueSize: 0 })
      commit(3)
      const held = gate('readBacklog')
      const socket = station.open('A')
      await settle()
      for (const uid of uids(2, 2)) backlog.delete(uid)
      await held.open()
      expect(socket.uids).to.deep.equal(['1.1'])
      await station.receipt(socket)
      await station.clock.pass(100)
      expect(backlog.of('A')).to.deep.equal([])
    })

    it('in front of earlier receipts: they are receipted once, and not repeated for ever', async () => {
      await start({ queueSize: 2 })
      const first = station.open('A')
      await settle()
      commit(50)
      await station.receipt(first)
      await station.clock.pass(100)
      station.cut(first)
      await settle()
      commit(5, 51)
      const second = station.open('A')
      await settle()
      expect(second.uids).to.deep.equal(uids(5, 51))
      await station.receipt(second)
      await station.clock.pass(100)
      expect(backlog.of('A')).to.deep.equal([])
      station.cut(second)
      const third = station.open('A')
      await settle()
      expect(third.uids).to.deep.equal([])
    })

    it('also when only they are left to receipt', async () => {
      await start({ queueSize: 0 })
      const first = station.open('A')
      await settle()
      commit(50)
      await station.receipt(first)
      await station.clock.pass(100)
      expect(backlog.called('receipt')).to.deep.equal(['receipt A 50.0'])
      station.cut(first)
      commit(2, 51)
      const second = station.open('A')
      await station.receipt(second)
      await station.clock.pass(100)
      expect([second.uids, backlog.of('A')]).to.deep.equal([uids(2, 51), []])
    })

    it('that a receipt from before they were there does not cover: they are repeated until they are receipted', async () => {
      await start({ queueSize: 0 })
      const first = station.open('A')
      await settle()
      commit(50)
      await station.receipt(first)
      station.cut(first)
      commit(2, 51)
      const second = station.open('A')
      await settle()
      expect(second.uids).to.deep.equal(uids(2, 51))
      // Somebody comes and goes, so that receipts are written down.
      station.cut(station.open('A'))
      await station.clock.pass(500)
      station.cut(second)
      const third = station.open('A')
      await settle()
      expect(third.uids).to.deep.equal(uids(2, 51))
    })

    it('that an old receipt takes nothing from: one that is written late', async () => {
      await start({ queueSize: 0 })
      const first = station.open('A')
      await settle()
      commit(3)
      await station.clock.pass(60)
      const held = gate('receipt')
      first.pong()
      station.cut(first)
      await settle()
      expect(held.reached()).to.equal(true)
      commit(3, 4)
      const second = station.open('A')
      await held.open()
      expect(second.uids).to.include.members(uids(3, 4))
      await station.clock.pass(500)
      station.cut(second)
      await settle()
      const third = station.open('A')
      await settle()
      expect(third.uids).to.include.members(uids(3, 4))
    })
  })

  describe('when channels come and go faster than the store answers', () => {
    it('nothing is dropped in front of where a channel reads: its workitem would never be reported', async () => {
      await start({ queueSize: 1 })
      // The first one goes and the second comes while the first is being prepared.
      const held = gate('trimBacklog')
      const first = station.open('A')
      await settle()
      expect(held.reached()).to.equal(true)
      commit(3)
      station.cut(first)
      const second = station.open('A')
      const opened = held.open()
      backlog.before = (operation) => {
        // Two reports come in the moment before the next trim, if there is one.
        if (operation !== 'trimBacklog') return undefined
        backlog.before = () => undefined
        commit(2, 4)
        return undefined
      }
      await opened
      if (backlog.called('trimBacklog').length === 1) commit(2, 4)
      await settle(20)
      await station.receipt(second)
      await station.clock.pass(200)
      expect(second.uids).to.include.members(['1.4', '1.5'])
      expect(backlog.uids('A')).to.deep.equal([])
    })

    it('every trim with a channel there comes before the first read for it', async () => {
      await start({ queueSize: 1 })
      const held = gate('trimBacklog')
      const first = station.open('A')
      await settle()
      station.cut(first)
      station.open('A')
      commit(3)
      await held.open()
      await settle(20)
      const order = backlog.calls.filter((call) => /^(?:trim|read)/.test(call)).map((call) => call.split(' ')[0])
      const firstRead = order.indexOf('readBacklog')
      expect(order.slice(firstRead), order.join(', ')).to.not.include('trimBacklog')
    })
  })

  describe('asks for more', () => {
    const owing = (batches: number) => {
      let left = batches
      const asked: string[] = []
      const replenish = async (subscriber: string): Promise<boolean> => {
        asked.push(`${subscriber} behind ${backlog.of(subscriber).at(-1)?.uid ?? 'nothing'}`)
        if (left === 0) return false
        for (const uid of uids(3, 1, `9.${left--}`)) backlog.commit([subscriber], uid)
        return true
      }
      return { asked, replenish }
    }

    it('only when its channels have everything that is there, until there is no more', async () => {
      const { asked, replenish } = owing(3)
      await start({ replenish })
      commit(250)
      const socket = station.open('A')
      await settle(30)
      expect(asked[0]).to.equal('A behind 1.250')
      expect(asked.length).to.be.within(4, 6)
      expect(socket.uids).to.deep.equal([...uids(250), ...[3, 2, 1].flatMap((n) => uids(3, 1, `9.${n}`))])
    })

    it('never without a channel, nor for one that has no room', async () => {
      const { asked, replenish } = owing(3)
      await start({ replenish })
      commit(10)
      await settle()
      const socket = station.open('A', stall)
      await settle()
      expect(asked).to.deep.equal([])
      station.cut(socket)
      commit(10, 11)
      await settle()
      expect(asked).to.deep.equal([])
    })

    it('no further once its only channel is gone', async () => {
      let calls = 0
      let close: () => void = () => undefined
      await start({
        replenish: async (subscriber) => {
          if (++calls === 2) close()
          backlog.commit([subscriber], `9.${calls}`)
          return true
        },
      })
      const socket = station.open('A')
      close = () => station.cut(socket)
      await settle(20)
      expect(calls).to.equal(2)
    })

    it('also when a batch held nothing to report', async () => {
      let calls = 0
      await start({
        replenish: async (subscriber) => {
          if (++calls === 4) backlog.commit([subscriber], '9.1')
          return calls <= 4
        },
      })
      const socket = station.open('A')
      await settle(20)
      expect(socket.uids).to.deep.equal(['9.1'])
    })
  })

  describe('while the store fails', function () {
    this.slow(3_000)
    const errors = () => station.lines.filter(({ level }) => level === 'error')
    const wait = async (milliseconds: number): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
      await settle()
    }

    for (const operation of ['readBacklog', 'trimBacklog', 'receipt'] as const) {
      it(`${operation}: is tried again, logged once, nothing lost`, async () => {
        await start()
        commit(3)
        backlog.failing.add(operation)
        const socket = station.open('A')
        await settle()
        if (operation === 'receipt') {
          await station.receipt(socket)
          // The write, and two more tries.
          await station.clock.pass(2_200)
        }
        await wait(350)
        expect(backlog.called(operation).length).to.be.within(2, 4)
        expect(errors()).to.have.length(1)
        commit(2, 4)
        backlog.failing.clear()
        await wait(450)
        expect(socket.uids).to.deep.equal(uids(5))
        await station.receipt(socket)
        await station.clock.pass(1_000)
        expect([backlog.of('A'), errors().length]).to.deep.equal([[], 1])
      })
    }

    it('present values: goes on at the very report, repeats none', async () => {
      let failing = true
      await start({
        queueSize: 1,
        present: async (uid) => {
          if (uid === '1.2' && failing) throw new UpsError('UPS_STORE_UNAVAILABLE', 'not now')
          return backlog.present(uid)
        },
      })
      commit(4)
      const socket = station.open('A')
      await settle()
      expect(socket.uids).to.deep.equal(['1.1'])
      failing = false
      await wait(200)
      expect(socket.uids).to.deep.equal(uids(4))
    })

    it('present values that can never be told hold up nothing behind them', async () => {
      await start({
        queueSize: 1,
        present: async (uid) => {
          if (uid === '1.2') throw new TypeError('spoilt')
          return backlog.present(uid)
        },
      })
      commit(4)
      const socket = station.open('A')
      await settle()
      expect(socket.uids).to.deep.equal(['1.1', '1.3', '1.4'])
      expect(errors()).to.have.length(1)
    })

    it('stops all the same, and gives up what it could not write', async () => {
      await start()
      const socket = station.open('A')
      commit(3)
      await settle()
      backlog.failing.add('receipt').add('readBacklog').add('subscribers')
      await station.receipt(socket)
      await station.clock.pass(100)
      const before = Date.now()
      await station.stop()
      expect(Date.now() - before).to.be.below(1_500)
      expect(backlog.of('A')).to.have.length(3)
    })

    it('a start that fails leaves nobody watching', async () => {
      backlog.failing.add('backlogs')
      const failed = await startStation(backlog).then(
        () => false,
        () => true,
      )
      backlog.failing.clear()
      const { watchers } = backlog
      await start()
      expect([failed, watchers]).to.deep.equal([true, 0])
    })
  })

  describe('when it stops', () => {
    it('closes every channel with 1001, and is fulfilled when they have answered', async () => {
      await start()
      const sockets = [station.open('A'), station.open('A'), station.open('B')]
      let stopped = false
      const stop = station.delivery.stop().then(() => (stopped = true))
      await settle()
      for (const { closes } of sockets) expect(closes).to.deep.equal([{ code: 1001, reason: 'going down' }])
      expect(stopped).to.equal(false)
      for (const { events } of sockets) events?.closed()
      await stop
      expect([backlog.watchers, station.tally.channels, sockets.some(({ terminated }) => terminated)]).to.deep.equal([
        0,
        0,
        false,
      ])
      await station.clock.pass(100)
      expect(station.clock.pending).to.equal(0)
    })

    it('ends those that do not answer after a second', async function () {
      this.slow(3_000)
      await start()
      const socket = station.open('A')
      commit(2)
      await settle()
      const before = Date.now()
      await station.delivery.stop()
      expect(Date.now() - before).to.be.within(900, 1_500)
      expect([socket.terminated, backlog.of('A').length]).to.deep.equal([true, 2])
    })

    it('writes down what those had received that do not answer', async function () {
      this.slow(3_000)
      await start()
      const socket = station.open('A')
      commit(2)
      await station.clock.pass(60)
      socket.pong()
      commit(1, 3)
      await station.delivery.stop()
      expect(backlog.uids('A')).to.deep.equal(['1.3'])
    })

    it('a report that comes then waits', async () => {
      await start()
      const socket = station.open('A')
      const stop = station.delivery.stop()
      await settle()
      commit(2)
      await settle()
      socket.events?.closed()
      await stop
      expect([socket.uids.includes('1.1'), backlog.uids('A')]).to.deep.equal([false, uids(2)])
    })

    it('a channel that opens then is closed with 1001 at once and gets nothing', async () => {
      await start()
      commit(2)
      const stop = station.delivery.stop()
      const socket = station.open('A')
      await settle()
      expect([socket.closes, socket.texts]).to.deep.equal([[{ code: 1001, reason: 'going down' }], []])
      socket.events?.closed()
      await stop
      expect(backlog.of('A')).to.have.length(2)
    })

    it('twice is harmless, and the second is not faster than the first', async () => {
      await start()
      const socket = station.open('A')
      const first = station.delivery.stop()
      let second = false
      const again = station.delivery.stop().then(() => (second = true))
      await settle()
      expect([second, socket.closes.length]).to.deep.equal([false, 1])
      socket.events?.closed()
      await Promise.all([first, again])
    })

    it('in the middle of a batch receipts nothing that was not sent', async () => {
      let hold: () => void = () => undefined
      const held = new Promise<void>((resolve) => (hold = resolve))
      await start({
        queueSize: 0,
        present: async (uid) => {
          if (uid === '1.2') await held
          // The last one is gone when its turn comes.
          return uid === '1.3' ? undefined : backlog.present(uid)
        },
      })
      commit(3)
      const socket = station.open('A')
      await settle()
      const stop = station.delivery.stop()
      await settle()
      hold()
      await settle()
      for (const payload of socket.pings) socket.pong(payload)
      socket.events?.closed()
      await stop
      expect([socket.uids, backlog.uids('A')]).to.satisfy(
        ([sent, left]: readonly (readonly string[])[]) => sent?.includes('1.2') || left?.includes('1.2'),
        `1.2 was ${socket.uids.includes('1.2') ? '' : 'not '}sent; left: ${backlog.uids('A').join(' ')}`,
      )
    })

    it('writes nothing to the store once it is fulfilled', async function () {
      this.slow(3_000)
      await start()
      const socket = station.open('A')
      commit(2)
      await station.clock.pass(60)
      socket.pong()
      await station.delivery.stop()
      const before = backlog.calls.length
      await station.clock.pass(1_000)
      await settle(20)
      expect(backlog.calls.slice(before)).to.deep.equal([])
      expect(station.clock.pending).to.equal(0)
    })
  })
})

describe('Delivery', () => deliveryModel())
