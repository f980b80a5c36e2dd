/** Datasets out: a text, a multipart, or a list that is written while it is read. */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Context } from 'koa'
import { closingDelimiter, joinMultipart, partText } from '../dicom/multipart.ts'

export function answerText(ctx: Context, type: string, text: string): void {
  ctx.set('Content-Type', type)
  ctx.body = text
}

const XML = 'application/dicom+xml'

export function answerMultipart(ctx: Context, document: string): void {
  const boundary = multipart(ctx)
  ctx.body = joinMultipart([{ contentType: XML, content: document }], boundary)
}

/** XML documents, a part each, as they come. */
export function answerParts(ctx: Context, documents: AsyncIterable<string>): void {
  const boundary = multipart(ctx)
  ctx.body = Readable.from(partsText(documents, boundary), { objectMode: false, encoding: 'utf8' })
}

function multipart(ctx: Context): string {
  const boundary = randomUUID()
  ctx.set('Content-Type', `multipart/related; type="${XML}"; boundary=${boundary}`)
  return boundary
}

async function* partsText(documents: AsyncIterable<string>, boundary: string): AsyncGenerator<string> {
  for await (const document of documents) yield partText(XML, document, boundary)
  yield closingDelimiter(boundary)
}

/** A JSON array, element by element; the texts are JSON already. */
export function answerArray(ctx: Context, type: string, elements: AsyncIterable<string>): void {
  ctx.set('Content-Type', type)
  ctx.body = Readable.from(arrayText(elements), { objectMode: false, encoding: 'utf8' })
}

async function* arrayText(elements: AsyncIterable<string>): AsyncGenerator<string> {
  let before = '['
  for await (const element of elements) {
    yield before + element
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}

export const answerJson = (ctx: Context, document: unknown): void =>
  answerText(ctx, 'application/json', JSON.stringify(document))
