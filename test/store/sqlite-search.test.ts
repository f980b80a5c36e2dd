/** How the embedded store keeps its index of search: over restarts, crashes, new versions of it and full disks. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import type { Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import { stringifyDataset } from '../../plugin/dicom/json.ts'
import { matches } from '../../plugin/dicom/matching.ts'
import { compareSortKeys, type Ordering, sortKeysOf } from '../../plugin/dicom/order.ts'
import { parseQueryKeys, type Query } from '../../plugin/dicom/query.ts'
import { hasCode } from '../../plugin/errors.ts'
import type { Criteria } from '../../plugin/store/candidates.ts'
import { replacedBetween } from '../../plugin/store/replaced.ts'
import { takeHold } from '../../plugin/store/sqlite/hold.ts'
import { migrate } from '../../plugin/store/sqlite/migrate.ts'
import { configure, openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import { SqliteStore } from '../../plugin/store/sqlite/sqlite-store.ts'
import type { Position, Store } from '../../plugin/store/store.ts'
import { storedDataset } from '../../plugin/store/stored-dataset.ts'
import { reportsOfCreation, reportsOfStates } from '../../plugin/ups/event-reports.ts'
import type { State } from '../../plugin/ups/workitem.ts'
import { accepted } from '../dicom/support.ts'
import { deletion } from '../support/deletion.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { closed, opened } from '../support/leaks.ts'
import { changed, sample } from '../support/workitems.ts'
import { change, creation, rejection } from './contract.ts'

const LABEL = '00741202'
const START = '00404005'
const NAME = '00100010'
const STATE = '00741000'

const LABELS = ['Lung', 'Heart', 'Knee', 'lung', 'Lung 2'] as const

/** What is searched for here, of the workitem of that number. */
const contents = (n: number): Dataset => ({
  [LABEL]: { vr: 'LO', Value: [LABELS[n % LABELS.length] ?? ''] },
  [START]: { vr: 'DT', Value: [`202603${two(1 + (n % 28))}${two(n % 24)}${two(n % 60)}${n % 3 ? '' : '+0100'}`] },
  [NAME]: { vr: 'PN', Value: [{ Alphabetic: `DOE${n % 37}^J${n % 11}` }] },
})

const two = (n: number): string => String(n).padStart(2, '0')
const times = <T>(count: number, one: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => one(i))

const queryOf = (name: string, text: string): Query => accepted(parseQueryKeys([{ name, list: [text] }], {}))
const by = (tag: Tag, descending = false): readonly Ordering[] => [{ tag, descending }]

const EVERYTHING: Criteria = { query: {}, order: by(START), timeZone: 'Europe/Vienna' }
const LUNG: Criteria = { query: queryOf(LABEL, 'Lung'), order: [], timeZone: 'Europe/Vienna' }
const SEARCHES: readonly Criteria[] = [
  LUNG,
  { ...EVERYTHING, order: by(START, true) },
  { ...EVERYTHING, query: queryOf(NAME, 'doe1*'), order: by(LABEL) },
  { ...EVERYTHING, query: queryOf(START, '20260305-20260310') },
]

/** A search finds what a look at every workitem finds. @returns how many it found */
async function expectRight(store: Store, criteria: Criteria): Promise<number> {
  const { query, order, timeZone } = criteria
  const candidates = await store.find(criteria)
  const isWanted = (dataset: Dataset): boolean => matches(query, dataset, { timeZone })
  const found: string[] = []
  for await (const page of candidates.pages(0)) {
    const wanted = page.filter(({ json }) => candidates.exact || isWanted(storedDataset(json)))
    found.push(...wanted.map(({ uid }) => uid))
  }
  const all = (await store.list({ limit: 1_000_000 })).map(({ uid, json }) => ({ uid, dataset: storedDataset(json) }))
  const wanted = all
    .filter(({ dataset }) => isWanted(dataset))
    .map(({ uid, dataset }) => ({ uid, keys: sortKeysOf(dataset, candidates.ordered ? order : [], timeZone) }))
  const expected = wanted.toSorted((a, b) => compareSortKeys(a.keys, b.keys, order)).map(({ uid }) => uid)
  if (found.join() !== expected.join()) {
    const missing = expected.filter((uid) => !found.includes(uid))
    const others = found.filter((uid) => !expected.includes(uid))
    const [some, more] = [missing.slice(0, 5).join(), others.slice(0, 5).join()]
    throw new Error(
      `${JSON.stringify(criteria)}: found ${found.length} of ${expected.length}, not ${some || '-'}, but ${more || '-'}`,
    )
  }
  return found.length
}

