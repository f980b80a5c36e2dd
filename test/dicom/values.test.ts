import { expect } from 'chai'
import fc from 'fast-check'

import type { Attribute, Dataset, Value } from '../../plugin/dicom/dataset.ts'
import { isDate, isDateTime, isTime } from '../../plugin/dicom/date-time.ts'
import { checkAttribute, checkValues } from '../../plugin/dicom/values.ts'
import { VRS, type VR } from '../../plugin/dicom/vr.ts'

/** A tag that the dictionary does not know, so that it may have any VR and VM. */
const TAG = '77760001'

const reasons = (vr: VR, ...Value: Value[]): readonly string[] =>
  checkValues({ [TAG]: { vr, Value } }).map(({ path, reason }) => `${path}: ${reason}`)

const of = (length: number, character = 'x'): string => character.repeat(length)

interface Row {
  readonly expected: string
  readonly right: readonly Value[]
  readonly wrong: readonly Value[]
}

const NO_CONTROLS = 'without control characters and backslash'
const FEW_CONTROLS = 'without control characters other than TAB, LF, FF and CR'
const CONTROLS = [
  'a\tb',
  'a\nb',
  'a\rb',
  'a\fb',
  'a\x1bb',
  'a\x00',
  'a\x7f',
  'a\x85',
  '\ufffe',
  '\uffff',
  '\ud83d',
  'a\udc00',
]

