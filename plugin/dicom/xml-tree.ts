/**
 * XML as a tree of elements, and nothing of XML that an attacker could use: no document type (so no entities but the
 * five predefined ones and character references), no processing instructions, no encoding but UTF-8.
 */
import { SaxesParser, type SaxesAttributeNS, type XMLDecl } from 'saxes'

import { quoted } from './found.ts'
import { malformed, type Parsed } from './parsed.ts'

export interface XmlElement {
  /** Without a prefix. */
  readonly name: string
  /** Those without a prefix; `xml:space`, `xmlns` and the like are not among them. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** All character data directly in the element, in one piece. */
  readonly text: string
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[]
  text: string
}

/**
 * 64 sequences in one another are 128 levels. Far beyond that is nothing but harm: the parser looks for the namespace of
 * an element in all that it is in, which takes the square of the depth.
 */
const MOST_LEVELS = 256

/** Ends the parsing of a document from inside of one of the parser's callbacks. */
class Refused extends Error {}

/** The root of the document, whose elements all have to be in this namespace, or in none. */
export function parseXml(document: string, namespace: string): Parsed<XmlElement> {
  try {
    return { ok: true, value: rootOf(document, namespace) }
  } catch (error) {
    if (error instanceof Refused) return malformed(error.message)
    const syntaxError = error instanceof Error ? positionAndKindOf(error) : undefined
    if (syntaxError === undefined) throw error
    return malformed(`expected well-formed XML, found at ${syntaxError}`)
  }
}

/**
 * The parser throws its errors, since there is no handler for them. It has six handlers and no more on purpose: with a
 * seventh V8 keeps its properties in a hash table, and parsing takes four times as long.
 */
function rootOf(document: string, namespace: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true })
  const outside: OpenElement = { name: '', attributes: new Map(), children: [], text: '' }
  const open = [outside]
  const current = (): OpenElement => open.at(-1) ?? outside

  parser.on('doctype', () => {
    throw new Refused('expected no document type, found DOCTYPE')
  })
  parser.on('processinginstruction', () => {
    throw new Refused('expected no processing instruction but the XML declaration, found another one')
  })
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (current() === outside) checkDeclaration(parser.xmlDecl)
    if (uri !== '' && uri !== namespace) {
      throw new Refused(`expected elements of namespace ${namespace} or of none, found ${quoted(local)} of another one`)
    }
    if (open.length > MOST_LEVELS) {
      throw new Refused(`expected elements at most ${MOST_LEVELS} levels deep, found one more`)
    }
    const element: OpenElement = { name: local, attributes: unprefixed(attributes), children: [], text: '' }
    current().children.push(element)
    open.push(element)
  })
  const addText = (text: string): void => {
    current().text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    open.pop()
  })

  parser.write(document).close()
  return outside.children[0] ?? outside
}

function checkDeclaration({ version = '1.0', encoding = 'UTF-8' }: XMLDecl): void {
  if (version !== '1.0') throw new Refused('expected XML version 1.0, found another one')
  if (encoding.toUpperCase() !== 'UTF-8') throw new Refused(`expected encoding UTF-8, found ${quoted(encoding)}`)
}

function unprefixed(attributes: Readonly<Record<string, SaxesAttributeNS>>): ReadonlyMap<string, string> {
  const byName = new Map<string, string>()
  for (const { local, uri, value } of Object.values(attributes)) if (uri === '') byName.set(local, value)
  return byName
}

/** The parser says `3:5: unclosed tag: Peter`; what comes after the second part is from the document and stays here. */
function positionAndKindOf(error: Error): string | undefined {
  const found = SYNTAX_ERROR.exec(error.message)
  return found === null ? undefined : `line ${found[1]}, column ${found[2]}: ${found[3]}`
}

const SYNTAX_ERROR = /^(\d+):(\d+): ([^:]*)/
