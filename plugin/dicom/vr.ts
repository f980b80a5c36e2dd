/**
 * Value representations (PS3.5 6.2), each with what the DICOM JSON model (PS3.18 F.2.3) says about its values.
 * Total by type: a VR without a row does not compile.
 */

export const VRS = [
  'AE', 'AS', 'AT', 'CS', 'DA', 'DS', 'DT', 'FD', 'FL', 'IS', 'LO', 'LT', 'OB', 'OD', 'OF', 'OL', 'OV', 'OW',
  'PN', 'SH', 'SL', 'SQ', 'SS', 'ST', 'SV', 'TM', 'UC', 'UI', 'UL', 'UN', 'UR', 'US', 'UT', 'UV',
] as const // prettier-ignore

export type VR = (typeof VRS)[number]

/**
 * How a VR is written in the DICOM JSON model, Table F.2.3-1:
 * `string`: JSON string; `number`: JSON number; `numeric string`: kept as the string that was sent (DS IS SV UV may be
 * either on input); `binary`: base64 in InlineBinary; `name`, `sequence`: objects.
 */
export type ValueKind = 'string' | 'number' | 'numeric string' | 'name' | 'sequence' | 'binary'

export const VALUE_KIND: Readonly<Record<VR, ValueKind>> = {
  AE: 'string',
  AS: 'string',
  AT: 'string',
  CS: 'string',
  DA: 'string',
  DS: 'numeric string',
  DT: 'string',
  FD: 'number',
  FL: 'number',
  IS: 'numeric string',
  LO: 'string',
  LT: 'string',
  OB: 'binary',
  OD: 'binary',
  OF: 'binary',
  OL: 'binary',
  OV: 'binary',
  OW: 'binary',
  PN: 'name',
  SH: 'string',
  SL: 'number',
  SQ: 'sequence',
  SS: 'number',
  ST: 'string',
  SV: 'numeric string',
  TM: 'string',
  UC: 'string',
  UI: 'string',
  UL: 'number',
  UN: 'binary',
  UR: 'string',
  US: 'number',
  UT: 'string',
  UV: 'numeric string',
}

export const isVR = (text: unknown): text is VR => typeof text === 'string' && Object.hasOwn(VALUE_KIND, text)
