/** What is refused before it is run, at the limit and one beyond it. */
import { expect } from 'chai'
import fc from 'fast-check'
import { GraphQLError, parse } from 'graphql'
import { wordsOf } from '../../plugin/graphql/document-text.ts'
import { costError, nothingSpent, parseWithin, shapeError, spendCharacters } from '../../plugin/graphql/limits.ts'
import { DEFAULT_LIMITS, type Limits } from '../../plugin/graphql/ports.ts'
import { worklistSchema } from '../../plugin/graphql/schema.ts'

const schema = worklistSchema()

interface Run {
  readonly variables?: Readonly<Record<string, unknown>>
  readonly name?: string | null
  readonly limits?: Partial<Limits>
}

const codeOf = (error: GraphQLError | undefined): unknown => error?.extensions.code

const ofShape = (text: string, limits: Partial<Limits> = {}): GraphQLError | undefined =>
  shapeError(parse(text), { ...DEFAULT_LIMITS, ...limits })

const ofCost = (text: string, { variables, name, limits }: Run = {}): GraphQLError | undefined =>
  costError(
    {
      schema,
      document: parse(text),
      ...(name === undefined ? {} : { operationName: name }),
      ...(variables === undefined ? {} : { variableValues: variables }),
    },
    { ...DEFAULT_LIMITS, ...limits },
    nothingSpent(),
  )

/** The error of a document that is not even parsed. */
function ofText(text: string, limits: Partial<Limits> = {}): GraphQLError | undefined {
  try {
    parseWithin(text, { ...DEFAULT_LIMITS, ...limits })
    return undefined
  } catch (error) {
    return error as GraphQLError
  }
}

describe('The text of a document', () => {
  it('has 65 536 characters at most, all those of a request together', () => {
    const spent = nothingSpent()
    spendCharacters(' '.repeat(65_000), spent)
    spendCharacters(' '.repeat(536), spent)
    expect(() => spendCharacters(' ', spent))
      .to.throw(GraphQLError)
      .with.nested.property('extensions.code', 'TOO_LARGE')
  })

  const KINDS: Readonly<Record<string, readonly [string, string, number]>> = {
    braces: ['{a', '}', 1],
    brackets: ['[', ']', 1],
    parentheses: ['(', ')', 1],
    'all of them': ['{a(b:[', '])}', 3],
  }
  for (const [what, [open, close, each]] of Object.entries(KINDS)) {
    it(`has 100 brackets in each other at most: ${what}`, () => {
      const nested = (count: number): string => `${open.repeat(count)} a ${close.repeat(count)}`
      expect(wordsOf(nested(10), 10_000).nesting).to.equal(10 * each)
      const most = Math.floor(100 / each)
      expect(codeOf(ofText(nested(most)))).not.to.equal('TOO_DEEP')
      const error = ofText(nested(most + 1))
      expect(codeOf(error)).to.equal('TOO_DEEP')
      expect(error?.message).to.match(/brackets in each other, the limit is 100\.$/)
    })
  }

  it('may have any number of them beside each other, in strings and in comments', () => {
    expect(ofText(`{ ${'a(b: []) { c } '.repeat(140)} }`)).to.equal(undefined)
    expect(ofText(`{ a(b: "${'{['.repeat(300)}") } # ${'(('.repeat(300)}`)).to.equal(undefined)
    expect(ofText(`{ a(b: """${'{[" '.repeat(300)}""") }`)).to.equal(undefined)
  })

  it('spreads 100 fragments at most', () => {
    const spreading = (count: number): string => `{ ${'...F '.repeat(count)} } fragment F on Query { __typename }`
    expect(ofText(spreading(100))).to.equal(undefined)
    expect(codeOf(ofText(spreading(101)))).to.equal('TOO_LARGE')
  })

  it('has the same name 220 times at most', () => {
    expect(ofText(`{ ${'a '.repeat(220)} }`)).to.equal(undefined)
    expect(codeOf(ofText(`{ ${'a '.repeat(221)} }`))).to.equal('TOO_LARGE')
  })

  it('has as many words as the service allows at most', () => {
    expect(ofText('{ a b c }', { tokens: 5 })).to.equal(undefined)
    expect(ofText('{ a b c }', { tokens: 4 })?.message).to.match(/^Syntax Error: Document contains more than 4 tokens/)
  })

  it('says what is no word of GraphQL', () => {
    expect(ofText('{ a(b: "')?.message).to.match(/^Syntax Error/)
  })

  it('that is let through does not exhaust the parser', () => {
    const part = fc.constantFrom('{', '}', '[', ']', '(', ')', 'a', ':', '...', '"x"', '$', '@', '!')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 2_000 }), fc.constantFrom('{', '[', '{a', '{...', '('), (parts, open) => {
        const error = ofText(`${open.repeat(99)} ${parts.join(' ')}`)
        if (error) expect(error).to.be.instanceOf(GraphQLError)
      }),
      { numRuns: 50 },
    )
  })
})

