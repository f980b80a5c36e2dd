import { expect } from 'chai'
import fc from 'fast-check'
import type { Attribute, Dataset } from '../../plugin/dicom/dataset.ts'
import { replacedBetween, undone } from '../../plugin/store/replaced.ts'

const attribute = fc.oneof(
  fc.constant<Attribute>({ vr: 'LO' }),
  fc.constantFrom('a', 'a ', 'b').map((value): Attribute => ({ vr: 'LO', Value: [value] })),
)
const dataset = fc.dictionary(fc.constantFrom('00100020', '00741204', '21000140'), attribute, { noNullPrototype: true })

describe('What an entry of the feed keeps to undo its change', () => {
  it('gives the dataset before from the dataset after, to the letter', () => {
    fc.assert(
      fc.property(dataset, dataset, (before, after) => {
        expect(undone(after, replacedBetween(before, after))).to.deep.equal(before)
      }),
    )
  })

  it('leaves the dataset after as it is, and shares with it what has not changed', () => {
    const after: Dataset = { '00100020': { vr: 'LO', Value: ['a'] }, '00741204': { vr: 'LO', Value: ['b'] } }
    const before = undone(after, { '00741204': null, '21000140': { vr: 'AE', Value: ['c'] } })
    expect(before['00100020']).to.equal(after['00100020'])
    expect(Object.keys(after)).to.have.members(['00100020', '00741204'])
    expect(undone(after, {})).to.equal(after)
  })

  it('is nothing where nothing has changed', () => {
    fc.assert(
      fc.property(dataset, (same) => {
        expect(replacedBetween(same, { ...same })).to.deep.equal({})
      }),
    )
  })
})
