/** The codes of errors, against both catalogues that they are from. */
import { expect } from 'chai'
import { codeOf, ERROR_CODES, httpStatusOf, OWN_ERRORS } from '../../plugin/graphql/error-codes.ts'
import { REFUSALS, WARNINGS } from '../../plugin/ups/statuses.ts'

const CODES = ERROR_CODES.map(({ code }) => code)

describe('The codes of errors', () => {
  it('are one for each refusal, and those of GraphQL', () => {
    expect(CODES.length).to.equal(Object.keys(REFUSALS).length + Object.keys(OWN_ERRORS).length)
    expect(new Set(CODES).size).to.equal(CODES.length)
    expect(CODES).to.include.members(Object.keys(OWN_ERRORS))
    // Of every refusal: without the underscores, and all small, it is the key again.
    const small = CODES.map((code) => code.replaceAll('_', '').toLowerCase())
    expect(small).to.include.members(Object.keys(REFUSALS).map((key) => key.toLowerCase()))
  })

  it('are words of capitals', () => {
    for (const code of CODES) expect(code).to.match(/^[A-Z]+(?:_[A-Z0-9]+)*$/)
  })

  it('have an underscore where a word of the key begins', () => {
    expect(codeOf('transactionUidMissing')).to.equal('TRANSACTION_UID_MISSING')
    expect(codeOf('gone')).to.equal('GONE')
    expect(codeOf('createdWithModifications')).to.equal('CREATED_WITH_MODIFICATIONS')
    expect(codeOf('cancelAbandoned')).to.equal('CANCEL_ABANDONED')
  })

  it('are described by what DICOM calls them, and by what they say', () => {
    const described = new Map(ERROR_CODES.map(({ code, text }) => [code, text]))
    expect(described.get('TRANSACTION_UID_MISSING')).to.equal('C301: The Transaction UID is missing.')
    expect(described.get('NOT_ALLOWED_ATTRIBUTE')).to.equal('0105: An Attribute is not allowed in this request.')
    expect(described.get('TOO_DEEP')).to.equal(OWN_ERRORS.TOO_DEEP.text)
  })

  it('say one sentence each, which has no quotation marks', () => {
    for (const { code, text } of ERROR_CODES) expect(text, code).to.match(/^[^"\\]+\.$/)
  })

  it('are those of GraphQL only where UPS-RS has none', () => {
    const refusals = Object.keys(REFUSALS).map((key) => codeOf(key as keyof typeof REFUSALS))
    expect(Object.keys(OWN_ERRORS).filter((code) => refusals.includes(code))).to.deep.equal([])
  })

  it('of warnings are one for each', () => {
    const codes = Object.keys(WARNINGS).map((key) => codeOf(key as keyof typeof WARNINGS))
    expect(new Set(codes).size).to.equal(Object.keys(WARNINGS).length)
  })
})

describe('The HTTP status of an error', () => {
  const STATUSES: Readonly<Record<string, number>> = {
    TOO_DEEP: 400,
    TOO_MANY_ALIASES: 400,
    TOO_LARGE: 400,
    TOO_COSTLY: 400,
    CIRCULAR: 400,
    DOCUMENT_NOT_KNOWN: 400,
    CROSS_SITE: 403,
    REQUEST_TOO_LARGE: 413,
    NOT_UTF8: 400,
    UNREADABLE: 400,
    NOT_STREAMED: 400,
    NOT_JSON: 415,
  }

  it('is that of a request that is not even run', () => {
    for (const [code, status] of Object.entries(STATUSES)) expect(httpStatusOf(code), code).to.equal(status)
  })

  it('is that of any answer where it is run, or is no code of ours', () => {
    for (const code of CODES.filter((one) => !(one in STATUSES))) expect(httpStatusOf(code), code).to.equal(undefined)
    for (const odd of ['NONSENSE', 'constructor', '__proto__', '', undefined, null, 5, ['TOO_DEEP'], {}]) {
      expect(httpStatusOf(odd)).to.equal(undefined)
    }
  })
})
