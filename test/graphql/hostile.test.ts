import { expect } from 'chai'
import type { GraphQLObjectType } from 'graphql'
import type { Logger } from '../../plugin/host.ts'
import { graphqlClient } from '../support/graphql.ts'
import { post, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sample } from '../support/workitems.ts'
import { schema } from './support.ts'

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ')

/** `{"a":{"a":...}}`, as it is sent: what writes and reads JSON by recursion could not make it. */
const deepObject = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
const deepList = (depth: number): string => '['.repeat(depth) + '1' + ']'.repeat(depth)
const items = (count: number, item: string): string => `[${Array.from({ length: count }, () => item).join()}]`

interface Sent {
  readonly query: string
  /** JSON. */
  readonly variables?: string
}

const bodyOf = ({ query, variables }: Sent): string =>
  `{"query":${JSON.stringify(query)}${variables === undefined ? '' : `,"variables":${variables}`}}`

const INVALID = 'GRAPHQL_VALIDATION_FAILED'
const UNREADABLE = 'GRAPHQL_PARSE_FAILED'
const CREATE = 'mutation ($d: DicomJson!) { create(aeTitle: "WORKLIST", dataset: $d) { uid } }'
const BY_ID = 'query ($l: [String!]) { workitems(filter: { patientID: $l }) { position } }'
const BY_STATE = 'query ($l: [ProcedureStepState!]) { workitems(filter: { procedureStepState: $l }) { position } }'

/** As deep as the schema lets a document be: introspection, where anything leads to types again. */
const typesOfTypes = (depth: number): string =>
  `{ __type(name: "Workitem") ${'{ ofType '.repeat(depth)}{ name }${' }'.repeat(depth)} }`

const FIELDS = Object.keys((schema.getType('Workitem') as GraphQLObjectType).getFields())
  .filter((name) => /^[a-z]+(ID|UID|State)$|^uid$|^version$/.test(name))
  .slice(0, 13)

const spreads = (count: number): string =>
  `{ ${times(count, (n) => `...f${n}`)} } ${times(count, (n) => `fragment f${n} on Query { __typename }`)}`
const doubling = (count: number): string =>
  `{ workitems { nodes { ...f0 } } } ${times(count, (n) => `fragment f${n} on Workitem { ...f${n + 1} ...f${n + 1} }`)} ` +
  `fragment f${count} on Workitem { uid }`

