/** Documents that were parsed, and validated, not long ago: clients send the same few again and again. */
import type { DocumentNode } from 'graphql'

/** Characters of all of them; parsed, each is some fifty bytes. */
const MOST_CHARACTERS = 500_000

export class DocumentCache {
  readonly #documents = new Map<string, DocumentNode>()
  #characters = 0

  get(text: string): DocumentNode | undefined {
    const document = this.#documents.get(text)
    if (document) {
      // The last to go.
      this.#documents.delete(text)
      this.#documents.set(text, document)
    }
    return document
  }

  set(text: string, document: DocumentNode): void {
    if (this.#documents.has(text)) return
    this.#documents.set(text, document)
    this.#characters += text.length
    for (const oldest of this.#documents.keys()) {
      if (this.#characters <= MOST_CHARACTERS) return
      this.#documents.delete(oldest)
      this.#characters -= oldest.length
    }
  }
}
