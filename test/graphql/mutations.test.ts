import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { attribute } from '../http/datasets.ts'
import { aeEntry, writeDirectory } from '../http/directory.ts'
import { FILTERED, untouched, WORKLIST } from '../http/subscriptions.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { temporaryFolder } from '../support/folder.ts'
import { askGraphql } from '../support/graphql.ts'
import { post } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample, TRANSACTION_UID } from '../support/workitems.ts'
import { dataOf, errorOf, shownError, type Told } from './asking.ts'
import { type FaceCommand, mutationOf, throughGraphql, throughRs, variablesOf } from './faces.ts'

const OTHER_UID = '1.2.826.0.1.3680043.9.2'
const AE = { aeTitle: 'WORKLIST' } as const
const LABEL = '00741204'

const claim = (uid: string, transactionUID: string | undefined = TRANSACTION_UID): FaceCommand => ({
  ...AE,
  kind: 'changeState',
  uid,
  state: 'IN PROGRESS',
  transactionUID,
})

/** Through GraphQL. Fails with what it says instead. */
async function run(service: Service, command: FaceCommand, selection?: string): Promise<Told> {
  const data = await dataOf(service, mutationOf(command.kind, selection), variablesOf(command))
  return data[command.kind] as Told
}

async function prepare(service: Service, uid: string, state: string): Promise<void> {
  await run(service, { ...AE, kind: 'create', uid, dataset: sample('rt-treatment') })
  if (state === 'SCHEDULED') return
  if (state === 'deleted') return deleteWorkitem(service.store, uid)
  await run(service, claim(uid))
  if (state === 'IN PROGRESS') return
  const dataset = sample('rt-treatment-performed')
  await run(service, { ...AE, kind: 'update', uid, dataset, transactionUID: TRANSACTION_UID })
  await run(service, { ...AE, kind: 'changeState', uid, state, transactionUID: TRANSACTION_UID })
}

const WORKITEM = 'uid workitem { uid state procedureStepLabel version } warnings { code dicomStatus text } position'

