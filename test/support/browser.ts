/** A real browser, as people have it: Debian's Chromium, or the one that CHROMIUM names, without a window. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { closed, opened } from './leaks.ts'

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** It starts slowly on a machine that is busy. */
const SLOW = 60_000

export interface Visit {
  readonly page: Page
  /** What went wrong on the page: errors, warnings and violations of its policy that the browser wrote to the console. */
  readonly complaints: readonly string[]
  /** Every address that it asked for, WebSockets included. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** Opens the page in a browser of its own: with no cookies, and nothing of the one before. */
export async function visit(url: string): Promise<Visit> {
  const browser = await launch()
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  const complaints: string[] = []
  const asked: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`))
  page.on('request', (request) => asked.push(request.url()))
  page.on('websocket', (socket) => asked.push(socket.url()))
  await page.goto(url)
  return {
    page,
    complaints,
    asked,
    async close() {
      await browser.close()
      closed(browser)
    },
  }
}

async function launch(): Promise<Browser> {
  // In a container there is no sandbox within the sandbox; it sees nothing but our own pages.
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'], timeout: SLOW })
  opened(browser, 'Chromium', () => void browser.close())
  return browser
}

let told = false

/** Undefined: there is one. */
function browserMissing(): string | undefined {
  if (existsSync(EXECUTABLE)) return undefined
  const why = `SKIPPED, NO CHROMIUM HERE (${EXECUTABLE} missing): apt-get install chromium, or name another one by CHROMIUM`
  if (!told) process.once('exit', () => console.warn(`\n!!! ${why}\n`))
  told = true
  return why
}

/** `describe` that is skipped, with one loud line in the whole run, where there is no browser. */
export const describeWithBrowser = (title: string, body: () => void): void => {
  describe(title, function () {
    this.timeout(2 * SLOW)
    before('Chromium', function () {
      if (browserMissing() !== undefined) this.skip()
    })
    body()
  })
}
