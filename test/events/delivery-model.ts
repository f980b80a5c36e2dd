/**
 * Delivery against what it promises, with whatever may happen in any order: commits, channels that open, end, stall or are cut,
 * other ends that answer late or never, the service stopped or killed. Called by `delivery.test.ts`.
 *
 * The other end of a channel has received what it was handed (`hand`), not what was sent: the rest dies with the socket.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Backlog } from '../../plugin/events/ports.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Position, Store } from '../../plugin/store/store.ts'
import type { EventReport } from '../../plugin/ups/event-reports.ts'
import { change, creation } from '../store/contract.ts'
import { temporaryFolder } from '../support/folder.ts'
import { MemoryBacklog } from './memory-backlog.ts'
import { startStation, type Station } from './station.ts'
import { type FakeSocket, settle } from './virtual.ts'
import { join } from 'node:path'

type Presence = Backlog & { present?(uid: string): string | undefined }

interface Model {
  readonly backlog: Presence
  present(uid: string): Promise<string | undefined>
  /** @returns where the reports stand, one for each subscriber */
  commit(subscribers: readonly string[], uid: string, value: number): Promise<number>
  close(): Promise<void>
}

const SUBSCRIBERS = ['A', 'B'] as const
const WORKITEMS = ['1.1', '1.2', '1.3', '1.4'] as const
const MIB = 1024 * 1024

const valueText = (value: number): string => `{"00741238":{"vr":"LT","Value":["${value}"]}}`

/** `delays`: immediates that each operation waits for, over and over. */
function inMemory(delays: readonly number[]): Model {
  const backlog = new MemoryBacklog()
  let next = 0
  backlog.before = async () => {
    for (let n = delays[next++ % delays.length] ?? 0; n > 0; n--) await settle(1)
  }
  return {
    backlog,
    present: async (uid) => {
      const text = backlog.present(uid)
      return text?.replace('"00741000":{"vr":"CS"', '"00741238":{"vr":"LT"')
    },
    commit: async (subscribers, uid, value) => backlog.commit(subscribers, uid, String(value)).position,
    close: () => Promise.resolve(),
  }
}

function embedded(): Model {
  const folder = temporaryFolder()
  const store: Store = openSqliteStore({ file: join(folder.path, 'worklist.db') })
  const versions = new Map<string, Position>()
  const values = new Map<string, number>()
  return {
    backlog: store,
    present: async (uid) => valueText(values.get(uid) ?? -1),
    async commit(subscribers, uid, value) {
      const report: EventReport = {
        event: 'UPS State Report',
        information: { '00741238': { vr: 'LT', Value: [String(value)] } },
      }
      const deliveries = subscribers.map((subscriber) => ({ subscriber, reports: [report] }))
      const expected = versions.get(uid)
      const base = expected === undefined ? creation(uid) : change(uid, expected, {})
      values.set(uid, value)
      const position = await store.commit({ ...base, deliveries })
      versions.set(uid, position)
      return position
    },
    async close() {
      await store.close()
      folder.remove()
    },
  }
}

/** The other end of one channel. */
class Peer {
  readonly subscriber: string
  readonly socket: FakeSocket
  isGone = false
  #handed = 0
  readonly #unanswered: string[] = []
  readonly received: string[] = []

  constructor(subscriber: string, socket: FakeSocket) {
    this.subscriber = subscriber
    this.socket = socket
  }

  /** It receives the next of what was sent, and answers a close frame. */
  hand(count: number): void {
    for (let n = 0; n < count && !this.isGone; n++) {
      if (this.socket.terminated) this.isGone = true
      const next = this.socket.wire[this.#handed]
      if (this.isGone || next === undefined) return
      this.#handed++
      if (next.startsWith('ping ')) this.#unanswered.push(next.slice('ping '.length))
      else if (!next.startsWith('close ')) this.received.push(next)
      else this.#end()
    }
  }

  /** It answers, maybe only the last one. */
  pong(onlyLast: boolean): void {
    if (this.isGone || this.socket.terminated) return
    const payload = onlyLast ? this.#unanswered.splice(0).at(-1) : this.#unanswered.shift()
    if (payload !== undefined) this.socket.events?.pong(payload)
  }

  cut(): void {
    if (!this.isGone && !this.socket.terminated) this.#end()
    this.isGone = true
  }

  /** By a close frame of its own; what comes after that it no longer reads. */
  close(): void {
    if (!this.isGone && !this.socket.terminated) this.#end()
    this.isGone = true
  }

  /** The process at our end is killed. */
  vanish(): void {
    this.isGone = true
    this.socket.events = undefined
  }

  #end(): void {
    this.isGone = true
    this.socket.events?.closed()
  }
}

