/**
 * Random sequences of commands, once all of them through UPS-RS to one service and once all of them through GraphQL to another
 * with the same clock: each step has the same outcome, and the stores end the same.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { announceNext } from '../../plugin/worklist/announce.ts'
import { attribute } from '../http/datasets.ts'
import { FILTERED, WORKLIST } from '../http/subscriptions.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample } from '../support/workitems.ts'
import { type BothFilters, type Face, type FaceCommand, throughGraphql, throughRs } from './faces.ts'

const SEQUENCES = 100
const UIDS = ['1.2.3.1', '1.2.3.2', '1.2.3.3']
const KEYS = ['1.2.9.1', '1.2.9.2']
const SUBSCRIBERS = ['TMS', 'CONSOLE', 'TDD1']
const STATES = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED']
const LABEL = '00741204'
const WORKLIST_LABEL = '00741202'

const DATASETS: readonly unknown[] = [
  sample('minimal'),
  sample('rt-treatment'),
  sample('ai-triage'),
  changed(sample('minimal'), { [WORKLIST_LABEL]: attribute('LO', 'Linac QA') }),
  changed(sample('minimal'), { [LABEL]: undefined }),
  changed(sample('minimal'), { '00741000': attribute('CS', 'CANCELED') }),
  changed(sample('minimal'), { '00404005': attribute('DT', 'x'), '00741200': attribute('CS') }),
  changed(sample('minimal'), { [LABEL]: attribute('LO', 'x'.repeat(65)), '00101030': attribute('DS', 'heavy') }),
]

const UPDATES: readonly unknown[] = [
  { [LABEL]: attribute('LO', 'Updated') },
  { [WORKLIST_LABEL]: attribute('LO', 'Linac QA') },
  { '00741200': attribute('CS', 'HIGH') },
  sample('rt-treatment-performed'),
  { '00741002': { vr: 'SQ', Value: [{ '00741004': attribute('DS', '50') }] } },
  { '00404041': attribute('CS', 'UNAVAILABLE') },
  { [LABEL]: attribute('LO') },
  { '00741000': attribute('CS', 'COMPLETED') },
  {},
]

const REASONS: readonly unknown[] = [
  undefined,
  {},
  { '00741238': attribute('LT', 'Broken') },
  { '0074100C': attribute('LO', 'Ann'), [LABEL]: attribute('LO', 'ignored') },
  { '0074100E': attribute('SQ') },
  { '00741238': attribute('LT', 'a', 'b') },
]

const FILTERS: readonly BothFilters[] = [
  { graphql: { worklistLabel: 'Linac QA' }, rs: 'filter=WorklistLabel=Linac%20QA' },
  { graphql: { scheduledProcedureStepPriority: ['HIGH', 'LOW'] }, rs: 'ScheduledProcedureStepPriority=HIGH,LOW' },
  {
    graphql: { procedureStepLabel: 'updated*', procedureStepState: 'IN_PROGRESS' },
    rs: 'ProcedureStepLabel=updated*&ProcedureStepState=IN%20PROGRESS',
  },
  { graphql: { attributes: [{ path: 'WorklistLabel', values: ['*'] }] }, rs: 'WorklistLabel=*' },
]

const oneOf = <Value>(values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values)
/** Nearly always one that is there. */
const uid = fc.oneof(
  { arbitrary: oneOf(UIDS), weight: 16 },
  { arbitrary: oneOf(['1.2.3.4', WORKLIST, FILTERED, '1.2..3', '01.2']), weight: 1 },
)
const ofSubscription = fc.oneof(
  { arbitrary: oneOf(UIDS), weight: 3 },
  { arbitrary: oneOf([WORKLIST, FILTERED]), weight: 3 },
  { arbitrary: oneOf(['1.2.3.4', '1.2..3']), weight: 1 },
)
const aeTitle = oneOf(['WORKLIST', 'RADONC'])
const title = fc.oneof(
  { arbitrary: oneOf(SUBSCRIBERS), weight: 12 },
  { arbitrary: oneOf(['far too long for a title', 'A\\B', ' TMS ']), weight: 1 },
)
/** Every other one is of the beginning. */
const held = fc.oneof(
  oneOf([
    { uid: WORKLIST, subscriber: 'TMS' },
    { uid: FILTERED, subscriber: 'CONSOLE' },
    { uid: '1.2.3.1', subscriber: 'TMS' },
  ]),
  fc.record({ uid: ofSubscription, subscriber: title }),
)
const key = fc.option(
  fc.oneof({ arbitrary: fc.constant(KEYS[0]), weight: 6 }, { arbitrary: oneOf([KEYS[1], '1.2..9']), weight: 2 }),
  {
    nil: undefined,
    freq: 6,
  },
)
const requester = fc.option(title, { nil: undefined })

const kind = <Kind extends FaceCommand['kind']>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name)

