/**
 * Workitems and queries for them, of few values, so that they meet: every key of the index and attributes beside it, with
 * what text, names and clocks can look like at their worst.
 */
import fc from 'fast-check'
import type { Attribute, Dataset, PersonName, Tag, Value } from '../../plugin/dicom/dataset.ts'
import { lookupTag } from '../../plugin/dicom/dictionary.ts'
import type { Ordering } from '../../plugin/dicom/order.ts'
import { parseQueryKeys, type Query, type QueryKey } from '../../plugin/dicom/query.ts'
import type { VR } from '../../plugin/dicom/vr.ts'
import { SEARCH_KEYS, type SearchKey, type SearchKeys, SORT_KEYS } from '../../plugin/search/keys.ts'

/** More bytes than a term of Lucene can have. */
export const LONG_TEXTS: readonly string[] = [
  `a${'x'.repeat(32_766)}`,
  `a${'x'.repeat(32_766)}b`,
  `B${'😀'.repeat(9000)}b`,
]

const TEXTS: readonly string[] = [
  'A', 'a', 'ab', 'aab', 'a b', ' a', 'a ', 'b', 'ß', 'Ø', '각', '가각', '\u1100\u1161', 'か', 'が', 'か\u3099', '😀', 'a😀b', '😀😀', '\uffff',
  '"', '"a"', '\'', '*', 'a*b', '?', 'a?b', '\\', 'a\\b', 'a\\*', '\\\\b', 'a\u0000b', '\ufffd', '\ud800', 'a\ude00b', '1.2.3', '1.2', '20260301', '',
  ' ',
] // prettier-ignore

const UIDS = ['1.2.3', '1.2', '1.2.3.4', '2.25.7', '1.2.3 ', 'no uid']

const DATES = ['20260301', '20260302', '20251231', '20260301 ', '99991231', '00000101', '20260230', '2026', '']

const CLOCKS: readonly string[] = [
  '2026', '202603', '20260301', '2026030109', '202603010905', '20260301090500', '20260301090500.5', '20260301090500.000001',
  // Vienna: clocks are put forward and back.
  '20260329015959', '2026032902', '20260329023000', '20260329030000', '20260328', '20260330', '20260331',
  '20261025015959', '20261025020000', '20261025023000', '20261025030000', '20261024', '20261026', '20261027',
  // Apia leaves out a day, and changes its clocks in April and September.
  '20111229235959', '20111230', '2011123012', '20111231', '20120101', '20120103', '20110403033000', '20110924030000',
  '0000', '0001', '9999', '99991231235959.999999', '19161001003000', '18800101',
] // prettier-ignore
const OFFSETS = ['', '', '', '+0000', '+0100', '+0200', '-0530', '+1400', '-1200', '-1100']

const COMPONENTS: readonly string[] = [
  '', '', 'Müller', 'MULLER', 'Mueller', "O'Brien", 'Obrien', 'Meyer-Smith', 'Maria Luisa', ' Maria', 'Smith', 'Smyth', 'ß', 'SS',
  'Ørsted', '山田', '太郎', 'やまだ', 'が', 'か', '각', '😀', 'a*b', 'A\\B', '?', '\ufffd', '\ud83d',
] // prettier-ignore

const oneOf = (list: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...list)

const dateTime = fc.tuple(oneOf(CLOCKS), oneOf(OFFSETS)).map(([clock, offset]) => clock + offset)

const nameGroup = fc.array(oneOf(COMPONENTS), { minLength: 1, maxLength: 3 }).map((components) => components.join('^'))
const oddGroup = fc.constantFrom(
  '',
  ' ',
  '^',
  '^^^^',
  'A^B^C^D^E^F',
  'A^B^C^D^E',
  `A^${LONG_TEXTS[0]}`,
  LONG_TEXTS[2] ?? '',
)
const group = fc.oneof({ arbitrary: nameGroup, weight: 9 }, { arbitrary: oddGroup, weight: 1 })
const personName: fc.Arbitrary<PersonName> = fc.record(
  { Alphabetic: group, Ideographic: group, Phonetic: group },
  { requiredKeys: [] },
)

