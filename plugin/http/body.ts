/** Payloads of requests: media types in, size, encoding, DICOM JSON and XML (PS3.18 8.7, 11.1.3; decisions.md 1). */
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { koaBody } from 'koa-body'
import type { Context, Middleware } from 'koa'
import compose from 'koa-compose'
import type { Dataset, Tag } from '../dicom/dataset.ts'
import { parseDatasetJson } from '../dicom/json.ts'
import { splitMultipart } from '../dicom/multipart.ts'
import type { Parsed } from '../dicom/parsed.ts'
import { parseDatasetXml } from '../dicom/xml-read.ts'
import { problemAt } from '../ups/problems.ts'
import { DicomRefusal } from './dicom-refusal.ts'
import { HttpRefusal } from './http-statuses.ts'
import { type MediaType, parseMediaType } from './media-type.ts'

/** What a dataset may be sent as. */
export const REQUEST_MEDIA_TYPES: readonly string[] = [
  'application/dicom+json',
  'application/json',
  'application/dicom+xml',
  'multipart/related; type="application/dicom+json"',
  'multipart/related; type="application/dicom+xml"',
]

const ACCEPTED = REQUEST_MEDIA_TYPES.join(', ')

const TYPES = ['application/dicom+json', 'application/json', 'application/dicom+xml', 'multipart/related']

/** Reads the bytes of a payload of ours, at most `limit` of them, into `ctx.request.body`. */
export function readBody(limit: number): Middleware {
  const read = koaBody({
    text: true,
    textTypes: TYPES,
    textLimit: limit,
    // Bytes as they are: UTF-8 is decoded by us, where a byte that is none must be an error and not a replacement.
    encoding: 'binary',
    json: false,
    urlencoded: false,
    multipart: false,
    onError: refuseUnreadable(limit),
  })
  const all: Middleware[] = [refuseBeforeReading(limit), read]
  return compose(all)
}

/** What the headers alone tell. A packed payload is refused: it would only be known when unpacked how large it is. */
const refuseBeforeReading =
  (limit: number): Middleware =>
  (ctx, next) => {
    const { 'content-encoding': encoding = 'identity', 'content-length': length = '0' } = ctx.req.headers
    if (encoding.trim().toLowerCase() !== 'identity') {
      throw unsupported(`The Content-Encoding of the payload must be identity.`, { 'Accept-Encoding': 'identity' })
    }
    if (Number(length) > limit) throw tooLarge(limit)
    return next()
  }

const refuseUnreadable =
  (limit: number) =>
  (error: Error, ctx: Context): never => {
    // What is still to come is taken and thrown away, or the connection would never be free again.
    ctx.req.resume()
    if ('status' in error && error.status === 413) throw tooLarge(limit)
    throw new HttpRefusal('malformedPayload', 'The payload ended early or is not what its headers say.')
  }

const tooLarge = (limit: number): HttpRefusal =>
  new HttpRefusal('payloadTooLarge', `The payload may have ${limit} bytes at most.`)

/** The bytes that were read, one character each; undefined: nothing was, the media type is none of ours. */
const bytesOf = ({ request }: Context): string | undefined => {
  const { body } = request as { readonly body?: unknown }
  return typeof body === 'string' ? body : undefined
}

/** Whether a payload was sent at all; one of an unknown media type counts. */
async function hasBody(ctx: Context): Promise<boolean> {
  const bytes = bytesOf(ctx)
  if (bytes !== undefined) return bytes !== ''
  const { headers } = ctx.req
  if (headers['transfer-encoding'] === undefined) return Number(headers['content-length'] ?? 0) > 0
  return anyByteOf(ctx.req)
}

/** In chunks, a payload may turn out to be none. */
async function anyByteOf(request: IncomingMessage): Promise<boolean> {
  let hasAny = false
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (chunk.length === 0) continue
    hasAny = true
    break
  }
  // After the loop, which would pause it again.
  if (hasAny) request.resume()
  return hasAny
}

