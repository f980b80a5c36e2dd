import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { Logger } from '../../plugin/index.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sample, sampleText, stateChange } from '../support/workitems.ts'
import { attribute } from './datasets.ts'
import { wire } from './wire.ts'

/** Values that must not leave the house, or not by this door. */
const TRANSACTION_UID = '1.2.826.0.1.3680043.9.4711.1'
const WRONG_UID = '1.2.826.0.1.3680043.9.4711.2'
const MALFORMED_UID = '1.2.826.0.1.3680043.9.4711.03'
const PATIENT = 'Geheim^Gisela'
const PATIENT_ID = 'PID-4711-GEHEIM'
const QUERY_VALUE = 'value-of-a-query'

const describeError = (error: Error): object => ({
  message: error.message,
  stack: error.stack,
  cause: String(error.cause),
})

const uid = (value: string): Dataset => ({ '00081195': attribute('UI', value) })

describe('What nobody gets to see', () => {
  const lines: string[] = []
  /** Writes everything down, errors with their message, cause and stack. */
  const note =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push(
        `${level} ${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? describeError(value) : value))}`,
      )
    }
  const logger: Logger = {
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
    isLevelEnabled: () => true,
  }

  let service: Service
  const answers: Answer[] = []
  const keep = async (answer: Promise<Answer>): Promise<Answer> => {
    answers.push(await answer)
    return answer
  }

  before(async () => {
    service = await startService({ host: { logger } })
    const url = `${service.aet()}/workitems`
    const target = `${url}/1.2.3`
    const patient = { '00100010': attribute('PN', { Alphabetic: PATIENT }), '00100020': attribute('LO', PATIENT_ID) }
    const workitem = { ...sample('ai-triage'), ...patient }

    await keep(post(`${url}?1.2.3&foo=${QUERY_VALUE}`, workitem))
    await keep(post(`${url}?1.2.4`, { ...workitem, ...uid(TRANSACTION_UID) }))
    await keep(post(`${url}?1.2.4`, { ...workitem, '00404005': attribute('DT', PATIENT_ID) }))
    await keep(post(`${url}?1.2.4`, JSON.stringify(workitem).slice(0, -2)))
    await keep(post(`${url}?1.2.3`, workitem))
    await keep(put(`${target}/state`, stateChange('IN PROGRESS', MALFORMED_UID)))
    await keep(put(`${target}/state`, stateChange('IN PROGRESS', TRANSACTION_UID)))
    await keep(put(`${target}/state`, stateChange('IN PROGRESS', TRANSACTION_UID)))
    await keep(put(`${target}/state`, stateChange('IN PROGRESS', WRONG_UID)))
    await keep(put(`${target}/state?${WRONG_UID}`, stateChange('COMPLETED', TRANSACTION_UID)))
    for (const query of [
      `?${TRANSACTION_UID}`,
      `?transaction-uid=${TRANSACTION_UID}`,
      `?transaction=${TRANSACTION_UID}&foo=${QUERY_VALUE}`,
      `?TransactionUID=${TRANSACTION_UID}`,
      `?00081195=${TRANSACTION_UID}`,
      `?${TRANSACTION_UID}=`,
      `?${WRONG_UID}`,
      `?${MALFORMED_UID}`,
      `?%31${TRANSACTION_UID.slice(1)}`,
      `?transaction=${TRANSACTION_UID}&transaction=${WRONG_UID}`,
      `?transaction=%ZZ${TRANSACTION_UID}`,
      `?${PATIENT_ID}`,
      `?${encodeURIComponent(PATIENT)}=x`,
    ]) {
      await keep(post(`${target}${query}`, { '00741204': attribute('LO', `label ${answers.length}`) }))
    }
    await keep(
      post(target, { ...uid(TRANSACTION_UID), '00741002': attribute('SQ', { '00741004': attribute('DS', '5') }) }),
    )
    await keep(post(target, { ...uid(TRANSACTION_UID), '00100010': attribute('PN', { Alphabetic: 'Other' }) }))
    await keep(post(`${target}?${TRANSACTION_UID}`, sampleText('rt-treatment-performed')))
    await keep(send(`${target}?accept=application/json&foo=${QUERY_VALUE}`))
    await keep(send(target, { headers: { Accept: 'application/dicom+xml' } }))
    await keep(send(target, { headers: { Accept: 'multipart/related' } }))
    await keep(send(`${url}?foo=${QUERY_VALUE}`))
    await keep(send(url, { headers: { Accept: 'multipart/related; type="application/dicom+xml"' } }))
    await keep(send(`${url}?TransactionUID=${TRANSACTION_UID}`))
    await keep(send(`${url}?PatientID=${PATIENT_ID}`))
    await keep(send(`${url}?limit=${QUERY_VALUE}`))
    await keep(send(`${url}/${PATIENT_ID}`))
    await keep(send(`${service.url}/nowhere/${PATIENT_ID}?${TRANSACTION_UID}`))
    await keep(send(`${service.aet(PATIENT_ID)}/workitems`))
    await keep(put(`${target}/state/TMS?transaction-uid=${TRANSACTION_UID}`, stateChange('COMPLETED', TRANSACTION_UID)))
    await keep(post(`${target}/cancelrequest?requester=${QUERY_VALUE}`))
    await keep(send(target))
    await keep(
      wire({
        port: service.port,
        path: `/aets/WORKLIST/rs/workitems/1.2.3?${TRANSACTION_UID}`,
        headers: { Origin: 'http://evil' },
      }),
    )
  })
  after(() => service.stop())

  it('is what these tests send at all', () => {
    const statuses = answers.map(({ status }) => status)
    expect(statuses).to.include.members([200, 201, 202, 400, 403, 404, 409].filter((status) => status !== 202))
    expect(lines.filter((line) => line.startsWith('debug request'))).to.have.length(answers.length)
  })

  it('is a Transaction UID, nor its attribute, in any dataset that is answered', () => {
    const datasets = answers.filter(({ status, text }) => status === 200 && text !== '')
    expect(datasets.length).to.be.above(5)
    for (const { text } of datasets) {
      for (const secret of [TRANSACTION_UID, WRONG_UID, '00081195', 'TransactionUID'])
        expect(text).not.to.include(secret)
    }
  })

  it('is the value of a Transaction UID in a refusal or a header', () => {
    for (const { text, headers } of answers) {
      const head = JSON.stringify([...headers])
      for (const secret of [TRANSACTION_UID, WRONG_UID, MALFORMED_UID, TRANSACTION_UID.slice(1)]) {
        expect(text).not.to.include(secret)
        expect(head).not.to.include(secret)
      }
    }
  })

  it("is a client's value in a Warning, whose text is fixed", () => {
    for (const { headers } of answers) {
      const warning = headers.get('warning') ?? ''
      for (const secret of [PATIENT, QUERY_VALUE, 'Geheim']) expect(warning).not.to.include(secret)
      expect(warning).to.match(/^[\x20-\x7e]*$/)
    }
  })

  it('is a Transaction UID in the feed, before or after a change', async () => {
    const feed = JSON.stringify(await service.feed())
    expect(feed).to.include('UPS State Report').and.to.include('UPS Progress Report')
    for (const secret of [TRANSACTION_UID, '00081195', WRONG_UID]) expect(feed).not.to.include(secret)
  })

  it('is a Transaction UID, a patient or the value of a query in the log', () => {
    const log = lines.join('\n')
    for (const secret of [
      TRANSACTION_UID,
      TRANSACTION_UID.slice(1),
      WRONG_UID,
      MALFORMED_UID,
      PATIENT,
      PATIENT_ID,
      QUERY_VALUE,
    ]) {
      expect(log).not.to.include(secret)
    }
    expect(log).not.to.match(/Geheim|Gisela|Pneumothorax/)
  })

  it('but the log has route, parameter names, status and correlation id of every request', () => {
    const update = lines.find((line) => line.includes('"transaction-uid"') && line.includes('"POST"')) ?? ''
    expect(update)
      .to.include('/aets/:aet/rs/workitems/:workitem')
      .and.to.match(/"status":200/)
    for (const { headers } of answers) expect(lines.join('\n')).to.include(headers.get('x-request-id'))
  })
})
