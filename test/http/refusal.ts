/** What a refusal must look like (decisions.md 1 and 2), and that it left no trace. */
import { expect } from 'chai'
import type { Answer } from '../support/http.ts'
import { send } from '../support/http.ts'
import type { Service } from '../support/service.ts'

interface Row {
  readonly status: number
  readonly title: string
  readonly dicomStatus?: string
}

/** Transcribed: statuses from decisions.md 2, texts from standard.md C.3 to C.5 where it prints one. */
const REFUSALS = {
  notAllowedAttribute: { status: 400, dicomStatus: '0105', title: 'An Attribute is not allowed in this request.' },
  invalidValue: { status: 400, dicomStatus: '0106', title: 'An Attribute has an invalid value.' },
  invalidArgument: { status: 400, dicomStatus: '0115', title: 'An argument of the request has an invalid value.' },
  missingAttribute: { status: 400, dicomStatus: '0120', title: 'A required Attribute is missing.' },
  missingValue: { status: 400, dicomStatus: '0121', title: 'A required Attribute has no value.' },
  notScheduled: { status: 400, dicomStatus: 'C309', title: 'The provided value of UPS State was not SCHEDULED.' },
  scheduledOnlyByCreate: { status: 400, dicomStatus: 'C303', title: 'The UPS may only become SCHEDULED via Create.' },
  transactionUidMissing: { status: 400, dicomStatus: 'C301', title: 'The Transaction UID is missing.' },
  transactionUidIncorrect: { status: 400, dicomStatus: 'C301', title: 'The Transaction UID is incorrect.' },
  claimedByAnother: { status: 409, dicomStatus: 'C301', title: 'The Transaction UID is incorrect.' },
  finishedNoUpdate: {
    status: 400,
    dicomStatus: 'C300',
    title: 'The submitted request is inconsistent with the current state of the Workitem.',
  },
  finished: {
    status: 409,
    dicomStatus: 'C300',
    title: 'The submitted request is inconsistent with the state of the UPS Instance.',
  },
  claimStands: {
    status: 409,
    dicomStatus: 'C302',
    title: 'The UPS is already IN PROGRESS under this Transaction UID; the claim stands.',
  },
  duplicate: { status: 409, dicomStatus: '0111', title: 'The Workitem already exists.' },
  finalStateRequirements: {
    status: 409,
    dicomStatus: 'C304',
    title: 'The final state requirements of the UPS are not met.',
  },
  notYetInProgress: {
    status: 409,
    dicomStatus: 'C310',
    title: 'The submitted request is inconsistent with the state of the UPS Instance.',
  },
  notYetInProgressNoUpdate: {
    status: 409,
    dicomStatus: 'C310',
    title: 'The target URI did not reference a claimed Workitem.',
  },
  notYetClaimed: {
    status: 409,
    dicomStatus: 'C310',
    title: 'Nobody has claimed the UPS; a cancel request cancels it.',
  },
  alreadyCompleted: { status: 409, dicomStatus: 'C311', title: 'The UPS is already COMPLETED.' },
  performerUnreachable: { status: 409, dicomStatus: 'C312', title: 'The performer cannot be contacted.' },
  notFound: { status: 404, dicomStatus: 'C307', title: 'The Workitem does not exist.' },
  gone: { status: 410, dicomStatus: 'C307', title: 'The Workitem existed and was deleted.' },
  malformedPayload: { status: 400, title: 'The payload cannot be read.' },
  malformedParameter: { status: 400, title: 'A parameter of the request cannot be read.' },
  crossSite: { status: 403, title: 'Requests from other sites are refused.' },
  unknownAE: { status: 404, title: 'No such Application Entity.' },
  unknownResource: { status: 404, title: 'No such resource.' },
  methodNotAllowed: { status: 405, title: 'The resource does not support this method.' },
  notAcceptable: { status: 406, title: 'None of the acceptable media types is supported.' },
  payloadTooLarge: { status: 413, title: 'The payload is too large.' },
  tooManyMatches: {
    status: 413,
    title: 'The search matches more Workitems than the limit of this service; narrow it down.',
  },
  searchTooBroad: {
    status: 413,
    title: 'The search looks at more Workitems than this service can in the time it has; narrow it down.',
  },
  unsupportedMediaType: { status: 415, title: 'The media type of the payload is not supported.' },
  unavailable: { status: 503, title: 'The service cannot take or give data now; try again.' },
} as const satisfies Readonly<Record<string, Row>>

