/** Requests at a fixed rate, whatever becomes of the ones before; the time of each counts from when it was due. */
import { Agent, request as ask } from 'node:http'

export interface Request {
  readonly method: string
  readonly path: string
  readonly body?: string
}

export interface Pace {
  readonly port: number
  readonly perSecond: number
  readonly count: number
  readonly request: (n: number) => Request
  readonly expect: (status: number | undefined) => boolean
}

/** Milliseconds of each, in ascending order. */
export async function paced({ port, perSecond, count, request, expect }: Pace): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const started = performance.now()
  const all = Array.from({ length: count }, async (_, n) => {
    const due = started + (n * 1000) / perSecond
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
    // A timer may be early.
    const from = Math.min(due, performance.now())
    const status = await statusOf(agent, port, request(n))
    if (!expect(status)) throw new Error(`answered ${status}`)
    return performance.now() - from
  })
  const times = await Promise.all(all)
  agent.destroy()
  return times.toSorted((a, b) => a - b)
}

const statusOf = (agent: Agent, port: number, { method, path, body }: Request): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/dicom+json' }
    const sent = ask({ agent, port, host: '127.0.0.1', method, path, headers }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode))
    })
    sent.once('error', reject)
    sent.end(body)
  })
