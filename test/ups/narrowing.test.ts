/** What is indexed of a workitem (plugin/ups/index-terms.ts), and what of it a query needs (plugin/ups/narrowing.ts). */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Dataset, Path, PersonName, Tag, Value } from '../../plugin/dicom/dataset.ts'
import { lookupTag } from '../../plugin/dicom/dictionary.ts'
import { matches } from '../../plugin/dicom/matching.ts'
import { parseQueryKeys, type Query, type QueryOptions } from '../../plugin/dicom/query.ts'
import type { VR } from '../../plugin/dicom/vr.ts'
import { INDEXED_KEYS, type IndexedKeys } from '../../plugin/ups/index-keys.ts'
import { EVERY, indexTerms } from '../../plugin/ups/index-terms.ts'
import { lighter, narrow, type Narrowing, queriedUids } from '../../plugin/ups/narrowing.ts'
import { accepted } from '../dicom/support.ts'
import { MATCHING_KEYS_IN_CODE_SEQUENCE, MATCHING_KEYS_REQUIRED } from './transcription/a-6.ts'

const LABEL = '00741202'
const START = '00404005'
const NAME = '00100010'
const BIRTH = '00100030'
const UNIQUE = '00080018'
const OFFSET = '00080201'

const vrOf = (tag: Tag): VR => {
  const vr = lookupTag(tag)?.vrs[0]
  if (vr === undefined) throw new Error(`the dictionary has no ${tag}`)
  return vr
}

/** A dataset with those values at the end of a path. */
function at(path: Path, ...values: readonly Value[]): Dataset {
  const [tag = '', ...inner] = path.split('.')
  const Value = inner.length === 0 ? values : [at(inner.join('.'), ...values)]
  return { [tag]: { vr: vrOf(tag), Value } }
}

const queryOf = (keys: Readonly<Record<Path, string | readonly string[]>>, options: QueryOptions = {}): Query =>
  accepted(
    parseQueryKeys(
      Object.entries(keys).map(([name, list]) => ({ name, list: typeof list === 'string' ? [list] : list })),
      options,
    ),
  )

const termsOf = (dataset: Dataset): readonly string[] => indexTerms(dataset).split(' ')

/** What an index makes of it. */
function satisfies(terms: readonly string[], narrowing: Narrowing): boolean {
  switch (narrowing.is) {
    case 'everything':
      return true
    case 'term':
      return terms.includes(narrowing.text)
    case 'prefix':
      return terms.some((term) => term.startsWith(narrowing.text))
    case 'all':
      return narrowing.of.every((one) => satisfies(terms, one))
    case 'any':
      return narrowing.of.some((one) => satisfies(terms, one))
  }
}

const isFound = (query: Query, dataset: Dataset, timeZone = 'UTC'): boolean =>
  satisfies(termsOf(dataset), narrow(query, timeZone).to)
const isExact = (query: Query, timeZone = 'UTC'): boolean => narrow(query, timeZone).exact

const leavesOf = (keys: IndexedKeys, above = ''): readonly Path[] =>
  [...keys.values()].flatMap(({ tag, items }) =>
    items.size === 0 ? [above + tag] : leavesOf(items, `${above}${tag}.`),
  )

/** Two values that a client may ask for. */
const VALUES: Readonly<Partial<Record<VR, readonly [string, string]>>> = {
  DA: ['20260301', '20260302'],
  DT: ['20260301093000+0100', '20260301094500+0100'],
  UI: ['1.2.3', '1.2.4'],
  UR: ['urn:oid:1.2.3', 'urn:oid:1.2.4'],
}

const stored = (vr: VR, text: string): Value => (vr === 'PN' ? { Alphabetic: text } : text)

