/** What a change means to whoever watches a filter: every case there is. */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { parseQueryKeys, type Query, type QueryKey } from '../../plugin/dicom/query.ts'
import type { Change } from '../../plugin/feed/changes.ts'
import { type Transition, transitionOf } from '../../plugin/graphql/transition.ts'
import type { FeedEntry } from '../../plugin/store/store.ts'

function queryOf(...keys: readonly QueryKey[]): Query {
  const parsed = parseQueryKeys(keys)
  if (!parsed.ok) throw new Error('is no query')
  return parsed.value
}

const LABELLED = queryOf({ name: 'WorklistLabel', list: ['A'] })
const EVERYTHING = queryOf()

const labelled = (label: string): Dataset => ({ '00741202': { vr: 'LO', Value: [label] } })
const MATCHING = labelled('A')
const OTHER = labelled('B')

const changeOf = (is: FeedEntry['is'], before: Dataset | undefined, after: Dataset | undefined): Change => ({
  entry: { is } as FeedEntry,
  before,
  after,
})

describe('What a change means to whoever watches a filter', () => {
  const CASES: readonly (readonly [string, Dataset | undefined, Dataset | undefined, Transition | undefined])[] = [
    ['matched and matches', MATCHING, MATCHING, 'CHANGING'],
    ['matched and does not match', MATCHING, OTHER, 'LEAVING'],
    ['did not match and matches', OTHER, MATCHING, 'ENTERING'],
    ['did not match and does not match', OTHER, OTHER, undefined],
    ['was created and matches', undefined, MATCHING, 'ENTERING'],
    ['was created and does not match', undefined, OTHER, undefined],
  ]
  for (const [what, before, after, expected] of CASES) {
    it(`is ${expected ?? 'nothing'} where the workitem ${what}`, () => {
      expect(transitionOf(changeOf('there', before, after), LABELLED, undefined)).to.equal(expected)
    })
  }

  it('is LEAVING where it was deleted, whatever it was', () => {
    for (const query of [LABELLED, EVERYTHING]) {
      expect(transitionOf(changeOf('deleted', undefined, undefined), query, undefined)).to.equal('LEAVING')
    }
    expect(transitionOf(changeOf('deleted', OTHER, undefined), LABELLED, undefined)).to.equal('LEAVING')
  })

  it('without a filter is ENTERING of a creation, CHANGING of any other change', () => {
    expect(transitionOf(changeOf('there', undefined, OTHER), EVERYTHING, undefined)).to.equal('ENTERING')
    expect(transitionOf(changeOf('there', OTHER, MATCHING), EVERYTHING, undefined)).to.equal('CHANGING')
  })

  it('is told on the clocks of the device', () => {
    const query = queryOf({ name: 'ScheduledProcedureStepStartDateTime', list: ['20260701060000+0000'] })
    const at = (value: string): Dataset => ({ '00404005': { vr: 'DT', Value: [value] } })
    const change = changeOf('there', at('20260701060000'), at('20260701080000'))
    expect(transitionOf(change, query, 'Europe/Vienna')).to.equal('ENTERING')
    expect(transitionOf(change, query, 'UTC')).to.equal('LEAVING')
    expect(transitionOf(change, query, 'Asia/Tokyo')).to.equal(undefined)
  })
})
