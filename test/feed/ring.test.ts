/** What is held for all who follow the feed, and the size that it is taken to have. */
import { expect } from 'chai'
import type { Change } from '../../plugin/feed/changes.ts'
import type { SizedPage } from '../../plugin/feed/page.ts'
import type { Reached } from '../../plugin/feed/position.ts'
import { Ring } from '../../plugin/feed/ring.ts'
import { sizeOf } from '../../plugin/feed/size.ts'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { FeedEntry, Position } from '../../plugin/store/store.ts'
import { sample } from '../support/workitems.ts'
import { counting } from './fed-store.ts'

const at = (position: number): Position => position as Position

const entry = (position: number): FeedEntry => ({
  position: at(position),
  is: 'there',
  uid: '1.1',
  previous: undefined,
  kind: 'create',
  at: new Date(),
  state: 'SCHEDULED',
  replaced: {},
  reports: [],
})

const changeTo = (position: number, after: Dataset = {}, before?: Dataset): Change => ({
  entry: entry(position),
  before,
  after,
})

const page = (from: number, through: number, bytes = 1): SizedPage => ({
  page: { is: 'page', through: at(through), changes: counting(from + 1, through).map((n) => changeTo(n)) },
  from: from as Reached,
  entries: through - from,
  bytes,
})

describe('A ring of pages', () => {
  const positions = (ring: Ring, reached: number) =>
    ring.after(reached as Reached)?.changes.map(({ entry: { position } }) => position)

  it('gives what comes next from anywhere in it, the same page to everybody', () => {
    const ring = new Ring(at(5), { entries: 100, bytes: 100 })
    expect(ring.after(at(5))).to.equal(undefined)
    const pages = [page(5, 6), page(6, 9), page(9, 10), page(10, 14)]
    for (const one of pages) ring.push(one)
    expect(pages.map(({ from }) => ring.after(from))).to.deep.equal(pages.map((one) => one.page))
    expect(ring.after(at(6))).to.equal(pages[1]?.page)
    expect([positions(ring, 7), positions(ring, 8), positions(ring, 13)]).to.deep.equal([[8, 9], [9], [14]])
    expect(ring.after(at(7))?.through).to.equal(9)
    expect([ring.after(at(14)), ring.after(at(20))]).to.deep.equal([undefined, undefined])
    expect([ring.behind(at(9)), ring.behind(at(14)), ring.behind(at(20))]).to.deep.equal([5, 0, 0])
  })

  it('drops the oldest when there are too many entries, and says from where on it has all', () => {
    const ring = new Ring(0, { entries: 5, bytes: 100 })
    for (const n of counting(0, 9)) ring.push(page(n, n + 1))
    expect([ring.from, ring.through, positions(ring, 5)]).to.deep.equal([5, 10, [6]])
    ring.push(page(10, 14))
    expect([ring.from, positions(ring, 9), positions(ring, 10)]).to.deep.equal([9, [10], [11, 12, 13, 14]])
  })

  it('drops the oldest when they are too large, but never the newest', () => {
    const ring = new Ring(0, { entries: 1_000, bytes: 10 })
    for (const n of counting(0, 9)) {
      ring.push(page(n, n + 1, 3))
      expect(ring.bytes).to.be.at.most(10)
    }
    expect([ring.from, ring.bytes]).to.deep.equal([7, 9])
    ring.push(page(10, 20, 50))
    expect([ring.from, ring.through, ring.bytes]).to.deep.equal([10, 20, 50])
    ring.push(page(20, 21, 3))
    expect([ring.from, ring.bytes]).to.deep.equal([20, 3])
  })
})

describe('The size of changes', () => {
  const text = (length: number): Dataset => ({ '00400400': { vr: 'LT', Value: ['x'.repeat(length)] } })

  it('grows with what datasets, replaced attributes and reports hold', () => {
    expect(sizeOf([changeTo(1, text(100_000))])).to.be.within(100_000, 201_000)
    const replaced = { ...changeTo(1), entry: { ...entry(1), replaced: text(100_000) } }
    expect(sizeOf([replaced])).to.be.above(100_000)
    const report = { event: 'UPS State Report', information: text(100_000) } as const
    expect(sizeOf([{ ...changeTo(1), entry: { ...entry(1), reports: [report] } }])).to.be.above(100_000)
    const binary: Dataset = { '00420011': { vr: 'OB', InlineBinary: 'x'.repeat(100_000) } }
    const nested: Dataset = { '00741216': { vr: 'SQ', Value: [{ '00404030': { vr: 'SQ', Value: [binary] } }] } }
    expect(sizeOf([changeTo(1, nested)])).to.be.above(100_000)
    const person: Dataset = { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'x'.repeat(100_000) }] } }
    expect(sizeOf([changeTo(1, person)])).to.be.above(100_000)
  })

  it('counts once what is shared', () => {
    const after = text(100_000)
    const other = { ...after, '00741204': { vr: 'LO', Value: ['b'] } } as const
    expect(sizeOf([changeTo(1, after), changeTo(2, other, after)])).to.be.below(203_000)
  })

  it('is about what datasets take', () => {
    const json = JSON.stringify(sample('ai-triage'))
    expect(sizeOf([changeTo(1, sample('ai-triage'))])).to.be.within(json.length, json.length * 8)
  })
})
