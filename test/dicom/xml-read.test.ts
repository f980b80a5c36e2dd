import { expect } from 'chai'
import fc from 'fast-check'

import { parseDatasetXml } from '../../plugin/dicom/xml-read.ts'
import { writeDatasetXml } from '../../plugin/dicom/xml-write.ts'
import { arbitraryDataset } from './dataset-arbitrary.ts'
import { accepted, nestedPath, refusals, xml } from './support.ts'

const NAMESPACE = 'http://dicom.nema.org/PS3.19/models/NativeDICOM'

/** The attribute with a tag that the dictionary does not know and this VR and content. */
const read = (vr: string, content: string): unknown =>
  accepted(xml(`<DicomAttribute tag="77760001" vr="${vr}">${content}</DicomAttribute>`))['77760001']
const refuse = (vr: string, content: string): readonly string[] =>
  refusals(xml(`<DicomAttribute tag="77760001" vr="${vr}">${content}</DicomAttribute>`))

const PATIENT_ID = '<DicomAttribute tag="00100020" vr="LO"><Value number="1">4711</Value></DicomAttribute>'
const patientId = { '00100020': { vr: 'LO', Value: ['4711'] } }

/** A sequence of one item, at a position. */
const leavingOut = (tag: string, last: number): string =>
  `<DicomAttribute tag="${tag}" vr="SQ"><Item number="${last}"/></DicomAttribute>`

/** A creator element, and a private attribute that names its creator. */
const creator = (tag: string, name: string): string =>
  `<DicomAttribute tag="${tag}" vr="LO"><Value number="1">${name}</Value></DicomAttribute>`
const element = (tag: string, name: string): string => `<DicomAttribute tag="${tag}" vr="LO" privateCreator="${name}"/>`
const LO = { vr: 'LO' }
const named = (name: string): unknown => ({ vr: 'LO', Value: [name] })

