/**
 * Every LDAP setting, once. What else knows of settings (the reader, inheritance, `GET /ctrl/config`, the types, the
 * documentation) derives from this table. Behaviour: decisions.md 6 and 7; the attributes: dcm4chee.md 7.1 and 7.3.
 *
 * - Level: a device, or a network AE of it. Scope: the levels at which an attribute is honoured; with `both`, the AE
 *   wins and an absent one inherits from the device.
 * - Written values are what the directory holds, texts; a setting's value is what they become: durations milliseconds.
 */
import * as types from './value-types.ts'
import type { ValueType } from './value-types.ts'

export type Level = 'device' | 'ae'
export type Scope = Level | 'both'

/** The one default that is not the same everywhere: the title of the network AE itself. A device has none. */
export const OWN_AE_TITLE = { is: 'the title of the AE' } as const

/** For a subscriber that dcmUPSEventWebSocketQueueSize does not name. */
export const DEFAULT_EVENT_QUEUE_SIZE = 10_000

export interface Setting<T = unknown, S extends Scope = Scope, D = unknown> {
  /** As the schema spells it; LDAP compares attribute names without case. */
  readonly attribute: string
  readonly type: ValueType<T>
  readonly scope: S
  /** In force where the attribute is absent; undefined: there is no value then. */
  readonly default: D
  /** What an absent attribute means, in words. */
  readonly absent: string
  /** What a number counts, or how a span of time is written. */
  readonly unit?: string
  readonly doc: string
  /** Values that one could give it. */
  readonly example: readonly [string, ...string[]]
  /** What a changed value counts for, once the changed configuration is in force. */
  readonly takesEffect: string
}

const setting = <T, const S extends Scope, const D extends T | undefined | typeof OWN_AE_TITLE>(
  row: Setting<T, S, D>,
): Setting<T, S, D> => row

