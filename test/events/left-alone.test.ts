/** A channel that is not fed through no fault of its own: the store is away, or word of a report was missed. */
import { expect } from 'chai'
import { MemoryBacklog } from './memory-backlog.ts'
import { startStation, type Station } from './station.ts'
import { type FakeSocket, settle } from './virtual.ts'

const MIB = 1024 * 1024

describe('A channel that is left alone', () => {
  let backlog: MemoryBacklog
  let station: Station<MemoryBacklog>
  beforeEach(async () => {
    backlog = new MemoryBacklog()
    station = await startStation(backlog)
  })
  afterEach(async () => {
    backlog.failing.clear()
    await station.stop()
  })

  const live = async (milliseconds: number, ...sockets: readonly FakeSocket[]): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      await station.clock.pass(100)
      for (const socket of sockets) if (socket.pings.length > 0) socket.pong()
    }
  }

  it('because reading fails is not closed for what it holds up, and gets it afterwards', async () => {
    const [fast, slow] = [station.open('A'), station.open('A')]
    backlog.commit(['A'], '1.1')
    await live(300, fast, slow)
    slow.buffered = MIB + 1
    backlog.commit(['A'], '1.2')
    await live(500, fast, slow)
    expect([fast.uids, slow.uids]).to.deep.equal([['1.1', '1.2'], ['1.1']])
    backlog.failing.add('readBacklog')
    // From here on it could take the second one.
    slow.drain()
    await live(90_000, fast, slow)
    expect(slow.closes).to.deep.equal([])
    backlog.failing.clear()
    for (let n = 0; n < 60 && slow.texts.length < 2; n++) await new Promise((resolve) => setTimeout(resolve, 100))
    await settle()
    expect([slow.uids, slow.closes]).to.deep.equal([['1.1', '1.2'], []])
  }).timeout(20_000)

  it('because nobody told of a report finds it with its next ping', async () => {
    const socket = station.open('A')
    await settle()
    const place = { position: 1, ordinal: 0 }
    backlog.of('A').push({ place, uid: '1.1', event: 'UPS State Report', information: '{}' })
    await live(29_000, socket)
    expect(socket.uids).to.deep.equal([])
    await live(1_500, socket)
    expect(socket.uids).to.deep.equal(['1.1'])
  })
})
