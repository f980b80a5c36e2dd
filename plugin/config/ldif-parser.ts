/**
 * LDIF content records, RFC 2849. Strict about what may be meant in two ways, liberal in one thing: a value may hold
 * UTF-8 as it is.
 *
 * - Line: a logical one, after unfolding, with the number of its first line in the file.
 * - Error texts never hold what stands in a line beyond the attribute's name: it may be a password.
 */
import { DirectoryError, directoryEntry } from './directory.ts'
import type { DirectoryEntry } from './directory.ts'

export interface LdifEntry extends DirectoryEntry {
  /** `file:line` of its DN. */
  readonly place: string
}

interface Line {
  readonly number: number
  readonly text: string
}

type EntryLines = readonly [dn: Line, ...attributes: Line[]]

type Fail = (line: Line, expected: string) => DirectoryError

/**
 * The entries in the order of the text.
 *
 * A base64 value that is not UTF-8 gets U+FFFD in place of its bytes: no setting is binary, and other people's
 * certificates are no reason to refuse their file.
 *
 * @param file what errors and places call the text
 * @throws DirectoryError `unusable`: names the file, the line and what was expected there.
 */
export function parseLdif(text: string, file: string): readonly LdifEntry[] {
  const fail: Fail = ({ number }, expected) =>
    new DirectoryError('unusable', `${file}:${number}: expected ${expected}.`)
  return splitEntries(unfold(text, fail), fail).map((lines) => parseEntry(lines, file, fail))
}

/** A line break before a single space is not there; the space is not there either. */
function unfold(text: string, fail: Fail): readonly Line[] {
  const lines: { number: number; text: string }[] = []
  for (const [index, physical] of text.split(/\r?\n/).entries()) {
    const line = { number: index + 1, text: physical }
    if (!physical.startsWith(' ')) lines.push(line)
    else continued(lines, line, fail).text += physical.slice(1)
  }
  return lines
}

function continued<L extends Line>(lines: readonly L[], line: Line, fail: Fail): L {
  const above = lines.at(-1)
  if (!above || above.text === '') throw fail(line, 'a line above that this one, which begins with a space, continues')
  return above
}

function splitEntries(lines: readonly Line[], fail: Fail): readonly EntryLines[] {
  const entries: [Line, ...Line[]][] = []
  const withoutComments = lines.filter(({ text }) => !text.startsWith('#'))
  let afterEmptyLine = true
  for (const line of withoutVersion(withoutComments, fail)) {
    const isEmpty = line.text === ''
    if (!isEmpty && afterEmptyLine) entries.push([line])
    else if (!isEmpty) entries.at(-1)?.push(line)
    afterEmptyLine = isEmpty
  }
  return entries
}

function withoutVersion(lines: readonly Line[], fail: Fail): readonly Line[] {
  const first = lines.findIndex(({ text }) => text !== '')
  const line = lines[first]
  if (!line || !/^version:/i.test(line.text)) return lines
  if (!/^version: *1$/i.test(line.text)) throw fail(line, '"version: 1"')
  return lines.slice(first + 1)
}

function parseEntry([first, ...rest]: EntryLines, file: string, fail: Fail): LdifEntry {
  const { name, value: dn } = parseLine(first, fail)
  if (name.toLowerCase() !== 'dn') throw fail(first, 'an entry to begin with "dn:"')
  const pairs = rest.map((line) => parseAttribute(line, fail))
  if (pairs.length === 0) throw fail(first, 'attributes below the DN')
  return { ...directoryEntry(dn, pairs), place: `${file}:${first.number}` }
}

function parseAttribute(line: Line, fail: Fail): readonly [name: string, value: string] {
  const { name, value } = parseLine(line, fail)
  switch (name.toLowerCase()) {
    case 'dn':
      throw fail(line, 'an empty line before the next DN (a line that holds only spaces is none)')
    case 'changetype':
    case 'control':
      throw fail(line, `an entry, not a change record (${name}:); changes are for ldapmodify`)
    default:
      return [name, value]
  }
}

/** RFC 4512 2.5: a name or an OID, and options. */
const LINE = /^([a-z][a-z0-9-]*(?:;[a-z0-9-]+)*|\d+(?:\.\d+)*(?:;[a-z0-9-]+)*)(::|:<|:) *(.*)$/is

function parseLine(line: Line, fail: Fail): { name: string; value: string } {
  const match = LINE.exec(line.text)
  if (!match) throw fail(line, '"attribute: value"')
  const [, name = '', separator, value = ''] = match
  if (separator === ':<') throw fail(line, `the value of ${name} itself; URLs are not followed`)
  if (separator === '::') return { name, value: decodeBase64(value, name, line, fail) }
  if (/[\r\0]/.test(value)) throw fail(line, `base64 (${name}::) for a value with control characters`)
  return { name, value }
}

function decodeBase64(value: string, name: string, line: Line, fail: Fail): string {
  const bytes = Buffer.from(value, 'base64')
  // Buffer passes over what is not base64; then the way back does not lead here.
  if (bytes.toString('base64') !== value) throw fail(line, `the value of ${name} to be base64`)
  return bytes.toString('utf8')
}
