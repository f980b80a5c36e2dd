/** Payloads of requests: media types in, size, encoding, DICOM JSON and XML (PS3.18 8.7, 11.1.3; decisions.md 1). */
import { isUtf8 } from 'node:buffer'
import { koaBody } from 'koa-body'
import type { Context, Middleware } from 'koa'
import type { Dataset } from '../dicom/dataset.ts'
import { parseDatasetJson } from '../dicom/json.ts'
import { splitMultipart } from '../dicom/multipart.ts'
import type { Parsed } from '../dicom/parsed.ts'
import { parseDatasetXml } from '../dicom/xml-read.ts'
import { problemAt } from '../ups/problems.ts'
import { DicomRefusal } from './dicom-refusal.ts'
import { HttpRefusal } from './http-statuses.ts'
import { type MediaType, parseMediaType } from './media-type.ts'

const ACCEPTED =
  'application/dicom+json, application/json, application/dicom+xml, ' +
  'multipart/related; type="application/dicom+json", multipart/related; type="application/dicom+xml"'

const TYPES = ['application/dicom+json', 'application/json', 'application/dicom+xml', 'multipart/related']

/** Reads the bytes of a payload of ours, at most `limit` of them, into `ctx.request.body`. */
export function readBody(limit: number): Middleware {
  return koaBody({
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
}

const refuseUnreadable =
  (limit: number) =>
  (error: Error): never => {
    const status = 'status' in error ? error.status : undefined
    if (status === 413) throw new HttpRefusal('payloadTooLarge', `The payload may have ${limit} bytes at most.`)
    if (status === 415) throw unsupported('The Content-Encoding of the payload is not supported.')
    throw new HttpRefusal('malformedPayload', 'The payload ended early or is not what its headers say.')
  }

/** Whether a payload was sent at all; one of an unknown media type counts. */
const hasBody = ({ req }: Context): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0

/** The dataset of a request that may come without one. */
export const readOptionalDataset = (ctx: Context): Dataset => (hasBody(ctx) ? readDataset(ctx) : {})

/** @throws HttpRefusal, DicomRefusal */
export function readDataset(ctx: Context): Dataset {
  const type = parseMediaType(ctx.get('content-type'))
  const bytes: unknown = (ctx.request as { readonly body?: unknown }).body
  if (type === undefined || !TYPES.includes(type.type)) throw unsupported()
  if (typeof bytes !== 'string' || bytes === '') throw new HttpRefusal('malformedPayload', 'The payload is empty.')
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

function accepted<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value
  if (parsed.kind === 'malformed') {
    const [{ path, reason } = { path: '', reason: 'unknown' }] = parsed.problems
    throw new HttpRefusal('malformedPayload', path === '' ? `The payload: ${reason}.` : `${path}: ${reason}.`)
  }
  const problems = parsed.problems.map(({ path, reason }) => problemAt('invalidValue', path, reason))
  throw new DicomRefusal('invalidValue', problems)
}

const unsupported = (detail?: string): HttpRefusal =>
  new HttpRefusal('unsupportedMediaType', detail ?? `Send the dataset as one of ${ACCEPTED}.`, { Accept: ACCEPTED })