describe('The keys of the index', () => {
  const isCodes = (keyword: string): boolean => keyword.endsWith('CodeSequence')
  /** A.6 lists the keys in one of the sequences that have the same macro; they are those of the other one too. */
  const ISSUER = '00380014.'
  const issuer = MATCHING_KEYS_REQUIRED.filter(({ path }) => path.startsWith(ISSUER))
  const transcribed = MATCHING_KEYS_REQUIRED.flatMap(({ keyword, path }) => {
    if (isCodes(keyword)) return MATCHING_KEYS_IN_CODE_SEQUENCE.map(({ tag }) => `${path}.${tag}`)
    if (keyword === 'IssuerOfAccessionNumberSequence') return issuer.map((one) => one.path.replace(ISSUER, `${path}.`))
    return vrOf(path.slice(-8)) === 'SQ' ? [] : [path]
  })
  /** Marked R through a macro in the table alone. */
  const EXTRA = '00101002.00100021'

  it('are those of A.6 without the unique one, and one more', () => {
    expect(issuer).to.have.lengthOf(3)
    const expected = [...transcribed.filter((path) => path !== UNIQUE), EXTRA]
    expect(leavesOf(INDEXED_KEYS).toSorted()).to.deep.equal(expected.toSorted())
  })

  it('begin all their terms with codes of their own', () => {
    const codes = (keys: IndexedKeys): readonly string[] =>
      [...keys.values()].flatMap(({ code, items }) => (items.size === 0 ? [code] : codes(items)))
    const all = [...codes(INDEXED_KEYS), EVERY]
    expect(new Set(all).size).to.equal(all.length)
    for (const code of all) expect(code).to.match(/^[0-9a-z]{2}$/)
  })

  for (const path of leavesOf(INDEXED_KEYS)) {
    it(`${path}: its value is found by a term, another value is not, and that is exact`, () => {
      const vr = vrOf(path.slice(-8))
      const [one, other] = VALUES[vr] ?? ['ONE', 'TWO']
      const dataset = at(path, stored(vr, one))
      expect(isFound(queryOf({ [path]: one }), dataset), one).to.equal(true)
      expect(isFound(queryOf({ [path]: other }), dataset), other).to.equal(false)
      expect(isFound(queryOf({ [path]: [other, one] }), dataset), 'one of two').to.equal(true)
      expect(isFound(queryOf({ [path]: one }), {}), 'without it').to.equal(false)
      const query = queryOf({ [path]: one })
      expect(narrow(query, 'UTC').to.is).to.not.equal('everything')
      expect(isExact(query)).to.equal(vr !== 'DT')
      for (const elsewhere of leavesOf(INDEXED_KEYS).filter((some) => some !== path && vrOf(some.slice(-8)) === vr)) {
        expect(isFound(query, at(elsewhere, stored(vr, one))), `in ${elsewhere}`).to.equal(false)
      }
    })
  }

  it('are in the index with all values and items', () => {
    const dataset: Dataset = {
      ...at(LABEL, 'A', 'B'),
      '00404025': { vr: 'SQ', Value: [at('00080100', 'ONE'), {}, at('00080100', 'TWO')] },
    }
    for (const text of ['A', 'B']) expect(isFound(queryOf({ [LABEL]: text }), dataset), text).to.equal(true)
    for (const text of ['ONE', 'TWO']) {
      expect(isFound(queryOf({ '00404025.00080100': text }), dataset), text).to.equal(true)
    }
  })
})

describe('What is no key of the index', () => {
  const others: readonly Dataset[] = [
    at('00081195', '1.2.3'),
    at(UNIQUE, '1.2.3'),
    at('0020000D', '1.2.3'),
    at('00404010', '20260301'),
    at('00404025.00080104', 'ONE'),
    at('00404025.00080103', 'ONE'),
    at('00741210.0040A043.00080100', 'ONE'),
    at('00101002.00100020', 'ONE'),
    at('00404034.00404037', { Alphabetic: 'ONE' }),
    at('00080100', 'ONE'),
    at(OFFSET, '+0100'),
    { '00091001': { vr: 'LO', Value: ['ONE'] } },
  ]
  for (const dataset of others) {
    it(`never becomes a term: ${JSON.stringify(dataset)}`, () => {
      expect(indexTerms(dataset)).to.equal(indexTerms({}))
      expect(indexTerms({})).to.equal(EVERY)
    })
  }

  it('leaves everything to be looked at', () => {
    const to = { is: 'everything' }
    for (const [path, text] of [
      ['00081195', '1.2.3'],
      ['0020000D', '1.2.3'],
      ['00404010', '20260301'],
      ['00404025.00080104', 'ONE'],
      ['00404025.00404009.00080100', 'ONE'],
      ['00080100', 'ONE'],
      [UNIQUE, '1.2.3'],
    ] as const) {
      const parsed = parseQueryKeys([{ name: path, list: [text] }], {})
      if (parsed.ok) expect(narrow(parsed.value, 'UTC'), path).to.deep.equal({ to, exact: false })
    }
    expect(narrow({ '00081195': { type: 'uid', values: ['1.2.3'] } }, 'UTC')).to.deep.equal({ to, exact: false })
    expect(narrow({}, 'UTC')).to.deep.equal({ to, exact: true })
  })

  it('does not hide what the index knows beside it, and is not exact with it', () => {
    const query = queryOf({ [LABEL]: 'A', '0020000D': '1.2.3' })
    expect(narrow(query, 'UTC')).to.deep.equal({ to: narrow(queryOf({ [LABEL]: 'A' }), 'UTC').to, exact: false })
  })

  it('is the unique key: it is told apart', () => {
    expect(queriedUids(queryOf({ [UNIQUE]: ['1.2.3', '1.2.4'] }))).to.deep.equal(['1.2.3', '1.2.4'])
    expect(queriedUids(queryOf({ [LABEL]: 'A' }))).to.equal(undefined)
    expect(queriedUids(queryOf({ [UNIQUE]: '' }))).to.equal(undefined)
  })
})

