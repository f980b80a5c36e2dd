/** Bodies of type multipart/related (RFC 2387, RFC 2046 5.1), in which XML datasets come and go (PS3.18 8.6.1.2). */
import { malformed, type Parsed } from './parsed.ts'

export interface Part {
  /** The value of its Content-Type header, as it stands. */
  readonly contentType: string | undefined
  readonly content: Buffer
}

const LINE_END = '\r\n'
const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20
const TAB = 0x09
const DASH = 0x2d
const MOST_BOUNDARY_CHARACTERS = 70

/** The parts between the delimiter lines; what is before the first and after the last one does not count. */
export function splitMultipart(body: Buffer, boundary: string): Parsed<readonly Part[]> {
  if (boundary === '' || boundary.length > MOST_BOUNDARY_CHARACTERS) {
    return malformed(`expected a boundary of 1 to ${MOST_BOUNDARY_CHARACTERS} characters, found ${boundary.length}`)
  }
  const parts: Part[] = []
  let delimiter = findDelimiter(body, boundary, 0)
  if (delimiter === undefined) return malformed('expected a multipart body, found no delimiter with its boundary')
  while (!delimiter.closes) {
    const next = findDelimiter(body, boundary, delimiter.end)
    if (next === undefined) return malformed('expected a closing delimiter, found the end of the body')
    const part = readPart(body.subarray(delimiter.end, next.start))
    if (part === undefined) return malformed(`expected header lines in part ${parts.length + 1}, found something else`)
    parts.push(part)
    delimiter = next
  }
  return parts.length > 0 ? { ok: true, value: parts } : malformed('expected at least one part, found none')
}

interface Delimiter {
  /** Of the line end before it, which belongs to the delimiter. */
  readonly start: number
  /** Of what comes after the delimiter's line. */
  readonly end: number
  readonly closes: boolean
}

function findDelimiter(body: Buffer, boundary: string, from: number): Delimiter | undefined {
  const dashed = Buffer.from(`--${boundary}`)
  for (let at = body.indexOf(dashed, from); at !== -1; at = body.indexOf(dashed, at + 1)) {
    const startsLine = at === 0 || (body[at - 2] === CR && body[at - 1] === LF)
    const delimiter = startsLine ? delimiterAt(body, at, at + dashed.length) : undefined
    if (delimiter !== undefined) return delimiter
  }
  return undefined
}

/** Undefined when the line goes on: then its beginning only looks like a delimiter. */
function delimiterAt(body: Buffer, at: number, afterBoundary: number): Delimiter | undefined {
  const closes = body[afterBoundary] === DASH && body[afterBoundary + 1] === DASH
  let end = closes ? afterBoundary + 2 : afterBoundary
  while (body[end] === SPACE || body[end] === TAB) end++
  const endsLine = body[end] === CR && body[end + 1] === LF
  if (!endsLine && !(closes && end === body.length)) return undefined
  return { start: Math.max(0, at - LINE_END.length), end: endsLine ? end + LINE_END.length : end, closes }
}

/** Headers, an empty line, content. Without headers the empty line comes first; without content it may be missing. */
function readPart(part: Buffer): Part | undefined {
  if (part.length === 0) return { contentType: undefined, content: part }
  if (part[0] === CR && part[1] === LF) return { contentType: undefined, content: part.subarray(LINE_END.length) }
  const found = part.indexOf(LINE_END + LINE_END)
  const headersEnd = found === -1 ? part.length : found
  const headers = part.toString('latin1', 0, headersEnd).trimEnd()
  const lines = headers.replace(FOLDED, ' ').split(LINE_END)
  if (!lines.every((line) => HEADER.test(line))) return undefined
  const content = part.subarray(headersEnd + 2 * LINE_END.length)
  return { contentType: contentTypeIn(lines), content }
}

/** A name is a token (RFC 9110 5.6.2), and a line that begins with white space goes on with the header before it (RFC 5322 2.2.3). */
const FOLDED = /\r\n[ \t]+/g
const HEADER = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+:/
const CONTENT_TYPE = /^content-type:/i

function contentTypeIn(lines: readonly string[]): string | undefined {
  const line = lines.find((header) => CONTENT_TYPE.test(header))
  return line?.slice(line.indexOf(':') + 1).trim()
}

/** One part with the delimiter before it. The boundary must not occur in a content: enough randomness does not. */
export const partText = (contentType: string, content: string, boundary: string): string =>
  `--${boundary}\r\nContent-Type: ${contentType}\r\n\r\n${content}\r\n`

export const closingDelimiter = (boundary: string): string => `--${boundary}--\r\n`

export const joinMultipart = (
  parts: readonly { readonly contentType: string; readonly content: string }[],
  boundary: string,
): string =>
  parts.map(({ contentType, content }) => partText(contentType, content, boundary)).join('') +
  closingDelimiter(boundary)
