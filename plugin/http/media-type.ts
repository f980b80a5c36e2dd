/** Media types with parameters (RFC 9110 8.3.1), and lists of them as in Accept. */

export interface MediaType {
  /** Lower case, `type/subtype`. */
  readonly type: string
  /** By lower-case name, unquoted. */
  readonly parameters: ReadonlyMap<string, string>
}

/** Ranges that cannot be read are left out: PS3.18 8.7.5 ignores invalid ones. */
export function mediaTypeList(text: string): readonly MediaType[] {
  const list: MediaType[] = []
  for (const element of split(text, ',')) {
    const [type = '', ...parameters] = split(element, ';')
    if (type.trim() === '') continue
    list.push({ type: type.trim().toLowerCase(), parameters: new Map(parameters.map(parameter)) })
  }
  return list
}

export const parseMediaType = (text: string): MediaType | undefined => mediaTypeList(text)[0]

/** Splits at a separator, but not inside quotes. */
function split(text: string, separator: ',' | ';'): readonly string[] {
  if (!text.includes('"')) return text.split(separator)
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') quoted = !quoted
    else if (quoted && character === '\\') at++
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

function parameter(text: string): readonly [string, string] {
  const equals = text.indexOf('=')
  const value = equals < 0 ? '' : text.slice(equals + 1).trim()
  const unquoted = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
  return [(equals < 0 ? text : text.slice(0, equals)).trim().toLowerCase(), unquoted]
}
