/** PS3.18 11.9 Search. */
import type { Dataset } from '../dicom/dataset.ts'
import { stringifyDataset } from '../dicom/json.ts'
import { writeDatasetXml } from '../dicom/xml-write.ts'
import type { Listed } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { searchResult } from '../ups/search-result.ts'
import { search } from '../worklist/search.ts'
import { answerEmpty, warnMoreResults, warnUnknownParameters } from './answer.ts'
import { type Call, workitemUrl } from './call.ts'
import { answerArray, answerParts } from './dataset-answer.ts'
import { HttpRefusal } from './http-statuses.ts'
import { negotiate, SEARCH_OFFERS } from './negotiate.ts'
import { parseSearchQuery } from './search-query.ts'

export async function searchWorkitems(call: Call): Promise<void> {
  const { ctx, base, service, ae } = call
  const offer = negotiate(ctx, call.query, SEARCH_OFFERS)
  const query = parseSearchQuery(call.query)
  const store = service.desk().store
  const matches = await store.count(query.states)
  refuseTooMany(matches, ae.settings.queryMaxResults.value)

  const cap = ae.settings.qidoMaxResults.value || Infinity
  const wanted = Math.min(Math.max(matches - query.offset, 0), query.limit ?? Infinity)
  const returned = Math.min(wanted, cap)
  if (query.hasUnknown) warnUnknownParameters(ctx, base)
  if (returned === 0) {
    answerEmpty(ctx)
    return
  }
  // Only when our own cap cut the page: a client that limits itself knows that there is more (decisions.md 1).
  if (returned < wanted) warnMoreResults(ctx, base, matches - query.offset - returned)
  const found = search(store, {
    ...(query.states ? { states: query.states } : {}),
    offset: query.offset,
    limit: returned,
  })
  ctx.set('Cache-Control', 'no-cache')
  const write = offer.format === 'json' ? stringifyDataset : writeDatasetXml
  const texts = watched(
    call,
    mapped(found, (one) => write(resultOf(call, one))),
  )
  // The first one is awaited: a store that gives nothing is told while there can still be an answer of that.
  const begun = await begin(texts)
  if (offer.format === 'json') answerArray(ctx, offer.type, begun)
  else answerParts(ctx, begun)
}

const resultOf = (call: Call, { uid, json }: Listed): Dataset =>
  searchResult(storedDataset(json), workitemUrl(call, uid))

/** What breaks an answer that has begun can no longer be answered, only be told here. */
async function* watched({ ctx, service }: Call, texts: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* texts
  } catch (err) {
    service.logger.error({ err, requestId: ctx.response.get('X-Request-Id') }, 'a search broke off')
    throw err
  }
}

function refuseTooMany(matches: number, limit: number): void {
  if (limit > 0 && matches > limit) {
    throw new HttpRefusal('tooManyMatches', `The search matches ${matches} Workitems, the limit is ${limit}.`)
  }
}

async function* mapped<From, To>(source: AsyncIterable<From>, map: (from: From) => To): AsyncGenerator<To> {
  for await (const one of source) yield map(one)
}

async function begin<One>(source: AsyncGenerator<One>): Promise<AsyncGenerator<One>> {
  const first = await source.next()
  return (async function* () {
    if (first.done) return
    yield first.value
    yield* source
  })()
}
