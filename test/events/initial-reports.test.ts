/** The initial reports of a global subscription with lock (Table CC.2.3-2): one for each workitem that was there. */
import { expect } from 'chai'
import { type Channel, openChannel, stateOf, uidOf } from '../support/channel.ts'
import { post, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample } from '../support/workitems.ts'

const GLOBAL = '1.2.840.10008.5.1.4.34.5'
const EARLY = Array.from({ length: 1_000 }, (_, n) => `1.2.57.${n + 1}`)
const LATE = Array.from({ length: 300 }, (_, n) => `1.2.58.${n + 1}`)

describe('A global subscription with lock', () => {
  let service: Service
  let channel: Channel | undefined
  beforeEach(async () => {
    service = await startService()
    await create(EARLY)
  })
  afterEach(async () => {
    await channel?.close()
    channel = undefined
    await service.stop()
  })

  async function create(uids: readonly string[]): Promise<void> {
    const attributes = sample('minimal')
    const made = uids.map((uid) =>
      service.plugin.worklist.execute({ kind: 'create', uid, receivingAE: 'WORKLIST', attributes }, 'WORKLIST'),
    )
    for (const receipt of await Promise.all(made)) expect(receipt.outcome).to.equal('accepted')
  }

  const subscribers = (subscriber: string): string => `${service.aet()}/workitems/${GLOBAL}/subscribers/${subscriber}`

  for (const first of ['channel', 'subscription'] as const) {
    it(`has one for each workitem, and one for each creation meanwhile; the ${first} comes first`, async () => {
      if (first === 'channel') channel = await openChannel(service.aet(), 'WATCHER')
      expect((await post(`${subscribers('WATCHER')}?deletionlock=true`)).status).to.equal(201)
      channel ??= await openChannel(service.aet(), 'WATCHER')
      for (let part = 0; part < LATE.length; part += 50) await create(LATE.slice(part, part + 50))
      const frames = await channel.has(EARLY.length + LATE.length)
      expect(frames.map(uidOf).filter((uid) => EARLY.includes(String(uid)))).to.deep.equal(EARLY)
      expect(frames.map(uidOf).filter((uid) => LATE.includes(String(uid)))).to.deep.equal(LATE)
      expect(new Set(frames.map(stateOf))).to.deep.equal(new Set(['SCHEDULED']))
      await until(async () => (await service.store.announcements()).length === 0)
    })
  }

  it('leaves out whom the AE was subscribed to already, or left meanwhile; and ends when it unsubscribes', async () => {
    const [explicit, left] = [EARLY[0] ?? '', EARLY[1] ?? '']
    expect((await post(`${service.aet()}/workitems/${explicit}/subscribers/WATCHER`)).status).to.equal(201)
    expect((await post(`${subscribers('WATCHER')}?deletionlock=true`)).status).to.equal(201)
    await send(`${service.aet()}/workitems/${left}/subscribers/WATCHER`, { method: 'DELETE' })
    channel = await openChannel(service.aet(), 'WATCHER')
    const frames = await channel.has(EARLY.length - 1)
    expect(frames.map(uidOf)).to.deep.equal([explicit, ...EARLY.slice(2)])
    await send(subscribers('WATCHER'), { method: 'DELETE' })
    await create(LATE.slice(0, 10))
    expect((await post(`${service.aet()}/workitems/${explicit}/subscribers/WATCHER`)).status).to.equal(201)
    expect((await channel.has(EARLY.length)).slice(EARLY.length - 1).map(uidOf)).to.deep.equal([explicit])
  })
})