export type RefusalName = keyof typeof REFUSALS

export interface Said {
  /** The whole detail, or what must stand in it. */
  readonly detail?: string | RegExp
  /** All paths that are named, in any order. */
  readonly paths?: readonly string[]
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** `base`: the base URI of the service, which stands in the Warning header. */
export function expectRefusal(answer: Answer, base: string, name: RefusalName, said: Said = {}): void {
  const row: Row = REFUSALS[name]
  expect(answer.status, answer.text).to.equal(row.status)
  expect(answer.headers.get('warning')).to.equal(`299 ${base}: ${row.title}`)
  expect(answer.headers.get('content-type')).to.equal('application/problem+json')
  expect(answer.headers.get('x-request-id')).to.match(UUID)
  const problem = answer.problem()
  expect(problem).to.include({
    type: `urn:archive-ups:problem:${name}`,
    title: row.title,
    status: row.status,
    instance: `urn:uuid:${answer.headers.get('x-request-id')}`,
  })
  expect(problem.dicomStatus).to.equal(row.dicomStatus)
  expectDetail(problem.detail, said.detail)
  const attributes = problem.attributes ?? []
  expect([...new Set(attributes.map(({ path }) => path))]).to.have.members([...(said.paths ?? [])])
  for (const { path, keyword, reason } of attributes.slice(0, 5)) {
    expect(reason).to.match(/\S/)
    for (const text of [path, reason, ...(keyword === undefined ? [] : [keyword])]) {
      expect(problem.detail, 'the detail names the attribute and why').to.include(text)
    }
  }
}

function expectDetail(detail: string, expected: string | RegExp | undefined): void {
  if (expected === undefined) expect(detail).to.match(/\S/)
  else if (typeof expected === 'string') expect(detail).to.equal(expected)
  else expect(detail).to.match(expected)
}

/** What the service holds: the feed, and the texts of these workitems. */
async function picture(service: Service, uids: readonly string[]): Promise<object> {
  const entries = await service.feed()
  const texts = await Promise.all(uids.map((uid) => service.store.retrieve(uid)))
  return { entries: entries.length, total: await service.store.count(), texts }
}

/** Does something between two looks that must show the same. */
export async function same<Result>(look: () => Promise<object>, act: () => Promise<Result>): Promise<Result> {
  const before = await look()
  const result = await act()
  expect(await look(), 'nothing changed').to.deep.equal(before)
  return result
}

/** Does something that must not change anything: no feed entry, no workitem more or less, the same texts. */
export const unchanged = <Result>(
  service: Service,
  uids: readonly string[],
  act: () => Promise<Result>,
): Promise<Result> => same(() => picture(service, uids), act)

/** A success without a payload, with these Warning texts and no other. */
export function expectSuccess(answer: Answer, base: string, status: number, ...warnings: readonly string[]): void {
  expect(answer.status, answer.text).to.equal(status)
  expect(answer.text).to.equal('')
  expect(answer.headers.get('content-type')).to.equal(null)
  const expected = warnings.map((text) => `299 ${base}: ${text}`).join(', ')
  expect(answer.headers.get('warning')).to.equal(expected === '' ? null : expected)
}

/** The dataset of a workitem as a client reads it. */
export async function retrieved(base: string, uid: string): Promise<Record<string, Retrieved>> {
  const answer = await send(`${base}/workitems/${uid}`)
  expect(answer.status, answer.text).to.equal(200)
  const [dataset] = answer.json() as readonly [Record<string, Retrieved>]
  return dataset
}

export interface Retrieved {
  readonly vr: string
  readonly Value?: readonly unknown[]
}
