/** What holds for every command and every workitem, however odd. */
import { expect } from 'chai'
import fc from 'fast-check'

import type { Attribute, Dataset, Tag, Value } from '../../plugin/dicom/dataset.ts'
import { type VR, VRS } from '../../plugin/dicom/vr.ts'
import { decide } from '../../plugin/ups/decide.ts'
import type { Accepted, Command, Decision, Facts } from '../../plugin/ups/decision.ts'
import type { Policy } from '../../plugin/ups/policy.ts'
import { REFUSALS, WARNINGS } from '../../plugin/ups/statuses.ts'
import type { State, Workitem } from '../../plugin/ups/workitem.ts'
import { arbitraryDataset } from '../dicom/dataset-arbitrary.ts'
import {
  cancelAbandoned,
  cancelledWhileScheduled,
  create,
  factsOf,
  frozen,
  OTHER_UID,
  PAYLOAD,
  PERFORMED,
  PERFORMER,
  REASON,
  sample,
  sequence,
  STATES,
  text,
  toState,
  TRANSACTION_UID,
  UID,
  update,
  workitemIn,
} from './support.ts'
import { CC_2_5_3 } from './transcription/cc-2-5-3.ts'

// ------------------------------------------------------------------------------------------------------- what may come

const TAGS: readonly Tag[] = [...new Set(CC_2_5_3.map(({ path }) => path.slice(-8)))]
const ROOT_TAGS: readonly Tag[] = CC_2_5_3.map(({ path }) => path).filter((path) => !path.includes('.'))
const printedVr = new Map(CC_2_5_3.map(({ path, vr }) => [path.slice(-8), vr as VR]))

const words = fc.constantFrom(
  'SCHEDULED', 'READY', 'INCOMPLETE', 'HIGH', 'DICOM', 'CDA', 'TEXT', 'CODE', 'M', '1.2.3', '20260301', '20260301090000', '', ' ', 'Müller', '1',
  TRANSACTION_UID,
) // prettier-ignore

const value: fc.Arbitrary<Value> = fc.oneof(words, fc.integer(), fc.constant(null), fc.record({ Alphabetic: words }))

/** Any attribute at all, most often of the VR that the tag has. */
const attributeAt = (tag: Tag, item: fc.Arbitrary<Dataset>): fc.Arbitrary<Attribute> =>
  fc
    .oneof(
      { arbitrary: fc.constant(printedVr.get(tag) ?? 'LO'), weight: 9 },
      { arbitrary: fc.constantFrom(...VRS), weight: 1 },
    )
    .chain((vr) =>
      fc.oneof(
        fc.constant<Attribute>({ vr }),
        fc.array(vr === 'SQ' ? item : value, { minLength: 1, maxLength: 2 }).map((Value): Attribute => ({ vr, Value })),
      ),
    )

const datasetOf = (tags: readonly Tag[], item: fc.Arbitrary<Dataset>, maxLength: number): fc.Arbitrary<Dataset> =>
  fc
    .array(
      fc.constantFrom(...tags).chain((tag) => fc.tuple(fc.constant(tag), attributeAt(tag, item))),
      { maxLength },
    )
    .map((entries): Dataset => Object.fromEntries(entries))

const leaf = datasetOf(TAGS, fc.constant<Dataset>({}), 4)
const item = fc.oneof(leaf, datasetOf(TAGS, leaf, 6), fc.constant(PERFORMED))

const right = fc.constantFrom<Dataset>(
  PAYLOAD,
  sample('ai-triage'),
  sample('rt-treatment'),
  sample('minimal'),
  sample('rt-treatment-performed'),
  {},
  { '00741002': sequence({ '00741004': text('DS', '50') }) },
  { '00404041': text('CS', 'UNAVAILABLE') },
  { '00741216': sequence(PERFORMED) },
  { '00404025': { vr: 'SQ' }, '00741202': { vr: 'LO' } },
)

