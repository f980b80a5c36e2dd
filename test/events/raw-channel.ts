/** The other end of an event channel byte by byte: for what a decent client never does. */
import { connect, type Socket } from 'node:net'
import { closed as isClosed, opened as isOpened } from '../support/leaks.ts'
import { until } from '../support/until.ts'

export interface RawFrame {
  readonly opcode: number
  readonly payload: Buffer
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export interface RawChannel {
  readonly socket: Socket
  /** What came, but for the handshake. */
  frames(): readonly RawFrame[]
  /** Status of the answer to the handshake, with its head. */
  readonly head: string
  /** Text frames. */
  texts(): readonly string[]
  has(opcode: number, count?: number): Promise<readonly RawFrame[]>
  /** `masked`: as clients must. */
  send(opcode: number, payload: string | Buffer, options?: { readonly masked?: boolean; readonly first?: number }): void
  /** Its own, or the answer to ours. */
  sendClose(code: number): void
  readonly ended: Promise<void>
  cut(): Promise<void>
}

export const handshake = (path: string, host: string, lines: readonly string[] = []): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...lines,
    '',
    '',
  ].join('\r\n')

export async function openRaw(port: number, path: string): Promise<RawChannel> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  isOpened(socket, `raw channel ${path}`, () => socket.destroy())
  let received = Buffer.alloc(0)
  socket.on('data', (data) => (received = Buffer.concat([received, data])))
  socket.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed(socket)
      resolve()
    })
  })
  socket.write(handshake(path, `127.0.0.1:${port}`))
  await until(() => received.includes('\r\n\r\n'))
  const end = received.indexOf('\r\n\r\n') + 4
  const frames = (): readonly RawFrame[] => framesOf(received.subarray(end))
  const channel: RawChannel = {
    socket,
    head: received.subarray(0, end).toString('latin1'),
    frames,
    texts: () => frames().flatMap(({ opcode, payload }) => (opcode === OPCODE.text ? payload.toString('utf8') : [])),
    async has(opcode, count = 1) {
      const found = () => frames().filter((frame) => frame.opcode === opcode)
      await until(() => found().length >= count)
      return found()
    },
    send: (opcode, payload, { masked = true, first } = {}) =>
      void socket.write(frameOf(opcode, Buffer.from(payload as Buffer), masked, first)),
    sendClose: (code) => channel.send(OPCODE.close, Buffer.from([code >> 8, code & 0xff])),
    ended,
    async cut() {
      socket.destroy()
      await ended
    },
  }
  return channel
}

const MASK = Buffer.from([1, 2, 3, 4])

function frameOf(opcode: number, payload: Buffer, masked: boolean, first = 0x80 | opcode): Buffer {
  const bit = masked ? 0x80 : 0
  const head =
    payload.length < 126
      ? Buffer.from([first, bit | payload.length])
      : Buffer.from([first, bit | 126, payload.length >> 8, payload.length & 0xff])
  if (!masked) return Buffer.concat([head, payload])
  return Buffer.concat([head, MASK, payload.map((byte, at) => byte ^ (MASK[at % 4] ?? 0))])
}

function framesOf(bytes: Buffer): readonly RawFrame[] {
  const frames: RawFrame[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const short = (bytes[at + 1] ?? 0) & 0x7f
    const [from, length] =
      short < 126
        ? [at + 2, short]
        : short === 126
          ? [at + 4, at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : Infinity]
          : [at + 10, at + 10 <= bytes.length ? Number(bytes.readBigUInt64BE(at + 2)) : Infinity]
    if (from + length > bytes.length) break
    frames.push({ opcode: (bytes[at] ?? 0) & 0x0f, payload: bytes.subarray(from, from + length) })
    at = from + length
  }
  return frames
}
