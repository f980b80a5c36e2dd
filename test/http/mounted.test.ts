import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import Koa, { type Context, type Middleware, type Next } from 'koa'
import { createUpsPlugin, type UpsPlugin, type UpsPluginOptions } from '../../plugin/index.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { closed, opened } from '../support/leaks.ts'
import { post, put, send } from '../support/http.ts'
import { sampleText, stateChange } from '../support/workitems.ts'
import { expectRefusal, expectSuccess } from './refusal.ts'

const MODIFIED = 'The Workitem was created with modifications.'

/** What must hold of a workitem wherever the service is mounted. */
async function expectServedAt(base: string): Promise<void> {
  const created = await post(`${base}/workitems?workitem=1.2.3&x=%2F..%2F`, sampleText('minimal'))
  expectSuccess(created, base, 201, MODIFIED)
  const location = created.headers.get('location') ?? ''
  expect(location).to.equal(`${base}/workitems/1.2.3`)
  expect(created.headers.get('content-location')).to.equal(location)
  expect((await send(location)).status).to.equal(200)
  const [found] = (await send(`${base}/workitems`)).json() as readonly [object]
  expect(found).to.have.nested.property('00081190.Value[0]', location)
  expectSuccess(await put(`${location}/state`, stateChange('IN PROGRESS')), base, 200)
  expectRefusal(await send(`${base}/workitems/1.2.4`), base, 'notFound')
  const capabilities = await send(base, { method: 'OPTIONS' })
  expect(capabilities.text).to.include(`base="${base}"`)
}

const koa = (...middlewares: readonly Middleware[]): RequestListener => {
  const app = new Koa()
  app.silent = true
  for (const middleware of middlewares) app.use(middleware)
  const callback = app.callback()
  return (request, response) => void callback(request, response)
}

/** As koa-mount does it: the path without the mount path while the plugin works. */
const mounted =
  (path: string, middleware: Middleware): Middleware =>
  async (ctx: Context, next: Next) => {
    if (ctx.path !== path && !ctx.path.startsWith(`${path}/`)) return next()
    const whole = ctx.path
    ctx.path = whole.slice(path.length) || '/'
    await middleware(ctx, next)
    ctx.path = whole
  }

const elsewhere: Middleware = async (ctx, next) => {
  if (ctx.path === '/own') ctx.body = 'of the host'
  else await next()
}

const stamp: Middleware = async (ctx, next) => {
  ctx.set('X-Host', 'yes')
  await next()
  ctx.set('X-Status', String(ctx.status))
}

describe('The plugin inside of a host', () => {
  let folder: Folder
  let plugin: UpsPlugin
  let server: Server
  let url: string

  async function start(options: UpsPluginOptions, listenerOf: (plugin: UpsPlugin) => RequestListener): Promise<void> {
    plugin = createUpsPlugin({ store: `sqlite:${join(folder.path, 'worklist.db')}`, ...options })
    await plugin.start()
    server = createServer(listenerOf(plugin))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    opened(server, `host at ${url}`)
  }
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    const gone = new Promise((resolve) => server.close(resolve))
    await plugin.stop()
    server.closeAllConnections()
    await gone
    folder.remove()
    closed(server)
  })

  it('is middleware of its Koa application, below a prefix', async () => {
    await start({ prefix: '/ups' }, (it) => koa(elsewhere, it.middleware()))
    await expectServedAt(`${url}/ups/aets/WORKLIST/rs`)
    expect((await send(`${url}/own`)).text).to.equal('of the host')
    expectRefusal(await send(`${url}/other`), `${url}/ups`, 'unknownResource')
  })

  it('is middleware of its Koa application that does not disturb what the host sets', async () => {
    await start({}, (it) => koa(stamp, it.middleware()))
    for (const [path, status] of [
      ['/healthz', 200],
      ['/nowhere', 404],
    ] as const) {
      const answer = await send(`${url}${path}`)
      expect(answer.status).to.equal(status)
      expect(answer.headers.get('x-host')).to.equal('yes')
      expect(answer.headers.get('x-status')).to.equal(String(status))
    }
  })

  it('is middleware that the Koa application mounts below a path', async () => {
    await start({}, (it) => koa(mounted('/archive', it.middleware())))
    await expectServedAt(`${url}/archive/aets/WORKLIST/rs`)
  })

  it('is middleware that the Koa application mounts below a path, with a prefix of its own', async () => {
    await start({ prefix: '/ups' }, (it) => koa(mounted('/archive', it.middleware())))
    await expectServedAt(`${url}/archive/ups/aets/WORKLIST/rs`)
  })

  type Mounted = IncomingMessage & { originalUrl?: string }

  /** As Express does it: the URL without the mount path, the whole one beside it. */
  const below =
    (path: string) =>
    (it: UpsPlugin): RequestListener => {
      const callback = it.callback()
      return (request: Mounted, response) => {
        const whole = request.url ?? '/'
        if (!whole.startsWith(`${path}/`)) {
          response.writeHead(404).end('of the host')
          return
        }
        request.originalUrl = whole
        request.url = whole.slice(path.length)
        callback(request, response)
      }
    }

  it('is a listener that a host without Koa mounts below a path', async () => {
    await start({}, below('/archive/v1'))
    await expectServedAt(`${url}/archive/v1/aets/WORKLIST/rs`)
    expect((await send(`${url}/other`)).text).to.equal('of the host')
    expect((await send(`${url}/archive/v1/healthz`)).status).to.equal(200)
  })

  it('is a listener below a path, with a prefix of its own', async () => {
    await start({ prefix: '/ups' }, below('/archive'))
    await expectServedAt(`${url}/archive/ups/aets/WORKLIST/rs`)
  })

  it('is a listener that is not mounted, although the host notes the original URL', async () => {
    await start({}, (it) => {
      const callback = it.callback()
      return (request: Mounted, response) => {
        if (request.url !== undefined) request.originalUrl = request.url
        callback(request, response)
      }
    })
    await expectServedAt(`${url}/aets/WORKLIST/rs`)
  })

  it('is one of two in one process, each with its own store', async () => {
    const other = createUpsPlugin({ store: `sqlite:${join(folder.path, 'other.db')}`, prefix: '/two' })
    await other.start()
    try {
      await start({ prefix: '/one' }, (it) => {
        const [first, second] = [it.callback(), other.callback()]
        return (request, response) => (request.url?.startsWith('/two') ? second : first)(request, response)
      })
      await expectServedAt(`${url}/one/aets/WORKLIST/rs`)
      expect((await send(`${url}/two/aets/WORKLIST/rs/workitems/1.2.3`)).status).to.equal(404)
      await expectServedAt(`${url}/two/aets/WORKLIST/rs`)
    } finally {
      await other.stop()
    }
  })
})