describe('Mutations', () => {
  let service: Service
  let head: () => Promise<string>
  before(async () => {
    service = await startService()
    head = async () => String((await service.feed()).at(-1)?.position)
  })
  after(() => service.stop())

  it('create, update, change the state and cancel, and tell what became of the workitem and where', async () => {
    const uid = '1.2.1'
    const dataset = changed(sample('rt-treatment'), { [LABEL]: attribute('LO', 'First') })
    const created = await run(service, { ...AE, kind: 'create', uid, dataset }, WORKITEM)
    const at = await head()
    expect(created).to.deep.include({ uid, position: at })
    expect(created['workitem']).to.deep.equal({ uid, state: 'SCHEDULED', procedureStepLabel: 'First', version: at })

    const second = { [LABEL]: attribute('LO', 'Second') }
    const updated = await run(service, { ...AE, kind: 'update', uid, dataset: second }, WORKITEM)
    expect(updated['workitem']).to.deep.include({ procedureStepLabel: 'Second', version: await head() })
    expect(updated['warnings']).to.deep.equal([])

    const claimed = await run(service, { ...(claim(uid) as object), requester: 'TDD1' } as FaceCommand, WORKITEM)
    expect(claimed).to.have.nested.property('workitem.state', 'IN_PROGRESS')
    const loaded = await service.store.load(uid)
    expect(loaded).to.have.nested.property('workitem.lock.performer', 'TDD1')
    expect(JSON.stringify(claimed)).not.to.include(TRANSACTION_UID)

    const performed = sample('rt-treatment-performed')
    await run(service, { ...AE, kind: 'update', uid, dataset: performed, transactionUID: TRANSACTION_UID })
    const complete = { ...AE, kind: 'changeState', uid, state: 'COMPLETED', transactionUID: TRANSACTION_UID } as const
    expect(await run(service, complete, WORKITEM)).to.have.nested.property('workitem.state', 'COMPLETED')

    const before = await head()
    const again = await run(service, complete, WORKITEM)
    expect(again['warnings']).to.deep.equal([
      {
        code: 'ALREADY_COMPLETED',
        dicomStatus: 'B306',
        text: 'The UPS is already in the requested state of COMPLETED.',
      },
    ])
    expect([again['position'], await head()]).to.deep.equal([null, before])
  })

  it('create with modifications, and say so', async () => {
    const created = await run(service, { ...AE, kind: 'create', uid: '1.2.2', dataset: sample('minimal') }, WORKITEM)
    expect(created['warnings']).to.deep.equal([
      {
        code: 'CREATED_WITH_MODIFICATIONS',
        dicomStatus: 'B300',
        text: 'The Workitem was created with modifications.',
      },
    ])
  })

  it('create under the UID of the dataset, or under a new one', async () => {
    const query = `mutation($dataset: DicomJson!) { create(aeTitle: "WORKLIST", dataset: $dataset) { uid workitem { uid } } }`
    for (const [tag, uid] of [
      ['00080018', '1.2.3.1'],
      ['00001000', '1.2.3.2'],
    ] as const) {
      const dataset = changed(sample('minimal'), { [tag]: attribute('UI', uid) })
      expect(await dataOf(service, query, { dataset })).to.deep.equal({ create: { uid, workitem: { uid } } })
    }
    const { create } = await dataOf(service, query, { dataset: sample('minimal') })
    expect(create.uid).to.match(/^2\.25\.\d+$/)
    expect(create.workitem.uid).to.equal(create.uid)
  })

  it('take the dataset as UPS-RS takes it, in an array of one, too', async () => {
    const text =
      'mutation($dataset: DicomJson!) { create(aeTitle: "WORKLIST", uid: "1.2.4", dataset: $dataset) { uid } }'
    expect(await dataOf(service, text, { dataset: [sample('minimal')] })).to.deep.equal({ create: { uid: '1.2.4' } })
  })

  it('cancel a scheduled workitem at a request', async () => {
    await prepare(service, '1.2.5.1', 'SCHEDULED')
    const canceled = await run(service, { ...AE, kind: 'requestCancellation', uid: '1.2.5.1' }, WORKITEM)
    expect(canceled).to.have.nested.property('workitem.state', 'CANCELED')
  })

  it('ask a performer to cancel, as the AE that they come through where no requester is named', async () => {
    for (const [uid, requester] of [
      ['1.2.5.2', undefined],
      ['1.2.5.3', ' CONSOLE '],
    ] as const) {
      await prepare(service, uid, 'IN PROGRESS')
      await run(service, { ...AE, kind: 'subscribe', uid, subscriber: 'TDD1', deletionLock: false }, 'uid')
      const dataset = { '00741238': attribute('LT', 'Broken') }
      const asked = await run(service, { ...AE, kind: 'requestCancellation', uid, requester, dataset }, WORKITEM)
      expect(asked).to.have.nested.property('workitem.state', 'IN_PROGRESS')
      const [report] = (await service.feed()).at(-1)?.reports ?? []
      expect(report).to.deep.include({ event: 'UPS Cancel Requested' })
      expect(report?.information).to.deep.include({
        '00741236': attribute('AE', requester?.trim() ?? 'WORKLIST'),
        '00741238': attribute('LT', 'Broken'),
      })
    }
  })

  it('subscribe, suspend and unsubscribe, and tell where in the feed', async () => {
    const subscription = 'uid subscriber warnings { code } position'
    const subscriber = ' TMS '
    const commands = [
      { ...AE, kind: 'subscribe', uid: WORKLIST, subscriber, deletionLock: true },
      { ...AE, kind: 'suspend', uid: WORKLIST, subscriber },
      { ...AE, kind: 'unsubscribe', uid: WORKLIST, subscriber },
      {
        ...AE,
        kind: 'subscribe',
        uid: FILTERED,
        subscriber,
        deletionLock: false,
        filter: { graphql: { worklistLabel: 'X' }, rs: '' },
      },
      { ...AE, kind: 'unsubscribe', uid: FILTERED, subscriber },
    ] as const
    for (const command of commands) {
      const payload = await run(service, command, subscription)
      expect(payload).to.deep.equal({ uid: command.uid, subscriber: 'TMS', warnings: [], position: await head() })
    }
    expect((await service.feed()).slice(-5).map(({ kind }) => kind)).to.deep.equal([
      'subscribe',
      'suspend',
      'unsubscribe',
      'subscribe',
      'unsubscribe',
    ])
  })

  describe('of one document run one after the other, each on its own', () => {
    it('one that is refused leaves what the others did, and what they tell', async () => {
      const query = `mutation($dataset: DicomJson!) {
        a: create(aeTitle: "WORKLIST", uid: "1.2.6.1", dataset: $dataset) { uid }
        b: create(aeTitle: "WORKLIST", uid: "1.2.6.1", dataset: $dataset) { uid }
        c: changeState(aeTitle: "WORKLIST", uid: "1.2.6.1", state: IN_PROGRESS, transactionUID: "1.2.9") { workitem { state } }
        d: update(aeTitle: "NOBODY", uid: "1.2.6.1", dataset: {}) { uid }
        e: requestCancellation(aeTitle: "WORKLIST", uid: "1.2.6.2") { uid }
      }`
      const { data, errors = [] } = await askGraphql<Told>(service.url, query, { dataset: sample('minimal') })
      expect(data).to.deep.equal({
        a: { uid: '1.2.6.1' },
        b: null,
        c: { workitem: { state: 'IN_PROGRESS' } },
        d: null,
        e: null,
      })
      expect(errors.map((error) => [error.path, shownError(error).code])).to.deep.equal([
        [['b'], 'DUPLICATE'],
        [['d'], 'UNKNOWN_AE'],
        [['e'], 'NOT_FOUND'],
      ])
    })

    it('each sees what those before it did', async () => {
      const query = `mutation($dataset: DicomJson!) {
        a: create(aeTitle: "WORKLIST", uid: "1.2.6.3", dataset: $dataset) { workitem { state } }
        b: changeState(aeTitle: "WORKLIST", uid: "1.2.6.3", state: IN_PROGRESS, transactionUID: "1.2.9") { workitem { state } }
        c: changeState(aeTitle: "WORKLIST", uid: "1.2.6.3", state: CANCELED, transactionUID: "1.2.8") { workitem { state } }
        d: changeState(aeTitle: "WORKLIST", uid: "1.2.6.3", state: CANCELED, transactionUID: "1.2.9") { warnings { code } }
      }`
      const { data, errors } = await askGraphql<Told>(service.url, query, { dataset: sample('minimal') })
      expect(data).to.deep.include({
        a: { workitem: { state: 'SCHEDULED' } },
        b: { workitem: { state: 'IN_PROGRESS' } },
      })
      expect(errors?.map((error) => shownError(error).code)).to.include('TRANSACTION_UID_INCORRECT')
    })
  })

  describe('cancelAbandoned', () => {
    const query = `mutation($uid: String!, $reason: String! = "Console was replaced") {
      cancelAbandoned(uid: $uid, reason: $reason) { ${WORKITEM} }
    }`

    it('cancels what was claimed, without its Transaction UID', async () => {
      await prepare(service, '1.2.7.1', 'IN PROGRESS')
      const { cancelAbandoned } = await dataOf(service, query, { uid: '1.2.7.1' })
      expect(cancelAbandoned).to.deep.include({ uid: '1.2.7.1', position: await head() })
      expect(cancelAbandoned.workitem.state).to.equal('CANCELED')
      expect((await service.feed()).at(-1)).to.deep.include({ kind: 'cancelAbandoned', state: 'CANCELED' })
    })

    for (const [what, uid, reason] of [
      ['not claimed', '1.2.7.2', 'x'],
      ['completed', '1.2.7.3', 'x'],
      ['canceled', '1.2.7.4', 'x'],
      ['deleted', '1.2.7.5', 'x'],
      ['none', '1.2.7.6', 'x'],
      ['no UID', '1.2..7', 'x'],
      ['claimed, but without a reason', '1.2.7.7', ''],
    ] as const) {
      it(`says of what is ${what} the same as POST /ctrl/workitems/{uid}/cancel-abandoned`, async () => {
        const state = { 'not claimed': 'SCHEDULED', completed: 'COMPLETED', canceled: 'CANCELED', deleted: 'deleted' }
        if (what in state) await prepare(service, uid, state[what as keyof typeof state])
        if (what.startsWith('claimed')) await prepare(service, uid, 'IN PROGRESS')
        await untouched(service, what === 'no UID' ? [] : [uid], async () => {
          const answer = await post(`${service.url}/ctrl/workitems/${uid}/cancel-abandoned`, {
            '00741238': attribute('LT', ...(reason === '' ? [] : [reason])),
          })
          const { data, errors } = await askGraphql<Told>(service.url, query, { uid, reason })
          if (answer.status < 300) {
            const texts = data?.['cancelAbandoned'].warnings.map(
              ({ text }: Told) => text as string,
            ) as readonly string[]
            for (const text of texts) expect(answer.headers.get('warning')).to.include(text)
            return
          }
          const problem = answer.problem()
          const error = shownError(errors?.[0])
          expect(error.dicomStatus).to.equal(problem.dicomStatus)
          expect(error.attributes).to.deep.equal(problem.attributes)
        })
      })
    }
  })

  it('reloadConfiguration takes what is good, and tells what is wrong or away', async () => {
    const folder = temporaryFolder()
    const config = writeDirectory(folder.path, [aeEntry('A')])
    const reloading = await startService({ config, pollInterval: 1_000_000 })
    const query = 'mutation { reloadConfiguration { archive { networkAEs { aeTitle } trouble { kind } } } }'

    writeDirectory(folder.path, [aeEntry('A'), aeEntry('B')])
    expect(await dataOf(reloading, query)).to.deep.equal({
      reloadConfiguration: { archive: { networkAEs: [{ aeTitle: 'A' }, { aeTitle: 'B' }], trouble: null } },
    })

    writeDirectory(folder.path, [aeEntry('A')], `dcmUPSWorklistLabel: ${'x'.repeat(65)}`)
    const refused = await errorOf(reloading, query)
    const answer = await post(`${reloading.url}/ctrl/reload`)
    expect(refused.code).to.equal('CONFIGURATION_REFUSED')
    expect(refused['problems']).to.deep.equal((answer.json() as Told)['problems'])
    expect(refused.message).to.equal(answer.problem().detail)
    expect(JSON.stringify(refused)).not.to.include(folder.path)
    // Nothing of it is taken: B stays.
    expect((await dataOf(reloading, '{ workitems(aeTitle: "B") { nodes { uid } } }'))['workitems']).to.deep.equal({
      nodes: [],
    })

    renameSync(config, join(folder.path, 'away'))
    const away = await errorOf(reloading, query)
    expect(away.code).to.equal('DIRECTORY_UNREACHABLE')
    expect(away.message).to.equal((await post(`${reloading.url}/ctrl/reload`)).problem().detail)

    writeFileSync(config, 'no LDIF at all')
    expect((await errorOf(reloading, query)).code).to.equal('CONFIGURATION_REFUSED')
    await reloading.stop()
    folder.remove()
  })
})

