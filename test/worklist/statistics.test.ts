/** Statistics against a look at every workitem, for random worklists, by every engine. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Attribute, Dataset, Tag, Value } from '../../plugin/dicom/dataset.ts'
import { matches } from '../../plugin/dicom/matching.ts'
import { parseQueryKeys, type Query } from '../../plugin/dicom/query.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Position, Store } from '../../plugin/store/store.ts'
import { storedDataset } from '../../plugin/store/stored-dataset.ts'
import type { State } from '../../plugin/ups/workitem.ts'
import type { Searched } from '../../plugin/worklist/search.ts'
import {
  type Statistics,
  statistics,
  type StatisticsOptions,
  type ValueCount,
} from '../../plugin/worklist/statistics.ts'
import { accepted } from '../dicom/support.ts'
import { SearchedStore } from '../search/searched-store.ts'
import { change, creation } from '../store/contract.ts'
import { deletion } from '../support/deletion.ts'
import { describeWithElasticsearch, elasticsearch } from '../support/elasticsearch.ts'
import { temporaryFolder } from '../support/folder.ts'

const [STATE, PRIORITY, LABEL, START] = ['00741000', '00741200', '00741202', '00404005']
const [FINISH, READINESS, STATION, VALUE, SCHEME, MEANING] = ['00404011', '00404041', '00404025', '00080100', '00080102', '00080104'] // prettier-ignore
const STATES: readonly State[] = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED']
const PRIORITIES = ['HIGH', 'MEDIUM', 'LOW']
const READINESSES = ['INCOMPLETE', 'UNAVAILABLE', 'READY']

const ZONE = 'Europe/Vienna'
/** No quarter of an hour. */
const NOW = new Date('2026-06-10T10:07:31.250Z')

const LONG = 'x'.repeat(60)
const LABELS = [
  'Lung', 'lung', ' Lung', 'Heart ', 'Linac*', 'Linac?', 'Linac 1', '*', 'ÄÖ 肺', `${LONG}ab`, `${LONG}abcd1`, `${LONG}abcd2`, `${LONG}é1`,
  '山'.repeat(22), `${'山'.repeat(22)}田`, '""', '\ufffd', 'a\udfff', 'a\ufffd', '', ' ',
] // prettier-ignore
const STATIONS = ['CT1', 'CT2', 'CT*', 'ct1', ' CT1', '']
const TIMES = [
  '20260610100731.25+0000', '20260610100731.249999+0000', '20260610120731.25', '20260610120731.249', '20260610', '20260611', '2026061012',
  '20260610100730+0000', '20260610100500+0000', '202606101000+0000', '202606101215', '2025', '2027', 'x', '20260610115959',
] // prettier-ignore

const some = (arbitrary: fc.Arbitrary<Attribute>): fc.Arbitrary<Attribute | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 8 })
const one = (vr: 'CS' | 'LO' | 'SH' | 'DT', values: readonly string[]): fc.Arbitrary<Attribute> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...values).map((value): Attribute => ({ vr, Value: [value] })) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom<Value[]>(...values, null), { maxLength: 3 }).map((Value) => ({ vr, Value })) },
    { weight: 1, arbitrary: fc.constant({ vr }) },
  ) // prettier-ignore

const code: fc.Arbitrary<Dataset> = fc
  .record({
    value: some(one('SH', STATIONS)),
    scheme: fc.constantFrom('99A', '99B'),
    meaning: fc.constantFrom('A', 'B'),
  })
  .map(({ value, scheme, meaning }) => ({
    ...(value && { [VALUE]: value }),
    [SCHEME]: { vr: 'SH', Value: [scheme] },
    [MEANING]: { vr: 'LO', Value: [meaning] },
  }))

