import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { uidFromUuid } from '../../plugin/dicom/uid.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { FeedEntry, Store } from '../../plugin/store/store.ts'
import type { State } from '../../plugin/ups/workitem.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, put, send } from '../support/http.ts'
import { type Bin, startBin } from '../support/process.ts'
import { sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'

const KILLS = 20
const CLIENTS = 16

describe('kill -9 at a random moment under load', () => {
  let folder: Folder
  let file: string
  before(() => {
    folder = temporaryFolder()
    file = join(folder.path, 'worklist.db')
  })
  after(() => folder.remove())

  it(`${KILLS} times: every acknowledged write is there, the feed has no gap and no duplicate`, async function () {
    this.timeout(120_000)
    const acknowledged = new Map<string, Acknowledged>()
    for (let kill = 0; kill < KILLS; kill++) {
      const bin = startBin(['--port', '0', '--store', `sqlite:${file}`])
      const url = `${await bin.ready}/aets/WORKLIST/rs/workitems`
      const clients = Array.from({ length: CLIENTS }, () => work(url, acknowledged))
      await killLater(bin)
      await Promise.all(clients)
      await expectAllThere(acknowledged)
    }
    expect(acknowledged.size).to.be.greaterThan(KILLS * CLIENTS)
  })

  async function killLater(bin: Bin): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 250))
    bin.process.kill('SIGKILL')
    await bin.exit
  }

  async function expectAllThere(acknowledged: ReadonlyMap<string, Acknowledged>): Promise<void> {
    const store = openSqliteStore({ file })
    const feed = await store.readFeed(undefined, Number.MAX_SAFE_INTEGER)
    expect(feed.map(({ position }) => position)).to.deep.equal(feed.map((_, index) => index + 1))
    for (const [uid, { state, steps }] of acknowledged) await expectThere(store, uid, state, steps)
    expectChains(feed)
    await store.close()
  }
})

/** What a client has been told of one workitem. */
interface Acknowledged {
  state: State
  /** Updates of its progress. */
  steps: number
}

/** Creates, claims and updates until the server is gone; writes down what was acknowledged. */
async function work(url: string, acknowledged: Map<string, Acknowledged>): Promise<void> {
  for (;;) {
    const uid = uidFromUuid(randomUUID())
    try {
      if ((await post(`${url}?${uid}`, sampleText('ai-triage'))).status !== 201) throw new Error('not created')
      acknowledged.set(uid, { state: 'SCHEDULED', steps: 0 })
      if ((await put(`${url}/${uid}/state/CLIENT`, stateChange('IN PROGRESS'))).status !== 200)
        throw new Error('not claimed')
      acknowledged.set(uid, { state: 'IN PROGRESS', steps: 0 })
      for (let step = 1; step <= 2; step++) {
        const progress = { '00741002': { vr: 'SQ', Value: [{ '00741004': { vr: 'DS', Value: [String(step)] } }] } }
        const answer = await send(`${url}/${uid}?${TRANSACTION_UID}`, { method: 'POST', body: progress })
        if (answer.status !== 200) throw new Error('not updated')
        acknowledged.set(uid, { state: 'IN PROGRESS', steps: step })
      }
    } catch (error) {
      // fetch fails with a TypeError when the connection is gone.
      if (error instanceof TypeError) return
      throw error
    }
  }
}

async function expectThere(store: Store, uid: string, state: State, steps: number): Promise<void> {
  const loaded = await store.load(uid)
  if (loaded.is !== 'there') throw new Error(`${uid} was created and is lost`)
  const { workitem } = loaded
  if (state === 'IN PROGRESS')
    expect(workitem.lock).to.deep.equal({ transactionUid: TRANSACTION_UID, performer: 'CLIENT' })
  const progress = JSON.stringify(workitem.attributes['00741002'] ?? '')
  const step = Number(/"00741004":\{"vr":"DS","Value":\["(\d)"\]/.exec(progress)?.[1] ?? 0)
  expect(step).to.be.within(steps, steps + 1)
}

/** Each entry names the one before it of the same workitem. */
function expectChains(feed: readonly FeedEntry[]): void {
  const last = new Map<string, number>()
  for (const { uid, previous, position } of feed) {
    expect(previous).to.equal(last.get(uid))
    last.set(uid, position)
  }
}
