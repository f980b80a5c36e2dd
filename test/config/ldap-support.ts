/** What the tests of the LDAP engine have in common: entries as LDIF, and readings that must fail. */
import { expect } from 'chai'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { DirectoryError } from '../../plugin/config/directory.ts'
import { ldapDirectory, parseLdapUrl } from '../../plugin/config/ldap-directory.ts'
import { rejection } from './rejection.ts'
import type { DeviceTree, Directory, DirectoryFailure } from '../../plugin/config/directory.ts'
import type { LdapDirectoryOptions } from '../../plugin/config/ldap-directory.ts'
import type { Slapd } from '../support/slapd.ts'

export const BASE = 'dc=archive,dc=example'
export const DEVICES = `cn=Devices,cn=DICOM Configuration,${BASE}`

const LDIF = join(import.meta.dirname, '../../ldif')

/** The frame of a DICOM directory, or all of the sample. */
export const addFrame = (slapd: Slapd): Promise<void> => slapd.addFile(join(LDIF, '10-base.ldif'))
export async function addSample(slapd: Slapd): Promise<void> {
  await addFrame(slapd)
  await slapd.addFile(join(LDIF, '20-archive.ldif'))
  await slapd.addFile(join(LDIF, '30-radonc.ldif'))
}

export const deviceDn = (name: string): string => `dicomDeviceName=${name},${DEVICES}`

export const deviceLdif = (name: string, dn = deviceDn(name)): string => `dn: ${dn}
objectClass: dicomDevice
objectClass: dcmDevice
objectClass: dcmArchiveDevice
dicomDeviceName:: ${Buffer.from(name).toString('base64')}
dcmFuzzyAlgorithmClass: org.dcm4che3.soundex.ESoundex
dicomInstalled: TRUE

`

export const aeLdif = (title: string, below: string): string => `dn: dicomAETitle=${title},${below}
objectClass: dicomNetworkAE
objectClass: dcmNetworkAE
objectClass: dcmArchiveNetworkAE
dicomAETitle: ${title}
dicomDescription: The AE ${title}
dicomNetworkConnectionReference: cn=http,${below}
dicomAssociationInitiator: FALSE
dicomAssociationAcceptor: FALSE
dcmOtherAETitle: ${title}_TEST
dcmUPSWorklistLabel: Label of ${title}

`

/** A device with so many AEs, AE1 and so on. */
export const deviceWithAEsLdif = (name: string, count: number): string =>
  deviceLdif(name) + Array.from({ length: count }, (_, index) => aeLdif(`AE${index + 1}`, deviceDn(name))).join('')

/** `ldapmodify`: one attribute gets this value. */
export const replaceLdif = (dn: string, attribute: string, value: string): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n`

export type Options = Omit<LdapDirectoryOptions, 'url'>

/** @param place `ldap://host:port`, or the same with a base DN behind it */
export function directoryAt(
  place: string,
  options: Options = {},
): Directory & Required<Pick<Directory, 'stampDevice'>> {
  const text = /\/\/.*\//.test(place) ? place : `${place}/${BASE}`
  const directory = ldapDirectory({ url: parseLdapUrl(text), ...options })
  const { source } = directory
  const stampDevice = (deviceName: string): Promise<string> =>
    directory.stampDevice?.(deviceName) ?? Promise.reject(new Error('it has no stamps'))
  return { source, readDevice: (deviceName) => directory.readDevice(deviceName), stampDevice }
}

export const titlesOf = ({ networkAEs }: DeviceTree): readonly string[] =>
  networkAEs.flatMap(({ attributes }) => attributes.get('dicomaetitle')?.values ?? [])

/** Every reading of the device fails like this, and no error shows a password anywhere. */
export async function expectFailure(
  directory: Directory,
  failure: DirectoryFailure,
  reason: string | RegExp,
  { deviceName = 'archive', secret = 'secret' }: { readonly deviceName?: string; readonly secret?: string } = {},
): Promise<void> {
  for (const read of ['readDevice', 'stampDevice'] as const) {
    const reading = directory[read]?.(deviceName)
    if (!reading) continue
    const error = await rejection(reading)
    if (!(error instanceof DirectoryError)) throw error
    expect(error).to.include({ failure, code: 'UPS_BAD_CONFIGURATION' })
    expect(error.message.startsWith(`${directory.source} `), error.message).to.be.true
    const said = error.message.slice(directory.source.length + 1)
    if (typeof reason === 'string') expect(said).to.equal(reason)
    else expect(said).to.match(reason)
    expect(everythingOf(error)).not.to.contain(secret)
  }
  await eventually(() => expect(openSockets(), 'connections left open').to.equal(0))
}

/** As a logger might: properties, hidden ones, causes, stacks. */
function everythingOf(error: unknown): string {
  const causes = error instanceof Error && error.cause !== undefined ? everythingOf(error.cause) : ''
  return `${inspect(error, { depth: Infinity, showHidden: true })}\n${String(error)}\n${causes}`
}

/** Fulfilled when it has stopped: the signal reaches its threads one after the other. */
export async function pause(slapd: Slapd): Promise<void> {
  slapd.pause()
  await delay(100)
}

/** What another process, or the other end of a connection, has yet to do. */
export async function eventually(check: () => void): Promise<void> {
  for (const end = performance.now() + 2_000; performance.now() < end; await delay(10)) {
    try {
      return check()
    } catch {
      // Not yet.
    }
  }
  check()
}

export const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