/** What is sent, and the code that it is refused with. */
const REFUSED: Readonly<Record<string, readonly [Sent, string]>> = {
  'deep: fields in each other': [{ query: typesOfTypes(16) }, 'TOO_DEEP'],
  'deep: inline fragments in each other': [
    { query: `{ ${'... { '.repeat(120)} __typename ${'} '.repeat(120)} }` },
    'TOO_DEEP',
  ],
  'deep: a list in lists': [
    { query: `{ workitems(filter: { patientID: ${deepList(900).replace('1', '')} }) { position } }` },
    'TOO_DEEP',
  ],
  'deep: an object in objects': [
    { query: `{ workitems(filter: ${'{ a: '.repeat(700)}1${' }'.repeat(700)}) { position } }` },
    'TOO_DEEP',
  ],
  'deep: brackets that are never closed': [{ query: '{'.repeat(3_900) }, 'TOO_DEEP'],
  'deep: a variable that is no dataset': [{ query: BY_ID, variables: `{"l":${deepList(500_000)}}` }, 'TOO_LARGE'],
  'deep: a filter in a variable': [
    {
      query: 'query ($f: WorkitemFilter) { workitems(filter: $f) { position } }',
      variables: `{"f":${deepObject(300_000)}}`,
    },
    'TOO_LARGE',
  ],
  'deep: a dataset': [{ query: CREATE, variables: `{"d":${deepObject(300_000)}}` }, 'INVALID_VALUE'],
  'deep: a dataset of sequences in sequences': [
    {
      query: CREATE,
      variables: `{"d":${'{"00404025":{"vr":"SQ","Value":['.repeat(50_000)}{}${']}}'.repeat(50_000)}}`,
    },
    'INVALID_VALUE',
  ],
  'wide: words': [{ query: `{ feed { ${times(4_000, (n) => `f${n}`)} } }` }, UNREADABLE],
  'wide: characters': [{ query: `# ${'x'.repeat(65_536)}\n{ __typename }` }, 'TOO_LARGE'],
  'wide: the same field more often than fields are compared': [
    { query: `{ feed { ${times(221, () => 'start')} } }` },
    'TOO_LARGE',
  ],
  'wide: the same field with other arguments': [
    { query: `{ ${times(140, (n) => `workitem(uid: "1.${n}") { state }`)} }` },
    INVALID,
  ],
  'wide: fields that there are not': [{ query: `{ ${times(1_900, (n) => `workitm${n}`)} }` }, INVALID],
  'wide: variables that are not declared': [
    { query: `{ workitems(${times(140, (n) => `first: $v${n}`)}) { position } }` },
    INVALID,
  ],
  'wide: operations': [{ query: times(140, (n) => `query q${n} { __typename }`) }, 'OPERATION_RESOLUTION_FAILURE'],
  'aliases: a field': [{ query: `{ ${times(101, (n) => `a${n}: __typename`)} }` }, 'TOO_MANY_ALIASES'],
  'aliases: in a fragment that is spread often': [
    { query: `{ ${times(60, () => '...f')} } fragment f on Query { a: __typename b: __typename }` },
    'TOO_MANY_ALIASES',
  ],
  'aliases: mutations': [
    { query: `mutation { ${times(101, (n) => `a${n}: cancelAbandoned(uid: "1.${n}", reason: "x") { position }`)} }` },
    'TOO_MANY_ALIASES',
  ],
  'costly: searches under other names': [
    { query: `{ ${times(99, (n) => `a${n}: workitems(first: 1) { position }`)} }` },
    'TOO_COSTLY',
  ],
  'costly: counts under other names': [
    { query: `{ ${times(99, (n) => `a${n}: workitems(first: 1) { totalCount }`)} }` },
    'TOO_COSTLY',
  ],
  'costly: a page of everything': [
    { query: '{ workitems(first: 1000) { nodes { dataset inputInformationSequence { studyInstanceUID } } } }' },
    'TOO_COSTLY',
  ],
  'costly: a page whose length is a variable': [
    {
      query: 'query ($n: Int!) { workitems(first: $n) { nodes { dataset } edges { node { dataset } } } }',
      variables: '{"n":1000}',
    },
    'TOO_COSTLY',
  ],
  'costly: administration under other names': [
    { query: `mutation { ${times(40, (n) => `a${n}: reloadConfiguration { archive { dn } }`)} }` },
    'TOO_COSTLY',
  ],
  'costly: fragments that double': [{ query: doubling(49) }, 'TOO_COSTLY'],
  'costly: the schema under other names': [
    { query: `{ ${times(50, (n) => `a${n}: __schema { types { name fields { name } } }`)} }` },
    'TOO_COSTLY',
  ],
  'fragments: more than are compared': [{ query: spreads(101) }, 'TOO_LARGE'],
  'fragments: one in itself': [{ query: '{ ...f } fragment f on Query { ...f }' }, 'CIRCULAR'],
  'fragments: two in each other': [
    { query: '{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }' },
    'CIRCULAR',
  ],
  'fragments: one in itself that nobody spreads': [
    { query: '{ __typename } fragment f on Query { feed { start } ...f }' },
    'CIRCULAR',
  ],
  'fragments: a circle of many': [
    { query: `{ ...f0 } ${times(99, (n) => `fragment f${n} on Query { ...f${(n + 1) % 99} }`)}` },
    'CIRCULAR',
  ],
  'fragments: many of one name': [
    { query: `{ ...f } ${times(140, () => 'fragment f on Query { __typename }')}` },
    INVALID,
  ],
  'lists: values of a key': [
    { query: `{ workitems(filter: { patientID: [${times(1_900, () => '"x"')}] }) { position } }` },
    'INVALID_ARGUMENT',
  ],
  'lists: an order by everything': [
    { query: `{ workitems(orderBy: [${times(140, () => '{ field: PATIENT_NAME }')}]) { position } }` },
    'BAD_ARGUMENT',
  ],
  'lists: keys that there are not': [
    { query: `{ workitems(filter: { ${times(450, (n) => `patientNam${n}: "${'x'.repeat(30)}"`)} }) { position } }` },
    INVALID,
  ],
  'lists: values of an enum that there are not': [
    { query: `{ workitems(filter: { procedureStepState: [${times(1_900, (n) => `X${n}`)}] }) { position } }` },
    INVALID,
  ],
  'variables: a million values of the wrong type': [
    { query: BY_ID, variables: `{"l":${items(1_000_000, '1')}}` },
    'TOO_LARGE',
  ],
  'variables: a million values that an enum has not': [
    { query: BY_STATE, variables: `{"l":${items(1_000_000, '"X"')}}` },
    'TOO_LARGE',
  ],
  'variables: one long text': [
    { query: 'query ($u: String!) { workitem(uid: $u) { uid } }', variables: `{"u":"${'x'.repeat(4_000_000)}"}` },
    'TOO_LARGE',
  ],
  'variables: a long text in the place of a number': [
    { query: 'query ($n: Int!) { workitems(first: $n) { position } }', variables: `{"n":"${'x'.repeat(4_000_000)}"}` },
    'TOO_LARGE',
  ],
  'variables: types of events': [
    {
      query: 'subscription ($t: [EventType!]) { workitemEvents(types: $t) { uid } }',
      variables: `{"t":${items(20_000, '"ASSIGNED"')}}`,
    },
    'TOO_LARGE',
  ],
  'directives: one that there is not': [{ query: `{ __typename ${times(140, () => '@a')} }` }, INVALID],
  'directives: one again and again': [{ query: `{ __typename ${times(140, () => '@skip(if: false)')} }` }, INVALID],
  'introspection: types of types': [
    { query: '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }' },
    INVALID,
  ],
  'signs: a null byte': [{ query: '{ __typename \0 }' }, UNREADABLE],
  'signs: a name in another script': [{ query: '{ патиент }' }, UNREADABLE],
  'signs: half a character': [{ query: '{ workitem(uid: "\\uD800") { uid } }' }, UNREADABLE],
  'signs: a text that never ends': [{ query: `{ workitem(uid: """${'"'.repeat(2)} ${'x'.repeat(60_000)}` }, UNREADABLE],
  'signs: a null byte in a text': [{ query: '{ workitem(uid: "1.2\\u0000") { uid } }' }, 'INVALID_ARGUMENT'],
}

