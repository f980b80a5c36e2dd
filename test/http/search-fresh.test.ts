/** A search that starts after a write was acknowledged sees that write (decisions.md 5); and the label filter of an AE. */
import { expect } from 'chai'
import { temporaryFolder } from '../support/folder.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { describeWithEachEngine } from '../support/search-engines.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample, stateChange } from '../support/workitems.ts'
import { attribute } from './datasets.ts'
import { aeEntry, writeDirectory } from './directory.ts'
import { resultsIn, uidsIn } from './searching.ts'

describeWithEachEngine('Search: what was acknowledged is found', (engine) => {
  let service: Service
  let url: string
  before(async () => {
    service = await startService(await engine.options())
    await engine.ready(service)
    url = `${service.aet()}/workitems`
  })
  after(async () => {
    await engine.answered(service)
    await service.stop()
    await engine.end()
  })

  const search = (query: string): Promise<Answer> => send(`${url}?${query}`)

  it('create, then search: found, 200 times', async () => {
    for (let i = 1; i <= 200; i++) {
      const id = `ID-${i * 7919}`
      const workitem = changed(sample('ai-triage'), { '00100020': attribute('LO', id) })
      expect((await post(`${url}?1.2.84.${i}`, workitem)).status).to.equal(201)
      expect(uidsIn(await search(`PatientID=${id}`))).to.deep.equal([`1.2.84.${i}`])
    }
    expect(uidsIn(await search('WorklistLabel=AI'))).to.have.length(200)
  })

  it('claim, then search by state: never stale', async () => {
    for (let i = 1; i <= 50; i++) {
      const uid = `1.2.84.${i}`
      expect((await put(`${url}/${uid}/state`, stateChange('IN PROGRESS'))).status).to.equal(200)
      const [result] = resultsIn(await search(`ProcedureStepState=IN%20PROGRESS&PatientID=ID-${i * 7919}`))
      expect(result?.['00741000']?.Value).to.deep.equal(['IN PROGRESS'])
      expect(uidsIn(await search(`ProcedureStepState=SCHEDULED&PatientID=ID-${i * 7919}`))).to.deep.equal([])
      expect(uidsIn(await search('ProcedureStepState=IN%20PROGRESS&WorklistLabel=AI'))).to.have.length(i)
    }
  })

  it('claims while searches run: nobody is shown in a state that was not asked for', async () => {
    const claims = Array.from({ length: 100 }, (_, i) =>
      put(`${url}/1.2.84.${i + 51}/state`, stateChange('IN PROGRESS')),
    )
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => search('ProcedureStepState=SCHEDULED&orderby=-PatientID')),
    )
    await Promise.all(claims)
    for (const answer of answers) {
      for (const result of resultsIn(answer)) expect(result['00741000']?.Value).to.deep.equal(['SCHEDULED'])
    }
    expect(uidsIn(await search('ProcedureStepState=SCHEDULED&orderby=-PatientID'))).to.have.length(50)
  })
})

describe('Search: dcmUPSWorklistLabelFilter', () => {
  const folder = temporaryFolder()
  let service: Service
  before(async () => {
    const filter = ['Linac 1', 'Linac*'].map((label) => `dcmUPSWorklistLabelFilter: ${label}`)
    const config = writeDirectory(folder.path, [aeEntry('WORKLIST'), aeEntry('LINACS', ...filter)])
    service = await startService({ config })
    for (const [index, label] of ['Linac 1', 'Linac*', 'Linac 2', 'CT'].entries()) {
      const workitem = changed(sample('minimal'), { '00741202': attribute('LO', label) })
      await post(`${service.aet()}/workitems?1.2.85.${index + 1}`, workitem)
    }
  })
  after(async () => {
    await service.stop()
    folder.remove()
  })

  /** Query, what the AE with a filter finds, what one without finds. */
  const rows: readonly [string, string, string][] = [
    ['', '12', '1234'],
    ['ProcedureStepState=SCHEDULED', '12', '1234'],
    ['orderby=-WorklistLabel', '21', '2314'],
    ['limit=1&offset=1', '2', '2'],
    ['includefield=WorklistLabel', '12', '1234'],
    ['WorklistLabel=', '1234', '1234'],
    ['00741202', '1234', '1234'],
    ['WorklistLabel=CT', '4', '4'],
    ['WorklistLabel=Linac*', '123', '123'],
  ]
  for (const [query, filtered, all] of rows) {
    it(`"${query}": ${filtered} of ${all}`, async () => {
      for (const [aet, expected] of [
        ['LINACS', filtered],
        ['WORKLIST', all],
      ] as const) {
        const found = uidsIn(await send(`${service.aet(aet)}/workitems?${query}`))
        expect(found.map((uid) => uid.slice('1.2.85.'.length)).join('')).to.equal(expected)
      }
    })
  }

  it('is in the count too', async () => {
    expect((await send(`${service.aet('LINACS')}/workitems/count`)).json()).to.deep.equal({ count: 2 })
    expect((await send(`${service.aet('LINACS')}/workitems/count?WorklistLabel=`)).json()).to.deep.equal({ count: 4 })
  })
})
