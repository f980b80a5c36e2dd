import { expect } from 'chai'
import fc from 'fast-check'

import { isAeTitle } from '../../plugin/dicom/ae-title.ts'
import { isUid, uidFromUuid } from '../../plugin/dicom/uid.ts'

describe('PS3.5 9.1 UIDs', () => {
  const right = ['1', '0', '1.2.840.10008.5.1.4.34.6.1', '0.0.0', '1.20.300', `1.${'2'.repeat(62)}`]
  for (const text of right) it(`"${text}" is one`, () => expect(isUid(text)).to.equal(true))

  const wrong = ['', '.', '1.', '.1', '1..2', '01', '1.02', '1.00', '1.2a', '1.2 ', ' 1.2', '1.2\0', '1,2', '-1', '1.٣']
  for (const text of [...wrong, `1.${'2'.repeat(63)}`]) {
    it(`${JSON.stringify(text)} is none`, () => expect(isUid(text)).to.equal(false))
  }

  it('agree with a regular expression', () => {
    const uid = /^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*$/
    fc.assert(
      fc.property(fc.stringMatching(/^[0-3.]{0,8}$/), (text) => isUid(text) === uid.test(text)),
      { numRuns: 1000 },
    )
  })
})

describe('PS3.5 B.2 UIDs from UUIDs', () => {
  it('are 2.25 and the UUID as a decimal number', () => {
    // The example of the standard.
    expect(uidFromUuid('f81d4fae-7dec-11d0-a765-00a0c91e6bf6')).to.equal('2.25.329800735698586629295641978511506172918')
    expect(uidFromUuid('00000000-0000-0000-0000-000000000000')).to.equal('2.25.0')
    expect(uidFromUuid('FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF')).to.equal('2.25.340282366920938463463374607431768211455')
  })

  it('are right ones', () => {
    fc.assert(fc.property(fc.uuid(), (uuid) => isUid(uidFromUuid(uuid))))
  })
})

describe('PS3.5 6.2 AE titles', () => {
  for (const text of ['A', 'ARCHIVE', 'Rad Onc-1', ' A', '*', '~', 'ABCDEFGHIJKLMNOP']) {
    it(`"${text}" is one`, () => expect(isAeTitle(text)).to.equal(true))
  }
  for (const text of ['', ' ', '                ', 'ABCDEFGHIJKLMNOPQ', 'A\\B', 'A\tB', 'A\n', 'Ä', '\x7f', 'A\0']) {
    it(`${JSON.stringify(text)} is none`, () => expect(isAeTitle(text)).to.equal(false))
  }
})
