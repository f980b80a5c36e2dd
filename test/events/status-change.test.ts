/** SCP Status Change (PS3.4 CC.2.4.3, decisions.md 4): who hears that the service was started and that it stops. */
import { expect } from 'chai'
import { aeEntry, writeDirectory } from '../http/directory.ts'
import { type Channel, messageIdOf, openChannel, uidOf } from '../support/channel.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { send } from '../support/http.ts'
import { type Service, type ServiceOptions, startService } from '../support/service.ts'
import { create, GLOBAL, subscribe, uidsBelow, waiting } from './service-calls.ts'

const frame = (message: number, status: string): string =>
  `{"00000002":{"vr":"UI","Value":["1.2.840.10008.5.1.4.34.6.1"]},"00000110":{"vr":"US","Value":[${message}]},` +
  `"00001000":{"vr":"UI","Value":["${GLOBAL}"]},"00001002":{"vr":"US","Value":[4]},` +
  `"00741242":{"vr":"CS","Value":["${status}"]},"00741244":{"vr":"CS","Value":["WARM START"]},` +
  '"00741246":{"vr":"CS","Value":["WARM START"]}}'

describe('SCP Status Change', function () {
  this.timeout(15_000)
  let folder: Folder
  let service: Service | undefined
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await service?.stop()
    service = undefined
    folder.remove()
  })
  const start = async (options: Omit<ServiceOptions, 'folder'> = {}): Promise<Service> =>
    (service = await startService({ folder, ...options }))
  const restart = async (options?: Omit<ServiceOptions, 'folder'>): Promise<Service> => {
    await service?.stop()
    return start(options)
  }
  const open = (own: Service, subscriber: string): Promise<Channel> => openChannel(own.aet(), subscriber)
  const naming = (...names: readonly string[]): string =>
    writeDirectory(
      folder.path,
      [aeEntry('WORKLIST')],
      ...names.map((name) => `dcmUPSEventWebSocketQueueSize: ${name}=1000`),
    )
  /** One report for everybody who is named, so that what does not come has had the time. */
  const report = async (own: Service, subscriber: string): Promise<string> => {
    const uid = `1.2.71.${Math.floor(Math.random() * 1e9)}`
    await create(own, [uid])
    await subscribe(own, subscriber, uid)
    return uid
  }

  describe('RESTARTED', () => {
    it('comes first on the first channel of whoever was subscribed to anything, and on no other', async () => {
      const before = await start()
      await create(before, ['1.2.70.1'])
      await subscribe(before, 'WORKITEM', '1.2.70.1')
      await subscribe(before, 'EVERYTHING')
      await subscribe(before, 'FILTERED', `${GLOBAL}.1`, '?ProcedureStepState=CANCELED')
      const own = await restart()
      for (const subscriber of ['WORKITEM', 'EVERYTHING', 'FILTERED']) {
        const [first, second] = [await open(own, subscriber), await open(own, subscriber)]
        const uid = await report(own, subscriber)
        // The workitem's own subscriber has its initial report waiting from before.
        const mine = (channel: Channel) => channel.frames().filter((one) => uidOf(one) === uid)
        await first.has(2)
        while (mine(first).length === 0 || mine(second).length === 0)
          await new Promise((resolve) => setTimeout(resolve, 5))
        expect(first.texts[0], subscriber).to.equal(frame(1, 'RESTARTED'))
        expect(first.texts.filter((text) => text.includes('00741242'))).to.have.length(1)
        expect(second.texts.some((text) => text.includes('00741242'))).to.equal(false)
        expect(second.frames().map(messageIdOf)[0]).to.equal(1)
        await first.close()
        const third = await open(own, subscriber)
        await report(own, subscriber)
        await third.has(1)
        expect(third.texts.some((text) => text.includes('00741242'))).to.equal(false)
        for (const channel of [second, third]) await channel.close()
      }
    })

    it('comes before what waited', async () => {
      const before = await start()
      await subscribe(before, 'WATCHER')
      await create(before, uidsBelow('1.2.72', 3))
      const own = await restart()
      const channel = await open(own, 'WATCHER')
      const frames = await channel.has(4)
      expect(channel.texts[0]).to.equal(frame(1, 'RESTARTED'))
      expect(frames.slice(1).map((one) => [uidOf(one), messageIdOf(one)])).to.deep.equal(
        uidsBelow('1.2.72', 3).map((uid, index) => [uid, index + 2]),
      )
      await channel.close()
    })

    it('does not come to whoever subscribed only after the start, nor to whoever unsubscribed before it', async () => {
      const before = await start()
      await subscribe(before, 'GONE')
      const url = `${before.aet()}/workitems/${GLOBAL}/subscribers/GONE`
      expect((await send(url, { method: 'DELETE' })).status).to.equal(200)
      const own = await restart()
      await subscribe(own, 'LATER')
      for (const subscriber of ['LATER', 'GONE', 'STRANGER']) {
        const channel = await open(own, subscriber)
        await report(own, subscriber)
        await channel.has(1)
        expect(
          channel.texts.some((text) => text.includes('00741242')),
          subscriber,
        ).to.equal(false)
        await channel.close()
      }
    })

    it('comes without a subscription to those whom the queue sizes name, from the very first start', async () => {
      const own = await start({ config: naming('LISTED', 'ALSO') })
      for (const subscriber of ['LISTED', 'ALSO']) {
        const channel = await open(own, subscriber)
        await channel.has(1)
        expect(channel.texts).to.deep.equal([frame(1, 'RESTARTED')])
        await channel.close()
        const again = await open(own, subscriber)
        await report(own, subscriber)
        await again.has(1)
        expect(again.texts.some((text) => text.includes('00741242'))).to.equal(false)
        await again.close()
      }
    })

    it('comes again after each start', async () => {
      await subscribe(await start(), 'WATCHER')
      for (let n = 0; n < 3; n++) {
        const channel = await open(await restart(), 'WATCHER')
        await channel.has(1)
        expect(channel.texts).to.deep.equal([frame(1, 'RESTARTED')])
        await channel.close()
      }
    })

    it('waits for no receipt and is not kept: whoever is cut before it has read it has missed it', async () => {
      await subscribe(await start(), 'WATCHER')
      const own = await restart()
      await (await open(own, 'WATCHER')).cut()
      expect(await waiting(own, 'WATCHER')).to.deep.equal([])
      const channel = await open(own, 'WATCHER')
      await create(own, ['1.2.73.1'])
      expect((await channel.has(1)).map(uidOf)).to.deep.equal(['1.2.73.1'])
      await channel.close()
    })
  })

  describe('GOING DOWN', () => {
    it('comes last, before the close with 1001, to open channels of those who are subscribed or named', async () => {
      const own = await start({ config: naming('LISTED') })
      await subscribe(own, 'WATCHER')
      const channels = {
        watcher: await open(own, 'WATCHER'),
        listed: await open(own, 'LISTED'),
        stranger: await open(own, 'STRANGER'),
      }
      await create(own, ['1.2.74.1'])
      await channels.watcher.has(1)
      await channels.listed.has(1)
      await own.stop()
      service = undefined
      for (const channel of Object.values(channels)) {
        expect(await channel.ended).to.deep.equal({ code: 1001, reason: 'going down' })
      }
      expect(channels.watcher.frames().map(uidOf)).to.deep.equal(['1.2.74.1', GLOBAL])
      expect(channels.watcher.texts.at(-1)).to.equal(frame(2, 'GOING DOWN'))
      expect(channels.listed.texts).to.deep.equal([frame(1, 'RESTARTED'), frame(2, 'GOING DOWN')])
      expect(channels.stranger.texts).to.deep.equal([])
    })

    it('is never queued', async () => {
      await subscribe(await start(), 'WATCHER')
      const channel = await open(await restart(), 'WATCHER')
      await channel.has(1)
      expect(channel.texts).to.deep.equal([frame(1, 'RESTARTED')])
      expect(service && (await waiting(service, 'WATCHER'))).to.deep.equal([])
      await channel.close()
    })
  })
})
