/** The same tests with every engine of search. */
import { expect } from 'chai'
import type { UpsPluginOptions } from '../../plugin/index.ts'
import { describeWithElasticsearch, elasticsearch, indexPrefix, removeIndices } from './elasticsearch.ts'
import { send } from './http.ts'
import type { Service } from './service.ts'
import { until } from './until.ts'

export interface EngineUnderTest {
  /** For the service. */
  options(): Promise<Pick<UpsPluginOptions, 'search'>>
  /** Once it is started: fulfilled when the engine answers searches. */
  ready(service: Service): Promise<void>
  /** Before it is stopped: it is this engine that has answered. `share`: of all searches, at least. */
  answered(service: Service, share?: number): Promise<void>
  /** After that. */
  end(): Promise<void>
}

export function describeWithEachEngine(title: string, body: (engine: EngineUnderTest) => void): void {
  describe(`${title}, in the store itself`, () => body(EMBEDDED))
  describeWithElasticsearch(`${title}, in Elasticsearch`, () => body(cluster()))
}

const EMBEDDED: EngineUnderTest = {
  options: async () => ({}),
  ready: async () => undefined,
  answered: async (service, share = 1) => expectShare(service, 'store', share),
  end: async () => undefined,
}

function cluster(): EngineUnderTest {
  const prefix = indexPrefix()
  return {
    options: async () => ({ search: { nodes: [(await elasticsearch()).url], prefix } }),
    ready: (service) => until(async () => (await searchStatus(service)).state === 'ready'),
    answered: (service, share = 1) => expectShare(service, 'index', share),
    end: async () => removeIndices((await elasticsearch()).url, prefix),
  }
}

/** What `GET /readyz` says of the index. */
export async function searchStatus(service: Service): Promise<{ readonly state: string; readonly behind: number }> {
  const { search } = (await send(`${service.url}/readyz`)).json() as { search: { state: string; behind: number } }
  return search
}

async function expectShare(service: Service, by: 'store' | 'index', share: number): Promise<void> {
  const metrics = (await send(`${service.url}/metrics`)).text
  const countOf = (who: string): number =>
    Number(new RegExp(`^ups_searches_total\\{answered_by="${who}"\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0)
  const all = countOf('store') + countOf('index')
  expect(all).to.be.above(0)
  expect(countOf(by) / all).to.be.at.least(share)
}
