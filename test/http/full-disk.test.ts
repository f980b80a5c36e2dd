import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sample, sampleText, stateChange } from '../support/workitems.ts'
import { attribute } from './datasets.ts'
import { expectRefusal, unchanged } from './refusal.ts'

describe('A full disk', () => {
  let service: Service
  const created: string[] = []
  let refused: Answer
  let refusedUid = ''

  before(async () => {
    service = await startService({ maxPages: 60 })
    for (let index = 1; index <= 1_000; index++) {
      refusedUid = `1.2.51.${index}`
      refused = await post(`${service.aet()}/workitems?${refusedUid}`, sampleText('ai-triage'))
      if (refused.status !== 201) break
      created.push(refusedUid)
    }
  })
  after(() => service.stop())

  const target = (uid: string, suffix = ''): string => `${service.aet()}/workitems/${uid}${suffix}`
  const large = attribute('LT', 'x'.repeat(10_000))

  it('is 503 with Retry-After, and names nothing of the inside', () => {
    expect(created.length).to.be.above(3)
    expectRefusal(refused, service.aet(), 'unavailable')
    expect(Number(refused.headers.get('retry-after'))).to.be.above(0)
    expect(refused.text).not.to.match(/sqlite|SQL|disk|full|\/tmp|worklist\.db|at .*:\d+/i)
    expect(refused.headers.get('location')).to.equal(null)
  })

  it('leaves nothing half written: no workitem, no feed entry', async () => {
    expect((await send(target(refusedUid))).status).to.equal(404)
    const entries = await service.feed()
    expect(entries.map(({ uid }) => uid)).to.deep.equal(created)
    expect(await service.store.count()).to.equal(created.length)
  })

  it('refuses every change that needs room, and changes nothing', async () => {
    const uid = created[0] ?? ''
    const changes: readonly (() => Promise<Answer>)[] = [
      () => post(`${service.aet()}/workitems?1.2.52`, sampleText('rt-treatment')),
      () => post(target(uid), { '00400400': large }),
      () => put(target(uid), { '00400400': large }),
    ]
    for (const change of changes) {
      const answer = await unchanged(service, [...created, '1.2.52'], change)
      expectRefusal(answer, service.aet(), 'unavailable')
    }
  })

  it('answers a claim with 200 and keeps it, or with 503 and does not', async () => {
    const uid = created[1] ?? ''
    const answer = await put(target(uid, '/state'), stateChange('IN PROGRESS'))
    const [dataset] = (await send(target(uid))).json() as readonly [Dataset]
    expect(answer.status).to.be.oneOf([200, 503])
    expect(dataset['00741000']?.Value).to.deep.equal([answer.status === 200 ? 'IN PROGRESS' : 'SCHEDULED'])
  })

  it('refuses each of many that come at once, and loses none that it acknowledged', async () => {
    const uids = Array.from({ length: 32 }, (_, index) => `1.2.53.${index}`)
    const answers = await Promise.all(
      uids.map((uid) => post(`${service.aet()}/workitems?${uid}`, { ...sample('ai-triage'), '00400400': large })),
    )
    for (const [index, uid] of uids.entries()) {
      const status = answers[index]?.status
      expect(status).to.be.oneOf([201, 503])
      expect((await send(target(uid))).status).to.equal(status === 201 ? 200 : 404)
    }
    expect(answers.filter(({ status }) => status === 503).length).to.be.above(0)
  })

  it('still retrieves, searches and refuses as ever', async () => {
    for (const uid of created) expect((await send(target(uid))).status).to.equal(200)
    const found = (await send(`${service.aet()}/workitems?limit=3`)).json() as readonly Dataset[]
    expect(found).to.have.length(3)
    expectRefusal(
      await post(`${service.aet()}/workitems?${created[0]}`, sampleText('minimal')),
      service.aet(),
      'duplicate',
    )
    expectRefusal(
      await post(target(created[0] ?? ''), { '00741200': attribute('CS') }),
      service.aet(),
      'missingValue',
      {
        paths: ['00741200'],
      },
    )
    expect((await send(`${service.url}/healthz`)).status).to.equal(200)
  })
})
