/** Servers to measure, each in a process of its own with its data in a folder that goes with it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface ServerUnderTest {
  readonly name: string
  readonly port: number
  stop(): Promise<void>
}

const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export interface Preparation {
  /** Gets the file of its store before it starts. */
  readonly prepare?: (file: string) => Promise<unknown>
  /** Further ones of its command line. */
  readonly flags?: readonly string[]
}

export async function startServer(
  name: 'archive-ups' | 'ceiling',
  { prepare, flags = [] }: Preparation = {},
): Promise<ServerUnderTest> {
  // Beside the project, not in /tmp: that may be memory, where an fsync costs nothing.
  const folder = mkdtempSync(join(script('..'), 'data-bench-'))
  const file = join(folder, 'bench.db')
  await prepare?.(file)
  const args =
    name === 'ceiling'
      ? [script('ceiling.ts'), file]
      : [script('../plugin/standalone/main.ts'), ...OURS, '--store', `sqlite:${file}`, ...flags]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await portOf(child.stdout)
  return {
    name,
    port,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(folder, { recursive: true })
    },
  }
}

const OURS = ['--port', '0', '--log-level', 'warn']

async function portOf(output: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface({ input: output })) {
    const port = /ready.*?(\d+)$/.exec(line)?.[1]
    if (port) return Number(port)
  }
  throw new Error('the server ended before it was ready')
}
