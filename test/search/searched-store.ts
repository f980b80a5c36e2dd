/** A real store with a real Elasticsearch that follows it, and what is to be seen of both. */
import { Client } from '@elastic/elasticsearch'
import { expect } from 'chai'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { Query } from '../../plugin/dicom/query.ts'
import { ElasticsearchSearch } from '../../plugin/search/elasticsearch-search.ts'
import type { SearchTally } from '../../plugin/search/ports.ts'
import type { ElasticsearchSettings } from '../../plugin/search/settings.ts'
import type { Candidates, Criteria } from '../../plugin/store/candidates.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Listed, Position, Store } from '../../plugin/store/store.ts'
import { change, creation } from '../store/contract.ts'
import { deletion } from '../support/deletion.ts'
import { indexPrefix, removeIndices } from '../support/elasticsearch.ts'
import { temporaryFolder } from '../support/folder.ts'
import { closed, opened } from '../support/leaks.ts'
import { until } from '../support/until.ts'

const ZONE = 'Europe/Vienna'
const LABEL = '00741202'

/** With what it is found by. */
export const labelled = (uid: string, label: string): Dataset => ({
  '00080018': { vr: 'UI', Value: [uid] },
  [LABEL]: { vr: 'LO', Value: [label] },
})

export const withLabel = (label: string): Query => ({ [LABEL]: { type: 'text', values: [label], patterns: [] } })

class Counts implements SearchTally {
  writes = 0
  refusals = 0
  lag = 0
  failures = 0
  refreshes = 0
  indexed(workitems: number): void {
    this.writes += workitems
  }
  refused(workitems: number): void {
    this.refusals += workitems
  }
  behind(entries: number): void {
    this.lag = entries
  }
  failed(): void {
    this.failures++
  }
  refreshed(): void {
    this.refreshes++
  }
}

export interface Line {
  readonly level: string
  readonly fields: object
  readonly message: string
}

export class SearchedStore {
  readonly #folder = temporaryFolder()
  readonly #direct: Client
  readonly #url: string
  readonly #versions = new Map<string, Position>()
  readonly prefix = `${indexPrefix()}-`
  readonly counts = new Counts()
  readonly lines: Line[] = []
  store: Store
  timeZone: string | undefined = ZONE
  engine!: ElasticsearchSearch

  /** `url`: of the cluster, also where the engine reaches it in another way. */
  constructor(url: string) {
    this.#url = url
    this.#direct = new Client({ node: url })
    this.store = this.#open()
  }

  /** The cluster without the engine in between. */
  get cluster(): Client {
    return this.#direct
  }

  /** Fulfilled when it answers. */
  async start(settings: Partial<ElasticsearchSettings> = {}): Promise<ElasticsearchSearch> {
    this.startOnly(settings)
    await this.untilReady()
    return this.engine
  }