export const SETTINGS = {
  installed: setting({
    attribute: 'dicomInstalled',
    type: types.boolean,
    scope: 'both',
    default: true,
    absent: 'AE: as the device; device: TRUE',
    doc: 'Whether the AE is in use. One that is not answers 404. FALSE on the device holds for all its AEs.',
    example: ['TRUE'],
    takesEffect: 'the next request',
  }),
  otherAETitles: setting({
    attribute: 'dcmOtherAETitle',
    type: types.aeTitles,
    scope: 'ae',
    default: [],
    absent: 'no other title',
    doc: 'Further titles under which the AE answers, unless an AE of the device has that very title.',
    example: ['LINAC1', 'LINAC2'],
    takesEffect: 'the next request',
  }),
  acceptedUserRoles: setting({
    attribute: 'dcmAcceptedUserRole',
    type: types.plainTexts,
    scope: 'ae',
    default: [],
    absent: 'everybody',
    doc: 'The roles of which a user needs one. Consulted once there is authentication.',
    example: ['radonc'],
    takesEffect: 'the next request',
  }),
  worklistLabel: setting({
    attribute: 'dcmUPSWorklistLabel',
    type: types.longString,
    scope: 'both',
    default: OWN_AE_TITLE,
    absent: 'the title of the AE',
    doc: 'Worklist Label (0074,1202) of a workitem that is created without one.',
    example: ['Linac 1'],
    takesEffect: 'the next workitem that is created',
  }),
  worklistLabelFilter: setting({
    attribute: 'dcmUPSWorklistLabelFilter',
    type: types.longStrings,
    scope: 'ae',
    default: [],
    absent: 'any label',
    doc: 'Worklist Labels (0074,1202), one of which a workitem must have to be found by a search that does not name a label itself.',
    example: ['Linac 1', 'Linac QA'],
    takesEffect: 'the next search',
  }),
  updateWithoutTransactionUid: setting({
    attribute: 'dcmUPSUpdateWithoutTransactionUID',
    type: types.boolean,
    scope: 'both',
    default: false,
    absent: 'FALSE',
    doc: 'Whether a workitem IN PROGRESS may be updated, completed and canceled without its Transaction UID. A wrong one is refused all the same.',
    example: ['FALSE'],
    takesEffect: 'the next request',
  }),
  qidoMaxResults: setting({
    attribute: 'dcmQidoMaxNumberOfResults',
    type: types.integer({ min: 0 }),
    scope: 'both',
    default: 0,
    absent: '0',
    unit: 'workitems',
    doc: 'The most workitems that one page of search results holds. 0: no cap.',
    example: ['200'],
    takesEffect: 'the next search',
  }),
  queryMaxResults: setting({
    attribute: 'dcmQueryMaxNumberOfResults',
    type: types.integer({ min: 0 }),
    scope: 'both',
    default: 0,
    absent: '0',
    unit: 'workitems',
    doc: 'A search with more matches than that is refused with 413. 0: none is.',
    example: ['5000'],
    takesEffect: 'the next search',
  }),
  deletePollingInterval: setting({
    attribute: 'dcmDeleteUPSPollingInterval',
    type: types.duration({ min: 1_000 }),
    scope: 'both',
    default: undefined,
    absent: 'nothing is deleted',
    unit: 'ISO 8601 duration',
    doc: 'How often finished workitems are looked for that may be deleted.',
    example: ['PT15M'],
    takesEffect: 'at once: the next deletion is scheduled anew',
  }),
  deleteFetchSize: setting({
    attribute: 'dcmDeleteUPSFetchSize',
    type: types.integer({ min: 1, max: 10_000 }),
    scope: 'both',
    default: 100,
    absent: '100',
    unit: 'workitems',
    doc: 'The most workitems that are deleted in one transaction.',
    example: ['200'],
    takesEffect: 'the next deletion',
  }),
  deleteCompletedDelay: setting({
    attribute: 'dcmDeleteUPSCompletedDelay',
    type: types.duration({ min: 0 }),
    scope: 'both',
    default: 0,
    absent: 'PT0S',
    unit: 'ISO 8601 duration',
    doc: 'How long a COMPLETED workitem is kept once no deletion lock holds it, counted from its completion.',
    example: ['P14D'],
    takesEffect: 'the next deletion, for workitems that are COMPLETED already, too',
  }),
  deleteCanceledDelay: setting({
    attribute: 'dcmDeleteUPSCanceledDelay',
    type: types.duration({ min: 0 }),
    scope: 'both',
    default: 0,
    absent: 'PT0S',
    unit: 'ISO 8601 duration',
    doc: 'How long a CANCELED workitem is kept once no deletion lock holds it, counted from its cancellation.',
    example: ['P1DT12H'],
    takesEffect: 'the next deletion, for workitems that are CANCELED already, too',
  }),
  eventQueueSizes: setting({
    attribute: 'dcmUPSEventWebSocketQueueSize',
    type: types.queueSizes,
    scope: 'device',
    default: new Map<string, number>(),
    absent: `${DEFAULT_EVENT_QUEUE_SIZE} for every subscriber`,
    unit: 'event reports',
    doc: 'How many event reports wait for a subscriber that has no channel open. The subscribers named here hear of a restart without a subscription, too.',
    example: ['TMS=20000', 'CONSOLE=0'],
    takesEffect: 'the next event report',
  }),
  timeZone: setting({
    attribute: 'dcmTimeZoneOfDevice',
    type: types.timeZone,
    scope: 'device',
    default: undefined,
    absent: 'the time zone of the process',
    doc: 'The time zone of dates and times that come without an offset from UTC.',
    example: ['Europe/Vienna'],
    takesEffect: 'the next request',
  }),
} as const

export type SettingKey = keyof typeof SETTINGS

type Row<K extends SettingKey> = (typeof SETTINGS)[K]
type KeyAt<L extends Level> = { [K in SettingKey]: Row<K>['scope'] extends L | 'both' ? K : never }[SettingKey]
type Given<R> = R extends Setting<infer T, infer _S, infer _D> ? T : never
type Absent<D, L extends Level> = D extends typeof OWN_AE_TITLE ? (L extends 'ae' ? string : undefined) : D

/** The values of all settings that are honoured at a level, as TypeScript sees them. */
export type ValuesAt<L extends Level> = {
  readonly [K in KeyAt<L>]: Given<Row<K>> | Extract<Absent<Row<K>['default'], L>, undefined>
}

/** The rows of SETTINGS that are honoured at a level, in the order of the table. */
export const SETTINGS_AT: Readonly<Record<Level, ReadonlyMap<string, Setting>>> = {
  device: settingsAt('device'),
  ae: settingsAt('ae'),
}

function settingsAt(level: Level): ReadonlyMap<string, Setting> {
  const rows: readonly (readonly [string, Setting])[] = Object.entries(SETTINGS)
  return new Map(rows.filter(([, { scope }]) => scope === level || scope === 'both'))
}
