/** Depth and width of documents, against what they are when every fragment is written out. */
import { expect } from 'chai'
import fc from 'fast-check'
import { type DocumentNode, Kind, parse } from 'graphql'
import { measureDocument } from '../../plugin/graphql/document-shape.ts'

type Selection =
  | { readonly is: 'field'; readonly alias: boolean; readonly inner: readonly Selection[] }
  | { readonly is: 'inline'; readonly inner: readonly Selection[] }
  /** Of the fragment with that number, which may not be there. */
  | { readonly is: 'spread'; readonly of: number }

interface Written {
  readonly operations: readonly (readonly Selection[])[]
  readonly fragments: readonly (readonly Selection[])[]
}

const FRAGMENTS = 4

const { selections } = fc.letrec<{ selection: Selection; selections: readonly Selection[] }>((tie) => ({
  selection: fc.oneof(
    { maxDepth: 3 },
    fc.record({ is: fc.constant('field' as const), alias: fc.boolean(), inner: fc.constant([]) }),
    fc.record({ is: fc.constant('spread' as const), of: fc.integer({ min: 0, max: FRAGMENTS }) }),
    fc.record({ is: fc.constant('field' as const), alias: fc.boolean(), inner: tie('selections') }),
    fc.record({ is: fc.constant('inline' as const), inner: tie('selections') }),
  ),
  selections: fc.array(tie('selection'), { minLength: 1, maxLength: 3 }),
}))

const documents: fc.Arbitrary<Written> = fc.record({
  operations: fc.array(selections, { minLength: 1, maxLength: 2 }),
  fragments: fc.array(selections, { minLength: FRAGMENTS, maxLength: FRAGMENTS }),
})

const textOf = (all: readonly Selection[]): string =>
  `{ ${all
    .map((one) => {
      if (one.is === 'spread') return `...F${one.of}`
      if (one.is === 'inline') return `... ${textOf(one.inner)}`
      return `${one.alias ? 'a: ' : ''}f ${one.inner.length > 0 ? textOf(one.inner) : ''}`
    })
    .join(' ')} }`

const documentOf = ({ operations, fragments }: Written): DocumentNode =>
  parse(
    [
      ...operations.map((one, index) => `query Q${index} ${textOf(one)}`),
      ...fragments.map((one, index) => `fragment F${index} on T ${textOf(one)}`),
    ].join('\n'),
  )

/** Without spreads; undefined: it would never end. */
function expanded(
  all: readonly Selection[],
  fragments: Written['fragments'],
  within: readonly number[] = [],
): readonly Selection[] | undefined {
  const parts = all.map((one): readonly Selection[] | undefined => {
    if (one.is === 'spread') {
      if (within.includes(one.of)) return undefined
      return expanded(fragments[one.of] ?? [], fragments, [...within, one.of])
    }
    const inner = expanded(one.inner, fragments, within)
    return inner && [{ ...one, inner }]
  })
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? [])
}

const depthOf = (all: readonly Selection[]): number =>
  Math.max(0, ...all.map((one) => (one.is === 'spread' ? 0 : depthOf(one.inner) + (one.is === 'field' ? 1 : 0))))

const aliasesOf = (all: readonly Selection[]): number =>
  all
    .map((one) => (one.is === 'spread' ? 0 : aliasesOf(one.inner) + (one.is === 'field' && one.alias ? 1 : 0)))
    .reduce((sum, aliases) => sum + aliases, 0)

function naively({ operations, fragments }: Written): ReturnType<typeof measureDocument> {
  const whole = [...operations, ...fragments].map((one) => expanded(one, fragments))
  const all = whole.flatMap((one) => (one === undefined ? [] : [one]))
  if (all.length < whole.length) return { is: 'circular' }
  return { is: 'measured', depth: Math.max(...all.map(depthOf)), aliases: Math.max(...all.map(aliasesOf)) }
}

const measured = (text: string): ReturnType<typeof measureDocument> => measureDocument(parse(text))
const shape = (depth: number, aliases: number): object => ({ is: 'measured', depth, aliases })

