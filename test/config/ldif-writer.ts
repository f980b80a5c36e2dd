/** The other direction of the parser, for tests: entries as LDIF text, folded and in base64 where RFC 2849 asks for it. */

export interface WrittenEntry {
  readonly dn: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
}

export interface Style {
  readonly lineBreak: '\n' | '\r\n'
  /** Characters of a line before it is folded, two at least. */
  readonly width: number
  /** Stands above every attribute, folded like everything else; may hold any text but line breaks. */
  readonly comment: string
}

export function writeLdif(entries: readonly WrittenEntry[], style: Style): string {
  const records = entries.map(({ dn, attributes }) =>
    [['dn', dn] as const, ...attributes].flatMap(([name, value]) => [`#${style.comment}`, spec(name, value)]),
  )
  const lines = ['version: 1', ...records.flatMap((record) => ['', ...record])]
  return lines.map((line) => fold(line, style) + style.lineBreak).join('')
}

const SAFE = /^(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )$/

const spec = (name: string, value: string): string =>
  SAFE.test(value) ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`

function fold(line: string, { width, lineBreak }: Style): string {
  const characters = Array.from(line)
  const parts = [characters.slice(0, width)]
  for (let at = width; at < characters.length; at += width - 1)
    parts.push([' ', ...characters.slice(at, at + width - 1)])
  return parts.map((part) => part.join('')).join(lineBreak)
}