const index = fc.nat({ max: 5 })
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('commit' as const),
      to: fc.nat({ max: 2 }),
      uid: index,
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('open' as const), who: fc.nat({ max: 1 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('hand' as const), who: index, count: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('pong' as const), who: index, onlyLast: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('cut' as const, 'close' as const), who: index }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('stall' as const, 'drain' as const), who: index }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(20, 60, 110, 700, 20_000),
    }),
  },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('stop' as const),
      answering: fc.array(fc.constantFrom('answers' as const, 'is cut' as const, 'closes itself' as const), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('kill' as const) }) },
)
type Event = typeof event extends fc.Arbitrary<infer One> ? One : never

interface Committed {
  readonly position: number
  readonly uid: string
  readonly value: number
}

class Run {
  readonly #model: Model
  readonly #queueSize: number
  readonly committed = new Map<string, Committed[]>(SUBSCRIBERS.map((subscriber) => [subscriber, []]))
  readonly peers: Peer[] = []
  #station: Station | undefined
  #life = { isAlive: true }
  #value = 0
  readonly #commits: Promise<unknown>[] = []

  constructor(model: Model, queueSize: number) {
    this.#model = model
    this.#queueSize = queueSize
  }

  async start(): Promise<void> {
    this.#life = { isAlive: true }
    this.#station = await startStation(mortal(this.#model.backlog, this.#life), {
      queueSize: this.#queueSize,
      withPositions: true,
      present: (uid) => this.#model.present(uid),
    })
  }

  async step(one: Event): Promise<void> {
    switch (one.does) {
      case 'commit':
        for (let n = 0; n < one.times; n++) this.#commit(one.to, one.uid + n)
        return
      case 'open':
        this.open(SUBSCRIBERS[one.who] ?? 'A')
        return
      case 'hand':
        this.#peer(one.who)?.hand(one.count)
        return
      case 'pong':
        this.#peer(one.who)?.pong(one.onlyLast)
        return
      case 'cut':
        this.#peer(one.who)?.cut()
        return
      case 'close':
        this.#peer(one.who)?.close()
        return
      case 'stall': {
        const socket = this.#peer(one.who)?.socket
        if (socket) socket.buffered = MIB + 1
        return
      }
      case 'drain':
        this.#peer(one.who)?.socket.drain()
        return
      case 'pass':
        await this.#station?.clock.pass(one.milliseconds)
        return
      case 'turns':
        await settle(one.count)
        return
      case 'stop':
        await this.#stop(one.answering)
        await this.start()
        return
      case 'kill':
        this.#life.isAlive = false
        for (const peer of this.peers) peer.vanish()
        await this.start()
    }
  }

  /** Everybody comes back and answers everything. */
  async end(): Promise<void> {
    await Promise.all(this.#commits)
    for (const peer of this.peers) peer.cut()
    await settle()
    const last = SUBSCRIBERS.map((subscriber) => this.open(subscriber))
    for (let round = 0; round < 40; round++) {
      await this.#station?.clock.pass(60)
      for (const peer of last) {
        peer.hand(Infinity)
        peer.pong(true)
      }
      await this.#station?.clock.pass(100)
    }
    for (const subscriber of SUBSCRIBERS) {
      const left = await this.#model.backlog.readBacklog(subscriber, undefined, 1_000)
      expect(left, `left for ${subscriber}`).to.deep.equal([])
    }
    await this.#stop(['answers'])
  }

  open(subscriber: string): Peer {
    const socket = this.#station?.open(subscriber)
    if (!socket) throw new Error('not started')
    const peer = new Peer(subscriber, socket)
    this.peers.push(peer)
    return peer
  }

  #peer(which: number): Peer | undefined {
    const living = this.peers.filter(({ isGone, socket }) => !isGone && !socket.terminated)
    return living[which % Math.max(1, living.length)]
  }

  #commit(to: number, which: number): void {
    const subscribers = to === 2 ? SUBSCRIBERS : [SUBSCRIBERS[to] ?? 'A']
    const uid = WORKITEMS[which % WORKITEMS.length] ?? '1.1'
    const value = ++this.#value
    // One commit after the other, as the write path does it.
    const before = this.#commits.at(-1) ?? Promise.resolve()
    const commit = async (): Promise<void> => {
      await before
      const position = await this.#model.commit(subscribers, uid, value)
      for (const subscriber of subscribers) this.committed.get(subscriber)?.push({ position, uid, value })
    }
    this.#commits.push(commit())
  }

  async #stop(answering: readonly ('answers' | 'is cut' | 'closes itself')[]): Promise<void> {
    const stopped = this.#station?.delivery.stop()
    await settle(2)
    this.peers.forEach((peer, which) => {
      const how = answering[which % answering.length]
      if (how === 'is cut') peer.cut()
      else if (how === 'closes itself') peer.close()
    })
    for (let round = 0; round < 30; round++) {
      await settle(1)
      for (const peer of this.peers) {
        peer.pong(true)
        peer.hand(3)
      }
    }
    for (const peer of this.peers) peer.cut()
    await stopped
  }
}

