import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Service, startService } from '../support/service.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** Each block of commands with the block below it: lines that what they print must hold. */
const examples = [...readme.matchAll(/```sh\n((?:curl|npx) [^]*?)```\n\n```text\n([^]*?)```/g)].map(
  ([, commands = '', expected = '']) => ({
    commands,
    expected: expected.trimEnd().split('\n'),
  }),
)

describe('The examples of the README', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.stop())

  it('are there', () => expect(examples).to.have.length.greaterThan(7))

  for (const { commands, expected } of examples) {
    it(`print what it says: ${commands.slice(0, 60).replaceAll('\n', ' ')}...`, async () => {
      const output = await run(commands.replaceAll('//localhost:8080', `//localhost:${service.port}`))
      const shown = output.replaceAll(`localhost:${service.port}`, 'localhost:8080')
      for (const line of expected) expect(shown).to.contain(line)
    })
  }
})

/** As pasted into a shell, in the folder of the project. */
function run(commands: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const shell = spawn('sh', ['-c', commands], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    shell.once('error', reject)
    shell.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`exit code ${code}: ${output}`))))
  })
}
