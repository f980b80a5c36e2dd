import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { UpsError } from '../../plugin/errors.ts'
import { configure, openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Position, Store } from '../../plugin/store/store.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { change, creation, storeContract } from './contract.ts'

let folder: Folder
let store: Store | undefined
const file = (name = 'worklist.db'): string => join(folder.path, name)

function open(name?: string): Store {
  store = openSqliteStore({ file: file(name) })
  return store
}

storeContract('SQLite', {
  open: async () => {
    folder = temporaryFolder()
    return open()
  },
  end: async () => {
    await store?.close()
    folder.remove()
  },
})

function refusal(work: () => unknown): UpsError {
  try {
    work()
  } catch (error) {
    if (error instanceof UpsError) return error
    throw error
  }
  throw new Error('it was opened')
}

describe('The embedded store', () => {
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await store?.close()
    folder.remove()
  })

  it('makes the folder that it is to lie in', async () => {
    await open('a/b/worklist.db').commit(creation('1.1'))
    expect(existsSync(file('a/b/worklist.db'))).to.equal(true)
  })

  it('has what was committed when it is opened again, and goes on with the feed where it ended', async () => {
    await open().commit(creation('1.1'))
    await store?.close()
    expect(await open().commit(creation('1.2'))).to.equal(2)
    expect((await store?.list({ limit: 9 }))?.map(({ uid }) => uid)).to.deep.equal(['1.1', '1.2'])
  })

  it('writes to a log that is synchronised at every commit', () => {
    const database = new DatabaseSync(file())
    configure(database)
    expect(database.prepare('PRAGMA journal_mode').get()).to.have.property('journal_mode', 'wal')
    // 2 is FULL. 1, NORMAL, would synchronise at checkpoints only.
    expect(database.prepare('PRAGMA synchronous').get()).to.have.property('synchronous', 2)
    database.close()
  })

  it('has every acknowledged commit in what is on disk at that moment, before it is closed', async () => {
    const live = open()
    for (let n = 1; n <= 40; n++) {
      await live.commit(creation(`1.${n}`))
      if (n % 10 !== 0) continue
      const copy = copyStore(`copy-${n}`)
      expect(await copy.count()).to.equal(n)
      expect((await copy.readFeed(undefined, 99)).map(({ position }) => position)).to.deep.equal(counting(n))
      await copy.close()
    }
  })

  it('loses nothing but the last, unacknowledged commits when the end of its log is torn', async () => {
    const live = open()
    for (let n = 1; n <= 30; n++) await live.commit(creation(`1.${n}`))
    const size = statSync(file('worklist.db-wal')).size
    for (let cut = 1; cut < size; cut += Math.floor(size / 25)) {
      const copy = copyStore(`torn-${cut}`, size - cut)
      const count = await copy.count()
      expect(count).to.be.lessThan(31)
      expect((await copy.readFeed(undefined, 99)).map(({ position }) => position)).to.deep.equal(counting(count))
      expect(await copy.commit(creation('2.1'))).to.equal(count + 1)
      await copy.close()
    }
  })

  const counting = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1)

  /** The files as a crash at this moment would leave them. */
  function copyStore(name: string, logSize?: number): Store {
    mkdirSync(file(name))
    const to = join(file(name), 'worklist.db')
    copyFileSync(file(), to)
    copyFileSync(file('worklist.db-wal'), `${to}-wal`)
    if (logSize !== undefined) truncateSync(`${to}-wal`, logSize)
    return openSqliteStore({ file: to })
  }

  describe('is refused', () => {
    it('to a second one in the same process, under another name of the file too', () => {
      open()
      symlinkSync(file(), file('other.db'))
      for (const name of ['worklist.db', 'other.db']) {
        const error = refusal(() => openSqliteStore({ file: file(name) }))
        expect(error.code).to.equal('UPS_STORE_HELD')
        expect(error.message).to.contain(file()).and.to.contain(`process ${process.pid} `)
      }
    })

    it('to a second process, which is told the file and who has it', () => {
      open()
      const program = `
        import { openSqliteStore } from ${JSON.stringify(new URL('../../plugin/store/sqlite/open.ts', import.meta.url).href)}
        try { openSqliteStore({ file: ${JSON.stringify(file())} }) } catch (error) { console.log(error.code, error.message) }`
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
      expect(stdout).to.match(/^UPS_STORE_HELD The store /)
      expect(stdout).to.contain(file()).and.to.contain(`process ${process.pid} `)
    })

    it('no longer, once it is closed', async () => {
      await open().close()
      await open().commit(creation('1.1'))
    })

    it('when a newer version has written it', async () => {
      await open().close()
      const database = new DatabaseSync(file())
      database.exec('PRAGMA user_version = 99')
      database.close()
      const error = refusal(() => open())
      expect(error.code).to.equal('UPS_STORE_FROM_THE_FUTURE')
      expect(error.message).to.match(/has schema version 99, this version of archive-ups knows \d+ at most/)
    })

    it('when it is the database of another application', () => {
      const database = new DatabaseSync(file())
      database.exec('CREATE TABLE theirs (x)')
      database.close()
      const error = refusal(() => open())
      expect([error.code, error.message]).to.deep.equal([
        'UPS_STORE_CANNOT_OPEN',
        `The store ${file()} is a database of another application.`,
      ])
    })

    it('when it is no database, or lies where nothing can', () => {
      writeFileSync(file(), 'x'.repeat(5000))
      expect(refusal(() => open()).message).to.equal(`The store ${file()} cannot be opened: file is not a database.`)
      writeFileSync(file('file'), '')
      expect(refusal(() => open('file/worklist.db')).code).to.equal('UPS_STORE_CANNOT_OPEN')
    })

    it('without keeping it from being opened later', async () => {
      writeFileSync(file(), 'x'.repeat(5000))
      refusal(() => open())
      writeFileSync(file(), '')
      await open().commit(creation('1.1'))
    })
  })

  describe('whose feed has been pruned', () => {
    const prune = async (through: number): Promise<Store> => {
      await store?.close()
      const database = new DatabaseSync(file())
      database.exec(`DELETE FROM feed WHERE position <= ${through}`)
      database.close()
      return open()
    }

    beforeEach(async () => {
      const full = open()
      let version = await full.commit(creation('1.1'))
      for (let n = 2; n <= 6; n++) version = await full.commit(change('1.1', version, {}))
    })

    it('says behind which position every entry can be read', async () => {
      for (const through of [1, 3, 6]) {
        const pruned = await prune(through)
        expect(await pruned.feedStart()).to.equal(through)
        const [first] = await pruned.readFeed(undefined, 1)
        expect(first?.position).to.equal(through === 6 ? undefined : through + 1)
      }
      expect(await store?.commit(creation('1.2'))).to.equal(7)
      expect(await store?.feedStart()).to.equal(6)
    })

    it('has of a history what is left', async () => {
      const pruned = await prune(3)
      const entries = await pruned.histories([{ uid: '1.1', after: 1 as Position }])
      expect(entries.map(({ position, previous }) => [position, previous])).to.deep.equal([
        [4, 3],
        [5, 4],
        [6, 5],
      ])
    })
  })

  it('finds a history by its chain: it costs the same among many entries of others', async () => {
    const busy = open()
    const first = await busy.commit(creation('1.1'))
    const measure = async (): Promise<number> => {
      const begun = performance.now()
      for (let n = 0; n < 200; n++) await busy.histories([{ uid: '1.1', after: first }])
      return performance.now() - begun
    }
    await busy.commit(change('1.1', first, {}))
    await measure()
    const alone = await measure()
    await Promise.all(counting(20_000).map((n) => busy.commit(creation(`2.${n}`))))
    // Reading them all each time would take a hundred times as long.
    expect(await measure()).to.be.below(alone * 10 + 50)
  })

  it('answers a full disk with a failure, keeps what it had, and takes commits again when there is room', async () => {
    const small = openSqliteStore({ file: file(), maxPages: 40 })
    store = small
    const big = 'x'.repeat(20_000)
    const fill = (uid: string) =>
      small.commit(creation(uid, { attributes: { '00400400': { vr: 'LT', Value: [big] } } }))
    const outcomes = await Promise.allSettled(counting(20).map((n) => fill(`1.${n}`)))
    const kept = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(kept).to.be.greaterThan(0).and.to.be.lessThan(20)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).to.have.property('code', 'UPS_STORE_UNAVAILABLE')
    }
    expect(await store.count()).to.equal(kept)
    expect((await store.readFeed(undefined, 99)).map(({ position }) => position)).to.deep.equal(counting(kept))
    await store.close()
    expect(await open().commit(creation('3.1'))).to.equal(kept + 1)
  })
})