describe('The shape of a document', () => {
  it('is 16 fields deep at most, or as deep as the service allows', () => {
    const deep = (depth: number): string => '{ a '.repeat(depth) + '}'.repeat(depth)
    expect(ofShape(deep(16))).to.equal(undefined)
    const error = ofShape(deep(17))
    expect(codeOf(error)).to.equal('TOO_DEEP')
    expect(error?.message).to.equal('The document is 17 fields deep, the limit is 16.')
    expect(ofShape(deep(3), { depth: 3 })).to.equal(undefined)
    expect(codeOf(ofShape(deep(4), { depth: 3 }))).to.equal('TOO_DEEP')
  })

  it('has 100 aliases at most, or as many as the service allows', () => {
    const wide = (aliases: number): string => `{ ${'x: a '.repeat(aliases)} a }`
    expect(ofShape(wide(100))).to.equal(undefined)
    const error = ofShape(wide(101))
    expect(codeOf(error)).to.equal('TOO_MANY_ALIASES')
    expect(error?.message).to.equal('The document has 101 aliases, the limit is 100.')
    expect(codeOf(ofShape(wide(2), { aliases: 1 }))).to.equal('TOO_MANY_ALIASES')
  })

  it('is not circular', () => {
    expect(codeOf(ofShape('{ ...F } fragment F on Query { ...F }'))).to.equal('CIRCULAR')
  })

  it('tells no more than the first that is wrong', () => {
    const all = `${'{ x: a '.repeat(101)} ...F ${'}'.repeat(101)}`
    expect(codeOf(ofShape(`${all} fragment F on Query { ...F }`))).to.equal('CIRCULAR')
    expect(codeOf(ofShape(`${all} fragment F on Query { a }`))).to.equal('TOO_DEEP')
  })
})

describe('The cost of an operation', () => {
  const POSITION = '{ feed { position } }'

  it('may be the limit, and no more', () => {
    expect(ofCost(POSITION, { limits: { cost: 2 } })).to.equal(undefined)
    const error = ofCost(POSITION, { limits: { cost: 1 } })
    expect(codeOf(error)).to.equal('TOO_COSTLY')
    expect(error?.message).to.equal('The operation costs 2, the limit is 1; ask for fewer fields or smaller pages.')
  })

  it('is 25 000 at most by default: 1 000 workitems with 8 fields', () => {
    const page = (fields: number): string =>
      `{ workitems(first: 1000) { nodes { ${Array.from({ length: fields }, (_, n) => `a${n}: uid`).join(' ')} } } }`
    expect(ofCost(page(8))).to.equal(undefined)
    expect(codeOf(ofCost(page(9)))).to.equal('TOO_COSTLY')
  })

  it('goes by the variables that were sent', () => {
    const text = 'query ($n: Int!) { workitems(first: $n) { nodes { uid state } } }'
    expect(ofCost(text, { variables: { n: 100 } })).to.equal(undefined)
    expect(codeOf(ofCost(text, { variables: { n: 1e9 } }))).to.equal('TOO_COSTLY')
    expect(codeOf(ofCost(text, { variables: { n: Number.MAX_VALUE } }))).to.equal('TOO_COSTLY')
    // What is no number of the schema is refused by the execution.
    expect(ofCost(text, { variables: { n: Infinity } })).to.equal(undefined)
  })

  it('counts fragments', () => {
    const text = '{ ...F } fragment F on Query { workitemStatistics { total } }'
    expect(codeOf(ofCost(text, { limits: { cost: 1_001 } }))).to.equal('TOO_COSTLY')
    expect(ofCost(text, { limits: { cost: 1_002 } })).to.equal(undefined)
  })

  it('is that of the operation that is asked for, the first where none is', () => {
    const text = 'query Cheap { feed { position } } query Dear { workitemStatistics { total } }'
    const limits = { cost: 10 }
    expect(ofCost(text, { limits, name: 'Cheap' })).to.equal(undefined)
    expect(codeOf(ofCost(text, { limits, name: 'Dear' }))).to.equal('TOO_COSTLY')
    expect(ofCost(text, { limits })).to.equal(undefined)
    expect(ofCost(text, { limits, name: null })).to.equal(undefined)
    const reversed = 'query Dear { workitemStatistics { total } } query Cheap { feed { position } }'
    expect(codeOf(ofCost(reversed, { limits }))).to.equal('TOO_COSTLY')
    expect(codeOf(ofCost(reversed, { limits, name: null }))).to.equal('TOO_COSTLY')
  })

  it('is left to the execution where there is no such operation', () => {
    expect(ofCost(POSITION, { name: 'Nobody', limits: { cost: 1 } })).to.equal(undefined)
    expect(ofCost('fragment F on Query { workitemStatistics { total } }', { limits: { cost: 1 } })).to.equal(undefined)
  })
})

