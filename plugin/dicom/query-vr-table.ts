/** Which types of matching each VR has (PS3.4 C.2.2.2). Total by type: a VR without a row does not compile. */
import type { VR } from './vr.ts'

/** How a value of a key is read; `none`: only universal matching (a sequence is matched by its items). */
export type KeyKind = 'text' | 'uid' | 'name' | 'number' | 'date' | 'time' | 'date-time' | 'none'

export interface VrMatching {
  readonly kind: KeyKind
  /** C.2.2.2.4 */
  readonly wildcard: boolean
  /** The key `""`. */
  readonly empty: boolean
  /** All values have to be there, where the VM allows more than one. */
  readonly multiple: boolean
}

/** W: wildcard, E: empty value, M: multiple value matching. */
const row = (kind: KeyKind, types: '' | 'WEM' | 'WE' | 'E' | 'M' = ''): VrMatching => ({
  kind,
  wildcard: types.includes('W'),
  empty: types.includes('E'),
  multiple: types.includes('M'),
})

export const VR_MATCHING: Readonly<Record<VR, VrMatching>> = {
  AE: row('text', 'WEM'),
  AS: row('text', 'M'),
  AT: row('text', 'M'),
  CS: row('text', 'WEM'),
  DA: row('date', 'E'),
  DS: row('number'),
  DT: row('date-time', 'E'),
  FD: row('number'),
  FL: row('number'),
  IS: row('number'),
  LO: row('text', 'WEM'),
  LT: row('text', 'WE'),
  OB: row('none'),
  OD: row('none'),
  OF: row('none'),
  OL: row('none'),
  OV: row('none'),
  OW: row('none'),
  PN: row('name', 'WEM'),
  SH: row('text', 'WEM'),
  SL: row('number'),
  SQ: row('none'),
  SS: row('number'),
  ST: row('text', 'WE'),
  SV: row('number'),
  TM: row('time', 'E'),
  UC: row('text', 'WEM'),
  UI: row('uid'),
  UL: row('number'),
  UN: row('none'),
  UR: row('text', 'WE'),
  US: row('number'),
  UT: row('text', 'WE'),
  UV: row('number'),
}
