/** The schema that is served against the one that is published, and its enumerations against what they stand for. */
import { expect } from 'chai'
import {
  buildSchema,
  type ExecutionResult,
  graphql,
  type GraphQLEnumType,
  lexicographicSortSchema,
  parse,
  printSchema,
  subscribe,
} from 'graphql'
import type { InForce, Trouble } from '../../plugin/config/keeper.ts'
import type { ConfigurationReport } from '../../plugin/config/report.ts'
import type { Level } from '../../plugin/config/settings.ts'
import type { Change } from '../../plugin/feed/changes.ts'
import { OWN_ERRORS } from '../../plugin/graphql/error-codes.ts'
import type { GraphqlAdministration, GraphqlService } from '../../plugin/graphql/ports.ts'
import { worklistSchema } from '../../plugin/graphql/schema.ts'
import { readSdl } from '../../plugin/graphql/sdl.ts'
import type { ChangeKind } from '../../plugin/store/store.ts'
import type { EventName } from '../../plugin/ups/event-reports.ts'
import { REFUSALS, WARNINGS } from '../../plugin/ups/statuses.ts'
import type { Maker } from '../../plugin/ups/subscription.ts'
import type { SearchStatus } from '../../plugin/worklist/search-engine.ts'
import { plain } from './support.ts'

const schema = worklistSchema()

const valuesOf = (name: string): readonly string[] =>
  (schema.getType(name) as GraphQLEnumType)
    .getValues()
    .map((value) => value.name)
    .toSorted()

/** What stands for the names: `transactionUidMissing` for TRANSACTION_UID_MISSING. */
const isKeyOf = (key: string, name: string): boolean => key.toLowerCase() === name.replaceAll('_', '').toLowerCase()

const REPORT: ConfigurationReport = {
  source: 'ldif/',
  readAt: '2026-11-24T08:00:00Z',
  from: 'directory',
  device: { dn: 'dicomDeviceName=archive', deviceName: 'archive', installed: true, settings: {} },
  networkAEs: [],
  ignored: [{ dn: 'dn', attribute: 'dcmUPSX' }],
}

const serviceOf = (administration: Partial<GraphqlAdministration>): GraphqlService =>
  ({ administration: { configuration: () => REPORT, ...administration } }) as GraphqlService

async function asked(source: string, service: GraphqlService): Promise<unknown> {
  const { data, errors } = await graphql({
    schema,
    source,
    contextValue: { service, gone: new AbortController().signal },
  })
  expect(errors).to.equal(undefined)
  return plain(data)
}

describe('The schema that is served', () => {
  it('is the one that is published', () => {
    const print = (one: typeof schema): string => printSchema(lexicographicSortSchema(one))
    expect(print(schema) === print(buildSchema(readSdl()))).to.equal(true)
  })
})

describe('The codes of errors in the schema', () => {
  const codes = valuesOf('ErrorCode')

  it('are those of the refusals, one each, and those of GraphQL', () => {
    const own = Object.keys(OWN_ERRORS)
    const refusals = codes.filter((code) => !own.includes(code))
    expect(codes).to.include.members(own)
    expect(refusals.length).to.equal(Object.keys(REFUSALS).length)
    for (const key of Object.keys(REFUSALS)) expect(refusals.filter((code) => isKeyOf(key, code)).length).to.equal(1)
  })

  it('of warnings are one each', () => {
    const warnings = valuesOf('WarningCode')
    expect(warnings.length).to.equal(Object.keys(WARNINGS).length)
    for (const key of Object.keys(WARNINGS)) expect(warnings.filter((code) => isKeyOf(key, code)).length).to.equal(1)
  })
})

