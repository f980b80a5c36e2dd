/** Documents by their id: which one is run, and when none is. */
import { expect } from 'chai'
import fc from 'fast-check'
import { GraphQLError } from 'graphql'
import { documentOf, type Parameters } from '../../plugin/graphql/documents.ts'

const KNOWN = new Map([
  ['worklist', '{ workitems { position } }'],
  ['abc123', '{ feed { position } }'],
])

const hashed = (sha256Hash: unknown): Parameters => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } })

/** The code of the refusal, or the document that is run. */
function asked(given: Parameters, documents?: ReadonlyMap<string, string>): unknown {
  try {
    return documentOf(given, documents).query
  } catch (error) {
    if (error instanceof GraphQLError) return error.extensions.code
    throw error
  }
}

describe('Where documents are known by their id', () => {
  it('the one of the id is run, whichever way it is given', () => {
    expect(asked({ documentId: 'worklist' }, KNOWN)).to.equal('{ workitems { position } }')
    expect(asked(hashed('abc123'), KNOWN)).to.equal('{ feed { position } }')
  })

  it('it is run in the place of one that is sent beside the id', () => {
    expect(asked({ documentId: 'abc123', query: '{ __typename }' }, KNOWN)).to.equal('{ feed { position } }')
    expect(asked({ ...hashed('abc123'), query: '{ __typename }' }, KNOWN)).to.equal('{ feed { position } }')
  })

  it('a documentId counts before a hash', () => {
    expect(asked({ ...hashed('abc123'), documentId: 'worklist' }, KNOWN)).to.equal('{ workitems { position } }')
    expect(asked({ ...hashed('abc123'), documentId: 'unknown' }, KNOWN)).to.equal('DOCUMENT_NOT_KNOWN')
  })

  it('no other is run', () => {
    expect(asked({ query: '{ feed { position } }' }, KNOWN)).to.equal('DOCUMENT_NOT_KNOWN')
    expect(asked({}, KNOWN)).to.equal('DOCUMENT_NOT_KNOWN')
    expect(asked({ documentId: 'constructor' }, KNOWN)).to.equal('DOCUMENT_NOT_KNOWN')
    expect(asked({ documentId: 'worklist' }, new Map())).to.equal('DOCUMENT_NOT_KNOWN')
  })

  it('an id that is none is no id', () => {
    const odd: readonly Parameters[] = [
      { documentId: 5 },
      { documentId: null },
      { documentId: ['worklist'] },
      hashed(5),
      hashed(undefined),
      { extensions: null },
      { extensions: { persistedQuery: null } },
      { extensions: { persistedQuery: 'abc123' } },
      { extensions: { persistedQuery: {} } },
    ]
    for (const given of odd) {
      expect(asked({ ...given, query: 'x' }, KNOWN), JSON.stringify(given)).to.equal('DOCUMENT_NOT_KNOWN')
      expect(asked({ ...given, query: 'x' }), JSON.stringify(given)).to.equal('x')
    }
  })

  it('nothing but one of them is ever run', () => {
    const parameters = fc.record(
      {
        query: fc.string(),
        documentId: fc.oneof(fc.constantFrom('', ...KNOWN.keys()), fc.jsonValue()),
        extensions: fc.oneof(
          fc.dictionary(fc.constantFrom('persistedQuery', 'other'), fc.jsonValue()),
          fc.constantFrom('', ...KNOWN.keys()).map((id) => hashed(id).extensions ?? null),
        ),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(parameters, (given) => {
        expect([...KNOWN.values(), 'DOCUMENT_NOT_KNOWN']).to.include(asked(given, KNOWN))
      }),
    )
  })
})

describe('Where no documents are known', () => {
  it('what is sent is run, as it was sent', () => {
    const given: Parameters = { query: '{ feed { position } }', extensions: { other: 1 } }
    expect(documentOf(given, undefined)).to.equal(given)
    expect(documentOf({}, undefined)).to.deep.equal({})
  })

  it('an id is one of none', () => {
    expect(asked({ documentId: 'worklist', query: 'x' })).to.equal('DOCUMENT_NOT_KNOWN')
    expect(asked({ documentId: '' })).to.equal('DOCUMENT_NOT_KNOWN')
    expect(asked(hashed('abc123'))).to.equal('DOCUMENT_NOT_KNOWN')
  })

  it('a document with a hash beside it is run: clients offer it in case that it is known', () => {
    expect(asked({ ...hashed('abc123'), query: 'x' })).to.equal('x')
  })
})

describe('What else is sent', () => {
  it('stays', () => {
    const given = { documentId: 'worklist', variables: { a: 1 }, operationName: 'A' }
    expect(documentOf(given, KNOWN)).to.deep.equal({ ...given, query: '{ workitems { position } }' })
    expect(given).not.to.have.property('query')
  })
})
