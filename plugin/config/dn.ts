/**
 * Distinguished names (RFC 4514) as far as comparing them goes: two texts that name the same entry get the same key.
 */

export interface Dn {
  /** Equal for equal DNs, of no use otherwise. */
  readonly key: string
  /** The key of the entry directly above. */
  readonly parentKey: string
}

/**
 * Attribute types whose values are compared without case: those that RFC 4514 names, and what a device is called. All
 * others in the tree, dicomAETitle first of all, are case-exact in the schemas of DICOM and dcm4chee.
 */
const WITHOUT_CASE: ReadonlySet<string> = new Set([
  'c', 'cn', 'dc', 'l', 'o', 'ou', 'st', 'street', 'uid', 'dicomdevicename',
]) // prettier-ignore

/** undefined: `text` is no DN. */
export function parseDn(text: string): Dn | undefined {
  const rdns = text.trim() === '' ? [] : splitUnescaped(text, ',').map(parseRdn)
  if (rdns.includes(undefined)) return undefined
  return { key: JSON.stringify(rdns), parentKey: JSON.stringify(rdns.slice(1)) }
}

/** The parts of a multi-valued RDN (`cn=a+ou=b`) have no order. */
function parseRdn(text: string): readonly string[] | undefined {
  const parts = splitUnescaped(text, '+').map(parseTypeAndValue)
  return parts.every((part) => part !== undefined) ? parts.toSorted() : undefined
}

function parseTypeAndValue(text: string): string | undefined {
  const match = /^ *([a-z][a-z0-9-]*|\d+(?:\.\d+)*) *=(.*)$/is.exec(text)
  if (!match) return undefined
  const [, written = '', escaped = ''] = match
  const type = written.toLowerCase()
  const value = unescapeValue(escaped)
  return value === undefined ? undefined : `${type}=${comparable(type, value)}`
}

/** RFC 4518: spaces around a value are insignificant, several inside it count as one. */
export function comparable(attributeType: string, value: string): string {
  const spaced = value.normalize('NFKC').trim().replace(/ +/g, ' ')
  return WITHOUT_CASE.has(attributeType.toLowerCase()) ? spaced.toLowerCase() : spaced
}

function splitUnescaped(text: string, separator: ',' | '+'): string[] {
  const parts = ['']
  for (const [token] of text.matchAll(/\\.|./gsu)) {
    if (token === separator) parts.push('')
    else parts[parts.length - 1] += token
  }
  return parts
}

const ESCAPE = /((?:\\[0-9a-f]{2})+)|\\([ "#+,;<=>\\])/gi

/** undefined: something is escaped that cannot be, or is not and must be. */
function unescapeValue(text: string): string | undefined {
  if (/["\\;\0]/.test(text.replace(ESCAPE, ''))) return undefined
  return text.replace(ESCAPE, (_all, bytes: string | undefined, character: string) =>
    bytes === undefined ? character : Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString('utf8'),
  )
}