describe('What the service says of itself', () => {
  it('is of settings where they come from', async () => {
    const LEVELS: Readonly<Record<Level | 'default', string>> = { ae: 'AE', device: 'DEVICE', default: 'DEFAULT' }
    expect(valuesOf('SettingLevel')).to.deep.equal(Object.values(LEVELS).toSorted())
    for (const [level, name] of Object.entries(LEVELS)) {
      const settings = { dcmX: { value: 1, unit: 's', origin: { level: level as Level, dn: 'dn' } } }
      const service = serviceOf({ configuration: () => ({ ...REPORT, device: { ...REPORT.device, settings } }) })
      expect(await asked('{ archive { settings { attribute value unit level dn } } }', service)).to.deep.equal({
        archive: { settings: [{ attribute: 'dcmX', value: 1, unit: 's', level: name, dn: 'dn' }] },
      })
    }
  })

  it('is of a configuration what is not honoured', async () => {
    const found = await asked('{ archive { ignored { dn attribute } } }', serviceOf({}))
    expect(found).to.deep.equal({ archive: { ignored: [{ dn: 'dn', attribute: 'dcmUPSX' }] } })
  })

  it('is of a configuration where it was read', async () => {
    const ORIGINS: Readonly<Record<InForce['from'], string>> = { directory: 'DIRECTORY', 'last good': 'LAST_GOOD' }
    expect(valuesOf('ConfigurationOrigin')).to.deep.equal(Object.values(ORIGINS).toSorted())
    for (const [from, name] of Object.entries(ORIGINS)) {
      const service = serviceOf({ configuration: () => ({ ...REPORT, from: from as InForce['from'] }) })
      expect(await asked('{ archive { from } }', service)).to.deep.equal({ archive: { from: name } })
    }
  })

  it('is of trouble with the directory its kind', async () => {
    const KINDS: Readonly<Record<Trouble['kind'], string>> = {
      unreachable: 'UNREACHABLE',
      unusable: 'UNUSABLE',
      invalid: 'INVALID',
    }
    expect(valuesOf('TroubleKind')).to.deep.equal(Object.values(KINDS).toSorted())
    for (const [kind, name] of Object.entries(KINDS)) {
      const problem = { dn: 'dn', attribute: 'dcmX', value: 'y', expected: 'z', place: 'line 1' }
      const trouble = { message: 'm', since: '2026-11-24T08:00:00Z', problems: [problem] }
      const service = serviceOf({
        configuration: () => ({ ...REPORT, trouble: { ...trouble, kind: kind as Trouble['kind'] } }),
      })
      const selection = 'kind message since problems { dn attribute value expected place }'
      expect(await asked(`{ archive { trouble { ${selection} } } }`, service)).to.deep.equal({
        archive: { trouble: { ...trouble, kind: name } },
      })
    }
  })

  it('is of the search its state', async () => {
    const STATES: Readonly<Record<SearchStatus['state'], string>> = {
      ready: 'READY',
      building: 'BUILDING',
      behind: 'BEHIND',
      away: 'AWAY',
    }
    expect(valuesOf('SearchState')).to.deep.equal(Object.values(STATES).toSorted())
    for (const [state, name] of Object.entries(STATES)) {
      const service = serviceOf({
        search: () => ({ state: state as SearchStatus['state'], behind: 7, reason: 'ECONNREFUSED' }),
      })
      expect(await asked('{ search { engine state behind reason } }', service)).to.deep.equal({
        search: { engine: 'ELASTICSEARCH', state: name, behind: 7, reason: 'ECONNREFUSED' },
      })
    }
    expect(
      await asked('{ search { engine state behind reason } }', serviceOf({ search: () => undefined })),
    ).to.deep.equal({ search: { engine: 'EMBEDDED', state: 'READY', behind: 0, reason: null } })
    expect(valuesOf('SearchEngine')).to.deep.equal(['ELASTICSEARCH', 'EMBEDDED'])
  })

  it('is of a subscription what made it', () => {
    const MAKERS: Readonly<Record<Maker, string>> = { explicit: 'EXPLICIT', global: 'GLOBAL', filtered: 'FILTERED' }
    const type = schema.getType('SubscriptionMaker') as GraphQLEnumType
    expect(valuesOf('SubscriptionMaker')).to.deep.equal(Object.values(MAKERS).toSorted())
    for (const [maker, name] of Object.entries(MAKERS)) expect(type.coerceOutputValue(maker)).to.equal(name)
  })
})