describe('The shape of a document', () => {
  it('is that of what it is when its fragments are written out', () => {
    fc.assert(
      fc.property(documents, (written) => {
        expect(measureDocument(documentOf(written))).to.deep.equal(naively(written))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is so, too, where no fragment contains itself', () => {
    const forwards = (all: readonly Selection[], above: number): readonly Selection[] =>
      all.map((one) => {
        if (one.is === 'spread') return { ...one, of: Math.max(one.of, above + 1) }
        return { ...one, inner: forwards(one.inner, above) }
      })
    fc.assert(
      fc.property(documents, ({ operations, fragments }) => {
        const written = { operations, fragments: fragments.map(forwards) }
        const found = measureDocument(documentOf(written))
        expect(found.is).to.equal('measured')
        expect(found).to.deep.equal(naively(written))
      }),
      { numRuns: 500 },
    )
  })

  it('is the deepest and the widest of its operations, be they the same or not', () => {
    expect(measured('query A { a { b { c } } } query B { x: a y: a z: a }')).to.deep.equal(shape(3, 3))
    expect(measured('{ a }')).to.deep.equal(shape(1, 0))
    expect(measured('mutation { x: a { y: b } }')).to.deep.equal(shape(2, 2))
    expect(measured('subscription { a { x: b } }')).to.deep.equal(shape(2, 1))
  })

  it('counts neither inline fragments nor spreads as fields', () => {
    expect(measured('{ ... { ... on T { ...F } } } fragment F on T { a { ... { b } } }')).to.deep.equal(shape(2, 0))
  })

  it('counts the aliases of a fragment as often as it is spread', () => {
    expect(measured('{ ...F x: a { ...F ...F } } fragment F on T { p: a q: a }')).to.deep.equal(shape(2, 7))
  })

  it('has nothing of fragments that are not there, and of definitions of types', () => {
    expect(measured('{ a { ...F } }')).to.deep.equal(shape(1, 0))
    expect(measured('type T { a: Int }')).to.deep.equal(shape(0, 0))
  })

  const CIRCULAR: Readonly<Record<string, string>> = {
    'in itself': '{ ...F } fragment F on T { a { ...F } }',
    'in itself, at once': '{ ...F } fragment F on T { ...F }',
    'through others':
      '{ ...A } fragment A on T { a { ...B } } fragment B on T { ... { ...C } } fragment C on T { ...A }',
    'though nobody uses it': '{ a } fragment F on T { ...F }',
    'through others, though nobody uses them': '{ a } fragment A on T { ...B } fragment B on T { ...A }',
    'behind one that is not': '{ ...A } fragment A on T { a ...B } fragment B on T { b ...B }',
    'after it was found well elsewhere': '{ ...G ...A } fragment G on T { a } fragment A on T { ...G ...A }',
  }
  for (const [where, text] of Object.entries(CIRCULAR)) {
    it(`is circular where a fragment is ${where}`, () => {
      expect(measured(text)).to.deep.equal({ is: 'circular' })
    })
  }

  it('is not circular where a fragment is there twice', () => {
    expect(measured('{ ...A ...A a { ...A } } fragment A on T { ...B ...B } fragment B on T { b }').is).to.equal(
      'measured',
    )
  })

  it('is told by looking at each fragment twice at most, however often it is spread', () => {
    const count = 800
    const names = Array.from({ length: count }, (_, index) => index)
    const chain = names.map((n) => `fragment F${n} on T { x: a ${n + 1 < count ? `...F${n + 1} ...F${n + 1}` : ''} }`)
    const document = parse(`{ ...F0 ...F0 } ${chain.join(' ')}`)
    let looks = 0
    for (const one of document.definitions) {
      if (one.kind !== Kind.FRAGMENT_DEFINITION) continue
      const { selections: all } = one.selectionSet
      Object.defineProperty(one.selectionSet, 'selections', {
        get() {
          looks += 1
          return all
        },
      })
    }
    const found = measureDocument(document)
    expect(found).to.have.property('depth', 1)
    expect(found)
      .to.have.property('aliases')
      .above(2 ** 800)
    expect(looks).to.be.at.most(2 * count)
  })
})
