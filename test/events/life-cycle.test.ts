/** The life cycle of one workitem as its subscribers see it: every frame, to the letter (decisions.md 4). */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { type Channel, openChannel } from '../support/channel.ts'
import { post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'

const UID = '1.2.50.1'
const GLOBAL = '1.2.840.10008.5.1.4.34.5'
const FILTERED = '1.2.840.10008.5.1.4.34.5.1'
const PUSH = '"00000002":{"vr":"UI","Value":["1.2.840.10008.5.1.4.34.6.1"]}'

/** A frame as PS3.18 11.13 has it: one JSON object, attributes in order. */
const frame = (message: number, type: number, information: string, uid = UID, characterSet = ''): string =>
  `{${PUSH},"00000110":{"vr":"US","Value":[${message}]},"00001000":{"vr":"UI","Value":["${uid}"]},` +
  `"00001002":{"vr":"US","Value":[${type}]},${characterSet}${information}}`

const UTF8 = '"00080005":{"vr":"CS","Value":["ISO_IR 192"]},'
const READY = '"00404041":{"vr":"CS","Value":["READY"]}'
const state = (name: string): string => `${READY},"00741000":{"vr":"CS","Value":["${name}"]}`
const code = (value: string, meaning: string): Dataset => ({
  '00080100': { vr: 'SH', Value: [value] },
  '00080102': { vr: 'SH', Value: ['99TEST'] },
  '00080104': { vr: 'LO', Value: [meaning] },
})
const performer = (value: string, name: string, organization: string): Dataset => ({
  '00404009': { vr: 'SQ', Value: [code(value, name)] },
  '00404036': { vr: 'LO', Value: [organization] },
  '00404037': { vr: 'PN', Value: [{ Alphabetic: name }] },
})
const sequence = (...items: readonly Dataset[]): string => JSON.stringify({ vr: 'SQ', Value: items })

describe('The life cycle of one workitem', () => {
  let service: Service
  let workitems: string
  const channels = new Map<string, Channel>()
  before(async () => {
    service = await startService()
    workitems = `${service.aet()}/workitems`
    for (const subscriber of ['EVERYTHING', 'FILTERED', 'SINGLE', 'GIFT', 'STRANGER']) {
      channels.set(subscriber, await openChannel(service.aet(), subscriber))
    }
  })
  after(async () => {
    for (const channel of channels.values()) await channel.close()
    await service.stop()
  })

  const channel = (subscriber: string): Channel => {
    const found = channels.get(subscriber)
    if (!found) throw new Error(`${subscriber} has no channel`)
    return found
  }
  const subscribe = async (uid: string, subscriber: string, query = ''): Promise<void> => {
    expect((await post(`${workitems}/${uid}/subscribers/${subscriber}${query}`)).status).to.equal(201)
  }
  const update = async (dataset: Dataset): Promise<void> => {
    const transaction = claimed ? `?transaction-uid=${TRANSACTION_UID}` : ''
    const answer = await post(`${workitems}/${UID}${transaction}`, dataset)
    expect(answer.status, answer.text).to.equal(200)
  }
  let claimed = false

  it('is seen by a global, a filtered, a single and a gift subscriber: exact frames', async () => {
    await subscribe(GLOBAL, 'EVERYTHING')
    await subscribe(FILTERED, 'FILTERED', '?filter=InputReadinessState%3DREADY,PatientName%3Dmuller*')
    expect((await post(`${workitems}?${UID}`, sampleText('ai-triage'))).status).to.equal(201)
    await subscribe(UID, 'SINGLE')
    // Somebody else subscribes it: the requester of a subscription need not be its receiver.
    await subscribe(UID, 'GIFT', '?deletionlock=true')

    await update({ '00404025': { vr: 'SQ', Value: [code('CT9', 'Köln 9')] } })
    expect((await put(`${workitems}/${UID}/state/SINGLE`, stateChange('IN PROGRESS'))).status).to.equal(200)
    claimed = true
    await update({ '00741002': { vr: 'SQ', Value: [{ '00741004': { vr: 'DS', Value: ['50'] } }] } })
    const request = { '00741238': { vr: 'LT', Value: ['too late'] }, '0074100C': { vr: 'LO', Value: ['Dr. Ärger'] } }
    expect((await post(`${workitems}/${UID}/cancelrequest/BOSS`, request)).status).to.equal(202)
    await update({
      '00404034': {
        vr: 'SQ',
        Value: [performer('A', 'Änne', 'Radiology'), performer('B', 'Bert', 'Surgery')],
      },
    })
    const progress = {
      '00404052': { vr: 'DT', Value: ['20260301090500'] },
      '0074100E': { vr: 'SQ', Value: [code('X', 'stopped')] },
      '00741238': { vr: 'LT', Value: ['too late'] },
    } as const
    await update({ '00741002': { vr: 'SQ', Value: [progress] } })
    expect((await put(`${workitems}/${UID}/state`, stateChange('CANCELED'))).status).to.equal(200)

    const station = `"00404025":${sequence(code('CT9', 'Köln 9'))}`
    const everything: [type: number, information: string, characterSet?: string][] = [
      [1, state('SCHEDULED')],
      [5, assignmentOf('ai-triage')],
      [5, station, UTF8],
      [1, state('IN PROGRESS')],
      [3, '"00741002":{"vr":"SQ","Value":[{"00741004":{"vr":"DS","Value":["50"]}}]}'],
      [
        2,
        '"0074100C":{"vr":"LO","Value":["Dr. Ärger"]},"00741236":{"vr":"AE","Value":["BOSS"]},"00741238":{"vr":"LT","Value":["too late"]}',
        UTF8,
      ],
      [5, `"00404009":${sequence(code('A', 'Änne'))},${station},"00404036":{"vr":"LO","Value":["Radiology"]}`, UTF8],
      [5, `"00404009":${sequence(code('B', 'Bert'))},${station},"00404036":{"vr":"LO","Value":["Surgery"]}`, UTF8],
      [3, `"00741002":${sequence(progress)}`],
      [
        1,
        `${state('CANCELED')},"0074100E":${sequence(code('X', 'stopped'))},"00741238":{"vr":"LT","Value":["too late"]}`,
      ],
    ]
    const framed = (reports: typeof everything): string[] =>
      reports.map(([type, information, characterSet], index) => frame(index + 1, type, information, UID, characterSet))
    // Those who came after the creation get the state as it is first.
    const later = [everything[0], ...everything.slice(2)] as typeof everything
    for (const [subscriber, expected] of [
      ['EVERYTHING', framed(everything)],
      ['FILTERED', framed(everything)],
      ['SINGLE', framed(later)],
      ['GIFT', framed(later)],
      ['STRANGER', []],
    ] as const) {
      await channel(subscriber).has(expected.length)
      expect(channel(subscriber).texts, subscriber).to.deep.equal(expected)
    }
  })

  it('ends for one who unsubscribes, at once and for nobody else', async () => {
    const before = channel('SINGLE').texts.length
    expect((await send(`${workitems}/${UID}/subscribers/GIFT`, { method: 'DELETE' })).status).to.equal(200)
    const other = '1.2.50.2'
    expect((await post(`${workitems}?${other}`, sampleText('minimal'))).status).to.equal(201)
    await subscribe(other, 'SINGLE')
    const [last] = (await channel('SINGLE').has(before + 1)).slice(-1)
    expect(last).to.have.nested.property('00001000.Value[0]', other)
    expect(channel('GIFT').texts.some((text) => text.includes(other))).to.equal(false)
  })
})

/** Event information of the sample's Assigned report. */
function assignmentOf(name: 'ai-triage'): string {
  const [dataset] = JSON.parse(sampleText(name)) as Dataset[]
  return `"00404025":${JSON.stringify(dataset?.['00404025'])}`
}
