/**
 * Pages that begin behind a place (plugin/worklist/search.ts): whatever is written between them and while they are read,
 * nothing that stays is left out or comes twice. On a real store, by its own search and by a real Elasticsearch.
 */
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import { matches } from '../../plugin/dicom/matching.ts'
import { compareSortKeys, type Ordering, sortKeysOf } from '../../plugin/dicom/order.ts'
import { parseQueryKeys, type Query } from '../../plugin/dicom/query.ts'
import type { Criteria } from '../../plugin/store/candidates.ts'
import { replacedBetween } from '../../plugin/store/replaced.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Position, Store } from '../../plugin/store/store.ts'
import { storedDataset } from '../../plugin/store/stored-dataset.ts'
import type { Place } from '../../plugin/worklist/place.ts'
import { parsePlace, placeText } from '../../plugin/worklist/place-text.ts'
import { type Result, type Search, search, type Searched } from '../../plugin/worklist/search.ts'
import { accepted } from '../dicom/support.ts'
import { SearchedStore } from '../search/searched-store.ts'
import { change, creation } from '../store/contract.ts'
import { deletion } from '../support/deletion.ts'
import { describeWithElasticsearch, elasticsearch } from '../support/elasticsearch.ts'
import { temporaryFolder } from '../support/folder.ts'

const LABEL = '00741202'
const START = '00404005'
const NAME = '00100010'
const WEIGHT = '00101030'
const TIME_ZONE = 'Europe/Vienna'

const LABELS = ['Lung', 'Heart', 'Knee', 'lung', undefined] as const
const STARTS = ['202603290145', '202603290215', '202603290315', '20260329001500+0000', '20260330', undefined] as const
const NAMES = ['Doe^John', 'DOE^JOHN', 'Doe Jr^Adam', 'Özil', '山田', undefined] as const

const contents = (n: number): Dataset => {
  const label = LABELS[n % 5]
  const start = STARTS[n % 6]
  const name = NAMES[(n >> 1) % 6]
  return {
    ...(label !== undefined && { [LABEL]: { vr: 'LO', Value: [label] } }),
    ...(start !== undefined && { [START]: { vr: 'DT', Value: [start] } }),
    ...(name !== undefined && { [NAME]: { vr: 'PN', Value: [{ Alphabetic: name }] } }),
    ...(n % 3 > 0 && { [WEIGHT]: { vr: 'DS', Value: [`${n % 7}.5`] } }),
  }
}

const order = (...tags: readonly string[]): readonly Ordering[] =>
  tags.map((tag) => ({ tag: tag.replace('-', ''), descending: tag.startsWith('-') }))
const keyed = (name: string, ...list: readonly string[]): Query => accepted(parseQueryKeys([{ name, list }], {}))

/** Every way of search: exact and not, in the order of the index and in another. */
const QUERIES: readonly Query[] = [
  {},
  keyed(LABEL, 'Lung', 'Heart', 'lung'),
  // No index decides these.
  keyed(LABEL, '*u*'),
  keyed(WEIGHT, '1.5', '2.5', '3.5', '4.5'),
]
const ORDERS: readonly (readonly Ordering[])[] = [
  [],
  order(START),
  order(`-${START}`),
  order(NAME, `-${START}`),
  order(`-${LABEL}`, NAME),
  order(WEIGHT),
  order(`-${WEIGHT}`, LABEL),
]

/** A store whose search is asked, and what writes into it. */
class Written {
  readonly where: Searched
  readonly #versions = new Map<string, Position>()
  #created = 0

  constructor(store: Store, engine?: Searched['engine']) {
    this.where = { store, engine, tally: { searched: (by) => this.answeredBy.push(by) } }
  }

  readonly answeredBy: ('store' | 'index')[] = []

