import { expect } from 'chai'
import {
  SUBSCRIPTION_TABLE,
  type SubscriptionCell,
  type SubscriptionColumn,
  type SubscriptionEvent,
} from '../../plugin/ups/subscription-table.ts'
import { CC_2_3_2 } from './transcription/cc-2-3-2.ts'

/** The rows as the standard prints them. */
const PRINTED: Readonly<Record<SubscriptionEvent, string>> = {
  'created, no global subscription': 'UPS created, AE has no global subscription',
  'created, global subscription with lock': 'UPS created, AE globally subscribed with lock',
  'created, global subscription w/o lock': 'UPS created, AE globally subscribed w/o lock',
  'subscribes globally with lock': 'AE subscribes globally with lock',
  'subscribes globally w/o lock': 'AE subscribes globally w/o lock',
  'subscribes with lock': 'AE subscribes to a specific UPS with lock',
  'subscribes w/o lock': 'AE subscribes to a specific UPS w/o lock',
  unsubscribes: 'AE unsubscribes from a specific UPS',
  'unsubscribes globally': 'AE unsubscribes globally',
  'suspends global subscription': 'AE suspends global subscription',
}

describe('Table CC.2.3-2', () => {
  type Row = Readonly<Record<SubscriptionColumn, SubscriptionCell | undefined>>
  const rows = Object.entries(SUBSCRIPTION_TABLE) as [SubscriptionEvent, Row][]
  for (const { event, state, becomes, initialEvent } of CC_2_3_2) {
    it(`${event}, ${state}: ${becomes ?? 'n/a'}${initialEvent ? ', with initial event' : ''}`, () => {
      const row = rows.find(([name]) => PRINTED[name] === event)?.[1]
      expect(row).not.to.equal(undefined)
      expect(row?.[state]).to.deep.equal(becomes && { becomes, initialEvent })
    })
  }

  it('has these cells and no others', () => {
    expect(CC_2_3_2).to.have.length(40)
    expect(rows.flatMap(([, row]) => Object.keys(row))).to.have.length(40)
  })
})
