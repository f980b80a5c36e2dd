/** Event reports as text frames (PS3.18 11.13): exact texts. */
import { expect } from 'chai'
import { frameOf, type Report, reportOf } from '../../plugin/events/frames.ts'
import { statusReport } from '../../plugin/events/scp-status.ts'
import type { EventName } from '../../plugin/ups/event-reports.ts'

const PUSH = '"00000002":{"vr":"UI","Value":["1.2.840.10008.5.1.4.34.6.1"]}'
const head = (message: number, uid: string, type: number): string =>
  `${PUSH},"00000110":{"vr":"US","Value":[${message}]},"00001000":{"vr":"UI","Value":["${uid}"]},` +
  `"00001002":{"vr":"US","Value":[${type}]}`
const UTF8 = '"00080005":{"vr":"CS","Value":["ISO_IR 192"]}'
const PLACE = '"00090010":{"vr":"LO","Value":["ARCHIVE-UPS"]},"00091001":{"vr":"LO","Value":["17.3"]}'
const STATE = '"00404041":{"vr":"CS","Value":["READY"]},"00741000":{"vr":"CS","Value":["SCHEDULED"]}'

/** What comes behind Event Type ID, and whether the text is a document that lists its attributes in order of their tags. */
const bodyOf = (report: Report): string => {
  const text = frameOf(report, 7)
  expect(Object.keys(JSON.parse(text) as object)).to.deep.equal(Object.keys(JSON.parse(text) as object).toSorted())
  const start = `{${head(7, report.uid, report.eventType)}`
  expect(text.startsWith(start), text).to.equal(true)
  return text.slice(start.length)
}
const state = (information: string, position?: string): string =>
  bodyOf(reportOf('1.2.3', 'UPS State Report', information, position))

describe('A report as a frame', () => {
  it('is the N-EVENT-REPORT fields and then the event information, to the letter', () => {
    expect(frameOf(reportOf('1.2.3', 'UPS State Report', `{${STATE}}`), 23)).to.equal(
      `{${head(23, '1.2.3', 1)},${STATE}}`,
    )
  })

  it('has the Event Type ID of Table CC.2.4-1', () => {
    const types: readonly [EventName, number][] = [
      ['UPS State Report', 1],
      ['UPS Cancel Requested', 2],
      ['UPS Progress Report', 3],
      ['SCP Status Change', 4],
      ['UPS Assigned', 5],
    ]
    for (const [event, type] of types) {
      expect(frameOf(reportOf('1.2', event, '{}'), 1), event).to.equal(`{${head(1, '1.2', type)}}`)
    }
  })

  it('ends behind Event Type ID when the information is empty', () => {
    expect(state('{}')).to.equal('}')
  })

  it('names the character set exactly when something is not ASCII, at any depth', () => {
    expect(state('{"00404036":{"vr":"LO","Value":["Koeln"]}}')).to.not.contain('00080005')
    for (const information of [
      '{"00404036":{"vr":"LO","Value":["Köln"]}}',
      '{"00404009":{"vr":"SQ","Value":[{"00080104":{"vr":"LO","Value":["山"]}}]}}',
      '{"00404036":{"vr":"LO","Value":["\u{80}"]}}',
    ]) {
      expect(state(information)).to.equal(`,${UTF8},${information.slice(1)}`)
    }
    expect(state('{"00404036":{"vr":"LO","Value":["~\u{7f}"]}}')).to.not.contain('00080005')
  })

  it('carries its position as a private attribute, behind the character set and before the information', () => {
    expect(state(`{${STATE}}`, '17.3')).to.equal(`,${PLACE},${STATE}}`)
    expect(state('{"00741238":{"vr":"LT","Value":["zu spät"]}}', '17.3')).to.equal(
      `,${UTF8},${PLACE},"00741238":{"vr":"LT","Value":["zu spät"]}}`,
    )
    expect(state('{}', '17.3')).to.equal(`,${PLACE}}`)
  })

  it('keeps what the information holds: escapes, empty attributes, text that looks like the end', () => {
    const information = '{"00741002":{"vr":"SQ"},"00741238":{"vr":"LT","Value":["a \\"}]}\\n, {"]}}'
    expect(state(information)).to.equal(`,${information.slice(1)}`)
  })
})

describe('SCP Status Change as a frame', () => {
  it('is on the global subscription, with both lists kept', () => {
    for (const status of ['RESTARTED', 'GOING DOWN'] as const) {
      expect(frameOf(statusReport(status), 1)).to.equal(
        `{${head(1, '1.2.840.10008.5.1.4.34.5', 4)},"00741242":{"vr":"CS","Value":["${status}"]},` +
          '"00741244":{"vr":"CS","Value":["WARM START"]},"00741246":{"vr":"CS","Value":["WARM START"]}}',
      )
    }
  })
})