const dataset: fc.Arbitrary<{ readonly state: State; readonly attributes: Dataset }> = fc
  .record({
    state: fc.constantFrom(...STATES),
    label: some(one('LO', LABELS)),
    priority: some(one('CS', PRIORITIES)),
    readiness: some(one('CS', READINESSES)),
    start: some(one('DT', TIMES)),
    finish: some(one('DT', TIMES)),
    stations: some(fc.array(code, { maxLength: 3 }).map((Value): Attribute => ({ vr: 'SQ', Value }))),
    offset: fc.option(fc.constantFrom('+0300', '-1000'), { nil: undefined, freq: 1 }),
  })
  .map(({ state, label, priority, readiness, start, finish, stations, offset }) => {
    const attributes: Record<Tag, Attribute | undefined> = {
      [STATE]: { vr: 'CS', Value: [state] },
      [LABEL]: label,
      [PRIORITY]: priority,
      [READINESS]: readiness,
      [START]: start,
      [FINISH]: finish,
      [STATION]: stations,
      ...(offset !== undefined && { '00080201': { vr: 'SH', Value: [offset] } }),
    }
    const there = Object.entries(attributes).filter((entry): entry is [Tag, Attribute] => entry[1] !== undefined)
    return { state, attributes: Object.fromEntries(there) }
  })

const keyed = (keys: Readonly<Record<string, string | readonly string[]>>, options = {}): Query =>
  accepted(
    parseQueryKeys(
      Object.entries(keys).map(([name, list]) => ({ name, list: [list].flat() })),
      options,
    ),
  )

/** With keys of the very attributes that are counted by, and such that no index decides. */
const QUERIES: readonly Query[] = [
  {},
  keyed({ [STATE]: 'SCHEDULED' }),
  keyed({ [LABEL]: ['Lung', 'Heart', 'Linac 1'], [STATE]: ['SCHEDULED', 'IN PROGRESS'] }),
  keyed({ [LABEL]: 'L*', [START]: '2026-2027' }),
  keyed({ [LABEL]: ['Lung', 'Linac 1'] }, { multiplevaluematching: true }),
  keyed({ [`${STATION}.${VALUE}`]: 'CT1' }),
  keyed({ [`${STATION}.${VALUE}`]: 'CT1', [`${STATION}.${SCHEME}`]: '99A' }),
  keyed({ [LABEL]: '*n*', [PRIORITY]: 'HIGH' }),
  keyed({ [LABEL]: ['""', 'Lung'] }, { emptyvaluematching: true }),
  keyed({ [LABEL]: '', [PRIORITY]: '', [STATION]: '' }),
  keyed({ [START]: '20260610-', [READINESS]: 'READY' }),
]

/** Padding as in PS3.5 6.2; the naive way, without any of the code that counts. */
const textsOf = (attribute: Attribute | undefined): ReadonlySet<string> =>
  new Set(
    (attribute?.Value ?? []).flatMap((value) => (typeof value === 'string' ? [value.replaceAll(/^ +| +$/g, '')] : [])),
  )

const itemsOf = (holder: Dataset): readonly Dataset[] => (holder[STATION]?.Value ?? []) as readonly Dataset[]

async function naive(store: Store, { query, timeZone }: StatisticsOptions): Promise<Statistics> {
  const all = (await store.list({ limit: 1_000_000 }))
    .map(({ json }) => storedDataset(json))
    .filter((holder) => matches(query, holder, { timeZone }))
  const tally = (textsIn: (holder: Dataset) => Iterable<string>): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>()
    for (const holder of all) {
      for (const text of new Set(textsIn(holder))) if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1)
    }
    return counts
  }
  const known = (tag: string, values: readonly string[]): readonly ValueCount[] => {
    const counts = tally((holder) => textsOf(holder[tag]))
    return values.flatMap((value) => (counts.has(value) ? [{ value, count: counts.get(value) ?? 0 }] : []))
  }
  const free = (counts: ReadonlyMap<string, number>): readonly ValueCount[] =>
    [...counts]
      .map(([value, count]) => ({ value, count }))
      .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  const late = (states: readonly string[], tag: Tag): number => {
    const before = keyed({ [tag]: '-20260610100731.249999+0000', [STATE]: states })
    return all.filter((holder) => matches(before, holder, { timeZone })).length
  }
  const codesOf = (holder: Dataset): readonly string[] => itemsOf(holder).flatMap((item) => [...textsOf(item[VALUE])])
  return {
    total: all.length,
    states: known(STATE, STATES),
    priorities: known(PRIORITY, PRIORITIES),
    readinesses: known(READINESS, READINESSES),
    labels: { counts: free(tally((holder) => textsOf(holder[LABEL]))), others: false },
    stations: {
      counts: free(tally(codesOf)).map((counted) => {
        const first = all.flatMap(itemsOf).find((item) => textsOf(item[VALUE]).has(counted.value))
        const [scheme, meaning] = [SCHEME, MEANING].map((tag) => String(first?.[tag]?.Value?.[0]))
        return { ...counted, scheme: scheme ?? '', meaning: meaning ?? '' }
      }),
      others: false,
    },
    overdue: { toStart: late(['SCHEDULED'], START), toFinish: late(['SCHEDULED', 'IN PROGRESS'], FINISH) },
  }
}

