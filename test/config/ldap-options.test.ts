import { expect } from 'chai'
import { ldapDirectory, parseLdapUrl, type LdapDirectoryOptions } from '../../plugin/config/ldap-directory.ts'
import { UpsError } from '../../plugin/errors.ts'

const CA = 'The CA of the LDAP server cannot be used, expected a certificate in PEM form.'

const REFUSED: Readonly<
  Record<string, readonly [url: string, options: Omit<LdapDirectoryOptions, 'url'>, message: string]>
> = {
  'StartTLS over TLS': [
    'ldaps://a/dc=x',
    { startTls: true },
    'StartTLS is for ldap://; ldaps://a/dc=x speaks TLS from the start.',
  ],
  'a CA without TLS, which would look safe': [
    'ldap://a/dc=x',
    { ca: 'any' },
    'A CA is given, but ldap://a/dc=x is asked without TLS; that takes ldaps:// or StartTLS.',
  ],
  'a CA that is none': ['ldaps://a/dc=x', { ca: 'ca.pem' }, CA],
  'an empty CA': ['ldap://a/dc=x', { ca: '', startTls: true }, CA],
  'an empty bind DN, which would be nobody': [
    'ldap://a/dc=x',
    { bind: { dn: ' ', password: 'x' } },
    'The bind DN is empty.',
  ],
}

describe('A directory on an LDAP server is refused before it is asked, for', () => {
  for (const [what, [url, options, message]] of Object.entries(REFUSED)) {
    it(what, () => {
      expect(() => ldapDirectory({ url: parseLdapUrl(url), ...options }))
        .to.throw(UpsError, message)
        .with.property('code', 'UPS_BAD_OPTION')
    })
  }
})
