/**
 * Random commands through the one write path, on a real store, while others follow the feed in every way there is: each of
 * them hears of every change once, in order, with the datasets that a naive recorder saw when it was committed.
 * More of them: FEED_SEQUENCES=5000 npx mocha --no-config test/feed/model.test.ts
 */
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { SILENT } from '../../plugin/host.ts'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { stringifyDataset } from '../../plugin/dicom/json.ts'
import type { Change } from '../../plugin/feed/changes.ts'
import { Feed } from '../../plugin/feed/feed.ts'
import type { Reached } from '../../plugin/feed/position.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Commit, Position, Store } from '../../plugin/store/store.ts'
import { type Command, type Desk, execute } from '../../plugin/worklist/execute.ts'
import { Turns } from '../../plugin/worklist/turns.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { temporaryFolder } from '../support/folder.ts'
import { changed, sample, TRANSACTION_UID } from '../support/workitems.ts'
import { LENIENT, text } from '../ups/support.ts'
import { Reader } from './fed-store.ts'

const SEQUENCES = Number(process.env.FEED_SEQUENCES ?? 60)
const WORKITEMS = 6
const FOLLOWERS = 4
const LIMITS = { entries: 3, bytes: 100_000, look: 60_000, mostBehind: Infinity }

const uidOf = (item: number): string => `1.2.61.${item + 1}`

const item = fc.nat(WORKITEMS - 1)
const label = fc.constantFrom('A', 'B', 'C')
const ofItem = (...does: readonly ('create' | 'claim' | 'cancel' | 'subscribe' | 'delete')[]) =>
  fc.record({ does: fc.constantFrom(...does), item })
const command = fc.oneof(
  { weight: 12, arbitrary: fc.record({ does: fc.constant('update' as const), item, label }) },
  { weight: 8, arbitrary: ofItem('create', 'claim', 'cancel', 'subscribe') },
  { weight: 1, arbitrary: ofItem('delete') },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('subscribe globally' as const) }) },
)
type OneCommand = typeof command extends fc.Arbitrary<infer One> ? One : never