interface Row {
  readonly found: readonly Value[]
  /** Not found by the index alone, too. */
  readonly not: readonly Value[]
  readonly exact: boolean
  /** As a rule what does not match is not found; these are found and do not match. */
  readonly rough?: readonly Value[]
  readonly options?: QueryOptions
}

/** Found is what matches, and what may be found beside it. */
function expectRow(tag: Tag, list: readonly string[], { found, not, exact, rough = [], options }: Row): void {
  const query = queryOf({ [tag]: list }, options)
  const shown = (value: Value): string => `${list.join()} ${JSON.stringify(value)}`
  const isMatch = (value: Value): boolean => matches(query, at(tag, value), { timeZone: 'UTC' })
  for (const value of found) expect([isFound(query, at(tag, value)), isMatch(value)], shown(value)).to.deep.equal([true, true])
  for (const value of rough) expect([isFound(query, at(tag, value)), isMatch(value)], shown(value)).to.deep.equal([true, false])
  for (const value of not) expect([isFound(query, at(tag, value)), isMatch(value)], shown(value)).to.deep.equal([false, false])
  expect(isExact(query), `exact ${list.join()}`).to.equal(exact)
} // prettier-ignore

/** Else `""` is two quotation marks. */
const OR_EMPTY: QueryOptions = { emptyvaluematching: true }

/** One byte less than what texts are told apart by. */
const LONG = 'x'.repeat(63)

