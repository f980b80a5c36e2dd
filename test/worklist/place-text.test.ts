/** Places as clients carry them: what is made is read back, nothing else is read, and nothing throws. */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Ordering } from '../../plugin/dicom/order.ts'
import type { Sequence } from '../../plugin/store/store.ts'
import type { Place } from '../../plugin/worklist/place.ts'
import { parsePlace, placeText } from '../../plugin/worklist/place-text.ts'

const ORDER: readonly Ordering[] = [
  { tag: '00404005', descending: true },
  { tag: '00100010', descending: false },
]

const place = (keys: Place['keys'], sequence = 7, at = 0): Place => ({ keys, sequence: sequence as Sequence, at })
const PLACE = place([1_795_339_800_000_000, 'DOE\0JOHN'], 12, 3)

const count = fc.maxSafeNat()
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', 'a\udfff', '\0', '山', '😀', '"', '\\'),
  fc.double({ noNaN: true }),
  fc.constant(undefined),
)
const places = fc
  .uniqueArray(fc.record({ tag: fc.constantFrom('00404005', '00100010', '00741202'), descending: fc.boolean() }), {
    selector: ({ tag }) => tag,
  })
  .chain((order) =>
    fc.record({
      order: fc.constant(order),
      keys: fc.array(key, { minLength: order.length, maxLength: order.length }),
      sequence: count,
      at: count,
    }),
  )

const base64url = (text: string): string => Buffer.from(text).toString('base64url')

describe('The text of a place', () => {
  it('is read back as what it was made of, whatever the keys', () => {
    fc.assert(
      fc.property(places, ({ order, keys, sequence, at }) => {
        const text = placeText(place(keys, sequence, at), order)
        expect(text).to.match(/^[A-Za-z0-9_-]+$/)
        const read = parsePlace(text, order)
        // A zero has no sign where it is compared.
        const expected = keys.map((one) => (one === 0 ? 0 : one))
        expect(read).to.deep.equal(place(expected, sequence, at))
        expect(read && placeText(read, order)).to.equal(text)
      }),
    )
  })

  it('is of its own order alone', () => {
    const text = placeText(PLACE, ORDER)
    const [start, name] = ORDER as readonly [Ordering, Ordering]
    for (const other of [[], [start], [name, start], [{ ...start, descending: false }, name], [...ORDER, name]]) {
      expect(parsePlace(text, other)).to.equal(undefined)
    }
    expect(parsePlace(placeText(place([]), []), ORDER)).to.equal(undefined)
  })

  it('has one form only', () => {
    const text = placeText(PLACE, ORDER)
    const json = Buffer.from(text, 'base64url').toString()
    expect(parsePlace(text, ORDER)).to.deep.equal(PLACE)
    const others = [
      `${text}=`,
      `${text}==`,
      ` ${text}`,
      `${text}\n`,
      Buffer.from(json).toString('base64').replaceAll('=', '') + 'A',
      base64url(json.replace(',', ', ')),
      base64url(json.replace('12,3', '12.0,3')),
      base64url(json.replace('12,3', '12,3,4')),
      base64url(json.replace('DOE', '\\u0044OE')),
    ]
    for (const other of others) expect(parsePlace(other, ORDER), other).to.equal(undefined)
  })

  it('is refused without an exception where it is none', () => {
    const order = '"-00404005,00100010"'
    const documents = [
      '',
      'null',
      '[]',
      '{}',
      '7',
      `[${order},[1,"A"],7]`,
      `[${order},[1],7,0]`,
      `[${order},[1,"A",2],7,0]`,
      `[${order},[1,{}],7,0]`,
      `[${order},[1,["A"]],7,0]`,
      `[${order},{"0":1,"1":"A","length":2},7,0]`,
      `[${order},"AB",7,0]`,
      `[${order},[1,"A"],-1,0]`,
      `[${order},[1,"A"],1.5,0]`,
      `[${order},[1,"A"],"7",0]`,
      `[${order},[1,"A"],9007199254740992,0]`,
      `[${order},[1,"A"],7,-1]`,
      `[${order},[1,"A"],7,null]`,
      `[${order},[1e999,"A"],7,0]`,
      `[[${order}],[1,"A"],7,0]`,
      '['.repeat(40_000),
      '['.repeat(20_000) + ']'.repeat(20_000),
      `[${order},[1,"A"],7,0`,
      '\ufeff[]',
    ]
    for (const document of documents) {
      expect(parsePlace(base64url(document), ORDER), document.slice(0, 60)).to.equal(undefined)
    }
    for (const text of ['', '%', '\0', 'ä', '____', Buffer.from([0xff, 0xfe]).toString('base64url')]) {
      expect(parsePlace(text, ORDER), text).to.equal(undefined)
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parsePlace(text, ORDER) === undefined))
    fc.assert(fc.property(fc.json(), (text) => parsePlace(base64url(text), []) === undefined))
  })

  it('may be long, but not longer than 64 KiB', () => {
    const long = place([1, 'x'.repeat(49_000)])
    expect(parsePlace(placeText(long, ORDER), ORDER)).to.deep.equal(long)
    expect(parsePlace(placeText(place([1, 'x'.repeat(49_200)]), ORDER), ORDER)).to.equal(undefined)
  })
})
