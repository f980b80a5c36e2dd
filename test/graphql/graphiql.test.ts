import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { describeWithBrowser, type Visit, visit } from '../support/browser.ts'
import { post, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample } from '../support/workitems.ts'

const UID = '1.2.3.4'

/** Monaco writes what wraps, or is indented, in pieces, with spaces that do not break. */
const textOf = async (page: Page): Promise<string> =>
  (await page.locator('.result-window').innerText()).replaceAll('\u00a0', ' ')

const shows = (page: Page, text: string): Promise<void> =>
  until(async () => (await textOf(page)).includes(text), 20_000)

async function openTab(page: Page, name: string): Promise<void> {
  const tab = page.getByRole('tab', { name, exact: false })
  // While it settles the page takes the first click for the begin of a drag.
  await until(async () => {
    await tab.click({ delay: 20 })
    return (await tab.getAttribute('aria-selected')) === 'true'
  }, 20_000)
}

/** GraphiQL reads what is in the tab a moment after it was opened; until then it looks for the operation of the tab before. */
const run = (page: Page): Promise<void> =>
  until(async () => {
    await page.getByRole('button', { name: 'Execute query' }).click()
    await page.waitForTimeout(200)
    return !(await textOf(page)).includes('Cannot infer operation')
  }, 20_000)

const stop = (page: Page): Promise<void> => page.getByRole('button', { name: 'Stop query' }).click()

const relabel = async (service: Service, label: string): Promise<void> => {
  const { status } = await post(`${service.aet()}/workitems/${UID}`, { '00741204': { vr: 'LO', Value: [label] } })
  expect(status).to.equal(200)
}

/** Subscriptions that run. */
async function streamsOf(service: Service, prefix: string): Promise<number> {
  const { text } = await send(`${service.url}${prefix}/metrics`)
  return Number(/^ups_graphql_subscriptions (\d+)$/m.exec(text)?.[1])
}

describeWithBrowser('GraphiQL in a browser', () => {
  for (const prefix of ['', '/dcm4chee-arc']) {
    describe(prefix === '' ? 'at the root' : `below ${prefix}`, () => {
      let service: Service
      let at: Visit

      beforeEach(async () => {
        service = await startService(prefix === '' ? {} : { prefix })
        expect((await post(`${service.aet()}/workitems?${UID}`, sample('rt-treatment'))).status).to.equal(201)
        at = await visit(`${service.url}${prefix}/graphql`)
        await at.page.getByRole('button', { name: 'Execute query' }).waitFor()
      })

      afterEach(async () => {
        await at.close()
        await service.stop()
      })

      /** It is whole in itself, content with its policy, and talks to the one path alone. */
      const expectWell = (): void => {
        expect(at.complaints).to.deep.equal([])
        const path = `//127.0.0.1:${service.port}${prefix}/graphql`
        const others = at.asked.filter((url) => !url.startsWith('blob:') && !url.startsWith('data:'))
        expect([...new Set(others)]).to.include.members([`http:${path}`])
        for (const url of others) expect(url).to.be.oneOf([`http:${path}`, `ws:${path}`])
      }

      it('runs the first example', async () => {
        await run(at.page)
        await shows(at.page, `"uid": "${UID}"`)
        expectWell()
      })

      it('creates a workitem with the variables of an example', async () => {
        await openTab(at.page, 'Create')
        await run(at.page)
        await shows(at.page, '"procedureStepLabel": "Remote reading"')
        expect((await service.feed()).map(({ kind }) => kind)).to.deep.equal(['create', 'create'])
        expectWell()
      })

      it('shows what changes while a subscription runs, and nothing after it was stopped', async () => {
        await openTab(at.page, 'Watch')
        await run(at.page)
        await until(async () => (await streamsOf(service, prefix)) === 1)
        await relabel(service, 'Seen at once')
        await shows(at.page, '"procedureStepLabel": "Seen at once"')
        await stop(at.page)
        await until(async () => (await streamsOf(service, prefix)) === 0)
        await relabel(service, 'Not seen')
        expect(await textOf(at.page)).to.include('Seen at once')
        expect(at.asked).to.include(`ws://127.0.0.1:${service.port}${prefix}/graphql`)
        expectWell()
      })
    })
  }
})
