/** What does not leave the house by way of the index. */
import { expect } from 'chai'
import { Client } from '@elastic/elasticsearch'
import { describeWithElasticsearch, elasticsearch, indexPrefix, removeIndices } from '../support/elasticsearch.ts'
import { post, put, send } from '../support/http.ts'
import { searchStatus } from '../support/search-engines.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample, stateChange, TRANSACTION_UID } from '../support/workitems.ts'

const SECRET = new RegExp(`${TRANSACTION_UID.replaceAll('.', String.raw`\.`)}|00081195|TransactionUID`, 'i')

describeWithElasticsearch('The Transaction UID', () => {
  let service: Service
  let client: Client
  const prefix = `${indexPrefix()}-`
  before(async () => {
    const { url } = await elasticsearch()
    client = new Client({ node: url })
    service = await startService({ search: { nodes: [url], prefix } })
  })
  after(async () => {
    await service.stop()
    await client.close()
    await removeIndices((await elasticsearch()).url, prefix)
  })

  const workitems = (): string => `${service.aet()}/workitems`

  /** Creates it, and has somebody claim it. */
  async function claim(uid: string): Promise<void> {
    expect((await post(`${workitems()}?${uid}`, sample('ai-triage'))).status).to.equal(201)
    expect((await put(`${workitems()}/${uid}/state`, stateChange('IN PROGRESS'))).status).to.equal(200)
  }

  it('of a workitem that somebody has claimed is nowhere in the index, copied or followed', async () => {
    await claim('1.2.3.1')
    await until(async () => (await searchStatus(service)).state === 'ready', 20_000)
    await service.plugin.reindex()
    await claim('1.2.3.2')
    const changes = { ...stateChange('IN PROGRESS'), '00741204': { vr: 'LO', Value: ['changed by its owner'] } }
    delete (changes as Record<string, unknown>)['00741000']
    expect((await post(`${workitems()}/1.2.3.2?transaction-uid=${TRANSACTION_UID}`, changes)).status).to.be.below(300)
    expect((await send(`${workitems()}?ProcedureStepState=IN%20PROGRESS`)).json()).to.have.length(2)

    const index = `${prefix}*`
    await client.indices.refresh({ index })
    const { hits } = await client.search({ index, query: { match_all: {} }, size: 1_000, _source: true, version: true })
    const documents = JSON.stringify(hits)
    // It is these two workitems, as they are.
    expect(documents).to.include('1.2.3.1').and.include('1.2.3.2').and.include('changed by its owner')
    expect(documents.match(/IN PROGRESS/g)?.length).to.be.at.least(2)
    expect(documents).not.to.match(SECRET)
    for (const about of [
      await client.indices.get({ index }),
      await client.indices.getIndexTemplate({ name: `${prefix}*` }),
    ]) {
      expect(JSON.stringify(about)).to.include('ProcedureStepState').and.not.to.match(SECRET)
    }
    const { count } = await client.count({ index, query: { query_string: { query: `"${TRANSACTION_UID}"` } } })
    expect(count).to.equal(0)
  })
})
