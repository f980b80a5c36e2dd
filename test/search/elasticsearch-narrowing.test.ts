/**
 * What Elasticsearch finds for queries of matching (plugin/search/query.ts), in which order (sort.ts), among documents of all
 * kinds (document.ts): never less than the matcher says, and not more where it is said to be exact.
 */
import { Client, type estypes } from '@elastic/elasticsearch'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { parseAttributeId } from '../../plugin/dicom/dictionary.ts'
import { matches } from '../../plugin/dicom/matching.ts'
import { compareSortKeys, type Ordering, sortKeysOf } from '../../plugin/dicom/order.ts'
import { parseQueryKeys, type Query, type QueryKey, type QueryOptions } from '../../plugin/dicom/query.ts'
import { documentOf } from '../../plugin/search/document.ts'
import { INDEX_TEMPLATE } from '../../plugin/search/mapping.ts'
import { queryOf } from '../../plugin/search/query.ts'
import { disorderOf, sortOf } from '../../plugin/search/sort.ts'
import type { Listed, Position, Sequence } from '../../plugin/store/store.ts'
import { accepted } from '../dicom/support.ts'
import { describeWithElasticsearch, elasticsearch, indexPrefix, removeIndices } from '../support/elasticsearch.ts'
import { arbitraryOrder, arbitraryQuery, arbitraryWorkitem, LONG_TEXTS } from './narrowing-arbitrary.ts'

const ZONES = ['Europe/Vienna', 'Pacific/Apia'] as const
const [INDEXED] = ZONES

/** Named in what fails; from the environment, to see a failure again. */
const SEED = Number(process.env['ARCHIVE_UPS_TEST_SEED'] ?? Math.floor(Math.random() * 1e9))
const WORKITEMS = 300
const QUERIES = 600
const ORDERS = 100

/** Of one search. */
const MOST_FOUND = 500

/** In one request. */
const SEARCHES = 100

interface Search {
  readonly query: estypes.QueryDslQueryContainer
  readonly sort?: estypes.SortCombinations[]
}

