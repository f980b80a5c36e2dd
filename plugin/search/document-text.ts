/** Text as a term of the index: whole code points, and no more bytes than Lucene takes. */
import { Buffer } from 'node:buffer'

/** Bytes of UTF-8 that a term can have. */
export const MOST_BYTES = 32_766

/** No code point of well-formed text has more for each unit of UTF-16. */
const BYTES_OF_UNIT = 3

/** Stands for surrogates that stand alone, which UTF-8 does not have. */
export const REPLACEMENT = '\ufffd'

export interface Term {
  readonly text: string
  /** It was too long, and is the beginning. */
  readonly isCut: boolean
}

export function termOf(text: string): Term {
  const wellFormed = text.toWellFormed()
  if (isShort(wellFormed)) return { text: wellFormed, isCut: false }
  const bytes = Buffer.from(wellFormed)
  let end = MOST_BYTES
  while (isContinuation(bytes[end])) end--
  return { text: bytes.toString('utf8', 0, end), isCut: true }
}

const isShort = (text: string): boolean =>
  text.length * BYTES_OF_UNIT <= MOST_BYTES || Buffer.byteLength(text) <= MOST_BYTES

const isContinuation = (byte = 0): boolean => (byte & 0xc0) === 0x80