interface Refused {
  readonly command: FaceCommand
  readonly code: string
  readonly dicomStatus: string
  readonly paths?: readonly string[]
}

const SCHEDULED = '1.2.10.1'
const CLAIMED = '1.2.10.2'
const COMPLETED = '1.2.10.3'
const CANCELED = '1.2.10.4'
const DELETED = '1.2.10.5'
const UNKNOWN = '1.2.10.6'

const create = (uid: string, changes: Record<string, Dataset[string] | undefined> = {}): FaceCommand => ({
  ...AE,
  kind: 'create',
  uid,
  dataset: changed(sample('rt-treatment'), changes),
})
const update = (uid: string, dataset: unknown = {}, transactionUID?: string): FaceCommand => ({
  ...AE,
  kind: 'update',
  uid,
  dataset,
  transactionUID,
})
const change = (uid: string, state: string, transactionUID?: string): FaceCommand => ({
  ...AE,
  kind: 'changeState',
  uid,
  state,
  transactionUID,
})
const cancel = (uid: string, requester?: string, dataset: unknown = {}): FaceCommand => ({
  ...AE,
  kind: 'requestCancellation',
  uid,
  requester,
  dataset,
})
const subscribe = (uid: string, subscriber = 'TMS', rest: object = {}): FaceCommand => ({
  ...AE,
  kind: 'subscribe',
  uid,
  subscriber,
  deletionLock: false,
  ...rest,
})
const withdraw = (kind: 'unsubscribe' | 'suspend', uid: string, subscriber = 'TMS'): FaceCommand => ({
  ...AE,
  kind,
  uid,
  subscriber,
})
const FILTER = { filter: { graphql: { worklistLabel: 'X' }, rs: 'filter=WorklistLabel=X' } }
const EMPTY_LABEL = { [LABEL]: attribute('LO') }

