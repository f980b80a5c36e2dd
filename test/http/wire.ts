/** Requests that fetch does not send: forbidden headers, no Accept at all, bytes as they are. */
import { request } from 'node:http'
import { connect } from 'node:net'
import type { Answer, Problem } from '../support/http.ts'

export interface WireRequest {
  readonly port: number
  readonly path: string
  readonly method?: string
  /** Exactly these are sent, beside Host and Connection. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Body in chunks, without a Content-Length. */
  readonly chunks?: readonly (string | Uint8Array)[]
}

export function wire({ port, path, method = 'GET', headers = {}, body, chunks }: WireRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers: { ...headers }, agent: false }
    const sent = request(options, (response) => {
      const received: Buffer[] = []
      response.on('data', (chunk: Buffer) => received.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        sent.destroy()
        resolve(answerOf(response.statusCode ?? 0, response.rawHeaders, Buffer.concat(received).toString('utf8')))
      })
    })
    sent.on('error', reject)
    for (const chunk of chunks ?? []) sent.write(chunk)
    sent.end(body)
  })
}

function answerOf(status: number, rawHeaders: readonly string[], text: string): Answer {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  return {
    status,
    headers,
    text,
    json: () => JSON.parse(text) as unknown,
    problem: () => JSON.parse(text) as Problem,
  }
}

/** How long a connection may stay silent before it is given up, in milliseconds; the peer should close it long before. */
const PATIENCE = 3_000

/** Sends bytes and gives all that comes until the peer closes, as latin1. */
export function rawExchange(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.on('data', (data) => (received += data.toString('latin1')))
    // A peer that closes while bytes are still on their way resets the connection; what counts is what it said.
    socket.on('error', () => resolve(received))
    socket.on('close', () => resolve(received))
    socket.setTimeout(PATIENCE, () => socket.destroy())
    for (const piece of pieces) socket.write(piece)
  })
}

export const statusesIn = (received: string): readonly number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