describe('The variables of an operation', () => {
  const FILTER = 'query ($f: WorkitemFilter) { workitems(filter: $f) { position } }'
  const sized = (count: number): object => ({ patientID: Array.from({ length: count }, () => 'A') })

  it('have 10 000 values each at most, lists and objects being values, too', () => {
    expect(ofCost(FILTER, { variables: { f: sized(9_998) } })).to.equal(undefined)
    expect(codeOf(ofCost(FILTER, { variables: { f: sized(9_999) } }))).to.equal('TOO_LARGE')
    const two =
      'query ($f: WorkitemFilter, $g: WorkitemFilter) { a: workitems(filter: $f) { position } b: workitems(filter: $g) { position } }'
    expect(ofCost(two, { variables: { f: sized(9_000), g: sized(9_000) } })).to.equal(undefined)
    expect(codeOf(ofCost(two, { variables: { f: sized(1), g: sized(9_999) } }))).to.equal('TOO_LARGE')
  })

  it('are counted by all that is in them', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const count = (one: unknown): number =>
          typeof one === 'object' && one !== null
            ? Object.values(one).reduce<number>((sum, inner) => sum + count(inner), 1)
            : 1
        const padded = [value, ...Array.from({ length: 9_999 - count(value) }, () => null)]
        expect(ofCost(FILTER, { variables: { f: padded } })).to.equal(undefined)
        expect(codeOf(ofCost(FILTER, { variables: { f: [...padded, 0] } }))).to.equal('TOO_LARGE')
      }),
      { numRuns: 30 },
    )
  })

  it('are 64 deep at most', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 'x' : [nested(depth - 1)])
    expect(ofCost(FILTER, { variables: { f: nested(64) } })).to.equal(undefined)
    expect(codeOf(ofCost(FILTER, { variables: { f: nested(65) } }))).to.equal('TOO_LARGE')
    let deep: unknown = 'x'
    for (let depth = 0; depth < 500_000; depth++) deep = { a: deep }
    expect(codeOf(ofCost(FILTER, { variables: { f: deep } }))).to.equal('TOO_LARGE')
  })

  it('count for more where they are long texts', () => {
    const long = (characters: number): object => ({ patientID: ['A'.repeat(characters)] })
    expect(ofCost(FILTER, { variables: { f: long(64 * 9_000) } })).to.equal(undefined)
    expect(codeOf(ofCost(FILTER, { variables: { f: long(64 * 10_000) } }))).to.equal('TOO_LARGE')
  })

  it('are not counted where they are a dataset: the command looks at that', () => {
    const create = (type: string): string => `mutation ($d: ${type}) { create(aeTitle: "A", dataset: $d) { uid } }`
    for (const type of ['DicomJson!', 'DicomJson']) {
      expect(ofCost(create(type), { variables: { d: sized(20_000) } }), type).to.equal(undefined)
    }
    expect(codeOf(ofCost(create('[DicomJson!]!'), { variables: { d: sized(20_000) } }))).to.equal('TOO_LARGE')
  })

  it('are not counted where nobody has declared them', () => {
    expect(ofCost('{ feed { position } }', { variables: { f: sized(20_000) } })).to.equal(undefined)
    expect(ofCost(FILTER)).to.equal(undefined)
    expect(ofCost(FILTER, { variables: { f: null } })).to.equal(undefined)
  })

  it('are looked at before the cost', () => {
    const run = { variables: { f: sized(9_999) }, limits: { cost: 1 } }
    expect(codeOf(ofCost(FILTER, run))).to.equal('TOO_LARGE')
  })
})
