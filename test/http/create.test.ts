import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Attribute, Dataset } from '../../plugin/dicom/dataset.ts'
import { sharedPath } from '../config/shared-directory.ts'
import { temporaryFolder } from '../support/folder.ts'
import { post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample, sampleText, stateChange } from '../support/workitems.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { attribute, code } from './datasets.ts'
import { aeEntry, writeDirectory } from './directory.ts'
import { expectRefusal, expectSuccess, type RefusalName, retrieved, unchanged } from './refusal.ts'

const UPS_PUSH = '1.2.840.10008.5.1.4.34.6.1'
const MODIFIED = 'The Workitem was created with modifications.'

const without = (dataset: Dataset, tag: string): Dataset => changed(dataset, { [tag]: undefined })

let last = 0
const nextUid = (): string => `1.2.40.${++last}`

describe('PS3.18 11.4 Create Workitem', () => {
  let service: Service
  let url: string
  before(async () => {
    service = await startService({ host: { clock: () => new Date('2026-03-01T09:05:00.250Z') } })
    url = `${service.aet()}/workitems`
  })
  after(() => service.stop())

  it('creates a workitem under the UID of the query and answers where it is', async () => {
    const answer = await post(`${url}?workitem=1.2.3`, sampleText('ai-triage'))
    expect(answer.status).to.equal(201)
    expect(answer.headers.get('location')).to.equal(`${url}/1.2.3`)
    expect(answer.headers.get('content-location')).to.equal(`${url}/1.2.3`)
    expect(answer.headers.get('warning')).to.equal(null)
    expect(answer.text).to.equal('')
    expect((await send(`${url}/1.2.3`)).status).to.equal(200)
  })

  describe('The Workitem UID', () => {
    const places: readonly [string, (uid: string) => string, (uid: string) => Dataset][] = [
      ['?workitem=UID', (uid) => `?workitem=${uid}`, () => ({})],
      ['?WorkItem=UID', (uid) => `?WorkItem=${uid}`, () => ({})],
      ['?UID, bare', (uid) => `?${uid}`, () => ({})],
      ['?UID, percent-encoded', (uid) => `?%${uid.charCodeAt(0).toString(16)}${uid.slice(1)}`, () => ({})],
      ['?AffectedSOPInstanceUID=UID', (uid) => `?AffectedSOPInstanceUID=${uid}`, () => ({})],
      ['?affectedsopinstanceuid=UID', (uid) => `?affectedsopinstanceuid=${uid}`, () => ({})],
      ['?AFFECTEDSOPINSTANCEUID=UID', (uid) => `?AFFECTEDSOPINSTANCEUID=${uid}`, () => ({})],
      ['(0008,0018) in the dataset', () => '', (uid) => ({ '00080018': attribute('UI', uid) })],
      ['(0000,1000) in the dataset', () => '', (uid) => ({ '00001000': attribute('UI', uid) })],
    ]
    for (const [name, query, attributes] of places) {
      it(`is taken from ${name}`, async () => {
        const uid = nextUid()
        const answer = await post(`${url}${query(uid)}`, { ...sample('ai-triage'), ...attributes(uid) })
        expectSuccess(answer, service.aet(), 201)
        expect(answer.headers.get('location')).to.equal(`${url}/${uid}`)
        expect(answer.headers.get('content-location')).to.equal(`${url}/${uid}`)
        const dataset = await retrieved(service.aet(), uid)
        expect(dataset['00080018']).to.deep.equal({ vr: 'UI', Value: [uid] })
        expect(dataset).not.to.have.property('00001000')
      })
    }

    it('may be given at every place when it is the same', async () => {
      const uid = nextUid()
      const attributes = { '00080018': attribute('UI', uid), '00001000': attribute('UI', uid) }
      const query = `?workitem=${uid}&${uid}&AffectedSOPInstanceUID=${uid}`
      const answer = await post(`${url}${query}`, { ...sample('ai-triage'), ...attributes })
      expectSuccess(answer, service.aet(), 201)
      expect(answer.headers.get('location')).to.equal(`${url}/${uid}`)
    })

    it('is a UUID below 2.25 when none is given', async () => {
      const answer = await post(url, sampleText('ai-triage'))
      expectSuccess(answer, service.aet(), 201)
      const [, uid = '', decimal = ''] = /\/workitems\/(2\.25\.(\d+))$/.exec(answer.headers.get('location') ?? '') ?? []
      const hex = BigInt(decimal).toString(16).padStart(32, '0')
      expect(hex, 'a random UUID').to.match(/^.{12}4.{3}[89ab].{15}$/)
      expect(await retrieved(service.aet(), uid)).to.have.nested.property('00080018.Value[0]', uid)
    })

    const contradictions: readonly [string, string, Dataset][] = [
      ['two names of the query', '?workitem=1.2.50.1&AffectedSOPInstanceUID=1.2.50.2', {}],
      ['a name and a bare one', '?workitem=1.2.50.1&1.2.50.2', {}],
      ['one name twice', '?workitem=1.2.50.1&workitem=1.2.50.2', {}],
      ['the query and (0008,0018)', '?1.2.50.1', { '00080018': attribute('UI', '1.2.50.2') }],
      ['the query and (0000,1000)', '?workitem=1.2.50.1', { '00001000': attribute('UI', '1.2.50.2') }],
      ['two attributes', '', { '00080018': attribute('UI', '1.2.50.1'), '00001000': attribute('UI', '1.2.50.2') }],
    ]
    for (const [name, query, attributes] of contradictions) {
      it(`is refused when it differs: ${name}`, async () => {
        const answer = await unchanged(service, ['1.2.50.1', '1.2.50.2'], () =>
          post(`${url}${query}`, { ...sample('ai-triage'), ...attributes }),
        )
        expectRefusal(answer, service.aet(), 'malformedParameter', { detail: /two different values.*Workitem UID/ })
        expect(answer.headers.get('location')).to.equal(null)
      })
    }

    for (const uid of ['1.02', '1..2', '.1', '1.', '1.2.a', '', `1.${'2'.repeat(63)}`, '1.2/../3', 'é']) {
      it(`is refused when it is none: ${JSON.stringify(uid)}`, async () => {
        const answer = await unchanged(service, [], () =>
          post(`${url}?workitem=${encodeURIComponent(uid)}`, sampleText('ai-triage')),
        )
        expect(answer.status).to.equal(400)
        expect(answer.problem().detail)
          .to.include(JSON.stringify(uid))
          .and.to.match(/expected a UID/)
      })
    }

    it('may have 64 characters', async () => {
      const uid = `1.${'2'.repeat(62)}`
      expectSuccess(await post(`${url}?workitem=${uid}`, sampleText('ai-triage')), service.aet(), 201)
    })
  })

  describe('What the service fills in', () => {
    it('is SOP Class, SOP Instance, state and modification date-time, and never the Transaction UID', async () => {
      const uid = nextUid()
      const sent = { ...sample('ai-triage'), '00404010': attribute('DT', '19990101') }
      expectSuccess(await post(`${url}?${uid}`, sent), service.aet(), 201)
      const dataset = await retrieved(service.aet(), uid)
      expect(dataset['00080016']).to.deep.equal({ vr: 'UI', Value: [UPS_PUSH] })
      expect(dataset['00080018']).to.deep.equal({ vr: 'UI', Value: [uid] })
      expect(dataset['00741000']).to.deep.equal({ vr: 'CS', Value: ['SCHEDULED'] })
      expect(dataset['00404010']).to.deep.equal({ vr: 'DT', Value: ['20260301090500.250+0000'] })
      expect(dataset).not.to.have.property('00081195')
    })

    it('ignores the modification date-time of the payload even when it is none', async () => {
      const uid = nextUid()
      const sent = { ...sample('ai-triage'), '00404010': attribute('DT', 'yesterday') }
      expectSuccess(await post(`${url}?${uid}`, sent), service.aet(), 201)
      expect(await retrieved(service.aet(), uid)).to.have.nested.property(
        '00404010.Value[0]',
        '20260301090500.250+0000',
      )
    })

    it('names ISO_IR 192 when a value is not ASCII, whatever the payload says', async () => {
      const uid = nextUid()
      const sent = changed(sample('ai-triage'), { '00080005': attribute('CS', 'ISO_IR 100') })
      expectSuccess(await post(`${url}?${uid}`, sent), service.aet(), 201)
      const dataset = await retrieved(service.aet(), uid)
      expect(dataset['00080005']).to.deep.equal({ vr: 'CS', Value: ['ISO_IR 192'] })
      expect(dataset['00100010']).to.deep.equal(sent['00100010'])
    })

    const labels: readonly [string, string][] = [
      ['WORKLIST', 'WORKLIST'],
      ['RADONC', 'Radiation Oncology'],
      ['LINAC', 'Radiation Oncology'],
      ['RADONC_TEST', 'Radiation Oncology'],
    ]
    for (const [aet, label] of labels) {
      for (const [how, sent] of [
        ['no label', without(sample('ai-triage'), '00741202')],
        ['an empty label', changed(sample('ai-triage'), { '00741202': { vr: 'LO' } })],
      ] as const) {
        it(`is the Worklist Label ${label} for ${how} sent to ${aet}`, async () => {
          const uid = nextUid()
          const answer = await post(`${service.aet(aet)}/workitems?${uid}`, sent)
          expectSuccess(answer, service.aet(aet), 201, MODIFIED)
          expect(answer.headers.get('location')).to.equal(`${service.aet(aet)}/workitems/${uid}`)
          expect(await retrieved(service.aet(), uid)).to.deep.include({ '00741202': { vr: 'LO', Value: [label] } })
        })
      }
    }

    it('leaves a Worklist Label as it was sent', async () => {
      const uid = nextUid()
      expectSuccess(
        await post(`${service.aet('RADONC')}/workitems?${uid}`, sample('ai-triage')),
        service.aet('RADONC'),
        201,
      )
      expect(await retrieved(service.aet(), uid)).to.deep.include({ '00741202': { vr: 'LO', Value: ['AI'] } })
    })
  })

  it('keeps all that was sent: private attributes, time zone offset, attributes of other modules', async () => {
    const uid = nextUid()
    const extra: Dataset = {
      '00080201': attribute('SH', '+0100'),
      '00101010': attribute('AS', '065Y'),
      '00102000': attribute('LO', 'Latex', 'Peanuts'),
      '001021C0': attribute('US', 4),
      '0040A730': attribute('SQ', { '0040A160': attribute('UT', 'nested') }, {}),
      '00990010': attribute('LO', 'ACME 1.1'),
      '00991001': attribute('LO', 'private', 'values'),
      '00991002': attribute('FD', 1.5),
      '00991003': attribute('SQ', { '00990010': attribute('LO', 'ACME 1.1'), '00991004': attribute('SH', 'deep') }),
      '00991005': { vr: 'OB', InlineBinary: 'AAEC' },
      '00420011': { vr: 'OB' },
    }
    expectSuccess(await post(`${url}?${uid}`, { ...sample('ai-triage'), ...extra }), service.aet(), 201)
    expect(await retrieved(service.aet(), uid)).to.deep.include(extra)
  })

  describe('Strictness', () => {
    let strict: Service
    before(async () => {
      strict = await startService({ strictness: 'strict' })
    })
    after(() => strict.stop())

    for (const name of ['ai-triage', 'rt-treatment'] as const) {
      for (const strictness of ['lenient', 'strict'] as const) {
        it(`creates ${name} in ${strictness} without a Warning`, async () => {
          const where = strictness === 'strict' ? strict : service
          expectSuccess(await post(`${where.aet()}/workitems?${nextUid()}`, sampleText(name)), where.aet(), 201)
        })
      }
    }

    it('creates minimal in lenient with modifications: type 2 attributes are added as empty', async () => {
      const uid = nextUid()
      const answer = await post(`${url}?${uid}`, sampleText('minimal'))
      expectSuccess(answer, service.aet(), 201, MODIFIED)
      const dataset = await retrieved(service.aet(), uid)
      for (const tag of MISSING_IN_MINIMAL) expect(dataset, tag).to.have.property(tag).that.has.all.keys('vr')
      expect(dataset).not.to.have.property('00081195')
    })

    it('refuses minimal in strict and names every attribute that is missing', async () => {
      const answer = await unchanged(strict, ['1.2.3'], () =>
        post(`${strict.aet()}/workitems?1.2.3`, sampleText('minimal')),
      )
      expectRefusal(answer, strict.aet(), 'missingAttribute', {
        paths: [...MISSING_IN_MINIMAL, '00081195', '00741202'],
      })
    })

    it('adds nested type 2 attributes in lenient, and demands them in strict', async () => {
      const uid = nextUid()
      const request = { '0020000D': attribute('UI', '1.2.3') }
      const sent = changed(sample('ai-triage'), { '0040A370': attribute('SQ', request) })
      expectSuccess(await post(`${url}?${uid}`, sent), service.aet(), 201, MODIFIED)
      expect((await retrieved(service.aet(), uid))['0040A370']).to.deep.equal({
        vr: 'SQ',
        Value: [
          {
            ...request,
            '00080050': { vr: 'SH' },
            '00080051': { vr: 'SQ' },
            '00321060': { vr: 'LO' },
            '00321064': { vr: 'SQ' },
            '00400026': { vr: 'SQ' },
            '00400027': { vr: 'SQ' },
            '00401001': { vr: 'SH' },
          },
        ],
      })
      const refused = await unchanged(strict, [], () => post(`${strict.aet()}/workitems`, sent))
      const below = ['00080050', '00080051', '00321060', '00321064', '00400026', '00400027', '00401001']
      expectRefusal(refused, strict.aet(), 'missingAttribute', { paths: below.map((tag) => `0040A370.${tag}`) })
    })

    it('demands one of the retrieval sequences in strict only', async () => {
      const input = { ...(sample('ai-triage')['00404021']?.Value?.[0] as Dataset) }
      const sent = changed(sample('ai-triage'), { '00404021': attribute('SQ', without(input, '0040E025')) })
      expectSuccess(await post(url, sent), service.aet(), 201)
      const refused = await unchanged(strict, [], () => post(`${strict.aet()}/workitems`, sent))
      expectRefusal(refused, strict.aet(), 'missingAttribute', { paths: ['00404021.0040E021'] })
    })
  })

  describe('The message of another project, upsscu-create.xml', () => {
    let document: string
    before(function () {
      const path = sharedPath('workitems', 'upsscu-create.xml')
      if (path === undefined) return this.skip()
      document = readFileSync(path, 'utf8')
    })
    const headers = { 'Content-Type': 'application/dicom+xml' }

    it('is 0120 and names the start date-time that it lacks', async () => {
      const answer = await unchanged(service, ['1.2.60'], () => post(`${url}?1.2.60`, document, headers))
      expectRefusal(answer, service.aet(), 'missingAttribute', {
        paths: ['00404005'],
        detail: /ScheduledProcedureStepStartDateTime \(00404005\)/,
      })
    })

    it('is created once the start date-time is in it', async () => {
      const start = '<DicomAttribute tag="00404005" vr="DT"><Value number="1">20261122</Value></DicomAttribute>'
      const answer = await post(`${url}?1.2.60`, document.replace('</NativeDicomModel>', `${start}$&`), headers)
      expect(answer.status, answer.text).to.equal(201)
      expect(await retrieved(service.aet(), '1.2.60')).to.deep.include({
        '00404005': { vr: 'DT', Value: ['20261122'] },
      })
    })
  })

  describe('A UID that is taken', () => {
    const UID = '1.2.70'
    const duplicate = async (): Promise<void> => {
      const answer = await unchanged(service, [UID], () => post(`${url}?${UID}`, sampleText('rt-treatment')))
      expectRefusal(answer, service.aet(), 'duplicate')
      expect(answer.headers.get('location')).to.equal(null)
    }

    it('is 0111 while the workitem is SCHEDULED, IN PROGRESS and CANCELED', async () => {
      expectSuccess(await post(`${url}?${UID}`, sampleText('ai-triage')), service.aet(), 201)
      await duplicate()
      expectSuccess(await put(`${url}/${UID}/state`, stateChange('IN PROGRESS')), service.aet(), 200)
      await duplicate()
      expectSuccess(await put(`${url}/${UID}/state`, stateChange('CANCELED')), service.aet(), 200)
      await duplicate()
    })

    it('is 0111 through another AE too: one worklist per device', async () => {
      const answer = await unchanged(service, [UID], () =>
        post(`${service.aet('RADONC')}/workitems?${UID}`, sampleText('ai-triage')),
      )
      expectRefusal(answer, service.aet('RADONC'), 'duplicate')
    })

    it('is 0111 as long as the deletion of the workitem is remembered', async () => {
      const { store } = service
      await deleteWorkitem(store, UID)
      await duplicate()
      const gone = await send(`${url}/${UID}`)
      expectRefusal(gone, service.aet(), 'gone')
    })

    for (const uid of ['1.2.840.10008.5.1.4.34.5', '1.2.840.10008.5.1.4.34.5.1']) {
      it(`is none of the well-known UIDs: ${uid}`, async () => {
        const answer = await unchanged(service, [uid], () => post(`${url}?${uid}`, sampleText('ai-triage')))
        expect(answer.status).to.be.oneOf([400, 409])
      })
    }
  })

  describe('Refusals of the dataset, which change nothing', () => {
    const item = { '00080100': attribute('SH', 'X'), '00080102': attribute('SH', '99TEST') }
    const refusals: readonly [string, RefusalName, Dataset, readonly string[]][] = [
      ...['IN PROGRESS', 'COMPLETED', 'CANCELED', 'FOO'].map(
        (state): [string, RefusalName, Dataset, readonly string[]] => [
          `C309 for the state ${state}`,
          'notScheduled',
          { '00741000': attribute('CS', state) },
          ['00741000'],
        ],
      ),
      ['0105 for a Transaction UID', 'notAllowedAttribute', { '00081195': attribute('UI', '1.2.3') }, ['00081195']],
      [
        '0105 for a Transaction UID that is none',
        'notAllowedAttribute',
        { '00081195': attribute('UI', 'x') },
        ['00081195'],
      ],
      ['0105 for progress', 'notAllowedAttribute', { '00741002': attribute('SQ', {}) }, ['00741002']],
      ['0105 for a performed procedure', 'notAllowedAttribute', { '00741216': attribute('SQ', {}) }, ['00741216']],
      ['0121 for an empty priority', 'missingValue', { '00741200': attribute('CS') }, ['00741200']],
      ['0121 for an empty label', 'missingValue', { '00741204': attribute('LO') }, ['00741204']],
      ['0121 for a label of spaces', 'missingValue', { '00741204': attribute('LO', '  ') }, ['00741204']],
      ['0121 for an empty start', 'missingValue', { '00404005': attribute('DT') }, ['00404005']],
      ['0121 for an empty readiness', 'missingValue', { '00404041': attribute('CS') }, ['00404041']],
      ['0121 for an empty state', 'missingValue', { '00741000': attribute('CS') }, ['00741000']],
      [
        '0121 for an empty nested type 1',
        'missingValue',
        { '00404018': attribute('SQ', { ...item, '00080104': attribute('LO') }) },
        ['00404018.00080104'],
      ],
      [
        '0120 for a missing nested type 1',
        'missingAttribute',
        { '00404018': attribute('SQ', item) },
        ['00404018.00080104'],
      ],
      [
        '0120 for a missing type 1 three levels deep',
        'missingAttribute',
        {
          '00404021': attribute('SQ', {
            '0040E020': attribute('CS', 'DICOM'),
            '00081199': attribute('SQ', { '00081155': attribute('UI', '1.2') }),
          }),
        },
        ['00404021.00081199.00081150'],
      ],
      [
        '0120 for the condition "value type is TEXT"',
        'missingAttribute',
        {
          '00741210': attribute('SQ', { '0040A040': attribute('CS', 'TEXT'), '0040A043': attribute('SQ', code('A')) }),
        },
        ['00741210.0040A160'],
      ],
      [
        '0120 for the condition "there is a code value"',
        'missingAttribute',
        { '00404025': attribute('SQ', { '00080100': attribute('SH', 'A'), '00080104': attribute('LO', 'B') }) },
        ['00404025.00080102'],
      ],
      ['0106 for a day that is none', 'invalidValue', { '00100030': attribute('DA', '19610229') }, ['00100030']],
      ['0106 for a date-time that is none', 'invalidValue', { '00404005': attribute('DT', 'tomorrow') }, ['00404005']],
      ['0106 for an hour that is none', 'invalidValue', { '00404011': attribute('DT', '2026112224') }, ['00404011']],
      ['0106 for a priority that is none', 'invalidValue', { '00741200': attribute('CS', 'URGENT') }, ['00741200']],
      ['0106 for a readiness that is none', 'invalidValue', { '00404041': attribute('CS', 'MAYBE') }, ['00404041']],
      ['0106 for a sex that is none', 'invalidValue', { '00100040': attribute('CS', 'X') }, ['00100040']],
      ['0106 for a code string in lower case', 'invalidValue', { '00741200': attribute('CS', 'high') }, ['00741200']],
      ['0106 for two labels', 'invalidValue', { '00741204': attribute('LO', 'a', 'b') }, ['00741204']],
      [
        '0106 for two workitem codes',
        'invalidValue',
        { '00404018': attribute('SQ', code('A'), code('B')) },
        ['00404018'],
      ],
      ['0106 for text that is too long', 'invalidValue', { '00741204': attribute('LO', 'x'.repeat(65)) }, ['00741204']],
      ['0106 for a backslash in text', 'invalidValue', { '00741204': attribute('LO', 'a\\b') }, ['00741204']],
      ['0106 for a UID that is none', 'invalidValue', { '0020000D': attribute('UI', '1.02') }, ['0020000D']],
      ['0106 for a number that is none', 'invalidValue', { '00101030': attribute('DS', 'heavy') }, ['00101030']],
      [
        '0106 for a name that is too long',
        'invalidValue',
        { '00100010': attribute('PN', { Alphabetic: 'x'.repeat(65) }) },
        ['00100010'],
      ],
      ['0106 for a wrong VR', 'invalidValue', { '00741204': attribute('SH', 'a') }, ['00741204']],
      [
        '0106 for a value that cannot be one',
        'invalidValue',
        { '00741204': attribute('LO', { Alphabetic: 'a' }) },
        ['00741204'],
      ],
      [
        '0106 for bulk data',
        'invalidValue',
        { '00400400': { vr: 'LT', BulkDataURI: 'http://x/' } as Attribute },
        ['00400400'],
      ],
      [
        '0106 for another SOP Class',
        'invalidValue',
        { '00080016': attribute('UI', '1.2.840.10008.1.1') },
        ['00080016'],
      ],
      [
        '0106 deep inside',
        'invalidValue',
        { '00404018': attribute('SQ', { ...code('A'), '00080106': attribute('DT', 'never') }) },
        ['00404018.00080106'],
      ],
    ]
    for (const [name, refusal, changes, paths] of refusals) {
      it(name, async () => {
        const sent = { ...sample('ai-triage'), ...changes }
        const answer = await unchanged(service, ['1.2.80'], () => post(`${url}?1.2.80`, sent))
        expectRefusal(answer, service.aet(), refusal, { paths })
        expect(answer.headers.get('location')).to.equal(null)
      })
    }

    for (const tag of ['00741200', '00741204', '00404005', '00404041', '00741000']) {
      it(`0120 without (${tag.slice(0, 4)},${tag.slice(4)})`, async () => {
        const sent = without(sample('ai-triage'), tag)
        const answer = await unchanged(service, ['1.2.80'], () => post(`${url}?1.2.80`, sent))
        expectRefusal(answer, service.aet(), 'missingAttribute', { paths: [tag] })
      })
    }

    it('names all problems at once, under the status of the gravest', async () => {
      const sent = changed(sample('minimal'), {
        '00741200': undefined,
        '00741204': { vr: 'LO' },
        '00404041': attribute('CS', 'MAYBE'),
        '00741002': attribute('SQ', {}),
      })
      const answer = await unchanged(service, ['1.2.80'], () => post(`${url}?1.2.80`, sent))
      expectRefusal(answer, service.aet(), 'notAllowedAttribute', {
        paths: ['00741200', '00741204', '00404041', '00741002'],
      })
      const keywords = answer.problem().attributes?.map(({ keyword }) => keyword)
      expect(keywords).to.include.members(['ScheduledProcedureStepPriority', 'ProcedureStepLabel'])
    })
  })

  it('takes the Worklist Label of the device where the AE has none, and the title of the AE where neither has', async () => {
    const folder = temporaryFolder()
    const configs = [
      { device: 'dcmUPSWorklistLabel: Whole house', label: 'Whole house' },
      { device: '', label: 'MAIN' },
    ]
    try {
      for (const { device, label } of configs) {
        const config = writeDirectory(folder.path, [aeEntry('MAIN', 'dcmOtherAETitle: SIDE')], device)
        const other = await startService({ config })
        try {
          const sent = without(sample('ai-triage'), '00741202')
          expect((await post(`${other.aet('SIDE')}/workitems?1.2.3`, sent)).status).to.equal(201)
          expect(await retrieved(other.aet('MAIN'), '1.2.3')).to.have.nested.property('00741202.Value[0]', label)
        } finally {
          await other.stop()
        }
      }
    } finally {
      folder.remove()
    }
  })

  it('lets one of 1 000 parallel requests for one UID win, and tells the others', async () => {
    const entriesBefore = (await service.feed()).length
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, () => post(`${url}?1.2.90`, sampleText('ai-triage'))),
    )
    expect(answers.filter(({ status }) => status === 201)).to.have.length(1)
    expect(answers.filter(({ status }) => status === 409)).to.have.length(999)
    expect((await service.feed()).length - entriesBefore).to.equal(1)
  })
})

/** Type 2 of Table CC.2.5-3 (standard.md A.6) that the sample has not; Patient ID counts as one (decisions.md 3). */
const MISSING_IN_MINIMAL = (
  '00741210 00404025 00404026 00404027 00404018 00400400 00404021 00100010 00100020 00100021 ' +
  '00100024 00101002 00100030 00100040 00380010 00380014 00081080 00081084 0040A370 00741002 ' +
  '00741216'
).split(' ')
