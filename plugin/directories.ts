/** From the option `config` to the directory that it names. */
import { fileURLToPath } from 'node:url'
import type { Directory } from './config/directory.ts'
import { isLdapUrl, ldapDirectory, parseLdapUrl } from './config/ldap-directory.ts'
import { ldifDirectory } from './config/ldif-directory.ts'
import type { Options } from './options.ts'

export function directoryOf({ config, ldap }: Options): Directory {
  if (typeof config === 'object') return config
  if (config === undefined) return ldifDirectory(sample())
  if (!isLdapUrl(config)) return ldifDirectory(config)
  const { bindDn, bindPassword, startTls, ca, timeouts } = ldap
  return ldapDirectory({
    url: parseLdapUrl(config),
    ...(bindDn === undefined ? {} : { bind: { dn: bindDn, password: bindPassword } }),
    startTls,
    ...(ca === undefined ? {} : { ca }),
    ...(timeouts === undefined ? {} : { timeouts }),
  })
}

/** The sample directory that comes with the package. */
const sample = (): string => fileURLToPath(new URL('.', import.meta.resolve('archive-ups/ldif/10-base.ldif')))