async function expectAllRight(store: Store): Promise<void> {
  for (const criteria of SEARCHES) await expectRight(store, criteria)
}

/** The store goes by its index: it does not give an order otherwise. */
const isIndexed = async (store: Store): Promise<boolean> => (await store.find(EVERYTHING)).ordered

/** Commits to a store, and remembers versions. */
class Writer {
  readonly versions = new Map<string, Position>()
  readonly store: Store
  constructor(store: Store) {
    this.store = store
  }

  async create(uid: string, attributes: Dataset): Promise<void> {
    this.versions.set(uid, await this.store.commit(creation(uid, { attributes })))
  }

  createMany(from: number, below: number): Promise<unknown> {
    return Promise.all(times(below - from, (i) => this.create(`1.${from + i}`, contents(from + i))))
  }

  async change(uid: string, changes: Dataset, state: State = 'SCHEDULED'): Promise<void> {
    const loaded = await this.store.load(uid)
    if (loaded.is !== 'there') throw new Error(`${uid} is not there`)
    const { attributes } = loaded.workitem
    const next = { ...attributes, ...changes }
    const replaced = replacedBetween(attributes, next)
    this.versions.set(
      uid,
      await this.store.commit(change(uid, loaded.version, { attributes: next, state }, { replaced })),
    )
  }

  async delete(uid: string): Promise<void> {
    const loaded = await this.store.load(uid)
    if (loaded.is !== 'there') throw new Error(`${uid} is not there`)
    await this.store.commit(deletion(uid, loaded.version))
    this.versions.delete(uid)
  }
}

