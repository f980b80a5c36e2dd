/** Nothing is lost while a subscriber is away, cut off, too slow, or while the service itself is restarted. */
import { expect } from 'chai'
import { type Channel, eventTypeOf, type Frame, messageIdOf, openChannel, stateOf, uidOf } from '../support/channel.ts'
import { aeEntry, writeDirectory } from '../http/directory.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample } from '../support/workitems.ts'
import { cancel, create, GLOBAL, metric, subscribe, uidsBelow } from './service-calls.ts'

const MINIMAL = sample('minimal')

const inOrder = async (service: Service): Promise<readonly string[]> =>
  (await service.feed()).filter(({ kind }) => kind === 'create').map(({ uid }) => uid)

describe('A subscriber that was away', () => {
  let service: Service
  let channels: Channel[]
  beforeEach(() => {
    channels = []
  })
  afterEach(async () => {
    for (const channel of channels) await channel.close()
    await service.stop()
  })
  const open = async (subscriber: string): Promise<Channel> => {
    const channel = await openChannel(service.aet(), subscriber)
    channels.push(channel)
    return channel
  }

  it('for 9 000 reports gets all of them, in order, once', async function () {
    this.timeout(60_000)
    service = await startService()
    await subscribe(service, 'WATCHER')
    for (let part = 0; part < 9; part++) await create(service, uidsBelow(`1.2.51.${part + 1}`, 1_000))
    const frames = await (await open('WATCHER')).has(9_000, 30_000)
    expect(frames.map(uidOf)).to.deep.equal(await inOrder(service))
    expect(frames.map(messageIdOf)).to.deep.equal(frames.map((_, index) => index + 1))
    await until(async () => (await service.store.readBacklog('WATCHER', undefined, 1)).length === 0)
    // Whoever opens now starts behind what was receipted.
    const again = await open('WATCHER')
    await create(service, ['1.2.51.99'])
    expect((await again.has(1)).map(uidOf)).to.deep.equal(['1.2.51.99'])
  })

  it('with a bound of 100 gets the newest 100, and the present state of each workitem that lost a report', async () => {
    const folder = temporaryFolder()
    const line = 'dcmUPSEventWebSocketQueueSize: WATCHER=100'
    service = await startService({ config: writeDirectory(folder.path, [aeEntry('WORKLIST')], line) })
    folder.remove()
    await subscribe(service, 'WATCHER')
    const early = uidsBelow('1.2.52', 150)
    await create(service, early)
    await cancel(service, early.slice(0, 30))
    await create(service, uidsBelow('1.2.53', 60))
    // 150 + 2 * 30 + 60 reports, of which 170 are too many.
    // Who is named in that setting hears of the restart first.
    const [restarted, ...frames] = await (await open('WATCHER')).has(251)
    expect(restarted && eventTypeOf(restarted)).to.equal(4)
    const [present, newest] = [frames.slice(0, 150), frames.slice(150)]
    expect(present.map(uidOf)).to.deep.equal(early)
    expect(present.map(stateOf)).to.deep.equal(early.map((_, n) => (n < 30 ? 'CANCELED' : 'SCHEDULED')))
    expect(newest.slice(40).map(uidOf)).to.deep.equal(uidsBelow('1.2.53', 60))
    expect(newest.map(eventTypeOf)).to.deep.equal(Array.from({ length: 100 }, () => 1))
    expect((await service.store.backlogs()).map(({ dropped }) => dropped)).to.deep.equal([170])
    expect(await metric(service, 'ups_event_reports_dropped_total')).to.equal(170)
  })

  it('because its socket was cut in the middle of a burst misses nothing, and gets repeats at the seam only', async () => {
    service = await startService()
    await subscribe(service, 'WATCHER')
    const first = await open('WATCHER')
    const burst = Array.from({ length: 20 }, (_, n) => uidsBelow(`1.2.54.${n + 1}`, 100))
    const writing = (async () => {
      for (const part of burst) {
        await create(service, part)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    await first.has(700)
    await first.cut()
    await writing
    const all = await inOrder(service)
    const before = first.frames().map(uidOf)
    expect(before).to.deep.equal(all.slice(0, before.length))
    const second = await open('WATCHER')
    await until(() => second.frames().at(-1) !== undefined && uidOf(second.frames().at(-1) as Frame) === all.at(-1))
    const after = second.frames().map(uidOf)
    const seam = all.indexOf(String(after[0]))
    expect(seam).to.be.at.most(before.length)
    expect(after).to.deep.equal(all.slice(seam))
  })

  it('with five channels gets everything on each; one that does not read is closed, the others do not notice', async function () {
    this.timeout(30_000)
    service = await startService({ channels: { ping: 200, deadAfter: 1_000 } })
    await subscribe(service, 'WATCHER')
    for (let n = 0; n < 5; n++) await open('WATCHER')
    const [stalled, ...reading] = channels
    stalled?.pause()
    const late: number[] = []
    for (let part = 0; part < 30; part++) {
      await create(service, uidsBelow(`1.2.55.${part + 1}`, 100))
      const acknowledged = Date.now()
      for (const channel of reading) await channel.has((part + 1) * 100)
      late.push(Date.now() - acknowledged)
    }
    expect(Math.max(...late), 'milliseconds until the reading channels had them').to.be.below(1_000)
    const all = await inOrder(service)
    for (const channel of reading) expect(channel.frames().map(uidOf)).to.deep.equal(all)
    await until(async () => (await metric(service, 'ups_event_channels')) === 4, 10_000)
    stalled?.resume()
    expect((await stalled?.ended)?.code).to.be.oneOf([1006, 1013])
    for (const channel of reading) await channel.has(3_000)
  })
})

describe('Two AEs with filters that change, over a restart', () => {
  let folder: Folder
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  const LABELS = ['Süd', '北棟', 'Nord'] as const

  it('get what their filters meant at each moment: nothing lost, nothing extra', async () => {
    const expected: Record<string, string[]> = { A: [], B: [] }
    const meant: Record<string, string | undefined> = {}
    let made = 0
    const got: Record<string, string[]> = { A: [], B: [] }
    for (let run = 0; run < 3; run++) {
      const service = await startService({ folder })
      const channels: Channel[] = []
      for (let step = 0; step < 12; step++) {
        const subscriber = step % 2 === 0 ? 'A' : 'B'
        if (step % 3 === 0) {
          const label = LABELS[(step + run) % 3] ?? ''
          await subscribe(service, subscriber, `${GLOBAL}.1`, `?WorklistLabel=${encodeURIComponent(label)}`)
          meant[subscriber] = label
        }
        // One of them listens only now and then.
        if (step === 6) channels.push(await openChannel(service.aet(), 'A'))
        const uid = `1.2.56.${++made}`
        const label = LABELS[made % 3] ?? ''
        await service.plugin.worklist.execute(
          {
            kind: 'create',
            uid,
            receivingAE: 'WORKLIST',
            attributes: {
              ...MINIMAL,
              '00741204': { vr: 'LO', Value: ['Größe 肺'] },
              '00741202': { vr: 'LO', Value: [label] },
              '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Ärger^Jörg', Ideographic: '山田^太郎' }] },
            },
          },
          'WORKLIST',
        )
        for (const one of ['A', 'B']) if (meant[one] === label) expected[one]?.push(uid)
      }
      await until(async () => (await service.store.readBacklog('A', undefined, 1)).length === 0)
      for (const channel of channels) {
        got.A?.push(...reportsOf(channel))
        await channel.close()
      }
      if (run === 2) {
        const last = await openChannel(service.aet(), 'B')
        await until(() => reportsOf(last).length >= (expected.B?.length ?? 0))
        got.B?.push(...reportsOf(last))
        await last.close()
      }
      await service.stop()
    }
    expect(got).to.deep.equal(expected)
  })
})

/** UIDs of the workitems reported on, but for SCP Status Changes. */
const reportsOf = (channel: Channel): readonly string[] =>
  channel.frames().flatMap((frame) => (eventTypeOf(frame) === 4 ? [] : [String(uidOf(frame))]))
