import { expect } from 'chai'
import { type Service, startService } from '../support/service.ts'
import { post, send } from '../support/http.ts'
import { sampleText } from '../support/workitems.ts'

describe('PS3.18 11.4 Create Workitem', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())

  it('creates a workitem under the UID of the query and answers where it is', async () => {
    const url = `${service.aet()}/workitems`
    const answer = await post(`${url}?workitem=1.2.3`, sampleText('ai-triage'))
    expect(answer.status).to.equal(201)
    expect(answer.headers.get('location')).to.equal(`${url}/1.2.3`)
    expect(answer.headers.get('content-location')).to.equal(`${url}/1.2.3`)
    expect(answer.headers.get('warning')).to.equal(null)
    expect(answer.text).to.equal('')
    expect((await send(`${url}/1.2.3`)).status).to.equal(200)
  })
})
