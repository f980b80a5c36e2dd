import { expect } from 'chai'
import fc from 'fast-check'

import { parseDatasetJson, stringifyDataset } from '../../plugin/dicom/json.ts'
import { arbitraryDataset } from './dataset-arbitrary.ts'
import { accepted, json, nested, nestedPath, refusals } from './support.ts'

/** One attribute of a tag that the dictionary does not know. */
const read = (attribute: unknown): unknown => accepted(json({ '77760001': attribute }))['77760001']
const refuse = (attribute: unknown): readonly string[] => refusals(json({ '77760001': attribute }))

describe('PS3.18 F reading DICOM JSON', () => {
  it('takes a dataset, or a list of exactly one', () => {
    const dataset = { '00100020': { vr: 'LO', Value: ['1'] } }
    expect(accepted(json(dataset))).to.deep.equal(dataset)
    expect(accepted(json([dataset]))).to.deep.equal(dataset)
    expect(accepted(json({}))).to.deep.equal({})
  })

  it('takes keys in either case and any order', () => {
    const dataset = accepted(json({ '0040a370': { vr: 'SQ' }, '00100020': { Value: ['1'], vr: 'LO' } }))
    expect(dataset).to.deep.equal({ '00100020': { vr: 'LO', Value: ['1'] }, '0040A370': { vr: 'SQ' } })
  })

  it('takes the vr of the dictionary where there is none', () => {
    const dataset = accepted(
      json({ '00100010': { Value: [{ Alphabetic: 'x' }] }, '00404021': { Value: [{}] }, '00280106': { Value: [1] } }),
    )
    expect(dataset).to.deep.equal({
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'x' }] },
      '00404021': { vr: 'SQ', Value: [{}] },
      '00280106': { vr: 'US', Value: [1] },
    })
  })

  it('takes the binary one of several VRs for InlineBinary without vr', () => {
    const dataset = accepted(json({ '00283006': { InlineBinary: 'AA==' }, '77760001': { InlineBinary: 'AA==' } }))
    expect(dataset).to.deep.equal({
      '00283006': { vr: 'OW', InlineBinary: 'AA==' },
      '77760001': { vr: 'UN', InlineBinary: 'AA==' },
    })
  })

  it('takes private creators without vr as LO', () => {
    expect(accepted(json({ '00090010': { Value: ['ACME'] } }))).to.deep.equal({
      '00090010': { vr: 'LO', Value: ['ACME'] },
    })
  })

  it('takes any vr for private tags and for those that it does not know', () => {
    const dataset = { '00091001': { vr: 'FD', Value: [1.5] }, '77760001': { vr: 'AS', Value: ['001D'] } }
    expect(accepted(json(dataset))).to.deep.equal(dataset)
  })

  it('takes each of several VRs that the dictionary allows', () => {
    const dataset = { '00280106': { vr: 'SS', Value: [-1] }, '7FE00010': { vr: 'OB', InlineBinary: 'AA==' } }
    expect(accepted(json(dataset))).to.deep.equal(dataset)
  })

  it('leaves group lengths out, whatever is in them', () => {
    expect(accepted(json({ '00100000': { vr: 'UL', Value: [5] }, '00090000': 'nonsense' }))).to.deep.equal({})
  })

  describe('takes as empty', () => {
    for (const Value of [undefined, [], [null], [''], null, '']) {
      it(`Value ${JSON.stringify(Value)}`, () => {
        const content = Value === undefined ? {} : { Value }
        for (const vr of ['LO', 'SQ', 'PN', 'US', 'DS', 'AT', 'OB', 'UT']) {
          expect(read({ vr, ...content })).to.deep.equal({ vr })
        }
      })
    }

    it('InlineBinary "" and null', () => {
      expect(read({ vr: 'OB', InlineBinary: '' })).to.deep.equal({ vr: 'OB' })
      expect(read({ vr: 'OB', InlineBinary: null })).to.deep.equal({ vr: 'OB' })
    })

    it('names without text', () => {
      for (const name of [{}, { Alphabetic: '' }, { Alphabetic: null, Phonetic: '' }, '==']) {
        expect(read({ vr: 'PN', Value: [name] })).to.deep.equal({ vr: 'PN' })
      }
    })
  })

  it('keeps empty values in a list as null, and empty items as {}', () => {
    expect(read({ vr: 'LO', Value: ['', 'a', null] })).to.deep.equal({ vr: 'LO', Value: [null, 'a', null] })
    expect(read({ vr: 'PN', Value: [{}, 'a', null] })).to.deep.equal({
      vr: 'PN',
      Value: [null, { Alphabetic: 'a' }, null],
    })
    expect(read({ vr: 'SQ', Value: [{}, null] })).to.deep.equal({ vr: 'SQ', Value: [{}, {}] })
    expect(read({ vr: 'SQ', Value: [{}] })).to.deep.equal({ vr: 'SQ', Value: [{}] })
  })

  it('takes one value without its list', () => {
    expect(read({ vr: 'LO', Value: 'a' })).to.deep.equal({ vr: 'LO', Value: ['a'] })
    expect(read({ vr: 'US', Value: 0 })).to.deep.equal({ vr: 'US', Value: [0] })
  })

  it('takes numbers as strings', () => {
    for (const [vr, text, number] of [
      ['US', '65535', 65535],
      ['SS', '-32768', -32768],
      ['UL', ' 7 ', 7],
      ['SL', '+7', 7],
      ['FL', '1.5e3', 1500],
      ['FD', '.5', 0.5],
      ['FD', '-5.', -5],
    ] as const) {
      expect(read({ vr, Value: [text] }), vr).to.deep.equal({ vr, Value: [number] })
    }
  })

  it('takes strings as numbers', () => {
    expect(read({ vr: 'LO', Value: [4711] })).to.deep.equal({ vr: 'LO', Value: ['4711'] })
    expect(read({ vr: 'DA', Value: [20260301] })).to.deep.equal({ vr: 'DA', Value: ['20260301'] })
  })

  it('keeps DS, IS, SV and UV as they were sent', () => {
    for (const vr of ['DS', 'IS', 'SV', 'UV']) {
      expect(read({ vr, Value: [1, '1', ' 01 '] })).to.deep.equal({ vr, Value: [1, '1', ' 01 '] })
    }
  })

  it('takes person names as text', () => {
    expect(read({ vr: 'PN', Value: ['Doe^John'] })).to.deep.equal({ vr: 'PN', Value: [{ Alphabetic: 'Doe^John' }] })
    expect(read({ vr: 'PN', Value: 'Yamada^Tarou=山田^太郎=やまだ^たろう' })).to.deep.equal({
      vr: 'PN',
      Value: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' }],
    })
    expect(read({ vr: 'PN', Value: ['==c'] })).to.deep.equal({ vr: 'PN', Value: [{ Phonetic: 'c' }] })
  })

  it('leaves empty groups out of person names, and keeps the rest as it is', () => {
    expect(read({ vr: 'PN', Value: [{ Phonetic: 'c^^', Alphabetic: '' }] })).to.deep.equal({
      vr: 'PN',
      Value: [{ Phonetic: 'c^^' }],
    })
  })

  it('writes the digits of AT in upper case', () => {
    expect(read({ vr: 'AT', Value: ['0040a370'] })).to.deep.equal({ vr: 'AT', Value: ['0040A370'] })
  })

  it('does not change what it is given', () => {
    const document = Object.freeze({ '0040a370': Object.freeze({ Value: Object.freeze([null]) }) })
    expect(parseDatasetJson(document).ok).to.equal(true)
  })
})