/** Once its process is killed nothing is answered any more. */
function mortal(backlog: Backlog, life: { readonly isAlive: boolean }): Backlog {
  const never = new Promise<never>(() => undefined)
  const whileAlive = <Result>(work: () => Promise<Result>): Promise<Result> => (life.isAlive ? work() : never)
  return {
    readBacklog: (...given) => whileAlive(() => backlog.readBacklog(...given)),
    receipt: (...given) => whileAlive(() => backlog.receipt(...given)),
    trimBacklog: (...given) => whileAlive(() => backlog.trimBacklog(...given)),
    backlogs: () => whileAlive(() => backlog.backlogs()),
    subscribers: () => whileAlive(() => backlog.subscribers()),
    watch: (watcher) =>
      backlog.watch((added) => {
        if (life.isAlive) watcher(added)
      }),
  }
}

interface Got {
  /** Undefined: of present values. */
  readonly position: number | undefined
  readonly uid: string
  readonly value: number
}

function gotOf(text: string): Got {
  const [, uid = ''] = /"00001000":\{"vr":"UI","Value":\["([^"]*)"/.exec(text) ?? []
  const [, position] = /"00091001":\{"vr":"LO","Value":\["(\d+)\.\d+"/.exec(text) ?? []
  const [, value = ''] = /"(?:00741238|00741000)":\{"vr":"(?:LT|CS)","Value":\["(\d+)"/.exec(text) ?? []
  return { uid, position: position === undefined ? undefined : Number(position), value: Number(value) }
}

function check({ committed, peers }: Run, queueSize: number): void {
  for (const subscriber of SUBSCRIBERS) {
    const all = committed.get(subscriber) ?? []
    const got = peers.filter((peer) => peer.subscriber === subscriber).map(({ received }) => received.map(gotOf))
    for (const one of got) {
      const positions = one.flatMap(({ position }) => position ?? [])
      const start = all.findIndex(({ position }) => position === positions[0])
      const expected = all.slice(start, start + positions.length).map(({ position }) => position)
      expect(positions, `one channel of ${subscriber}: in order, no gap`).to.deep.equal(
        positions.length > 0 ? expected : [],
      )
    }
    const flat = got.flat()
    const received = new Set(flat.map(({ position }) => position))
    all.forEach(({ position, uid, value }, at) => {
      if (received.has(position)) return
      expect(all.length - at, `${subscriber} lost ${position} of the newest`).to.be.above(queueSize)
      const told = flat.some((one) => one.position === undefined && one.uid === uid && one.value >= value)
      expect(told, `${subscriber} lost report ${position} of ${uid} and was not told its present values`).to.equal(true)
    })
  }
}

async function run(model: Model, queueSize: number, events: readonly Event[]): Promise<void> {
  try {
    const one = new Run(model, queueSize)
    await one.start()
    for (const next of events) await one.step(next)
    await one.end()
    check(one, queueSize)
  } finally {
    await model.close()
  }
}

export function deliveryModel(): void {
  const events = fc.array(event, { minLength: 5, maxLength: 50, size: 'max' })

  describe('whatever happens in any order', () => {
    it('loses nothing, keeps the order, and repeats at the seams only', async function () {
      this.timeout(30_000 * TIMES)
      this.slow(8_000)
      const delays = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(delays, events, (delay, steps) => run(inMemory(delay), 10_000, steps)),
        { numRuns: RUNS.memory },
      )
    })

    it('with a small bound, tells the newest, and the present values of each workitem that lost a report', async function () {
      this.timeout(30_000 * TIMES)
      this.slow(8_000)
      const delays = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(delays, fc.nat({ max: 4 }), events, (delay, queueSize, steps) =>
          run(inMemory(delay), queueSize, steps),
        ),
        { numRuns: RUNS.memory },
      )
    })

    it('over the embedded store', async function () {
      this.timeout(30_000 * TIMES)
      this.slow(8_000)
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(0, 2, 10_000), events, (queueSize, steps) =>
          run(embedded(), queueSize, steps),
        ),
        { numRuns: RUNS.embedded },
      )
    })
  })
}

/** MODEL_RUNS multiplies them, for a longer search. */
const TIMES = Number(process.env.MODEL_RUNS ?? 1)
const RUNS = { memory: 60 * TIMES, embedded: 25 * TIMES }
