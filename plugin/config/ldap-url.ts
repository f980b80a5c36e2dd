/** Where an LDAP directory is: `ldap://HOST[:PORT]/BASE-DN`, `ldaps://...` (RFC 4516, without what follows the DN). */
import { isIPv6 } from 'node:net'
import { UpsError } from '../errors.ts'
import { parseDn } from './dn.ts'

export interface LdapUrl {
  /** `ldaps://`: TLS from the first byte on. */
  readonly tls: boolean
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
  /** The DN below which the device is looked for; never empty. */
  readonly base: string
  /** The same text for the same place: lower case, no default port, escaped no more than needed. */
  readonly text: string
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { ldap: 389, ldaps: 636 }

const URL_FORM = /^(?<scheme>ldaps?):\/\/(?<host>\[[^\]]*\]|[^\s/:?#@[\]]+)(?::(?<port>\d{1,5}))?\/(?<base>[^?#]+)$/i

export const isLdapUrl = (text: string): boolean => /^ldaps?:/i.test(text)

/** @throws UpsError UPS_BAD_OPTION; its message does not show a URL that may hold a password. */
export function parseLdapUrl(text: string): LdapUrl {
  const bad = (expected: string): UpsError => {
    const shown = text.includes('@') ? 'The LDAP URL' : `The LDAP URL ${JSON.stringify(text)}`
    return new UpsError('UPS_BAD_OPTION', `${shown} cannot be used, expected ${expected}.`)
  }
  if (/^ldaps?:\/\/[^/?#]*@/i.test(text))
    throw bad('no user name in it: the bind DN and its password are options of their own')
  const { scheme = '', host: written = '', port: digits, base: escaped = '' } = URL_FORM.exec(text)?.groups ?? {}
  if (scheme === '')
    throw bad(
      'ldap://HOST[:PORT]/BASE-DN or ldaps://HOST[:PORT]/BASE-DN, with nothing behind it (a "?" in a DN is %3F)',
    )
  const host = written.replace(/^\[|\]$/g, '').toLowerCase()
  if (written.startsWith('[') && !isIPv6(host)) throw bad('an IPv6 address in the brackets')
  const defaultPort = DEFAULT_PORTS[scheme.toLowerCase()] ?? 0
  const port = digits === undefined ? defaultPort : Number(digits)
  if (port < 1 || port > 65_535) throw bad('a port from 1 to 65535')
  const base = percentDecoded(escaped)?.trim()
  if (!base || !parseDn(base))
    throw bad('the distinguished name (RFC 4514) of an entry behind the host, such as dc=example,dc=org')
  const authority = (isIPv6(host) ? `[${host}]` : host) + (port === defaultPort ? '' : `:${port}`)
  return {
    tls: scheme.toLowerCase() === 'ldaps',
    host,
    port,
    base,
    text: `${scheme.toLowerCase()}://${authority}/${percentEncoded(base)}`,
  }
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const percentEncoded = (base: string): string => encodeURI(base).replace(/[?#]/g, encodeURIComponent)
