/** PS3.18 8.9 Retrieve Capabilities: the route table as WADL or JSON (Annex H). */
import { REQUEST_MEDIA_TYPES } from './body.ts'
import { type Call, pathParameter } from './call.ts'
import { answerText } from './dataset-answer.ts'
import { HttpRefusal } from './http-statuses.ts'
import { bestOf, describe, RETRIEVE_OFFERS, SEARCH_OFFERS } from './negotiate.ts'
import { valuesOf } from './query.ts'
import { type Resource, RESOURCES, transactionsOf } from './routes.ts'

const WADL = 'application/vnd.sun.wadl+xml'
const PLAIN_JSON = 'application/json'
const OFFERS = [{ type: WADL }, { type: PLAIN_JSON }]

export function retrieveCapabilities(call: Call): void {
  const { ctx, query } = call
  const accept = valuesOf(query, new Set(['accept'])).join(',') || ctx.get('accept') || '*/*'
  const best = bestOf(OFFERS, accept)
  if (best?.type === PLAIN_JSON) return answerText(ctx, PLAIN_JSON, JSON.stringify(description(call)))
  if (best) return answerText(ctx, `${WADL};charset=utf-8`, wadl(call))
  throw new HttpRefusal('notAcceptable', `Capabilities can be had as ${WADL} or ${PLAIN_JSON}.`)
}

interface Described {
  readonly path: string
  readonly methods: readonly {
    readonly method: string
    readonly transaction: string
    readonly queryParameters: readonly string[]
    readonly requestMediaTypes: readonly string[]
    readonly responseMediaTypes: readonly string[]
  }[]
}

function description({ base, ctx }: Call): { base: string; aeTitle: string; resources: readonly Described[] } {
  return { base, aeTitle: pathParameter(ctx, 'aet'), resources: RESOURCES.map(described) }
}

const RESPONSE_TYPES: Readonly<Record<string, readonly string[]>> = {
  Search: SEARCH_OFFERS.map(describe),
  'Count Workitems': [PLAIN_JSON],
  'Retrieve Workitem': RETRIEVE_OFFERS.map(describe),
}

function described(resource: Resource): Described {
  return {
    path: resource.path,
    methods: transactionsOf(resource).map(([method, transaction]) => ({
      method,
      transaction: transaction.name,
      queryParameters: transaction.queryParameters,
      requestMediaTypes: transaction.payload ? REQUEST_MEDIA_TYPES : [],
      responseMediaTypes: RESPONSE_TYPES[transaction.name] ?? [],
    })),
  }
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

function wadl({ base }: Call): string {
  const resources = RESOURCES.map(described).map(resourceXml).join('')
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<application xmlns="http://wadl.dev.java.net/2009/02">\n<resources base="${escape(base)}">\n${resources}</resources>\n</application>\n`
  )
}

function resourceXml({ path, methods }: Described): string {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `<param name="${name}" style="template"/>`)
  return `<resource path="${path.slice(1)}">${parameters.join('')}\n${methods.map(methodXml).join('')}</resource>\n`
}

const representations = (types: readonly string[]): string =>
  types.map((type) => `<representation mediaType="${escape(type)}"/>`).join('')

function methodXml(method: Described['methods'][number]): string {
  const query = method.queryParameters.map((name) => `<param name="${name}" style="query"/>`).join('')
  return (
    `<method name="${method.method}" id="${method.transaction.replaceAll(' ', '')}-${method.method}">` +
    `<request>${query}${representations(method.requestMediaTypes)}</request>` +
    `<response>${representations(method.responseMediaTypes)}</response></method>\n`
  )
}
