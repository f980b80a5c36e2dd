/** Directory entries as the tests of configuration write them down. */
import { directoryEntry } from '../../plugin/config/directory.ts'
import type { DeviceTree, DirectoryEntry } from '../../plugin/config/directory.ts'

/** An attribute's values, or its only one. */
export type Written = Readonly<Record<string, string | readonly string[]>>

export const DEVICE_DN = 'dicomDeviceName=archive,cn=Devices'
export const aeDn = (aeTitle: string): string => `dicomAETitle=${aeTitle},${DEVICE_DN}`

export const entry = (dn: string, written: Written): DirectoryEntry =>
  directoryEntry(
    dn,
    Object.entries(written).flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const)),
  )

/** Device `archive` with the attributes given, and its AEs by title. */
export const deviceTree = (device: Written, aes: Readonly<Record<string, Written>>): DeviceTree => ({
  device: entry(DEVICE_DN, { dicomDeviceName: 'archive', ...device }),
  networkAEs: Object.entries(aes).map(([aeTitle, ae]) => entry(aeDn(aeTitle), { dicomAETitle: aeTitle, ...ae })),
})
