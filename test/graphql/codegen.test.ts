import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codegen } from '@graphql-codegen/core'
import * as typescript from '@graphql-codegen/typescript'
import * as operations from '@graphql-codegen/typescript-operations'
import { expect } from 'chai'
import { type GraphQLNamedType, parse } from 'graphql'
import { readSdl } from '../../plugin/graphql/sdl.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { everythingOf, schema } from './support.ts'

const EXAMPLES = new URL('../../schema/graphql/examples/', import.meta.url)
const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url))

interface Configuration {
  readonly schema: string
  readonly documents: string
  readonly generates: Readonly<Record<string, { readonly plugins: readonly string[] }>>
  readonly config: Readonly<Record<string, unknown>>
}

/** As docs/graphql.md recommends it. */
function recommended(): Configuration {
  const text = readFileSync(new URL('../../docs/graphql.md', import.meta.url), 'utf8')
  return JSON.parse(/```json\n(\{\s*"schema"[^]*?)```/.exec(text)?.[1] ?? '') as Configuration
}

const published = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => readFileSync(new URL(name, EXAMPLES), 'utf8'))

const OURS = `
query Everything($uid: String!) {
  workitem(uid: $uid) ${everythingOf(schema.getType('Workitem') as GraphQLNamedType)}
}

query Page($filter: WorkitemFilter, $orderBy: [WorkitemOrder!], $first: Int! = 10, $after: String, $aeTitle: String) {
  workitems(filter: $filter, orderBy: $orderBy, first: $first, after: $after, aeTitle: $aeTitle) {
    position
    totalCount
    edges { cursor node { ...Shown } }
  }
}

query Around {
  feed { position start }
  search { engine state behind reason }
  archive { settings { attribute value level } networkAEs { aeTitle } trouble { kind problems { dn expected } } }
  subscriptions { nodes { aeTitle global { deletionLock } workitems(first: 5) { nodes { by workitem { ...Shown } } } } }
}

fragment Shown on Workitem { uid version state patientName { formatted } scheduledProcedureStepStartDateTime { instant precision } }

mutation All($dataset: DicomJson!, $state: ProcedureStepState!, $filter: WorkitemFilter) {
  create(aeTitle: "A", uid: "1.2", dataset: $dataset) { ...Made }
  update(aeTitle: "A", uid: "1.2", dataset: $dataset, transactionUID: "1.3") { ...Made }
  changeState(aeTitle: "A", uid: "1.2", state: $state, transactionUID: "1.3", requester: "B") { ...Made }
  requestCancellation(aeTitle: "A", uid: "1.2", dataset: $dataset) { ...Made }
  cancelAbandoned(uid: "1.2", reason: "lost") { ...Made }
  subscribe(aeTitle: "A", uid: "1.2", subscriber: "B", deletionLock: true, filter: $filter) { position warnings { code } }
  unsubscribe(aeTitle: "A", uid: "1.2", subscriber: "B") { position }
  suspend(aeTitle: "A", uid: "1.2", subscriber: "B") { position }
  reloadConfiguration { archive { readAt from } }
}

fragment Made on WorkitemPayload { uid position workitem { ...Shown } warnings { code dicomStatus text } }

subscription Events($filter: WorkitemFilter, $types: [EventType!], $after: FeedPosition) {
  workitemEvents(filter: $filter, types: $types, after: $after) {
    position at transition workitem { ...Shown } reports { type dataset }
  }
}

subscription Changes($filter: WorkitemFilter, $after: FeedPosition) {
  workitemChanges(filter: $filter, after: $after) { kind previous { ...Shown } workitem { dataset } }
}
`

const RIGHT = `
import type { CreateMutationVariables, ChangesSubscription, EventsSubscriptionVariables, EverythingQuery, PageQuery,
  PageQueryVariables, AllMutationVariables, WorklistQuery, WatchSubscriptionVariables } from './operations.ts'
import type { Workitem, WorkitemFilter } from './schema.ts'

export const filter: WorkitemFilter = {
  procedureStepState: ['SCHEDULED', 'IN_PROGRESS'],
  scheduledStationNameCodeSequence: { codeValue: ['TDD1'] },
  scheduledProcedureStepStartDateTime: { from: '2026-11-24' },
  attributes: [{ path: 'PatientID', values: ['PAT1'] }],
}
export const page: PageQueryVariables = { filter, orderBy: [{ field: 'PATIENT_NAME', direction: 'DESC' }], after: null }
export const created: CreateMutationVariables = { dataset: { '00741000': { vr: 'CS', Value: ['SCHEDULED'] } } }
export const all: AllMutationVariables = { dataset: {}, state: 'COMPLETED' }
export const events: EventsSubscriptionVariables = { types: ['STATE_REPORT', 'ASSIGNED'], after: '17' }
export const watch: WatchSubscriptionVariables = { after: undefined }

export const uids = ({ workitems }: WorklistQuery): readonly string[] => workitems?.nodes.map(({ uid }) => uid) ?? []
export const moment = ({ workitems }: PageQuery): string | undefined =>
  workitems?.edges[0]?.node.scheduledProcedureStepStartDateTime?.instant ?? undefined
export const first = ({ workitemChanges: { workitem } }: ChangesSubscription): unknown => workitem?.dataset['00100010']
export const code = ({ workitem }: EverythingQuery): string | null | undefined =>
  workitem?.scheduledProcessingParametersSequence[0]?.conceptNameCodeSequence[0]?.codeValue
export const label = ({ procedureStepLabel, dataset }: Workitem): unknown => procedureStepLabel ?? dataset['00741204']
`

