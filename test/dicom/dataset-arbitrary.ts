/**
 * Datasets in normal form with right values: every VR, all kinds of empty, nesting, private blocks, and text that
 * encodings get wrong.
 */
import fc from 'fast-check'

import type { Attribute, Dataset, Tag, Value } from '../../plugin/dicom/dataset.ts'
import { VALUE_KIND, VRS, type VR } from '../../plugin/dicom/vr.ts'

const padded = (number: number, digits: number): string => String(number).padStart(digits, '0')
const digits = (max: number, length: number, min = 0): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((number) => padded(number, length))
const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> => fc.tuple(...parts).map((all) => all.join(''))
const optional = (part: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), part)

const LINE_CHARACTERS = [
  'a',
  'Z',
  '7',
  ' ',
  '.',
  '*',
  '&',
  '<',
  '>',
  '"',
  "'",
  ']]>',
  '&amp;',
  'ü',
  '\u0301',
  '穆',
  '😀',
  '𠮷',
]
const LINES_CHARACTERS = [...LINE_CHARACTERS, '\\', '\t', '\n', '\r', '\r\n', '^', '=']

const textOf = (characters: readonly string[], maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength }).map((all) => all.join(''))
const line = (most: number): fc.Arbitrary<string> =>
  textOf([...LINE_CHARACTERS, '^', '='], 12).map((text) => [...text].slice(0, most).join(''))
const lines = textOf(LINES_CHARACTERS, 40)

const fraction = joined(fc.constant('.'), fc.stringMatching(/^[0-9]{1,6}$/))
const hour = digits(23, 2)
const minute = digits(59, 2)
const second = digits(60, 2)
const time = joined(hour, optional(joined(minute, optional(joined(second, optional(fraction))))))
const date = joined(digits(9999, 4), digits(12, 2, 1), digits(28, 2, 1))
const offset = fc.constantFrom('+0000', '+0100', '+1400', '-1200', '-0530')
const dateTime = joined(
  fc.oneof(digits(9999, 4), joined(digits(9999, 4), digits(12, 2, 1)), joined(date, optional(time))),
  optional(offset),
)

const component = textOf(LINE_CHARACTERS, 3)
const nameGroup = fc
  .tuple(fc.array(optional(component), { maxLength: 4 }), component)
  .map(([first, last]) => [...first, last].join('^'))
const personName = fc
  .record({ Alphabetic: nameGroup, Ideographic: nameGroup, Phonetic: nameGroup }, { requiredKeys: [] })
  .filter((name) => Object.keys(name).length > 0)

const tagText = fc
  .integer({ min: 0, max: 0xffffffff })
  .map((number) => number.toString(16).padStart(8, '0').toUpperCase())
const decimal = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom('1', '-1.50', '+.5', '1E-10', ' 12 ', '000.0'),
)

/** Right values of every VR that has values. */
const VALUES: Readonly<Partial<Record<VR, fc.Arbitrary<Value>>>> = {
  AE: fc.stringMatching(/^[A-Z_]{1,16}$/),
  AS: joined(fc.stringMatching(/^[0-9]{3}$/), fc.constantFrom('D', 'W', 'M', 'Y')),
  AT: tagText,
  CS: fc.stringMatching(/^[A-Z0-9_]{1,16}$/),
  DA: date,
  DS: decimal,
  DT: dateTime,
  FD: fc.double({ noNaN: true, noDefaultInfinity: true }),
  FL: fc.float({ noNaN: true, noDefaultInfinity: true }),
  IS: fc.oneof(fc.integer(), fc.constantFrom('0', '+7', '-2147483648', ' 12')),
  LO: line(64),
  LT: lines,
  PN: personName,
  SH: line(16),
  SL: fc.integer(),
  SS: fc.integer({ min: -0x8000, max: 0x7fff }),
  ST: lines,
  SV: fc.oneof(fc.maxSafeInteger(), fc.constantFrom('-9223372036854775808', '9223372036854775807')),
  TM: time,
  UC: line(1000),
  UI: fc.constantFrom('1.2.3', '2.25.329800735698586629295641978511506172918', '0.0'),
  UL: fc.integer({ min: 0, max: 0xffffffff }),
  UR: fc.constantFrom('http://[::1]/a?b=%20&c#d', 'tel:+1-201-555-0123', 'urn:oid:1.2.3'),
  US: fc.integer({ min: 0, max: 0xffff }),
  UT: lines,
  UV: fc.oneof(fc.maxSafeNat(), fc.constant('18446744073709551615')),
}

const SINGLE_VALUED: ReadonlySet<VR> = new Set(['LT', 'ST', 'UR', 'UT'])