const VALUES: Readonly<Partial<Record<VR, fc.Arbitrary<Value>>>> = {
  DA: oneOf(DATES),
  DT: fc.oneof(
    { arbitrary: dateTime, weight: 20 },
    { arbitrary: fc.constantFrom('', 'no date', '20261301'), weight: 1 },
  ),
  PN: personName,
  TM: fc.constantFrom('09', '0905', '090500'),
  UI: oneOf(UIDS),
  IS: fc.constantFrom<Value[]>('7', '+7', 8),
  US: fc.constantFrom(7, 8),
  OB: fc.constant(null),
}
const TEXT = fc.oneof({ arbitrary: oneOf(TEXTS), weight: 60 }, { arbitrary: oneOf(LONG_TEXTS), weight: 1 })

/** Of that VR, or now and then of one that it should not have. */
function attributeOf(vr: VR): fc.Arbitrary<Attribute> {
  const value = VALUES[vr] ?? TEXT
  const usual = fc.array(fc.option(value, { freq: 8 }), { minLength: 1, maxLength: 3 }).map((Value) => ({ vr, Value }))
  const odd = fc.constantFrom<Attribute[]>(
    { vr },
    { vr: 'IS', Value: ['7'] },
    { vr: 'LO', Value: ['20260301'] },
    { vr: 'US', Value: [7] },
    { vr: 'PN', Value: [{ Alphabetic: 'A' }] },
    { vr: 'DT', Value: ['2026'] },
    { vr: 'OB', InlineBinary: 'AAAA' },
    { vr: 'SQ', Value: [{}] },
  )
  return fc.oneof({ arbitrary: usual, weight: 20 }, { arbitrary: odd, weight: 1 })
}

type Entry = readonly [Tag, Attribute]

const sequenceOf = (item: fc.Arbitrary<Dataset>): fc.Arbitrary<Attribute> =>
  fc
    .array(fc.oneof({ arbitrary: item, weight: 6 }, { arbitrary: fc.constant(null), weight: 1 }), { maxLength: 3 })
    .map((Value) => (Value.length > 0 ? { vr: 'SQ', Value } : { vr: 'SQ' }))

const INPUT_INFORMATION = '00404021'
const CODE_MEANING = '00080104'

/** Attributes beside the keys, in a workitem and in items. */
const OTHERS: readonly (readonly [Tag, VR])[] = [
  ['0020000D', 'UI'],
  [CODE_MEANING, 'LO'],
  ['00400400', 'LT'],
  ['00100040', 'CS'],
  ['00404010', 'DT'],
  ['00404037', 'PN'],
  ['00200013', 'IS'],
  ['00100032', 'TM'],
]

const other: fc.Arbitrary<Entry> = fc
  .constantFrom(...OTHERS)
  .chain(([tag, vr]) => attributeOf(vr).map((attribute) => [tag, attribute] as const))

const block = fc
  .record({
    number: fc.constantFrom('10', '11'),
    creator: fc.constantFrom('ACME', 'B "quoted".=', 'ACME '),
    vr: fc.constantFrom<VR[]>('LO', 'CS', 'UI', 'IS', 'PN', 'DA', 'ST'),
  })
  .chain(({ number, creator, vr }) =>
    attributeOf(vr).map((attribute): readonly Entry[] => [
      [`000900${number}`, { vr: 'LO', Value: [creator] }],
      [`0009${number}01`, attribute],
    ]),
  )

const otherItem: fc.Arbitrary<Dataset> = fc
  .tuple(fc.array(other, { maxLength: 2 }), fc.array(block, { maxLength: 1 }))
  .map(([some, blocks]) => Object.fromEntries([...some, ...blocks.flat()]))

const entryOf = ({ tag, kind, items }: SearchKey): fc.Arbitrary<Entry> =>
  (kind === 'none' ? sequenceOf(levelOf(items)) : attributeOf(vrOf(tag))).map((attribute) => [tag, attribute] as const)

const vrOf = (tag: Tag): VR => lookupTag(tag)?.vrs[0] ?? 'UN'