type Told = Readonly<Record<string, unknown>>

/** What a subscription tells of these changes. */
async function toldOf(changes: readonly Change[], document: string): Promise<readonly Told[]> {
  async function* pages() {
    yield { is: 'page', changes, through: 9 }
  }
  const service = {
    feed: () => ({ follow: async () => ({ is: 'following', from: 0, pages: pages() }) }),
    tally: { streams: () => undefined },
  }
  const results = await subscribe({
    schema,
    document: parse(document),
    contextValue: { service, gone: new AbortController().signal },
  })
  if (!(Symbol.asyncIterator in results)) throw new Error(JSON.stringify(results.errors))
  const all: readonly ExecutionResult[] = await Array.fromAsync(results)
  return all.map(({ data, errors }) => {
    expect(errors).to.equal(undefined)
    return Object.values(plain(data))[0] as Told
  })
}

const changeOf = (kind: ChangeKind, reports: readonly EventName[] = []): Change => ({
  entry: {
    position: 5,
    is: kind === 'delete' ? 'deleted' : 'there',
    uid: '1.2',
    previous: 4,
    kind,
    at: new Date(0),
    state: undefined,
    replaced: {},
    reports: reports.map((event) => ({ event, information: {} })),
  } as unknown as Change['entry'],
  before: undefined,
  after: {},
})

describe('The kinds of changes', () => {
  /** Undefined: on purpose it is none that is told, a subscription changes nothing that is shown of a workitem. */
  const KINDS: Readonly<Record<ChangeKind, string | undefined>> = {
    create: 'CREATE',
    update: 'UPDATE',
    changeState: 'CHANGE_STATE',
    requestCancel: 'REQUEST_CANCEL',
    cancelAbandoned: 'CANCEL_ABANDONED',
    delete: 'DELETE',
    subscribe: undefined,
    unsubscribe: undefined,
    suspend: undefined,
  }

  it('are those of the store that are told, and each is told as what it is', async () => {
    const expected = Object.values(KINDS).filter((name) => name !== undefined)
    expect(valuesOf('ChangeKind')).to.deep.equal(expected.toSorted())
    const changes = (Object.keys(KINDS) as ChangeKind[]).map((kind) => changeOf(kind))
    const told = await toldOf(changes, 'subscription { workitemChanges(after: "0") { kind uid } }')
    expect(told.map(({ kind }) => kind)).to.deep.equal(expected)
  })
})

describe('The types of events', () => {
  /** Undefined: SCP Status Change is of the service, of no workitem. */
  const TYPES: Readonly<Record<EventName, string | undefined>> = {
    'UPS State Report': 'STATE_REPORT',
    'UPS Cancel Requested': 'CANCEL_REQUESTED',
    'UPS Progress Report': 'PROGRESS_REPORT',
    'UPS Assigned': 'ASSIGNED',
    'SCP Status Change': undefined,
  }
  const ofWorkitems = (Object.keys(TYPES) as EventName[]).filter((event) => TYPES[event] !== undefined)

  it('are those of PS3.4 that workitems have, and each is told as what it is', async () => {
    const expected = ofWorkitems.map((event) => TYPES[event] ?? '')
    expect(valuesOf('EventType')).to.deep.equal(expected.toSorted())
    const told = await toldOf([changeOf('update', ofWorkitems)], 'subscription { workitemEvents { reports { type } } }')
    expect(told).to.deep.equal([{ reports: expected.map((type) => ({ type })) }])
  })

  it('are told where they are wanted', async () => {
    for (const event of ofWorkitems) {
      const document = `subscription { workitemEvents(types: [${TYPES[event]}]) { reports { type } } }`
      const told = await toldOf([changeOf('update', ofWorkitems), changeOf('update')], document)
      expect(told).to.deep.equal([{ reports: [{ type: TYPES[event] }] }])
    }
  })
})