const binary = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes): string => Buffer.from(bytes).toString('base64'))

function filledAttribute(vr: VR, item: fc.Arbitrary<Dataset>): fc.Arbitrary<Attribute> {
  if (VALUE_KIND[vr] === 'binary') return binary.map((InlineBinary) => ({ vr, InlineBinary }))
  if (vr === 'SQ') return fc.array(item, { minLength: 1, maxLength: 3 }).map((Value) => ({ vr, Value }))
  const value = VALUES[vr]
  if (value === undefined) throw new Error(`the tests have no values of VR ${vr}`)
  const one = value.map((only) => [only])
  const several = fc.array(fc.option(value, { freq: 3 }), { minLength: 2, maxLength: 4 })
  return (SINGLE_VALUED.has(vr) ? one : fc.oneof(one, several)).map((Value) => ({ vr, Value }))
}

const attributeOf = (vr: VR, item: fc.Arbitrary<Dataset>): fc.Arbitrary<Attribute> =>
  fc.oneof({ arbitrary: fc.constant({ vr }), weight: 1 }, { arbitrary: filledAttribute(vr, item), weight: 5 })

const anyAttribute = (item: fc.Arbitrary<Dataset>): fc.Arbitrary<Attribute> =>
  fc.constantFrom(...VRS).chain((vr) => attributeOf(vr, item))

type Entry = readonly [Tag, Attribute]

/** Tags that the dictionary does not know, so that they may have any VR; some look like an array index. */
const unknown = (item: fc.Arbitrary<Dataset>): fc.Arbitrary<Entry> =>
  fc.tuple(
    fc.tuple(fc.constantFrom('7776', '0776', 'FFEC'), digits(99, 4, 1)).map((parts) => parts.join('')),
    anyAttribute(item),
  )

const known = (item: fc.Arbitrary<Dataset>): fc.Arbitrary<Entry> =>
  fc
    .constantFrom<readonly [Tag, VR]>(
      ['00100010', 'PN'],
      ['00100040', 'CS'],
      ['21000140', 'AE'],
      ['00404021', 'SQ'],
      ['00741238', 'LT'],
      ['00280106', 'SS'],
      ['60020022', 'LO'],
    )
    .chain(([tag, vr]) =>
      fc.tuple(
        fc.constant(tag),
        attributeOf(vr, item).map((attribute) =>
          vr === 'SQ' || attribute.Value === undefined ? attribute : { vr, Value: [attribute.Value[0] ?? 'X'] },
        ),
      ),
    )
    .filter(([, { vr, Value }]) => vr !== 'PN' || typeof Value?.[0] !== 'string')
    .filter(([, { vr, Value }]) => vr !== 'SS' || typeof Value?.[0] !== 'string')

const GROUPS = ['0009', '0029', '7FE1'] as const
const CREATORS = ['ACME 1.1', 'Größe & <Söhne>', 'ACME 1.1 ', '"quoted"'] as const

/** A block with its creator element, or (as in the field) without it. */
const privateBlock = (item: fc.Arbitrary<Dataset>): fc.Arbitrary<readonly Entry[]> =>
  fc
    .record({
      group: fc.constantFrom(...GROUPS),
      block: fc.constantFrom('10', '11', '12', '3A', 'FF'),
      creator: fc.option(fc.constantFrom(...CREATORS), { freq: 6 }),
      elements: fc.array(fc.tuple(fc.constantFrom('00', '01', '10', 'FF'), anyAttribute(item)), { maxLength: 3 }),
    })
    .map(({ group, block, creator, elements }): readonly Entry[] => [
      ...(creator === null ? [] : [[`${group}00${block}`, { vr: 'LO', Value: [creator] }] as const]),
      ...elements.map(([element, attribute]) => [`${group}${block}${element}`, attribute] as const),
    ])

const datasetWith = (item: fc.Arbitrary<Dataset>): fc.Arbitrary<Dataset> =>
  fc
    .tuple(
      fc.array(unknown(item), { maxLength: 5 }),
      fc.array(known(item), { maxLength: 3 }),
      fc.array(privateBlock(item), { maxLength: 3 }),
    )
    .map(([some, others, blocks]) => Object.fromEntries([...some, ...others, ...blocks.flat()]))

const flat = datasetWith(fc.constant<Dataset>({}))

export const arbitraryDataset: fc.Arbitrary<Dataset> = datasetWith(
  fc.oneof(fc.constant<Dataset>({}), datasetWith(fc.oneof(fc.constant<Dataset>({}), datasetWith(flat)))),
)