/** Status codes of PS3.4 and decisions.md 2, once more. */
const REFUSED: Readonly<Record<string, Refused>> = {
  'create: there already': { command: create(SCHEDULED), code: 'DUPLICATE', dicomStatus: '0111' },
  'create: deleted': { command: create(DELETED), code: 'DUPLICATE', dicomStatus: '0111' },
  'create: the worklist': { command: create(WORKLIST), code: 'DUPLICATE', dicomStatus: '0111' },
  'create: no UID': { command: create('1.2..3'), code: 'INVALID_ARGUMENT', dicomStatus: '0115' },
  'create: without a label': {
    command: create(UNKNOWN, { [LABEL]: undefined }),
    code: 'MISSING_ATTRIBUTE',
    dicomStatus: '0120',
    paths: [LABEL],
  },
  'create: with an empty label': {
    command: create(UNKNOWN, EMPTY_LABEL),
    code: 'MISSING_VALUE',
    dicomStatus: '0121',
    paths: [LABEL],
  },
  'create: claimed already': {
    command: create(UNKNOWN, { '00741000': attribute('CS', 'IN PROGRESS') }),
    code: 'NOT_SCHEDULED',
    dicomStatus: 'C309',
    paths: ['00741000'],
  },
  'create: with a Transaction UID': {
    command: create(UNKNOWN, { '00081195': attribute('UI', '1.2.3') }),
    code: 'NOT_ALLOWED_ATTRIBUTE',
    dicomStatus: '0105',
    paths: ['00081195'],
  },
  'create: with two values that are none': {
    command: create(UNKNOWN, {
      '00404005': attribute('DT', 'tomorrow'),
      '00741200': attribute('CS', 'URGENT'),
    }),
    code: 'INVALID_VALUE',
    dicomStatus: '0106',
    paths: ['00404005', '00741200'],
  },
  'update: unknown': { command: update(UNKNOWN), code: 'NOT_FOUND', dicomStatus: 'C307' },
  'update: deleted': { command: update(DELETED), code: 'GONE', dicomStatus: 'C307' },
  'update: completed': {
    command: update(COMPLETED, {}, TRANSACTION_UID),
    code: 'FINISHED_NO_UPDATE',
    dicomStatus: 'C300',
  },
  'update: canceled': {
    command: update(CANCELED, {}, TRANSACTION_UID),
    code: 'FINISHED_NO_UPDATE',
    dicomStatus: 'C300',
  },
  'update: claimed, without the key': {
    command: update(CLAIMED),
    code: 'TRANSACTION_UID_MISSING',
    dicomStatus: 'C301',
  },
  'update: claimed, with another key': {
    command: update(CLAIMED, {}, OTHER_UID),
    code: 'TRANSACTION_UID_INCORRECT',
    dicomStatus: 'C301',
  },
  'update: not claimed, with a key': {
    command: update(SCHEDULED, {}, OTHER_UID),
    code: 'NOT_YET_IN_PROGRESS_NO_UPDATE',
    dicomStatus: 'C310',
  },
  'update: a value that must be there': {
    command: update(SCHEDULED, EMPTY_LABEL),
    code: 'MISSING_VALUE',
    dicomStatus: '0121',
    paths: [LABEL],
  },
  'update: of the state': {
    command: update(SCHEDULED, { '00741000': attribute('CS', 'COMPLETED') }),
    code: 'NOT_ALLOWED_ATTRIBUTE',
    dicomStatus: '0105',
    paths: ['00741000'],
  },
  'changeState: unknown': { command: claim(UNKNOWN), code: 'NOT_FOUND', dicomStatus: 'C307' },
  'changeState: deleted': { command: claim(DELETED), code: 'GONE', dicomStatus: 'C307' },
  'changeState: a claim without a key': {
    command: change(SCHEDULED, 'IN PROGRESS'),
    code: 'TRANSACTION_UID_MISSING',
    dicomStatus: 'C301',
  },
  'changeState: a claim of what another has': {
    command: claim(CLAIMED, OTHER_UID),
    code: 'CLAIMED_BY_ANOTHER',
    dicomStatus: 'C301',
  },
  'changeState: a claim once more': { command: claim(CLAIMED), code: 'CLAIM_STANDS', dicomStatus: 'C302' },
  'changeState: a claim of what is completed': { command: claim(COMPLETED), code: 'FINISHED', dicomStatus: 'C300' },
  'changeState: back to SCHEDULED': {
    command: change(CLAIMED, 'SCHEDULED', TRANSACTION_UID),
    code: 'SCHEDULED_ONLY_BY_CREATE',
    dicomStatus: 'C303',
  },
  'changeState: completed unclaimed': {
    command: change(SCHEDULED, 'COMPLETED', TRANSACTION_UID),
    code: 'NOT_YET_IN_PROGRESS',
    dicomStatus: 'C310',
  },
  'changeState: canceled with another key': {
    command: change(CLAIMED, 'CANCELED', OTHER_UID),
    code: 'TRANSACTION_UID_INCORRECT',
    dicomStatus: 'C301',
  },
  'changeState: completed without what must be there': {
    command: change(CLAIMED, 'COMPLETED', TRANSACTION_UID),
    code: 'FINAL_STATE_REQUIREMENTS',
    dicomStatus: 'C304',
    paths: ['00741216'],
  },
  'changeState: by what is no AE': {
    command: {
      ...AE,
      kind: 'changeState',
      uid: SCHEDULED,
      state: 'IN PROGRESS',
      transactionUID: '1.2',
      requester: 'x'.repeat(17),
    },
    code: 'INVALID_ARGUMENT',
    dicomStatus: '0115',
  },
  'requestCancellation: unknown': { command: cancel(UNKNOWN), code: 'NOT_FOUND', dicomStatus: 'C307' },
  'requestCancellation: deleted': { command: cancel(DELETED), code: 'GONE', dicomStatus: 'C307' },
  'requestCancellation: completed': { command: cancel(COMPLETED), code: 'ALREADY_COMPLETED', dicomStatus: 'C311' },
  'requestCancellation: of a performer that nobody reaches': {
    command: cancel(CLAIMED),
    code: 'PERFORMER_UNREACHABLE',
    dicomStatus: 'C312',
  },
  'requestCancellation: by what is no AE': {
    command: cancel(SCHEDULED, 'x'.repeat(17)),
    code: 'INVALID_ARGUMENT',
    dicomStatus: '0115',
  },
  'subscribe: unknown': { command: subscribe(UNKNOWN), code: 'NOT_FOUND', dicomStatus: 'C307' },
  'subscribe: deleted': { command: subscribe(DELETED), code: 'GONE', dicomStatus: 'C307' },
  'subscribe: no AE title': {
    command: subscribe(SCHEDULED, 'x'.repeat(17)),
    code: 'INVALID_ARGUMENT',
    dicomStatus: '0115',
  },
  'subscribe: the filtered worklist without keys': {
    command: subscribe(FILTERED),
    code: 'MATCHING_KEYS_MISSING',
    dicomStatus: '0115',
  },
  'subscribe: the worklist with keys': {
    command: subscribe(WORKLIST, 'TMS', FILTER),
    code: 'FILTER_NOT_APPROPRIATE',
    dicomStatus: '0115',
  },
  'subscribe: a workitem with keys': {
    command: subscribe(SCHEDULED, 'TMS', FILTER),
    code: 'FILTER_NOT_APPROPRIATE',
    dicomStatus: '0115',
  },
  'unsubscribe: not subscribed': {
    command: withdraw('unsubscribe', SCHEDULED),
    code: 'NOT_SUBSCRIBED',
    dicomStatus: 'C307',
  },
  'unsubscribe: the worklist, not subscribed': {
    command: withdraw('unsubscribe', WORKLIST),
    code: 'NOT_SUBSCRIBED',
    dicomStatus: 'C307',
  },
  'unsubscribe: unknown': { command: withdraw('unsubscribe', UNKNOWN), code: 'NOT_FOUND', dicomStatus: 'C307' },
  'suspend: one workitem': {
    command: withdraw('suspend', SCHEDULED),
    code: 'ONLY_FOR_THE_WORKLIST',
    dicomStatus: 'C314',
  },
  'suspend: not subscribed': { command: withdraw('suspend', WORKLIST), code: 'NOT_SUBSCRIBED', dicomStatus: 'C307' },
}

