/**
 * A load client on bare sockets: what it costs must not be what is measured. One request at a time on each connection,
 * keep-alive, bodies by Content-Length or in chunks; it looks at the status and the time, and at nothing else.
 */
import { connect, type Socket } from 'node:net'

export interface Answered {
  readonly status: number
  readonly ms: number
}

export interface Load {
  readonly port: number
  readonly connections: number
  /** The n-th request as bytes; undefined: no more. Called once for each n, in order. */
  readonly request: (n: number) => Buffer | undefined
}

export interface Measured {
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly statuses: ReadonlyMap<number, number>
}

export async function run({ port, connections, request }: Load): Promise<Measured> {
  let next = 0
  const answers: Answered[] = []
  const take = (): Buffer | undefined => request(next++)
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
  const started = performance.now()
  await Promise.all(sockets.map((socket) => drive(socket, take, answers)))
  return summary(answers, performance.now() - started)
}

export const post = (path: string, body: string, method = 'POST'): Buffer =>
  Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/dicom+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )

export const get = (path: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

function drive(socket: Socket, take: () => Buffer | undefined, answers: Answered[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0
    let received = ''
    const send = (): void => {
      const request = take()
      if (!request) {
        socket.end()
        resolve()
        return
      }
      sent = performance.now()
      socket.write(request)
    }
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed the connection')))
    socket.on('data', (text: string) => {
      received = received === '' ? text : received + text
      if (!isComplete(received)) return
      answers.push({ status: Number(received.slice(9, 12)), ms: performance.now() - sent })
      received = ''
      send()
    })
    send()
  })
}

function isComplete(received: string): boolean {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1]
  if (length !== undefined) return received.length >= end + 4 + Number(length)
  return received.startsWith('HTTP/1.1 204') || received.endsWith('\r\n0\r\n\r\n')
}

function summary(answers: readonly Answered[], ms: number): Measured {
  const times = answers.map((answer) => answer.ms).toSorted((a, b) => a - b)
  const statuses = new Map<number, number>()
  for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { requestsPerSecond: (answers.length / ms) * 1000, p50: at(0.5), p99: at(0.99), statuses }
}
