/** Every field and every argument of `worklist.graphql`: each has something behind it, in a running service. */
import { expect } from 'chai'
import { getNamedType, type GraphQLNamedType, type GraphQLObjectType, isObjectType, Kind, parse } from 'graphql'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { worklistSchema } from '../../plugin/graphql/schema.ts'
import { readByHand } from '../../schema/graphql/derive.ts'
import { askGraphql, firstTold, type GraphqlAnswer, type Variables } from '../support/graphql.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample, TRANSACTION_UID } from '../support/workitems.ts'
import { OF_THE_WORKLIST, plain } from './support.ts'

const schema = worklistSchema()

const WORKLIST = '1.2.840.10008.5.1.4.34.5'
const FILTERED = '1.2.840.10008.5.1.4.34.5.1'

/** Of `worklist.graphql`; `values.graphql` and what follows from the table are tested with the attributes. */
const TYPES = parse(readByHand('worklist.graphql'))
  .definitions.flatMap((one) => (one.kind === Kind.OBJECT_TYPE_DEFINITION ? [one.name.value] : []))
  .concat('Workitem')
  .map((name) => schema.getType(name) as GraphQLObjectType)

const fieldsIn = (type: GraphQLObjectType) =>
  Object.values(type.getFields()).filter(({ name }) => type.name !== 'Workitem' || OF_THE_WORKLIST.includes(name))

const FIELDS = TYPES.flatMap((type) => fieldsIn(type).map(({ name }) => `${type.name}.${name}`))

const ARGUMENTS = TYPES.flatMap((type) =>
  fieldsIn(type).flatMap((field) => field.args.map(({ name }) => `${type.name}.${field.name}(${name})`)),
)

/** Everything that there is to select of what a field gives. */
function allOf(coordinate: string): string {
  const [type = '', field = ''] = coordinate.split('.')
  const parent = schema.getType(type) as GraphQLObjectType
  return everything(getNamedType(parent.getFields()[field]?.type) as GraphQLNamedType)
}

const everything = (type: GraphQLNamedType): string =>
  isObjectType(type)
    ? `{ ${fieldsIn(type)
        .map(({ name, type: of }) => `${name} ${everything(getNamedType(of))}`)
        .join(' ')} }`
    : ''

/** Adds the coordinates of what is there, and neither null nor empty. */
function see(value: unknown, type: GraphQLObjectType, seen: Set<string>): void {
  for (const [name, inner] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const all = [inner].flat().filter((one) => one !== null)
    if (all.length > 0) seen.add(`${type.name}.${name}`)
    const named = getNamedType(type.getFields()[name]?.type)
    if (isObjectType(named)) for (const one of all) see(one, named, seen)
  }
}

const labelled = (label: string): Dataset =>
  changed(sample('ai-triage'), { '00741202': { vr: 'LO', Value: [label] }, '00080018': undefined })

const STATION = {
  '00080100': { vr: 'SH', Value: ['CT1'] },
  '00080102': { vr: 'SH', Value: ['99X'] },
  '00080104': { vr: 'LO', Value: ['The first CT'] },
}