/** From nothing that fits to right. */
const dataset: fc.Arbitrary<Dataset> = fc.oneof(
  { arbitrary: arbitraryDataset, weight: 1 },
  { arbitrary: datasetOf(ROOT_TAGS, item, 12), weight: 1 },
  { arbitrary: datasetOf(ROOT_TAGS, item, 3).map((changes) => ({ ...PAYLOAD, ...changes })), weight: 2 },
  { arbitrary: fc.tuple(right, arbitraryDataset).map(([some, others]) => ({ ...others, ...some })), weight: 2 },
  { arbitrary: right, weight: 3 },
)

const transactionUid = fc.oneof(
  { arbitrary: fc.constant(TRANSACTION_UID), weight: 3 },
  { arbitrary: fc.constantFrom(undefined, '', OTHER_UID, 'no UID', '1.02'), weight: 3 },
)
const aet = fc.constantFrom(PERFORMER, 'WARD', 'AI')

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  dataset.map((attributes) => create(attributes)),
  fc.record({ kind: fc.constant('update' as const), uid: fc.constant(UID), transactionUid, attributes: dataset }),
  fc.record({
    kind: fc.constant('changeState' as const),
    uid: fc.constant(UID),
    transactionUid,
    state: fc.constantFrom<string | undefined>(...STATES, 'PAUSED', '', undefined),
    requester: fc.option(aet, { nil: undefined }),
    hasOtherAttributes: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('requestCancel' as const),
    uid: fc.constant(UID),
    requestingAE: aet,
    attributes: dataset,
  }),
  fc
    .tuple(dataset, fc.constantFrom(REASON, {}))
    .map(([attributes, reason]) => cancelAbandoned({ ...attributes, ...reason })),
)

/** What a well-behaved performer sends. */
const likely = fc.constantFrom<Command>(
  toState('IN PROGRESS', TRANSACTION_UID, { requester: PERFORMER }),
  update(sample('rt-treatment-performed'), TRANSACTION_UID),
  update({ '00741002': sequence({ '00741004': text('DS', '50') }) }, TRANSACTION_UID),
  update({ '00404041': text('CS', 'UNAVAILABLE'), '00404034': { vr: 'SQ' } }),
  toState('COMPLETED', TRANSACTION_UID),
  toState('CANCELED', TRANSACTION_UID),
)

const command = fc.oneof({ arbitrary: anyCommand, weight: 1 }, { arbitrary: likely, weight: 1 })

const policy: fc.Arbitrary<Policy> = fc.record({
  strictness: fc.constantFrom('lenient' as const, 'strict' as const),
  worklistLabel: fc.constantFrom('LABEL', 'Übersicht'),
  updateWithoutTransactionUid: fc.boolean(),
})

const now = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })

/** With attributes that no rule would have let in, but without a Transaction UID: the store keeps none. */
const workitem: fc.Arbitrary<Workitem> = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.constantFrom(workitemIn('SCHEDULED'), workitemIn('IN PROGRESS')), weight: 3 },
      { arbitrary: fc.constantFrom(workitemIn('COMPLETED'), workitemIn('CANCELED')), weight: 1 },
      { arbitrary: fc.constant(cancelledWhileScheduled()), weight: 1 },
    ),
    fc.option(dataset, { nil: undefined, freq: 1 }),
  )
  .map(([base, odd]) => {
    const { '00081195': _, ...attributes }: Dataset = { ...base.attributes, ...odd }
    return { ...base, attributes: { ...attributes, '00741000': text('CS', base.state) } }
  })

const facts: fc.Arbitrary<Facts> = fc.record({
  workitem: fc.option(workitem, { nil: undefined, freq: 3 }),
  deleted: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, { arbitrary: fc.constant(true), weight: 1 }),
  subscribers: fc.array(aet, { maxLength: 3 }),
  policy,
  now,
})

const MANY = { numRuns: 3000 }

