import { expect } from 'chai'
import { post } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sampleText } from '../support/workitems.ts'

const GLOBAL = '1.2.840.10008.5.1.4.34.5'

describe('Many who subscribe to everything at once', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())

  it('get their subscriptions, and nobody who creates meanwhile is refused', async () => {
    const workitems = `${service.aet()}/workitems`
    const created = new AbortController()
    const subscribing = Array.from({ length: 8 }, async (_, ae) => {
      for (let n = 0; !created.signal.aborted; n++) {
        const { status } = await post(`${workitems}/${GLOBAL}/subscribers/AE${ae}?deletionlock=${n % 2 === 0}`)
        expect(status).to.equal(201)
      }
    })
    const creating = Array.from({ length: 8 }, async (_, client) => {
      for (let n = 0; n < 50; n++) {
        const { status } = await post(`${workitems}?1.2.59.${client + 1}.${n}`, sampleText('minimal'))
        expect(status).to.equal(201)
      }
    })
    await Promise.all(creating)
    created.abort()
    await Promise.all(subscribing)
    expect((await service.store.globalSubscriptions()).histories.size).to.equal(8)
  })
})
