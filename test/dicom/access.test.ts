import { expect } from 'chai'

import {
  firstString,
  hasNonAscii,
  hasValue,
  isAscii,
  itemsOf,
  sameAttribute,
  sameDataset,
  withoutAttributes,
} from '../../plugin/dicom/access.ts'
import type { Attribute, Dataset } from '../../plugin/dicom/dataset.ts'

const first = (attribute: Attribute): string | undefined => firstString({ '77760001': attribute }, '77760001')

const item = (text: string): Dataset => ({ '00080100': { vr: 'SH', Value: [text] } })

/** A dataset with the attribute inside of an item. */
const inside = (attribute: Attribute): Dataset => ({ '00404021': { vr: 'SQ', Value: [{ '77760001': attribute }] } })

describe('whether an attribute has a value', () => {
  const filled: readonly Attribute[] = [
    { vr: 'LO', Value: ['x'] },
    { vr: 'LO', Value: [null, 'x'] },
    { vr: 'US', Value: [0] },
    { vr: 'PN', Value: [{ Phonetic: 'x' }] },
    { vr: 'SQ', Value: [{}] },
    { vr: 'OB', InlineBinary: 'AA==' },
  ]
  for (const attribute of filled) {
    it(`${JSON.stringify(attribute)} has one`, () => expect(hasValue(attribute)).to.equal(true))
  }

  const empty: readonly (Attribute | undefined)[] = [
    undefined,
    { vr: 'LO' },
    { vr: 'LO', Value: [] },
    { vr: 'LO', Value: [null] },
    { vr: 'LO', Value: ['', null, ''] },
    { vr: 'LO', Value: ['  '] },
    { vr: 'PN', Value: [{}] },
    { vr: 'PN', Value: [{ Alphabetic: ' ' }] },
    { vr: 'SQ' },
    { vr: 'SQ', Value: [] },
    { vr: 'OB', InlineBinary: '' },
  ]
  for (const attribute of empty) {
    it(`${JSON.stringify(attribute)} has none`, () => expect(hasValue(attribute)).to.equal(false))
  }
})

describe('the first value as text', () => {
  it('is the first that is not empty, without trailing spaces', () => {
    expect(first({ vr: 'LO', Value: [null, '', ' a ', 'b'] })).to.equal(' a')
    expect(first({ vr: 'DS', Value: [1.5] })).to.equal('1.5')
    expect(first({ vr: 'US', Value: [0] })).to.equal('0')
  })

  it('of a person name has its groups joined', () => {
    expect(first({ vr: 'PN', Value: [{ Alphabetic: 'Doe^John ' }] })).to.equal('Doe^John')
    expect(first({ vr: 'PN', Value: [{ Alphabetic: 'a', Ideographic: 'b' }] })).to.equal('a=b')
    expect(first({ vr: 'PN', Value: [{ Alphabetic: 'a', Phonetic: 'c' }] })).to.equal('a==c')
    expect(first({ vr: 'PN', Value: [{ Ideographic: 'b' }] })).to.equal('=b')
  })

  it('is none where there is no text', () => {
    expect(firstString({}, '00100020')).to.equal(undefined)
    expect(first({ vr: 'LO' })).to.equal(undefined)
    expect(first({ vr: 'LO', Value: [' ', null] })).to.equal(undefined)
    expect(first({ vr: 'SQ', Value: [{}] })).to.equal(undefined)
    expect(first({ vr: 'OB', InlineBinary: 'AA==' })).to.equal(undefined)
  })
})

describe('the items of a sequence', () => {
  it('are its datasets, in their order', () => {
    const items = [{ '00080100': { vr: 'SH', Value: ['1'] } }, {}] as const
    expect(itemsOf({ '00404021': { vr: 'SQ', Value: items } }, '00404021')).to.equal(items)
  })

  it('are empty datasets where a null stands for one', () => {
    expect(itemsOf({ '00404021': { vr: 'SQ', Value: [null, {}] } }, '00404021')).to.deep.equal([{}, {}])
  })

  it('are none of an absent or empty attribute, or one that is no sequence', () => {
    expect(itemsOf({}, '00404021')).to.deep.equal([])
    expect(itemsOf({ '00404021': { vr: 'SQ' } }, '00404021')).to.deep.equal([])
    expect(itemsOf({ '00100010': { vr: 'PN', Value: [{ Alphabetic: 'x' }] } }, '00100010')).to.deep.equal([])
  })
})