describe('Texts in the index', () => {
  const rows: readonly (readonly [string, readonly string[], Row])[] = [
    ['a value', ['A'], { found: ['A', ' A '], not: ['a', 'AB', 'BA', ''], exact: true }],
    ['several values', ['A', 'B'], { found: ['A', 'B'], not: ['AB', 'C'], exact: true }],
    ['the beginning', ['A*'], { found: ['A', 'AB', 'A B'], not: ['a', 'BA'], exact: true }],
    ['several *', ['A**'], { found: ['A', 'AB'], not: ['B'], exact: true }],
    ['? at the end', ['A?'], { found: ['AB'], not: ['BA'], rough: ['A', 'ABC'], exact: false }],
    ['* and ?', ['A*?'], { found: ['AB', 'ABC'], not: ['BA'], rough: ['A'], exact: false }],
    ['* in the middle', ['A*C'], { found: ['AC', 'ABC'], not: ['BC'], rough: ['AB'], exact: false }],
    ['* in front', ['*C'], { found: ['C', 'AC'], not: [], rough: ['CA'], exact: false }],
    ['? in front', ['?C'], { found: ['AC'], not: [], rough: ['C'], exact: false }],
    ['a value and a pattern', ['A', 'B*'], { found: ['A', 'BC'], not: ['AB', 'C'], exact: true }],
    ['a value and * in front', ['A', '*C'], { found: ['A', 'AC'], not: [], rough: ['B'], exact: false }],
    ['no value', ['""'], { found: [''], not: [], rough: ['A'], exact: false, options: OR_EMPTY }],
    ['a value or none', ['""', 'A'], { found: ['', 'A'], not: [], rough: ['B'], exact: false, options: OR_EMPTY }],
    ['63 bytes', [LONG], { found: [LONG], not: [`${LONG}x`, 'x'], exact: true }],
    ['64 bytes', [`${LONG}x`], { found: [`${LONG}x`], not: [LONG], rough: [`${LONG}xx`], exact: false }],
    ['65 bytes', [`${LONG}xx`], { found: [`${LONG}xx`], not: [LONG], rough: [`${LONG}xy`], exact: false }],
    ['half a character more', [`${LONG}é`], { found: [`${LONG}é`], not: [LONG], rough: [`${LONG}è`], exact: false }],
    ['63 bytes and *', [`${LONG}*`], { found: [LONG, `${LONG}x`], not: ['x'], exact: true }],
    ['64 bytes and *', [`${LONG}x*`], { found: [`${LONG}xx`], not: [LONG], exact: false }],
    ['65 bytes and *', [`${LONG}xx*`], { found: [`${LONG}xxx`], not: [LONG], rough: [`${LONG}xyx`], exact: false }],
    ['no character', ['\ufffd'], { found: ['\ufffd'], not: ['A'], rough: ['\ud800'], exact: false }],
    ['no character and *', ['\ufffd*'], { found: ['\ufffdA'], not: ['A'], rough: ['\ud800A'], exact: false }],
    ['other letters', ['Ä😀'], { found: ['Ä😀'], not: ['A\u0308😀', 'Ä'], exact: true }],
  ]
  for (const [what, list, row] of rows) it(`by ${what}`, () => expectRow(LABEL, list, row))

  it('* alone, and an empty key, are everything', () => {
    for (const list of [['*'], [''], []]) {
      expect(narrow(queryOf({ [LABEL]: list }), 'UTC')).to.deep.equal({ to: { is: 'everything' }, exact: true })
    }
  })

  it('of another VR have the padding of theirs', () => {
    const dataset: Dataset = { [LABEL]: { vr: 'LT', Value: [' A '] } }
    expect(isFound(queryOf({ [LABEL]: ' A' }), dataset)).to.equal(matches(queryOf({ [LABEL]: ' A' }), dataset, {}))
    expect(isFound(queryOf({ [LABEL]: 'A' }), dataset)).to.equal(false)
  })
})

