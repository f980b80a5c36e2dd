/** Table CC.2.5-3 as the code has it, against the transcription, row by row; what it does is in `attribute-rows`. */
import { readFileSync } from 'node:fs'
import { expect } from 'chai'

import { lookupTag } from '../../plugin/dicom/dictionary.ts'
import { ATTRIBUTE_TABLE, type AttributeRow as CodeRow } from '../../plugin/ups/attribute-table.ts'
import derived from '../../schema/attribute-table.json' with { type: 'json' }
import { deriveAttributeTable } from '../../schema/derive-attribute-table.ts'
import { sharedPath } from '../config/shared-directory.ts'
import { type AttributeRow, CC_2_5_3 } from './transcription/cc-2-5-3.ts'

const flattened = (rows: readonly CodeRow[]): readonly CodeRow[] =>
  rows.flatMap((row) => [row, ...flattened(row.items)])

const cells = (row: CodeRow | AttributeRow): string =>
  [row.path, row.keyword, row.vr, row.create, row.set, row.final].join(' | ')

describe('Table CC.2.5-3 in the code', () => {
  const inCode = new Map(flattened(ATTRIBUTE_TABLE).map((row) => [row.path, row]))
  const printed = new Map(CC_2_5_3.map((row) => [row.path, row]))

  it('has no path twice', () => {
    expect(inCode.size).to.equal(flattened(ATTRIBUTE_TABLE).length)
    expect(printed.size).to.equal(CC_2_5_3.length)
  })

  it('has every row of the standard, and no other', () => {
    expect([...inCode.keys()].toSorted()).to.deep.equal([...printed.keys()].toSorted())
  })

  it('has the keyword, VR and codes of the standard in every row', () => {
    expect([...inCode.values()].map(cells).toSorted()).to.deep.equal(CC_2_5_3.map(cells).toSorted())
  })

  it('has the multiplicities of the standard in its file', () => {
    const vms = derived.rows.map(({ path, vm }) => `${path} ${vm}`)
    expect(vms.toSorted()).to.deep.equal(CC_2_5_3.map(({ path, vm }) => `${path} ${vm}`).toSorted())
  })

  it('agrees with the dictionary, which values are checked against', () => {
    for (const { path, keyword, vr, vm } of CC_2_5_3) {
      const entry = lookupTag(path.slice(-8))
      expect([entry?.keyword, entry?.vrs[0], entry?.vm.text], path).to.deep.equal([keyword, vr, vm])
    }
  })

  const source = sharedPath('spec', 'attribute-requirements.json')
  if (source !== undefined) {
    it('is what schema/derive-attribute-table.ts derives from the requirements', () => {
      const expected = readFileSync(new URL('../../schema/attribute-table.json', import.meta.url), 'utf8')
      expect(deriveAttributeTable(readFileSync(source, 'utf8')) === expected).to.equal(true)
    })
  }
})
