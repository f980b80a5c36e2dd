/** What is refused before it is run, at the limit and one beyond it. */
import { expect } from 'chai'
import fc from 'fast-check'
import { GraphQLError, parse } from 'graphql'
import { costError, shapeError, textError } from '../../plugin/graphql/limits.ts'
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
  )

describe('The text of a document', () => {
  it('has 65 536 characters at most', () => {
    const text = '{ feed { position } }'
    expect(textError(text.padEnd(65_536))).to.equal(undefined)
    expect(codeOf(textError(text.padEnd(65_537)))).to.equal('TOO_LARGE')
  })

  const KINDS: Readonly<Record<string, readonly [string, string]>> = {
    braces: ['{', '}'],
    brackets: ['[', ']'],
    parentheses: ['(', ')'],
    'all of them': ['{a(b:[', '])}'],
  }
  for (const [what, [open, close]] of Object.entries(KINDS)) {
    it(`has 200 brackets in each other at most: ${what}`, () => {
      const most = what === 'all of them' ? 66 : 200
      const nested = (count: number): string => `${open.repeat(count)}a${close.repeat(count)}`
      expect(textError(nested(most))).to.equal(undefined)
      const error = textError(nested(most + 1))
      expect(codeOf(error)).to.equal('TOO_DEEP')
      expect(error?.message).to.equal('The document has more than 200 brackets in each other.')
    })
  }

  it('may have any number of them beside each other, in strings and in comments', () => {
    expect(textError(`{ ${'a(b: []) { c } '.repeat(1_000)} }`)).to.equal(undefined)
    expect(textError(`{ a(b: "${'{['.repeat(300)}") } # ${'(('.repeat(300)}`)).to.equal(undefined)
    expect(textError(`{ a(b: """${'{[" '.repeat(300)}""") }`)).to.equal(undefined)
  })

  it('is not parsed to tell that, and says what is no word of GraphQL', () => {
    expect(textError('}}}} query query')).to.equal(undefined)
    expect(() => textError('{ a(b: "')).to.throw(GraphQLError, 'Syntax Error')
  })

  it('that is let through does not exhaust the parser', () => {
    const part = fc.constantFrom('{', '}', '[', ']', '(', ')', 'a', ':', '...', '"x"', '$', '@', '!')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 2_000 }), fc.constantFrom('{', '[', '{a', '{...', '('), (parts, open) => {
        const text = `${open.repeat(199)} ${parts.join(' ')}`
        if (textError(text)) return
        try {
          parse(text)
        } catch (error) {
          expect(error).to.be.instanceOf(GraphQLError)
        }
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

  it('is 25 000 at most by default: 1 000 workitems with 24 fields', () => {
    const page = (fields: number): string =>
      `{ workitems(first: 1000) { nodes { ${Array.from({ length: fields }, (_, n) => `a${n}: uid`).join(' ')} } } }`
    expect(ofCost(page(24))).to.equal(undefined)
    expect(codeOf(ofCost(page(25)))).to.equal('TOO_COSTLY')
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

  it('may be as deep as they like as long as they are small', () => {
    let deep: unknown = 'x'
    for (let depth = 1; depth < 10_000; depth++) deep = [deep]
    expect(ofCost(FILTER, { variables: { f: deep } })).to.equal(undefined)
    expect(codeOf(ofCost(FILTER, { variables: { f: [deep] } }))).to.equal('TOO_LARGE')
    for (let depth = 0; depth < 500_000; depth++) deep = { a: deep }
    expect(codeOf(ofCost(FILTER, { variables: { f: deep } }))).to.equal('TOO_LARGE')
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