describe('Names in the index', () => {
  const name = (Alphabetic: string, Ideographic?: string, Phonetic?: string): PersonName => ({
    Alphabetic,
    ...(Ideographic !== undefined && { Ideographic }),
    ...(Phonetic !== undefined && { Phonetic }),
  })
  const names = (...all: readonly string[]): readonly PersonName[] => all.map((text) => name(text))
  const fuzzy = { fuzzymatching: true }

  const rows: readonly (readonly [string, readonly string[], Row])[] = [
    [
      'one component',
      ['Doe'],
      { found: [...names('DOE^JOHN', 'doe', 'Döe^'), name('X', 'DOE')], not: names('DOEL', 'DO', 'JOHN^DOE'), exact: true },
    ],
    ['another component', ['^John'], { found: names('DOE^JOHN', '^john'), not: names('JOHN', '^^JOHN'), exact: true }],
    ['several names', ['Doe', '^John'], { found: names('DOE', 'ROE^JOHN'), not: names('ROE^JANE'), exact: true }],
    [
      'two components, which may be in two groups',
      ['Doe^John'],
      { found: names('DOE^JOHN'), not: names('DOE^JANE', 'ROE^JOHN', 'JOHN^DOE'), rough: [name('DOE^X', 'X^JOHN')], exact: false },
    ],
    [
      'one group',
      ['Doe=山田'],
      { found: [name('DOE', '山田^太郎')], not: names('DOE', '山田'), rough: [name('山田', 'DOE')], exact: false },
    ],
    ['the second group', ['=山田'], { found: [name('X', '山田')], not: names('X'), rough: names('山田'), exact: false }],
    ['the beginning of a component', ['Do*'], { found: names('DOE', 'do', 'DOE^X'), not: names('ROE', 'X^DOE'), exact: false }],
    ['? in a component', ['D?e'], { found: names('DAE', 'DOE'), not: names('ADE'), rough: names('DAF'), exact: false }],
    ['* in front', ['*oe'], { found: names('DOE', 'X^ROE'), not: [], rough: names('DO'), exact: false }],
    [
      'a whole group',
      ['Doe^J*n'],
      { found: names('DOE^JOHN', 'DOE^J^N', 'doe^jan'), not: names('DO^JOHN', 'DOEL^JOHN'), rough: names('DOE^ADAM'), exact: false },
    ],
    [
      'a whole group, * over components',
      ['D*^J*'],
      { found: names('DOE^ADAM^JOHN', 'D^J'), not: names('ROE^J'), rough: names('DOE'), exact: false },
    ],
    ['a whole group with spaces', ['Doe ^ J*'], { found: names('DOE^JOHN'), not: names('ROE^JOHN'), exact: false }],
    ['* in a second component', ['^J*'], { found: names('DOE^JOHN'), not: [], rough: names('DOE'), exact: false }],
    ['a sound', ['Smyth'], { found: names('SMITH^J', 'X^SMITH', 'SMYTH'), not: names('DOE'), exact: false, options: fuzzy }],
    [
      'sounds in any order',
      ['John Meyer'],
      { found: names('MAIER-X^JON', 'Jon^Meier'), not: names('JON^DOE', 'MEYER'), exact: false, options: fuzzy },
    ],
    [
      'a sound and the pattern of a word',
      ['Jon Sm*'],
      { found: names('SMITH^JOHN'), not: names('SMITH^ADAM'), rough: names('DOE^JOHN'), exact: false, options: fuzzy },
    ],
    ['63 bytes', [LONG], { found: names(LONG), not: names(`${LONG}x`), exact: true }],
    ['64 bytes', [`${LONG}a`], { found: names(`${LONG}a`), not: names(LONG), rough: names(`${LONG}ab`), exact: false }],
    ['a value or none', ['""', 'Doe'], { found: names('DOE'), not: [], rough: names('ROE'), exact: false, options: OR_EMPTY }],
    ['many components', ['^^^^Jr'], { found: names('D^J^^^JR'), not: names('D^J^^JR'), exact: true }],
  ] // prettier-ignore
  for (const [what, list, row] of rows) it(`by ${what}`, () => expectRow(NAME, list, row))

  it('are never more than the index says', () => {
    const component = fc.constantFrom('', 'DOE', 'doe', 'DO', 'Smith', 'Smyth', 'MEYER-SMITH', "O'BRIEN", '山', 'É', LONG, `${LONG}a`, `${LONG}b`)
    const group = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('^'))
    const asked = fc.array(fc.oneof(component, component, fc.constantFrom('*', 'D*', '?', 'Sm?th', '*E', 'D* S*')), { minLength: 1, maxLength: 3 })
    const key = fc.array(asked.map((parts) => parts.join('^')), { minLength: 1, maxLength: 2 }).map((groups) => groups.join('='))
    const value = fc.record({ Alphabetic: group, Ideographic: group }, { requiredKeys: [] })
    fc.assert(fc.property(fc.array(key, { minLength: 1, maxLength: 2 }), value, fc.boolean(), (list, one, fuzzymatching) => {
      const parsed = parseQueryKeys([{ name: NAME, list }], { fuzzymatching })
      if (parsed.ok) expectSound(parsed.value, at(NAME, one), 'UTC')
    }), { numRuns: 500 })
  }) // prettier-ignore
})

/** What matches is found, and where the index is exact, what is found matches. */
function expectSound(query: Query, dataset: Dataset, timeZone: string): void {
  const [found, match] = [isFound(query, dataset, timeZone), matches(query, dataset, { timeZone })]
  if (match) expect(found, 'what matches is found').to.equal(true)
  else if (isExact(query, timeZone)) expect(found, 'what is found matches').to.equal(false)
}