/** PS3.5 Table 6.2-1 a second time: what is just right, and what is just not. */
const TABLE: Readonly<Record<VR, Row>> = {
  AE: {
    expected: 'expected an AE title: 1 to 16 ASCII characters without control characters and backslash',
    right: ['A', 'Rad Onc', of(16), `${of(16)}   `, `  ${of(16)}`],
    wrong: [of(17), ' ', 'A\\B', 'A\tB', 'Ä'],
  },
  AS: {
    expected: 'expected an age as nnnD, nnnW, nnnM or nnnY',
    right: ['001D', '012W', '006M', '999Y'],
    wrong: ['1D', '0001D', '001d', '001X', '001', '12 D', '001D '],
  },
  AT: {
    expected: 'expected a tag as 8 upper-case hex digits',
    right: ['0040A370', '00000000'],
    wrong: ['0040a370', '0040A37', '0040A37G', '0040,A37'],
  },
  CS: {
    expected: 'expected a code: at most 16 upper-case letters, digits, spaces and underscores',
    right: ['IN PROGRESS', 'ISO_IR 192', '1', of(16, 'X'), `${of(16, 'X')} `, ' X'],
    wrong: [of(17, 'X'), 'Scheduled', 'A-B', 'A\\B', 'Ä', '  ', 'A\n'],
  },
  DA: {
    expected: 'expected a date as YYYYMMDD',
    right: ['20260301', '20240229', '20000229', '20261231', '00010101', '19600430'],
    wrong: ['2026', '202603', '2026030', '202603011', '20260229', '19000229', '20260431', '20261301', '20260001', '20260100', '20260132', '2026-3-1', '2026.03.01', '20260301-', '2026030a', '20260301 '], // prettier-ignore
  },
  DS: {
    expected: 'expected a decimal number of at most 16 characters',
    right: ['1', '-1.5', '+.5', '5.', '1e10', '1E-10', ' 12 ', '1234567890.12345', 0.1 + 0.2, -1e300],
    wrong: ['12345678901.12345', '1,5', '1.2.3', '.', 'e5', '1e', '1e1.5', '--1', '0x10', 'NaN', 'Infinity', '1 2', '1\n', Infinity, NaN], // prettier-ignore
  },
  DT: {
    expected: 'expected a date and time as YYYY[MM[DD[HH[MM[SS[.F]]]]]][&ZZXX]',
    right: ['2026', '202603', '20260301', '2026030109', '202603010905', '20260301090500', '20260301090560', '20260301090500.1', '20260301090500.123456', '2026+0100', '202602-0500', '20240229+1400', '2026030109-1200', '20260301090500.000+0000', '20260301090500 '], // prettier-ignore
    wrong: ['20', '20261', '202613', '20260229', '20260100', '2026030124', '202603010960', '20260301090561', '20260301090500.', '20260301090500.1234567', '202603010905.1', '2026+1401', '2026-1201', '2026-0000', '2026+0160', '2026+01', '2026+01000', '2026Z', ' 2026', '2026-03-01', '20260230+0100'], // prettier-ignore
  },
  FD: { expected: 'expected a finite number', right: [1e308, -0, 0.1], wrong: [Infinity, NaN, '1'] },
  FL: { expected: 'expected a finite number of single precision', right: [3.4e38, 0.1], wrong: [3.5e38, NaN, '1'] },
  IS: {
    expected: 'expected an integer from -2147483648 to 2147483647 of at most 12 characters',
    right: ['0', '-2147483648', '2147483647', '+7', ' 12 ', '000000000012', 2147483647, -2147483648],
    wrong: ['2147483648', '-2147483649', '0000000000012', '1.5', '1e3', 'x', '1\n', 2147483648, 1.5],
  },
  LO: {
    expected: `expected at most 64 characters ${NO_CONTROLS}`,
    right: ['x', of(64), `${of(64)}   `, of(64, '😀'), of(64, '穆'), 'ü^=*"'],
    wrong: [of(65), of(65, '😀'), ` ${of(64)}`, 'a\\b', ...CONTROLS],
  },
  LT: {
    expected: `expected at most 10240 characters ${FEW_CONTROLS}`,
    right: [of(10_240), `${of(10_240)} `, of(10_240, '😀'), 'a\\b\t\r\n\f'],
    wrong: [of(10_241), of(10_241, '😀'), ...CONTROLS.slice(4)],
  },
  OB: { expected: 'expected InlineBinary', right: [], wrong: ['AA==', 1] },
  OD: { expected: 'expected InlineBinary', right: [], wrong: ['AA==', 1] },
  OF: { expected: 'expected InlineBinary', right: [], wrong: ['AA==', 1] },
  OL: { expected: 'expected InlineBinary', right: [], wrong: ['AA==', 1] },
  OV: { expected: 'expected InlineBinary', right: [], wrong: ['AA==', 1] },
  OW: { expected: 'expected InlineBinary', right: [], wrong: ['AA==', 1] },
  PN: {
    expected:
      'expected a person name: groups of at most 64 characters and 5 components, without control characters, \\ and =',
    right: [
      { Alphabetic: 'a^b^c^d^e' },
      { Alphabetic: of(64), Ideographic: of(64, '穆'), Phonetic: of(64, '😀') },
      { Alphabetic: `${of(64)} ` },
      { Ideographic: '^^' },
    ],
    wrong: [
      { Alphabetic: 'a^b^c^d^e^f' },
      { Alphabetic: of(65) },
      { Alphabetic: 'a', Ideographic: of(65, '穆') },
      { Phonetic: of(65, '😀') },
      { Alphabetic: 'a=b' },
      ...['a\\b', ...CONTROLS].map((Alphabetic) => ({ Alphabetic })),
      'Doe^John',
    ],
  },
  SH: {
    expected: `expected at most 16 characters ${NO_CONTROLS}`,
    right: [of(16), of(16, '穆')],
    wrong: [of(17), 'a\\b', ...CONTROLS],
  },
  SL: {
    expected: 'expected an integer from -2147483648 to 2147483647',
    right: [-2147483648],
    wrong: [2147483648, 0.5, '1'],
  },
  SQ: { expected: '', right: [{}], wrong: [] },
  SS: { expected: 'expected an integer from -32768 to 32767', right: [-32768, 32767], wrong: [-32769, 32768] },
  ST: {
    expected: `expected at most 1024 characters ${FEW_CONTROLS}`,
    right: [of(1024), 'a\\b\t\r\n\f'],
    wrong: [of(1025), ...CONTROLS.slice(4)],
  },
  SV: {
    expected: 'expected an integer from -2^63 to 2^63-1, as text where a JSON number is not exact',
    right: ['-9223372036854775808', '9223372036854775807', '+1', 5, Number.MAX_SAFE_INTEGER],
    wrong: ['9223372036854775808', '-9223372036854775809', '1.5', 'x', 1.5, Number.MAX_SAFE_INTEGER + 1, of(33, '0')],
  },
  TM: {
    expected: 'expected a time as HH[MM[SS[.F]]]',
    right: ['00', '23', '2359', '235960', '090500.1', '090500.123456', '0905 '],
    wrong: [
      '24',
      '9',
      '0960',
      '090',
      '090561',
      '0905.1',
      '090500.',
      '090500.1234567',
      '09:05',
      '09-05',
      '0905+0100',
      ' 09',
    ],
  },
  UC: { expected: `expected text ${NO_CONTROLS}`, right: [of(100_000)], wrong: ['a\\b', ...CONTROLS] },
  UI: {
    expected: 'expected a UID: at most 64 digits and dots, no component empty or with a leading zero',
    right: ['1.2.3', of(64, '1')],
    wrong: ['1..2', '1.02', of(65, '1'), '1.2 ', '1.2\0'],
  },
  UL: { expected: 'expected an integer from 0 to 4294967295', right: [4294967295], wrong: [4294967296, -1] },
  UN: { expected: 'expected InlineBinary', right: [], wrong: ['AA==', 1] },
  UR: {
    expected: 'expected a URI of ASCII characters without spaces, control characters and backslash',
    right: ['http://a/b?c=d#e', 'tel:+1', 'http://a  '],
    wrong: [' http://a', 'http://a b', 'http://ä', 'a\\b', 'a\n'],
  },
  US: { expected: 'expected an integer from 0 to 65535', right: [0, 65535], wrong: [-1, 65536, 0.5] },
  UT: { expected: `expected text ${FEW_CONTROLS}`, right: [of(100_000), 'a\\b\t\r\n\f'], wrong: CONTROLS.slice(4) },
  UV: {
    expected: 'expected an integer from 0 to 2^64-1, as text where a JSON number is not exact',
    right: ['18446744073709551615', '0', 0],
    wrong: ['18446744073709551616', '-1', -1, 2 ** 53],
  },
}

