const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/

/** RFC 4648 section 4, padded, without white space. */
export const isBase64 = (text: string): boolean => text.length % 4 === 0 && ALPHABET.test(text)
