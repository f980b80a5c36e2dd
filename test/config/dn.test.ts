import { expect } from 'chai'
import { parseDn } from '../../plugin/config/dn.ts'

const key = (text: string): string | undefined => parseDn(text)?.key

describe('A distinguished name (RFC 4514)', () => {
  const SAME: readonly (readonly [string, string])[] = [
    ['cn=Devices,dc=example', 'CN=devices,DC=EXAMPLE'],
    ['cn=Devices,dc=example', 'cn = Devices , dc = example'],
    ['cn=DICOM Configuration', 'cn=DICOM   Configuration'],
    ['cn=a\\,b', 'cn=a\\2Cb'],
    ['cn=\\C4\\8D', 'cn=\u010d'],
    ['cn=\\C4\\8D', 'cn=c\u030c'],
    ['cn=a\\+b', 'cn=a\\2bb'],
    ['cn=\\#1', 'cn=\\231'],
    ['cn=a=b', 'cn=a\\=b'],
    ['cn=a\\\\', 'cn=a\\5c'],
    ['cn=a+ou=b,dc=c', 'ou=b + cn=a,dc=c'],
    ['dicomDeviceName=Archive', 'dicomdevicename=archive'],
    ['dicomAETitle=RADONC', 'dicomaetitle=RADONC'],
    ['2.5.4.3=x', '2.5.4.3= x'],
    ['', '  '],
  ]
  for (const [one, other] of SAME) {
    it(`${one} names the same entry as ${other}`, () => expect(key(one)).to.be.a('string').and.equal(key(other)))
  }

  const DIFFERENT: readonly (readonly [string, string])[] = [
    ['cn=a,dc=b', 'cn=a\\,dc\\=b'],
    ['cn=a,dc=b', 'dc=b,cn=a'],
    ['cn=a+ou=b', 'cn=a,ou=b'],
    ['dicomAETitle=RADONC', 'dicomAETitle=radonc'],
    ['cn=ab', 'cn=a b'],
    ['cn=a\\5c2C', 'cn=a\\,'],
  ]
  for (const [one, other] of DIFFERENT) {
    it(`${one} does not name the same entry as ${other}`, () => {
      expect(key(one)).to.be.a('string')
      expect(key(other)).to.be.a('string').and.not.equal(key(one))
    })
  }

  for (const text of [
    'cn',
    '=a',
    'cn=a,',
    ',cn=a',
    'cn=a,,dc=b',
    'cn=a+',
    'cn=a\\',
    'cn=a\\x',
    'cn="a"',
    'cn=a;dc=b',
    'c n=a',
  ]) {
    it(`is not ${text}`, () => expect(parseDn(text)).to.equal(undefined))
  }

  it('is below the rest of itself', () => {
    expect(parseDn('dicomAETitle=A\\,B, CN=Devices,dc=example')?.parentKey).to.equal(key('cn=devices,dc=example'))
    expect(parseDn('dc=example')?.parentKey).to.equal(key(''))
  })
})
