/** What of an error leaves the house, and what of it is logged. */
import { expect } from 'chai'
import fc from 'fast-check'
import { GraphQLError, Kind, locatedError, parse } from 'graphql'
import { type ErrorCode, UpsError } from '../../plugin/errors.ts'
import { BadArgument } from '../../plugin/graphql/bad-argument.ts'
import { OWN_ERRORS, type OwnErrorCode } from '../../plugin/graphql/error-codes.ts'
import { maskedError, ownError, refusedError } from '../../plugin/graphql/errors.ts'
import { type Logger, SILENT } from '../../plugin/host.ts'
import { refuse } from '../../plugin/ups/decision.ts'
import { problemAt } from '../../plugin/ups/problems.ts'
import { REFUSALS, type RefusalKey } from '../../plugin/ups/statuses.ts'

const SECRET = 'SELECT * FROM patient /var/lib/worklist.db 1.2.3.4 Doe^Jane'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

interface Line {
  readonly level: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** The error as it leaves, in JSON, and what was logged. */
function masked(error: unknown) {
  const lines: Line[] = []
  const at =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields: fields as Line['fields'], message })
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const out = maskedError(error, logger)
  return { out, text: JSON.stringify(out), lines }
}

const NODE = parse('{ feed }').definitions[0]

/** As graphql has it when a resolver has thrown. */
const located = (error: Error): GraphQLError => locatedError(error, NODE, ['feed', 0, 'x'])

describe('An error that nobody has foreseen', () => {
  const thrown: Readonly<Record<string, unknown>> = {
    'an Error': new Error(SECRET),
    'one with a cause': new Error(SECRET, { cause: new Error(SECRET) }),
    'a TypeError': new TypeError(SECRET),
    'one with other properties': Object.assign(new Error('x'), { sql: SECRET, extensions: { secret: SECRET } }),
    'a string': SECRET,
    'an object': { message: SECRET, extensions: { code: SECRET } },
    nothing: undefined,
    null: null,
  }
  for (const [what, error] of Object.entries(thrown)) {
    it(`is internal, whatever it is: ${what}`, () => {
      const { out, text, lines } = masked(error)
      expect(out.message).to.equal('Internal error.')
      expect(out.extensions).to.have.all.keys('code', 'requestId')
      expect(out.extensions.code).to.equal('INTERNAL')
      expect(text).not.to.include(SECRET).and.not.to.include('SELECT')
      expect(out.originalError).to.equal(undefined)
      expect(lines).to.deep.equal([
        { level: 'error', fields: { err: error, requestId: out.extensions['requestId'] }, message: 'operation failed' },
      ])
      expect(out.extensions['requestId']).to.match(UUID)
    })
  }

  it('keeps the place that it has in the answer, and nothing else of the inside', () => {
    const error = new Error(SECRET)
    const { out, text, lines } = masked(located(error))
    expect(out.path).to.deep.equal(['feed', 0, 'x'])
    expect(out.locations).to.deep.equal([{ line: 1, column: 1 }])
    expect(out.message).to.equal('Internal error.')
    expect(text).not.to.include('SELECT')
    expect(out.stack ?? '').not.to.include('SELECT')
    expect(out.originalError).to.equal(undefined)
    expect(lines.map(({ fields }) => fields)).to.deep.equal([{ err: error, requestId: out.extensions['requestId'] }])
  })

  it('has nothing of the extensions that it came with', () => {
    const { text } = masked(located(Object.assign(new Error('x'), { extensions: { sql: SECRET } })))
    expect(text).not.to.include('SELECT')
  })

  it('does not leave, however many errors are around it', () => {
    const wrap = fc.constantFrom<(inner: Error) => GraphQLError>(
      located,
      (inner) => new GraphQLError(inner.message, { originalError: inner }),
      (inner) => new GraphQLError(SECRET, { originalError: inner, extensions: { secret: SECRET } }),
    )
    fc.assert(
      fc.property(fc.array(wrap, { minLength: 1, maxLength: 4 }), (wraps) => {
        const { out, text, lines } = masked(wraps.reduce<Error>((inner, around) => around(inner), new Error(SECRET)))
        expect(text).not.to.include('SELECT')
        expect(out.message).to.equal('Internal error.')
        expect(lines.length).to.equal(1)
        expect(lines[0]?.fields['requestId']).to.equal(out.extensions['requestId'])
      }),
    )
  })

  it('has an id of its own each time', () => {
    const error = new Error(SECRET)
    expect(masked(error).out.extensions['requestId']).not.to.equal(masked(error).out.extensions['requestId'])
  })
})

