/** PS3.18 11.9 Search, and how many there are (extension). */
import { stringifyDataset } from '../dicom/json.ts'
import { writeDatasetXml } from '../dicom/xml-write.ts'
import { searchResult } from '../ups/search-result.ts'
import { count, type Outcome, type Result, search } from '../worklist/search.ts'
import { answerEmpty, warnMoreResults, warnUnknownParameters } from './answer.ts'
import { type Call, workitemUrl } from './call.ts'
import { answerArray, answerJson, answerParts } from './dataset-answer.ts'
import { HttpRefusal } from './http-statuses.ts'
import { negotiate, SEARCH_OFFERS } from './negotiate.ts'
import { parseSearchCriteria, parseSearchQuery, type SearchQuery } from './search-query.ts'

export async function searchWorkitems(call: Call): Promise<void> {
  const { ctx, base, ae } = call
  const offer = negotiate(ctx, call.query, SEARCH_OFFERS)
  const query = parseSearchQuery(call.query, ae.settings.worklistLabelFilter.value)
  const { matches, page } = await found(call, query)
  if (query.hasUnknown) warnUnknownParameters(ctx, base)
  const more = leftByOurCap(query, ae.settings.qidoMaxResults.value || Infinity, matches)
  if (more > 0) warnMoreResults(ctx, base, more)
  const write = offer.format === 'json' ? stringifyDataset : writeDatasetXml
  const texts = watched(
    call,
    mapped(page, ({ uid, dataset }) => write(searchResult(dataset, workitemUrl(call, uid), query.fields))),
  )
  // The first one is awaited: a store that gives nothing is told while there can still be an answer of that.
  const begun = await begin(texts)
  if (begun === undefined) {
    answerEmpty(ctx)
    return
  }
  ctx.set('Cache-Control', 'no-cache')
  if (offer.format === 'json') answerArray(ctx, offer.type, begun)
  else answerParts(ctx, begun)
}

/** Only when our own cap cut the page: a client that limits itself knows that there is more (decisions.md 1). */
function leftByOurCap({ offset, limit = Infinity }: SearchQuery, cap: number, matches: number | undefined): number {
  const left = Math.max((matches ?? 0) - offset, 0)
  return cap < Math.min(left, limit) ? left - cap : 0
}

export async function countWorkitems(call: Call): Promise<void> {
  const { ctx, base, ae, policy, service } = call
  const { query, hasUnknown } = parseSearchCriteria(call.query, ae.settings.worklistLabelFilter.value)
  const counted = await count(service.desk(), { query, timeZone: policy.timeZone, signal: goneSignal(ctx) })
  if (counted.outcome === 'too broad') throw tooBroad()
  if (hasUnknown) warnUnknownParameters(ctx, base)
  ctx.set('Cache-Control', 'no-cache')
  answerJson(ctx, { count: counted.matches })
}

/** @throws HttpRefusal tooManyMatches, searchTooBroad */
async function found(
  { ctx, ae: { settings }, policy, service }: Call,
  { query, order, offset, limit = Infinity }: SearchQuery,
): Promise<Extract<Outcome, { outcome: 'found' }>> {
  const cap = settings.qidoMaxResults.value || Infinity
  const most = settings.queryMaxResults.value || Infinity
  const searched = await search(service.desk(), {
    query,
    order,
    timeZone: policy.timeZone,
    offset,
    limit: Math.min(limit, cap),
    most,
    counted: cap < limit,
    signal: goneSignal(ctx),
  })
  switch (searched.outcome) {
    case 'found':
      return searched
    case 'too many':
      throw new HttpRefusal('tooManyMatches', `The search matches ${searched.matches} Workitems, the limit is ${most}.`)
    case 'too broad':
      throw tooBroad()
  }
}

/** Aborted when nobody is there any more to be answered. */
function goneSignal({ res }: Call['ctx']): AbortSignal {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  return gone.signal
}

const tooBroad = (): HttpRefusal =>
  new HttpRefusal(
    'searchTooBroad',
    'The search took too long and was given up; narrow it down, best by one ProcedureStepState, or ask for less with limit.',
  )

/** What breaks an answer that has begun can no longer be answered, only be told here. */
async function* watched({ ctx, service }: Call, texts: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* texts
  } catch (err) {
    service.logger.error({ err, requestId: ctx.response.get('X-Request-Id') }, 'a search broke off')
    throw err
  }
}

async function* mapped(source: AsyncIterable<Result>, map: (from: Result) => string): AsyncGenerator<string> {
  for await (const one of source) yield map(one)
}

/** Undefined if there is nothing. */
async function begin<One>(source: AsyncGenerator<One>): Promise<AsyncGenerator<One> | undefined> {
  const first = await source.next()
  if (first.done) return undefined
  return (async function* () {
    yield first.value
    yield* source
  })()
}