describe('The search index of the embedded store', () => {
  let folder: Folder
  let store: SqliteStore | undefined
  const file = (name = 'worklist.db'): string => join(folder.path, name)
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await store?.close()
    store = undefined
    folder.remove()
  })

  const open = (name?: string): SqliteStore => (store = openSqliteStore({ file: file(name) }))

  /** What is in the file, whoever has it open. */
  function ask<Result>(work: (database: DatabaseSync) => Result, name?: string): Result {
    const database = new DatabaseSync(file(name), { timeout: 1_000 })
    try {
      return work(database)
    } finally {
      database.close()
    }
  }

  const numberOf = (sql: string, name?: string): number =>
    ask((database) => Number(Object.values(database.prepare(sql).get() ?? {})[0]), name)

  const through = (): number => numberOf('SELECT through FROM search_progress')
  const unwritten = (name?: string): number =>
    numberOf('SELECT (SELECT max(position) FROM feed) - position FROM search_progress', name)

  /** One row for each workitem, and nothing wrong with them. */
  function expectWhole(): void {
    expect(numberOf('SELECT count(*) FROM workitem')).to.equal(numberOf('SELECT count(*) FROM search_docsize'))
    expect(numberOf('SELECT count(*) FROM search_docsize WHERE id NOT IN (SELECT sequence FROM workitem)')).to.equal(0)
    ask((database) => database.exec("INSERT INTO search (search) VALUES ('integrity-check')"))
  }

  /** As another process would, that is in the middle of its life. */
  async function disturb(at: Store, from: number): Promise<void> {
    const writer = new Writer(at)
    await writer.createMany(from, from + 5)
    await writer.change(`1.${from - 3}`, contents(from + 100))
    await writer.change('1.3', { [LABEL]: { vr: 'LO', Value: ['Lung'] } })
    await writer.delete(`1.${from - 7}`)
    await writer.delete(`1.${from - 600}`)
  }

  describe('of a file of the schema before it', () => {
    beforeEach(() => {
      const database = new DatabaseSync(file())
      for (const name of ['0001-worklist', '0002-subscriptions']) {
        database.exec(readFileSync(new URL(`../../schema/sqlite/${name}.sql`, import.meta.url), 'utf8'))
      }
      database.exec('PRAGMA user_version = 2')
      database.exec(`PRAGMA application_id = ${0x55505331}`)
      const feed = database.prepare(
        "INSERT INTO feed (position, uid, kind, at, state, reports) VALUES (?, ?, 'create', 0, 'SCHEDULED', '[]')",
      )
      const workitem = database.prepare(
        `INSERT INTO workitem (uid, position, created_at, state, receiving_ae, dataset)
         VALUES (?, ?, ?, 'SCHEDULED', 'WORKLIST', ?)`,
      )
      database.exec('BEGIN')
      for (let n = 0; n < 700; n++) {
        feed.run(n + 1, `1.${n}`)
        workitem.run(`1.${n}`, n + 1, n + 1, stringifyDataset(contents(n)))
      }
      database.exec('COMMIT')
      database.close()
    })

    it('is made while searches look at everything, and is then gone by', async () => {
      const live = open()
      expect(await isIndexed(live)).to.equal(false)
      await expectAllRight(live)
      await disturb(live, 700)
      await expectAllRight(live)
      await live.indexed
      expect(await isIndexed(live)).to.equal(true)
      expect(await expectRight(live, LUNG)).to.be.greaterThan(100)
      await expectAllRight(live)
      expectWhole()
    })
  })

  describe('of another version', () => {
    beforeEach(async () => {
      await new Writer(open()).createMany(0, 700)
      await store?.close()
      ask((database) => {
        database.exec("UPDATE search_progress SET version = 'x'")
        database.exec("INSERT INTO search (rowid, terms) VALUES (1000000, 'anything')")
      })
    })

    it('is made anew while commits go on', async () => {
      const live = open()
      const writer = new Writer(live)
      expect(await isIndexed(live)).to.equal(false)
      for (let n = 710; !(await isIndexed(live)); n++) {
        await writer.create(`1.${n}`, contents(n))
        await expectRight(live, LUNG)
      }
      expect(await live.count()).to.be.greaterThan(700)
      await live.indexed
      await disturb(live, 700)
      expect(await isIndexed(live)).to.equal(true)
      await expectAllRight(live)
      expectWhole()
    })

    it('goes on where it was when it was closed in the middle', async () => {
      open()
      while (through() < 200) await setImmediate()
      await store?.close()
      const at = through()
      expect(at).to.be.greaterThan(0).and.lessThan(700)
      const live = open()
      expect(through()).to.equal(at)
      expect(await isIndexed(live)).to.equal(false)
      await disturb(live, 700)
      await expectAllRight(live)
      await live.indexed
      expect(await isIndexed(live)).to.equal(true)
      await expectAllRight(live)
      expectWhole()
    })
  })

  describe('made anew by command', () => {
    beforeEach(() => new Writer(open()).createMany(0, 700))

    const at = (): SqliteStore => {
      if (!store) throw new Error('there is no store')
      return store
    }

    it('says how far it is, to the end, and how many there were', async () => {
      const seen: [number, number][] = []
      expect(await at().reindex((done, all) => void seen.push([done, all]))).to.equal(700)
      expect(seen.length).to.be.greaterThan(2)
      expect(seen.at(-1)).to.deep.equal([700, 700])
      seen.forEach(([done, all], i) => {
        expect(done)
          .to.be.at.most(all)
          .and.at.least(seen[i - 1]?.[0] ?? 1)
      })
      expectWhole()
    })

    it('lets searches be right and finds what is committed meanwhile', async () => {
      const writer = new Writer(at())
      const made = at().reindex()
      await writer.change('1.2', contents(0))
      for (let n = 700; n < 710; n++) {
        expect(await isIndexed(at())).to.equal(true)
        await expectRight(at(), SEARCHES[n % SEARCHES.length] ?? LUNG)
        await writer.create(`1.${n}`, contents(n))
        await writer.delete(`1.${n - 100}`)
        await writer.change(`1.${n - 700}`, contents(n))
      }
      expect(await made).to.be.within(690, 710)
      expect(await isIndexed(at())).to.equal(true)
      await expectAllRight(at())
      expectWhole()
    })

    /** Of a workitem that is no more. */
    const STRAY = 'INSERT INTO search (rowid, terms) VALUES (1000000, (SELECT max(term) FROM search_term))'

    it('mends one that holds what is no more', async () => {
      await expectAllRight(at())
      ask((database) => database.exec(STRAY))
      expect(numberOf('SELECT count(*) FROM search_docsize')).to.equal(701)
      await at().reindex()
      await expectAllRight(at())
      expectWhole()
    })

    it('mends one that has lost everything', async () => {
      await expectAllRight(at())
      ask((database) => database.exec("INSERT INTO search (search) VALUES ('delete-all')"))
      expect((await at().find(LUNG)).ordered).to.equal(true)
      await at().reindex()
      await expectAllRight(at())
      expectWhole()
    })

    it('twice at once: both say how many there were', async () => {
      expect(await Promise.all([at().reindex(), at().reindex()])).to.deep.equal([700, 700])
      expect(await isIndexed(at())).to.equal(true)
      await expectAllRight(at())
      expectWhole()
    })

    for (const [how, criteria] of [
      ['in order of creation', LUNG],
      ['in order', EVERYTHING],
    ] as const) {
      it(`does not take anything from a search under way, ${how}`, async () => {
        const all = await expectRight(at(), criteria)
        const candidates = await at().find(criteria)
        const pages = candidates.pages(0)[Symbol.asyncIterator]()
        const first = await pages.next()
        let read = first.done ? 0 : first.value.length
        const made = at().reindex()
        await setImmediate()
        await setImmediate()
        for (let next = await pages.next(); !next.done; next = await pages.next()) read += next.value.length
        await made
        expect(read).to.equal(all)
      })
    }

    it('fails when the store is closed before the end', async () => {
      for (const turns of [0, 1, 2, 3]) {
        const live = turns === 0 ? at() : open()
        const made = rejection(live.reindex())
        for (let turn = 0; turn < turns; turn++) await setImmediate()
        await live.close()
        expect(hasCode(await made, 'UPS_STORE_UNAVAILABLE'), `after ${turns} turns`).to.equal(true)
      }
      await expectAllRight(open())
    })
  })

  describe('after a crash', () => {
    it('has what was committed and not yet indexed when the process was killed', async () => {
      const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
      const program = `
        import { openSqliteStore } from ${module('../../plugin/store/sqlite/open.ts')}
        import { creation, change } from ${module('./contract.ts')}
        import { deletion } from ${module('../support/deletion.ts')}
        const store = openSqliteStore({ file: ${JSON.stringify(file())} })
        const attributes = (label) => ({ '${LABEL}': { vr: 'LO', Value: [label] } })
        const create = (n) => store.commit(creation('1.' + n, { attributes: attributes('Heart') }))
        const versions = await Promise.all(Array.from({ length: 300 }, (_, n) => create(n)))
        const changeIt = (n) => store.commit(change('1.' + n, versions[n], { attributes: attributes('Lung') }, {
          replaced: attributes('Heart') }))
        await changeIt(0)
        for (let n = 1; n < 20; n++) await changeIt(n)
        await store.commit(deletion('1.100', versions[100]))
        await store.commit(deletion('1.19', await changeIt(20).then(() => store.load('1.19')).then((x) => x.version)))
        for (let n = 300; n < 310; n++) await create(n)
        console.log('acknowledged')
        setInterval(() => {}, 1000)`
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      opened(child, `process ${child.pid}`, () => child.kill('SIGKILL'))
      const ended = once(child, 'close')
      await Promise.race([once(child.stdout, 'data'), ended])
      child.kill('SIGKILL')
      await ended
      closed(child)
      expect(unwritten()).to.be.greaterThan(20)
      const live = open()
      expect(await isIndexed(live)).to.equal(true)
      expect(await expectRight(live, LUNG)).to.equal(20)
      await expectAllRight(live)
      expectWhole()
    })

    it('has it in the files as they were in the middle of a life', async () => {
      const writer = new Writer(open())
      await writer.createMany(0, 300)
      await expectAllRight(writer.store)
      await writer.createMany(300, 320)
      for (let n = 0; n < 300; n += 10) await writer.change(`1.${n}`, contents(n + 1))
      await writer.delete('1.5')
      await writer.delete('1.310')
      mkdirSync(file('copy'))
      for (const end of ['', '-wal']) copyFileSync(`${file()}${end}`, `${file('copy/worklist.db')}${end}`)
      expect(unwritten('copy/worklist.db')).to.equal(52)
      await store?.close()
      const copy = open('copy/worklist.db')
      expect(await isIndexed(copy)).to.equal(true)
      expect(await expectRight(copy, LUNG)).to.be.greaterThan(30)
      await expectAllRight(copy)
    })
  })

  describe('that is copied while it is open, as a crash leaves it', () => {
    /** Finds in the copy what was committed. */
    async function expectCopyRight(): Promise<void> {
      mkdirSync(file('copy'))
      for (const end of ['', '-wal']) copyFileSync(`${file()}${end}`, `${file('copy/worklist.db')}${end}`)
      await store?.close()
      const copy = open('copy/worklist.db')
      expect(await isIndexed(copy)).to.equal(true)
      await expectAllRight(copy)
    }

    async function changeSome(writer: Writer): Promise<void> {
      for (let n = 0; n < 10; n++) await writer.change(`1.${n}`, contents(n + 1))
      await writer.createMany(700, 710)
      await writer.delete('1.12')
    }

    it('has what changed while it was made anew', async () => {
      await new Writer(open()).createMany(0, 700)
      await store?.close()
      ask((database) => database.exec("UPDATE search_progress SET version = 'x'"))
      const writer = new Writer(open())
      while (through() < 200) await setImmediate()
      await changeSome(writer)
      await store?.indexed
      await expectCopyRight()
    })

    it('has what changed while it was made anew by command', async () => {
      const writer = new Writer(open())
      await writer.createMany(0, 700)
      await expectAllRight(writer.store)
      let changing: Promise<void> | undefined
      await store?.reindex(() => void (changing ??= changeSome(writer)))
      await changing
      await expectCopyRight()
    })
  })

  it('is written without a search when many changes wait, with those that come meanwhile', async () => {
    const writer = new Writer(open())
    await writer.createMany(0, 300)
    await Promise.all([writer.createMany(300, 310), writer.delete('1.5'), writer.change('1.6', contents(7))])
    await setImmediate()
    await setImmediate()
    expect(unwritten()).to.equal(0)
    await expectAllRight(writer.store)
    expectWhole()
  })

  it('has one row for each workitem after thousands of changes', async () => {
    const writer = new Writer(open())
    const seed = Date.now() % 1_000_000
    const random = randomFrom(seed)
    let created = 0
    for (let done = 0; done < 2_000; done += 50) {
      const uids = new Set<string>()
      const work = times(50, () => {
        const uid = [...writer.versions.keys()][random(writer.versions.size || 1)]
        if (uid === undefined || uids.has(uid) || random(3) === 0) {
          return writer.create(`1.${++created}`, contents(random(1_000)))
        }
        uids.add(uid)
        return random(4) === 0 ? writer.delete(uid) : writer.change(uid, contents(random(1_000)))
      })
      await Promise.all(work)
      if (random(10) === 0) await expectRight(writer.store, LUNG)
    }
    expect(await expectRight(writer.store, LUNG), `seed ${seed}`).to.be.greaterThan(0)
    await expectAllRight(writer.store)
    expect(unwritten()).to.equal(0)
    expectWhole()
  })

  it('makes the file no larger than three times the datasets', async () => {
    const writer = new Writer(open())
    const count = 5_000
    const random = randomFrom(1)
    for (let from = 0; from < count; from += 500) {
      await Promise.all(times(500, (i) => createTriage(writer.store, from + i, random)))
    }
    await writer.store.find(LUNG)
    await store?.close()
    ask((database) => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
    const datasets = numberOf('SELECT sum(length(CAST(dataset AS BLOB))) FROM workitem')
    const { size } = statSync(file())
    const search = numberOf("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search%'")
    const figures = `${size} bytes, of them ${search} of the index, for ${datasets} of ${count} datasets`
    expect(size, figures).to.be.lessThan(3 * datasets)
  })

  describe('on a disk that fails', () => {
    /** Its disk may be full at a moment, or fail to write. */
    class Disk extends DatabaseSync {
      failing = 0
      /** Datasets that were read. */
      read = 0
      override prepare(sql: string): StatementSync {
        const statement = super.prepare(sql)
        if (!sql.includes('w.dataset')) return statement
        const all = statement.all.bind(statement)
        statement.all = ((...values: SQLInputValue[]) => {
          const rows = all(...values)
          this.read += rows.length
          return rows
        }) as StatementSync['all']
        return statement
      }
      override exec(sql: string): void {
        if (sql === 'COMMIT' && this.failing > 0) {
          this.failing--
          throw new Error('disk I/O error')
        }
        super.exec(sql)
      }
      fill(): void {
        this.exec(`PRAGMA max_page_count = ${Number(this.prepare('PRAGMA page_count').get()?.['page_count'])}`)
      }
      empty(): void {
        this.exec('PRAGMA max_page_count = 4294967294')
      }
    }

    let disk: Disk
    let writer: Writer
    beforeEach(() => {
      disk = new Disk(file())
      configure(disk)
      migrate(disk, file())
      store = new SqliteStore(disk, takeHold(file()))
      writer = new Writer(store)
    })

    it('is read little for a page of many workitems in order, wherever it begins', async () => {
      await writer.createMany(0, 4_000)
      for (const order of [by(START), by(START, true), by(LABEL), by(LABEL, true), by(NAME), by(NAME, true)]) {
        const candidates = await writer.store.find({ query: {}, order, timeZone: 'UTC' })
        for (const skip of [0, 2_000]) {
          disk.read = 0
          let given = 0
          for await (const page of candidates.pages(skip)) {
            given += page.length
            if (given >= 100) break
          }
          expect(disk.read, JSON.stringify({ order, skip })).to.be.within(100, 800)
        }
      }
    })

    it('commits are made durable after a search as before it', async () => {
      const synchronous = () => disk.prepare('PRAGMA synchronous').get()?.['synchronous']
      const before = synchronous()
      expect(before).to.equal(2)
      await writer.createMany(0, 10)
      await expectRight(writer.store, LUNG)
      expect(synchronous()).to.equal(before)
      await writer.createMany(10, 20)
      disk.failing = 1
      await expectRight(writer.store, LUNG)
      expect(disk.failing).to.equal(0)
      expect(synchronous()).to.equal(before)
    })

    it('searches are right while the index cannot be written, and go by it again when it can', async () => {
      await writer.createMany(0, 200)
      disk.fill()
      expect(await isIndexed(writer.store)).to.equal(false)
      await expectAllRight(writer.store)
      for (let n = 0; n < 40; n++) {
        await writer.change(`1.${n}`, contents(n + 1)).catch(() => undefined)
        await writer.delete(`1.${100 + n}`).catch(() => undefined)
        await expectRight(writer.store, LUNG)
      }
      disk.empty()
      await expectAllRight(writer.store)
      expect(await isIndexed(writer.store)).to.equal(true)
      await writer.createMany(200, 210)
      await expectAllRight(writer.store)
      expectWhole()
    })

    it('what could not be deleted is found', async () => {
      await writer.createMany(0, 10)
      disk.failing = 2
      await rejection(writer.delete('1.0'))
      disk.failing = 0
      await expectAllRight(writer.store)
      expectWhole()
    })

    it('what could not be changed is found as it was', async () => {
      await writer.createMany(0, 10)
      await expectAllRight(writer.store)
      disk.failing = 1
      await rejection(writer.change('1.1', contents(0)))
      await expectAllRight(writer.store)
      await writer.change('1.2', contents(0))
      await expectAllRight(writer.store)
      expectWhole()
    })

    it('what could not be indexed is, with the next search', async () => {
      await writer.createMany(0, 10)
      disk.failing = 1
      await expectRight(writer.store, LUNG)
      await writer.createMany(10, 20)
      await expectAllRight(writer.store)
      expectWhole()
    })

    it('an index that could not be begun anew is as good as before', async () => {
      await writer.createMany(0, 10)
      disk.failing = 1
      await rejection(writer.store.reindex())
      await expectAllRight(writer.store)
      expect(await isIndexed(writer.store)).to.equal(true)
    })
  })
})

