/** Elasticsearch goes away under a load of writes and comes back: nothing is missing, nothing is stale, nothing is restarted. */
import { expect } from 'chai'
import { attribute } from '../http/datasets.ts'
import { uidsIn } from '../http/searching.ts'
import { describeWithElasticsearch, type OwnElasticsearch, startOwnElasticsearch } from '../support/elasticsearch.ts'
import { post, put, send } from '../support/http.ts'
import { searchStatus } from '../support/search-engines.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { changed, sample, stateChange } from '../support/workitems.ts'

const CLIENTS = 4

describeWithElasticsearch('A search cluster that goes away under load', () => {
  let cluster: OwnElasticsearch
  let service: Service
  before(async () => {
    cluster = await startOwnElasticsearch()
    service = await startService({ search: { nodes: [cluster.url] } })
    await until(async () => (await searchStatus(service)).state === 'ready', 30_000)
  })
  after(async () => {
    await service.stop()
    await cluster.dispose()
  })

  const workitems = (): string => `${service.aet()}/workitems`
  const idOf = (uid: string): string => `ID${uid.replaceAll('.', '-')}`
  const found = async (query: string): Promise<readonly string[]> => uidsIn(await send(`${workitems()}?${query}`))

  /** Creates one, claims every other one, and looks for it each time. */
  async function work(uid: string, claims: boolean): Promise<void> {
    const workitem = changed(sample('minimal'), { '00100020': attribute('LO', idOf(uid)) })
    expect((await post(`${workitems()}?${uid}`, workitem)).status).to.equal(201)
    expect(await found(`PatientID=${idOf(uid)}&ProcedureStepState=SCHEDULED`)).to.deep.equal([uid])
    if (!claims) return
    expect((await put(`${workitems()}/${uid}/state`, stateChange('IN PROGRESS'))).status).to.equal(200)
    expect(await found(`PatientID=${idOf(uid)}&ProcedureStepState=SCHEDULED`)).to.deep.equal([])
    expect(await found(`PatientID=${idOf(uid)}&ProcedureStepState=IN%20PROGRESS`)).to.deep.equal([uid])
  }

  it('everything is found at once all the time, and nothing is missing afterwards', async () => {
    const state = { isOver: false }
    const uids: string[] = []
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      for (let n = 0; !state.isOver; n++) {
        const uid = `1.2.90.${client}.${n}`
        await work(uid, n % 2 === 0)
        uids.push(uid)
      }
    })
    const worked = async (count: number): Promise<void> => {
      const enough = uids.length + count
      await until(() => uids.length >= enough, 30_000)
    }
    await worked(10)
    await cluster.kill()
    await worked(50)
    await until(async () => (await searchStatus(service)).state === 'away', 30_000)
    await cluster.start()
    await until(async () => (await searchStatus(service)).state === 'ready', 60_000)
    await worked(10)
    state.isOver = true
    await Promise.all(clients)
    const claimed = uids.filter((uid) => Number(uid.split('.').at(-1)) % 2 === 0)
    const own = (query: string): Promise<readonly string[]> =>
      found(`${query}&PatientID=${idOf('1.2.90')}-*&orderby=PatientID`)
    const byId = (some: readonly string[]) => some.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
    expect(await own('')).to.deep.equal(byId(uids))
    expect(await own('ProcedureStepState=IN%20PROGRESS')).to.deep.equal(byId(claimed))
  })
})
