import { expect } from 'chai'
import fc from 'fast-check'

import { hasNonAscii, sameDataset } from '../../plugin/dicom/access.ts'
import type { Attribute, Dataset, Value } from '../../plugin/dicom/dataset.ts'
import { parseDatasetJson, stringifyDataset } from '../../plugin/dicom/json.ts'
import { checkValues } from '../../plugin/dicom/values.ts'
import { VALUE_KIND, VRS } from '../../plugin/dicom/vr.ts'
import { parseDatasetXml } from '../../plugin/dicom/xml-read.ts'
import { writeDatasetXml } from '../../plugin/dicom/xml-write.ts'
import { arbitraryDataset } from './dataset-arbitrary.ts'
import { accepted, nested, refusals } from './support.ts'

const throughJson = (dataset: Dataset): Dataset => accepted(parseDatasetJson(JSON.parse(stringifyDataset(dataset))))
const throughXml = (dataset: Dataset): Dataset => accepted(parseDatasetXml(writeDatasetXml(dataset)))

/** XML has no numbers: what JSON may have as number or text (DS IS SV UV) comes back as text. */
const asText = (dataset: Dataset): Dataset =>
  Object.fromEntries(Object.entries(dataset).map(([tag, attribute]) => [tag, attributeAsText(attribute)]))

function attributeAsText(attribute: Attribute): Attribute {
  const { vr, Value } = attribute
  if (Value === undefined) return attribute
  if (vr === 'SQ') return { vr, Value: Value.map((item) => asText(item as Dataset)) }
  if (VALUE_KIND[vr] !== 'numeric string') return attribute
  return { vr, Value: Value.map((value: Value) => (typeof value === 'number' ? numberAsText(value) : value)) }
}

const numberAsText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

describe('a dataset on its way through JSON and XML', () => {
  it('is the same after JSON', () => {
    fc.assert(
      fc.property(arbitraryDataset, (dataset) => {
        expect(throughJson(dataset)).to.deep.equal(dataset)
      }),
    )
  })

  it('is the same after XML, but for numbers that became text', () => {
    fc.assert(
      fc.property(arbitraryDataset, (dataset) => {
        expect(throughXml(dataset)).to.deep.equal(asText(dataset))
      }),
    )
  })

  it('means the same after JSON, XML and JSON', () => {
    fc.assert(
      fc.property(arbitraryDataset, (dataset) => sameDataset(throughJson(throughXml(throughJson(dataset))), dataset)),
    )
  })

  it('has right values there and back', () => {
    fc.assert(
      fc.property(arbitraryDataset, (dataset) => {
        expect(checkValues(dataset)).to.deep.equal([])
        expect(hasNonAscii(throughXml(dataset))).to.equal(hasNonAscii(dataset))
      }),
    )
  })

  it('has one text in JSON, whatever the order of its tags', () => {
    fc.assert(
      fc.property(arbitraryDataset, (dataset) => {
        const backwards = Object.fromEntries(Object.entries(dataset).toReversed())
        expect(stringifyDataset(backwards)).to.equal(stringifyDataset(dataset))
      }),
    )
  })

  it('is generated with every VR, or these tests would prove less', () => {
    const seen = new Set<string>()
    const see = (dataset: Dataset): void => {
      for (const { vr, Value = [] } of Object.values(dataset)) {
        seen.add(vr)
        if (vr === 'SQ') for (const item of Value) see(item as Dataset)
      }
    }
    fc.sample(arbitraryDataset, { numRuns: 300, seed: 1 }).forEach(see)
    expect([...seen].toSorted()).to.deep.equal(VRS.toSorted())
  })

  it('may be 64 sequences deep, and no deeper', () => {
    expect(throughJson(nested(64))).to.deep.equal(nested(64))
    expect(throughXml(nested(64))).to.deep.equal(nested(64))
    expect(refusals(parseDatasetJson(nested(65)))[0]).to.match(/^malformed [0-9.]+: expected sequences at most 64/)
    expect(refusals(parseDatasetXml(writeDatasetXml(nested(65))))[0]).to.match(
      /^malformed [0-9.]+: expected sequences at most 64/,
    )
  })
})
