/**
 * American Soundex, as the National Archives of the United States use it: the first letter and three digits for the
 * consonants that follow. Equal neighbours count once, also with H or W between them; vowels part them.
 */
const DIGITS: Readonly<Record<string, string>> = {
  B: '1', F: '1', P: '1', V: '1',
  C: '2', G: '2', J: '2', K: '2', Q: '2', S: '2', X: '2', Z: '2',
  D: '3', T: '3',
  L: '4',
  M: '5', N: '5',
  R: '6',
} // prettier-ignore

const LENGTH = 4
const OTHER_LETTERS = /[^A-Z]/

/** The sound of a folded word; a word that is not all Latin letters stands for itself. */
export function soundex(word: string): string {
  if (word === '' || OTHER_LETTERS.test(word)) return word
  let code = word.charAt(0)
  let last = DIGITS[code]
  for (let i = 1; i < word.length && code.length < LENGTH; i++) {
    const letter = word.charAt(i)
    if (letter === 'H' || letter === 'W') continue
    const digit = DIGITS[letter]
    if (digit !== undefined && digit !== last) code += digit
    last = digit
  }
  return code.padEnd(LENGTH, '0')
}
