/** The bin as a process of its own, as people and scripts run it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { closed, opened } from './leaks.ts'

const MAIN = fileURLToPath(new URL('../../plugin/standalone/main.ts', import.meta.url))

export interface Bin {
  readonly process: ChildProcess
  /** All that it wrote until now. */
  readonly out: () => string
  readonly err: () => string
  /** Fulfilled with the URL of the ready line; rejected when it exits first. */
  readonly ready: Promise<string>
  /** Fulfilled when it is gone. */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

export interface BinOptions {
  readonly cwd?: string
  readonly variables?: Readonly<Record<string, string>>
}

export function startBin(args: readonly string[], { cwd, variables = {} }: BinOptions = {}): Bin {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  opened(child, `process ${child.pid}`, () => child.kill('SIGKILL'))
  let out = ''
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const exit = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
    closed(child)
    return { code: code as number | null, signal: signal as NodeJS.Signals | null }
  })
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const url = /^archive-ups ready at (\S+)$/m.exec(out)?.[1]
      if (url) resolve(url)
    })
    void exit.then(({ code }) => reject(new Error(`it exited with ${code}: ${err}`)))
  })
  // Whoever waits only for the exit need not handle this one.
  ready.catch(() => {})
  return { process: child, out: () => out, err: () => err, ready, exit }
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs it to its end. */
export async function runBin(args: readonly string[], options?: BinOptions): Promise<Ended> {
  const bin = startBin(args, options)
  const { code } = await bin.exit
  return { code, out: bin.out(), err: bin.err() }
}

/** Asks for an orderly stop and waits for it. */
export async function stopBin(bin: Bin, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  bin.process.kill(signal)
  return (await bin.exit).code
}