// ---------------------------------------------------------------------------------------------------------- properties

const changeOf = (decision: Decision): NonNullable<Accepted['change']> | undefined =>
  decision.outcome === 'accepted' ? decision.change : undefined

describe('Every decision', () => {
  it('is made without throwing, and in the words of the catalogue', () => {
    fc.assert(
      fc.property(command, facts, (what, about) => {
        const decision = decide(what, about)
        if (decision.outcome === 'refused') expect(REFUSALS).to.have.property(decision.refusal.key)
        else for (const warning of decision.warnings) expect(WARNINGS).to.have.property(warning)
      }),
      MANY,
    )
  })

  it('leaves alone what it was given', () => {
    fc.assert(
      fc.property(command, facts, (what, about) => {
        frozen(what)
        frozen(about)
        decide(what, about)
      }),
      MANY,
    )
  })

  it('is the same for the same command and facts', () => {
    fc.assert(
      fc.property(command, facts, (what, about) => {
        expect(decide(structuredClone(what), structuredClone(about))).to.deep.equal(decide(what, about))
      }),
      MANY,
    )
  })

  it('changes nothing when it refuses', () => {
    fc.assert(
      fc.property(command, facts, (what, about) => {
        const decision = decide(what, about)
        if (decision.outcome === 'refused') expect(Object.keys(decision)).to.have.members(['outcome', 'refusal'])
      }),
      MANY,
    )
  })

  it('keeps the Transaction UID out of the dataset', () => {
    fc.assert(
      fc.property(command, facts, (what, about) => {
        const change = changeOf(decide(what, about))
        expect(change?.next.attributes ?? {}).to.not.have.property('00081195')
        for (const { information } of change?.reports ?? []) expect(information).to.not.have.property('00081195')
      }),
      MANY,
    )
  })

  it('leaves state, identity and modification date-time in the dataset as the workitem has them', () => {
    fc.assert(
      fc.property(command, facts, (what, about) => {
        const next = changeOf(decide(what, about))?.next
        if (!next) return
        expect(next.uid).to.equal(UID)
        expect(next.attributes['00741000']).to.deep.equal(text('CS', next.state))
        if (what.kind === 'create') expect(next.attributes['00080018']).to.deep.equal(text('UI', UID))
        if (next !== about.workitem) {
          const stamp = about.now.toISOString().replaceAll(/[-:TZ]/g, '')
          expect(next.attributes['00404010']).to.deep.equal(text('DT', `${stamp}+0000`))
        }
      }),
      MANY,
    )
  })

  it('names ISO_IR 192 whenever a value of what it commits is not ASCII', () => {
    fc.assert(
      fc.property(command, facts, (what, about) => {
        const next = changeOf(decide(what, about))?.next
        if (!next || next === about.workitem) return
        const values = JSON.stringify(next.attributes)
        if (/[^\x00-\x7f]/.test(values)) expect(next.attributes['00080005']).to.deep.equal(text('CS', 'ISO_IR 192'))
      }),
      MANY,
    )
  })

  it('to create keeps everything that was sent, but for what the service owns', () => {
    const OWNED = new Set([
      '00081195',
      '00080016',
      '00080018',
      '00001000',
      '00404010',
      '00080005',
      '00741000',
      '00741202',
    ])
    fc.assert(
      fc.property(dataset, policy, (attributes, how) => {
        const next = changeOf(decide(create(attributes), factsOf(undefined, { policy: how })))?.next
        if (!next) return
        for (const [tag, attribute] of Object.entries(attributes)) {
          if (!OWNED.has(tag) && attribute.vr !== 'SQ') expect(next.attributes[tag]).to.deep.equal(attribute)
        }
      }),
      MANY,
    )
  })

  it('to accept is often reached, so that the properties above say something', () => {
    const decisions = fc
      .sample(fc.tuple(command, facts), { numRuns: 2000, seed: 1 })
      .map(([what, about]) => decide(what, about))
    const accepted = decisions.filter((decision) => changeOf(decision) !== undefined)
    expect(accepted.length).to.be.greaterThan(200)
  })
})

