/** Subscribe, Unsubscribe and Suspend as decisions: refusals, what is recorded, who gets which report (D.1, D.4, decisions.md 4). */
import { expect } from 'chai'
import type { SubscriptionFacts } from '../../plugin/ups/attend.ts'
import {
  type AcceptedGlobally,
  decideGlobalSubscription,
  decideSubscription,
  type GlobalFacts,
  RECORD_OF,
  type Subscribe,
  type SubscriptionCommand,
  type WorkitemSubscriptionFacts,
} from '../../plugin/ups/decide-subscription.ts'
import type { Refused } from '../../plugin/ups/decision.ts'
import { historyAfter } from '../../plugin/ups/history.ts'
import { type Filter, readFilter } from '../../plugin/ups/matching-keys.ts'
import { REFUSALS } from '../../plugin/ups/statuses.ts'
import type { Entry, EntryChange, GlobalCommand, GlobalRecord, History } from '../../plugin/ups/subscription.ts'
import type { Workitem } from '../../plugin/ups/workitem.ts'
import { code, sequence, STATES, text, UID, workitemIn } from './support.ts'

const AE = 'VIEWER'
const OTHER_AE = 'LINAC1'
const WORKLIST = '1.2.840.10008.5.1.4.34.5'
const FILTERED_WORKLIST = '1.2.840.10008.5.1.4.34.5.1'
const CREATED_AT = 10

function filter(name: string, ...list: readonly string[]): Filter {
  const read = readFilter([{ name, list }])
  if (!read.ok) throw new Error(`no filter: ${name}`)
  return read.filter
}
const SCHEDULED = filter('ProcedureStepState', 'SCHEDULED')
const COMPLETED = filter('ProcedureStepState', 'COMPLETED')
const UNIVERSAL = filter('PatientID', '*')

const subscribe = (deletionLock: boolean, given: Partial<Subscribe> = {}): Subscribe => ({
  kind: 'subscribe',
  uid: UID,
  subscriber: AE,
  deletionLock,
  ...given,
})
const unsubscribe = { kind: 'unsubscribe', uid: UID, subscriber: AE } as const
const suspend = { kind: 'suspend', uid: UID, subscriber: AE } as const

const globally = (deletionLock: boolean): GlobalCommand => ({ does: 'subscribe', record: 'global', deletionLock })
const filtered = (deletionLock: boolean, by: Filter = SCHEDULED): GlobalCommand => ({
  does: 'subscribe',
  record: 'filtered',
  deletionLock,
  filter: by,
})
const stop = (record: GlobalRecord): GlobalCommand => ({ does: 'suspend', record })
const drop = (record: GlobalRecord): GlobalCommand => ({ does: 'drop', record })

/** One after the other, the first at the given moment. */
function historyFrom(first: number, ...commands: readonly GlobalCommand[]): History | undefined {
  let history: History | undefined
  commands.forEach((command, index) => {
    history = historyAfter(history, AE, command, first + index)
  })
  return history
}

/** Before the workitem was there, so that they cover its creation; and after it. */
const before = (...commands: readonly GlobalCommand[]) => historyFrom(1, ...commands)
const later = (...commands: readonly GlobalCommand[]) => historyFrom(CREATED_AT + 1, ...commands)

function facts(given: Partial<WorkitemSubscriptionFacts> = {}, history?: History): WorkitemSubscriptionFacts {
  const common: SubscriptionFacts = {
    histories: new Map(history && [[history.subscriber, history]]),
    entries: [],
    createdAt: CREATED_AT,
    matching: {},
  }
  return { ...common, workitem: workitemIn('SCHEDULED'), deleted: false, ...given }
}

const entry = (state: Entry['state'], makers: Entry['makers'], given: Partial<Entry> = {}): Entry => ({
  subscriber: AE,
  state,
  makers,
  since: 12,
  at: 12,
  ...given,
})

function refusal(decision: Refused | { readonly outcome: 'accepted' }): string {
  if (decision.outcome === 'accepted') return 'accepted'
  const { dicom, http } = REFUSALS[decision.refusal.key]
  return `${decision.refusal.key} ${dicom.toString(16).toUpperCase().padStart(4, '0')} ${http}`
}

function accepted(command: SubscriptionCommand, given: WorkitemSubscriptionFacts) {
  const decision = decideSubscription(command, given)
  if (decision.outcome === 'refused') throw new Error(`refused: ${decision.refusal.key}`)
  return decision
}