describe('Sequences in the index', () => {
  const code = (value: string, scheme: string): Dataset => ({ ...at('00080100', value), ...at('00080102', scheme) })
  const station = (...items: readonly Dataset[]): Dataset => ({ '00404025': { vr: 'SQ', Value: items } })
  const [VALUE, SCHEME] = ['00404025.00080100', '00404025.00080102'] as const

  it('by one key are exact, by two are not: they may be in two items', () => {
    expect(isExact(queryOf({ [VALUE]: 'A' }))).to.equal(true)
    expect(isExact(queryOf({ [VALUE]: ['A', 'B'] }))).to.equal(true)
    expect(isExact(queryOf({ [VALUE]: 'A', [SCHEME]: '' }))).to.equal(true)
    expect(isExact(queryOf({ [VALUE]: 'A', '00404026.00080100': 'B' }))).to.equal(true)
    const query = queryOf({ [VALUE]: 'A', [SCHEME]: 'X' })
    expect(isExact(query)).to.equal(false)
    expect(isFound(query, station(code('A', 'X')))).to.equal(true)
    expect(isFound(query, station(code('A', 'Y'), code('B', 'X')))).to.equal(true)
    expect(isFound(query, station(code('A', 'Y'), code('B', 'Y')))).to.equal(false)
  })

  it('in sequences are as exact as the innermost ones', () => {
    const inner = '0040A370.00080051.0040003'
    expect(isExact(queryOf({ [`${inner}1`]: 'A' }))).to.equal(true)
    expect(isExact(queryOf({ [`${inner}1`]: 'A', [`${inner}2`]: 'B' }))).to.equal(false)
    expect(isExact(queryOf({ [`${inner}1`]: 'A', '0040A370.00080050': 'B' }))).to.equal(false)
  })

  it('by all of several values are not exact, where one item has to have them', () => {
    const all = (...values: readonly string[]) => ({
      type: 'all' as const,
      of: values.map((value) => ({ type: 'text' as const, values: [value], patterns: [] })),
    })
    const query: Query = { '00404025': { type: 'sequence', item: { '00080100': all('A', 'B') } } }
    expect(isExact(query)).to.equal(false)
    expect(isFound(query, station(code('A', 'X'), code('B', 'X')))).to.equal(true)
    expect(isFound(query, station(code('A', 'X')))).to.equal(false)
    expect(isExact({ [LABEL]: all('A', 'B') })).to.equal(true)
    expect(isFound({ [LABEL]: all('A', 'B') }, at(LABEL, 'A', 'B'))).to.equal(true)
    expect(isFound({ [LABEL]: all('A', 'B') }, at(LABEL, 'A'))).to.equal(false)
  })

  it('whose items may be any are everything', () => {
    expect(narrow(queryOf({ [VALUE]: '' }), 'UTC')).to.deep.equal({ to: { is: 'everything' }, exact: true })
    expect(narrow(queryOf({ '00404025': '' }), 'UTC')).to.deep.equal({ to: { is: 'everything' }, exact: true })
  })

  it('by what is no key in them are everything, and not exact', () => {
    const query = queryOf({ '00404025.00080104': 'A' })
    expect(narrow(query, 'UTC')).to.deep.equal({ to: { is: 'everything' }, exact: false })
  })
})

const times = <T>(count: number, one: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => one(i))
/** Every other day from the first one of 2020. */
const everyOther = (count: number): readonly string[] =>
  times(count, (i) => new Date(Date.UTC(2020, 0, 1 + 2 * i)).toISOString().slice(0, 10).replaceAll('-', ''))

