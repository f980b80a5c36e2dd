import { expect } from 'chai'

import {
  isPrivateCreatorTag,
  isPrivateTag,
  isTag,
  keywordOf,
  lookupKeyword,
  lookupTag,
  parseAttributeId,
  privateCreatorTagOf,
  vrOf,
} from '../../plugin/dicom/dictionary.ts'

/** PS3.6 chapter 6, transcribed a second time: the attributes that only a worklist has, and one of each oddity. */
const PS3_6 = `
  00080120 | URNCodeValue                             | UR             | 1
  00100010 | PatientName                              | PN             | 1
  00081195 | TransactionUID                           | UI             | 1
  00404010 | ScheduledProcedureStepModificationDateTime | DT           | 1
  00404041 | InputReadinessState                      | CS             | 1
  00404052 | ProcedureStepCancellationDateTime        | DT             | 1
  00404070 | OutputDestinationSequence                | SQ             | 1
  00404071 | DICOMStorageSequence                     | SQ             | 1
  00404072 | STOWRSStorageSequence                    | SQ             | 1
  00404073 | StorageURL                               | UR             | 1
  00404074 | XDSStorageSequence                       | SQ             | 1
  00741000 | ProcedureStepState                       | CS             | 1
  00741004 | ProcedureStepProgress                    | DS             | 1
  0074100A | ContactURI                               | UR or UT       | 1
  0040E010 | RetrieveURI                              | UR or UT       | 1
  00741224 | ReplacedProcedureStepSequence            | SQ             | 1
  00741230 | DeletionLock                             | LO             | 1
  00741234 | ReceivingAE                              | AE             | 1
  00741236 | RequestingAE                             | AE             | 1
  00741238 | ReasonForCancellation                    | LT             | 1
  00741242 | SCPStatus                                | CS             | 1
  00741244 | SubscriptionListStatus                   | CS             | 1
  00741246 | UnifiedProcedureStepListStatus           | CS             | 1
  21000140 | DestinationAE                            | AE             | 1
  00620009 | SegmentAlgorithmName                     | LO             | 1-n
  00760034 | ComponentTypeCodeSequence                | SQ             | 1
  0040A803 | NumberOfTableColumns                     | UL             | 1
  00280106 | SmallestImagePixelValue                  | US or SS       | 1
  7FE00010 | PixelData                                | OW or OB       | 1
  00283006 | LUTData                                  | US or SS or OW | 1-n
  00041200 | OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity | UL | 1
`

const rows = PS3_6.trim()
  .split('\n')
  .map((row) => row.split('|').map((cell) => cell.trim()))