/** The largest that are run, each just below its limit. */
const RUN: Readonly<Record<string, Sent>> = {
  depth: { query: typesOfTypes(14) },
  aliases: { query: `{ ${times(100, (n) => `a${n}: __typename`)} }` },
  characters: { query: `{ __typename } #${'x'.repeat(65_536 - 16)}` },
  fragments: { query: spreads(100) },
  'names that are there as often as they may': {
    query: `{ workitems { nodes { ${FIELDS.slice(0, 8)
      .map((name) => times(220, () => name))
      .join(' ')} } } }`,
  },
  'the same name': { query: `{ feed { ${times(220, () => 'start')} } }` },
  'a page of datasets': { query: '{ workitems(first: 1000) { nodes { uid dataset } } }' },
  searches: { query: `{ ${times(24, (n) => `a${n}: workitems(first: 1) { position }`)} }` },
  'values in variables': { query: BY_ID, variables: `{"l":${items(900, '"PAT1"')}}` },
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

/** What errors a document has, and not how large it was. */
const MOST_ANSWERED = 20_000

const JSON_TYPE = { 'Content-Type': 'application/json' }

describe('Hostile operations', () => {
  const failures: string[] = []
  let service: Service

  before(async () => {
    const log = (): void => undefined
    const logger: Logger = { debug: log, info: log, warn: log, error: (_, message) => failures.push(message) }
    service = await startService({ host: { logger } })
    expect((await post(`${service.aet()}/workitems?1.2.3`, sample('rt-treatment'))).status).to.equal(201)
  })
  after(() => service.stop())

  const ask = async (body: string): Promise<Answer> => {
    const { text } = await send(`${service.url}/graphql`, {
      method: 'POST',
      headers: JSON_TYPE,
      body,
    })
    expect(text.length, 'characters of the answer').to.be.at.most(MOST_ANSWERED)
    return JSON.parse(text) as Answer
  }

  const codesOf = ({ errors = [] }: Answer): ReadonlySet<string | undefined> =>
    new Set(errors.map(({ extensions }) => extensions?.code))

  const expectWell = async (): Promise<void> => {
    expect((await send(`${service.aet()}/workitems/1.2.3`)).status).to.equal(200)
    expect(await service.feed()).to.have.length(1)
    expect(failures).to.deep.equal([])
  }

  for (const [what, [sent, code]] of Object.entries(REFUSED)) {
    it(`are refused: ${what}`, async () => {
      const answer = await ask(bodyOf(sent))
      expect([...codesOf(answer)]).to.deep.equal([code])
      await expectWell()
    })
  }

  for (const [what, sent] of Object.entries(RUN)) {
    it(`are run up to the limit: ${what}`, async () => {
      const { data, errors } = await ask(bodyOf(sent))
      expect(errors).to.equal(undefined)
      expect(data).to.be.an('object')
    })
  }

  it('are run up to the limit: words', async () => {
    const strict = await startService({ graphql: { limits: { tokens: 100 } } })
    const codes = async (count: number): Promise<readonly unknown[]> => {
      const query = `{ feed { ${times(count - 5, () => 'start')} } }`
      return [...codesOf((await post(`${strict.url}/graphql`, { query }, JSON_TYPE)).json() as Answer)]
    }
    expect(await codes(100)).to.deep.equal([])
    expect(await codes(101)).to.deep.equal([UNREADABLE])
    await strict.stop()
  })

  it('may fill a batch, which is refused where they are more, or ask for more together than one may', async () => {
    const batch = (count: number, query: string): string =>
      `[${Array.from({ length: count }, () => bodyOf({ query })).join()}]`
    const all = async (body: string): Promise<readonly Answer[]> => [await ask(body)].flat()
    const page = '{ workitems(first: 1000) { nodes { uid } } }'
    const codes = (answers: readonly Answer[]): readonly unknown[] => answers.flatMap((one) => [...codesOf(one)])
    expect(await all(batch(10, '{ __typename }'))).to.have.length(10)
    expect((await all(batch(11, '{ __typename }'))).flatMap(({ errors = [] }) => errors)).to.not.have.length(0)
    expect(codes(await all(batch(3, page)))).to.deep.equal(['TOO_COSTLY', 'TOO_COSTLY'])
    expect(codes(await all(batch(3, `{ __typename } #${'x'.repeat(30_000)}`)))).to.deep.equal(['TOO_LARGE'])
    const hostile = Object.values(REFUSED)
      .filter(([{ query }]) => query.length < 5_000)
      .slice(0, 10)
    const answers = await all(`[${hostile.map(([sent]) => bodyOf(sent)).join()}]`)
    expect(answers.every(({ errors = [] }) => errors.length > 0)).to.equal(true)
    await expectWell()
  })

  it('are refused over a WebSocket with the same codes, and leave it open', async () => {
    const client = graphqlClient(service.url)
    for (const [what, [{ query, variables = '{}' }, code]] of Object.entries(REFUSED)) {
      // This client writes JSON by recursion.
      if (variables.length > 1_000_000 || what.startsWith('deep: a dataset of')) continue
      const stream = client.follow(query, JSON.parse(variables) as Record<string, unknown>, 'none')
      const told = await stream.ended
      const errors = (Array.isArray(told) ? told : stream.errors) as NonNullable<Answer['errors']>
      expect([...codesOf({ errors })], what).to.deep.equal([code])
    }
    const stream = client.follow<unknown>('{ feed { position } }', {}, 'feed')
    await stream.has(1)
    await client.close()
    await expectWell()
  })
})