class Counted {
  readonly where: Searched
  readonly answeredBy: ('store' | 'index')[] = []
  #created = 0

  constructor(store: Store, engine?: Searched['engine']) {
    this.where = { store, engine, tally: { searched: (by) => this.answeredBy.push(by) } }
  }

  create(all: readonly { readonly state: State; readonly attributes: Dataset }[]): Promise<readonly Position[]> {
    return Promise.all(
      all.map(({ state, attributes }) => {
        const uid = `1.2.${++this.#created}`
        const holder: Dataset = { ...attributes, '00080018': { vr: 'UI', Value: [uid] } }
        return this.where.store.commit(creation(uid, { attributes: holder, state }))
      }),
    )
  }

  async statistics(query: Query = {}, options: Partial<StatisticsOptions> = {}): Promise<Statistics> {
    const counted = await statistics(this.where, { query, timeZone: ZONE, now: NOW, ...options })
    if (counted.outcome !== 'counted') throw new Error(counted.outcome)
    return counted.statistics
  }
}

function statisticsTests(start: () => Promise<Counted>, end: () => Promise<void>, runs: number): void {
  let counted: Counted
  beforeEach(async () => {
    counted = await start()
  })
  afterEach(end)

  it('are what a look at every workitem finds, whatever is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(dataset, { minLength: 20, maxLength: 60 }), async (more) => {
        await counted.create(more)
        for (const query of QUERIES) {
          const options = { query, timeZone: ZONE, now: NOW }
          const expected = await naive(counted.where.store, options)
          expect(await counted.statistics(query), JSON.stringify(query)).to.deep.equal(expected)
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  }).timeout(120_000)

  it('are of what was committed before, and have no value of what is gone', async () => {
    const labelled = (label: string): Dataset => ({ [LABEL]: { vr: 'LO', Value: [label] } })
    const { store } = counted.where
    const first = await store.commit(creation('1.1', { attributes: labelled('Gone') }))
    const second = await store.commit(creation('1.2', { attributes: labelled('Changed') }))
    const labels = async (): Promise<readonly ValueCount[]> => (await counted.statistics()).labels.counts
    expect(await labels()).to.deep.equal([
      { value: 'Changed', count: 1 },
      { value: 'Gone', count: 1 },
    ])
    await store.commit(deletion('1.1', first))
    const replaced = labelled('Changed')
    await store.commit(change('1.2', second, { attributes: labelled('New') }, { replaced }))
    expect(await labels()).to.deep.equal([{ value: 'New', count: 1 }])
    expect((await counted.statistics()).total).to.equal(1)
  })

  it('have no more than 1 000 values of a kind, and say that there are others', async () => {
    const holding = (label: string, station: string): { readonly state: State; readonly attributes: Dataset } => ({
      state: 'SCHEDULED',
      attributes: {
        [LABEL]: { vr: 'LO', Value: [label] },
        [STATION]: { vr: 'SQ', Value: [{ [VALUE]: { vr: 'SH', Value: [station] } }] },
      },
    })
    await counted.create(Array.from({ length: 1_000 }, (_, n) => holding(`L${n}`, `S${n % 130}`)))
    const whole = await counted.statistics()
    expect([whole.labels.counts.length, whole.labels.others]).to.deep.equal([1_000, false])
    expect([whole.stations.counts.length, whole.stations.others]).to.deep.equal([130, false])
    await counted.create([holding('One more', 'S1')])
    // Of what an index decides, and of what it does not.
    for (const query of [
      {},
      keyed({ [`${STATION}.${VALUE}`]: '*S*' }),
      keyed({ '00400400': '""' }, { emptyvaluematching: true }),
    ]) {
      const { labels, total } = await counted.statistics(query)
      expect([total, labels.counts.length, labels.others]).to.deep.equal([1_001, 1_000, true])
    }
  }).timeout(60_000)

  it('are given up when nobody waits, or it takes too long', async () => {
    await counted.create(fc.sample(dataset, 200))
    const wanted = { timeZone: ZONE, now: NOW }
    for (const query of QUERIES) {
      let asked = 0
      const signal = { get aborted() { return asked++ > 1 } } // prettier-ignore
      expect(await statistics(counted.where, { ...wanted, query, signal })).to.deep.equal({ outcome: 'too broad' })
    }
    const now = performance.now.bind(performance)
    let late = 0
    performance.now = () => now() + 800 * late++
    try {
      expect((await statistics(counted.where, { ...wanted, query: {} })).outcome).to.equal('too broad')
    } finally {
      performance.now = now
    }
  })

  it('are one search for those who count searches', async () => {
    await counted.create(fc.sample(dataset, 10))
    for (const query of [{}, keyed({ [LABEL]: '*n*' })]) {
      const before = counted.answeredBy.length
      await counted.statistics(query)
      expect(counted.answeredBy.length).to.equal(before + 1)
    }
  })
}