describe('PS3.18 F what is not DICOM JSON', () => {
  const documents: readonly (readonly [unknown, string])[] = [
    [null, 'malformed : expected a dataset, an object with tags as keys, found null'],
    ['x', 'malformed : expected a dataset, an object with tags as keys, found a string'],
    [1, 'malformed : expected a dataset, an object with tags as keys, found a number'],
    [true, 'malformed : expected a dataset, an object with tags as keys, found a boolean'],
    [undefined, 'malformed : expected a dataset, an object with tags as keys, found none'],
    [[[]], 'malformed : expected a dataset, an object with tags as keys, found a list'],
    [[], 'malformed : expected one dataset, or a list of exactly one, found a list of 0'],
    [[{}, {}], 'malformed : expected one dataset, or a list of exactly one, found a list of 2'],
    [{ PatientID: {} }, 'malformed : expected a tag of 8 hex digits as key, found "PatientID"'],
    [{ '0010,0020': {} }, 'malformed : expected a tag of 8 hex digits as key, found "0010,0020"'],
    [JSON.parse('{"__proto__":{"vr":"LO"}}'), 'malformed : expected a tag of 8 hex digits as key, found "__proto__"'],
    [{ constructor: {} }, 'malformed : expected a tag of 8 hex digits as key, found "constructor"'],
    [
      { '00404021': { vr: 'SQ', Value: [{ x: 1 }] } },
      'malformed 00404021: expected a tag of 8 hex digits as key, found "x"',
    ],
    [
      { ['long'.repeat(20)]: {} },
      'malformed : expected a tag of 8 hex digits as key, found "longlonglonglonglonglonglonglong..."',
    ],
    [
      { '0040A370': { vr: 'SQ' }, '0040a370': { vr: 'SQ' } },
      'malformed 0040A370: expected each tag once, found it in upper and in lower case',
    ],
    [
      { '77760001': { Value: ['x'] } },
      'malformed 77760001: expected a vr for 77760001, which the dictionary does not know, found none',
    ],
    [
      { '00091001': { Value: ['x'] } },
      'malformed 00091001: expected a vr for 00091001, which the dictionary does not know, found none',
    ],
  ]
  for (const [document, refusal] of documents) {
    it(`${JSON.stringify(document)}`, () => expect(refusals(json(document))).to.deep.equal([refusal]))
  }

  const attributes: readonly (readonly [unknown, string])[] = [
    [null, 'malformed: expected an attribute, an object with vr and Value, found null'],
    ['x', 'malformed: expected an attribute, an object with vr and Value, found a string'],
    [[], 'malformed: expected an attribute, an object with vr and Value, found a list'],
    [{ vr: 'XX' }, 'malformed: expected a vr of PS3.5 6.2, found "XX"'],
    [{ vr: 'lo' }, 'malformed: expected a vr of PS3.5 6.2, found "lo"'],
    [{ vr: 'constructor' }, 'malformed: expected a vr of PS3.5 6.2, found "constructor"'],
    [{ vr: null }, 'malformed: expected a vr of PS3.5 6.2, found null'],
    [{ vr: 5 }, 'malformed: expected a vr of PS3.5 6.2, found a number'],
    [
      { vr: 'LO', value: ['x'] },
      'malformed: expected no keys but vr, Value and InlineBinary in an attribute, found "value"',
    ],
    [
      JSON.parse('{"vr":"LO","__proto__":{}}'),
      'malformed: expected no keys but vr, Value and InlineBinary in an attribute, found "__proto__"',
    ],
    [{ vr: 'OB', Value: [], InlineBinary: '' }, 'malformed: expected either Value or InlineBinary, found both'],
    [{ vr: 'LO', Value: { x: 1 } }, 'malformed: expected a list as Value, found an object'],
    [
      { vr: 'OB', BulkDataURI: 'http://x' },
      'invalid: expected the value itself: bulk data is not supported by worklist transactions, PS3.18 11.1.3',
    ],
    [
      { vr: 'LO', Value: ['x'], BulkDataURI: 'http://x' },
      'invalid: expected the value itself: bulk data is not supported by worklist transactions, PS3.18 11.1.3',
    ],
    [{ vr: 'LO', InlineBinary: 'AA==' }, 'invalid: expected values, since LO is not a binary VR, found InlineBinary'],
    [{ vr: 'SQ', InlineBinary: 'AA==' }, 'invalid: expected values, since SQ is not a binary VR, found InlineBinary'],
    [{ vr: 'OB', Value: ['AA=='] }, 'invalid: expected InlineBinary, since OB is a binary VR, found values'],
    [{ vr: 'UN', Value: [1] }, 'invalid: expected InlineBinary, since UN is a binary VR, found values'],
    [{ vr: 'OB', InlineBinary: 'AA=' }, 'invalid: expected base64 as InlineBinary, found other text'],
    [{ vr: 'OB', InlineBinary: 'A===' }, 'invalid: expected base64 as InlineBinary, found other text'],
    [{ vr: 'OB', InlineBinary: 'AA=A' }, 'invalid: expected base64 as InlineBinary, found other text'],
    [{ vr: 'OB', InlineBinary: 'AA-_' }, 'invalid: expected base64 as InlineBinary, found other text'],
    [{ vr: 'OB', InlineBinary: 'AAA\n' }, 'invalid: expected base64 as InlineBinary, found other text'],
    [{ vr: 'OB', InlineBinary: ['AA=='] }, 'invalid: expected base64 as InlineBinary, found a list'],
    [{ vr: 'LO', Value: [{}] }, 'invalid: expected a string as a value of VR LO, found an object'],
    [{ vr: 'LO', Value: ['a', []] }, 'invalid: expected a string as a value of VR LO, found a list'],
    [{ vr: 'LO', Value: true }, 'invalid: expected a string as a value of VR LO, found a boolean'],
    [{ vr: 'LO', Value: [Infinity] }, 'invalid: expected a string as a value of VR LO, found another number'],
    [
      { vr: 'DS', Value: [Infinity] },
      'invalid: expected a string or a finite number as a value of VR DS, found another number',
    ],
    [{ vr: 'IS', Value: [{}] }, 'invalid: expected a string or a finite number as a value of VR IS, found an object'],
    [{ vr: 'AT', Value: ['0010'] }, 'invalid: expected 8 hex digits as a value of VR AT, found another string'],
    [{ vr: 'AT', Value: [10] }, 'invalid: expected 8 hex digits as a value of VR AT, found another number'],
    [
      { vr: 'US', Value: [65536] },
      'invalid: expected an integer from 0 to 65535 as a value of VR US, found another number',
    ],
    [
      { vr: 'US', Value: [-1] },
      'invalid: expected an integer from 0 to 65535 as a value of VR US, found another number',
    ],
    [
      { vr: 'US', Value: [1.5] },
      'invalid: expected an integer from 0 to 65535 as a value of VR US, found another number',
    ],
    [
      { vr: 'US', Value: ['1x'] },
      'invalid: expected an integer from 0 to 65535 as a value of VR US, found another string',
    ],
    [
      { vr: 'SS', Value: [32768] },
      'invalid: expected an integer from -32768 to 32767 as a value of VR SS, found another number',
    ],
    [
      { vr: 'UL', Value: [4294967296] },
      'invalid: expected an integer from 0 to 4294967295 as a value of VR UL, found another number',
    ],
    [
      { vr: 'SL', Value: [2147483648] },
      'invalid: expected an integer from -2147483648 to 2147483647 as a value of VR SL, found another number',
    ],
    [
      { vr: 'FL', Value: [1e39] },
      'invalid: expected a finite number of single precision as a value of VR FL, found another number',
    ],
    [{ vr: 'FD', Value: ['1e999'] }, 'invalid: expected a finite number as a value of VR FD, found another string'],
    [{ vr: 'FD', Value: ['NaN'] }, 'invalid: expected a finite number as a value of VR FD, found another string'],
    [{ vr: 'FD', Value: ['-Infinity'] }, 'invalid: expected a finite number as a value of VR FD, found another string'],
    [{ vr: 'FD', Value: ['  '] }, 'invalid: expected a finite number as a value of VR FD, found another string'],
    [{ vr: 'FD', Value: ['0x10'] }, 'invalid: expected a finite number as a value of VR FD, found another string'],
    [
      { vr: 'PN', Value: [{ alphabetic: 'x' }] },
      'invalid: expected text, or an object with Alphabetic, Ideographic or Phonetic text, as a value of VR PN, found an object',
    ],
    [
      { vr: 'PN', Value: [{ Alphabetic: 5 }] },
      'invalid: expected text, or an object with Alphabetic, Ideographic or Phonetic text, as a value of VR PN, found an object',
    ],
    [
      { vr: 'PN', Value: ['a=b=c=d'] },
      'invalid: expected text, or an object with Alphabetic, Ideographic or Phonetic text, as a value of VR PN, found another string',
    ],
    [{ vr: 'SQ', Value: ['x'] }, 'invalid: expected datasets as the items of a sequence, found a string'],
    [{ vr: 'SQ', Value: [{}, []] }, 'invalid: expected datasets as the items of a sequence, found a list'],
  ]
  for (const [attribute, refusal] of attributes) {
    it(`attribute ${JSON.stringify(attribute)}`, () => {
      expect(refuse(attribute)).to.deep.equal([refusal.replace(':', ' 77760001:')])
    })
  }

  it('has a VR that the dictionary does not allow', () => {
    expect(refusals(json({ '00100020': { vr: 'SH', Value: ['x'] } }))).to.deep.equal([
      'invalid 00100020: expected VR LO, found SH',
    ])
    expect(refusals(json({ '00280106': { vr: 'UN', InlineBinary: 'AA==' } }))).to.deep.equal([
      'invalid 00280106: expected VR US or SS, found UN',
    ])
  })

  it('has its problems listed together, each with its path', () => {
    const document = {
      '00100020': { vr: 'LO', Value: [{}] },
      '00404021': {
        vr: 'SQ',
        Value: [{}, { '0008119A': 1, '00081199': { vr: 'SQ', Value: [{ '00081155': { Value: [[]] } }] } }],
      },
    }
    expect(refusals(json(document))).to.deep.equal([
      'malformed 00100020: expected a string as a value of VR LO, found an object',
      'malformed 00404021.0008119A: expected an attribute, an object with vr and Value, found a number',
      'malformed 00404021.00081199.00081155: expected a string as a value of VR UI, found a list',
    ])
  })

  it('has no more than 100 problems listed', () => {
    expect(refusals(json(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, 0]))))).to.have.length(100)
  })

  it('has 65 sequences in one another, even if the last one is empty', () => {
    const reason = 'expected sequences at most 64 levels deep, found one more'
    expect(refusals(json(nested(65)))).to.deep.equal([`malformed ${nestedPath(65)}: ${reason}`])
  })

  it('has thousands of sequences in one another, and does no harm', () => {
    expect(refusals(json(nested(5000)))).to.have.length(1)
  })

  it('makes the parser refuse, never throw', () => {
    const key = fc.oneof(
      fc.constantFrom('00100010', '00404021', '0040a370', '00091001', '77760001', '__proto__'),
      fc.string(),
    )
    const content = fc.constantFrom('vr', 'Value', 'InlineBinary', 'BulkDataURI', 'x')
    const vr = fc.constantFrom('LO', 'SQ', 'PN', 'US', 'OB', 'AT', 'DS')
    const almost = fc.letrec<{ dataset: unknown; value: unknown }>((tie) => ({
      dataset: fc.dictionary(key, fc.dictionary(content, tie('value'), { maxKeys: 3 }), { maxKeys: 3 }),
      value: fc.oneof({ maxDepth: 2 }, vr, fc.jsonValue({ maxDepth: 1 }), fc.array(tie('dataset'), { maxLength: 2 })),
    }))
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), almost.dataset, fc.array(almost.dataset)), (document) => {
        const parsed = parseDatasetJson(document)
        if (!parsed.ok) expect(parsed.problems).to.not.be.empty
      }),
      { numRuns: 1000 },
    )
  })

  it('makes the parser refuse, never throw, where it hides in a right dataset', () => {
    fc.assert(
      fc.property(arbitraryDataset, fc.nat(60), fc.jsonValue({ maxDepth: 1 }), (dataset, position, intruder) => {
        let node = 0
        const document: unknown = JSON.parse(stringifyDataset(dataset), (_key, value: unknown) =>
          node++ === position ? intruder : value,
        )
        const parsed = parseDatasetJson(document)
        if (parsed.ok) expect(parseDatasetJson(JSON.parse(stringifyDataset(parsed.value)))).to.deep.equal(parsed)
      }),
      { numRuns: 500 },
    )
  })
})