// --------------------------------------------------------------------------------------------------------- whole lives

const SUCCESSORS: Readonly<Record<State, readonly State[]>> = {
  SCHEDULED: ['SCHEDULED', 'IN PROGRESS', 'CANCELED'],
  'IN PROGRESS': ['IN PROGRESS', 'COMPLETED', 'CANCELED'],
  COMPLETED: [],
  CANCELED: [],
}

const isFinal = (state: State): boolean => state === 'COMPLETED' || state === 'CANCELED'

function expectLawful(before: Workitem | undefined, what: Command, change: NonNullable<Accepted['change']>): void {
  const { next, reports } = change
  if (before === undefined) expect([what.kind, next.state]).to.deep.equal(['create', 'SCHEDULED'])
  else expect(SUCCESSORS[before.state], `${before.state} to ${next.state}`).to.include(next.state)

  // Locked by whoever claimed it, for good; never by a request to cancel.
  const claimedNow = before?.state === 'SCHEDULED' && next.state === 'IN PROGRESS'
  if (next.state === 'SCHEDULED') expect(next.lock).to.equal(undefined)
  if (claimedNow) expect(next.lock?.transactionUid).to.equal(what.kind === 'changeState' ? what.transactionUid : '')
  else expect(next.lock).to.deep.equal(before?.lock)
  if (next.state === 'IN PROGRESS' || next.state === 'COMPLETED') expect(next.lock).to.not.equal(undefined)

  expect(next.finishedAt !== undefined, 'finishedAt').to.equal(isFinal(next.state))
  expect(next.receivingAE).to.equal(before?.receivingAE ?? 'WORKLIST')

  const states = reports.filter(({ event }) => event === 'UPS State Report')
  if (before?.state !== next.state) {
    expect(states.at(-1)?.information['00741000']).to.deep.equal(text('CS', next.state))
    expect(states).to.have.length(before?.state === 'SCHEDULED' && next.state === 'CANCELED' ? 2 : 1)
  }
  const order = ['UPS State Report', 'UPS Cancel Requested', 'UPS Progress Report', 'UPS Assigned']
  const positions = reports.map(({ event }) => order.indexOf(event))
  expect(positions).to.deep.equal(positions.toSorted((a, b) => a - b))
}

describe('Every life of a workitem', () => {
  it('goes along Table CC.1.1-2, locked exactly while claimed, ended exactly once', () => {
    const step = fc.record({ what: command, how: policy, subscribers: fc.array(aet, { maxLength: 2 }), at: now })
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        let current = changeOf(decide(create(), factsOf(undefined)))?.next
        expect(current?.state).to.equal('SCHEDULED')
        for (const { what, how, subscribers, at } of steps) {
          const before = current
          const change = changeOf(decide(what, factsOf(before, { policy: how, subscribers, now: at })))
          if (!change) continue
          expectLawful(before, what, change)
          current = change.next
        }
      }),
      { numRuns: 500 },
    )
  })

  it('reaches every state, so that the property above says something', () => {
    const reached = new Set<string>()
    for (const steps of fc.sample(fc.array(command, { minLength: 5, maxLength: 40 }), { numRuns: 300, seed: 1 })) {
      let current = changeOf(decide(create(), factsOf(undefined)))?.next
      for (const what of steps) {
        current = changeOf(decide(what, factsOf(current, { subscribers: [PERFORMER] })))?.next ?? current
        if (current) reached.add(`${current.state}${current.lock ? ', claimed' : ''}`)
      }
    }
    expect([...reached].toSorted()).to.deep.equal([
      'CANCELED',
      'CANCELED, claimed',
      'COMPLETED, claimed',
      'IN PROGRESS, claimed',
      'SCHEDULED',
    ])
  })
})
