/** What a search returns beside the return keys: the attributes of its keys, and `includefield` (standard.md C.6, E.3). */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { post, put, send } from '../support/http.ts'
import { describeWithEachEngine } from '../support/search-engines.ts'
import { type Service, startService } from '../support/service.ts'
import { sample, stateChange } from '../support/workitems.ts'
import { attribute } from './datasets.ts'
import { retrieved } from './refusal.ts'
import { resultsIn } from './searching.ts'

const UID = '1.2.82.1'
const PRIVATE = {
  '00090010': attribute('LO', 'OTHER'),
  '00091001': attribute('LO', 'first'),
  '00090011': attribute('LO', 'ACME'),
  '00091101': attribute('LO', 'second'),
}

describeWithEachEngine('Search: includefield and the attributes of keys', (engine) => {
  let service: Service
  let url: string
  let plain: readonly string[]
  before(async () => {
    service = await startService(await engine.options())
    await engine.ready(service)
    url = `${service.aet()}/workitems`
    await post(`${url}?${UID}`, { ...sample('ai-triage'), ...PRIVATE })
    // It has a Transaction UID now, which must never be seen.
    await put(`${url}/${UID}/state`, stateChange('IN PROGRESS'))
    plain = Object.keys(await resultOf(''))
  })
  after(async () => {
    await engine.answered(service)
    await service.stop()
    await engine.end()
  })

  const resultOf = async (query: string): Promise<Dataset> => {
    const [result = {}] = resultsIn(await send(`${url}?${query}`))
    expect(result).not.to.have.property('00081195')
    expect(result['00081190']).to.deep.equal(attribute('UR', `${url}/${UID}`))
    return result
  }

  /** Query, and the attributes that it returns beside the others. */
  const further: readonly [string, readonly string[]][] = [
    ['PatientID=AI-4711', []],
    ['CommentsOnTheScheduledProcedureStep=Please*', ['00400400']],
    ['CommentsOnTheScheduledProcedureStep=', ['00400400']],
    ['00400400', ['00400400']],
    ['ScheduledProcedureStepModificationDateTime=&ExpectedCompletionDateTime=', ['00404010', '00404011']],
    ['OutputDestinationSequence.STOWRSStorageSequence.StorageURL=https*', ['00404070']],
    ['PatientWeight=', []],
    ['includefield=CommentsOnTheScheduledProcedureStep', ['00400400']],
    ['includefield=00400400,ExpectedCompletionDateTime', ['00400400', '00404011']],
    ['includefield=00400400&IncludeField=ExpectedCompletionDateTime', ['00400400', '00404011']],
    ['includefield=OutputDestinationSequence', ['00404070']],
    ['includefield=00404070.00404072', ['00404070']],
    ['includefield=OutputDestinationSequence.STOWRSStorageSequence.StorageURL', ['00404070']],
    ['includefield=PatientID,PatientWeight', []],
    ['includefield=TransactionUID', []],
    ['includefield=00081195,00400400', ['00400400']],
    ['00090010=ACME&00091001=second', ['00090011', '00091101']],
    ['00090010=ACME&includefield=00091001', ['00090011', '00091101']],
    ['00090010=ACME&00091001=&includefield=00091001', ['00090011', '00091101']],
  ]
  for (const [query, tags] of further) {
    it(`${query} returns ${tags.join(', ') || 'nothing more'}, whole`, async () => {
      const result = await resultOf(query)
      expect(Object.keys(result).toSorted()).to.deep.equal([...plain, ...tags].toSorted())
      const stored = await retrieved(service.aet(), UID)
      for (const tag of tags) expect(result[tag], tag).to.deep.equal(stored[tag])
    })
  }

  it('all: the whole dataset, and what is always returned', async () => {
    const result = await resultOf('includefield=all')
    const stored = await retrieved(service.aet(), UID)
    expect(Object.keys(result).toSorted()).to.deep.equal([...new Set([...plain, ...Object.keys(stored)])].toSorted())
    expect(result).to.deep.include(stored)
  })
})