describe('A coded failure', () => {
  /** What becomes of each; complete by type. */
  const CODES: Readonly<Record<ErrorCode, readonly [string, string | undefined]>> = {
    UPS_BAD_OPTION: ['INTERNAL', 'operation failed'],
    UPS_BAD_CONFIGURATION: ['INTERNAL', 'operation failed'],
    UPS_CANNOT_LISTEN: ['INTERNAL', 'operation failed'],
    UPS_STORE_CANNOT_OPEN: ['INTERNAL', 'operation failed'],
    UPS_STORE_HELD: ['INTERNAL', 'operation failed'],
    UPS_STORE_FROM_THE_FUTURE: ['INTERNAL', 'operation failed'],
    UPS_STORE_UNAVAILABLE: ['UNAVAILABLE', 'store unavailable'],
    UPS_SEARCH_UNAVAILABLE: ['INTERNAL', 'operation failed'],
    UPS_SERVER_UNAVAILABLE: ['INTERNAL', 'operation failed'],
    UPS_UNKNOWN_AE: ['UNKNOWN_AE', undefined],
    UPS_STALE_VERSION: ['INTERNAL', 'operation failed'],
  }
  for (const [code, [expected, logged]] of Object.entries(CODES)) {
    it(`is ${expected} where it is ${code}`, () => {
      const message = code === 'UPS_UNKNOWN_AE' ? 'There is no AE NOBODY.' : SECRET
      const error = new UpsError(code as ErrorCode, message, { cause: new Error(SECRET) })
      for (const thrown of [error, located(error), located(located(error))]) {
        const { out, text, lines } = masked(thrown)
        expect(out.extensions.code).to.equal(expected)
        expect(text).not.to.include('SELECT')
        expect(lines.map((line) => line.message)).to.deep.equal(logged === undefined ? [] : [logged])
        expect(lines[0]?.fields['requestId']).to.equal(out.extensions['requestId'])
        expect(lines[0]?.fields['err']).to.equal(logged === undefined ? undefined : error)
      }
    })
  }

  it('of an unknown AE says which, and is no line in the log', () => {
    const { out } = masked(new UpsError('UPS_UNKNOWN_AE', 'There is no AE NOBODY.'))
    expect(out.message).to.equal('There is no AE NOBODY.')
    expect(out.extensions).to.deep.equal({ code: 'UNKNOWN_AE' })
  })

  it('that is not available says that it may be tried again', () => {
    expect(masked(new UpsError('UPS_STORE_UNAVAILABLE', SECRET)).out.message).to.equal(OWN_ERRORS.UNAVAILABLE.text)
  })

  it('is none where something else only looks like it', () => {
    const { out } = masked(Object.assign(new Error(SECRET), { code: 'UPS_UNKNOWN_AE' }))
    expect(out.extensions.code).to.equal('INTERNAL')
    expect(out.message).to.equal('Internal error.')
  })
})

describe('A bad argument', () => {
  it('is told, with its place, and is no line in the log', () => {
    const error = new BadArgument('filter.patientBirthDate.from', 'is no date')
    for (const thrown of [error, located(error), located(located(error))]) {
      const { out, lines } = masked(thrown)
      expect(out.message).to.equal('filter.patientBirthDate.from is no date.')
      expect(out.extensions).to.deep.equal({ code: 'BAD_ARGUMENT', argument: 'filter.patientBirthDate.from' })
      expect(lines).to.deep.equal([])
    }
    expect(masked(located(error)).out.path).to.deep.equal(['feed', 0, 'x'])
  })
})

