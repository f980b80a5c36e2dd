/** A subscriber's end of an event channel, as a client has it: a real WebSocket. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { closed as isClosed, opened as isOpened } from './leaks.ts'
import { until } from './until.ts'

export type Frame = Readonly<Record<string, { readonly vr: string; readonly Value?: readonly unknown[] }>>

export interface Channel {
  /** As they came. */
  readonly texts: readonly string[]
  frames(): readonly Frame[]
  /** Resolves when there are so many; fails when they do not come. */
  has(count: number, patience?: number): Promise<readonly Frame[]>
  send(text: string | Uint8Array): void
  ping(): Promise<void>
  /** Stops reading from the socket, pongs included, until `resume`. */
  pause(): void
  resume(): void
  /** Breaks the connection without a word. */
  cut(): Promise<void>
  close(): Promise<void>
  /** Code and reason of the end. */
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>
  readonly protocol: string
}

export interface ChannelOptions {
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** False: it answers no ping. */
  readonly autoPong?: boolean
}

/** `aet`: `http://host/aets/AET/rs`, or the URL of a channel. */
export async function openChannel(aet: string, subscriber: string, options: ChannelOptions = {}): Promise<Channel> {
  const base = aet.replace(/^http/, 'ws').replace(/\/rs$/, '/ws')
  return openChannelAt(`${base}/subscribers/${encodeURIComponent(subscriber)}`, options)
}

export async function openChannelAt(
  url: string,
  { protocols = [], headers = {}, autoPong = true }: ChannelOptions = {},
): Promise<Channel> {
  const socket = new WebSocket(url, [...protocols], { headers, autoPong, perMessageDeflate: false })
  const texts: string[] = []
  socket.on('message', (data: Buffer, isBinary) => texts.push(isBinary ? 'BINARY' : data.toString('utf8')))
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code: number, reason: Buffer) => {
      isClosed(socket)
      resolve({ code, reason: reason.toString('utf8') })
    })
  })
  isOpened(socket, `event channel ${url}`, () => socket.terminate())
  await once(socket, 'open')
  socket.on('error', () => {})
  const { _socket: raw } = socket as unknown as { readonly _socket: Socket }
  const frames = (): readonly Frame[] => texts.map((text) => JSON.parse(text) as Frame)
  return {
    texts,
    frames,
    async has(count, patience = 10_000) {
      await until(() => texts.length >= count, patience)
      return frames()
    },
    send: (text) => socket.send(text),
    async ping() {
      const pong = once(socket, 'pong')
      socket.ping()
      await pong
    },
    pause: () => void raw.pause(),
    resume: () => void raw.resume(),
    async cut() {
      raw.destroy()
      await ended
    },
    async close() {
      socket.close()
      await ended
    },
    ended,
    protocol: socket.protocol,
  }
}

const value = (frame: Frame, tag: string): unknown => frame[tag]?.Value?.[0]

export const uidOf = (frame: Frame): unknown => value(frame, '00001000')
export const messageIdOf = (frame: Frame): unknown => value(frame, '00000110')
export const eventTypeOf = (frame: Frame): unknown => value(frame, '00001002')
export const stateOf = (frame: Frame): unknown => value(frame, '00741000')
