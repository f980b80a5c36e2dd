/** How deep brackets stand in each other in a document, told before it is parsed: parsers and validators go as deep as it does. */

/** Strings, and comments. A string that is not closed is told by the parser. */
const TEXT = /"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*/g

export function nestingOf(document: string): number {
  let deepest = 0
  let depth = 0
  for (const [bracket] of document.replace(TEXT, '').matchAll(/[{}()[\]]/g)) {
    depth += '{(['.includes(bracket) ? 1 : -1
    if (depth > deepest) deepest = depth
  }
  return deepest
}