function acceptedGlobally(command: SubscriptionCommand, record: GlobalRecord, given: GlobalFacts): AcceptedGlobally {
  const decision = decideGlobalSubscription(command, record, given)
  if (decision.outcome === 'refused') throw new Error(`refused: ${decision.refusal.key}`)
  return decision
}

const onlyEntry = (entries: readonly EntryChange[]): EntryChange => {
  expect(entries).to.have.length(1)
  return entries[0] as EntryChange
}

describe('A command to one workitem', () => {
  const commands: readonly (readonly [string, SubscriptionCommand])[] = [
    ['Subscribe with lock', subscribe(true)],
    ['Subscribe w/o lock', subscribe(false)],
    ['Subscribe with a filter', subscribe(true, { filter: SCHEDULED })],
    ['Unsubscribe', unsubscribe],
    ['Suspend', suspend],
  ]

  for (const [name, command] of commands) {
    it(`that does not exist: ${name} is C307, 404`, () => {
      expect(refusal(decideSubscription(command, facts({ workitem: undefined })))).to.equal('notFound C307 404')
    })

    it(`that does not exist: ${name} is C307, 404, also for an AE that subscribed to the worklist`, () => {
      const given = facts({ workitem: undefined, createdAt: Infinity }, before(globally(true), filtered(true)))
      expect(refusal(decideSubscription(command, given))).to.equal('notFound C307 404')
    })

    it(`that was deleted: ${name} is C307, 410`, () => {
      expect(refusal(decideSubscription(command, facts({ workitem: undefined, deleted: true })))).to.equal(
        'gone C307 410',
      )
    })
  }

  it('that is there, while one of that UID was deleted before, is about the one that is there', () => {
    expect(refusal(decideSubscription(subscribe(true), facts({ deleted: true })))).to.equal('accepted')
  })

  for (const [name, entries] of [
    ['subscribed', [entry('Subscribed with Lock', ['explicit'])]],
    ['not subscribed', []],
  ] as const) {
    it(`Suspend is C314, 409, for an AE that is ${name}`, () => {
      expect(refusal(decideSubscription(suspend, facts({ entries })))).to.equal('onlyForTheWorklist C314 409')
    })
  }

  for (const by of [SCHEDULED, UNIVERSAL]) {
    it(`Subscribe with ${by === UNIVERSAL ? 'a universal' : 'any'} filter is 0115, 400`, () => {
      expect(refusal(decideSubscription(subscribe(false, { filter: by }), facts()))).to.equal(
        'filterNotAppropriate 0115 400',
      )
    })
  }
})

describe('Unsubscribe from one workitem', () => {
  const nothing: readonly (readonly [string, WorkitemSubscriptionFacts])[] = [
    ['nothing is known of the AE', facts()],
    ['the AE has unsubscribed already', facts({ entries: [entry('Not Subscribed', [])] })],
    [
      'it has unsubscribed from this one, but not from the worklist',
      facts({ entries: [entry('Not Subscribed', [])] }, before(globally(true))),
    ],
    ['its filter does not match', facts({}, later(filtered(true, COMPLETED)))],
    ['it was created in a gap', facts({}, before(globally(true), stop('global')))],
    [
      'what the filtered record made was dropped',
      facts({}, later(filtered(true), filtered(true, COMPLETED), drop('filtered'))),
    ],
    [
      'another AE is subscribed',
      facts({ entries: [entry('Subscribed with Lock', ['explicit'], { subscriber: 'X' })] }),
    ],
  ]
  for (const [name, given] of nothing) {
    it(`is 404 when ${name}`, () => {
      expect(refusal(decideSubscription(unsubscribe, given))).to.equal('notSubscribed C307 404')
    })
  }

  it('leaves nothing behind when the AE has no global subscription: nobody is told', () => {
    const { entries, deliveries } = accepted(
      unsubscribe,
      facts({ entries: [entry('Subscribed with Lock', ['explicit'])] }),
    )
    expect(onlyEntry(entries)).to.deep.equal({ subscriber: AE, state: 'forgotten' })
    expect(deliveries).to.deep.equal([])
  })

  const covered: readonly (readonly [string, WorkitemSubscriptionFacts])[] = [
    ['the global one, at its creation', facts({}, before(globally(true)))],
    ['the global one, later', facts({}, later(globally(false)))],
    ['the filtered one', facts({}, later(filtered(false)))],
    ['both', facts({}, later(globally(true), filtered(false)))],
    [
      'all three',
      facts(
        { entries: [entry('Subscribed with Lock', ['explicit', 'global', 'filtered'])] },
        before(globally(true), filtered(true)),
      ),
    ],
    ['one that was suspended since', facts({}, later(globally(true), stop('global')))],
  ]
  for (const [name, given] of covered) {
    it(`is remembered where a global record made the subscription: ${name}`, () => {
      const { entries, deliveries } = accepted(unsubscribe, given)
      expect(onlyEntry(entries)).to.deep.equal({ subscriber: AE, state: 'Not Subscribed', makers: [] })
      expect(deliveries).to.deep.equal([])
    })
  }
})

