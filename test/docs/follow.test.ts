/** The example of a client that comes back, run as people run it, through a connection that breaks. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { create, metric } from '../events/service-calls.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { closed, opened } from '../support/leaks.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

describe('docs/examples/follow.js', function () {
  this.timeout(20_000)
  let folder: Folder
  let service: Service
  let between: Between
  let child: ChildProcess
  let out: string
  let err: string
  beforeEach(async () => {
    folder = temporaryFolder()
    service = await startService({ folder })
    between = await Between.listen(service.port)
    out = ''
    err = ''
  })
  afterEach(async () => {
    child.kill()
    await between.close()
    await service.stop()
    folder.remove()
  })

  const run = (...args: readonly string[]): Promise<number | null> => {
    child = spawn(process.execPath, ['docs/examples/follow.js', ...args], { cwd: ROOT })
    opened(child, 'follow.js', () => child.kill())
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
    return once(child, 'close').then(([code]) => {
      closed(child)
      return code as number | null
    })
  }
  const uids = (): readonly string[] =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { uid: string }).uid)
  const isFollowing = (): Promise<void> =>
    until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 1, 10_000)

  it('prints each change once, though its connection is cut and the service starts anew, and ends after so many', async () => {
    await create(service, ['1.2.1'])
    const ended = run(`${between.url}/graphql`, '6')
    await isFollowing()
    await create(service, ['1.2.2'])
    await until(() => uids().length === 1)
    between.cut()
    await until(async () => (await metric(service, 'ups_graphql_subscriptions')) === 0)
    await create(service, ['1.2.3'])
    await create(service, ['1.2.4'])
    await until(() => uids().length === 3)
    await isFollowing()
    await service.stop()
    service = await startService({ folder })
    await create(service, ['1.2.5'])
    between.port = service.port
    await until(() => uids().length === 4, 10_000)
    await create(service, ['1.2.6'])
    await create(service, ['1.2.7'])
    await create(service, ['1.2.8'])
    expect(await ended).to.equal(0)
    expect(uids()).to.deep.equal(['1.2.2', '1.2.3', '1.2.4', '1.2.5', '1.2.6', '1.2.7'])
    expect(err).to.equal('')
    expect(between.connections).to.be.greaterThan(2)
  })

  it('has not begun where there is no service, and does when there is', async () => {
    const { port } = between
    between.port = 1
    const ended = run(`${between.url}/graphql`, '1')
    await until(() => between.connections > 1)
    between.port = port
    await isFollowing()
    await create(service, ['1.2.1'])
    expect(await ended).to.equal(0)
    expect(uids()).to.deep.equal(['1.2.1'])
  })
})

/** Passes bytes on, and breaks. */
class Between {
  readonly #server = createServer((socket) => this.#join(socket))
  readonly #sockets = new Set<Socket>()
  /** To where. */
  port: number
  connections = 0

  static async listen(port: number): Promise<Between> {
    const between = new Between(port)
    between.#server.listen(0, '127.0.0.1')
    await once(between.#server, 'listening')
    opened(between, 'a connection in between', () => between.#server.close())
    return between
  }

  private constructor(port: number) {
    this.port = port
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
    closed(this)
  }

  #join(socket: Socket): void {
    this.connections++
    const other = connect(this.port, '127.0.0.1')
    for (const [one, another] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        this.#sockets.delete(one)
        another.destroy()
      })
      one.pipe(another)
    }
  }
}
