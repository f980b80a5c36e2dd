/** Stands in front of a real cluster, and does to its answers what networks and clusters under load do. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { closed, opened } from '../support/leaks.ts'

/**
 * A number: the HTTP status answered instead. `hang`: no answer ever. `stall`: no more than its beginning. `refuse last item`: of a bulk request, with 429; the rest
 * is done. Undefined: as the cluster answers.
 */
export type Fault = number | 'hang' | 'stall' | 'refuse last item' | undefined

export interface Asked {
  readonly method: string
  readonly path: string
  readonly bytes: number
  readonly authorization: string | undefined
}

export class FaultyProxy {
  readonly #target: URL
  readonly #server = createServer((req, res) => void this.#serve(req, res).catch(() => res.destroy()))
  readonly asked: Asked[] = []
  fault: (asked: Asked) => Fault = () => undefined
  /** Fulfilled when the answer, which the cluster has given, may go on. */
  hold: (asked: Asked) => Promise<void> = async () => undefined
  url = ''

  constructor(target: string) {
    this.#target = new URL(target)
  }

  static async start(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    proxy.url = `http://127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`
    opened(proxy, 'a faulty proxy', () => proxy.#server.close())
    return proxy
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
    closed(this)
  }

  count(part: string): number {
    return this.asked.filter(({ path }) => path.includes(part)).length
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req)
    const { method = 'GET', url: path = '/' } = req
    const asked = { method, path, bytes: body.length, authorization: req.headers.authorization }
    this.asked.push(asked)
    const fault = this.fault(asked)
    if (fault === 'hang') return
    if (fault === 'stall') {
      const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }
      res.writeHead(200, headers).write('{')
      return
    }
    if (typeof fault === 'number') {
      res.writeHead(fault, { 'content-type': 'application/json' }).end('{"error":{"type":"a_fault"}}')
      return
    }
    if (fault === undefined) await this.#pass(req, body, res, asked)
    else await this.#passAllButLast(req, body, res)
  }

  async #pass(req: IncomingMessage, body: Buffer, res: ServerResponse, asked: Asked): Promise<void> {
    const answer = await this.#ask(req, body)
    await this.hold(asked)
    res.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(res)
  }

  async #passAllButLast(req: IncomingMessage, body: Buffer, res: ServerResponse): Promise<void> {
    const lines = body.toString().trimEnd().split('\n')
    const last = lines.findLastIndex((line) => /^\{"(index|delete)":\{"_id"/.test(line))
    const kind = lines[last]?.startsWith('{"delete"') ? 'delete' : 'index'
    const rest = lines.slice(0, last)
    const items: unknown[] = [{ [kind]: { status: 429, error: { type: 'es_rejected_execution_exception' } } }]
    if (rest.length > 0) {
      const answer = JSON.parse((await buffer(await this.#ask(req, Buffer.from(`${rest.join('\n')}\n`)))).toString())
      items.unshift(...(answer.items as unknown[]))
    }
    res.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
    res.end(JSON.stringify({ errors: true, items }))
  }

  async #ask({ method, url: path, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { hostname, port } = this.#target
    const { host: _host, connection: _connection, 'transfer-encoding': _encoding, ...rest } = headers
    const asked = request({ hostname, port, method, path, headers: { ...rest, 'content-length': body.length } })
    asked.end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return answer
  }
}