describe('PS3.6 the data dictionary', () => {
  for (const [tag = '', keyword = '', vrs = '', vm = ''] of rows) {
    it(`has ${tag} ${keyword} ${vrs} ${vm}`, () => {
      const entry = lookupTag(tag)
      expect(entry).to.include({ tag, keyword, retired: false })
      expect(entry?.vrs.join(' or ')).to.equal(vrs)
      expect(entry?.vm.text).to.equal(vm)
      expect(lookupKeyword(keyword)).to.equal(entry)
      expect(keywordOf(tag)).to.equal(keyword)
      expect(vrOf(tag)).to.equal(vrs.slice(0, 2))
    })
  }

  const vms = [
    { tag: '00100020', vm: { text: '1', min: 1, max: 1, step: 1 } },
    { tag: '00080005', vm: { text: '1-n', min: 1, max: Infinity, step: 1 } },
    { tag: '00080008', vm: { text: '2-n', min: 2, max: Infinity, step: 1 } },
    { tag: '00089007', vm: { text: '4-5', min: 4, max: 5, step: 1 } },
    { tag: '00281101', vm: { text: '3', min: 3, max: 3, step: 1 } },
    { tag: '00181620', vm: { text: '2-2n', min: 2, max: Infinity, step: 2 } },
    { tag: '30060050', vm: { text: '3-3n', min: 3, max: Infinity, step: 3 } },
  ]
  for (const { tag, vm } of vms) {
    it(`reads VM ${vm.text}`, () => expect(lookupTag(tag)?.vm).to.deep.equal(vm))
  }

  it('knows the attributes of a repeating group by any of its groups', () => {
    expect(lookupTag('60000022')).to.include({ tag: '60000022', keyword: 'OverlayDescription' })
    expect(lookupTag('60FE0022')).to.include({ tag: '60FE0022', keyword: 'OverlayDescription' })
    expect(lookupTag('002031AB')).to.include({ tag: '002031AB', keyword: 'SourceImageIDs', retired: true })
    expect(vrOf('60FE0022')).to.equal('LO')
    expect(lookupKeyword('OverlayDescription')?.tag).to.equal('60000022')
  })

  it('does not take a private group for a repeating one', () => expect(lookupTag('60010022')).to.equal(undefined))

  it('knows retired attributes by their keyword', () => {
    expect(lookupKeyword('StudyComments')).to.include({ tag: '00324000', retired: true })
    expect(lookupKeyword('RETIRED_StudyComments')).to.equal(undefined)
  })

  it('knows the keyword in its exact case only', () => expect(lookupKeyword('patientName')).to.equal(undefined))

  it('has retired attributes without a keyword', () => {
    expect(lookupTag('00180061')).to.include({ keyword: '', retired: true })
    expect(keywordOf('00180061')).to.equal(undefined)
    expect(lookupKeyword('undefined')).to.equal(undefined)
    expect(lookupKeyword('')).to.equal(undefined)
  })

  it('forgets the keywords that it corrects', () => expect(lookupKeyword('NumbeOfTableColumns')).to.equal(undefined))

  it('has no VR for items and delimiters, so does not know them', () =>
    expect(lookupTag('FFFEE000')).to.equal(undefined))

  it('gives private creators LO and what it does not know UN', () => {
    expect(vrOf('00090010')).to.equal('LO')
    expect(vrOf('00091001')).to.equal('UN')
    expect(vrOf('77760001')).to.equal('UN')
  })

  it('does not know what objects inherit', () => {
    expect(lookupTag('constructor')).to.equal(undefined)
    expect(lookupKeyword('toString')).to.equal(undefined)
    expect(keywordOf('__proto__')).to.equal(undefined)
  })
})

describe('PS3.18 8.3.4.1 attribute ids', () => {
  const ids = [
    { text: 'PatientID', tag: '00100020' },
    { text: '00100020', tag: '00100020' },
    { text: '0040a370', tag: '0040A370' },
    { text: '0040A370', tag: '0040A370' },
    { text: '00091001', tag: '00091001' },
    { text: 'patientid', tag: undefined },
    { text: '0010002', tag: undefined },
    { text: '001000200', tag: undefined },
    { text: '0010002G', tag: undefined },
    { text: '', tag: undefined },
    { text: '__proto__', tag: undefined },
  ]
  for (const { text, tag } of ids) {
    it(`"${text}" is ${tag ?? 'none'}`, () => expect(parseAttributeId(text)).to.equal(tag))
  }
})

describe('PS3.5 7.1 and 7.8.1 tags', () => {
  it('are 8 hex digits in either case', () => {
    for (const text of ['00100010', 'abcdef00', 'ABCDEF00', 'aBcDeF09']) expect(isTag(text), text).to.equal(true)
    for (const text of [
      '',
      '0010001',
      '001000100',
      '0010,010',
      '0010001g',
      '0010001G',
      '0010001 ',
      '0010001/',
      '0010001:',
    ]) {
      expect(isTag(text), text).to.equal(false)
    }
  })

  it('are private in odd groups', () => {
    const groups = Array.from({ length: 16 }, (_, i) => i.toString(16).toUpperCase())
    for (const digit of groups) {
      expect(isPrivateTag(`000${digit}1001`), digit).to.equal(parseInt(digit, 16) % 2 === 1)
    }
  })

  it('name private creators from (gggg,0010) to (gggg,00FF)', () => {
    for (const tag of ['00090010', '000900FF', '7FE100A0']) expect(isPrivateCreatorTag(tag), tag).to.equal(true)
    for (const tag of ['0009000F', '00090000', '00090110', '00091010', '00080010']) {
      expect(isPrivateCreatorTag(tag), tag).to.equal(false)
    }
  })

  it('lead from a private element to its creator', () => expect(privateCreatorTagOf('00291AFE')).to.equal('0029001A'))
})