describe('PS3.19 A.1 reading the Native DICOM Model', () => {
  it('takes the namespace as default, with a prefix, or not at all', () => {
    expect(accepted(xml(PATIENT_ID))).to.deep.equal(patientId)
    expect(
      accepted(parseDatasetXml(`<NativeDicomModel xmlns="${NAMESPACE}">${PATIENT_ID}</NativeDicomModel>`)),
    ).to.deep.equal(patientId)
    const prefixed = PATIENT_ID.replaceAll('<', '<n:').replaceAll('<n:/', '</n:')
    expect(
      accepted(parseDatasetXml(`<n:NativeDicomModel xmlns:n="${NAMESPACE}">${prefixed}</n:NativeDicomModel>`)),
    ).to.deep.equal(patientId)
  })

  it('takes a byte order mark, an XML declaration, comments, white space and CDATA', () => {
    const document = `\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>
      <!-- a workitem -->
      <NativeDicomModel xml:space="preserve" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x">
        <!-- of a patient -->
        <DicomAttribute tag="00100020" vr="LO">
          <Value number="1"><![CDATA[47]]>1<!-- -->1</Value>
        </DicomAttribute>
      </NativeDicomModel>
      `
    expect(accepted(parseDatasetXml(document))).to.deep.equal(patientId)
  })

  it('takes the tag in either case, and rather than the keyword', () => {
    expect(accepted(xml('<DicomAttribute tag="0040a370" keyword="PatientName" vr="SQ"/>'))).to.deep.equal({
      '0040A370': { vr: 'SQ' },
    })
  })

  it('takes the keyword where there is no tag, and the vr of the dictionary where there is no vr', () => {
    expect(accepted(xml('<DicomAttribute keyword="PatientID"><Value>4711</Value></DicomAttribute>'))).to.deep.equal(
      patientId,
    )
  })

  it('takes UN for binary content and LO for private creators without vr', () => {
    const attributes =
      '<DicomAttribute tag="77760001"><InlineBinary>AA==</InlineBinary></DicomAttribute>' +
      '<DicomAttribute tag="00090010"><Value number="1">ACME</Value></DicomAttribute>'
    expect(accepted(xml(attributes))).to.deep.equal({
      '00090010': { vr: 'LO', Value: ['ACME'] },
      '77760001': { vr: 'UN', InlineBinary: 'AA==' },
    })
  })

  it('takes an attribute without content as empty', () => {
    for (const vr of ['LO', 'SQ', 'PN', 'OB', 'US']) {
      expect(read(vr, ''), vr).to.deep.equal({ vr })
      expect(read(vr, ' \n '), vr).to.deep.equal({ vr })
    }
    expect(read('LO', '<Value number="1"/>')).to.deep.equal({ vr: 'LO' })
    expect(read('PN', '<PersonName number="1"><Alphabetic/></PersonName>')).to.deep.equal({ vr: 'PN' })
    expect(read('OB', '<InlineBinary/>')).to.deep.equal({ vr: 'OB' })
  })

  it('leaves group lengths out', () => {
    expect(
      accepted(xml('<DicomAttribute tag="00100000" vr="UL"><Value number="1">1</Value></DicomAttribute>')),
    ).to.deep.equal({})
  })

  it('has text as it stands, with its white space, entities and characters beyond the BMP', () => {
    expect(
      read('UT', '<Value number="1"> a\r\n\tb&#13;&#10;&lt;&amp;&gt;&quot;&apos;&#x1F600;😀 </Value>'),
    ).to.deep.equal({
      vr: 'UT',
      Value: [' a\n\tb\r\n<&>"\'😀😀 '],
    })
  })

  it('has numbers for the number VRs, and text for DS, IS, SV and UV', () => {
    expect(read('US', '<Value number="1"> 7\n</Value>')).to.deep.equal({ vr: 'US', Value: [7] })
    expect(read('FD', '<Value number="1">-1.5E3</Value>')).to.deep.equal({ vr: 'FD', Value: [-1500] })
    expect(read('DS', '<Value number="1">1.50</Value>')).to.deep.equal({ vr: 'DS', Value: ['1.50'] })
    expect(read('UV', '<Value number="1">18446744073709551615</Value>')).to.deep.equal({
      vr: 'UV',
      Value: ['18446744073709551615'],
    })
    expect(read('AT', '<Value number="1">0040a370</Value>')).to.deep.equal({ vr: 'AT', Value: ['0040A370'] })
  })

  it('has no white space in base64', () => {
    expect(read('OB', '<InlineBinary>\n  AAEC\n  Aw==\n</InlineBinary>')).to.deep.equal({
      vr: 'OB',
      InlineBinary: 'AAECAw==',
    })
  })

  it('puts values where their numbers say', () => {
    expect(read('LO', '<Value number="3">c</Value><Value number="1">a</Value>')).to.deep.equal({
      vr: 'LO',
      Value: ['a', null, 'c'],
    })
    expect(read('LO', '<Value>a</Value><Value number="5">e</Value><Value>f</Value>')).to.deep.equal({
      vr: 'LO',
      Value: ['a', null, null, null, 'e', 'f'],
    })
    expect(read('SQ', '<Item number="2"/>')).to.deep.equal({ vr: 'SQ', Value: [{}, {}] })
    expect(read('LO', '<Value number="1"/><Value number="2">b</Value>')).to.deep.equal({ vr: 'LO', Value: [null, 'b'] })
  })

  it('joins the components of names, whatever their order, without empty ones at the end', () => {
    const name = `<PersonName number="1">
      <Alphabetic>
        <GivenName>John</GivenName><FamilyName>Doe</FamilyName><NamePrefix>Dr.</NamePrefix><NameSuffix/>
      </Alphabetic>
      <Phonetic><FamilyName>dō</FamilyName></Phonetic>
    </PersonName>`
    expect(read('PN', name)).to.deep.equal({ vr: 'PN', Value: [{ Alphabetic: 'Doe^John^^Dr.', Phonetic: 'dō' }] })
  })

  it('takes names as text', () => {
    expect(read('PN', '<Value number="1">Doe^John=x</Value>')).to.deep.equal({
      vr: 'PN',
      Value: [{ Alphabetic: 'Doe^John', Ideographic: 'x' }],
    })
  })

  it('reads items in items', () => {
    expect(
      read('SQ', `<Item number="1">${PATIENT_ID}<DicomAttribute tag="00404021" vr="SQ"/></Item><Item number="2"/>`),
    ).to.deep.equal({
      vr: 'SQ',
      Value: [{ ...patientId, '00404021': { vr: 'SQ' } }, {}],
    })
  })

  it('ignores attributes of other namespaces', () => {
    expect(
      accepted(xml('<DicomAttribute tag="00100020" vr="LO" xmlns:x="http://example.org" x:tag="00100010"/>')),
    ).to.deep.equal({ '00100020': { vr: 'LO' } })
  })

  it('ignores attributes of elements that are not in the model', () => {
    expect(accepted(xml('<DicomAttribute tag="00100020" vr="LO" name="Patient ID"/>'))).to.deep.equal({
      '00100020': { vr: 'LO' },
    })
  })
})