const shown = (value: Value): string => {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 20)}... (${text.length})` : text
}

describe('PS3.5 6.2 value representations', () => {
  for (const vr of VRS) {
    const { expected, right, wrong } = TABLE[vr]
    for (const value of right) it(`${vr} may be ${shown(value)}`, () => expect(reasons(vr, value)).to.deep.equal([]))
    for (const value of wrong) {
      it(`${vr} may not be ${shown(value)}`, () => {
        expect(reasons(vr, value)).to.deep.equal([`${TAG}: ${expected}`])
      })
    }
  }

  it('are checked in every value of a list, and empty ones are right', () => {
    expect(reasons('CS', 'A', null, '', 'B')).to.deep.equal([])
    expect(reasons('CS', 'A', null, 'b')).to.deep.equal([`${TAG}: ${TABLE.CS.expected}`])
    expect(checkValues({ [TAG]: { vr: 'CS' } })).to.deep.equal([])
    expect(checkValues({ [TAG]: { vr: 'OB', InlineBinary: 'AA==' } })).to.deep.equal([])
  })

  it('are checked in items at any depth, with the path of the value', () => {
    const code: Dataset = { '00080100': { vr: 'SH', Value: [of(17)] }, '00080104': { vr: 'LO', Value: ['ok'] } }
    const dataset: Dataset = {
      '00404018': { vr: 'SQ', Value: [{}, code] },
      '00741216': {
        vr: 'SQ',
        Value: [{ '00404050': { vr: 'DT', Value: ['x'] }, '00404019': { vr: 'SQ', Value: [code] } }],
      },
    }
    expect(checkValues(dataset).map(({ path }) => path)).to.deep.equal([
      '00404018.00080100',
      '00741216.00404050',
      '00741216.00404019.00080100',
    ])
  })

  it('are checked in one attribute too', () => {
    const attribute: Attribute = { vr: 'DA', Value: ['x'] }
    expect(checkAttribute('00100030', attribute)).to.deep.equal([{ path: '00100030', reason: TABLE.DA.expected }])
    expect(checkAttribute('00100030', attribute, '00404034.00100030')[0]?.path).to.equal('00404034.00100030')
    expect(checkAttribute('00100030', { vr: 'DA' })).to.deep.equal([])
  })

  it('never appear in a reason', () => {
    const secret = 'Yossarian'
    fc.assert(
      fc.property(fc.constantFrom(...VRS), fc.string(), fc.string(), (vr, before, after) => {
        const text = `${before}\\${secret}\x00${after}`
        for (const value of [text, { Alphabetic: text }]) {
          expect(reasons(vr, value).join()).to.not.include(secret)
        }
      }),
    )
  })

  it('are named at most 100 times', () => {
    const items = Array.from({ length: 1000 }, () => ({ '00080100': { vr: 'SH', Value: ['\\'] } }) as const)
    expect(checkValues({ '00404018': { vr: 'SQ', Value: items } })).to.have.length(100)
  })
})

describe('PS3.5 6.4 value multiplicity', () => {
  const rows: readonly { tag: string; vr: VR; vm: string; right: number[]; wrong: number[] }[] = [
    { tag: '00100020', vr: 'LO', vm: '1 value', right: [0, 1], wrong: [2, 3] },
    { tag: '00080005', vr: 'CS', vm: '1-n values', right: [0, 1, 9], wrong: [] },
    { tag: '00080008', vr: 'CS', vm: '2-n values', right: [0, 2, 3, 9], wrong: [1] },
    { tag: '00089007', vr: 'CS', vm: '4-5 values', right: [0, 4, 5], wrong: [1, 3, 6] },
    { tag: '00181620', vr: 'IS', vm: '2-2n values', right: [0, 2, 4, 10], wrong: [1, 3, 5] },
    { tag: '30060050', vr: 'DS', vm: '3-3n values', right: [0, 3, 6], wrong: [1, 2, 4, 5] },
    { tag: '00091001', vr: 'LO', vm: 'any number', right: [0, 1, 2, 9], wrong: [] },
    { tag: '77760001', vr: 'CS', vm: 'any number', right: [0, 1, 2, 9], wrong: [] },
    { tag: '77760001', vr: 'UT', vm: '1 value', right: [0, 1], wrong: [2] },
    { tag: '00091001', vr: 'LT', vm: '1 value', right: [0, 1], wrong: [2] },
  ]
  for (const { tag, vr, vm, right, wrong } of rows) {
    const check = (count: number): readonly string[] =>
      checkValues({ [tag]: { vr, Value: Array.from({ length: count }, () => '1') } }).map(({ reason }) => reason)
    for (const count of right)
      it(`${tag} ${vr} may have ${count} of ${vm}`, () => expect(check(count)).to.deep.equal([]))
    for (const count of wrong) {
      it(`${tag} ${vr} may not have ${count} of ${vm}`, () => {
        expect(check(count)).to.deep.equal([`expected ${vm}, found ${count}`])
      })
    }
  }

  it('counts empty values', () => {
    expect(checkValues({ '00100020': { vr: 'LO', Value: ['a', null] } })).to.have.length(1)
  })

  it('does not count items', () => {
    expect(checkValues({ '00404018': { vr: 'SQ', Value: [{}, {}, {}] } })).to.deep.equal([])
  })
})

describe('dates and times', () => {
  it('accept every day that there is, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1583, max: 9999 }), fc.nat(13), fc.nat(32), (year, month, day) => {
        const text = String(year) + String(month).padStart(2, '0') + String(day).padStart(2, '0')
        const date = new Date(Date.UTC(year, month - 1, day))
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
        expect(isDate(text), text).to.equal(exists)
        expect(isDateTime(text), text).to.equal(exists)
        expect(isDateTime(`${text}+0100`), text).to.equal(exists)
      }),
      { numRuns: 2000 },
    )
  })

  it('do not accept padding, which is a matter of the value', () => {
    expect(isTime('09 ')).to.equal(false)
    expect(isDateTime('2026 ')).to.equal(false)
  })
})
