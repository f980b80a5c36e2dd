/** Which event reports a change causes and what they carry: Table CC.2.4-1 (standard.md D.2), decisions.md 4. */
import { expect } from 'chai'

import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import { EVENT_TYPE, type EventReport } from '../../plugin/ups/event-reports.ts'
import {
  changed,
  code,
  create,
  empty,
  factsOf,
  PAYLOAD,
  PERFORMER,
  person,
  reported,
  requestCancel,
  run,
  type Seen,
  sequence,
  text,
  toState,
  TRANSACTION_UID,
  UNSPECIFIED,
  update,
  workitemIn,
} from './support.ts'

const READINESS = '00404041'
const PROGRESS = '00741002'
const STATIONS = '00404025'
const PERFORMERS = '00404034'

type Changes = Readonly<Record<Tag, Attribute | undefined>>

const human = (value: string, organization: string): Dataset => ({
  '00404009': sequence(code(value)),
  '00404037': person('Roe^Jane'),
  '00404036': text('LO', organization),
})

/** What a report says of one human performer: no name, and nothing of the item around it. */
const assigned = (value: string, organization: string): Dataset => ({
  '00404009': sequence(code(value)),
  '00404036': text('LO', organization),
})

const creating = (changes: Changes): Seen => run(create(changed(PAYLOAD, changes)), factsOf(undefined))
const updating = (stored: Changes, payload: Dataset, state: 'SCHEDULED' | 'IN PROGRESS' = 'IN PROGRESS'): Seen =>
  run(update(payload, state === 'IN PROGRESS' ? TRANSACTION_UID : undefined), factsOf(workitemIn(state, stored)))

const informationOf = ({ reports }: Seen, event: EventReport['event']): readonly Dataset[] =>
  reports.filter((report) => report.event === event).map(({ information }) => information)

describe('The Event Type IDs', () => {
  it('are those of Table CC.2.4-1', () => {
    expect(EVENT_TYPE).to.deep.equal({
      'UPS State Report': 1,
      'UPS Cancel Requested': 2,
      'UPS Progress Report': 3,
      'SCP Status Change': 4,
      'UPS Assigned': 5,
    })
  })
})

describe('The State Report', () => {
  it('of a creation carries SCHEDULED and the readiness', () => {
    expect(informationOf(creating({ [READINESS]: text('CS', 'INCOMPLETE') }), 'UPS State Report')).to.deep.equal([
      { '00741000': text('CS', 'SCHEDULED'), [READINESS]: text('CS', 'INCOMPLETE') },
    ])
  })

  it('of a claim and of a completion carries state and readiness, and no reasons', () => {
    const progress = sequence({ '00741238': text('LT', 'why'), '0074100E': sequence(code('1')) })
    const claim = run(
      toState('IN PROGRESS', TRANSACTION_UID),
      factsOf(workitemIn('SCHEDULED', { [PROGRESS]: progress })),
    )
    const completion = run(
      toState('COMPLETED', TRANSACTION_UID),
      factsOf(workitemIn('IN PROGRESS', { [PROGRESS]: progress })),
    )
    expect(informationOf(claim, 'UPS State Report')).to.deep.equal([
      { '00741000': text('CS', 'IN PROGRESS'), [READINESS]: text('CS', 'READY') },
    ])
    expect(informationOf(completion, 'UPS State Report')).to.deep.equal([
      { '00741000': text('CS', 'COMPLETED'), [READINESS]: text('CS', 'READY') },
    ])
  })

  it('of a cancellation by the performer carries reason and code', () => {
    const progress = sequence({ '00741238': text('LT', 'why'), '0074100E': sequence(code('110526')) })
    const got = run(toState('CANCELED', TRANSACTION_UID), factsOf(workitemIn('IN PROGRESS', { [PROGRESS]: progress })))
    expect(informationOf(got, 'UPS State Report')).to.deep.equal([
      {
        '00741000': text('CS', 'CANCELED'),
        [READINESS]: text('CS', 'READY'),
        '00741238': text('LT', 'why'),
        '0074100E': sequence(code('110526')),
      },
    ])
  })

  it('of a cancellation on request carries them only where the state is CANCELED', () => {
    const request = { '00741238': text('LT', 'why') }
    expect(
      informationOf(run(requestCancel(request), factsOf(workitemIn('SCHEDULED'))), 'UPS State Report'),
    ).to.deep.equal([
      { '00741000': text('CS', 'IN PROGRESS'), [READINESS]: text('CS', 'READY') },
      {
        '00741000': text('CS', 'CANCELED'),
        [READINESS]: text('CS', 'READY'),
        '00741238': text('LT', 'why'),
        '0074100E': UNSPECIFIED,
      },
    ])
  })

  for (const state of ['SCHEDULED', 'IN PROGRESS'] as const) {
    it(`of a changed readiness carries the state as it is, ${state}, and no reasons`, () => {
      const progress = sequence({ '00741238': text('LT', 'why') })
      const got = updating({ [PROGRESS]: progress }, { [READINESS]: text('CS', 'INCOMPLETE') }, state)
      expect(got.reports).to.deep.equal([
        {
          event: 'UPS State Report',
          information: { '00741000': text('CS', state), [READINESS]: text('CS', 'INCOMPLETE') },
        },
      ])
    })
  }

  it('is not sent when the readiness is set to what it was', () => {
    expect(updating({}, { [READINESS]: text('CS', 'READY ') }).reports).to.deep.equal([])
    expect(reported(updating({}, { [READINESS]: text('CS', 'READY'), '00741204': text('LO', 'x') }))).to.deep.equal([])
  })
})

