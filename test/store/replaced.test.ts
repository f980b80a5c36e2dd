import { expect } from 'chai'
import fc from 'fast-check'
import type { Attribute, Dataset } from '../../plugin/dicom/dataset.ts'
import { replacedBetween } from '../../plugin/store/replaced.ts'

/** What a consumer of the feed does with it. */
const undo = (after: Dataset, replaced: ReturnType<typeof replacedBetween>): Dataset =>
  Object.fromEntries(
    Object.entries({ ...after, ...replaced }).filter((entry): entry is [string, Attribute] => entry[1] !== null),
  )

const attribute = fc.oneof(
  fc.constant<Attribute>({ vr: 'LO' }),
  fc.constantFrom('a', 'a ', 'b').map((value): Attribute => ({ vr: 'LO', Value: [value] })),
)
const dataset = fc.dictionary(fc.constantFrom('00100020', '00741204', '21000140'), attribute, { noNullPrototype: true })

describe('What an entry of the feed keeps to undo its change', () => {
  it('gives the dataset before from the dataset after, to the letter', () => {
    fc.assert(
      fc.property(dataset, dataset, (before, after) => {
        expect(undo(after, replacedBetween(before, after))).to.deep.equal(before)
      }),
    )
  })

  it('is nothing where nothing has changed', () => {
    fc.assert(
      fc.property(dataset, (same) => {
        expect(replacedBetween(same, { ...same })).to.deep.equal({})
      }),
    )
  })
})
