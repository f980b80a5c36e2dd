/** The names of the Native DICOM Model (PS3.19 A.1.6) that the reader and the writer share. */
export const NATIVE_NAMESPACE = 'http://dicom.nema.org/PS3.19/models/NativeDICOM'
export const ROOT = 'NativeDicomModel'

/** In the order of the schema, which is also that of PS3.5 6.2.1. */
export const NAME_COMPONENTS = ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix'] as const