  get uids(): readonly string[] {
    return [...this.#versions.keys()]
  }

  create(...numbers: readonly number[]): Promise<void> {
    return this.createAll(numbers.map(contents))
  }

  async createAll(datasets: readonly Dataset[]): Promise<void> {
    await Promise.all(
      datasets.map(async (dataset) => {
        const uid = `1.2.${++this.#created}`
        const attributes: Dataset = { ...dataset, '00080018': { vr: 'UI', Value: [uid] } }
        this.#versions.set(uid, await this.where.store.commit(creation(uid, { attributes })))
      }),
    )
  }

  async change(uid: string, next: Readonly<Record<Tag, Attribute>>): Promise<void> {
    const loaded = await this.where.store.load(uid)
    if (loaded.is !== 'there') return
    const { attributes } = loaded.workitem
    const changed = { '00080018': attributes['00080018'] as Attribute, ...next }
    const replaced = replacedBetween(attributes, changed)
    await this.where.store.commit(change(uid, loaded.version, { attributes: changed }, { replaced }))
  }

  async delete(uid: string): Promise<void> {
    const loaded = await this.where.store.load(uid)
    if (loaded.is !== 'there') return
    await this.where.store.commit(deletion(uid, loaded.version))
    this.#versions.delete(uid)
  }

  /** All that match, in order, by a look at every workitem. */
  async naive({ query, order: by, timeZone }: Criteria): Promise<readonly Ranked[]> {
    return (await this.where.store.list({ limit: 1_000_000 }))
      .map(({ uid, sequence, json }) => ({ uid, sequence, dataset: storedDataset(json) }))
      .filter(({ dataset }) => matches(query, dataset, { timeZone }))
      .map(({ uid, sequence, dataset }) => ({ uid, sequence, keys: sortKeysOf(dataset, by, timeZone) }))
      .toSorted((a, b) => compareSortKeys(a.keys, b.keys, by) || a.sequence - b.sequence)
  }

  async open(wanted: Partial<Search> & Pick<Search, 'query' | 'order'>): Promise<AsyncGenerator<Result>> {
    const found = await search(this.where, {
      timeZone: TIME_ZONE,
      offset: 0,
      limit: Infinity,
      most: Infinity,
      counted: false,
      ...wanted,
    })
    if (found.outcome !== 'found') throw new Error(found.outcome)
    return found.page
  }

  async page(wanted: Partial<Search> & Pick<Search, 'query' | 'order'>): Promise<readonly Result[]> {
    return collect(await this.open(wanted))
  }
}

interface Ranked {
  readonly uid: string
  readonly sequence: number
  readonly keys: Place['keys']
}

async function collect(page: AsyncIterable<Result>): Promise<readonly Result[]> {
  const results: Result[] = []
  for await (const one of page) results.push(one)
  return results
}

const uidsOf = (results: readonly { readonly uid: string }[]): readonly string[] => results.map(({ uid }) => uid)
const times = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, i) => from + i)

const isGreater = (one: Ranked, place: Place, by: readonly Ordering[]): boolean =>
  (compareSortKeys(one.keys, place.keys, by) || one.sequence - place.sequence) > 0

type Write =
  | { readonly does: 'create'; readonly n: number }
  | { readonly does: 'change'; readonly pick: number; readonly n: number }
  | { readonly does: 'delete'; readonly pick: number }

const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('create'), n: fc.nat(1_000) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('change'), pick: fc.nat(), n: fc.nat(1_000) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('delete'), pick: fc.nat() }) },
)

interface Walk {
  readonly query: Query
  readonly order: readonly Ordering[]
  readonly size: number
  /** Between pages, each page's. */
  readonly writes: readonly (readonly Write[])[]
}

const walk = (size: fc.Arbitrary<number>, most: number): fc.Arbitrary<Walk> =>
  fc.record({
    query: fc.constantFrom(...QUERIES),
    order: fc.constantFrom(...ORDERS),
    size,
    writes: fc.array(fc.array(write, { maxLength: most }), { minLength: 1, maxLength: 20 }),
  })

async function perform(written: Written, writes: readonly Write[], touched: Set<string>): Promise<void> {
  for (const one of writes) {
    const { uids } = written
    if (one.does === 'create') await written.create(one.n)
    const uid = one.does === 'create' ? undefined : uids[one.pick % uids.length]
    if (uid === undefined || one.does === 'create') continue
    touched.add(uid)
    if (one.does === 'change') await written.change(uid, contents(one.n))
    else await written.delete(uid)
  }
}