function levelOf(keys: SearchKeys): fc.Arbitrary<Dataset> {
  const entries = [...keys.values()].map((key) => fc.option(entryOf(key), { freq: 2 }))
  return fc
    .tuple(fc.tuple(...entries), fc.array(other, { maxLength: 1 }))
    .map(([some, others]) => Object.fromEntries([...others, ...some.filter((entry) => entry !== null)]))
}

const zone: fc.Arbitrary<readonly Entry[]> = fc
  .constantFrom('', '', '', '+0100', '-1100', '+1400', 'no offset')
  .map((offset) => (offset === '' ? [] : [['00080201', { vr: 'SH', Value: [offset] }]]))

export const arbitraryWorkitem: fc.Arbitrary<Dataset> = fc
  .tuple(levelOf(SEARCH_KEYS), otherItem, sequenceOf(otherItem), zone)
  .map(([level, others, inputs, offset]) => ({
    ...level,
    ...others,
    [INPUT_INFORMATION]: inputs,
    ...Object.fromEntries(offset),
  }))

// --- Queries

/** Some characters become `*` or `?`. */
const patternOf = (text: string): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom('', '', '*', '?', '*?'), { minLength: 1, maxLength: 4 }).map((wild) => {
    const characters = [...text]
    return Array.from(
      { length: Math.max(characters.length, wild.length) },
      (_, i) => wild[i] || (characters[i] ?? ''),
    ).join('')
  })

const textKey = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: oneOf(texts), weight: 4 },
    { arbitrary: oneOf(texts).chain(patternOf), weight: 4 },
    { arbitrary: oneOf(texts).map((text) => `${text}*`), weight: 1 },
    { arbitrary: oneOf(['**', '*x*', '*b', 'a*', '*a*b*', '?', '??', '*?', 'a*?x', '""']), weight: 3 },
  )

const rangeOf = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    one,
    one.map((text) => `${text}-`),
    one.map((text) => `-${text}`),
    fc.tuple(one, one).map(([a, b]) => `${a}-${b}`),
  )

const nameKey = fc.oneof(
  nameGroup,
  nameGroup.chain(patternOf),
  fc
    .array(fc.oneof(nameGroup, nameGroup.chain(patternOf), fc.constant('')), { minLength: 2, maxLength: 3 })
    .map((groups) => groups.join('=')),
  fc.constantFrom(
    '*^*',
    'M*',
    '*^M*',
    'smith',
    'luisa maria',
    'maria^smith',
    '*SMITH',
    '^',
    '*=*',
    '=*',
    '=*^*',
    'M*=S*',
    'S*=M*',
    'M*=*=M*',
    '=M*=S*',
    'A^?',
    'a^*x*',
    '""',
  ),
)

const KEYS: Readonly<Partial<Record<VR, fc.Arbitrary<string>>>> = {
  DA: fc.oneof(rangeOf(oneOf(DATES)), fc.constant('""')),
  DT: fc.oneof({ arbitrary: rangeOf(dateTime), weight: 9 }, { arbitrary: fc.constant('""'), weight: 1 }),
  PN: nameKey,
  UI: oneOf(UIDS),
  IS: fc.constantFrom('7', '8'),
  TM: fc.constantFrom('09', '0905-'),
}
const TEXT_KEY = textKey(TEXTS)

const valuesOf = (vr: VR): fc.Arbitrary<readonly string[]> =>
  fc.oneof(
    { arbitrary: fc.array(KEYS[vr] ?? TEXT_KEY, { minLength: 1, maxLength: 3 }), weight: 9 },
    { arbitrary: fc.constant([]), weight: 1 },
  )

const keyAt = (name: string, vr: VR): fc.Arbitrary<readonly QueryKey[]> => valuesOf(vr).map((list) => [{ name, list }])

/** Names of keys below a level, with what they hold. */
function pathsIn(keys: SearchKeys, prefix = ''): readonly (readonly [string, VR])[] {
  return [...keys.values()].flatMap(({ keyword, tag, kind, items }) =>
    kind === 'none'
      ? [...pathsIn(items, `${prefix}${keyword}.`), [`${prefix}${keyword}.${CODE_MEANING}`, 'LO'] as const]
      : [[prefix + keyword, vrOf(tag)] as const],
  )
}