describe('PS3.5 7.8.1 private attributes in XML', () => {
  it('get the first free block and a creator element', () => {
    expect(accepted(xml(element('00090001', 'ACME') + element('00090002', 'ACME')))).to.deep.equal({
      '00090010': named('ACME'),
      '00091001': LO,
      '00091002': LO,
    })
  })

  it('get the block of their creator element, wherever that is', () => {
    expect(accepted(xml(element('00090001', 'ACME') + creator('0009002A', ' ACME ')))).to.deep.equal({
      '0009002A': named(' ACME '),
      '00092A01': LO,
    })
  })

  it('share a group with other creators', () => {
    const attributes =
      creator('00090010', 'Other') + '<DicomAttribute tag="00091101" vr="SH"/>' + element('00090001', 'ACME')
    expect(accepted(xml(attributes))).to.deep.equal({
      '00090010': named('Other'),
      '00091101': { vr: 'SH' },
      '00090012': named('ACME'),
      '00091201': LO,
    })
  })

  it('have a block in each group, and in each item', () => {
    const item = `<DicomAttribute tag="00404021" vr="SQ"><Item number="1">${element('00090001', 'B')}</Item></DicomAttribute>`
    expect(accepted(xml(element('00090001', 'A') + element('00290001', 'A') + item))).to.deep.equal({
      '00090010': named('A'),
      '00091001': LO,
      '00290010': named('A'),
      '00291001': LO,
      '00404021': { vr: 'SQ', Value: [{ '00090010': named('B'), '00091001': LO }] },
    })
  })

  it('stay in the block that their tag names, if it is that of their creator', () => {
    const attributes = creator('00090010', 'ACME') + creator('00090011', 'ACME') + element('00091101', 'ACME')
    expect(accepted(xml(attributes))).to.deep.equal({
      '00090010': named('ACME'),
      '00090011': named('ACME'),
      '00091101': LO,
    })
  })

  it('get the block of their creator, if their tag names that of another one', () => {
    const attributes = creator('00090010', 'ACME') + creator('00090011', 'Other') + element('00091101', 'ACME')
    expect(accepted(xml(attributes))).to.deep.equal({
      '00090010': named('ACME'),
      '00090011': named('Other'),
      '00091001': LO,
    })
  })

  it('may be those that look like a creator or a group length, with a creator', () => {
    expect(accepted(xml(element('00090010', 'ACME') + element('00090000', 'ACME')))).to.deep.equal({
      '00090010': named('ACME'),
      '00091010': LO,
      '00091000': LO,
    })
  })

  it('are kept as they are without a creator', () => {
    expect(accepted(xml('<DicomAttribute tag="00091001" vr="LO"/>'))).to.deep.equal({ '00091001': LO })
  })

  it('are refused when all blocks are taken', () => {
    const creators = Array.from({ length: 240 }, (_, i) => creator(`000900${(i + 16).toString(16)}`, `creator ${i}`))
    expect(refusals(xml(creators.join('') + element('00090001', 'ACME')))).to.deep.equal([
      'malformed : expected a free block for the private creator of 00090001, found none',
    ])
  })

  it('are refused twice', () => {
    expect(
      refusals(xml(creator('00090010', 'ACME') + element('00091001', 'ACME') + element('00090001', 'ACME'))),
    ).to.deep.equal(['malformed 00091001: expected each tag once, found it twice'])
  })
})