  startOnly(settings: Partial<ElasticsearchSettings> = {}): ElasticsearchSearch {
    const log = (level: string) => (fields: object, message: string) => void this.lines.push({ level, fields, message })
    const engine = ElasticsearchSearch.start(
      { nodes: [this.#url], prefix: this.prefix, ...settings },
      {
        store: this.store,
        timeZone: () => this.timeZone,
        logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
        tally: this.counts,
      },
    )
    opened(engine, 'an engine of search')
    this.engine = engine
    return engine
  }

  untilReady(within = 20_000): Promise<void> {
    return until(() => this.engine.status().state === 'ready', within)
  }

  /** Until the index has all there is. */
  async untilApplied(within = 20_000): Promise<void> {
    await until(async () => (await this.find()) !== undefined, within)
  }

  async stop(): Promise<void> {
    await this.engine.stop()
    closed(this.engine)
  }

  /** Everything, with the data of the store and the cluster. */
  async end(): Promise<void> {
    await this.stop()
    await this.store.close()
    this.#folder.remove()
    await this.#direct.close()
    await removeIndices(this.#url, this.prefix).catch(() => undefined)
  }

  /** Another, empty store. */
  async renewStore(): Promise<void> {
    await this.store.close()
    this.#file = 'other.db'
    this.store = this.#open()
    this.#versions.clear()
  }

  #file = 'worklist.db'

  #open(): Store {
    return openSqliteStore({ file: join(this.#folder.path, this.#file) })
  }

  async create(uid: string, label = 'a'): Promise<void> {
    this.#versions.set(uid, await this.store.commit(creation(uid, { attributes: labelled(uid, label) })))
  }

  async createMany(from: number, below: number, label = 'a'): Promise<void> {
    const numbers = Array.from({ length: below - from }, (_, i) => from + i)
    await Promise.all(numbers.map((n) => this.create(`1.2.${n}`, label)))
  }

  async relabel(uid: string, label: string): Promise<void> {
    await this.replace(uid, labelled(uid, label))
  }

  async replace(uid: string, attributes: Dataset): Promise<void> {
    this.#versions.set(uid, await this.store.commit(change(uid, this.#version(uid), { attributes })))
  }

  async delete(uid: string): Promise<void> {
    await this.store.commit(deletion(uid, this.#version(uid)))
    this.#versions.delete(uid)
  }

  /** As after thirty days. */
  forgetTombstones(): void {
    this.#execute('DELETE FROM tombstone')
  }

  /** As after seven days. */
  forgetFeed(through: number): void {
    this.#execute(`DELETE FROM feed WHERE position <= ${through}`)
  }

  #execute(sql: string): void {
    const database = new DatabaseSync(join(this.#folder.path, this.#file), { timeout: 1_000 })
    database.exec(sql)
    database.close()
  }

  #version(uid: string): Position {
    const version = this.#versions.get(uid)
    if (version === undefined) throw new Error(`the test has no ${uid}`)
    return version
  }

  find(query: Query = {}, order: Criteria['order'] = []): Promise<Candidates | undefined> {
    return this.engine.find({ query, order, timeZone: ZONE })
  }

  /** Where it must answer. */
  async found(query: Query = {}): Promise<Candidates> {
    const found = await this.find(query)
    if (!found) throw new Error('it does not answer')
    return found
  }

  /** UIDs in the order found; undefined: it does not answer. */
  async uids(query: Query = {}, order: Criteria['order'] = []): Promise<readonly string[] | undefined> {
    const found = await this.find(query, order)
    return found && (await read(found)).map(({ uid }) => uid)
  }

  async labels(label: string): Promise<readonly string[] | undefined> {
    return this.uids(withLabel(label))
  }

  /** Names of physical indices, whatever they are for. */
  async indices(): Promise<readonly string[]> {
    return Object.keys(await this.#direct.indices.getAlias({ index: `${this.prefix}*` })).toSorted()
  }

  async live(): Promise<string> {
    const names = Object.keys(await this.#direct.indices.getAlias({ name: `${this.prefix}workitem` }))
    if (names.length !== 1 || names[0] === undefined) throw new Error(`the alias stands for ${names.join(', ')}`)
    return names[0]
  }

  /** The index holds the workitems of the store, each at its version, and nothing else. */
  async expectSame(): Promise<void> {
    const index = await this.live()
    await this.#direct.indices.refresh({ index })
    const { hits } = await this.#direct.search<{ readonly sequence: number }>({
      index,
      size: 10_000,
      version: true,
      sort: ['sequence'],
    })
    const indexed = hits.hits.map(({ _id: uid, _version: version, _source: document }) => ({
      uid,
      version,
      sequence: document?.sequence,
    }))
    const stored = await this.store.list({ limit: 1_000_000 })
    expect(indexed).to.deep.equal(stored.map(({ uid, version, sequence }) => ({ uid, version, sequence })))
  }
}

export async function read(found: Candidates, skip = 0): Promise<readonly Listed[]> {
  const all: Listed[] = []
  for await (const page of found.pages(skip)) all.push(...page)
  return all
}
