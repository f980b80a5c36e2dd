/**
 * What can be told of a document before it is parsed, at the price of reading its words once: whatever works on it afterwards goes
 * into brackets by recursion, and compares each with each: fragments, and fields of one name.
 */
import { Lexer, Source, TokenKind } from 'graphql'

export interface Words {
  /** Brackets of any kind in each other. */
  readonly nesting: number
  /** Spreads of fragments, and inline fragments. */
  readonly spreads: number
  /** How often the name is there that is there most. */
  readonly repeated: number
}

const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/** Of the first `most` words, which is as far as the parser goes. @throws GraphQLError GRAPHQL_PARSE_FAILED */
export function wordsOf(text: string, most: number): Words {
  const lexer = new Lexer(new Source(text))
  const names = new Map<string, number>()
  let [open, nesting, spreads, repeated] = [0, 0, 0, 0]
  for (let word = lexer.advance(), n = 0; word.kind !== TokenKind.EOF && n < most; word = lexer.advance(), n++) {
    if (OPENING.has(word.kind)) nesting = Math.max(nesting, ++open)
    else if (CLOSING.has(word.kind)) open--
    else if (word.kind === TokenKind.SPREAD) spreads++
    else if (word.kind === TokenKind.NAME) {
      const count = (names.get(word.value) ?? 0) + 1
      names.set(word.value, count)
      repeated = Math.max(repeated, count)
    }
  }
  return { nesting, spreads, repeated }
}
