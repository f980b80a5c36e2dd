/** The order of datasets by one attribute (plugin/dicom/order.ts): values in order, then what has no place in it. */
import { expect } from 'chai'
import type { Attribute, Dataset } from '../../plugin/dicom/dataset.ts'
import { compareSortKeys, hasOrder, sortKeysOf } from '../../plugin/dicom/order.ts'
import type { VR } from '../../plugin/dicom/vr.ts'

const TAG = '00090001'

const name = (Alphabetic: string, Ideographic?: string): object =>
  Ideographic === undefined ? { Alphabetic } : { Alphabetic, Ideographic }

/** First those in order, then those that are last. */
const ROWS: readonly [VR, readonly unknown[], readonly unknown[]][] = [
  ['LO', ['10', '9', 'A', 'Z', 'a', 'Ä'], ['', null]],
  ['SH', [' A', 'B ', '  C '], ['  ']],
  ['IS', ['-2', '+7', '008', 9, '10'], ['x']],
  ['DS', ['-1e3', '0', '1e-3', '.5', '7.0', '70.5'], ['']],
  ['US', [1, 2, 10], [null]],
  ['SV', ['-9223372036854775808', '-1', 0, '10', '9223372036854775807'], []],
  ['DA', ['19991231', '20000101'], ['20000230', 'today']],
  ['TM', ['00', '0930', '093000.5', '0931', '23'], ['25', '9:30']],
  ['DT', ['2025', '20260101000000+0200', '20260101000000+0100', '20260101', '20260101010000'], ['2026-01-01']],
  ['PN', [name('DOE^ADAM'), name('doe^John'), name('Doe Jr^Adam'), name('DÖEL', '山')], [{}]],
  ['UI', ['1.2.10', '1.2.9'], ['']],
]

const datasetOf = (vr: VR, value: unknown): Dataset => ({ [TAG]: { vr, Value: [value] } as Attribute })

describe('The order of datasets', () => {
  const sorted = (datasets: readonly Dataset[], descending: boolean): readonly Dataset[] => {
    const order = [{ tag: TAG, descending }]
    const keys = new Map(datasets.map((dataset) => [dataset, sortKeysOf(dataset, order, 'UTC')]))
    return datasets.toSorted((a, b) => compareSortKeys(keys.get(a) ?? [], keys.get(b) ?? [], order))
  }

  for (const [vr, values, last] of ROWS) {
    it(`by ${vr}: ${JSON.stringify(values)}, last ${JSON.stringify(last)}`, () => {
      const inOrder = values.map((value) => datasetOf(vr, value))
      const absent = [...last.map((value) => datasetOf(vr, value)), {}, { [TAG]: { vr } }]
      expect(sorted([...absent, ...inOrder.toReversed()], false)).to.deep.equal([...inOrder, ...absent])
      expect(sorted([...absent, ...inOrder], true)).to.deep.equal([...inOrder.toReversed(), ...absent])
    })
  }

  it('does not tell apart what matches alike', () => {
    const same: readonly [VR, unknown, unknown][] = [
      ['DS', '70.5', '+70.50'],
      ['TM', '0930', '093000'],
      ['DT', '20260101000000+0100', '20251231230000+0000'],
      ['PN', name('Müller^Jürgen'), name('MULLER^jurgen')],
      ['LO', ' A', 'A '],
    ]
    const order = [{ tag: TAG, descending: false }]
    for (const [vr, one, other] of same) {
      const [a, b] = [one, other].map((value) => sortKeysOf(datasetOf(vr, value), order, 'UTC'))
      expect(compareSortKeys(a ?? [], b ?? [], order), vr).to.equal(0)
    }
  })

  it('puts numbers and moments before texts where an attribute has several VRs, whichever is asked first', () => {
    const all = [datasetOf('DT', '2025'), datasetOf('DT', '2026'), datasetOf('LO', '0'), datasetOf('LO', 'today')]
    for (const given of [all, all.toReversed(), [...all.slice(2), ...all.slice(0, 2)]]) {
      expect(sorted(given, false)).to.deep.equal(all)
      expect(sorted(given, true)).to.deep.equal(all.toReversed())
    }
  })

  it('there is none of sequences and binary values', () => {
    for (const vr of ['SQ', 'OB', 'UN'] as const) expect(hasOrder(vr)).to.equal(false)
  })
})