describe('A mutation is refused as UPS-RS refuses it', () => {
  let service: Service
  const there = { [SCHEDULED]: 'SCHEDULED', [CLAIMED]: 'IN PROGRESS', [COMPLETED]: 'COMPLETED', [CANCELED]: 'CANCELED' }
  before(async () => {
    service = await startService()
    for (const [uid, state] of Object.entries({ ...there, [DELETED]: 'deleted' })) await prepare(service, uid, state)
  })
  after(() => service.stop())

  for (const [what, { command, code, dicomStatus, paths = [] }] of Object.entries(REFUSED)) {
    it(`${what}: ${code}`, async () => {
      const uids = [...Object.keys(there), DELETED, UNKNOWN]
      const [ours, theirs] = await untouched(service, uids, async () => [
        await throughGraphql(service, command),
        await throughRs(service, command),
      ])
      expect(ours).to.deep.include({ accepted: false, code, dicomStatus })
      const named = (ours.attributes as readonly { readonly path: string }[]).map(({ path }) => path)
      expect(named).to.have.members([...paths])
      expect({ ...ours, detail: undefined }).to.deep.equal({
        ...theirs,
        attributes: theirs.attributes ?? [],
        detail: undefined,
      })
      expect(JSON.stringify(ours)).not.to.include(TRANSACTION_UID).and.not.include(OTHER_UID)
    })
  }

  it('what is no dataset is an invalid value, where UPS-RS has no dataset at all', async () => {
    const text = { detail: 'The dataset: expected a dataset, an object with tags as keys, found a string.', path: '' }
    const attributeOnly = {
      detail: 'ProcedureStepLabel (00741204): expected an attribute, an object with vr and Value, found a number.',
      path: LABEL,
    }
    for (const [dataset, { detail, path }] of [
      ['text', text],
      [{ [LABEL]: 1 }, attributeOnly],
    ] as const) {
      const command = { ...create(UNKNOWN), dataset } as FaceCommand
      const ours = await throughGraphql(service, command)
      expect(ours).to.deep.include({ code: 'INVALID_VALUE', dicomStatus: '0106', detail })
      expect(ours.attributes).to.have.nested.property('[0].path', path)
      const theirs = await throughRs(
        service,
        typeof dataset === 'string' ? ({ ...command, dataset: '"text"' } as FaceCommand) : command,
      )
      expect(theirs).to.deep.include({ code: 'MALFORMED_PAYLOAD', dicomStatus: undefined })
    }
  })

  it('a key that cannot be matched is named, as UPS-RS does in its sentence', async () => {
    for (const filter of [
      { graphql: { attributes: [{ path: 'Nope', values: ['x'] }] }, rs: 'filter=Nope=x' },
      { graphql: { patientBirthDate: { is: 'x' } }, rs: 'PatientBirthDate=x' },
      { graphql: { attributes: [{ path: 'TransactionUID', values: ['1'] }] }, rs: 'TransactionUID=1' },
    ]) {
      const command = subscribe(FILTERED, 'TMS', { filter })
      const [ours, theirs] = [await throughGraphql(service, command), await throughRs(service, command)]
      expect(ours).to.deep.include({ code: 'INVALID_ARGUMENT', dicomStatus: '0115' })
      expect({ ...ours, attributes: [] }).to.deep.equal(theirs)
      expect(ours.attributes).to.have.length(1)
    }
  })

  it('an AE that is not there is none of DICOM: UNKNOWN_AE, as UPS-RS has 404', async () => {
    const command = { ...create(UNKNOWN), aeTitle: 'NOBODY' }
    const [ours, theirs] = [await throughGraphql(service, command), await throughRs(service, command)]
    expect(ours).to.deep.include({ code: 'UNKNOWN_AE', dicomStatus: undefined })
    expect(theirs).to.deep.include({ code: 'UNKNOWN_A_E', dicomStatus: undefined })
  })
})

