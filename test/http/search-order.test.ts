/** `orderby` and pages: total order, no overlap, caps, time. */
import { expect } from 'chai'
import type { Attribute } from '../../plugin/dicom/dataset.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Answer, post, send } from '../support/http.ts'
import { describeWithEachEngine } from '../support/search-engines.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample } from '../support/workitems.ts'
import { attribute } from './datasets.ts'
import { aeEntry, writeDirectory } from './directory.ts'
import { expectRefusal } from './refusal.ts'
import { IGNORED, uidsIn } from './searching.ts'

const name = (text: string): Attribute => attribute('PN', { Alphabetic: text })

type Text = string | undefined
type Row = readonly [start: string, name: Text, priority: string, birth: Text, weight: Text]

/** In order of creation. Undefined: absent or empty. */
const ROWS: readonly Row[] = [
  ['20261122093000+0100', 'Doe^John', 'LOW', '19601231', '9'],
  ['20261122083000+0000', 'doe jr^Adam', 'HIGH', undefined, '70.5'],
  ['20261122', 'Özil^Mesut', 'LOW', '19500101', '+70.50'],
  ['20261122093000', undefined, 'MEDIUM', '19700101', undefined],
  ['20261122103000+0100', 'DÖE^ADAM', 'HIGH', '19601231', '-1'],
]