describeWithElasticsearch('Elasticsearch narrows a search', () => {
  const prefix = indexPrefix()
  let client: Client
  let url: string

  before(async () => {
    ;({ url } = await elasticsearch())
    client = new Client({ node: url })
  })
  after(async () => {
    await client?.close()
    if (url) await removeIndices(url, prefix)
  })

  /** Documents of the datasets, whose place in the list is their sequence. */
  async function index(name: string, datasets: readonly Dataset[]): Promise<void> {
    await client.indices.create({ index: `${prefix}-${name}`, ...INDEX_TEMPLATE })
    const { errors, items } = await client.bulk({
      index: `${prefix}-${name}`,
      refresh: true,
      operations: datasets.flatMap((dataset, i) => [
        { index: { _id: String(i) } },
        documentOf(listed(i), dataset, INDEXED),
      ]),
    })
    const failures = items.map(({ index: item }) => item?.error?.reason).filter((reason) => reason !== undefined)
    if (errors) throw new Error(failures.join('\n').slice(0, 1000))
  }

  /** Places of the datasets that each search finds, in its order. */
  async function find(name: string, searches: readonly Search[]): Promise<readonly (readonly number[])[]> {
    const found: (readonly number[])[] = []
    for (let start = 0; start < searches.length; start += SEARCHES) {
      const { responses } = await client.msearch({
        searches: searches
          .slice(start, start + SEARCHES)
          .flatMap(({ query, sort }) => [
            { index: `${prefix}-${name}` },
            { query, ...(sort && { sort }), size: MOST_FOUND, _source: false },
          ]),
      })
      for (const response of responses) {
        if ('error' in response) throw new Error(JSON.stringify(response.error).slice(0, 2000))
        found.push(response.hits.hits.map(({ _id: id }) => Number(id)))
      }
    }
    return found
  }

  describe(`whatever the workitems and queries (seed ${SEED})`, () => {
    let datasets: readonly Dataset[]

    before(async () => {
      datasets = fc.sample(arbitraryWorkitem, { seed: SEED, numRuns: WORKITEMS })
      await index('any', datasets)
    })

    for (const timeZone of ZONES) {
      it(`to what matches, in ${timeZone}`, async () => {
        const queries = fc.sample(arbitraryQuery, { seed: SEED, numRuns: QUERIES })
        const narrowed = queries.map((query) => queryOf(query, timeZone))
        const nothing = { match_none: {} }
        const found = await find('any', narrowed)
        const undecided = await find(
          'any',
          narrowed.map(({ exactUnless }) => ({ query: exactUnless ?? nothing })),
        )
        const counts = { matches: 0, exact: 0, narrow: 0 }
        queries.forEach((query, i) => {
          const { exact, exactUnless } = narrowed[i] ?? { exact: false }
          const [hits, unsure] = [new Set(found[i]), new Set(undecided[i])]
          datasets.forEach((dataset, place) => {
            const isMatch = matches(query, dataset, { timeZone })
            if (isMatch && !hits.has(place)) fail('is not found', query, dataset, narrowed[i])
            const isSure = exact || (exactUnless !== undefined && !unsure.has(place))
            if (!isMatch && hits.has(place) && isSure) fail('is found', query, dataset, narrowed[i])
            if (isMatch) counts.matches++
          })
          if (exact) counts.exact++
          if (hits.size < datasets.length) counts.narrow++
        })
        // Else this would say little.
        expect(counts.matches).to.be.above(QUERIES)
        expect(counts.exact).to.be.above(QUERIES / 3)
        expect(counts.narrow).to.be.above(QUERIES / 2)
      })
    }

    it('and in the order of sort keys, but for workitems that it names', async () => {
      const orders = fc.sample(arbitraryOrder, { seed: SEED, numRuns: ORDERS })
      const zones = { asked: INDEXED, indexed: INDEXED }
      const searches = orders.map((order) => ({
        query: { bool: { must_not: [disorderOf(order)] } },
        sort: sortOf(order, zones) ?? [],
      }))
      const found = await find('any', searches)
      found.forEach((places, i) => {
        const order = orders[i] ?? []
        expect(places.length).to.be.above(WORKITEMS / 3)
        expect(places, JSON.stringify(order)).to.deep.equal(inOrder(places, datasets, order))
      })
    })
  })

  describe('around the days when clocks are put forward or back,', () => {
    const HALF_HOUR = 1_800_000
    /** Apia leaves out 30 December 2011. */
    const changes: readonly (readonly [string, string])[] = [
      ['Europe/Vienna', '2026-03-29'],
      ['Europe/Vienna', '2026-10-25'],
      ['Pacific/Apia', '2011-12-30'],
      ['Pacific/Apia', '2012-04-01'],
    ]
    /** Every half hour, that day in the middle. */
    const clocks = (day: string, days: number): readonly string[] =>
      Array.from({ length: days * 48 }, (_, i) =>
        new Date(Date.parse(day) + (i - (days - 1) * 24) * HALF_HOUR)
          .toISOString()
          .replaceAll(/[-T:]/g, '')
          .slice(0, 12),
      )

    for (const [timeZone, day] of changes) {
      it(`to instants on clocks of ${timeZone} about ${day}`, async () => {
        const datasets = clocks(day, 6).map((clock) => ({ '00404005': { vr: 'DT', Value: [clock] } }) as const)
        await index(`clocks-${day}`, datasets)
        const queries = clocks(day, 4)
          .flatMap((clock) => [`${clock}+0000-`, `-${clock}+0000`])
          .map((range) => accepted(parseQueryKeys([{ name: '00404005', list: [range] }])))
        const narrowed = queries.map((query) => queryOf(query, timeZone))
        const found = await find(`clocks-${day}`, narrowed)
        queries.forEach((query, i) => {
          const expected = datasets.flatMap((dataset, place) => (matches(query, dataset, { timeZone }) ? [place] : []))
          const hits = found[i]?.toSorted((a, b) => a - b)
          if (narrowed[i]?.exact) expect(hits, JSON.stringify(query)).to.deep.equal(expected)
          else expect(hits, JSON.stringify(query)).to.include.members(expected)
        })
        expect(narrowed.some(({ exact }) => exact)).to.equal(true)
        expect(narrowed.some(({ exact }) => !exact)).to.equal(true)
      })
    }
  })

  describe('in the worst cases:', () => {
    const labels = (list: readonly string[]): readonly Dataset[] =>
      list.map((text) => ({ '00741202': { vr: 'LO', Value: [text] } }))
    const byLabel = [{ tag: '00741202', descending: false }]
    const query = (keys: readonly QueryKey[], options?: QueryOptions): Query => accepted(parseQueryKeys(keys, options))

    it('says which workitems are not in their place, since their text is too long or not well-formed', async () => {
      await index('long', labels(['B', ...LONG_TEXTS, 'A', 'a\ud800']))
      const [misplaced, sorted] = await find('long', [
        { query: disorderOf(byLabel) },
        { query: { match_all: {} }, sort: sortOf(byLabel, { asked: 'UTC', indexed: 'UTC' }) ?? [] },
      ])
      expect(misplaced?.toSorted()).to.deep.equal([1, 2, 3, 5])
      expect(sorted).to.have.length(6)
    })

    async function findsAll(name: string, datasets: readonly Dataset[], queries: readonly Query[]): Promise<void> {
      await index(name, datasets)
      const found = await find(
        name,
        queries.map((one) => queryOf(one, 'UTC')),
      )
      queries.forEach((one, i) => {
        datasets.forEach((dataset, place) => {
          if (matches(one, dataset)) expect(found[i], JSON.stringify(one).slice(0, 1000)).to.include(place)
        })
      })
    }

    it('answers patterns that Lucene does not like', async () => {
      const patterns = [
        `*${'a'.repeat(500)}`,
        `*${'😀'.repeat(200)}`,
        '*a'.repeat(250),
        `*a${'?'.repeat(400)}`,
        '?*'.repeat(250),
        `${'a'.repeat(100)}*a??????????a*`,
        '?a'.repeat(250),
        ...[63, 64, 65].map((length) => `*${'a'.repeat(length - 6)}???aa`),
        ...[62, 63, 64].map((length) => `*${'😀'.repeat(length / 2 - 4)}???😀`),
      ]
      await findsAll(
        'patterns',
        labels(['a'.repeat(600), 'b', '😀'.repeat(600)]),
        patterns.map((pattern) => query([{ name: 'WorklistLabel', list: [pattern] }])),
      )
    })

    it('answers queries of very many names, ranges, patterns and keys', async () => {
      const list = (length: number, one: (i: number) => string): readonly string[] =>
        Array.from({ length }, (_, i) => one(i))
      const names = ['PatientID', 'WorklistLabel', '00380010', 'IssuerOfPatientID', '00741204', '00741200']
      await findsAll(
        'many',
        [
          ...labels(['b', 'c']),
          { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'A7^B', Ideographic: 'C^D' }] } },
          { '00404005': { vr: 'DT', Value: ['1500'] } },
          Object.fromEntries(names.map((name) => [parseAttributeId(name), { vr: 'LO', Value: ['a7'] }])),
        ],
        [
          query([{ name: 'PatientName', list: list(1000, (i) => `A${i}^B=C^D=`) }], { fuzzymatching: true }),
          query([{ name: '00404005', list: list(1000, (i) => `${1000 + i}-${2000 + i}`) }]),
          query([{ name: 'WorklistLabel', list: ['b', ...list(256, () => 'b*')] }]),
          query(names.map((name) => ({ name, list: list(20, (i) => `a${i}?`) }))),
          query(names.map((name) => ({ name, list: list(160, (i) => `a${i}`) }))),
        ],
      )
    })

    it('takes a workitem of very many items, and finds each of them', async () => {
      const items = Array.from({ length: 20_000 }, (_, i) => ({
        '00080100': { vr: 'SH', Value: [String(i)] } as const,
      }))
      await index('items', [{ '00404025': { vr: 'SQ', Value: items } }])
      const name = 'ScheduledStationNameCodeSequence.CodeValue'
      const searches = ['0', '19999', '20000'].map((value) => queryOf(query([{ name, list: [value] }]), 'UTC'))
      expect(await find('items', searches)).to.deep.equal([[0], [0], []])
    })
  })
})

const listed = (i: number): Listed => ({
  sequence: i as Sequence,
  uid: `1.2.${i}`,
  version: (i + 1) as Position,
  json: '',
})

function inOrder(
  places: readonly number[],
  datasets: readonly Dataset[],
  order: readonly Ordering[],
): readonly number[] {
  const keys = new Map(places.map((place) => [place, sortKeysOf(datasets[place] ?? {}, order, INDEXED)]))
  return places
    .toSorted((a, b) => a - b)
    .toSorted((a, b) => compareSortKeys(keys.get(a) ?? [], keys.get(b) ?? [], order))
}

/** Shows what has gone wrong, without texts that are very long. */
function fail(what: string, query: Query, dataset: Dataset, narrowed: unknown): never {
  const shown = { query, narrowed, document: documentOf(listed(0), dataset, INDEXED), dataset }
  const text = JSON.stringify(shown, (_, value: unknown) =>
    typeof value === 'string' && value.length > 100 ? `${value.slice(0, 10)}...(${value.length})` : value,
  )
  throw new Error(`${what} (seed ${SEED}): ${text}`)
}
