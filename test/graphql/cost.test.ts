/** What operations cost at most, on the schema as it is published. */
import { expect } from 'chai'
import fc from 'fast-check'
import {
  type FragmentDefinitionNode,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql'
import { costOf } from '../../plugin/graphql/cost.ts'
import { worklistSchema } from '../../plugin/graphql/schema.ts'

const schema = worklistSchema()

/** Of the first operation of a valid document. */
function cost(text: string, variables: Readonly<Record<string, unknown>> = {}): number {
  const document = parse(text)
  expect(validate(schema, document), text).to.deep.equal([])
  const fragments = new Map<string, FragmentDefinitionNode>()
  let operation: OperationDefinitionNode | undefined
  for (const one of document.definitions) {
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one)
    if (one.kind === Kind.OPERATION_DEFINITION) operation ??= one
  }
  if (operation === undefined) throw new Error('has no operation')
  return costOf({ schema, operation, fragments, variables })
}

const page = (first: string, selection: string, declared = ''): string =>
  `query ${declared} { workitems${first} { nodes { ${selection} } } }`

/** The search, 1 for the list, and what is read and shown as often as the page is long. */
const ofPage = (first: number, one = 1): number => 1_002 + first * (15 + one)

describe('The cost of an operation', () => {
  const TABLE: Readonly<Record<string, number>> = {
    '{ feed { position start } }': 3,
    '{ f: feed { position } g: feed { position } }': 4,
    '{ workitem(uid: "1") { uid } }': 17,
    '{ workitem(uid: "1") { dataset } }': 22,
    '{ workitem(uid: "1") { attribute(path: "PatientID") { vr text } } }': 24,
    '{ workitem(uid: "1") { patientName { text alphabetic { familyName } } } }': 20,
    // Items of a sequence, and of one in it.
    '{ workitem(uid: "1") { scheduledStationNameCodeSequence { codeValue codeMeaning } } }': 23,
    '{ workitem(uid: "1") { scheduledHumanPerformersSequence { humanPerformerCodeSequence { codeValue } } } }': 29,
    '{ workitem(uid: "1") { subscriptions { subscriber by } } }': 33,
    '{ workitems { totalCount } }': 1_001 + 25 * 15 + 1_001,
    '{ workitems { position pageInfo { hasNextPage endCursor } } }': 1_001 + 25 * 15 + 1 + 3,
    '{ workitems(first: 10) { edges { cursor node { uid } } } }': 1_001 + 10 * 15 + 1 + 10 * 3,
    '{ subscriptions { nodes { aeTitle } } }': 102 + 25,
    '{ subscriptions(first: 20) { nodes { global { deletionLock } } } }': 102 + 20 * 2,
    '{ subscriptions(first: 20) { nodes { filtered { keys { name values } } } } }': 102 + 20 * (1 + 1 + 3 * 2),
    '{ subscriptions(first: 20) { nodes { workitems(first: 7) { nodes { uid by } pageInfo { hasNextPage } } } } }':
      102 + 20 * (101 + (1 + 7 * 2) + 2),
    '{ subscriptions(first: 20) { nodes { workitems(first: 7) { nodes { workitem { uid dataset } } } } } }':
      102 + 20 * (102 + 7 * (16 + 1 + 6)),
    '{ archive { dn networkAEs { dn settings { attribute value } } } }': 51 + 1 + (1 + 3 * (1 + 1 + 3 * 2)),
    '{ search { state behind } }': 3,
    '{ workitemStatistics { total byState { state count } } }': 1_001 + 1 + 1 + 3 * 2,
    '{ __typename }': 1,
    '{ __schema { types { name } } }': 1_001,
    '{ __schema { types { fields { type { name ofType { name } } } } } }': 1_001,
    '{ __type(name: "Workitem") { fields { name } } }': 101,
    '{ workitem(uid: "1") { __typename } }': 17,
    'mutation { unsubscribe(aeTitle: "A", uid: "1", subscriber: "B") { uid } }': 102,
    'mutation { cancelAbandoned(uid: "1", reason: "x") { warnings { code text } workitem { uid } } }': 101 + 7 + 2,
    'mutation { reloadConfiguration { archive { dn } } }': 1_003,
    'mutation { a: suspend(aeTitle: "A", uid: "1", subscriber: "B") { uid } b: suspend(aeTitle: "A", uid: "1", subscriber: "B") { uid } }': 204,
    'subscription { workitemChanges { position workitem { uid state } } }': 1 + 1 + 3,
    'subscription { workitemEvents { reports { type dataset } } }': 1 + 1 + 3 * 2,
  }
  for (const [text, expected] of Object.entries(TABLE)) {
    it(`is ${expected} of ${text}`, () => {
      expect(cost(text)).to.equal(expected)
    })
  }

  it('counts what is on a page as often as the page is long', () => {
    expect(cost(page('(first: 1)', 'uid'))).to.equal(ofPage(1))
    expect(cost(page('(first: 1000)', 'uid state'))).to.equal(ofPage(1_000, 2))
    expect(cost(page('(first: 100)', 'dataset'))).to.equal(ofPage(100, 6))
    expect(cost(page('(first: 100)', 'subscriptions { subscriber }'))).to.equal(ofPage(100, 11 + 3))
  })

  it('takes the default where nothing is said', () => {
    expect(cost(page('', 'uid'))).to.equal(ofPage(25))
    expect(cost('{ subscriptions { nodes { workitems { nodes { uid } } } } }')).to.equal(102 + 25 * (101 + 1 + 25))
  })

  describe('of a page whose size is a variable', () => {
    const sized = page('(first: $n)', 'uid', '($n: Int! = 7)')
    const optional = page('(first: $n)', 'uid', '($n: Int)')

    it('goes by what was sent', () => {
      expect(cost(sized, { n: 100 })).to.equal(ofPage(100))
      expect(cost(optional, { n: 100 })).to.equal(ofPage(100))
      expect(cost(optional, { n: 0 })).to.equal(ofPage(0))
      expect(cost(page('(first: $n)', 'uid', '($n: Int!)'), { n: 1_000_000 })).to.equal(ofPage(1_000_000))
    })

    it('goes by its default where nothing was sent, else by that of the argument', () => {
      expect(cost(sized)).to.equal(ofPage(7))
      expect(cost(sized, { m: 100 })).to.equal(ofPage(7))
      expect(cost(optional)).to.equal(ofPage(25))
      expect(cost(page('(first: $n)', 'uid', '($n: Int = 1000)'))).to.equal(ofPage(1_000))
    })

    it('goes by the default of the argument where null was sent', () => {
      expect(cost(optional, { n: null })).to.equal(ofPage(25))
      expect(cost(page('(first: $n)', 'uid', '($n: Int = 1000)'), { n: null })).to.equal(ofPage(25))
    })

    it('is a number of at least what surrounds the page, whatever was sent', () => {
      for (const odd of [
        'x',
        {},
        [],
        [1, 2],
        NaN,
        Infinity,
        -5,
        { value: 'x' },
        { value: -1 },
        { value: {} },
        '',
        '50',
        true,
        [50],
      ]) {
        expect(cost(sized, { n: odd }), JSON.stringify(odd)).to.equal(ofPage(0))
      }
      for (const odd of [{ toString: 1, valueOf: 1 }, { value: { toString: 1 } }, nested(9_000)]) {
        expect(cost(sized, { n: odd })).to.equal(ofPage(0))
      }
      fc.assert(
        fc.property(fc.jsonValue(), (value) => {
          expect(cost(sized, { n: value })).to.be.at.least(ofPage(0))
        }),
      )
    })
  })

  it('is that of each page in turn where one is in another list', () => {
    const both = (a: number, b: number): string =>
      `{ workitems(first: ${a}) { nodes { uid } } subscriptions(first: 20) { nodes { workitems(first: ${b}) { nodes { uid } } } } }`
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), (a, b) => {
        expect(cost(both(a, b))).to.equal(ofPage(a) + 102 + 20 * (101 + 1 + b))
      }),
      { numRuns: 50 },
    )
  })

  it('of a fragment is that of the page that it is on', () => {
    const text = `{
      small: workitems(first: 2) { ...Page }
      large: workitems(first: 100) { ...Page }
      one: workitem(uid: "1") { ...Shown }
    }
    fragment Page on WorkitemConnection { nodes { ...Shown } }
    fragment Shown on Workitem { uid state }`
    expect(cost(text)).to.equal(ofPage(2, 2) + ofPage(100, 2) + 16 + 2)
    expect(cost(text.replace('small:', 'x:').replace('first: 2', 'first: 100'))).to.equal(2 * ofPage(100, 2) + 18)
  })

  it('counts a fragment as often as it is spread', () => {
    expect(
      cost(
        '{ workitem(uid: "1") { ...F ...F a: subscriptions { ...S } } } fragment F on Workitem { uid state } fragment S on WorkitemSubscription { by }',
      ),
    ).to.equal(16 + 4 + 11 + 3)
  })

  it('counts inline fragments as what is in them', () => {
    expect(cost('{ ... { ... on Query { workitem(uid: "1") { ... on Workitem { uid ... { state } } } } } }')).to.equal(
      18,
    )
  })

  it('counts what is on a page inside inline fragments and fragments, too', () => {
    const through = (selection: string): string => `{ workitems(first: 50) { ${selection} } }`
    expect(cost(through('... { nodes { uid } }'))).to.equal(ofPage(50))
    expect(cost(through('... on WorkitemConnection { ... { nodes { ... { uid } } } }'))).to.equal(ofPage(50))
    const fragments =
      'fragment A on WorkitemConnection { ... { ...B } } fragment B on WorkitemConnection { nodes { uid } }'
    expect(cost(`${through('...A')} ${fragments}`)).to.equal(ofPage(50))
  })

  it('needs no look at the type that a fragment is on: there is but one that it can be on', () => {
    expect(Object.values(schema.getTypeMap()).filter(isAbstractType)).to.deep.equal([])
    const other = parse('{ feed { ...F } } fragment F on Workitem { uid }')
    expect(
      validate(schema, other)
        .map(({ message }) => message)
        .join(),
    ).to.match(/can never be of type/)
  })

  it('of what is spread without bound is told at once', () => {
    const count = 200
    const chain = Array.from({ length: count }, (_, n) => {
      const next = n + 1 < count ? `...F${n + 1} ...F${n + 1}` : 'uid'
      return `fragment F${n} on Workitem { ${next} }`
    })
    const text = `{ a: workitems(first: 3) { nodes { ...F0 } } b: workitems(first: 5) { nodes { ...F0 } } } ${chain.join(' ')}`
    const started = performance.now()
    expect(costOfUnvalidated(text)).to.equal(2 * 1_002 + 8 * 15 + 8 * 2 ** (count - 1))
    expect(performance.now() - started).to.be.below(1_000)
  })

  /** Fields of a workitem with fragments in between: written out it costs the same. */
  it('does not depend on how the document is divided into fragments', () => {
    const FIELDS = ['uid', 'dataset', 'state', 'subscriptions { subscriber by }', 'patientName { text }']
    const groups = fc.array(fc.subarray(FIELDS, { minLength: 1 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(groups, fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), fc.nat(50), (bodies, uses, first) => {
        const body = (use: number): string => aliased(bodies[use % bodies.length] ?? [], use)
        const spread = uses.map((use) => `...F${use % bodies.length}`).join(' ')
        const used = new Set(uses.map((use) => use % bodies.length))
        const fragments = [...used].map((n) => `fragment F${n} on Workitem { ${body(n)} }`).join(' ')
        const inline = uses.map((use) => `... on Workitem { ${body(use % bodies.length)} }`).join(' ')
        const bare = uses.map((use) => body(use % bodies.length)).join(' ')
        const of = (selection: string): string => page(`(first: ${first})`, selection)
        expect(cost(`${of(spread)} ${fragments}`)).to.equal(cost(of(bare)))
        expect(cost(of(inline))).to.equal(cost(of(bare)))
      }),
      { numRuns: 100 },
    )
  })
})

const nested = (depth: number): unknown => {
  let value: unknown = 7
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

/** Names of their own, so that equal fields do not collide. */
const aliased = (fields: readonly string[], prefix: number): string =>
  fields.map((field, index) => `a${prefix}_${index}${field.slice(0, 3)}: ${field}`).join(' ')

/** The validation of graphql would expand it. */
function costOfUnvalidated(text: string): number {
  const { definitions } = parse(text)
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  )
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (operation === undefined) throw new Error('has no operation')
  return costOf({ schema, operation, fragments, variables: {} })
}