const PATHS = pathsIn(SEARCH_KEYS)
const TOP = PATHS.filter(([path]) => !path.includes('.'))
const INNER = PATHS.filter(([path]) => path.includes('.'))
const BESIDE = OTHERS.flatMap(([tag, vr]) => [[tag, vr] as const, [`${INPUT_INFORMATION}.${tag}`, vr] as const])

const pick = (paths: readonly (readonly [string, VR])[]): fc.Arbitrary<readonly QueryKey[]> =>
  fc.constantFrom(...paths).chain(([path, vr]) => keyAt(path, vr))

const privateKey: fc.Arbitrary<readonly QueryKey[]> = fc
  .tuple(fc.constantFrom('', `${INPUT_INFORMATION}.`), fc.constantFrom('ACME', 'B "quoted".='), valuesOf('LO'))
  .map(([prefix, creator, list]) => [
    { name: `${prefix}00090010`, list: [creator] },
    { name: `${prefix}00091001`, list },
  ])

/** Several keys of one sequence. */
const siblings: fc.Arbitrary<readonly QueryKey[]> = fc
  .constantFrom(...INNER)
  .chain(([path]) => {
    const parent = path.slice(0, path.lastIndexOf('.') + 1)
    return fc.tuple(
      ...INNER.filter(([inner]) => inner.startsWith(parent)).map(([inner, vr]) =>
        fc.option(keyAt(inner, vr), { freq: 1 }),
      ),
    )
  })
  .map((all) => all.flatMap((keys) => keys ?? []))

/** Two of one item of a sequence that is no key. */
const inputs: fc.Arbitrary<readonly QueryKey[]> = fc
  .tuple(keyAt(`${INPUT_INFORMATION}.0020000D`, 'UI'), keyAt(`${INPUT_INFORMATION}.${CODE_MEANING}`, 'LO'))
  .map((two) => two.flat())

/** Combined date-time matching. */
const birth: fc.Arbitrary<readonly QueryKey[]> = fc
  .constantFrom(['20260301-20260302', '09-10'], ['20260301-', '0906-'])
  .map(([date = '', time = '']) => [
    { name: 'PatientBirthDate', list: [date] },
    { name: 'PatientBirthTime', list: [time] },
  ])

const keys: fc.Arbitrary<readonly QueryKey[]> = fc.oneof(
  { arbitrary: pick(TOP), weight: 5 },
  { arbitrary: keyAt('PatientName', 'PN'), weight: 2 },
  { arbitrary: pick(INNER), weight: 3 },
  { arbitrary: siblings, weight: 2 },
  { arbitrary: pick(BESIDE), weight: 2 },
  { arbitrary: privateKey, weight: 2 },
  { arbitrary: inputs, weight: 1 },
  { arbitrary: birth, weight: 1 },
)

const offsetKey: fc.Arbitrary<readonly QueryKey[]> = fc
  .constantFrom('', '', '', '+0100', '-1100')
  .map((offset) => (offset === '' ? [] : [{ name: '00080201', list: [offset] }]))

export const arbitraryQuery: fc.Arbitrary<Query> = fc
  .record({
    keys: fc.oneof(
      { arbitrary: keys, weight: 3 },
      { arbitrary: fc.tuple(keys, keys).map((two) => two.flat()), weight: 1 },
    ),
    offset: offsetKey,
    fuzzymatching: fc.boolean(),
    emptyvaluematching: fc.boolean(),
    multiplevaluematching: fc.boolean(),
  })
  .map(({ keys: some, offset, ...options }) => parseQueryKeys([...some, ...offset], options))
  .filter((parsed) => parsed.ok)
  .map((parsed) => (parsed.ok ? parsed.value : {}))

export const arbitraryOrder: fc.Arbitrary<readonly Ordering[]> = fc.array(
  fc.record({ tag: fc.constantFrom(...SORT_KEYS.keys()), descending: fc.boolean() }),
  { maxLength: 3 },
)