describe('An error of GraphQL', () => {
  it('is told as it is', () => {
    const error = new GraphQLError('Cannot query field "x".', { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })
    const { out, lines } = masked(error)
    expect(out.message).to.equal(error.message)
    expect(out.extensions).to.deep.equal({ code: 'GRAPHQL_VALIDATION_FAILED' })
    expect(lines).to.deep.equal([])
  })

  it('has a code, and repeats no value', () => {
    const MESSAGES: Readonly<Record<string, string>> = {
      'Variable "$f" has invalid value at .p: String cannot represent a non string value: { x: "DOE" }':
        'Variable "$f" has invalid value at .p: String cannot represent a non string value.',
      'Variable "$f" has invalid value: Expected value of type "F" to be an object, found: "DOE".':
        'Variable "$f" has invalid value: Expected value of type "F" to be an object.',
      'Expected value of type "F" not to include unknown field "q". Did you mean "n"? Found: { q: "DOE" }.':
        'Expected value of type "F" not to include unknown field "q". Did you mean "n"?.',
      'Variable "$e" has invalid value: Value "DOE" does not exist in "E" enum.':
        'Variable "$e" has invalid value: The value does not exist in "E" enum.',
      'Variable "$f" got invalid value { x: "DOE" } at "f.p[0]"; String cannot represent a non string value: { x: "DOE" }':
        'Variable "$f" got an invalid value at "f.p[0]"; String cannot represent a non string value.',
      'Variable "$f" got invalid value "DOE"; Expected type "F" to be an object.':
        'Variable "$f" got an invalid value; Expected type "F" to be an object.',
      'Enum "E" cannot represent non-enum value: "DOE".': 'Enum "E" cannot represent non-enum value.',
    }
    for (const [message, expected] of Object.entries(MESSAGES)) {
      const { out, text } = masked(new GraphQLError(message))
      expect(out.message).to.equal(expected)
      expect(out.extensions['code']).to.equal('BAD_ARGUMENT')
      expect(text).not.to.include('DOE')
    }
    expect(masked(new GraphQLError('Syntax Error: Expected Name.')).out.extensions['code']).to.equal(
      'GRAPHQL_PARSE_FAILED',
    )
  })

  it('does not quote what the parser of the request has found', () => {
    const extensions = { code: 'BAD_REQUEST', originalError: { name: 'SyntaxError', message: SECRET } }
    for (const error of [
      new GraphQLError('POST body sent invalid JSON.', { extensions }),
      new GraphQLError('x', { originalError: new GraphQLError('POST body sent invalid JSON.', { extensions }) }),
    ]) {
      const { out, text } = masked(error)
      expect(out.message).to.equal('POST body sent invalid JSON.')
      expect(out.extensions).to.deep.equal({ code: 'BAD_REQUEST' })
      expect(text).not.to.include('SELECT')
    }
  })

  it('that a resolver has thrown is told with its place', () => {
    const own = ownError('TOO_MANY_MATCHES', 'The search matches 7 Workitems, the limit is 5.', { a: 1 })
    const { out, lines } = masked(located(new GraphQLError('x', { originalError: own })))
    expect(out.message).to.equal('The search matches 7 Workitems, the limit is 5.')
    expect(out.extensions).to.deep.equal({ code: 'TOO_MANY_MATCHES', a: 1 })
    expect(lines).to.deep.equal([])
    const placed = masked(new GraphQLError('x', { originalError: own, path: ['a', 1], nodes: NODE ?? null })).out
    expect(placed.path).to.deep.equal(['a', 1])
    expect(placed.nodes?.[0]?.kind).to.equal(Kind.OPERATION_DEFINITION)
  })
})

describe('An error of our own', () => {
  it('says what its code says, or more', () => {
    for (const [code, { text }] of Object.entries(OWN_ERRORS)) {
      const error = ownError(code as OwnErrorCode)
      expect(error.message).to.equal(text)
      expect(error.extensions).to.deep.equal({ code })
    }
    expect(ownError('RESUME', 'Other.', { after: '5' })).to.deep.include({
      message: 'Other.',
      extensions: { code: 'RESUME', after: '5' },
    })
  })
})

describe('A refusal', () => {
  it('has the code and the DICOM status of each', () => {
    for (const key of Object.keys(REFUSALS) as RefusalKey[]) {
      const { message, extensions } = refusedError(refuse(key).refusal)
      expect(String(extensions.code).replaceAll('_', '').toLowerCase()).to.equal(key.toLowerCase())
      expect(extensions['dicomStatus']).to.equal(REFUSALS[key].dicom.toString(16).toUpperCase().padStart(4, '0'))
      expect(extensions['attributes']).to.deep.equal([])
      expect(message, key).to.match(/\.$/)
    }
  })

  it('names what is wrong, the first hundred', () => {
    const problems = Array.from({ length: 120 }, (_, n) => problemAt('invalidValue', '00741202', `is wrong ${n}`))
    const { extensions } = refusedError(refuse('invalidValue', problems).refusal)
    const attributes = extensions['attributes'] as readonly object[]
    expect(attributes[0]).to.deep.equal({ path: '00741202', keyword: 'WorklistLabel', reason: 'is wrong 0' })
    expect(attributes.length).to.equal(100)
    expect(attributes.at(-1)).to.have.property('reason', 'is wrong 99')
  })

  it('is told as it is', () => {
    const error = refusedError(refuse('gone').refusal)
    expect(maskedError(error, SILENT)).to.equal(error)
  })
})