describe('XML that is no Native DICOM Model', () => {
  const documents: readonly (readonly [string, string])[] = [
    ['', 'expected well-formed XML, found at line 1, column 0: document must contain a root element.'],
    ['{}', 'expected well-formed XML, found at line 1, column 2: text data outside of root node.'],
    ['<NativeDicomModel>', 'expected well-formed XML, found at line 1, column 18: unclosed tag'],
    ['<NativeDicomModel></a>', 'expected well-formed XML, found at line 1, column 22: unexpected close tag.'],
    [
      '<NativeDicomModel/><a/>',
      'expected well-formed XML, found at line 1, column 22: documents may contain only one root.',
    ],
    ['<NativeDicomModel/>x', 'expected well-formed XML, found at line 1, column 20: text data outside of root node.'],
    [
      '<NativeDicomModel>&nbsp;</NativeDicomModel>',
      'expected well-formed XML, found at line 1, column 24: undefined entity.',
    ],
    [
      '<NativeDicomModel>&#0;</NativeDicomModel>',
      'expected well-formed XML, found at line 1, column 22: malformed character entity.',
    ],
    [
      '<NativeDicomModel>\x00</NativeDicomModel>',
      'expected well-formed XML, found at line 1, column 19: disallowed character.',
    ],
    ['<a/>', 'expected NativeDicomModel as the root element, found "a"'],
    [
      '<DicomAttribute tag="00100020" vr="LO"/>',
      'expected NativeDicomModel as the root element, found "DicomAttribute"',
    ],
    [
      '<NativeDicomModel xmlns="http://example.org"/>',
      `expected elements of namespace ${NAMESPACE} or of none, found "NativeDicomModel" of another one`,
    ],
    [
      '<NativeDicomModel><a:b xmlns:a="http://example.org"/></NativeDicomModel>',
      `expected elements of namespace ${NAMESPACE} or of none, found "b" of another one`,
    ],
    ['<?xml version="1.0" encoding="ISO-8859-1"?><NativeDicomModel/>', 'expected encoding UTF-8, found "ISO-8859-1"'],
    ['<?xml version="1.1"?><NativeDicomModel/>', 'expected XML version 1.0, found another one'],
    [
      '<?xml-stylesheet href="x"?><NativeDicomModel/>',
      'expected no processing instruction but the XML declaration, found another one',
    ],
    [
      '<NativeDicomModel><?php x?></NativeDicomModel>',
      'expected no processing instruction but the XML declaration, found another one',
    ],
    ['<!DOCTYPE NativeDicomModel><NativeDicomModel/>', 'expected no document type, found DOCTYPE'],
    [
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><NativeDicomModel>&x;</NativeDicomModel>',
      'expected no document type, found DOCTYPE',
    ],
    [
      '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><NativeDicomModel>&c;</NativeDicomModel>',
      'expected no document type, found DOCTYPE',
    ],
  ]
  for (const [document, reason] of documents) {
    it(JSON.stringify(document), () =>
      expect(refusals(parseDatasetXml(document))).to.deep.equal([`malformed : ${reason}`]),
    )
  }

  const attributes: readonly (readonly [string, string])[] = [
    ['text', 'malformed : expected nothing but elements in NativeDicomModel, found text'],
    ['<Value number="1">x</Value>', 'malformed : expected DicomAttribute elements, found "Value"'],
    ['<DicomAttribute vr="LO"/>', 'malformed : expected a tag, or a keyword of the dictionary, found neither'],
    [
      '<DicomAttribute keyword="PatientId"/>',
      'malformed : expected a tag, or a keyword of the dictionary, found keyword "PatientId"',
    ],
    ['<DicomAttribute tag="0010,0020"/>', 'malformed : expected a tag of 8 hex digits, found "0010,0020"'],
    ['<DicomAttribute tag="" keyword="PatientID"/>', 'malformed : expected a tag of 8 hex digits, found ""'],
    [
      '<DicomAttribute tag="77760001"><Value>x</Value></DicomAttribute>',
      'malformed 77760001: expected a vr for 77760001, which the dictionary does not know, found none',
    ],
    ['<DicomAttribute tag="00100020" vr="XX"/>', 'malformed 00100020: expected a vr of PS3.5 6.2, found "XX"'],
    ['<DicomAttribute tag="00100020" vr="SH"/>', 'invalid 00100020: expected VR LO, found SH'],
    [
      '<DicomAttribute tag="00100020" vr="LO"/><DicomAttribute keyword="PatientID"/>',
      'malformed 00100020: expected each tag once, found it twice',
    ],
    [
      '<DicomAttribute tag="00100020" vr="LO" privateCreator="ACME"/>',
      'malformed : expected a privateCreator with a name, and on private attributes only, found it on 00100020',
    ],
    [
      '<DicomAttribute tag="00090001" vr="LO" privateCreator=" "/>',
      'malformed : expected a privateCreator with a name, and on private attributes only, found it on 00090001',
    ],
    [
      '<DicomAttribute tag="00404021"><Item><DicomAttribute tag="x"/></Item></DicomAttribute>',
      'malformed 00404021: expected a tag of 8 hex digits, found "x"',
    ],
  ]
  for (const [content, refusal] of attributes) {
    it(content, () => expect(refusals(xml(content))).to.deep.equal([refusal]))
  }

  const contents: readonly (readonly [string, string, string])[] = [
    ['LO', 'text', 'malformed: expected nothing but elements in DicomAttribute, found text'],
    ['LO', '<Values/>', 'malformed: expected Value, Item, PersonName or InlineBinary elements, found "Values"'],
    [
      'LO',
      '<constructor/>',
      'malformed: expected Value, Item, PersonName or InlineBinary elements, found "constructor"',
    ],
    ['LO', '<Value>x</Value><Item/>', 'malformed: expected content of one kind, found several'],
    [
      'OB',
      '<BulkData uri="http://x"/>',
      'invalid: expected the value itself: bulk data is not supported by worklist transactions, PS3.18 11.1.3',
    ],
    ['LO', '<Value><b/></Value>', 'malformed: expected nothing but text in Value, found elements'],
    ['LO', '<Item/>', 'invalid: expected Value elements for VR LO, found Item'],
    ['SQ', '<Value/>', 'invalid: expected Item elements for VR SQ, found Value'],
    ['PN', '<Item/>', 'invalid: expected PersonName or Value elements for VR PN, found Item'],
    ['LO', '<PersonName/>', 'invalid: expected Value elements for VR LO, found PersonName'],
    [
      'LO',
      '<InlineBinary>AA==</InlineBinary>',
      'invalid: expected values, since LO is not a binary VR, found InlineBinary',
    ],
    ['OB', '<Value>AA==</Value>', 'invalid: expected InlineBinary, since OB is a binary VR, found values'],
    ['OB', '<InlineBinary>AA</InlineBinary>', 'invalid: expected base64 as InlineBinary, found other text'],
    ['OB', '<InlineBinary/><InlineBinary/>', 'malformed: expected one InlineBinary element, found several'],
    [
      'US',
      '<Value>65536</Value>',
      'invalid: expected an integer from 0 to 65535 as a value of VR US, found another string',
    ],
    ['FD', '<Value>INF</Value>', 'invalid: expected a finite number as a value of VR FD, found another string'],
    ['LO', '<Value number="0">x</Value>', 'malformed: expected numbers from 1, each once, found something else'],
    ['LO', '<Value number="01">x</Value>', 'malformed: expected numbers from 1, each once, found something else'],
    ['LO', '<Value number="1.5">x</Value>', 'malformed: expected numbers from 1, each once, found something else'],
    ['LO', '<Value number="">x</Value>', 'malformed: expected numbers from 1, each once, found something else'],
    [
      'LO',
      '<Value number="9999999999">x</Value>',
      'malformed: expected numbers from 1, each once, found something else',
    ],
    [
      'LO',
      '<Value number="2">x</Value><Value number="2">y</Value>',
      'malformed: expected numbers from 1, each once, found one of them twice',
    ],
    [
      'LO',
      '<Value number="2">x</Value><Value number="1">y</Value><Value>z</Value>',
      'malformed: expected numbers from 1, each once, found one of them twice',
    ],
    [
      'PN',
      '<PersonName><Alphabetic/><Alphabetic/></PersonName>',
      'malformed: expected Alphabetic, Ideographic and Phonetic, each at most once, found "Alphabetic"',
    ],
    [
      'PN',
      '<PersonName><FamilyName>x</FamilyName></PersonName>',
      'malformed: expected Alphabetic, Ideographic and Phonetic, each at most once, found "FamilyName"',
    ],
    ['PN', '<PersonName>Doe</PersonName>', 'malformed: expected nothing but elements in PersonName, found text'],
    [
      'PN',
      '<PersonName><Alphabetic>Doe</Alphabetic></PersonName>',
      'malformed: expected nothing but elements in Alphabetic, found text',
    ],
    [
      'PN',
      '<PersonName><Alphabetic><GivenName/><GivenName/></Alphabetic></PersonName>',
      'malformed: expected FamilyName, GivenName, MiddleName, NamePrefix, NameSuffix, each at most once, found "GivenName"',
    ],
    [
      'PN',
      '<PersonName><Alphabetic><GivenName><b/></GivenName></Alphabetic></PersonName>',
      'malformed: expected nothing but text in GivenName, found elements',
    ],
  ]
  for (const [vr, content, refusal] of contents) {
    it(`${vr} with ${content}`, () => expect(refuse(vr, content)).to.deep.equal([refusal.replace(':', ' 77760001:')]))
  }

  it('leaves out more than 10000 numbers in all', () => {
    expect(accepted(xml(leavingOut('77760001', 10_001)))['77760001']?.Value).to.have.length(10_001)
    expect(refusals(xml(leavingOut('77760001', 10_002)))).to.deep.equal([
      'malformed 77760001: expected at most 10000 numbers to be left out, found more',
    ])
    expect(refusals(xml(leavingOut('77760001', 6000) + leavingOut('77760002', 6000)))).to.deep.equal([
      'malformed 77760002: expected at most 10000 numbers to be left out, found more',
    ])
  })

  it('has 65 sequences in one another, even if the last one is empty', () => {
    const open = '<DicomAttribute tag="77760001" vr="SQ"><Item number="1">'
    const close = '</Item></DicomAttribute>'
    const sequences = (depth: number): string =>
      `${open.repeat(depth - 1)}<DicomAttribute tag="77760001" vr="SQ"/>${close.repeat(depth - 1)}`
    expect(xml(sequences(64)).ok).to.equal(true)
    expect(refusals(xml(sequences(65)))).to.deep.equal([
      `malformed ${nestedPath(65)}: expected sequences at most 64 levels deep, found one more`,
    ])
  })

  it('has elements in one another without end, and does no harm', () => {
    const reason = 'malformed : expected elements at most 256 levels deep, found one more'
    expect(refusals(xml(`${'<a>'.repeat(255)}${'</a>'.repeat(255)}`))).to.not.deep.equal([reason])
    expect(refusals(xml(`${'<a>'.repeat(256)}${'</a>'.repeat(256)}`))).to.deep.equal([reason])
    expect(refusals(xml('<a>'.repeat(1_000_000)))).to.deep.equal([reason])
  })

  it('does not show what is in it', () => {
    for (const document of [
      '<Value>Yossarian<Yossarian></Value>',
      '<Yossarian',
      '&Yossarian;',
      '<a Yossarian="" Yossarian=""/>',
    ]) {
      expect(refusals(xml(document)).join()).to.not.include('Yossarian')
    }
  })

  it('makes the parser refuse, never throw', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom('<NativeDicomModel>', '<DicomAttribute tag="00404021" vr="SQ">', '<Item number="1">', '<Value>', '</Value>', '</Item>', '</DicomAttribute>', '</NativeDicomModel>', '<![CDATA[', ']]>', '<!--', '-->', '<?x', '?>', '<!DOCTYPE', '&amp;', '&#x', ';', '\r', '\ud83d', '\0', '\ufeff'), // prettier-ignore
        fc.string(),
      ),
    )
    fc.assert(
      fc.property(pieces, (all) => {
        parseDatasetXml(all.join(''))
        xml(all.join(''))
      }),
      { numRuns: 1000 },
    )
  })

  it('makes the parser refuse, never throw, where it hides in a right document', () => {
    const intruder = fc.oneof(
      fc.constantFrom('', '<', '>', '"', '&', '/', '<Value>', '</Item>', '<a/>', '\ud83d'),
      fc.string(),
    )
    fc.assert(
      fc.property(arbitraryDataset, fc.nat(), fc.nat(20), intruder, (dataset, at, length, text) => {
        const document = writeDatasetXml(dataset)
        const start = at % document.length
        const parsed = parseDatasetXml(document.slice(0, start) + text + document.slice(start + length))
        if (parsed.ok) expect(accepted(parseDatasetXml(writeDatasetXml(parsed.value)))).to.be.an('object')
      }),
      { numRuns: 1000 },
    )
  })
})