describe('In a running service', () => {
  let service: Service
  let url: string
  const seen = new Set<string>()

  const told = (query: string, variables: Variables = {}): Promise<GraphqlAnswer> =>
    (query.startsWith('subscription') ? firstTold : askGraphql)(url, query, variables)

  /** An operation that succeeds; what it tells is seen. */
  async function done(query: string, variables: Variables = {}): Promise<void> {
    const answer = await told(query, variables)
    expect(answer.errors, query).to.equal(undefined)
    const root = query.startsWith('mutation') ? 'Mutation' : query.startsWith('subscription') ? 'Subscription' : 'Query'
    see(answer.data ?? {}, schema.getType(root) as GraphQLObjectType, seen)
  }

  const run = (command: string, variables: Variables = {}): Promise<void> => {
    const declared = Object.keys(variables).length > 0 ? '($d: DicomJson!)' : ''
    return done(`mutation ${declared} { ${command} ${allOf(`Mutation.${command.split('(')[0]}`)} }`, variables)
  }

  before(async () => {
    service = await startService({ graphql: { limits: { cost: 1_000_000, depth: 30 } } })
    url = service.url
    await run(`create(aeTitle: "WORKLIST", uid: "1.2.1", dataset: $d)`, { d: labelled('B') })
    await run(`create(aeTitle: "RADONC", uid: "1.2.2", dataset: $d)`, { d: sample('minimal') })
    await run(`create(aeTitle: "WORKLIST", uid: "1.2.3", dataset: $d)`, { d: labelled('A') })
    await run(`subscribe(aeTitle: "WORKLIST", uid: "${WORKLIST}", subscriber: "ALL")`)
    await run(`subscribe(aeTitle: "WORKLIST", uid: "${FILTERED}", subscriber: "SOME", filter: { worklistLabel: "B" })`)
    for (const uid of ['1.2.1', '1.2.2', '1.2.3'])
      await run(`subscribe(aeTitle: "WORKLIST", uid: "${uid}", subscriber: "ALL")`)
    await run(`suspend(aeTitle: "WORKLIST", uid: "${WORKLIST}", subscriber: "ALL")`)
    await run(`subscribe(aeTitle: "WORKLIST", uid: "${WORKLIST}", subscriber: "EVERY")`)
    await run(`unsubscribe(aeTitle: "WORKLIST", uid: "1.2.3", subscriber: "ALL")`)
    await run(`update(aeTitle: "WORKLIST", uid: "1.2.1", dataset: $d)`, {
      d: { '00741200': { vr: 'CS', Value: ['HIGH'] }, '00404025': { vr: 'SQ', Value: [STATION] } },
    })
    const claim = `state: IN_PROGRESS, transactionUID: "${TRANSACTION_UID}"`
    for (const uid of ['1.2.1', '1.2.2'])
      await run(`changeState(aeTitle: "WORKLIST", uid: "${uid}", ${claim}, requester: "ALL")`)
    await run(`requestCancellation(aeTitle: "WORKLIST", uid: "1.2.1", requester: "SOME")`)
    await run(`cancelAbandoned(uid: "1.2.2", reason: "Lost its key")`)
    await run('reloadConfiguration')
  })
  after(() => service.stop())

  it('every field has a value, in some answer', async () => {
    await done(`{ workitem(uid: "1.2.1") ${allOf('Query.workitem')} }`)
    await done(`{ workitems(first: 1) ${allOf('Query.workitems')} }`)
    for (const name of ['subscriptions', 'workitemStatistics', 'archive', 'feed', 'search']) {
      await done(`{ ${name} ${allOf(`Query.${name}`)} }`)
    }
    await done('{ subscriptions { nodes { workitems(first: 1) { pageInfo { endCursor } } } } }')
    await done(`subscription { workitemEvents(after: "0") ${allOf('Subscription.workitemEvents')} }`)
    await done(`subscription { workitemChanges(after: "0") ${allOf('Subscription.workitemChanges')} }`)
    const toHigh = 'filter: { scheduledProcedureStepPriority: HIGH }, after: "3"'
    await done(`subscription { workitemChanges(${toHigh}) ${allOf('Subscription.workitemChanges')} }`)
    // The sample archive has nothing wrong, and the store itself answers searches: schema.test.ts has those. No command on
    // subscriptions has anything to remark.
    const notHere =
      /^(?:ConfigurationTrouble|ConfigurationProblem|IgnoredAttribute|Archive\.(?:trouble|ignored)|Search\.reason|SubscriptionPayload\.warnings)/
    expect(FIELDS.filter((field) => !seen.has(field) && !notHere.test(field))).to.deep.equal([])
    expect(FIELDS.length).to.be.greaterThan(100)
  })

  const CREATED = { d: labelled('C') }
  const WRONG = { d: { '00741200': { vr: 'CS', Value: ['STAT'] } } }
  const mutation = (command: string): string => `mutation { ${command} { uid } }`
  const withDataset = (command: string): string => `mutation ($d: DicomJson!) { ${command} { uid } }`

  /** What an argument makes of an answer that would be another one without it, or with another value of it. */
  const SAID: Readonly<Record<string, readonly [operation: string, answer: RegExp, variables?: Variables]>> = {
    'Query.workitem(uid)': ['{ workitem(uid: "1.2.99") { uid } }', /"workitem":null/],
    'Query.workitems(filter)': [
      '{ workitems(filter: { worklistLabel: "A" }) { nodes { uid } } }',
      /\[{"uid":"1.2.3"}\]/,
    ],
    'Query.workitems(orderBy)': [
      '{ workitems(filter: { worklistLabel: ["A", "B"] }, orderBy: { field: WORKLIST_LABEL }) { nodes { uid } } }',
      /\[{"uid":"1.2.3"},{"uid":"1.2.1"}\]/,
    ],
    'Query.workitems(first)': ['{ workitems(first: 1) { nodes { uid } } }', /\[{"uid":"1.2.1"}\]/],
    'Query.workitems(after)': ['{ workitems(after: "x") { position } }', /BAD_ARGUMENT.*"after"/],
    'Query.workitems(aeTitle)': ['{ workitems(aeTitle: "RADONC") { nodes { uid } } }', /\[{"uid":"1.2.2"}\]/],
    'Query.subscriptions(subscriber)': [
      '{ subscriptions(subscriber: "SOME") { nodes { aeTitle } } }',
      /\[{"aeTitle":"SOME"}\]/,
    ],
    'Query.workitemStatistics(filter)': [
      '{ workitemStatistics(filter: { worklistLabel: "B" }) { total } }',
      /"total":1\}/,
    ],
    'Query.workitemStatistics(aeTitle)': ['{ workitemStatistics(aeTitle: "NOBODY") { total } }', /UNKNOWN_AE/],
    'Query.subscriptions(first)': ['{ subscriptions(first: 1) { nodes { aeTitle } } }', /\[{"aeTitle":"ALL"}\]/],
    'Query.subscriptions(after)': ['{ subscriptions(after: "EVERY") { nodes { aeTitle } } }', /\[{"aeTitle":"SOME"}\]/],
    'Subscriber.workitems(first)': [
      '{ subscriptions(subscriber: "ALL") { nodes { workitems(first: 1) { nodes { uid } } } } }',
      /\[{"uid":"1.2.1"}\]/,
    ],
    'Subscriber.workitems(after)': [
      '{ subscriptions(subscriber: "ALL", first: 1) { nodes { workitems(after: "x") { nodes { uid } } } } }',
      /BAD_ARGUMENT.*"after"/,
    ],
    'Mutation.create(aeTitle)': [withDataset('create(aeTitle: "NOBODY", dataset: $d)'), /"UNKNOWN_AE"/, CREATED],
    'Mutation.create(uid)': [
      withDataset('create(aeTitle: "WORKLIST", uid: "1.2.1", dataset: $d)'),
      /"DUPLICATE"/,
      CREATED,
    ],
    'Mutation.create(dataset)': [
      withDataset('create(aeTitle: "WORKLIST", dataset: $d)'),
      /"path":"00741000"/,
      { d: {} },
    ],
    'Mutation.update(aeTitle)': [
      withDataset('update(aeTitle: "NOBODY", uid: "1.2.3", dataset: $d)'),
      /"UNKNOWN_AE"/,
      WRONG,
    ],
    'Mutation.update(uid)': [
      withDataset('update(aeTitle: "WORKLIST", uid: "1.2.99", dataset: $d)'),
      /"NOT_FOUND"/,
      WRONG,
    ],
    'Mutation.update(dataset)': [
      withDataset('update(aeTitle: "WORKLIST", uid: "1.2.3", dataset: $d)'),
      /"INVALID_VALUE"/,
      WRONG,
    ],
    'Mutation.update(transactionUID)': [
      withDataset('update(aeTitle: "WORKLIST", uid: "1.2.1", dataset: $d, transactionUID: "1.2.3.4")'),
      /"TRANSACTION_UID_INCORRECT"/,
      { d: {} },
    ],
    'Mutation.changeState(aeTitle)': [
      mutation('changeState(aeTitle: "NOBODY", uid: "1.2.3", state: CANCELED)'),
      /"UNKNOWN_AE"/,
    ],
    'Mutation.changeState(uid)': [
      mutation('changeState(aeTitle: "WORKLIST", uid: "1.2.99", state: IN_PROGRESS, transactionUID: "1.2.3.4")'),
      /"NOT_FOUND"/,
    ],
    'Mutation.changeState(state)': [
      mutation('changeState(aeTitle: "WORKLIST", uid: "1.2.3", state: SCHEDULED, transactionUID: "1.2.3.4")'),
      /"SCHEDULED_ONLY_BY_CREATE"/,
    ],
    'Mutation.changeState(transactionUID)': [
      mutation('changeState(aeTitle: "WORKLIST", uid: "1.2.1", state: IN_PROGRESS, transactionUID: "1.2.3.4")'),
      /"CLAIMED_BY_ANOTHER"/,
    ],
    'Mutation.changeState(requester)': [
      mutation('changeState(aeTitle: "WORKLIST", uid: "1.2.1", state: CANCELED, requester: " ")'),
      /The requester/,
    ],
    'Mutation.requestCancellation(aeTitle)': [
      mutation('requestCancellation(aeTitle: "NOBODY", uid: "1.2.3")'),
      /"UNKNOWN_AE"/,
    ],
    'Mutation.requestCancellation(uid)': [
      mutation('requestCancellation(aeTitle: "WORKLIST", uid: "1.2.99")'),
      /"NOT_FOUND"/,
    ],
    'Mutation.requestCancellation(requester)': [
      mutation('requestCancellation(aeTitle: "WORKLIST", uid: "1.2.1", requester: " ")'),
      /The requester/,
    ],
    'Mutation.requestCancellation(dataset)': [
      withDataset('requestCancellation(aeTitle: "WORKLIST", uid: "1.2.1", dataset: $d)'),
      /"INVALID_VALUE"/,
      { d: [] },
    ],
    'Mutation.subscribe(aeTitle)': [
      mutation('subscribe(aeTitle: "NOBODY", uid: "1.2.1", subscriber: "X")'),
      /"UNKNOWN_AE"/,
    ],
    'Mutation.subscribe(uid)': [
      mutation('subscribe(aeTitle: "WORKLIST", uid: "1.2.99", subscriber: "X")'),
      /"NOT_FOUND"/,
    ],
    'Mutation.subscribe(subscriber)': [
      mutation('subscribe(aeTitle: "WORKLIST", uid: "1.2.1", subscriber: " ")'),
      /The subscriber/,
    ],
    'Mutation.subscribe(filter)': [
      mutation('subscribe(aeTitle: "WORKLIST", uid: "1.2.1", subscriber: "X", filter: { worklistLabel: "A" })'),
      /"FILTER_NOT_APPROPRIATE"/,
    ],
    'Mutation.unsubscribe(aeTitle)': [
      mutation('unsubscribe(aeTitle: "NOBODY", uid: "1.2.1", subscriber: "ALL")'),
      /"UNKNOWN_AE"/,
    ],
    'Mutation.unsubscribe(uid)': [
      mutation('unsubscribe(aeTitle: "WORKLIST", uid: "1.2.99", subscriber: "ALL")'),
      /"NOT_FOUND"/,
    ],
    'Mutation.unsubscribe(subscriber)': [
      mutation('unsubscribe(aeTitle: "WORKLIST", uid: "1.2.1", subscriber: "STRANGER")'),
      /"NOT_SUBSCRIBED"/,
    ],
    'Mutation.suspend(aeTitle)': [
      mutation(`suspend(aeTitle: "NOBODY", uid: "${WORKLIST}", subscriber: "ALL")`),
      /"UNKNOWN_AE"/,
    ],
    'Mutation.suspend(uid)': [
      mutation('suspend(aeTitle: "WORKLIST", uid: "1.2.1", subscriber: "ALL")'),
      /"ONLY_FOR_THE_WORKLIST"/,
    ],
    'Mutation.suspend(subscriber)': [
      mutation(`suspend(aeTitle: "WORKLIST", uid: "${WORKLIST}", subscriber: " ")`),
      /The subscriber/,
    ],
    'Mutation.cancelAbandoned(uid)': [mutation('cancelAbandoned(uid: "1.2.99", reason: "x")'), /"NOT_FOUND"/],
    'Mutation.cancelAbandoned(reason)': ['{ workitem(uid: "1.2.2") { dataset } }', /Lost its key/],
    'Subscription.workitemEvents(filter)': [
      'subscription { workitemEvents(after: "0", filter: { worklistLabel: "A" }) { uid } }',
      /"uid":"1.2.3"/,
    ],
    'Subscription.workitemEvents(types)': [
      'subscription { workitemEvents(after: "0", types: [CANCEL_REQUESTED]) { reports { type } } }',
      /\[{"type":"CANCEL_REQUESTED"}\]/,
    ],
    'Subscription.workitemEvents(after)': [
      'subscription { workitemEvents(after: "999") { uid } }',
      /"FEED_POSITION_UNKNOWN"/,
    ],
    'Subscription.workitemChanges(filter)': [
      'subscription { workitemChanges(after: "0", filter: { worklistLabel: "A" }) { uid } }',
      /"uid":"1.2.3"/,
    ],
    'Subscription.workitemChanges(after)': [
      'subscription { workitemChanges(after: "999") { uid } }',
      /"FEED_POSITION_UNKNOWN"/,
    ],
    // The test below.
    'Mutation.subscribe(deletionLock)': ['{ __typename }', /Query/],
  }

  it('nothing that is nested without bound is an error of the service', async () => {
    // As text: JSON.stringify could not write it.
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const body = (query: string, name: string): string =>
      `{"query":${JSON.stringify(query)},"variables":{"${name}":${deep}}}`
    const filtered = 'query ($f: WorkitemFilter) { workitems(filter: $f) { position } }'
    const sized = 'query ($n: Int!) { workitems(first: $n) { position } }'
    const asked: readonly (readonly [string, string])[] = [
      ['TOO_DEEP', JSON.stringify({ query: '{a'.repeat(3_300) + '}'.repeat(3_300) })],
      ['TOO_DEEP', JSON.stringify({ query: `${'{...'.repeat(3_300)}{a}${'}'.repeat(3_300)}` })],
      ['TOO_DEEP', JSON.stringify({ query: `{ workitem(uid: ${'['.repeat(4_900)}${']'.repeat(4_900)}) { uid } }` })],
      ['TOO_LARGE', body(filtered, 'f')],
      ['TOO_LARGE', body(sized, 'n')],
    ]
    for (const [code, text] of asked) {
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      })
      expect(await answer.json(), text.slice(0, 50)).to.have.nested.property('errors[0].extensions.code', code)
    }
    const { errors } = await askGraphql(url, sized, { n: { toString: 1, valueOf: 1 } })
    expect(errors?.[0]?.extensions?.['code']).not.to.equal('INTERNAL')
  })

  it('every argument is one of these', () => {
    expect(Object.keys(SAID).toSorted()).to.deep.equal(ARGUMENTS.toSorted())
  })

  for (const [argument, [operation, expected, variables]] of Object.entries(SAID)) {
    it(`counts: ${argument}`, async () => {
      expect(JSON.stringify(plain(await told(operation, variables)))).to.match(expected)
    })
  }

  it('counts: a cursor that pages of the workitems of a subscriber have given', async () => {
    const page = async (given: string): Promise<unknown> => {
      const selection = 'nodes { uid } pageInfo { hasNextPage hasPreviousPage endCursor }'
      const query = `{ subscriptions(subscriber: "ALL") { nodes { workitems(${given}) { ${selection} } } } }`
      const { data } = await askGraphql(url, query)
      return (plain(data)['subscriptions'] as { nodes: readonly { workitems: unknown }[] }).nodes[0]?.workitems
    }
    const first = await page('first: 1')
    expect(first).to.deep.include({ nodes: [{ uid: '1.2.1' }] })
    const { endCursor } = (first as { readonly pageInfo: { readonly endCursor: string } }).pageInfo
    expect(first).to.have.property('pageInfo').that.includes({ hasNextPage: true, hasPreviousPage: false })
    expect(await page(`first: 2, after: ${JSON.stringify(endCursor)}`)).to.deep.equal({
      nodes: [{ uid: '1.2.2' }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, endCursor: null },
    })
  })

  it('counts: the size of a page, which is 1 to 1000', async () => {
    for (const given of ['workitems', 'subscriptions(first: 1) { nodes { workitems']) {
      for (const [first, isRefused] of [
        [0, true],
        [1, false],
        [1000, false],
        [1001, true],
        [-1, true],
      ] as const) {
        const closing = given === 'workitems' ? '' : '} }'
        const { errors } = await askGraphql(url, `{ ${given}(first: ${first}) { nodes { uid } } ${closing} }`)
        const expected = isRefused ? `first is ${first}, expected 1 to 1000.` : undefined
        expect(errors?.[0]?.message, `${given} ${first}`).to.equal(expected)
      }
    }
  })

  it('counts: the performer of a claim, whom a cancellation is requested from', async () => {
    const requestOf = async (uid: string, performer: string): Promise<unknown> => {
      await run(`create(aeTitle: "WORKLIST", uid: "${uid}", dataset: $d)`, { d: labelled('D') })
      const claim = `uid: "${uid}", state: IN_PROGRESS, transactionUID: "${TRANSACTION_UID}"`
      await run(`changeState(aeTitle: "WORKLIST", ${claim}, requester: "${performer}")`)
      const { errors } = await askGraphql(url, mutation(`requestCancellation(aeTitle: "WORKLIST", uid: "${uid}")`))
      return errors?.[0]?.extensions?.['code']
    }
    expect(await requestOf('1.2.11', ' EVERY ')).to.equal(undefined)
    expect(await requestOf('1.2.12', 'STRANGER')).to.equal('PERFORMER_UNREACHABLE')
  })

  it('counts: a deletion lock that is asked for, and only then', async () => {
    for (const lock of [true, false]) {
      const given = `aeTitle: "WORKLIST", uid: "1.2.3", subscriber: "LOCK_${lock}", deletionLock: ${lock}`
      await run(`subscribe(${given})`)
    }
    await run('subscribe(aeTitle: "WORKLIST", uid: "1.2.3", subscriber: "LOCK_ABSENT")')
    const { data } = await askGraphql(url, '{ workitem(uid: "1.2.3") { subscriptions { subscriber deletionLock } } }')
    expect(plain(data))
      .to.have.nested.property('workitem.subscriptions')
      .that.deep.includes.members([
        { subscriber: 'LOCK_true', deletionLock: true },
        { subscriber: 'LOCK_false', deletionLock: false },
        { subscriber: 'LOCK_ABSENT', deletionLock: false },
      ])
  })
})