const COMMAND: fc.Arbitrary<FaceCommand> = fc.oneof(
  { arbitrary: fc.record({ kind: kind('create'), aeTitle, uid, dataset: oneOf(DATASETS) }), weight: 4 },
  {
    arbitrary: fc.record({ kind: kind('update'), aeTitle, uid, dataset: oneOf(UPDATES), transactionUID: key }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      kind: kind('changeState'),
      aeTitle,
      uid,
      state: oneOf(STATES),
      transactionUID: key,
      requester,
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({ kind: kind('requestCancellation'), aeTitle, uid, requester, dataset: oneOf(REASONS) }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      kind: kind('subscribe'),
      aeTitle,
      uid: ofSubscription,
      subscriber: title,
      deletionLock: fc.boolean(),
      filter: fc.option(oneOf(FILTERS), { nil: undefined, freq: 2 }),
    }),
    weight: 5,
  },
  {
    arbitrary: fc
      .tuple(oneOf(['unsubscribe', 'suspend'] as const), aeTitle, held)
      .map(([withdrawn, ae, of]): FaceCommand => ({ kind: withdrawn, aeTitle: ae, ...of })),
    weight: 5,
  },
)

/** So that what follows has something to happen to: one is claimed and may be completed, and some are subscribed. */
const BEGINNING: readonly FaceCommand[] = [
  { kind: 'create', aeTitle: 'WORKLIST', uid: '1.2.3.1', dataset: sample('minimal') },
  { kind: 'subscribe', aeTitle: 'WORKLIST', uid: WORKLIST, subscriber: 'TMS', deletionLock: true },
  {
    kind: 'subscribe',
    aeTitle: 'RADONC',
    uid: FILTERED,
    subscriber: 'CONSOLE',
    deletionLock: true,
    filter: FILTERS[0],
  },
  { kind: 'create', aeTitle: 'RADONC', uid: '1.2.3.2', dataset: sample('rt-treatment') },
  {
    kind: 'changeState',
    aeTitle: 'RADONC',
    uid: '1.2.3.2',
    state: 'IN PROGRESS',
    transactionUID: KEYS[0],
    requester: 'TDD1',
  },
  {
    kind: 'update',
    aeTitle: 'RADONC',
    uid: '1.2.3.2',
    dataset: sample('rt-treatment-performed'),
    transactionUID: KEYS[0],
  },
]

/** A service whose time goes on by a second with each command. */
async function startClocked(): Promise<{ readonly service: Service; readonly tick: () => void }> {
  let now = Date.parse('2026-11-24T08:00:00Z')
  const service = await startService({ host: { clock: () => new Date(now) } })
  return {
    service,
    tick: () => {
      now += 1_000
    },
  }
}

/** Everything that is in the store. */
async function contentsOf({ store, ...service }: Service): Promise<object> {
  for (const subscriber of SUBSCRIBERS) while (await announceNext(subscriber, store, undefined));
  const waiting: Record<string, unknown> = {}
  for (const subscriber of SUBSCRIBERS) waiting[subscriber] = await store.readBacklog(subscriber, undefined, 10_000)
  return {
    workitems: await Promise.all(UIDS.map((one) => store.load(one))),
    listed: await store.list({ limit: 1_000 }),
    feed: await service.feed(),
    globals: await store.globalSubscriptions(),
    subscribers: await store.subscribers(),
    backlogs: await store.backlogs(),
    waiting,
    announcements: await store.announcements(),
  }
}

/** What both have to say alike. Which argument is wrong is said in the words of each. */
async function run(face: Face, commands: readonly FaceCommand[]): Promise<readonly [readonly unknown[], object]> {
  const { service, tick } = await startClocked()
  try {
    const outcomes: unknown[] = []
    for (const command of commands) {
      const { detail: _, attributes, ...outcome } = await face(service, command)
      outcomes.push({ ...outcome, attributes: attributes ?? [] })
      tick()
    }
    return [outcomes, await contentsOf(service)]
  } finally {
    await service.stop()
  }
}

describe('Commands through UPS-RS and through GraphQL', () => {
  it(`end in the same store, each with the same outcome, in ${SEQUENCES} random sequences`, async function () {
    this.timeout(120_000)
    const seen = { accepted: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(COMMAND, { minLength: 4, maxLength: 10 }), async (commands) => {
        const all = [...BEGINNING, ...commands]
        const [[ours, ourStore], [theirs, theirStore]] = await Promise.all([
          run(throughGraphql, all),
          run(throughRs, all),
        ])
        for (const [index, command] of all.entries()) {
          expect(ours[index], `step ${index}: ${JSON.stringify(command)}`).to.deep.equal(theirs[index])
          seen[(ours[index] as { readonly accepted: boolean }).accepted ? 'accepted' : 'refused']++
        }
        expect(ourStore).to.deep.equal(theirStore)
      }),
      { seed: 20_261_124, numRuns: SEQUENCES, endOnFailure: true },
    )
    // Neither would say much on its own.
    expect(seen.accepted).to.be.above(SEQUENCES * 7)
    expect(seen.refused).to.be.above(SEQUENCES * 2)
  })
})