describe('Of claims through both faces', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())
  const LOST = { accepted: false, warnings: [], code: 'CLAIMED_BY_ANOTHER', dicomStatus: 'C301' }

  for (const [name, first, second] of [
    ['GraphQL', throughGraphql, throughRs],
    ['UPS-RS', throughRs, throughGraphql],
  ] as const) {
    it(`the one through ${name} wins that comes first, and the other is told that it has lost`, async () => {
      const uid = `1.2.20.${name.length}`
      await prepare(service, uid, 'SCHEDULED')
      expect((await first(service, claim(uid, TRANSACTION_UID))).accepted).to.equal(true)
      expect(await second(service, claim(uid, OTHER_UID))).to.deep.include(LOST)
    })
  }

  it('exactly one wins when they come at the same time, and every loser is told the same', async () => {
    const winners = new Set<string>()
    for (let round = 0; round < 40; round++) {
      const uid = `1.2.21.${round}`
      await prepare(service, uid, 'SCHEDULED')
      const contenders = [throughGraphql, throughRs, throughGraphql, throughRs].map((face, index) => ({
        face,
        key: `1.2.22.${round}.${index}`,
      }))
      // In another order each time: nobody is first as a matter of course.
      const turned = [...contenders.slice(round % 4), ...contenders.slice(0, round % 4)]
      const outcomes = await Promise.all(turned.map(({ face, key }) => face(service, claim(uid, key))))
      const won = turned.filter((_, index) => outcomes[index]?.accepted)
      expect(won).to.have.length(1)
      for (const outcome of outcomes.filter(({ accepted }) => !accepted)) expect(outcome).to.deep.include(LOST)
      const loaded = await service.store.load(uid)
      expect(loaded).to.have.nested.property('workitem.lock.transactionUid', won[0]?.key)
      winners.add(won[0]?.face === throughRs ? 'UPS-RS' : 'GraphQL')
    }
    expect([...winners]).to.have.members(['UPS-RS', 'GraphQL'])
  })
})