describe('Subscribe to one workitem', () => {
  for (const lock of [true, false]) {
    const state = lock ? 'Subscribed with Lock' : 'Subscribed w/o Lock'
    const how = lock ? 'with lock' : 'w/o lock'

    const standings: readonly (readonly [string, Entry['makers'], WorkitemSubscriptionFacts])[] = [
      ['that is Not Subscribed', ['explicit'], facts()],
      ['that has unsubscribed', ['explicit'], facts({ entries: [entry('Not Subscribed', [])] })],
      ['that is subscribed with lock', ['explicit'], facts({ entries: [entry('Subscribed with Lock', ['explicit'])] })],
      ['that is subscribed w/o lock', ['explicit'], facts({ entries: [entry('Subscribed w/o Lock', ['explicit'])] })],
      ['globally subscribed with lock', ['explicit', 'global'], facts({}, before(globally(true)))],
      ['globally subscribed w/o lock', ['explicit', 'global'], facts({}, later(globally(false)))],
      ['subscribed by a filter', ['explicit', 'filtered'], facts({}, later(filtered(true)))],
      ['whose filter does not match', ['explicit'], facts({}, later(filtered(true, COMPLETED)))],
      ['subscribed by both', ['explicit', 'filtered', 'global'], facts({}, later(filtered(true), globally(true)))],
    ]
    for (const [name, makers, given] of standings) {
      it(`${how}, AE ${name}: ${state}, and it gets the initial State Report`, () => {
        const { entries, deliveries } = accepted(subscribe(lock), given)
        const change = onlyEntry(entries)
        expect(change).to.include({ subscriber: AE, state })
        expect('makers' in change && change.makers.toSorted()).to.deep.equal([...makers].toSorted())
        // The time of this command, which the store gives.
        expect(change).not.to.have.property('since')
        expect(deliveries).to.have.length(1)
        expect(deliveries[0]?.subscriber).to.equal(AE)
        expect(deliveries[0]?.reports).to.have.length(1)
      })
    }
  }

  it('is for the Receiving AE, whoever asks (gift subscription): others keep what they have and are not told', () => {
    const others = entry('Subscribed w/o Lock', ['explicit'], { subscriber: OTHER_AE })
    const { entries, deliveries } = accepted(subscribe(true), facts({ entries: [others] }))
    expect(entries).to.deep.equal([{ subscriber: AE, state: 'Subscribed with Lock', makers: ['explicit'] }])
    expect(deliveries.map(({ subscriber }) => subscriber)).to.deep.equal([AE])
  })

  it('leaves another AE that a filter subscribed as it is, whether that is recorded now or not', () => {
    const history = historyAfter(undefined, OTHER_AE, filtered(true), CREATED_AT + 5) as History
    const { entries, deliveries } = accepted(subscribe(false), facts({ histories: new Map([[OTHER_AE, history]]) }))
    for (const change of entries.filter(({ subscriber }) => subscriber !== AE)) {
      expect(change).to.deep.equal({
        subscriber: OTHER_AE,
        state: 'Subscribed with Lock',
        makers: ['filtered'],
        since: CREATED_AT + 5,
      })
    }
    expect(entries.filter(({ subscriber }) => subscriber === AE)).to.have.length(1)
    expect(deliveries.map(({ subscriber }) => subscriber)).to.deep.equal([AE])
  })
})

