import { expect } from 'chai'
import { isLdapUrl, parseLdapUrl } from '../../plugin/config/ldap-url.ts'
import { UpsError } from '../../plugin/errors.ts'

const refusal = (text: string): string => {
  try {
    parseLdapUrl(text)
  } catch (error) {
    expect(error).to.be.instanceOf(UpsError).and.include({ code: 'UPS_BAD_OPTION' })
    return error instanceof Error ? error.message : ''
  }
  expect.fail(`${text} was taken`)
}

describe('An LDAP URL', () => {
  it('names server, port and base DN', () => {
    expect(parseLdapUrl('ldap://ldap.example:10389/dc=dcm4che,dc=org')).to.deep.equal({
      tls: false,
      host: 'ldap.example',
      port: 10_389,
      base: 'dc=dcm4che,dc=org',
      text: 'ldap://ldap.example:10389/dc=dcm4che,dc=org',
    })
  })

  it('has the default port of its scheme', () => {
    expect(parseLdapUrl('ldap://a/dc=x')).to.include({ tls: false, port: 389 })
    expect(parseLdapUrl('ldaps://a/dc=x')).to.include({ tls: true, port: 636 })
  })

  it('has one text for one place', () => {
    for (const text of ['LDAPS://Ldap.Example:636/dc=x', 'ldaps://ldap.example/dc=x', 'ldaps://ldap.example/dc%3Dx']) {
      expect(parseLdapUrl(text).text).to.equal('ldaps://ldap.example/dc=x')
    }
  })

  it('may have an IPv6 address', () => {
    expect(parseLdapUrl('ldap://[::1]:1389/dc=x')).to.include({
      host: '::1',
      port: 1389,
      text: 'ldap://[::1]:1389/dc=x',
    })
  })

  it('may have anything in the base DN, percent-encoded or not', () => {
    const base = 'cn=DICOM Configuration,o=A\\, B/C?,dc=x'
    const text = 'ldap://a/cn=DICOM%20Configuration,o=A%5C,%20B/C%3F,dc=x'
    expect(parseLdapUrl(text)).to.include({ base, text })
    expect(parseLdapUrl('ldap://a/cn=DICOM Configuration,o=A\\, B/C%3f,dc=x')).to.include({ base, text })
    expect(parseLdapUrl('ldap://a/o=Universit%C3%A4t')).to.include({
      base: 'o=Universität',
      text: 'ldap://a/o=Universit%C3%A4t',
    })
  })

  it('is told from a path by its scheme', () => {
    expect(['ldap://a/dc=x', 'LDAPS://a', 'ldap:/x'].map(isLdapUrl)).to.deep.equal([true, true, true])
    expect(['ldif/', 'ldap', './ldap:x', '/ldap://a'].map(isLdapUrl)).to.deep.equal([false, false, false, false])
  })

  const FORM =
    'expected ldap://HOST[:PORT]/BASE-DN or ldaps://HOST[:PORT]/BASE-DN, with nothing behind it (a "?" in a DN is %3F).'
  const BASE_DN = 'expected the distinguished name (RFC 4514) of an entry behind the host, such as dc=example,dc=org.'
  const REFUSED: readonly (readonly [text: string, expected: string])[] = [
    ['ldap://a', FORM],
    ['ldap://a/', FORM],
    ['ldap:///dc=x', FORM],
    ['ldapi:///dc=x', FORM],
    ['ldap://a/dc=x?cn?sub', FORM],
    ['ldap://a/dc=x#1', FORM],
    ['ldap://a:x/dc=x', FORM],
    ['http://a/dc=x', FORM],
    ['ldap://a:0/dc=x', 'expected a port from 1 to 65535.'],
    ['ldap://a:65536/dc=x', 'expected a port from 1 to 65535.'],
    ['ldap://[::g]/dc=x', 'expected an IPv6 address in the brackets.'],
    ['ldap://a/devices', BASE_DN],
    ['ldap://a/%20', BASE_DN],
    ['ldap://a/dc=%E4', BASE_DN],
  ]
  for (const [text, expected] of REFUSED) {
    it(`is refused: ${text}`, () => {
      expect(refusal(text)).to.equal(`The LDAP URL ${JSON.stringify(text)} cannot be used, ${expected}`)
    })
  }

  it('is refused with credentials in it, and they are not shown', () => {
    const expected = 'expected no user name in it: the bind DN and its password are options of their own.'
    for (const text of ['ldap://cn=admin:secret@a/dc=x', 'ldap://secret@a:389/dc=x', 'ldaps://a:secret@b']) {
      expect(refusal(text)).to.equal(`The LDAP URL cannot be used, ${expected}`)
    }
    for (const text of ['ldap://x:secret@', 'ldap://x/secret@a', 'ldap://x:1/y:secret@a/dc=x']) {
      expect(refusal(text)).not.to.contain('secret')
    }
  })
})
