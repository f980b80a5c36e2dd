/** Event reports as text frames: one JSON object each, attributes in order of their tags (PS3.18 11.13, PS3.7 10.3.1). */
import { isAscii } from '../dicom/access.ts'
import { EVENT_TYPE, type EventName } from '../ups/event-reports.ts'
import { UPS_PUSH_SOP_CLASS } from '../ups/tags.ts'

/** A report before it has a Message ID, which is each channel's own. */
export interface Report {
  readonly uid: string
  readonly eventType: number
  /** Attributes of the event information, and what else belongs behind Event Type ID, as JSON members. */
  readonly members: string
}

const PRIVATE_CREATOR = 'ARCHIVE-UPS'
const UTF8 = '"00080005":{"vr":"CS","Value":["ISO_IR 192"]}'

/**
 * @param information a dataset in canonical DICOM JSON
 * @param position where the report stands in the order of commits; undefined: it is not told
 */
export function reportOf(uid: string, event: EventName, information: string, position?: string): Report {
  const members = [
    ...(isAscii(information) ? [] : [UTF8]),
    ...(position === undefined ? [] : [positionMembers(position)]),
    ...(information === '{}' ? [] : [information.slice(1, -1)]),
  ]
  return { uid, eventType: EVENT_TYPE[event], members: members.join(',') }
}

/** An extension: a client that gets a report a second time can tell by it (docs/conformance.md). */
const positionMembers = (position: string): string =>
  `"00090010":{"vr":"LO","Value":["${PRIVATE_CREATOR}"]},"00091001":{"vr":"LO","Value":["${position}"]}`

export function frameOf({ uid, eventType, members }: Report, messageId: number): string {
  return (
    `{"00000002":{"vr":"UI","Value":["${UPS_PUSH_SOP_CLASS}"]},"00000110":{"vr":"US","Value":[${messageId}]},` +
    `"00001000":{"vr":"UI","Value":["${uid}"]},"00001002":{"vr":"US","Value":[${eventType}]}` +
    `${members === '' ? '' : `,${members}`}}`
  )
}
