/** Which attributes of an entry are ever looked at. */
import { SETTINGS } from './settings.ts'

/** The UPS family: what of it is not honoured is reported as ignored. */
const FAMILY = /^dcm(delete)?ups/i

const NAMES: ReadonlySet<string> = new Set(
  [
    'objectClass',
    'dicomDeviceName',
    'dicomAETitle',
    'dicomDescription',
    ...Object.values(SETTINGS).map(({ attribute }) => attribute),
  ].map((name) => name.toLowerCase()),
)

export const isOfUpsFamily = (name: string): boolean => FAMILY.test(name)

/** `key`: the name in lower case. */
export const isRelevant = (key: string): boolean => NAMES.has(key) || isOfUpsFamily(key)