describe('Statistics, by the search of the store itself', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let store: Store
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())
  const file = (): string => join(folder.path, 'worklist.db')
  statisticsTests(
    async () => {
      store = openSqliteStore({ file: file() })
      return new Counted(store)
    },
    () => store.close(),
    Number(process.env['STATISTICS_RUNS'] ?? 12),
  )

  it('are right while the index is being made', async () => {
    const counted = new Counted(store)
    await counted.create(fc.sample(dataset, 700))
    await store.close()
    const database = new DatabaseSync(file())
    database.exec("UPDATE search_progress SET version = 'x'")
    database.close()
    const reopened = openSqliteStore({ file: file() })
    store = reopened
    const options = { query: {}, timeZone: ZONE, now: NOW }
    const expected = await naive(store, options)
    expect(reopened.isIndexed).to.equal(false)
    expect(await new Counted(store).statistics()).to.deep.equal(expected)
  })

  it('take a question for each value, not for each workitem; and where no index decides, one in all', async () => {
    const counted = new Counted(store)
    let asked = 0
    const noted = new Proxy(store, {
      get(target, name) {
        if (name === 'find') asked++
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? (member.bind(target) as unknown) : member
      },
    })
    const questions = async (query: Query): Promise<number> => {
      asked = 0
      await statistics({ ...counted.where, store: noted }, { query, timeZone: ZONE, now: NOW })
      return asked
    }
    const all = fc.sample(dataset, 300)
    await counted.create(all)
    const before = await questions({})
    expect(before).to.be.below(80)
    for (let round = 0; round < 5; round++) await counted.create(all)
    expect(await questions({})).to.equal(before)
    expect(await questions(keyed({ [LABEL]: '*n*' }))).to.equal(2)
  })

  it('let others have a turn', async () => {
    const counted = new Counted(store)
    await counted.create(fc.sample(dataset, 500))
    let turns = 0
    const turn = (): void => {
      turns++
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)
    await counted.statistics()
    clearImmediate(next)
    expect(turns).to.be.greaterThan(30)
  })
})

describeWithElasticsearch('Statistics, by Elasticsearch', () => {
  let searched: SearchedStore
  let counted: Counted
  statisticsTests(
    async () => {
      searched = new SearchedStore((await elasticsearch()).url)
      await searched.start()
      counted = new Counted(searched.store, searched.engine)
      return counted
    },
    async () => {
      expect(new Set(counted.answeredBy)).to.include('index')
      await searched.end()
    },
    Number(process.env['STATISTICS_RUNS'] ?? 3),
  )
})
