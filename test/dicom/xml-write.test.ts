import { expect } from 'chai'

import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { parseDatasetXml } from '../../plugin/dicom/xml-read.ts'
import { writeDatasetXml } from '../../plugin/dicom/xml-write.ts'
import { accepted } from './support.ts'

const START =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">'

/** What is inside of the root. */
function written(dataset: Dataset): string {
  const document = writeDatasetXml(dataset)
  expect(document.startsWith(START)).to.equal(true)
  return document.slice(START.length).replace(/<\/NativeDicomModel>$/, '')
}

/** An attribute that the dictionary does not know. */
const attribute = (vr: string, content: string): string =>
  `<DicomAttribute tag="77760001" vr="${vr}">${content}</DicomAttribute>`

/** A creator element. */
const creator = (tag: string, name: string): string =>
  `<DicomAttribute tag="${tag}" vr="LO"><Value number="1">${name}</Value></DicomAttribute>`

describe('PS3.19 A.1 writing the Native DICOM Model', () => {
  it('has a declaration, the namespace and xml:space', () => {
    expect(writeDatasetXml({})).to.equal(`${START}</NativeDicomModel>`)
  })

  it('has the tags ascending, with vr and keyword', () => {
    expect(written({ '21000140': { vr: 'AE' }, '00741000': { vr: 'CS', Value: ['SCHEDULED'] } })).to.equal(
      '<DicomAttribute tag="00741000" vr="CS" keyword="ProcedureStepState"><Value number="1">SCHEDULED</Value></DicomAttribute>' +
        '<DicomAttribute tag="21000140" vr="AE" keyword="DestinationAE"/>',
    )
  })

  it('numbers the values and has empty ones for null', () => {
    expect(written({ '77760001': { vr: 'DS', Value: [1.5, null, ' 2'] } })).to.equal(
      attribute('DS', '<Value number="1">1.5</Value><Value number="2"/><Value number="3"> 2</Value>'),
    )
  })

  it('has binary values in base64', () => {
    expect(written({ '77760001': { vr: 'OB', InlineBinary: 'AA==' } })).to.equal(
      attribute('OB', '<InlineBinary>AA==</InlineBinary>'),
    )
  })

  it('has items in items, and empty ones', () => {
    const Value = [{ '77760001': { vr: 'SQ', Value: [{}] } } as const, {}]
    expect(written({ '77760001': { vr: 'SQ', Value } })).to.equal(
      attribute('SQ', `<Item number="1">${attribute('SQ', '<Item number="1"/>')}</Item><Item number="2"/>`),
    )
  })

  it('has the components of names in their elements', () => {
    const Value = [{ Alphabetic: 'Doe^John^^Dr.', Phonetic: '^b' }, null]
    expect(written({ '77760001': { vr: 'PN', Value } })).to.equal(
      attribute(
        'PN',
        '<PersonName number="1">' +
          '<Alphabetic><FamilyName>Doe</FamilyName><GivenName>John</GivenName><NamePrefix>Dr.</NamePrefix></Alphabetic>' +
          '<Phonetic><GivenName>b</GivenName></Phonetic>' +
          '</PersonName><PersonName number="2"/>',
      ),
    )
  })

  it('leaves components beyond the fifth with it, so that they come back', () => {
    const dataset: Dataset = { '77760001': { vr: 'PN', Value: [{ Alphabetic: 'a^b^c^d^e^f^g' }] } }
    expect(written(dataset)).to.include('<NameSuffix>e^f^g</NameSuffix>')
    expect(accepted(parseDatasetXml(writeDatasetXml(dataset)))).to.deep.equal(dataset)
  })

  it('escapes what is special, and CR, which would be read as LF', () => {
    expect(written({ '77760001': { vr: 'UT', Value: ['<a b="c">&amp;]]>\r\n\t\'😀'] } })).to.equal(
      attribute('UT', '<Value number="1">&lt;a b="c"&gt;&amp;amp;]]&gt;&#13;\n\t\'😀</Value>'),
    )
  })

  it('replaces what XML cannot have, so that the document can be read', () => {
    const dataset: Dataset = { '77760001': { vr: 'UT', Value: ['a\x00\x0c\x1b\ud83d\ufffe\uffff\x85b'] } }
    expect(accepted(parseDatasetXml(writeDatasetXml(dataset)))['77760001']?.Value).to.deep.equal([
      'a\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\x85b',
    ])
  })
})

describe('PS3.19 A.1 writing private attributes', () => {
  it('masks the block and names the creator, whose element is there too', () => {
    const dataset: Dataset = {
      '00090011': { vr: 'LO', Value: ['A & "B"\t'] },
      '00091110': { vr: 'US', Value: [1] },
    }
    expect(written(dataset)).to.equal(
      creator('00090011', 'A &amp; "B"\t') +
        '<DicomAttribute tag="00090010" vr="US" privateCreator="A &amp; &quot;B&quot;&#9;"><Value number="1">1</Value></DicomAttribute>',
    )
  })

  it('masks a block whatever block the same creator has in another group', () => {
    const dataset: Dataset = {
      '00090010': { vr: 'LO', Value: ['ACME'] },
      '00290011': { vr: 'LO', Value: ['ACME'] },
      '00291101': { vr: 'LO' },
    }
    expect(written(dataset)).to.include('<DicomAttribute tag="00290001" vr="LO" privateCreator="ACME"/>')
    expect(accepted(parseDatasetXml(writeDatasetXml(dataset)))).to.deep.equal(dataset)
  })

  it('does not mask a second block of the same creator, which the name alone would not tell', () => {
    const dataset: Dataset = {
      '00090010': { vr: 'LO', Value: ['ACME'] },
      '00090011': { vr: 'LO', Value: ['ACME'] },
      '00091001': { vr: 'LO' },
      '00091101': { vr: 'LO' },
    }
    expect(written(dataset)).to.equal(
      creator('00090010', 'ACME') +
        creator('00090011', 'ACME') +
        '<DicomAttribute tag="00090001" vr="LO" privateCreator="ACME"/>' +
        '<DicomAttribute tag="00091101" vr="LO" privateCreator="ACME"/>',
    )
    expect(accepted(parseDatasetXml(writeDatasetXml(dataset)))).to.deep.equal(dataset)
  })

  it('names no creator where there is none, or none with one name', () => {
    const dataset: Dataset = {
      '00090010': { vr: 'LO', Value: ['a', 'b'] },
      '00090011': { vr: 'SH', Value: ['a'] },
      '00090012': { vr: 'LO' },
      '00091001': { vr: 'LO' },
      '00091101': { vr: 'LO' },
      '00091201': { vr: 'LO' },
      '00091301': { vr: 'LO' },
    }
    expect(written(dataset)).to.not.include('privateCreator')
    expect(accepted(parseDatasetXml(writeDatasetXml(dataset)))).to.deep.equal(dataset)
  })
})