describeWithEachEngine('Search: order and pages', (engine) => {
  const folder = temporaryFolder()
  let service: Service
  before(async () => {
    const config = writeDirectory(
      folder.path,
      [
        aeEntry('WORKLIST'),
        aeEntry('PAGED', 'dcmQidoMaxNumberOfResults: 2'),
        aeEntry('BOUND', 'dcmQueryMaxNumberOfResults: 3'),
      ],
      'dcmTimeZoneOfDevice: Europe/Vienna',
    )
    service = await startService({ config, ...(await engine.options()) })
    await engine.ready(service)
    for (const [index, [start, person, priority, birth, weight]] of ROWS.entries()) {
      const created = await post(
        `${service.aet()}/workitems?1.2.83.${index + 1}`,
        changed(sample('minimal'), {
          '00404005': attribute('DT', start),
          '00741200': attribute('CS', priority),
          '00100010': person === undefined ? attribute('PN') : name(person),
          '00100030': birth === undefined ? attribute('DA') : attribute('DA', birth),
          '00101030': weight === undefined ? undefined : attribute('DS', weight),
          '00100040': attribute('CS', 'F'),
        }),
      )
      expect(created.status).to.equal(201)
    }
  })
  after(async () => {
    // The order by a weight is not in the index.
    await engine.answered(service, 0.7)
    await service.stop()
    await engine.end()
    folder.remove()
  })

  const search = (query: string, aet = 'WORKLIST'): Promise<Answer> => send(`${service.aet(aet)}/workitems?${query}`)
  const numbers = (answer: Answer): string =>
    uidsIn(answer)
      .map((uid) => uid.slice('1.2.83.'.length))
      .join('')

  const orders: readonly [string, string][] = [
    ['', '12345'],
    ['PatientSex=F', '12345'],
    ['orderby=ScheduledProcedureStepStartDateTime', '31245'],
    ['orderby=-ScheduledProcedureStepStartDateTime', '51243'],
    ['orderby=PatientName', '51234'],
    ['orderby=-PatientName', '32154'],
    ['orderby=00741200', '25134'],
    ['orderby=-00741200', '41325'],
    ['orderby=PatientBirthDate', '31542'],
    ['orderby=-PatientBirthDate', '41532'],
    ['orderby=PatientWeight', '51234'],
    ['orderby=-PatientWeight', '23154'],
    ['orderby=ScheduledProcedureStepPriority,-PatientBirthDate', '52134'],
    ['orderby=ScheduledProcedureStepPriority&OrderBy=-PatientBirthDate', '52134'],
    ['orderby=-ScheduledProcedureStepPriority,PatientName', '41352'],
    ['orderby=PatientComments', '12345'],
    ['orderby=-SOPInstanceUID', '54321'],
  ]
  for (const [query, expected] of orders) {
    it(`"${query}": ${expected}`, async () => {
      const answer = await search(query)
      expect(numbers(answer)).to.equal(expected)
      expect(answer.headers.get('warning')).to.equal(null)
    })
  }

  it('pages never overlap and leave nothing out, whatever the order', async () => {
    for (const query of ['PatientSex=F', 'orderby=-PatientBirthDate', 'orderby=PatientSex', 'orderby=-PatientWeight']) {
      const whole = numbers(await search(query))
      for (const size of [1, 2, 3]) {
        let found = ''
        for (let offset = 0; offset < 6; offset += size) {
          found += numbers(await search(`${query}&limit=${size}&offset=${offset}`))
        }
        expect(found, `${query} by ${size}`).to.equal(whole)
      }
    }
  })

  const pages: readonly [string, string][] = [
    ['PatientSex=F&limit=2&offset=2', '34'],
    ['PatientSex=F&offset=4', '5'],
    ['PatientSex=F&offset=5', ''],
    ['PatientSex=F&offset=9007199254740991&limit=9007199254740991', ''],
    ['PatientSex=F&limit=0', ''],
    ['PatientSex=F&limit=0&offset=2', ''],
    ['orderby=-SOPInstanceUID&limit=0', ''],
    ['orderby=-SOPInstanceUID&limit=2&offset=1', '43'],
    ['ScheduledProcedureStepPriority=LOW,MEDIUM&limit=2&offset=1', '34'],
  ]
  for (const [query, expected] of pages) {
    it(`${query}: ${expected || '204'}, without a Warning, since the client cut it`, async () => {
      const answer = await search(query)
      expect(answer.status).to.equal(expected === '' ? 204 : 200)
      expect(numbers(answer)).to.equal(expected)
      expect(answer.headers.get('warning')).to.equal(null)
    })
  }

  const capped: readonly [string, string, number | undefined][] = [
    ['PatientSex=F', '12', 3],
    ['PatientSex=F&offset=2', '34', 1],
    ['PatientSex=F&offset=3', '45', undefined],
    ['PatientSex=F&limit=2', '12', undefined],
    ['PatientSex=F&limit=4', '12', 3],
    ['PatientSex=F&offset=7', '', undefined],
    ['PatientSex=F&limit=0', '', undefined],
    ['orderby=-SOPInstanceUID', '54', 3],
    ['ScheduledProcedureStepPriority=HIGH', '25', undefined],
  ]
  for (const [query, expected, remaining] of capped) {
    it(`dcmQidoMaxNumberOfResults 2, ${query}: "${expected}", ${remaining ?? 'none'} left`, async () => {
      const answer = await search(query, 'PAGED')
      expect(numbers(answer)).to.equal(expected)
      const text = `There are ${remaining} additional results that can be requested`
      expect(answer.headers.get('warning')).to.equal(
        remaining === undefined ? null : `299 ${service.aet('PAGED')}: ${text}`,
      )
    })
  }

  it('dcmQueryMaxNumberOfResults 3 refuses a search that matches more: 413, also when it asks for less', async () => {
    for (const query of ['PatientSex=F', 'PatientSex=F&limit=1', 'orderby=PatientName', 'limit=0&PatientSex=F']) {
      expectRefusal(await search(query, 'BOUND'), service.aet('BOUND'), 'tooManyMatches', {
        detail: /matches 5 Workitems.*3/,
      })
    }
    expect(numbers(await search('ScheduledProcedureStepPriority=LOW,MEDIUM', 'BOUND'))).to.equal('134')
  })

  describe('Count', () => {
    const counts: readonly [string, number][] = [
      ['', 5],
      ['PatientSex=F', 5],
      ['PatientSex=M', 0],
      ['ProcedureStepState=SCHEDULED', 5],
      ['ProcedureStepState=CANCELED', 0],
      ['ScheduledProcedureStepPriority=HIGH', 2],
      ['ScheduledProcedureStepPriority=HIGH&limit=1&offset=1&orderby=PatientName', 2],
      ['limit=abc', 5],
    ]
    for (const [query, count] of counts) {
      it(`"${query}": ${count}, whatever the caps`, async () => {
        for (const aet of ['WORKLIST', 'PAGED', 'BOUND']) {
          const answer = await send(`${service.aet(aet)}/workitems/count?${query}`)
          expect([answer.status, answer.json()]).to.deep.equal([200, { count }])
          expect(answer.headers.get('content-type')).to.equal('application/json')
          expect(answer.headers.get('warning')).to.equal(null)
        }
      })
    }

    it('warns of parameters that nobody knows, and refuses wrong keys', async () => {
      const answer = await send(`${service.aet()}/workitems/count?foo=1`)
      expect(answer.headers.get('warning')).to.equal(`299 ${service.aet()}: ${IGNORED}`)
      expectRefusal(await send(`${service.aet()}/workitems/count?Foo=1`), service.aet(), 'malformedParameter', {
        detail: /Foo/,
      })
    })

    it('is a resource of its own, not the workitem with UID count', async () => {
      const answer = await post(`${service.aet()}/workitems/count`, {})
      expectRefusal(answer, service.aet(), 'methodNotAllowed')
      expect(answer.headers.get('allow')).to.equal('GET, HEAD, OPTIONS')
    })
  })

  describe('A search that takes too long', () => {
    const now = performance.now.bind(performance)
    let jumps = 0
    before(() => {
      performance.now = () => now() + 11_000 * jumps++
    })
    after(() => {
      performance.now = now
    })

    it('is given up with 413', async () => {
      const empty = 'MedicalAlerts=%22%22&emptyvaluematching=true'
      for (const path of [
        `/workitems?${empty}`,
        '/workitems?orderby=PatientWeight',
        '/workitems',
        `/workitems/count?${empty}`,
      ]) {
        expectRefusal(await send(`${service.aet()}${path}`), service.aet(), 'searchTooBroad', { detail: /narrow it/ })
      }
    })
  })
})
