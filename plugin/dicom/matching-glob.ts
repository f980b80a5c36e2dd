/** Wildcard matching (PS3.4 C.2.2.2.4): `*` is any characters or none, `?` exactly one. There is no escape. */

const ANY = 0x2a
const ONE = 0x3f

export const hasWildcard = (text: string): boolean => text.includes('*') || text.includes('?')

/** What is in front of the first `*` or `?`. */
export const literalOf = (pattern: string): string => pattern.slice(0, pattern.search(/[*?]|$/))

/**
 * Whether the pattern covers all of the text. Only the last `*` is ever tried again, so that it takes at most
 * |pattern| x |text| steps whatever they are.
 */
export function glob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let afterStar = -1
  let resume = 0
  while (t < text.length) {
    const expected = p < pattern.length ? pattern.charCodeAt(p) : -1
    if (expected === ANY) {
      afterStar = ++p
      resume = t
    } else if (expected === ONE) {
      p++
      t += characterLength(text, t)
    } else if (expected === text.charCodeAt(t)) {
      p++
      t++
    } else if (afterStar >= 0) {
      p = afterStar
      t = ++resume
    } else {
      return false
    }
  }
  while (p < pattern.length && pattern.charCodeAt(p) === ANY) p++
  return p === pattern.length
}

/** A character is a code point: outside of the BMP it takes two units. */
function characterLength(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit >= 0xd800 && unit < 0xdc00 && (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