/** One line each. */
const WRONG: Readonly<Record<string, string>> = {
  'a field that was not asked for': `(q: o.WorklistQuery) => q.workitems?.nodes[0]?.patientBirthDate`,
  'a field that there is not': `(w: s.Workitem) => w.transactionUID`,
  'a value that may be null': `(q: o.WorklistQuery): string => q.workitems!.nodes[0]!.procedureStepLabel`,
  'a value of an enum that there is not': `(): s.ProcedureStepState => 'STARTED'`,
  'a DICOM name in the place of that of an enum': `(): o.AllMutationVariables => ({ dataset: {}, state: 'IN PROGRESS' })`,
  'a key of a filter that there is not': `(): s.WorkitemFilter => ({ transactionUID: ['1.2'] })`,
  'a key of an item in the place of one of the workitem': `(): s.WorkitemFilter => ({ codeValue: ['TDD1'] })`,
  'an order by what has none': `(): s.WorkitemOrder => ({ field: 'SCHEDULED_STATION_NAME_CODE_SEQUENCE' })`,
  'a variable that is missing': `(): o.CreateMutationVariables => ({})`,
  'a position that is a number': `(): o.WatchSubscriptionVariables => ({ after: 17 })`,
  'a dataset that is text': `(): o.CreateMutationVariables => ({ dataset: '{}' })`,
  'text of a dataset without a look at it': `(c: o.ChangesSubscription): string => c.workitemChanges.workitem!.dataset['00100010']`,
}

describe('GraphQL Code Generator on the published schema', () => {
  let folder: Folder
  before(async () => {
    folder = temporaryFolder()
    const { generates, config } = recommended()
    for (const [path, { plugins }] of Object.entries(generates)) {
      const name = path.split('/').at(-1) ?? ''
      writeFileSync(join(folder.path, name), await generated(name, plugins, config))
    }
  })
  after(() => folder.remove())

  /** What the compiler of this project finds: the line of each error. */
  function compile(name: string, text: string): { readonly status: number | null; readonly out: string } {
    writeFileSync(join(folder.path, name), text)
    const flags =
      '--strict --noEmit --allowImportingTsExtensions --exactOptionalPropertyTypes --noUncheckedIndexedAccess'
    const { status, stdout } = spawnSync(
      TSC,
      [...flags.split(' '), '--target', 'es2024', '--module', 'nodenext', '--types', '', name],
      { cwd: folder.path, encoding: 'utf8' },
    )
    return { status, out: stdout }
  }

  it('makes types that compile under strict, and fit what clients write', () => {
    expect(compile('right.ts', RIGHT)).to.deep.equal({ status: 0, out: '' })
  })

  it('makes types that refuse what is wrong', () => {
    const lines = Object.values(WRONG).map((use, n) => `export const wrong${n} = ${use}`)
    const imports = "import type * as s from './schema.ts'; import type * as o from './operations.ts'"
    const { status, out } = compile('wrong.ts', [imports, ...lines].join('\n'))
    expect(status).to.not.equal(0)
    const refused = new Set([...out.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line) - 2))
    for (const [n, what] of Object.keys(WRONG).entries()) expect(refused.has(n), what).to.equal(true)
    expect(out.trimEnd()).to.not.match(/^(?!wrong\.ts|\s)/m)
  })
})

const PLUGINS = { typescript, 'typescript-operations': operations }

const generated = (filename: string, plugins: readonly string[], config: Configuration['config']): Promise<string> =>
  codegen({
    filename,
    schema: parse(readSdl()),
    documents: [...published, OURS].map((text, n) => ({ location: `${n}.graphql`, document: parse(text) })),
    config,
    plugins: plugins.map((name) => ({ [name]: {} })),
    pluginMap: PLUGINS,
  })
