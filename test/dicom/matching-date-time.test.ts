import { expect } from 'chai'
import fc from 'fast-check'

import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { formatDateTime } from '../../plugin/dicom/date-time.ts'
import { dayNumber, endOfDateTime, offsetOf, startOfDateTime } from '../../plugin/dicom/matching-moment.ts'
import { instantOf } from '../../plugin/dicom/matching-time-zone.ts'
import { matches } from '../../plugin/dicom/matching.ts'
import { parseQueryKeys, type Query } from '../../plugin/dicom/query.ts'
import { accepted } from './support.ts'

interface Zones {
  /** Of the device. */
  readonly zone?: string | undefined
  /** (0008,0201) of the keys. */
  readonly key?: string
  /** (0008,0201) of the dataset. */
  readonly stored?: string
}

const query = (key: string, offset?: string): Query =>
  accepted(
    parseQueryKeys([
      { name: 'ScheduledProcedureStepStartDateTime', list: [key] },
      ...(offset === undefined ? [] : [{ name: 'TimezoneOffsetFromUTC', list: [offset] }]),
    ]),
  )

const dataset = (value: string, offset?: string): Dataset => ({
  '00404005': { vr: 'DT', Value: [value] },
  ...(offset !== undefined && { '00080201': { vr: 'SH', Value: [offset] } }),
})

const found = (key: string, value: string, { zone = 'UTC', key: offset, stored }: Zones = {}): boolean =>
  matches(query(key, offset), dataset(value, stored), { timeZone: zone })

type Row = readonly [key: string, hit: readonly string[], miss: readonly string[], zones?: Zones]

function table(rows: readonly Row[]): void {
  for (const [key, hit, miss, zones] of rows) {
    const where = zones === undefined ? '' : ` with ${JSON.stringify(zones)}`
    for (const value of hit) {
      it(`${key} finds ${value}${where}`, () => expect(found(key, value, zones)).to.equal(true))
    }
    for (const value of miss) {
      it(`${key} does not find ${value}${where}`, () => expect(found(key, value, zones)).to.equal(false))
    }
  }
}

const VIENNA: Zones = { zone: 'Europe/Vienna' }