describe('PS3.18 F writing DICOM JSON', () => {
  it('has the tags ascending at every level, those that look like an array index too', () => {
    const dataset = {
      '21000140': { vr: 'AE', Value: ['A'] },
      '00404074': { vr: 'SQ', Value: [{ FFFC0001: { vr: 'LO' }, '10000001': { vr: 'LO' }, '0040E010': { vr: 'UR' } }] },
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    } as const
    expect(stringifyDataset(dataset)).to.equal(
      '{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},' +
        '"00404074":{"vr":"SQ","Value":[{"0040E010":{"vr":"UR"},"10000001":{"vr":"LO"},"FFFC0001":{"vr":"LO"}}]},' +
        '"21000140":{"vr":"AE","Value":["A"]}}',
    )
  })

  it('has every kind of value, and vr alone for none', () => {
    const dataset = {
      '77760001': { vr: 'LO', Value: ['a"b\\', null, 'ü😀\u2028'] },
      '77760002': { vr: 'FD', Value: [1.5, -0, 1e21, 1e-7] },
      '77760003': { vr: 'PN', Value: [{ Phonetic: 'c', Alphabetic: 'a' }, null] },
      '77760004': { vr: 'SQ', Value: [{}] },
      '77760005': { vr: 'SQ' },
      '77760006': { vr: 'OB', InlineBinary: 'AA==' },
      '77760007': { vr: 'UT', Value: ['\t\r\n\f'] },
      '77760008': { vr: 'LO', Value: [] },
    } as const
    expect(stringifyDataset(dataset)).to.equal(
      '{"77760001":{"vr":"LO","Value":["a\\"b\\\\",null,"ü😀\u2028"]},' +
        '"77760002":{"vr":"FD","Value":[1.5,-0,1e+21,1e-7]},' +
        '"77760003":{"vr":"PN","Value":[{"Alphabetic":"a","Phonetic":"c"},null]},' +
        '"77760004":{"vr":"SQ","Value":[{}]},' +
        '"77760005":{"vr":"SQ"},' +
        '"77760006":{"vr":"OB","InlineBinary":"AA=="},' +
        '"77760007":{"vr":"UT","Value":["\\t\\r\\n\\f"]},' +
        '"77760008":{"vr":"LO"}}',
    )
  })

  it('escapes a surrogate that stands alone, so that the text can be sent as UTF-8', () => {
    expect(stringifyDataset({ '77760001': { vr: 'LO', Value: ['\ud83d'] } })).to.equal(
      '{"77760001":{"vr":"LO","Value":["\\ud83d"]}}',
    )
  })

  it('has an empty dataset', () => expect(stringifyDataset({})).to.equal('{}'))
})