describe('The initial State Report', () => {
  const progress = sequence({
    '00741004': text('DS', '40'),
    '00741238': text('LT', 'Patient left'),
    '0074100E': sequence(code('110526')),
  })
  const informationFor = (workitem: Workitem) => {
    const [delivery] = accepted(subscribe(false), facts({ workitem })).deliveries
    return delivery?.reports[0]
  }

  for (const state of STATES) {
    it(`of a workitem that is ${state}: state and readiness as they are${state === 'CANCELED' ? ', and why' : ''}`, () => {
      const workitem = workitemIn(state, { '00404041': text('CS', 'INCOMPLETE'), '00741002': progress })
      expect(informationFor(workitem)).to.deep.equal({
        event: 'UPS State Report',
        information: {
          '00741000': text('CS', state),
          '00404041': text('CS', 'INCOMPLETE'),
          ...(state === 'CANCELED' && {
            '00741238': text('LT', 'Patient left'),
            '0074100E': sequence(code('110526')),
          }),
        },
      })
    })
  }

  it('never holds the Transaction UID', () => {
    expect(JSON.stringify(informationFor(workitemIn('IN PROGRESS')))).not.to.include(
      workitemIn('IN PROGRESS').lock?.transactionUid,
    )
  })
})

describe('The well-known UIDs', () => {
  it('are the worklist and the filtered worklist, and nothing else', () => {
    expect(RECORD_OF).to.deep.equal({ [WORKLIST]: 'global', [FILTERED_WORKLIST]: 'filtered' })
  })
})

const none: GlobalFacts = { history: undefined, hasEntries: false }
const onWorklist = (command: SubscriptionCommand, record: GlobalRecord): SubscriptionCommand => ({
  ...command,
  uid: record === 'global' ? WORKLIST : FILTERED_WORKLIST,
})

describe('Subscribe to the worklist', () => {
  for (const lock of [true, false]) {
    it(`${lock ? 'with lock, and what it subscribes is owed an initial report' : 'w/o lock, without any report'}`, () => {
      expect(acceptedGlobally(onWorklist(subscribe(lock), 'global'), 'global', none)).to.deep.equal({
        outcome: 'accepted',
        change: { does: 'subscribe', record: 'global', deletionLock: lock },
        announce: lock,
      })
    })

    it(`filtered, ${lock ? 'with lock: owed for what it subscribes' : 'w/o lock: nothing owed'}`, () => {
      const command = onWorklist(subscribe(lock, { filter: SCHEDULED }), 'filtered')
      expect(acceptedGlobally(command, 'filtered', none)).to.deep.equal({
        outcome: 'accepted',
        change: { does: 'subscribe', record: 'filtered', deletionLock: lock, filter: SCHEDULED },
        announce: lock,
      })
    })
  }

  it('again is accepted, whatever there is', () => {
    const given: GlobalFacts = { history: before(globally(true), filtered(true)), hasEntries: true }
    expect(refusal(decideGlobalSubscription(subscribe(true), 'global', given))).to.equal('accepted')
    expect(refusal(decideGlobalSubscription(subscribe(true, { filter: COMPLETED }), 'filtered', given))).to.equal(
      'accepted',
    )
  })

  for (const by of [SCHEDULED, UNIVERSAL]) {
    it(`unfiltered with ${by === UNIVERSAL ? 'a universal' : 'any'} filter is 0115, 400`, () => {
      expect(refusal(decideGlobalSubscription(subscribe(true, { filter: by }), 'global', none))).to.equal(
        'filterNotAppropriate 0115 400',
      )
    })
  }

  it('filtered without a filter is 0115, 400', () => {
    expect(refusal(decideGlobalSubscription(subscribe(true), 'filtered', none))).to.equal(
      'matchingKeysMissing 0115 400',
    )
  })

  for (const [name, list] of [
    ['PatientID', ['*']],
    ['PatientID', ['']],
    ['PatientID', []],
    ['WorklistLabel', ['*']],
    ['ScheduledStationNameCodeSequence', []],
    ['ScheduledStationNameCodeSequence.CodeValue', ['*']],
  ] as const) {
    it(`filtered by ${name}=${list.join()} alone, which matches everything, is 0115, 400`, () => {
      const command = subscribe(true, { filter: filter(name, ...list) })
      expect(refusal(decideGlobalSubscription(command, 'filtered', none))).to.equal('matchingKeysMissing 0115 400')
    })
  }

  it('filtered by a key that excludes something beside universal ones is accepted', () => {
    const read = readFilter([
      { name: 'PatientID', list: ['*'] },
      { name: 'WorklistLabel', list: ['X'] },
    ])
    const command = subscribe(true, read.ok ? { filter: read.filter } : {})
    expect(refusal(decideGlobalSubscription(command, 'filtered', none))).to.equal('accepted')
  })
})