describe('attributes that mean the same', () => {
  const same: readonly (readonly [Attribute | undefined, Attribute | undefined])[] = [
    [undefined, undefined],
    [undefined, { vr: 'LO' }],
    [{ vr: 'LO' }, { vr: 'LO', Value: [null] }],
    [{ vr: 'SQ', Value: [] }, undefined],
    [
      { vr: 'LO', Value: ['a '] },
      { vr: 'LO', Value: ['a'] },
    ],
    [
      { vr: 'LO', Value: ['a', null] },
      { vr: 'LO', Value: ['a', ''] },
    ],
    [
      { vr: 'DS', Value: [1] },
      { vr: 'DS', Value: [' 1 '] },
    ],
    [
      { vr: 'IS', Value: ['-7'] },
      { vr: 'IS', Value: [-7] },
    ],
    [
      { vr: 'SV', Value: [5] },
      { vr: 'SV', Value: ['5'] },
    ],
    [
      { vr: 'US', Value: [5] },
      { vr: 'US', Value: [5] },
    ],
    [
      { vr: 'DS', Value: [-0] },
      { vr: 'DS', Value: ['-0'] },
    ],
    [
      { vr: 'OB', InlineBinary: 'AA==' },
      { vr: 'OB', InlineBinary: 'AA==' },
    ],
    [
      { vr: 'PN', Value: [{ Alphabetic: 'A^B^^', Ideographic: '' }] },
      { vr: 'PN', Value: [{ Alphabetic: 'A^B ' }] },
    ],
    [
      { vr: 'SQ', Value: [item('1 '), {}] },
      { vr: 'SQ', Value: [{ ...item('1'), '00080104': { vr: 'LO' } }, {}] },
    ],
  ]
  for (const [a, b] of same) {
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)} do`, () => {
      expect(sameAttribute(a, b)).to.equal(true)
      expect(sameAttribute(b, a)).to.equal(true)
    })
  }

  const different: readonly (readonly [Attribute | undefined, Attribute | undefined])[] = [
    [undefined, { vr: 'LO', Value: ['a'] }],
    [undefined, { vr: 'SQ', Value: [{}] }],
    [
      { vr: 'LO', Value: ['a'] },
      { vr: 'SH', Value: ['a'] },
    ],
    [
      { vr: 'LO', Value: ['a'] },
      { vr: 'LO', Value: ['A'] },
    ],
    [
      { vr: 'LO', Value: [' a'] },
      { vr: 'LO', Value: ['a'] },
    ],
    [
      { vr: 'LO', Value: ['a'] },
      { vr: 'LO', Value: ['a', null] },
    ],
    [
      { vr: 'LO', Value: ['a', 'b'] },
      { vr: 'LO', Value: ['b', 'a'] },
    ],
    [
      { vr: 'DS', Value: ['1'] },
      { vr: 'DS', Value: ['1.0'] },
    ],
    [
      { vr: 'US', Value: [5] },
      { vr: 'US', Value: [6] },
    ],
    [
      { vr: 'OB', InlineBinary: 'AA==' },
      { vr: 'OB', InlineBinary: 'AQ==' },
    ],
    [{ vr: 'OB', InlineBinary: 'AA==' }, { vr: 'OB' }],
    [
      { vr: 'PN', Value: [{ Alphabetic: 'A^B' }] },
      { vr: 'PN', Value: [{ Alphabetic: 'A^B', Phonetic: 'x' }] },
    ],
    [
      { vr: 'SQ', Value: [item('1')] },
      { vr: 'SQ', Value: [item('2')] },
    ],
    [
      { vr: 'SQ', Value: [item('1')] },
      { vr: 'SQ', Value: [item('1'), {}] },
    ],
  ]
  for (const [a, b] of different) {
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)} do not`, () => {
      expect(sameAttribute(a, b)).to.equal(false)
      expect(sameAttribute(b, a)).to.equal(false)
    })
  }

  it('make datasets the same', () => {
    expect(sameDataset({ '00100020': { vr: 'LO' }, ...item('1') }, item('1'))).to.equal(true)
    expect(sameDataset(item('1'), { '00100020': { vr: 'LO' }, ...item('1') })).to.equal(true)
    expect(sameDataset(item('1'), {})).to.equal(false)
    expect(sameDataset({}, item('1'))).to.equal(false)
  })
})

describe('a dataset without some attributes', () => {
  const dataset: Dataset = { '00100020': { vr: 'LO', Value: ['1'] }, '00100021': { vr: 'LO', Value: ['2'] } }

  it('has lost the attributes that were to go, and the old one has them still', () => {
    expect(withoutAttributes(dataset, new Set(['00100020', '00100030']))).to.deep.equal({
      '00100021': { vr: 'LO', Value: ['2'] },
    })
    expect(Object.keys(dataset)).to.have.length(2)
  })
})

describe('text beyond ASCII', () => {
  it('is told from ASCII', () => {
    expect(isAscii('')).to.equal(true)
    expect(isAscii('a\x00\x7f')).to.equal(true)
    expect(isAscii('a\x80')).to.equal(false)
    expect(isAscii('穆')).to.equal(false)
    expect(isAscii('😀')).to.equal(false)
  })

  it('is found in text, in names and in items', () => {
    expect(hasNonAscii({ '77760001': { vr: 'LO', Value: [null, 'ü'] } })).to.equal(true)
    expect(hasNonAscii(inside({ vr: 'PN', Value: [{ Alphabetic: 'a', Ideographic: '穆' }] }))).to.equal(true)
    expect(hasNonAscii(inside({ vr: 'PN', Value: [{ Alphabetic: 'a' }, null] }))).to.equal(false)
    expect(hasNonAscii(inside({ vr: 'US', Value: [255] }))).to.equal(false)
    expect(hasNonAscii({ '77760001': { vr: 'OB', InlineBinary: 'AA==' } })).to.equal(false)
    expect(hasNonAscii({})).to.equal(false)
  })
})
