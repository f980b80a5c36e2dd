/** A small directory for one test: device `archive` with the AEs that it needs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const BASE = 'dicomDeviceName=archive,cn=Devices,cn=DICOM Configuration,dc=test'

/** The entry of a network AE with further lines, such as `dicomInstalled: FALSE`. */
export const aeEntry = (title: string, ...lines: readonly string[]): string =>
  [`dn: dicomAETitle=${title},${BASE}`, 'objectClass: dicomNetworkAE', `dicomAETitle: ${title}`, ...lines].join('\n')

/** Writes the file and gives its path. */
export function writeDirectory(folder: string, aes: readonly string[], ...deviceLines: readonly string[]): string {
  const device = [`dn: ${BASE}`, 'objectClass: dicomDevice', 'dicomDeviceName: archive', ...deviceLines.filter(Boolean)]
  const path = join(folder, 'test.ldif')
  writeFileSync(path, `version: 1\n\n${[device.join('\n'), ...aes].join('\n\n')}\n`)
  return path
}
