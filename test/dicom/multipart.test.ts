import { expect } from 'chai'
import fc from 'fast-check'

import { joinMultipart, splitMultipart } from '../../plugin/dicom/multipart.ts'
import { accepted, refusals } from './support.ts'

const split = (body: string, boundary = 'b'): readonly (readonly [string | undefined, string])[] =>
  accepted(splitMultipart(Buffer.from(body), boundary)).map(({ contentType, content }) => [
    contentType,
    String(content),
  ])

describe('RFC 2046 5.1 splitting a multipart body', () => {
  it('gives each part with its type', () => {
    const body =
      '--b\r\nContent-Type: application/dicom+xml\r\n\r\n<a/>\r\n--b\r\nContent-Type: text/plain\r\n\r\nüb\r\n--b--\r\n'
    expect(split(body)).to.deep.equal([
      ['application/dicom+xml', '<a/>'],
      ['text/plain', 'üb'],
    ])
  })

  it('ignores what is before the first and after the last delimiter', () => {
    expect(split('preamble\r\nof lines\r\n--b\r\n\r\nx\r\n--b--\r\nepilogue\r\n--b\r\n\r\ny\r\n--b--')).to.deep.equal([
      [undefined, 'x'],
    ])
  })

  it('takes white space after the boundary', () => {
    expect(split('--b \t\r\n\r\nx\r\n--b-- \t\r\n')).to.deep.equal([[undefined, 'x']])
  })

  it('needs no line end after the last delimiter', () => {
    expect(split('--b\r\n\r\nx\r\n--b--')).to.deep.equal([[undefined, 'x']])
    expect(split('--b\r\n\r\nx\r\n--b-- ')).to.deep.equal([[undefined, 'x']])
  })

  it('finds the type among other headers, in any case and over two lines', () => {
    const body =
      '--b\r\nContent-ID: <1>\r\ncOnTeNt-TyPe:application/dicom+xml;\r\n\ttransfer-syntax=*  \r\nX: y\r\n\r\nx\r\n--b--'
    expect(split(body)).to.deep.equal([['application/dicom+xml; transfer-syntax=*', 'x']])
  })

  it('keeps line ends that belong to the content', () => {
    expect(split('--b\r\n\r\n\r\nx\r\n\r\n\r\n--b--')).to.deep.equal([[undefined, '\r\nx\r\n\r\n']])
    expect(split('--b\r\nA: b\r\n\r\n\r\n\r\n--b--')).to.deep.equal([[undefined, '\r\n']])
  })

  it('takes parts without content', () => {
    expect(split('--b\r\n\r\n\r\n--b--')).to.deep.equal([[undefined, '']])
    expect(split('--b\r\n\r\n--b--')).to.deep.equal([[undefined, '']])
    expect(split('--b\r\nContent-Type: a/b\r\n\r\n--b--')).to.deep.equal([['a/b', '']])
    expect(split('--b\r\nContent-Type: a/b\r\n\r\n\r\n--b--')).to.deep.equal([['a/b', '']])
  })

  it('is not taken in by what only looks like a delimiter', () => {
    const content = 'x--b\r\n\r\n--bc\r\n --b--\r\n--b- -\r\n\n--b\r\n--b--x'
    expect(split(`--b\r\n\r\n${content}\r\n--b--`)).to.deep.equal([[undefined, content]])
  })

  it('keeps binary content', () => {
    const body = Buffer.concat([Buffer.from('--b\r\n\r\n'), Buffer.from([0, 255, 13, 10]), Buffer.from('\r\n--b--')])
    expect(accepted(splitMultipart(body, 'b'))[0]?.content).to.deep.equal(Buffer.from([0, 255, 13, 10]))
  })

  const wrong: readonly (readonly [string, string, string])[] = [
    ['', 'b', 'expected a multipart body, found no delimiter with its boundary'],
    ['{"00100020":{}}', 'b', 'expected a multipart body, found no delimiter with its boundary'],
    ['--c\r\n\r\nx\r\n--c--', 'b', 'expected a multipart body, found no delimiter with its boundary'],
    ['--b\n\nx\n--b--', 'b', 'expected a multipart body, found no delimiter with its boundary'],
    ['--b', 'b', 'expected a multipart body, found no delimiter with its boundary'],
    ['--b\r\n\r\nx', 'b', 'expected a closing delimiter, found the end of the body'],
    ['--b\r\n\r\nx\r\n--b\r\n', 'b', 'expected a closing delimiter, found the end of the body'],
    ['--b\r\n\r\nx\r\n--b-', 'b', 'expected a closing delimiter, found the end of the body'],
    ['--b--', 'b', 'expected at least one part, found none'],
    ['--b\r\n{"x":1}\r\n--b--', 'b', 'expected header lines in part 1, found something else'],
    ['--b\r\n\r\nx\r\n--b\r\nx\r\n\r\ny\r\n--b--', 'b', 'expected header lines in part 2, found something else'],
    ['----\r\n\r\nx\r\n------', '', 'expected a boundary of 1 to 70 characters, found 0'],
    ['', 'b'.repeat(71), 'expected a boundary of 1 to 70 characters, found 71'],
  ]
  for (const [body, boundary, reason] of wrong) {
    it(`refuses ${JSON.stringify(body)} with boundary "${boundary}"`, () => {
      expect(refusals(splitMultipart(Buffer.from(body), boundary))).to.deep.equal([`malformed : ${reason}`])
    })
  }

  it('never throws', () => {
    const pieces = fc.array(fc.constantFrom('--b', '--', '\r\n', '\r', '\n', ' ', 'x', ':', 'Content-Type: a/b'))
    fc.assert(
      fc.property(pieces, (all) => {
        splitMultipart(Buffer.from(all.join('')), 'b')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('RFC 2046 5.1 joining a multipart body', () => {
  it('has a delimiter before each part and a closing one', () => {
    expect(
      joinMultipart(
        [
          { contentType: 'a/b', content: 'x' },
          { contentType: 'c/d', content: '' },
        ],
        'b',
      ),
    ).to.equal('--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b\r\nContent-Type: c/d\r\n\r\n\r\n--b--\r\n')
  })

  it('is undone by splitting', () => {
    const part = fc.record({
      contentType: fc.constantFrom('a/b', 'c/d; e="f"'),
      content: fc.string({ unit: 'grapheme' }),
    })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const boundary = 'a boundary that is in no content'
        expect(split(joinMultipart(parts, boundary), boundary)).to.deep.equal(
          parts.map(({ contentType, content }) => [contentType, content]),
        )
      }),
    )
  })
})