/** A number from 0 below `below`; the same ones of the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** With values of its own; every second one is claimed and completed. */
async function createTriage(store: Store, n: number, random: (below: number) => number): Promise<void> {
  const uid = `1.2.826.0.1.3680043.8.498.${n}.${random(1_000_000_000)}`
  const text = stringifyDataset(changed(sample('ai-triage'), { '00081195': undefined }))
  const varied = text
    .replaceAll('AI-4711', `AI-${random(100_000)}`)
    .replaceAll('ADM2', `ADM${random(1_000_000)}`)
    .replaceAll('ACC2', `ACC${random(1_000_000)}`)
    .replaceAll('RP2', `RP${random(1_000_000)}`)
    .replaceAll('Müller^Jürgen', `Müller${random(2_000)}^Jürgen${random(300)}`)
    .replaceAll('1.2.276.0.7230010.3.1', `1.2.276.0.7230010.3.${random(1_000_000_000)}`)
    .replaceAll('20261122093000', `202611${two(1 + random(28))}${two(random(24))}${two(random(60))}00`)
    .replaceAll('20261122100000', `202611${two(1 + random(28))}${two(random(24))}${two(random(60))}00`)
    .replaceAll('19601231', `19${10 + random(90)}${two(1 + random(12))}${two(1 + random(28))}`)
  const attributes = { ...storedDataset(varied), '00080018': { vr: 'UI', Value: [uid] } } satisfies Dataset
  const created = await store.commit({ ...creation(uid, { attributes }), reports: reportsOfCreation(attributes) })
  if (n % 2 > 0) return
  const claimed = { ...attributes, [STATE]: { vr: 'CS', Value: ['IN PROGRESS'] } } satisfies Dataset
  const completed = { ...attributes, [STATE]: { vr: 'CS', Value: ['COMPLETED'] } } satisfies Dataset
  const lock = { transactionUid: `${uid}.9`, performer: 'CLIENT' }
  const claim = await store.commit(
    change(
      uid,
      created,
      { attributes: claimed, state: 'IN PROGRESS', lock },
      {
        kind: 'changeState',
        replaced: replacedBetween(attributes, claimed),
        reports: reportsOfStates(claimed, ['IN PROGRESS']),
      },
    ),
  )
  await store.commit(
    change(
      uid,
      claim,
      { attributes: completed, state: 'COMPLETED', lock, finishedAt: new Date() },
      {
        kind: 'changeState',
        replaced: replacedBetween(claimed, completed),
        reports: reportsOfStates(completed, ['COMPLETED']),
      },
    ),
  )
}