const follower = fc.nat(FOLLOWERS - 1)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ at: fc.constant('once' as const), commands: fc.array(command, { maxLength: 5 }) }),
  },
  { weight: 2, arbitrary: fc.record({ follower, does: fc.constantFrom('join' as const, 'leave' as const) }) },
  { weight: 4, arbitrary: fc.record({ follower, does: fc.constant('take' as const), meanwhile: command }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('let others' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** As canonical JSON. */
interface Seen {
  readonly uid: string
  readonly before: string | undefined
  readonly after: string | undefined
}

const written = (dataset: Dataset | undefined): string | undefined => dataset && stringifyDataset(dataset)

/** Writes down what every commit makes of a workitem. */
class Recorder {
  readonly commits = new Map<number, { readonly uid: string; readonly after: string | undefined }>()
  readonly store: Store

  constructor(store: Store) {
    this.store = new Proxy(store, {
      get: (real, name: keyof Store) => {
        if (name === 'commit') return (commit: Commit) => this.#commit(real, commit)
        return (real[name] as (...given: readonly unknown[]) => unknown).bind(real)
      },
    })
  }

  async #commit(real: Store, commit: Commit): Promise<Position> {
    const position = await real.commit(commit)
    this.commits.set(position, { uid: commit.uid, after: written(commit.next?.attributes) })
    return position
  }

  /** In order. */
  seen(): ReadonlyMap<number, Seen> {
    const now = new Map<string, string | undefined>()
    const inOrder = [...this.commits].toSorted(([one], [other]) => one - other)
    return new Map(
      inOrder.map(([position, { uid, after }]) => {
        const before = after === undefined ? undefined : now.get(uid)
        now.set(uid, after)
        return [position, { uid, before, after }]
      }),
    )
  }

  /** Of workitems that have been deleted: they need not be told. */
  get buried(): ReadonlySet<string> {
    return new Set([...this.commits.values()].filter(({ after }) => after === undefined).map(({ uid }) => uid))
  }
}

class House {
  readonly #folder = temporaryFolder()
  readonly #real = openSqliteStore({ file: join(this.#folder.path, 'worklist.db') })
  readonly recorder = new Recorder(this.#real)
  readonly feed = Feed.start(this.#real, LIMITS)
  readonly #desk: Desk = {
    store: this.recorder.store,
    turns: new Turns(),
    clock: () => new Date(),
    tally: { committed: () => undefined, refused: () => undefined } as unknown as Desk['tally'],
    logger: SILENT,
  }
  /** Of each follower: what it has been told so far, and from where on it follows. */
  readonly told: readonly Change[][] = Array.from({ length: FOLLOWERS }, () => [])
  readonly #joinedAt: (Reached | undefined)[] = Array(FOLLOWERS).fill(undefined)
  readonly #through: Reached[] = Array(FOLLOWERS).fill(0)
  readonly #readers: (Reader | undefined)[] = Array(FOLLOWERS).fill(undefined)

  async take(one: Step): Promise<void> {
    if ('commands' in one) await Promise.all(one.commands.map((each) => this.#do(each)))
    else if (one.does === 'let others') await new Promise((resolve) => setTimeout(resolve, 2))
    else if ('meanwhile' in one) await this.#pull(one.follower, one.meanwhile)
    else if (one.does === 'join') await this.#join(one.follower)
    else this.#leave(one.follower)
  }

  async #do(one: OneCommand): Promise<void> {
    if (one.does !== 'delete') return void (await execute(commandOf(one), POLICY, this.#desk))
    // Who is not there, or changes meanwhile, is left alone.
    await deleteWorkitem(this.recorder.store, uidOf(one.item)).catch(() => undefined)
  }

  /** From now on; from where it was when it was there before. */
  async #join(n: number): Promise<void> {
    if (this.#readers[n]) return
    const reader = await Reader.follow(this.feed, this.#joinedAt[n] === undefined ? undefined : this.#through[n])
    this.#joinedAt[n] ??= reader.through
    this.#through[n] = reader.through
    this.#readers[n] = reader
  }

  #leave(n: number): void {
    this.#readers[n]?.abort()
    this.#readers[n] = undefined
  }

  /** A page, while somebody changes something. */
  async #pull(n: number, meanwhile: OneCommand): Promise<void> {
    const reader = this.#readers[n]
    if (!reader) return
    // One that would wait forever does not ask.
    const done = reader.through < (await this.feed.head()) ? reader.take() : undefined
    await Promise.all([done, this.#do(meanwhile)])
    this.#note(n, reader)
  }

  #note(n: number, reader: Reader): void {
    this.told[n]?.push(...reader.changes.splice(0))
    this.#through[n] = reader.through
  }

  async finish(): Promise<void> {
    const head = await this.feed.head()
    for (let n = 0; n < FOLLOWERS; n++) {
      await this.#join(n)
      const reader = this.#readers[n]
      if (!reader) continue
      await reader.takeThrough(head)
      this.#note(n, reader)
      expect(reader.end).to.equal(undefined)
    }
  }

  check(): void {
    const seen = this.recorder.seen()
    const { buried } = this.recorder
    this.told.forEach((changes, n) => {
      const joinedAt = this.#joinedAt[n] ?? 0
      const mayLack = (position: number): boolean => {
        const { uid, after } = seen.get(position) ?? { uid: '', after: '' }
        return after !== undefined && buried.has(uid)
      }
      const positions: number[] = changes.map(({ entry }) => entry.position)
      const expected = [...seen.keys()].filter((p) => p > joinedAt && (positions.includes(p) || !mayLack(p)))
      expect(positions).to.deep.equal(expected)
      for (const { entry, before, after } of changes) {
        const told: Seen = { uid: entry.uid, before: written(before), after: written(after) }
        expect(told).to.deep.equal(seen.get(entry.position))
      }
    })
  }

  async end(): Promise<void> {
    for (const reader of this.#readers) reader?.abort()
    await this.feed.stop()
    await this.#real.close()
    this.#folder.remove()
  }
}

function commandOf(one: Exclude<OneCommand, { does: 'delete' }>): Command {
  if (one.does === 'subscribe globally')
    return { kind: 'subscribe', uid: '1.2.840.10008.5.1.4.34.5', subscriber: 'TMS', deletionLock: false }
  const uid = uidOf(one.item)
  switch (one.does) {
    case 'create':
      return { kind: 'create', uid, receivingAE: 'WORKLIST', attributes: SAMPLE }
    case 'update':
      return {
        kind: 'update',
        uid,
        transactionUid: undefined,
        attributes: { '00741204': text('LO', one.label), ...(one.label === 'C' && { '00400400': text('LT', 'c') }) },
      }
    case 'claim':
      return { ...STATE_CHANGE, uid, state: 'IN PROGRESS' }
    case 'cancel':
      return { kind: 'requestCancel', uid, requestingAE: 'WARD', attributes: {} }
    default:
      return { kind: 'subscribe', uid, subscriber: 'TMS', deletionLock: true }
  }
}

const POLICY = { ...LENIENT, updateWithoutTransactionUid: true }
const SAMPLE = changed(sample('ai-triage'), { '00080018': undefined })
const STATE_CHANGE = {
  kind: 'changeState',
  transactionUid: TRANSACTION_UID,
  requester: 'LINAC1',
  hasOtherAttributes: false,
} as const

describe('Whoever follows the feed', () => {
  it('hears of every change once, in order, with the datasets of then', async function () {
    this.timeout(SEQUENCES * 1_000)
    let told = 0
    let committed = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 80, size: 'max' }), async (steps) => {
        const house = new House()
        try {
          for (const n of [0, 1, 2]) await house.take({ at: 'once', commands: [{ does: 'create', item: n }] })
          for (const one of steps) await house.take(one)
          await house.finish()
          house.check()
          committed += house.recorder.commits.size
          told += house.told.flat().length
        } finally {
          await house.end()
        }
      }),
      { numRuns: SEQUENCES },
    )
    // So that it would be seen if nothing happened in them.
    expect(committed / SEQUENCES).to.be.above(12)
    expect(told / SEQUENCES).to.be.above(12)
  })
})