describe('Dates in the index', () => {
  const rows: readonly (readonly [string, readonly string[], Row])[] = [
    ['a day', ['20260301'], { found: ['20260301'], not: ['20260228', '20260302', '2026'], exact: true }],
    ['a range', ['20260228-20260302'], { found: ['20260228', '20260302'], not: ['20260227', '20260303'], exact: true }],
    ['a beginning', ['20260301-'], { found: ['20260301', '99991231'], not: ['20260228', '00000101'], exact: true }],
    ['an end', ['-20260301'], { found: ['20260301', '00000101'], not: ['20260302', '99991231'], exact: true }],
    [
      'a day or none',
      ['""', '20260301'],
      { found: ['', '20260301'], not: [], rough: ['20260302'], exact: false, options: OR_EMPTY },
    ],
  ]
  for (const [what, list, row] of rows) it(`by ${what}`, () => expectRow(BIRTH, list, row))

  it('ranges that meet are one', () => {
    const to = (...list: readonly string[]): Narrowing => narrow(queryOf({ [BIRTH]: list }), 'UTC').to
    const one = to('20260301-20260320')
    expect(to('20260301-20260310', '20260305-20260320')).to.deep.equal(one)
    expect(to('20260311-20260320', '20260301-20260310')).to.deep.equal(one)
    expect(to('20260301-20260320', '20260305', '20260306-20260320')).to.deep.equal(one)
    expect(to('20260301-20260309', '20260311-20260320')).to.not.deep.equal(one)
    expect(to('-20260310', '20260305-')).to.deep.equal(to('-20260320', '20260301-'))
  })

  it('of up to 500 rungs are exact, of more from the first to the last', () => {
    const [few, many] = [500, 501].map((count) => narrow(queryOf({ [BIRTH]: everyOther(count) }), 'UTC'))
    const has = (narrowed: typeof few, day: string): boolean =>
      narrowed !== undefined && satisfies(termsOf(at(BIRTH, day)), narrowed.to)
    expect([few?.exact, many?.exact]).to.deep.equal([true, false])
    expect([has(few, '20200102'), has(many, '20200102')]).to.deep.equal([false, true])
    const [after = '', ...days] = everyOther(502).toReversed()
    for (const day of days) expect(has(many, day), day).to.equal(true)
    for (const day of ['20191231', after]) expect(has(many, day), day).to.equal(false)
  })
})

describe('Date-times in the index', () => {
  const exact: readonly (readonly [string, string, boolean])[] = [
    ['20260301', 'UTC', true],
    ['20260301', 'Europe/Vienna', true],
    ['2026030109', 'Europe/Vienna', true],
    ['202603010900-20260301091459.999999', 'UTC', true],
    ['202603010900-2026030109', 'UTC', true],
    ['202603010900', 'UTC', false],
    ['20260301090001-20260302', 'UTC', false],
    ['20260301-20260302090000', 'UTC', false],
    ['20260301-', 'Europe/Vienna', true],
    ['-20260301', 'Europe/Vienna', true],
    ['20260329', 'Europe/Vienna', true],
    ['2026031509+0100', 'Europe/Vienna', true],
    ['2026032909+0100', 'Europe/Vienna', false],
    ['2026032709+0100-', 'Europe/Vienna', true],
    ['2026032809+0100-', 'Europe/Vienna', false],
    ['-2026032809+0100', 'Europe/Vienna', false],
    ['2026032809+0100-', 'UTC', true],
    ['2026030109+0007', 'UTC', false],
    ['2026030109', '+00:07', false],
    ['2026030109+0000', '+00:07', false],
    ['2026030109', 'Asia/Kathmandu', true],
  ]
  for (const [range, timeZone, expected] of exact) {
    it(`${range} in ${timeZone} are ${expected ? '' : 'not '}exact`, () => {
      expect(isExact(queryOf({ [START]: range }), timeZone)).to.equal(expected)
    })
  }

  it('are on the clock that they were written on', () => {
    const query = queryOf({ [START]: '2026030109' })
    const found = (text: string, more: Dataset = {}): boolean =>
      isFound(query, { ...at(START, text), ...more }, 'Europe/Vienna')
    expect(found('202603010930')).to.equal(true)
    expect(found('202603010930+0100')).to.equal(true)
    expect(found('202603010830+0000')).to.equal(true)
    expect(found('202603010930+0000')).to.equal(false)
    expect(found('202603010830')).to.equal(false)
    expect(found('202603010830', at(OFFSET, '+0000'))).to.equal(true)
    expect(found('202603010930', at(OFFSET, '+0000'))).to.equal(false)
    expect(found('202603010930+0100', at(OFFSET, '+0000'))).to.equal(true)
    expect(found('202603010930', at(OFFSET, 'x'))).to.equal(true)
  })

  it('that can only be read in a zone are found on all clocks that it may have', () => {
    const query = queryOf({ [START]: '20260328233000+0000-20260329013000+0000' })
    for (const text of ['202603290030', '20260329013000', '202603290330', '202603290015+0000']) {
      expect(isFound(query, at(START, text), 'Europe/Vienna'), text).to.equal(true)
    }
    expect(isFound(query, at(START, '202603290345'), 'Europe/Vienna')).to.equal(false)
    expect(isFound(query, at(START, '202603290015'), 'Europe/Vienna')).to.equal(false)
  })

  it('of a reversed interval are none', () => {
    for (const range of ['2027-2025+0000', '2027+0000-2025']) {
      const query = queryOf({ [START]: range })
      for (const text of ['2024', '2026', '2026+0000', '2028', '2028+0000']) {
        expect(isFound(query, at(START, text)), `${text} in ${range}`).to.equal(false)
      }
    }
  })

  for (const reversed of ['2027-2025+0000', '2027+0000-2025', '2021-2019+0000', '2019+0000-2018']) {
    it(`of more than 500 rungs are found with ${reversed}, which is none, among them`, () => {
      const many = everyOther(560).map((day) => `${day}07-${day}0714`)
      const { to, exact: isSure } = narrow(queryOf({ [START]: [...many, reversed] }), 'UTC')
      expect(isSure).to.equal(false)
      for (const day of everyOther(560)) {
        for (const one of [`${day}07`, `${day}07+0000`])
          expect(satisfies(termsOf(at(START, one)), to), one).to.equal(true)
      }
    })
  }

  it('are never more than the index says, in whatever zone', () => {
    const clock = fc.constantFrom(
      '2026', '202603', '20260301', '20260328', '202603290130', '2026032902', '20260329021500', '202603290330', '20260329235959.999999', '20260330',
      '20261025013000', '2026102502', '20261025030000', '20111229', '20111230', '20111231003000', '00010101', '9999', '202603010907', '20260301001459.999999',
    )
    const text = fc.tuple(clock, fc.constantFrom('', '', '', '+0000', '+0100', '-1200', '+0530', '+0007')).map((parts) => parts.join(''))
    const range = fc.oneof(fc.tuple(text, text).map((ends) => ends.join('-')), text, text.map((end) => `${end}-`), text.map((end) => `-${end}`))
    const zone = fc.constantFrom('Europe/Vienna', 'UTC', 'Pacific/Apia', 'Australia/Lord_Howe', '-03:30')
    fc.assert(fc.property(fc.array(range, { minLength: 1, maxLength: 2 }), text, zone, fc.boolean(), (list, value, timeZone, isOffset) => {
      const parsed = parseQueryKeys([{ name: START, list }], {})
      if (parsed.ok) expectSound(parsed.value, { ...at(START, value), ...(isOffset && at(OFFSET, '+0200')) }, timeZone)
    }), { numRuns: 1_000 })
  }) // prettier-ignore
})