describe('Date-times', () => {
  describe('of any precision are all their instants', () => {
    table([
      ['2026', ['2026', '20260101000000', '20261231235959.999999'], ['2025', '20251231235959.999999', '2027']],
      ['202602', ['202602', '20260228235959'], ['20260131', '20260301', '2026']],
      ['202612', ['202612', '20261231235959'], ['20261130', '2027']],
      ['20240229', ['2024022923'], ['20240228', '20240301']],
      ['2026030110', ['2026030110', '202603011059'], ['2026030111', '20260301']],
      ['202603011030', ['20260301103059.9'], ['202603011031', '2026030110']],
      ['20260301103000', ['20260301103000', '202603011030', '20260301103000.999999'], ['20260301103001']],
      ['20260301103000.12', ['20260301103000.12', '20260301103000.129999'], ['20260301103000.13', '20260301103000.119999']],
      ['20260301103000.123456', ['20260301103000.123456'], ['20260301103000.123457', '20260301103000.123455', 'x', '']],
      ['20261231235960', ['20270101000000', '20261231235960'], ['20261231235959']],
      ['9999', ['99991231235959.999999'], ['9998']],
      ['0001', ['0001'], ['0002']],
      ['99991231235959.000001', ['99991231235959.000001'], ['99991231235959.0001', '99991231235958.999']],
      ['2999', ['29991231235959'], ['3000']],
    ]) // prettier-ignore
  })

  describe('may be ranges', () => {
    table([
      ['20260301-20260302', ['20260301', '20260302235959'], ['20260228235959', '20260303']],
      ['2026-', ['2026', '9999'], ['2025']],
      ['-2026', ['2025', '20261231235959.999999'], ['2027']],
      ['2026-2027', ['2026', '2027123123'], ['2025', '2028']],
      ['202603011000-202603011030', ['20260301103059'], ['202603011031']],
      ['2026-2026', ['202607'], ['2027']],
    ])
  })

  describe('have an offset where the syntax lets them', () => {
    table([
      ['2026-0500', ['20260101000000-0500', '20260101050000', '20270101045959'], ['2026', '20270101050000']],
      ['2026-1100', ['2026010111'], ['2026']],
      ['2026-0500-', ['2026010105', '9999'], ['2026010104']],
      ['-2026-0500', ['2027010104', '1000'], ['2027010105']],
      ['2026-0500-2026-0500', ['2026010105', '2027010104'], ['2026010104', '2027010105']],
      ['2026+0100-2027', ['2025123123', '2027123123'], ['2025123122', '2028']],
      ['2026-0500-2027', ['2026010105', '2027123123'], ['2026', '2028']],
      // Year 0600, not an offset of a year 0500.
      ['-0600', ['0600', '0001'], ['0601']],
      ['0500-0600+0000', ['0550'], ['0601', '0499']],
    ])
  })

  describe('are the same instant with any offset', () => {
    table([
      ['20260301120000+0000', ['20260301130000+0100', '20260301070000-0500', '20260301120000'], ['20260301120000+0100', '20260301130000']],
      ['20260301', ['20260302003000+0100', '20260301233000'], ['20260301003000+0100', '20260302003000']],
      ['2026030112', ['2026030112'], ['2026030111', '2026030113'], { key: '+0100', stored: '+0100' }],
      ['2026030112', ['2026030111'], ['2026030112'], { key: '+0100' }],
      ['2026030112', ['2026030113'], ['2026030112'], { stored: '+0100' }],
      ['2026030112+0000', ['2026030113', '2026030114+0200'], ['2026030112', '2026030113+0200'], { key: '+0500', stored: '+0100' }],
    ]) // prettier-ignore
  })

  describe('without an offset are in the zone of the device', () => {
    table([
      ['20260301', ['20260301', '20260228230000+0000', '20260301225959+0000'], ['20260228225959+0000', '20260301230000+0000', '20260302'], VIENNA],
      ['20260701', ['20260630220000+0000', '20260701215959+0000'], ['20260630215959+0000', '20260701220000+0000'], VIENNA],
      ['2026030112+0100', ['2026030112'], ['2026030111', '2026030113'], VIENNA],
      ['2026070112+0100', ['2026070113'], ['2026070112'], VIENNA],
      ['2026030112', ['2026030112'], ['2026030111'], { ...VIENNA, key: '+0100' }],
      ['2026030112', ['2026030106-0500'], ['2026030112+0000'], VIENNA],
      ['20260301-20260302+0000', ['2026022823+0000', '2026030223+0000'], ['2026022822+0000', '2026030300+0000'], VIENNA],
      ['2026030112', ['2026030106-0530'], ['2026030107-0530'], { zone: '+00:30' }],
      ['2026030112-2026030105+0000', ['2026030104+0000'], ['2026030102+0000', '2026030106+0000'], { zone: 'Asia/Tokyo' }],
      // 02:30 is there twice that day: the first one is meant.
      ['202610250230', ['202610250030+0000', '202610250230'], ['202610250130+0000'], VIENNA],
      ['2026102502', ['202610250000+0000', '202610250159+0000'], ['2026102423+0000', '2026102502+0000'], VIENNA],
      ['202610250130', ['202610242330+0000'], ['202610250030+0000'], VIENNA],
      ['202610250300', ['202610250200+0000'], ['202610250100+0000'], VIENNA],
      // and not at all on that one: it is half past three.
      ['202603290230', ['202603290130+0000'], ['202603290030+0000'], VIENNA],
      ['202603290159', ['202603290059+0000'], [], VIENNA],
      ['202603290300', ['202603290100+0000'], [], VIENNA],
      ['0002', ['0002', '000206+0000'], ['0003+0000'], VIENNA],
    ]) // prettier-ignore
  })

  it('are in the zone of the process if the device has none', () => {
    const before = process.env.TZ
    try {
      process.env.TZ = 'Asia/Tokyo'
      expect(matches(query('20260301'), dataset('20260228150000+0000'), {})).to.equal(true)
      expect(matches(query('20260301'), dataset('20260228145959+0000'), {})).to.equal(false)
      expect(matches(query('20260301+0900'), dataset('20260301'), { timeZone: undefined })).to.equal(true)
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })

  it('of which only one is in a zone that Intl does not know are an error', () => {
    expect(() => found('2026+0000', '2026', { zone: 'Mars/Olympus' })).to.throw(RangeError)
    expect(found('2026', '2026', { zone: 'Mars/Olympus' })).to.equal(true)
  })

  it('are instants whatever the zones, as brute force has it', () => {
    const zone = fc.constantFrom('UTC', 'Europe/Vienna', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe')
    const instant = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) }).map((ms) => ms - (ms % 60_000))
    const offset = fc.constantFrom('+0000', '+0530', '-0500', '+1400', '-1200')
    const inOffset = (ms: number, text: string): string =>
      formatDateTime(new Date(ms + (offsetOf(text) ?? 0) / 1000)).slice(0, 18) + text
    fc.assert(
      fc.property(zone, instant, instant, instant, offset, offset, (timeZone, a, b, at, keys, stored) => {
        const [from, to] = a < b ? [a, b] : [b, a]
        const key = `${inOffset(from, keys)}-${inOffset(to, stored)}`
        const answer = matches(query(key), dataset(inOffset(at, stored)), { timeZone })
        expect(answer).to.equal(from <= at && at < to + 1)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('Moments', () => {
  it('count the days as JavaScript does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }), (y, m, d) => {
        expect(dayNumber(y, m, d)).to.equal(Date.UTC(y, m - 1, d) / 86_400_000)
      }),
      { numRuns: 2000 },
    ) // prettier-ignore
    expect(dayNumber(1970, 1, 1)).to.equal(0)
    expect(dayNumber(2000, 2, 29) + 1).to.equal(dayNumber(2000, 3, 1))
    expect(dayNumber(1900, 2, 28) + 1).to.equal(dayNumber(1900, 3, 1))
  })

  it('end where the next ones begin', () => {
    const next: readonly (readonly [string, string])[] = [
      ['2026', '2027'], ['202602', '202603'], ['202612', '202701'], ['20260228', '20260301'], ['2026030123', '2026030200'],
      ['202603012359', '202603020000'], ['20260301235959', '20260302000000'], ['20260301103000.1', '20260301103000.2'],
      ['20260301103000.12345', '20260301103000.12346'], ['20260301103000.999999', '20260301103001'],
    ] // prettier-ignore
    for (const [one, other] of next) expect(endOfDateTime(one), one).to.equal(startOfDateTime(other)?.start)
  })

  it('have offsets of PS3.5 6.2 only', () => {
    expect(offsetOf('+0130')).to.equal(90 * 60_000_000)
    expect(offsetOf('-0130')).to.equal(-90 * 60_000_000)
    for (const wrong of ['', '0100', '+01', '+1500', '-0000', '+01:00', '01+0100', '+0100 ']) {
      expect(offsetOf(wrong), wrong).to.equal(undefined)
    }
  })

  it('are read on the clocks of a zone as Intl writes them', () => {
    const zones = ['Europe/Vienna', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', '-03:30']
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: -2e9, max: 4e9 }), (timeZone, seconds) => {
        const clock = new Date(seconds * 1000).toLocaleString('sv-SE', { timeZone })
        const local = Date.parse(`${clock.replace(' ', 'T')}Z`) * 1000
        const back = new Date(instantOf(local, timeZone) / 1000).toLocaleString('sv-SE', { timeZone })
        expect(back).to.equal(clock)
      }),
      { numRuns: 2000 },
    )
  })
})