/** The dataset of a request that may come without one. */
export const readOptionalDataset = async (ctx: Context): Promise<Dataset> =>
  (await hasBody(ctx)) ? readDataset(ctx) : {}

/** @throws HttpRefusal, DicomRefusal */
export function readDataset(ctx: Context): Dataset {
  const type = parseMediaType(ctx.get('content-type'))
  if (type === undefined || !TYPES.includes(type.type)) throw unsupported()
  const bytes = bytesOf(ctx) ?? ''
  if (bytes === '') throw new HttpRefusal('malformedPayload', 'The payload is empty.')
  return accepted(parse(type, bytes))
}

function parse(type: MediaType, bytes: string): Parsed<Dataset> {
  const charset = type.parameters.get('charset')?.toLowerCase() ?? 'utf-8'
  if (charset !== 'utf-8' && charset !== 'us-ascii') throw unsupported('The charset of the payload must be UTF-8.')
  if (type.type === 'multipart/related') return parsePart(type, bytes)
  return type.type === 'application/dicom+xml' ? parseDatasetXml(decode(bytes)) : parseJson(decode(bytes))
}

/** One part, which holds the one workitem. */
function parsePart(type: MediaType, bytes: string): Parsed<Dataset> {
  const root = type.parameters.get('type')?.toLowerCase()
  if (root !== 'application/dicom+xml' && root !== 'application/dicom+json') throw unsupported()
  const boundary = type.parameters.get('boundary')
  if (!boundary) throw new HttpRefusal('malformedPayload', 'The Content-Type multipart/related has no boundary.')
  const parts = accepted(splitMultipart(Buffer.from(bytes, 'latin1'), boundary))
  const [part] = parts
  if (!part || parts.length > 1) {
    throw new HttpRefusal('malformedPayload', `The payload has ${parts.length} parts, expected exactly one.`)
  }
  const partType = part.contentType === undefined ? root : parseMediaType(part.contentType)?.type
  if (partType !== root) throw unsupported('The part of the payload has another media type than its Content-Type says.')
  const text = decode(part.content.toString('latin1'))
  return root === 'application/dicom+xml' ? parseDatasetXml(text) : parseJson(text)
}

const ASCII = /^[\0-\x7f]*$/

function decode(bytes: string): string {
  if (ASCII.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, 'latin1')
  if (!isUtf8(buffer)) throw new HttpRefusal('malformedPayload', 'The payload is not UTF-8.')
  return buffer.toString('utf8').replace(/^\uFEFF/, '')
}

function parseJson(text: string): Parsed<Dataset> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    // The message of the parser quotes the payload; where it stopped is enough.
    const position = /position (\d+)/.exec(String(error))?.[1]
    const where = position === undefined ? '' : ` at position ${position}`
    throw new HttpRefusal('malformedPayload', `The payload is not JSON${where}.`)
  }
  return parseDatasetJson(document)
}

/** Arguments of a request that are read before the rules see them. @throws DicomRefusal */
export function requireOneValue(attributes: Dataset, tag: Tag): void {
  const count = attributes[tag]?.Value?.length ?? 0
  if (count > 1) {
    throw new DicomRefusal('invalidValue', [problemAt('invalidValue', tag, `expected 1 value, found ${count}`)])
  }
}

function accepted<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value
  if (parsed.kind === 'malformed') {
    const [{ path, reason } = { path: '', reason: 'unknown' }] = parsed.problems
    throw new HttpRefusal('malformedPayload', `${path || 'The payload'}: ${reason.replace(/\.+$/, '')}.`)
  }
  const problems = parsed.problems.map(({ path, reason }) => problemAt('invalidValue', path, reason))
  throw new DicomRefusal('invalidValue', problems)
}

const unsupported = (detail?: string, headers: Readonly<Record<string, string>> = {}): HttpRefusal =>
  new HttpRefusal('unsupportedMediaType', detail ?? `Send the dataset as one of ${ACCEPTED}.`, {
    Accept: ACCEPTED,
    ...headers,
  })
