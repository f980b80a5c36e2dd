import { expect } from 'chai'
import { post, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sampleText } from '../support/workitems.ts'

const GLOBAL = '1.2.840.10008.5.1.4.34.5'

describe('A global subscription that is repeated', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())

  it('costs nothing, until the AE has left a workitem: then that one is subscribed again', async () => {
    const subscribe = () => post(`${service.aet()}/workitems/${GLOBAL}/subscribers/WATCHER?deletionlock=true`)
    expect((await post(`${service.aet()}/workitems?1.2.90`, sampleText('minimal'))).status).to.equal(201)
    for (let n = 0; n < 20; n++) expect((await subscribe()).status).to.equal(201)
    expect(await service.store.announcements()).to.have.length(1)
    expect((await service.feed()).filter(({ uid }) => uid === GLOBAL)).to.have.length(1)
    const { status } = await send(`${service.aet()}/workitems/1.2.90/subscribers/WATCHER`, { method: 'DELETE' })
    expect(status).to.equal(200)
    for (let n = 0; n < 20; n++) expect((await subscribe()).status).to.equal(201)
    expect(await service.store.announcements()).to.have.length(2)
    expect((await send(`${service.aet()}/workitems/1.2.90/subscribers`)).json()).to.deep.equal({
      subscribers: [{ subscriber: 'WATCHER', deletionLock: true, by: ['global'] }],
    })
  })
})