describe('What takes much to narrow', () => {
  const ofValues = (name: string, list: readonly string[]): Narrowing => {
    const parsed = parseQueryKeys([{ name, list }])
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    return narrow(parsed.value, 'UTC').to
  }
  const texts = (narrowing: Narrowing): readonly string[] =>
    narrowing.is === 'any'
      ? narrowing.of.flatMap(texts)
      : 'text' in narrowing
        ? [`${narrowing.is} ${narrowing.text}`]
        : []
  const kinds = (list: readonly string[]): readonly string[] =>
    texts(ofValues('PatientID', list)).map((one) => one.split(' ')[0] ?? '')

  it('holds no alternative that another one covers', () => {
    expect(kinds(['A*', 'AB', 'A', 'AB*', 'A*'])).to.deep.equal(['prefix'])
    expect(kinds(['A', 'A', 'B', 'AB*'])).to.deep.equal(['term', 'term', 'prefix'])
    expect(kinds(['A', 'AB*', 'B*', 'BA'])).to.deep.equal(['term', 'prefix', 'prefix'])
  })

  it('is left out where it is too much, and nothing else', () => {
    const few = ofValues('PatientID', ['A', 'B'])
    const many = ofValues('WorklistLabel', ['A', 'B', 'C', 'D'])
    const beginning = ofValues('PatientSex', ['M*'])
    const most = { terms: 3, prefixes: 0 }
    expect(lighter(few, most)).to.equal(few)
    expect(lighter(many, most)).to.deep.equal({ is: 'everything' })
    expect(lighter({ is: 'all', of: [few, many, beginning] }, most)).to.deep.equal({ is: 'all', of: [few] })
    expect(lighter({ is: 'all', of: [few, few] }, most)).to.deep.equal({ is: 'everything' })
    expect(lighter({ is: 'all', of: [many, beginning] }, most)).to.deep.equal({ is: 'everything' })
  })
})