const asking = (attributes: Dataset): Seen =>
  run(requestCancel(attributes), factsOf(workitemIn('IN PROGRESS'), { subscribers: [PERFORMER] }))

describe('The Cancel Requested report', () => {
  const request: Dataset = {
    '00741238': text('LT', 'why'),
    '0074100E': sequence(code('110526')),
    '0074100A': text('UR', 'tel:1'),
    '0074100C': text('LO', 'Ward 7'),
  }

  it('carries who asks, why, and whom to contact', () => {
    expect(asking(request).reports).to.deep.equal([
      { event: 'UPS Cancel Requested', information: { '00741236': text('AE', 'WARD'), ...request } },
    ])
  })

  it('carries only who asks when the request says no more', () => {
    for (const attributes of [{}, { '00741238': empty('LT'), '0074100E': empty('SQ') }]) {
      expect(informationOf(asking(attributes), 'UPS Cancel Requested')).to.deep.equal([
        { '00741236': text('AE', 'WARD') },
      ])
    }
  })

  it('carries nothing beyond the four attributes', () => {
    const got = asking({ ...request, '00100010': person('Doe^Jane'), '00081195': text('UI', '1.2.3') })
    expect(informationOf(got, 'UPS Cancel Requested')).to.deep.equal([{ '00741236': text('AE', 'WARD'), ...request }])
  })
})

describe('The Progress Report', () => {
  const half = sequence({ '00741004': text('DS', '50'), '00741006': text('ST', 'half done') })

  it('carries the progress information as it is now', () => {
    expect(updating({}, { [PROGRESS]: half }).reports).to.deep.equal([
      { event: 'UPS Progress Report', information: { [PROGRESS]: half } },
    ])
  })

  it('is sent when the progress information is emptied', () => {
    expect(updating({ [PROGRESS]: half }, { [PROGRESS]: empty('SQ') }).reports).to.deep.equal([
      { event: 'UPS Progress Report', information: { [PROGRESS]: empty('SQ') } },
    ])
  })

  it('is sent when anything inside changed, and not when nothing did', () => {
    const contact = sequence({
      '00741004': text('DS', '50'),
      '00741008': sequence({ '0074100A': text('UR', 'tel:1') }),
    })
    expect(reported(updating({ [PROGRESS]: half }, { [PROGRESS]: contact }))).to.deep.equal(['Progress Report'])
    expect(reported(updating({ [PROGRESS]: half }, { [PROGRESS]: half, '00741204': text('LO', 'x') }))).to.deep.equal(
      [],
    )
  })

  it('is not sent for what a cancellation writes there itself', () => {
    const byRequest = run(requestCancel({ '00741238': text('LT', 'why') }), factsOf(workitemIn('SCHEDULED')))
    const byPerformer = run(toState('CANCELED', TRANSACTION_UID), factsOf(workitemIn('IN PROGRESS')))
    for (const got of [byRequest, byPerformer]) expect(reported(got)).to.not.include('Progress Report')
  })
})