/** What was there at the beginning, and what was written. */
interface Before {
  readonly matching: readonly string[]
  readonly touched: Set<string>
}

/** All that was not touched, once and in order. */
function expectComplete(seen: readonly string[], { matching, touched }: Before, what: string): void {
  const untouched = new Set(matching.filter((uid) => !touched.has(uid)))
  expect(
    seen.filter((uid) => untouched.has(uid)),
    what,
  ).to.deep.equal([...untouched])
}

const nameOf = ({ query, order: by, size }: Walk): string => JSON.stringify({ query, by, size })

/** `runs`: of each property. */
function pages(start: () => Promise<Written>, end: () => Promise<void>, runs: number): void {
  let written: Written
  beforeEach(async () => {
    written = await start()
  })
  afterEach(end)

  it('hold exactly what is behind the place, whatever was written in between', async () => {
    await written.create(...times(150))
    await fc.assert(
      fc.asyncProperty(walk(fc.integer({ min: 1, max: 70 }), 12), async (one) => {
        let after: Place | undefined
        for (let round = 0; ; round++) {
          await perform(written, one.writes[round % one.writes.length] ?? [], new Set())
          const naive = await written.naive({ ...one, timeZone: TIME_ZONE })
          const expected = naive.filter((ranked) => after === undefined || isGreater(ranked, after, one.order))
          const page = await written.page({ ...one, after, limit: one.size })
          expect(uidsOf(page), nameOf(one)).to.deep.equal(uidsOf(expected.slice(0, one.size)))
          page.forEach(({ place }, i) => {
            expect(place.at, 'matches before it').to.equal(naive.length - expected.length + i)
            expect({ keys: place.keys, sequence: place.sequence }).to.deep.equal({
              keys: expected[i]?.keys,
              sequence: expected[i]?.sequence,
            })
          })
          const last = page.at(-1)
          // As a client carries it.
          if (last) after = parsePlace(placeText(last.place, one.order), one.order)
          if (!last || round > 40) break
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  }).timeout(120_000)

  it('leave nothing out that stays where it is while they are read', async () => {
    await written.create(...times(400))
    await fc.assert(
      fc.asyncProperty(walk(fc.integer({ min: 30, max: 250 }), 6), async (one) => {
        const touched = new Set<string>()
        const matching = uidsOf(await written.naive({ ...one, timeZone: TIME_ZONE }))
        const seen: string[] = []
        for (let [round, after]: [number, Place | undefined] = [0, undefined]; ;) {
          const page: Result[] = []
          for await (const result of await written.open({ ...one, after, limit: one.size })) {
            page.push(result)
            if (page.length % 20 === 1) await perform(written, one.writes[round++ % one.writes.length] ?? [], touched)
          }
          seen.push(...uidsOf(page))
          after = page.at(-1)?.place
          if (page.length < one.size) break
        }
        expectComplete(seen, { matching, touched }, nameOf(one))
      }),
      { numRuns: runs, endOnFailure: true },
    )
  }).timeout(240_000)

  it('go on where one ended whose last workitem was put elsewhere while it was read', async () => {
    await written.create(...times(300).map((n) => n * 30))
    const later = { vr: 'DT', Value: ['20270101'] } as const
    const earlier = { vr: 'DT', Value: ['20250101'] } as const
    for (const by of [order(START), order(START, NAME)]) {
      for (const other of [later, earlier]) {
        const all = uidsOf(await written.naive({ query: {}, order: by, timeZone: TIME_ZONE }))
        const page: Result[] = []
        // All of the page are equal: which are changed decides which are put elsewhere.
        for await (const result of await written.open({ query: {}, order: by, limit: 200 })) {
          page.push(result)
          if (page.length > 1) continue
          for (const uid of all.slice(150, 200)) await written.change(uid, { [START]: other })
        }
        const next = await written.page({ query: {}, order: by, after: page.at(-1)?.place })
        const seen = [...page, ...next].map(({ uid }) => uid)
        const moved = new Set(all.slice(150, 200))
        expect(seen.filter((uid) => !moved.has(uid))).to.deep.equal(all.filter((uid) => !moved.has(uid)))
        for (const uid of all.slice(150, 200)) await written.change(uid, contents(0))
      }
    }
  })

  it('are whole though some match no more when they are read', async () => {
    await written.create(...times(600))
    for (const query of QUERIES.slice(1)) {
      for (const by of [[], order(START), order(WEIGHT)]) {
        const all = uidsOf(await written.naive({ query, order: by, timeZone: TIME_ZONE }))
        const gone = new Set(all.slice(110, 130))
        const seen: string[] = []
        for await (const { uid } of await written.open({ query, order: by, limit: 145 })) {
          if (seen.push(uid) === 1) for (const one of gone) await written.change(one, {})
        }
        expect(seen).to.deep.equal(all.filter((uid) => !gone.has(uid)).slice(0, 145))
        await written.create(...times(180))
      }
    }
  }).timeout(60_000)

  for (const [what, tag, vr, [many, few, behind, before]] of [
    ['a text', LABEL, 'LO', ['Lung', 'Mouth', 'zu', 'Hull']],
    ['a time on clocks', START, 'DT', ['20260329031500', '20260329031600+0200', '20300101', '20200101']],
  ] as const) {
    it(`hold each workitem once that ${what} puts elsewhere while it is searched for`, async () => {
      const holding = (text: string): Dataset => ({
        [LABEL]: { vr: 'LO', Value: ['Lung'] },
        [tag]: { vr, Value: [text] },
      })
      const changeAll = (uids: Iterable<string>, text: string): Promise<unknown> =>
        Promise.all([...uids].map((uid) => written.change(uid, holding(text))))
      // More than are put in order one by one.
      await written.createAll(times(3_300).map((n) => holding(n % 12 > 0 ? many : few)))
      const by = order(tag)
      for (const query of [{}, keyed(LABEL, '*u*')]) {
        for (const next of [behind, before]) {
          const all = uidsOf(await written.naive({ query, order: by, timeZone: TIME_ZONE }))
          const moved = new Set(all.slice(300, 450))
          const stay = all.filter((uid) => !moved.has(uid))
          const changes = changeAll(moved, next)
          const first = await written.page({ query, order: by, limit: 350 })
          await changes
          const rest = await written.page({ query, order: by, after: first.at(-1)?.place })
          const seen = [...uidsOf(first), ...uidsOf(rest)]
          expect(seen.filter((uid) => !moved.has(uid))).to.deep.equal(stay)
          if (next === behind) expect(seen.toSorted()).to.deep.equal(all.toSorted())
          await changeAll(moved, many)

          const again = changeAll(moved, next)
          const whole = uidsOf(await written.page({ query, order: by }))
          await again
          expect(whole.toSorted(), 'in one page').to.deep.equal(all.toSorted())
          await changeAll(moved, many)
        }
      }
    }).timeout(60_000)
  }

  it('begin with an offset behind the place, and say how many match in all', async () => {
    await written.create(...times(250))
    for (const query of QUERIES) {
      for (const by of ORDERS) {
        const all = uidsOf(await written.naive({ query, order: by, timeZone: TIME_ZONE }))
        const [first] = await written.page({ query, order: by, offset: 40, limit: 1 })
        expect([first?.uid, first?.place.at]).to.deep.equal([all[40], 40])
        const rest = await written.page({ query, order: by, after: first?.place, offset: 7, limit: 5 })
        expect(uidsOf(rest)).to.deep.equal(all.slice(48, 53))
        expect(rest[0]?.place.at).to.equal(48)
        const wanted = {
          query,
          order: by,
          timeZone: TIME_ZONE,
          offset: 0,
          limit: 1,
          counted: true,
          after: first?.place,
        }
        for (const most of [Infinity, all.length, all.length - 1]) {
          const found = await search(written.where, { ...wanted, most })
          expect(found.outcome).to.equal(most < all.length ? 'too many' : 'found')
          if (found.outcome !== 'too broad') expect(found.matches).to.equal(all.length)
          if (found.outcome === 'found') await found.page.return(undefined)
        }
      }
    }
  })

  it('believe no hint, however wrong', async () => {
    await written.create(...times(300))
    for (const query of QUERIES) {
      for (const by of [[], order(`-${START}`), order(WEIGHT)]) {
        const all = uidsOf(await written.naive({ query, order: by, timeZone: TIME_ZONE }))
        const [first] = await written.page({ query, order: by, offset: 20, limit: 1 })
        if (!first) throw new Error('nothing was found')
        for (const at of [0, 1, 19, 37, 100, all.length, 5_000, Number.MAX_SAFE_INTEGER]) {
          const page = await written.page({ query, order: by, after: { ...first.place, at }, limit: 30 })
          expect(uidsOf(page), `${at}`).to.deep.equal(all.slice(21, 51))
        }
      }
    }
  })

  it('begin behind a place that nobody ever had, and behind the last one there is nothing', async () => {
    await written.create(...times(60))
    const by = order(START)
    const naive = await written.naive({ query: {}, order: by, timeZone: TIME_ZONE })
    const [key] = naive[30]?.keys ?? []
    const between: Place = { keys: [Number(key) - 1], sequence: 1 as Place['sequence'], at: 3 }
    const expected = naive.filter((one) => isGreater(one, between, by))
    expect(uidsOf(await written.page({ query: {}, order: by, after: between }))).to.deep.equal(uidsOf(expected))
    const last = (await written.page({ query: {}, order: by })).at(-1)
    expect(await written.page({ query: {}, order: by, after: last?.place })).to.deep.equal([])
    expect(await written.page({ query: {}, order: by, after: between, limit: 0 })).to.deep.equal([])
  })
}

describe('Pages behind a place, by the search of the store itself', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let store: Store
  pages(
    async () => {
      folder = temporaryFolder()
      store = openSqliteStore({ file: join(folder.path, 'worklist.db') })
      return new Written(store)
    },
    async () => {
      await store.close()
      folder.remove()
    },
    Number(process.env['PAGES_RUNS'] ?? 25),
  )
})

async function startIndexed(): Promise<{ readonly searched: SearchedStore; readonly written: Written }> {
  const searched = new SearchedStore((await elasticsearch()).url)
  await searched.start()
  return { searched, written: new Written(searched.store, searched.engine) }
}

describeWithElasticsearch('Pages behind a place, by Elasticsearch', () => {
  let searched: SearchedStore
  let written: Written
  pages(
    async () => {
      ;({ searched, written } = await startIndexed())
      return written
    },
    async () => {
      expect(new Set(written.answeredBy)).to.include('index')
      await searched.end()
    },
    Number(process.env['PAGES_RUNS'] ?? 6),
  )
})

describeWithElasticsearch('A page of an index that goes away in the middle', () => {
  let searched: SearchedStore
  let written: Written
  beforeEach(async () => {
    ;({ searched, written } = await startIndexed())
  })
  afterEach(() => searched.end())

  for (const by of [[], order(START, `-${NAME}`)]) {
    it(`goes on in the store behind the last one given, ${by.length > 0 ? 'in order' : 'in order of creation'}`, async () => {
      await written.create(...times(400))
      await searched.untilApplied()
      const naive = await written.naive({ query: {}, order: by, timeZone: TIME_ZONE })
      const [behind] = await written.page({ query: {}, order: by, offset: 9, limit: 1 })
      const seen: string[] = []
      const touched = new Set<string>()
      for await (const { uid } of await written.open({ query: {}, order: by, after: behind?.place, limit: 350 })) {
        seen.push(uid)
        if (seen.length !== 10) continue
        await searched.cluster.indices.delete({ index: await searched.live() })
        // Before and behind the place where it goes on.
        for (const { uid: some } of [...naive.slice(2, 9), ...naive.slice(200, 210)]) {
          touched.add(some)
          await written.delete(some)
        }
      }
      expect(written.answeredBy.slice(-2)).to.deep.equal(['index', 'store'])
      const expected = uidsOf(naive)
        .slice(10)
        .filter((uid) => !touched.has(uid))
      expect(seen).to.deep.equal(expected.slice(0, 350))
    })
  }
})
