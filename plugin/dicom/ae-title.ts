/** The default repertoire, G0 of ISO 646 (PS3.5 6.1.2.1), without the backslash that separates values. */
const AE_TITLE = /^[\x20-\x5B\x5D-\x7E]{1,16}$/
const ONLY_SPACES = /^ *$/

/** PS3.5 6.2, VR AE: 1 to 16 characters of the default repertoire, no backslash, not only spaces. */
export const isAeTitle = (text: string): boolean => AE_TITLE.test(text) && !ONLY_SPACES.test(text)
