import { expect } from 'chai'
import fc from 'fast-check'
import { parseLdif } from '../../plugin/config/ldif-parser.ts'
import { writeLdif } from './ldif-writer.ts'
import type { WrittenEntry } from './ldif-writer.ts'

const name = fc
  .stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,30}(;[a-z0-9-]{1,8})?$/)
  .filter((text) => !/^(dn|changetype|control|version)$/i.test(text))
// No lone surrogates: they have no UTF-8.
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
  fc.constantFrom('', ' ', ':', '<', '#', ' a ', 'a\nb', 'a\r\nb', '\0', '\ufeff', '\u2028', '😀'),
)
const entry: fc.Arbitrary<WrittenEntry> = fc.record({
  dn: text,
  attributes: fc.array(fc.tuple(name, text), { minLength: 1, maxLength: 8 }),
})
const style = fc.record({
  lineBreak: fc.constantFrom('\n' as const, '\r\n' as const),
  width: fc.integer({ min: 2, max: 90 }),
  comment: fc.string({ unit: 'grapheme' }).map((comment) => comment.replace(/[\r\n]/g, '')),
})

/** What must come back: values by lower-case name, under the spelling that came first. */
function attributesOf({ attributes }: WrittenEntry): Map<string, { name: string; values: string[] }> {
  const expected = new Map<string, { name: string; values: string[] }>()
  for (const [spelled, value] of attributes) {
    const values = expected.get(spelled.toLowerCase())?.values ?? []
    expected.set(spelled.toLowerCase(), {
      name: expected.get(spelled.toLowerCase())?.name ?? spelled,
      values: [...values, value],
    })
  }
  return expected
}

describe('LDIF, written and read again', () => {
  it('gives the same entries, whatever the values, the folding and the line breaks', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), style, (entries, how) => {
        const read = parseLdif(writeLdif(entries, how), 'a.ldif')
        expect(read.map(({ dn }) => dn)).to.deep.equal(entries.map(({ dn }) => dn))
        expect(read.map(({ attributes }) => attributes)).to.deep.equal(entries.map(attributesOf))
      }),
      { numRuns: 300 },
    )
  })

  it('names the line at which each entry begins', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), style, (entries, how) => {
        const written = writeLdif(entries, how)
        const firsts = parseLdif(written, 'a').map(
          ({ place }) => written.split(how.lineBreak)[Number(place.slice(2)) - 1],
        )
        expect(firsts).to.have.length(entries.length)
        for (const first of firsts) expect(first).to.match(/^dn?/)
      }),
    )
  })
})
