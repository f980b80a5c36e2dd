/** Which media type answers (PS3.18 8.7, decisions.md 1): q-values decide, the `accept` parameter before the header. */
import type { Context } from 'koa'
import { HttpRefusal } from './http-statuses.ts'
import { type MediaType, mediaTypeList } from './media-type.ts'
import type { Parameter } from './query.ts'
import { valuesOf } from './query.ts'

export type DatasetFormat = 'json' | 'multipart xml' | 'single xml'

export interface Offer {
  readonly format: DatasetFormat
  readonly type: string
  /** For multipart/related: the type of its parts. */
  readonly parts?: string
}

const DICOM_JSON: Offer = { format: 'json', type: 'application/dicom+json' }
const PLAIN_JSON: Offer = { format: 'json', type: 'application/json' }
const MULTIPART_XML: Offer = { format: 'multipart xml', type: 'multipart/related', parts: 'application/dicom+xml' }
const SINGLE_XML: Offer = { format: 'single xml', type: 'application/dicom+xml' }

/** In order of preference among equals. */
export const SEARCH_OFFERS: readonly Offer[] = [DICOM_JSON, PLAIN_JSON, MULTIPART_XML]
export const RETRIEVE_OFFERS: readonly Offer[] = [...SEARCH_OFFERS, SINGLE_XML]

/** @throws HttpRefusal notAcceptable */
export function negotiate(ctx: Context, query: readonly Parameter[], offers: readonly Offer[]): Offer {
  refuseOtherCharsets(ctx)
  const header = ctx.get('accept')
  // A plus is an ordinary character here; `parseQuery` made it a blank.
  const wanted = valuesOf(query, ACCEPT)
    .join(',')
    .replaceAll(/(?<=dicom) (?=json|xml)/g, '+')
  // The parameter chooses, but the header must allow what it chooses.
  const allowed = wanted === '' ? offers : offers.filter((offer) => header === '' || quality(offer, header) > 0)
  const best = bestOf(allowed, wanted === '' ? header || '*/*' : wanted)
  if (best) return best
  const supported = offers.map(describe).join(', ')
  throw new HttpRefusal('notAcceptable', `This resource can be had as ${supported}.`, { Vary: 'Accept' })
}

const ACCEPT: ReadonlySet<string> = new Set(['accept'])

export const describe = ({ type, parts }: Offer): string => (parts ? `${type}; type="${parts}"` : type)

export function bestOf<One extends Pick<Offer, 'type' | 'parts'>>(
  offers: readonly One[],
  accept: string,
): One | undefined {
  let best: One | undefined
  let bestQuality = 0
  for (const offer of offers) {
    const q = quality(offer, accept)
    if (q > bestQuality) [best, bestQuality] = [offer, q]
  }
  return best
}

/** The q of the most specific range that matches; 0: not acceptable. */
function quality(offer: Pick<Offer, 'type' | 'parts'>, accept: string): number {
  let specificity = -1
  let q = 0
  for (const range of mediaTypeList(accept)) {
    const matched = specificityOf(range, offer)
    if (matched > specificity) [specificity, q] = [matched, Number(range.parameters.get('q') ?? 1)]
  }
  return Number.isFinite(q) ? q : 0
}

function specificityOf(range: MediaType, offer: Pick<Offer, 'type' | 'parts'>): number {
  if (range.type === '*/*') return 0
  const [family = ''] = offer.type.split('/')
  if (range.type === `${family}/*`) return 1
  if (range.type !== offer.type) return -1
  const parts = range.parameters.get('type')
  if (offer.parts === undefined || parts === undefined) return 2
  return parts.toLowerCase() === offer.parts ? 3 : -1
}

/** Everything is answered in UTF-8; a client that excludes it gets nothing (PS3.18 8.8). */
function refuseOtherCharsets(ctx: Context): void {
  const header = ctx.get('accept-charset')
  if (header === '') return
  const ranges = mediaTypeList(header)
  const utf8 = ranges.find(({ type }) => type === 'utf-8') ?? ranges.find(({ type }) => type === '*')
  if (utf8 && Number(utf8.parameters.get('q') ?? 1) > 0) return
  throw new HttpRefusal('notAcceptable', 'This service answers in UTF-8 only.', { Vary: 'Accept-Charset' })
}
