/** Texts for those who only reach the service: the folder of an LDIF directory is the machine's own business. */
import { dirname } from 'node:path'

/** Takes the folder in which `source` lies out of a text; the URL of an LDAP server stays as it is. */
export function withoutFolder(source: string): (text: string) => string {
  const folder = dirname(source)
  if (source.includes('://') || folder === '.' || folder === '/') return (text) => text
  return (text) => text.replaceAll(`${folder}/`, '')
}
