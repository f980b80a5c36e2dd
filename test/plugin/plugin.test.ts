import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  createUpsPlugin,
  DirectoryError,
  type ElasticsearchSettings,
  hasCode,
  UpsError,
  type UpsPlugin,
} from '../../plugin/index.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, send } from '../support/http.ts'
import { startService } from '../support/service.ts'
import { sample, sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'

describe('The plugin', () => {
  let folder: Folder
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  const store = (name = 'worklist.db'): string => `sqlite:${join(folder.path, name)}`

  it('starts nothing when it is imported, or made', () => {
    const program = `
      const { createUpsPlugin } = await import(${JSON.stringify(new URL('../../plugin/index.ts', import.meta.url).href)})
      createUpsPlugin({ store: ${JSON.stringify(store())} })`
    // A timer, a socket or an open file would keep the process from ending by itself.
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 10_000,
      encoding: 'utf8',
    })
    expect([status, stderr]).to.deep.equal([0, ''])
    expect(existsSync(join(folder.path, 'worklist.db'))).to.equal(false)
  })

  it('lives beside another one in the same process', async () => {
    const [one, two] = [await startService(), await startService({ strictness: 'strict' })]
    expect((await post(`${one.aet()}/workitems?1.2.3`, sampleText('minimal'))).status).to.equal(201)
    expect((await post(`${two.aet()}/workitems?1.2.3`, sampleText('minimal'))).status).to.equal(400)
    expect((await send(`${two.aet()}/workitems/1.2.3`)).status).to.equal(404)
    await Promise.all([one.stop(), two.stop()])
  })

  it('closes the store that it opened, and gives it to the next', async () => {
    for (let n = 0; n < 2; n++) {
      const plugin = createUpsPlugin({ store: store() })
      await plugin.start()
      await plugin.stop()
      await plugin.stop()
    }
  })

  it('leaves a store that it was lent alone', async () => {
    const lent = openSqliteStore({ file: join(folder.path, 'lent.db') })
    const plugin = createUpsPlugin({ store: lent })
    await plugin.start()
    await plugin.stop()
    expect(await lent.count()).to.equal(0)
    await lent.close()
  })

  it('leaves nothing open when it cannot start', async () => {
    const plugin = createUpsPlugin({ store: store(), device: 'none' })
    expect(await codeOf(plugin.start())).to.equal('UPS_BAD_CONFIGURATION')
    const next = createUpsPlugin({ store: store() })
    await next.start()
    await next.stop()
  })

  it('closes what it opened also when it is stopped while it starts', async () => {
    const plugin = createUpsPlugin({ store: store() })
    const starting = plugin.start()
    await plugin.stop()
    await starting
    const next = createUpsPlugin({ store: store() })
    await next.start()
    await next.stop()
  })

  it('is started once', async () => {
    const plugin = createUpsPlugin({ store: store() })
    await plugin.start()
    expect(await codeOf(plugin.start())).to.equal('UPS_BAD_OPTION')
    await plugin.stop()
  })

  it('takes its configuration from a directory that the host brings', async () => {
    const failing = createUpsPlugin({
      store: store(),
      config: {
        source: 'nowhere',
        readDevice: () => Promise.reject(new DirectoryError('unreachable', 'nowhere cannot be reached.')),
      },
    })
    expect(await codeOf(failing.start())).to.equal('UPS_BAD_CONFIGURATION')
  })

  describe('refuses, naming the option and no secret,', () => {
    const nodes = ['https://one:9200']
    const cases: readonly (readonly [string, unknown, RegExp])[] = [
      ['another engine', 'solr', /^The option search is "solr", expected embedded, or nodes of Elasticsearch\.$/],
      ['no nodes', { nodes: [] }, /^The option search is "without nodes", expected/],
      ['a node that is no URL', { nodes: ['one:9200'] }, /^The option search\.nodes is "one:9200", expected URLs/],
      ['a user in a node', { nodes: ['https://a:secret@one'] }, /^The option search\.nodes is "one", expected no user/],
      [
        'a query in a node',
        { nodes: ['https://one?a=secret'] },
        /^The option search\.nodes is "https:\/\/one", expected no q/,
      ],
      ['a user and a key', { nodes, username: 'a', apiKey: 'secret' }, /expected a user or an API key, not both\.$/],
      ['a password of nobody', { nodes, password: 'secret' }, /expected a user to whom it belongs\.$/],
      ['an authority without https', { nodes: ['http://one'], ca: 'secret' }, /expected https, since there is a CA\.$/],
      [
        'an authority that is none',
        { nodes, ca: 'secret' },
        /^The option search\.ca is "\.\.\.", expected certificates/,
      ],
      [
        'a prefix that no index can have',
        { nodes, prefix: 'A b' },
        /^The option search\.prefix is "A b", expected small/,
      ],
    ]
    for (const [what, search, sentence] of cases) {
      it(what, () => {
        const make = () => createUpsPlugin({ store: store(), search: search as ElasticsearchSettings })
        expect(make).to.throw(UpsError, sentence).with.property('code', 'UPS_BAD_OPTION')
        expect(make).not.to.throw(/secret/)
      })
    }
  })

  describe('answers', () => {
    let plugin: UpsPlugin
    let url: string
    let close: () => Promise<unknown>

    beforeEach(async () => {
      plugin = createUpsPlugin({ store: store() })
      const server = createServer(plugin.callback())
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/aets/WORKLIST/rs/workitems`
      close = () => new Promise((resolve) => server.close(resolve))
    })
    afterEach(async () => {
      await plugin.stop()
      await close()
    })

    it('503 with Retry-After before it is started and after it is stopped', async () => {
      const before = await send(url)
      await plugin.start()
      expect((await send(url)).status).to.equal(204)
      await plugin.stop()
      const after = await send(url)
      for (const answer of [before, after]) {
        expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '1'])
        expect(answer.problem().title).to.equal('The service cannot take or give data now; try again.')
      }
    })

    it('the requests that were under way when it was stopped', async () => {
      await plugin.start()
      const creations = Array.from({ length: 30 }, (_, n) => post(`${url}?1.2.${n}`, sampleText('ai-triage')))
      await new Promise((resolve) => setTimeout(resolve, 10))
      await plugin.stop()
      const statuses = (await Promise.all(creations)).map(({ status }) => status)
      expect(statuses.every((status) => status === 201 || status === 503)).to.equal(true)
      const created = statuses.filter((status) => status === 201).length
      const kept = openSqliteStore({ file: join(folder.path, 'worklist.db') })
      expect(await kept.count()).to.equal(created)
      await kept.close()
    })
  })

  describe('as the host calls it', () => {
    it('has the same rules and the same worklist as over HTTP', async () => {
      const service = await startService()
      const { worklist } = service.plugin
      const create = { kind: 'create', uid: '1.2.3', receivingAE: '', attributes: sample('minimal') } as const
      expect(await worklist.execute(create, 'LINAC')).to.deep.include({
        outcome: 'accepted',
        warnings: ['createdWithModifications'],
      })
      expect((await worklist.retrieve('1.2.3'))?.['00741202']).to.deep.equal({
        vr: 'LO',
        Value: ['Radiation Oncology'],
      })
      expect(await worklist.execute(create, 'WORKLIST')).to.deep.include({ outcome: 'refused' })
      const answer = await send(`${service.aet()}/workitems/1.2.3/state`, {
        method: 'PUT',
        body: stateChange('IN PROGRESS'),
      })
      expect(answer.status).to.equal(200)
      const loaded = await service.store.load('1.2.3')
      expect(loaded.is === 'there' && [loaded.workitem.receivingAE, loaded.workitem.lock]).to.deep.equal([
        'RADONC',
        { transactionUid: TRANSACTION_UID },
      ])
      expect(await worklist.retrieve('1.2.4')).to.equal(undefined)
      expect(await codeOf(worklist.execute(create, 'NOBODY'))).to.equal('UPS_UNKNOWN_AE')
      await service.stop()
      expect(hasCode(await failure(worklist.retrieve('1.2.3')), 'UPS_STORE_UNAVAILABLE')).to.equal(true)
    })
  })

  it('refuses from its host what it would refuse over HTTP', async () => {
    const service = await startService()
    const { worklist } = service.plugin
    const attributes = sample('minimal')
    const create = { kind: 'create', uid: '1.2.3', receivingAE: '', attributes } as const
    const keyOf = async (command: Parameters<typeof worklist.execute>[0]): Promise<string> => {
      const receipt = await worklist.execute(command, 'WORKLIST')
      return receipt.outcome === 'refused' ? receipt.refusal.key : receipt.outcome
    }
    expect(await keyOf({ ...create, uid: 'not a uid/..' })).to.equal('invalidArgument')
    expect(await keyOf({ ...create, uid: '' })).to.equal('invalidArgument')
    const named = { ...attributes, 'a"b': { vr: 'LO', Value: ['x'] } } as const
    expect(await keyOf({ ...create, attributes: named })).to.equal('invalidValue')
    const cancel = { kind: 'requestCancel', uid: '1.2.3', requestingAE: 'A\\B', attributes: {} } as const
    expect(await keyOf(cancel)).to.equal('invalidArgument')
    expect(await service.feed()).to.deep.equal([])
    await service.stop()
  })

  describe('refuses an option, naming it, its value and what was expected,', () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ devise: 'secret' }, /^There is no option devise; expected one of device, config/],
      [{ device: '' }, /device is "", expected a text/],
      [{ store: 'file.db' }, /store is "file\.db", expected sqlite:PATH/],
      [{ store: 'mysql://x' }, /asks for mysql, a store that this version does not have; it has sqlite:PATH/],
      [{ prefix: 'x' }, /prefix is "x", expected a path such as/],
      [{ prefix: '/a//b' }, /prefix is "\/a\/\/b", expected a path/],
      [{ strictness: 'medium' }, /strictness is "medium", expected lenient or strict/],
      [{ graphql: true as never }, /graphql is true, expected false, or an object of options/],
      [{ graphql: { graphql: 1 } as never }, /graphql is "with graphql", expected one of graphiql, introspection/],
      [{ graphql: { graphiql: 'yes' as never } }, /graphql\.graphiql is "yes", expected loopback, on or off/],
      [{ graphql: { introspection: 1 as never } }, /graphql\.introspection is 1, expected true or false/],
      [
        { graphql: { documents: { a: 1 as never } } },
        /graphql\.documents\.a is "number", expected the text of a document/,
      ],
      [{ graphql: { timeout: 0 } }, /graphql\.timeout is 0, expected a whole number above 0/],
      [{ graphql: { limits: { depth: -1 } } }, /graphql\.limits\.depth is -1, expected a whole number above 0/],
      [
        { graphql: { limits: { height: 1 } as never } },
        /graphql\.limits is "with height", expected one of depth, aliases/,
      ],
      [{ bodyLimit: 0 }, /bodyLimit is 0, expected a whole number above 0/],
      [{ drainTimeout: 1.5 }, /drainTimeout is 1\.5, expected a whole number above 0/],
      [{ allowedHosts: [''] }, /allowedHosts is "", expected a text/],
      [
        { allowedOrigins: ['https://a.example/path'] },
        /allowedOrigins is "https:\/\/a\.example\/path", expected an origin/,
      ],
    ]
    for (const [options, message] of cases) {
      it(JSON.stringify(options), () => {
        expect(() => createUpsPlugin(options))
          .to.throw(UpsError, message)
          .with.property('code', 'UPS_BAD_OPTION')
      })
    }
  })
})

async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  return undefined
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await failure(work)
  return error instanceof UpsError ? error.code : undefined
}