describe('The Assigned report', () => {
  const one = sequence(code('ONE'))
  const two = sequence(code('TWO'))
  const tina = human('THER1', 'Radiation Oncology')
  const tom = human('THER2', 'Radiology')

  interface Case {
    readonly name: string
    readonly stored?: Changes
    readonly payload: Dataset
    readonly information: readonly Dataset[]
  }

  const ofCreation: readonly Case[] = [
    { name: 'nobody and no station: none', payload: {}, information: [] },
    { name: 'a station: one', payload: { [STATIONS]: one }, information: [{ [STATIONS]: one }] },
    {
      name: 'a human performer: one',
      payload: { [PERFORMERS]: sequence(tina) },
      information: [assigned('THER1', 'Radiation Oncology')],
    },
    {
      name: 'two human performers and a station: one for each, with the station',
      payload: { [STATIONS]: one, [PERFORMERS]: sequence(tina, tom) },
      information: [
        { [STATIONS]: one, ...assigned('THER1', 'Radiation Oncology') },
        { [STATIONS]: one, ...assigned('THER2', 'Radiology') },
      ],
    },
    { name: 'empty human performers: none', payload: { [PERFORMERS]: empty('SQ') }, information: [] },
  ]
  for (const { name: title, payload, information } of ofCreation) {
    it(`of a creation with ${title}`, () => {
      const got = creating(payload)
      expect(informationOf(got, 'UPS Assigned')).to.deep.equal(information)
      expect(reported(got)[0]).to.equal('State SCHEDULED')
    })
  }

  const ofUpdate: readonly Case[] = [
    {
      name: 'sets the station',
      payload: { [STATIONS]: one },
      information: [{ [STATIONS]: one }],
    },
    {
      name: 'sets the station beside human performers that stay',
      stored: { [PERFORMERS]: sequence(tina, tom) },
      payload: { [STATIONS]: one },
      information: [
        { [STATIONS]: one, ...assigned('THER1', 'Radiation Oncology') },
        { [STATIONS]: one, ...assigned('THER2', 'Radiology') },
      ],
    },
    {
      name: 'replaces a human performer beside a station that stays',
      stored: { [STATIONS]: one, [PERFORMERS]: sequence(tina) },
      payload: { [PERFORMERS]: sequence(tom) },
      information: [{ [STATIONS]: one, ...assigned('THER2', 'Radiology') }],
    },
    {
      name: 'empties the only assignment',
      stored: { [STATIONS]: one },
      payload: { [STATIONS]: empty('SQ') },
      information: [{}],
    },
    {
      name: 'empties both',
      stored: { [STATIONS]: one, [PERFORMERS]: sequence(tina) },
      payload: { [STATIONS]: empty('SQ'), [PERFORMERS]: empty('SQ') },
      information: [{}],
    },
    {
      name: 'empties the human performers and leaves a station',
      stored: { [STATIONS]: one, [PERFORMERS]: sequence(tina) },
      payload: { [PERFORMERS]: empty('SQ') },
      information: [{ [STATIONS]: one }],
    },
    {
      name: 'sets both to what they were, and something else',
      stored: { [STATIONS]: one, [PERFORMERS]: sequence(tina) },
      payload: { [STATIONS]: one, [PERFORMERS]: sequence(tina), '00741204': text('LO', 'x') },
      information: [],
    },
    {
      name: 'changes something else',
      stored: { [STATIONS]: two },
      payload: { '00741204': text('LO', 'x') },
      information: [],
    },
    {
      name: 'sends empty where nothing was assigned',
      stored: { [STATIONS]: empty('SQ'), [PERFORMERS]: undefined },
      payload: { [PERFORMERS]: empty('SQ'), '00741204': text('LO', 'x') },
      information: [],
    },
  ]
  for (const { name: title, stored = {}, payload, information } of ofUpdate) {
    it(`of an Update that ${title}: ${information.length}`, () => {
      for (const state of ['SCHEDULED', 'IN PROGRESS'] as const) {
        const got = updating(stored, payload, state)
        expect(got.reports).to.deep.equal(information.map((each) => ({ event: 'UPS Assigned', information: each })))
      }
    })
  }
})

describe('The reports of one commit', () => {
  it('go in the order State, Progress, Assigned', () => {
    const got = updating(
      {},
      {
        [STATIONS]: sequence(code('ONE')),
        [PERFORMERS]: sequence(human('THER1', 'A'), human('THER2', 'B')),
        [PROGRESS]: sequence({ '00741004': text('DS', '50') }),
        [READINESS]: text('CS', 'UNAVAILABLE'),
      },
    )
    expect(reported(got)).to.deep.equal(['State IN PROGRESS', 'Progress Report', 'Assigned', 'Assigned'])
  })

  it('are none for an Update of anything else', () => {
    const others: Dataset = {
      '00404005': text('DT', '20270101'),
      '00741200': text('CS', 'LOW'),
      '00404021': empty('SQ'),
      '00404026': sequence(code('CLASS')),
      '00741216': empty('SQ'),
    }
    const got = updating({}, others)
    expect(got.next).to.not.equal(undefined)
    expect(got.reports).to.deep.equal([])
  })

  it('are none for what is refused', () => {
    expect(updating({}, { [READINESS]: text('CS', 'SOON') }).reports).to.deep.equal([])
  })
})
