const MAX_LENGTH = 64
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39

/** PS3.5 9.1: 1 to 64 digits and dots, no component empty, none but `0` itself with a leading zero. */
export function isUid(text: string): boolean {
  if (text.length === 0 || text.length > MAX_LENGTH) return false
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (i === start) return false
      start = i + 1
    } else if (code < ZERO || code > NINE || (i > start && text.charCodeAt(start) === ZERO)) {
      return false
    }
  }
  return start < text.length
}

/** PS3.5 B.2: a UUID (as `crypto.randomUUID` writes it) as the decimal number after 2.25. */
export const uidFromUuid = (uuid: string): string => `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`
