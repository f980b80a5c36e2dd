import { expect } from 'chai'
import { parse } from 'graphql'
import { DocumentCache } from '../../plugin/graphql/document-cache.ts'

const textOf = (n: number, length: number): string => `{ f${n} } #`.padEnd(length, 'x')

describe('Documents that were parsed', () => {
  const document = parse('{ f }')

  it('are kept while they are few', () => {
    const cache = new DocumentCache()
    cache.set('{ f }', document)
    expect(cache.get('{ f }')).to.equal(document)
    expect(cache.get('{ g }')).to.equal(undefined)
  })

  it('are forgotten by their length, those first that were asked for longest ago', () => {
    const cache = new DocumentCache()
    const texts = Array.from({ length: 11 }, (_, n) => textOf(n, 50_000))
    for (const text of texts.slice(0, 10)) cache.set(text, document)
    cache.get(textOf(0, 50_000))
    cache.set(textOf(10, 50_000), document)
    const kept = texts.map((text) => cache.get(text) !== undefined)
    expect(kept).to.deep.equal(texts.map((_, n) => n !== 1))
  })
})