describe('Suspend', () => {
  const otherOf = { global: 'filtered', filtered: 'global' } as const
  const made = { global: globally(true), filtered: filtered(true) } as const
  for (const record of ['global', 'filtered'] as const) {
    const other = otherOf[record]
    const decide = (history: History | undefined, hasEntries = false) =>
      decideGlobalSubscription(onWorklist(suspend, record), record, { history, hasEntries })

    const nothing: readonly (readonly [string, History | undefined])[] = [
      ['there was never any', undefined],
      ['only the other record is in force', before(made[other])],
      ['it is suspended already', before(made[record], stop(record))],
      ['it was dropped', before(made[other], made[record], drop(record))],
    ]
    for (const [name, history] of nothing) {
      it(`of the ${record} record is 404 when ${name}`, () => {
        expect(refusal(decide(history, true))).to.equal('notSubscribed C307 404')
      })
    }

    const some: readonly (readonly [string, History | undefined])[] = [
      ['it is in force', before(made[record])],
      ['it is in force beside the other one', before(made[other], made[record])],
      ['the other one was suspended', before(made[other], made[record], stop(other))],
      ['it came back after a suspension', before(made[record], stop(record), made[record])],
    ]
    for (const [name, history] of some) {
      it(`of the ${record} record is accepted when ${name}: it alone ends, and nothing is owed`, () => {
        expect(decide(history)).to.deep.equal({
          outcome: 'accepted',
          change: { does: 'suspend', record },
          announce: false,
        })
      })
    }
  }
})

describe('Unsubscribe from the worklist', () => {
  const otherOf = { global: 'filtered', filtered: 'global' } as const
  const made = { global: globally(true), filtered: filtered(true) } as const
  for (const record of ['global', 'filtered'] as const) {
    const other = otherOf[record]
    const decide = (history: History | undefined, hasEntries = false) =>
      decideGlobalSubscription(onWorklist(unsubscribe, record), record, { history, hasEntries })
    const change = (history: History | undefined, hasEntries = false): unknown => {
      const decision = decide(history, hasEntries)
      if (decision.outcome === 'refused') return refusal(decision)
      expect(decision.announce).to.equal(false)
      return decision.change
    }
    const named = (name: string) => `(${record}) ${name}`

    it(named('is 404 when there is none, and no subscription of a workitem either'), () => {
      expect(change(undefined)).to.equal('notSubscribed C307 404')
    })

    it(named('ends every subscription of a workitem when there is no global record'), () => {
      expect(change(undefined, true)).to.deep.equal({ does: 'clear' })
    })

    it(named('ends everything when it was the only one'), () => {
      expect(change(before(made[record]))).to.deep.equal({ does: 'clear' })
    })

    it(named('ends everything when it is suspended, and the other one was never made'), () => {
      expect(change(before(made[record], stop(record)), true)).to.deep.equal({ does: 'clear' })
    })

    it(named('ends everything when both are suspended'), () => {
      expect(change(before(made[record], made[other], stop(record), stop(other)))).to.deep.equal({ does: 'clear' })
    })

    it(named('ends everything when the other one is suspended'), () => {
      expect(change(before(made[other], stop(other), made[record]))).to.deep.equal({ does: 'clear' })
    })

    it(named('ends only itself while the other one is in force'), () => {
      expect(change(before(made[other], made[record]), true)).to.deep.equal({ does: 'drop', record })
      expect(change(before(made[record], made[other]), true)).to.deep.equal({ does: 'drop', record })
    })

    it(named('ends what a suspended one made, while the other one is in force'), () => {
      expect(change(before(made[record], made[other], stop(record)))).to.deep.equal({ does: 'drop', record })
    })

    it(named('is 404 while the other one is in force and this one was never made'), () => {
      expect(change(before(made[other]), true)).to.equal('notSubscribed C307 404')
    })

    it(named('is 404 a second time, while the other one is in force'), () => {
      expect(change(before(made[record], made[other], drop(record)), true)).to.equal('notSubscribed C307 404')
    })

    it(named('is accepted again when it was made again'), () => {
      expect(change(before(made[record], made[other], drop(record), made[record]))).to.deep.equal({
        does: 'drop',
        record,
      })
    })
  }
})
