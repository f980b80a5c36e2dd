/** `kill -9` between commit and delivery: what was acknowledged is reported after the restart (issue 5). */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { uidFromUuid } from '../../plugin/dicom/uid.ts'
import { type Channel, type Frame, openChannel, uidOf } from '../support/channel.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, send } from '../support/http.ts'
import { type Bin, startBin, stopBin } from '../support/process.ts'
import { until } from '../support/until.ts'
import { sampleText } from '../support/workitems.ts'

const KILLS = 10
const CLIENTS = 16
const GLOBAL = '1.2.840.10008.5.1.4.34.5'

/** The private attribute of the extension: where in the order of commits a report stands. */
const POSITION = '00091001'
const positionOf = (frame: Frame): string | undefined => frame[POSITION]?.Value?.[0] as string | undefined

describe('kill -9 while event reports are on their way', () => {
  let folder: Folder
  before(() => {
    folder = temporaryFolder()
  })
  after(() => folder.remove())

  it(`${KILLS} times: every acknowledged creation is reported, in order; a repeated report keeps its position`, async function () {
    this.timeout(120_000)
    const acknowledged = new Set<string>()
    const frames: Frame[] = []
    for (let kill = 0; kill <= KILLS; kill++) {
      const bin = start()
      const aet = `${await bin.ready}/aets/WORKLIST/rs`
      if (kill === 0) expect((await post(`${aet}/workitems/${GLOBAL}/subscribers/WATCHER`)).status).to.equal(201)
      // Now and then nobody listens.
      const channel = kill % 3 === 1 && kill < KILLS ? undefined : await openChannel(aet, 'WATCHER')
      if (kill === KILLS) {
        await allReceipted(aet)
        if (channel) await collect(channel, frames, () => channel.close())
        expect(await stopBin(bin)).to.equal(0)
        break
      }
      const clients = Array.from({ length: CLIENTS }, () => createUntilKilled(`${aet}/workitems`, acknowledged))
      await killLater(bin)
      await Promise.all(clients)
      if (channel) await collect(channel, frames, async () => void (await channel.ended))
    }
    const positions = new Map<string, string>()
    for (const frame of frames) {
      const [uid, position] = [String(uidOf(frame)), positionOf(frame)]
      if (position === undefined) continue
      expect(positions.get(uid) ?? position, `position of ${uid}`).to.equal(position)
      positions.set(uid, position)
    }
    const missing = [...acknowledged].filter((uid) => !positions.has(uid))
    expect(missing).to.deep.equal([])
    const order = [...positions.values()].map((position) => Number(position.split('.')[0]))
    expect(order).to.deep.equal(order.toSorted((a, b) => a - b))
    expect(acknowledged.size).to.be.greaterThan(KILLS * CLIENTS)
  })

  const start = (): Bin =>
    startBin(['--port', '0', '--report-positions', '--store', `sqlite:${join(folder.path, 'worklist.db')}`])
})

async function killLater(bin: Bin): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 250))
  bin.process.kill('SIGKILL')
  await bin.exit
}

async function createUntilKilled(url: string, acknowledged: Set<string>): Promise<void> {
  for (;;) {
    const uid = uidFromUuid(randomUUID())
    try {
      if ((await post(`${url}?${uid}`, sampleText('minimal'))).status !== 201) throw new Error('not created')
      acknowledged.add(uid)
    } catch (error) {
      // fetch fails with a TypeError when the connection is gone.
      if (error instanceof TypeError) return
      throw error
    }
  }
}

async function allReceipted(aet: string): Promise<void> {
  await until(async () => {
    const { subscribers } = (await send(`${aet}/subscribers?subscriber=WATCHER`)).json() as {
      subscribers: readonly { readonly waiting: number }[]
    }
    return subscribers[0]?.waiting === 0
  }, 20_000)
}

async function collect(channel: Channel, frames: Frame[], end: () => Promise<void>): Promise<void> {
  await end()
  frames.push(...channel.frames())
}
