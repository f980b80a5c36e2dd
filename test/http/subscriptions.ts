/** What tests of subscriptions do through HTTP, and what they see: who holds what, and what waits for whom. */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { Place } from '../../plugin/store/store.ts'
import { announceNext } from '../../plugin/worklist/announce.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import type { Service } from '../support/service.ts'
import { changed, sample, stateChange } from '../support/workitems.ts'
import { attribute } from './datasets.ts'
import { same } from './refusal.ts'

/** The two well-known instances (PS3.4 CC.2.3.1). */
export const WORKLIST = '1.2.840.10008.5.1.4.34.5'
export const FILTERED = '1.2.840.10008.5.1.4.34.5.1'

export interface Report {
  readonly uid: string
  readonly event: string
  readonly information: unknown
}

export interface Holder {
  readonly subscriber: string
  readonly deletionLock: boolean
  readonly by: readonly string[]
}

/** A State Report of a workitem that is READY. */
export const stateReport = (uid: string, state: string, more: Dataset = {}): Report => ({
  uid,
  event: 'UPS State Report',
  information: { '00404041': attribute('CS', 'READY'), '00741000': attribute('CS', state), ...more },
})

/** Not assigned to anybody: its creation causes one report. */
export const unassigned = (changes: Dataset = {}): Dataset => changed(sample('minimal'), changes)

export class Subscribers {
  readonly #service: () => Service
  readonly #seen = new Map<string, Place>()

  constructor(service: () => Service) {
    this.#service = service
  }

  url(uid: string, suffix = ''): string {
    return `${this.#service().aet()}/workitems/${uid}${suffix}`
  }

  /** `query` without the question mark. */
  subscribe(uid: string, subscriber: string, query = ''): Promise<Answer> {
    return post(this.url(uid, `/subscribers/${encodeURIComponent(subscriber)}${query === '' ? '' : `?${query}`}`))
  }

  unsubscribe(uid: string, subscriber: string): Promise<Answer> {
    return send(this.url(uid, `/subscribers/${encodeURIComponent(subscriber)}`), { method: 'DELETE' })
  }

  suspend(uid: string, subscriber: string): Promise<Answer> {
    return post(this.url(uid, `/subscribers/${encodeURIComponent(subscriber)}/suspend`))
  }

  async create(uid: string, dataset: Dataset = unassigned()): Promise<void> {
    await succeeds(post(`${this.#service().aet()}/workitems?${uid}`, dataset))
  }

  async update(uid: string, changes: Dataset, transactionUid?: string): Promise<void> {
    await succeeds(
      post(this.url(uid, transactionUid === undefined ? '' : `?transaction-uid=${transactionUid}`), changes),
    )
  }

  async changeState(uid: string, state: string, requester?: string): Promise<void> {
    await succeeds(put(this.url(uid, requester === undefined ? '/state' : `/state/${requester}`), stateChange(state)))
  }

  /** Nobody has a global subscription any more: what is created later is no longer theirs. */
  async unsubscribeEverybody(): Promise<void> {
    const { histories } = await this.#service().store.globalSubscriptions()
    for (const subscriber of histories.keys()) {
      await this.unsubscribe(WORKLIST, subscriber)
      await this.unsubscribe(FILTERED, subscriber)
    }
  }

  /** As the listing of the workitem has it. */
  async holders(uid: string): Promise<readonly Holder[]> {
    const answer = await succeeds(send(this.url(uid, '/subscribers')))
    return (answer.json() as { readonly subscribers: readonly Holder[] }).subscribers
  }

  async holder(uid: string, subscriber: string): Promise<Holder | undefined> {
    return (await this.holders(uid)).find((one) => one.subscriber === subscriber)
  }

  /** What waits for the AE and was not given here before. What it is still owed stays where it is. */
  async news(subscriber: string): Promise<readonly Report[]> {
    const waiting = await this.#service().store.readBacklog(subscriber, this.#seen.get(subscriber), 1_000)
    const last = waiting.at(-1)
    if (last) this.#seen.set(subscriber, last.place)
    return waiting.map(({ uid, event, information }) => ({
      uid,
      event,
      information: JSON.parse(information ?? 'null') as unknown,
    }))
  }

  /** The same, after what the AE is owed was put into its backlog, as delivery does it. */
  async announcedNews(subscriber: string): Promise<readonly Report[]> {
    while (await announceNext(subscriber, this.#service().store, undefined));
    return this.news(subscriber)
  }

  async newsOf(...subscribers: readonly string[]): Promise<Readonly<Record<string, readonly Report[]>>> {
    const all: Record<string, readonly Report[]> = {}
    for (const subscriber of subscribers) all[subscriber] = await this.news(subscriber)
    return all
  }
}

/** Fails with what the service said instead. */
export async function succeeds(request: Promise<Answer>): Promise<Answer> {
  const answer = await request
  expect(answer.status, answer.text).to.be.within(200, 299)
  return answer
}

/** Everything that a subscription command could touch. */
async function picture(service: Service, uids: readonly string[]): Promise<object> {
  const { store } = service
  const [entries, globals, announcements, subscribers, backlogs] = [
    await service.feed(),
    await store.globalSubscriptions(),
    await store.announcements(),
    await store.subscribers(),
    await store.backlogs(),
  ]
  const loaded = await Promise.all(uids.map((uid) => store.load(uid)))
  const waiting = backlogs.filter(({ waiting: count, dropped }) => count + dropped > 0)
  return { feed: entries.length, globals, announcements, subscribers, waiting, loaded }
}

/** Does something that must not change anything: feed, histories, entries, workitems, backlogs, what is owed. */
export const untouched = <Result>(
  service: Service,
  uids: readonly string[],
  act: () => Promise<Result>,
): Promise<Result> => same(() => picture(service, uids), act)

/** decisions.md 1 and 2, standard.md B.3 and C.13; the texts are those of standard.md C.7, C.8 where it prints one. */
const REFUSALS = {
  notSubscribed: { status: 404, dicomStatus: 'C307', title: 'The target Subscription was not found.' },
  onlyForTheWorklist: {
    status: 409,
    dicomStatus: 'C314',
    title: 'The action is not appropriate for a single Workitem.',
  },
  matchingKeysMissing: { status: 400, dicomStatus: '0115', title: 'Matching Keys are missing.' },
  filterNotAppropriate: {
    status: 400,
    dicomStatus: '0115',
    title: 'Matching Keys are for the Filtered Worklist only.',
  },
  upgradeRequired: {
    status: 426,
    dicomStatus: undefined,
    title: 'The resource is an event channel; it is opened as a WebSocket.',
  },
} as const

/** Like `expectRefusal`, for the refusals that only subscriptions know. */
export function expectSubscriptionRefusal(answer: Answer, base: string, name: keyof typeof REFUSALS): void {
  const { status, title, dicomStatus } = REFUSALS[name]
  expect(answer.status, answer.text).to.equal(status)
  expect(answer.headers.get('warning')).to.equal(`299 ${base}: ${title}`)
  expect(answer.headers.get('content-type')).to.equal('application/problem+json')
  for (const header of ['location', 'content-location']) expect(answer.headers.get(header)).to.equal(null)
  const problem = answer.problem()
  expect(problem).to.include({ type: `urn:archive-ups:problem:${name}`, title, status })
  expect(problem.instance).to.equal(`urn:uuid:${answer.headers.get('x-request-id')}`)
  expect(problem.dicomStatus).to.equal(dicomStatus)
  expect(problem.detail).to.match(/\S/)
}
