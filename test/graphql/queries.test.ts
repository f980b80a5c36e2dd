import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { attribute, code } from '../http/datasets.ts'
import { aeEntry, writeDirectory } from '../http/directory.ts'
import { uidsIn } from '../http/searching.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, put, send } from '../support/http.ts'
import { describeWithEachEngine } from '../support/search-engines.ts'
import { type Service, startService } from '../support/service.ts'
import { changed, sample, stateChange, TRANSACTION_UID } from '../support/workitems.ts'
import { dataOf, errorOf, type Told } from './asking.ts'

const LABEL = '00741204'
const WORKLIST_LABEL = '00741202'
const START = '00404005'
const PRIORITY = '00741200'
const NAME = '00100010'
const STATION = '00404025'

async function create(service: Service, uid: string, changes: Dataset = {}, ae = 'WORKLIST'): Promise<void> {
  const { status, text } = await post(`${service.aet(ae)}/workitems?${uid}`, changed(sample('minimal'), changes))
  expect(status, text).to.equal(201)
}

const PAGE = `query($filter: WorkitemFilter, $orderBy: [WorkitemOrder!], $first: Int! = 25, $after: String, $aeTitle: String) {
  workitems(filter: $filter, orderBy: $orderBy, first: $first, after: $after, aeTitle: $aeTitle) {
    nodes { uid }
    edges { cursor node { uid } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
    position
  }
}`

const pageOf = async (service: Service, variables: Told = {}): Promise<Told> =>
  (await dataOf(service, PAGE, variables))['workitems'] as Told

const uidsOf = (page: Told): readonly string[] => (page['nodes'] as readonly { uid: string }[]).map(({ uid }) => uid)

const found = async (service: Service, variables: Told = {}): Promise<readonly string[]> =>
  uidsOf(await pageOf(service, variables))

describe('workitem(uid:)', () => {
  let service: Service
  before(async () => {
    service = await startService()
    await create(service, '1.2.1', { [LABEL]: attribute('LO', 'Treat') })
    await create(service, '1.2.2')
    await deleteWorkitem(service.store, '1.2.2')
  })
  after(() => service.stop())
  const QUERY = `query($uid: String!) {
    workitem(uid: $uid) { uid state version procedureStepLabel dataset transaction: attribute(path: "PatientID") { text } }
  }`

  it('is the workitem as it is now, at the position of its last change', async () => {
    const { workitem } = await dataOf(service, QUERY, { uid: '1.2.1' })
    expect(workitem).to.deep.include({ uid: '1.2.1', state: 'SCHEDULED', procedureStepLabel: 'Treat', version: '1' })
    await put(`${service.aet()}/workitems/1.2.1/state`, stateChange('IN PROGRESS'))
    const claimed = await dataOf(service, QUERY, { uid: '1.2.1' })
    const { position } = (await service.feed()).at(-1) ?? {}
    expect(claimed['workitem']).to.deep.include({ state: 'IN_PROGRESS', version: String(position) })
    expect(JSON.stringify(claimed)).not.to.include(TRANSACTION_UID)
  })

  it('is what UPS-RS retrieves', async () => {
    const retrieved = (await send(`${service.aet()}/workitems/1.2.1`)).json() as readonly Dataset[]
    const { workitem } = await dataOf(service, QUERY, { uid: '1.2.1' })
    expect([(workitem as Told)['dataset']]).to.deep.equal([retrieved].flat())
  })

  it('is null where there is none, or none any more', async () => {
    for (const uid of ['1.2.3', '1.2.2']) {
      expect(await dataOf(service, QUERY, { uid })).to.deep.equal({ workitem: null })
    }
  })

  it('refuses what is no UID', async () => {
    const error = await errorOf(service, QUERY, { uid: '1.2..3' })
    expect(error).to.deep.include({ code: 'INVALID_ARGUMENT', dicomStatus: '0115' })
  })
})

describeWithEachEngine('workitems', (engine) => {
  const WORKITEMS: Readonly<Record<string, Dataset>> = {
    '1.2.1': {
      [LABEL]: attribute('LO', 'Lung'),
      [START]: attribute('DT', '20261124080000+0000'),
      [NAME]: attribute('PN', { Alphabetic: 'Doe^John' }),
      [STATION]: { vr: 'SQ', Value: [code('TDD1')] },
      [PRIORITY]: attribute('CS', 'HIGH'),
    },
    '1.2.2': {
      [LABEL]: attribute('LO', 'Lunge'),
      [START]: attribute('DT', '20261125080000+0000'),
      [NAME]: attribute('PN', { Alphabetic: 'DOE^JANE' }),
      [STATION]: { vr: 'SQ', Value: [code('TDD2')] },
      [PRIORITY]: attribute('CS', 'LOW'),
      '00101030': attribute('DS', '70.5'),
    },
    '1.2.3': {
      [LABEL]: attribute('LO', 'Heart'),
      [START]: attribute('DT', '20261124'),
      [NAME]: attribute('PN'),
      [STATION]: { vr: 'SQ', Value: [code('TDD1'), { ...code('TDD2'), '00080102': attribute('SH', '99OTHER') }] },
      [PRIORITY]: attribute('CS', 'MEDIUM'),
      '00100030': attribute('DA', '19700101'),
    },
    '1.2.4': {
      [LABEL]: attribute('LO', 'Heart'),
      [START]: attribute('DT', '20261201'),
      [NAME]: attribute('PN', { Alphabetic: 'Smith^Ann' }),
      [PRIORITY]: attribute('CS', 'LOW'),
      '00100030': attribute('DA', '19800101'),
    },
  }
  const ALL = Object.keys(WORKITEMS)

  let service: Service
  before(async () => {
    service = await startService(await engine.options())
    await engine.ready(service)
    for (const [uid, changes] of Object.entries(WORKITEMS)) await create(service, uid, changes)
    await put(`${service.aet()}/workitems/1.2.4/state`, stateChange('IN PROGRESS'))
  })
  after(async () => {
    await engine.answered(service, 0.5)
    await service.stop()
    await engine.end()
  })

  const KINDS: readonly (readonly [string, Told, readonly string[], string?])[] = [
    ['nothing', {}, ALL, ''],
    ['null', { procedureStepState: null }, ALL],
    ['an enumerated value', { procedureStepState: 'IN_PROGRESS' }, ['1.2.4'], 'ProcedureStepState=IN%20PROGRESS'],
    ['a list', { procedureStepLabel: ['Lung', 'Heart'] }, ['1.2.1', '1.2.3', '1.2.4'], '00741204=Lung,Heart'],
    ['a wildcard', { procedureStepLabel: 'Lung*' }, ['1.2.1', '1.2.2'], '00741204=Lung*'],
    ['a name', { patientName: 'doe*' }, ['1.2.1', '1.2.2'], 'PatientName=doe*'],
    [
      'a name by its sound',
      { patientName: 'Smyth Anne', fuzzyMatching: true },
      ['1.2.4'],
      'PatientName=Smyth Anne&fuzzymatching=true',
    ],
    ['a date', { patientBirthDate: { is: '1970-01-01' } }, ['1.2.3'], 'PatientBirthDate=19700101'],
    ['a range of dates', { patientBirthDate: { from: '19750101' } }, ['1.2.4'], 'PatientBirthDate=19750101-'],
    [
      'a range of date-times',
      { scheduledProcedureStepStartDateTime: { from: '2026-11-24', to: '2026-11-24' } },
      ['1.2.1', '1.2.3'],
      'ScheduledProcedureStepStartDateTime=20261124-20261124',
    ],
    [
      'an item',
      { scheduledStationNameCodeSequence: { codeValue: 'TDD1' } },
      ['1.2.1', '1.2.3'],
      '00404025.00080100=TDD1',
    ],
    [
      'keys of one item',
      { scheduledStationNameCodeSequence: { codeValue: 'TDD1', codingSchemeDesignator: '99OTHER' } },
      [],
      '00404025.00080100=TDD1&00404025.00080102=99OTHER',
    ],
    [
      'any other attribute',
      { attributes: [{ path: 'PatientWeight', values: ['70.5'] }] },
      ['1.2.2'],
      'PatientWeight=70.5',
    ],
    [
      'an empty value',
      { patientName: '""', emptyValueMatching: true },
      ['1.2.3'],
      'PatientName=""&emptyvaluematching=true',
    ],
    [
      'several keys',
      { procedureStepLabel: 'Heart', scheduledProcedureStepPriority: ['LOW', 'HIGH'] },
      ['1.2.4'],
      '00741204=Heart&00741200=LOW,HIGH',
    ],
  ]
  for (const [what, filter, uids, query] of KINDS) {
    it(`are found by ${what}, as UPS-RS finds them`, async () => {
      const page = await pageOf(service, { filter })
      expect(uidsOf(page)).to.deep.equal(uids)
      expect(page['totalCount']).to.equal(uids.length)
      if (query !== undefined) expect(uidsIn(await send(`${service.aet()}/workitems?${query}`))).to.deep.equal(uids)
    })
  }

  const REFUSED: readonly (readonly [string, Told, Told])[] = [
    ['an empty list', { filter: { procedureStepLabel: [] } }, { argument: 'filter.procedureStepLabel' }],
    [
      'an empty item',
      { filter: { scheduledStationNameCodeSequence: {} } },
      { argument: 'filter.scheduledStationNameCodeSequence' },
    ],
    ['no end of a range', { filter: { patientBirthDate: {} } }, { argument: 'filter.patientBirthDate' }],
    ['what is no date', { filter: { patientBirthDate: { from: 'x' } } }, { argument: 'filter.patientBirthDate.from' }],
    ['no attribute', { filter: { attributes: [{ path: 'Nope', values: ['x'] }] } }, {}],
    ['the Transaction UID', { filter: { attributes: [{ path: 'TransactionUID', values: ['1'] }] } }, {}],
    ['first: 0', { first: 0 }, { argument: 'first' }],
    ['first: -1', { first: -1 }, { argument: 'first' }],
    ['first: 1001', { first: 1_001 }, { argument: 'first' }],
    ['a cursor that is none', { after: 'x' }, { argument: 'after' }],
    ['an empty cursor', { after: '' }, { argument: 'after' }],
    ['an AE title that is none', { aeTitle: 'far too long for a title' }, { code: 'INVALID_ARGUMENT' }],
    ['an unknown AE', { aeTitle: 'NOBODY' }, { code: 'UNKNOWN_AE' }],
  ]
  for (const [what, variables, expected] of REFUSED) {
    it(`refuse ${what}`, async () => {
      const error = await errorOf(service, PAGE, variables)
      expect(error).to.deep.include({ ...('argument' in expected ? { code: 'BAD_ARGUMENT' } : {}), ...expected })
      expect(error.code).to.be.oneOf(['BAD_ARGUMENT', 'INVALID_ARGUMENT', 'UNKNOWN_AE'])
    })
  }

  const ORDERS: readonly (readonly [string, readonly Told[], readonly string[]])[] = [
    ['creation', [], ALL],
    ['a date-time', [{ field: 'SCHEDULED_PROCEDURE_STEP_START_DATE_TIME' }], ['1.2.3', '1.2.1', '1.2.2', '1.2.4']],
    [
      'the other way round',
      [{ field: 'SCHEDULED_PROCEDURE_STEP_START_DATE_TIME', direction: 'DESC' }],
      ['1.2.4', '1.2.2', '1.2.1', '1.2.3'],
    ],
    [
      'two attributes',
      [{ field: 'PROCEDURE_STEP_LABEL' }, { field: 'SCHEDULED_PROCEDURE_STEP_START_DATE_TIME', direction: 'DESC' }],
      ['1.2.4', '1.2.3', '1.2.1', '1.2.2'],
    ],
    ['a name, with those without one last', [{ field: 'PATIENT_NAME' }], ['1.2.2', '1.2.1', '1.2.4', '1.2.3']],
    ['a name downwards', [{ field: 'PATIENT_NAME', direction: 'DESC' }], ['1.2.4', '1.2.1', '1.2.2', '1.2.3']],
  ]
  for (const [what, orderBy, uids] of ORDERS) {
    it(`come in the order of ${what}, on one page and on pages of one`, async () => {
      expect(await found(service, { orderBy })).to.deep.equal(uids)
      let after: string | null = null
      for (const [index, uid] of uids.entries()) {
        const { edges, pageInfo, totalCount } = await pageOf(service, { orderBy, first: 1, after })
        expect(edges).to.have.length(1)
        expect(edges[0].node.uid).to.equal(uid)
        expect(pageInfo).to.deep.equal({
          hasNextPage: index < uids.length - 1,
          hasPreviousPage: index > 0,
          startCursor: edges[0].cursor,
          endCursor: edges[0].cursor,
        })
        expect(totalCount).to.equal(uids.length)
        after = pageInfo.endCursor as string
      }
      const end = await pageOf(service, { orderBy, after })
      expect(uidsOf(end)).to.deep.equal([])
      expect(end['pageInfo']).to.deep.equal({
        hasNextPage: false,
        hasPreviousPage: true,
        startCursor: null,
        endCursor: null,
      })
    })
  }

  it('refuse a cursor of another order', async () => {
    const orderBy = [{ field: 'PATIENT_NAME' }]
    const { pageInfo } = await pageOf(service, { orderBy, first: 1 })
    const error = await errorOf(service, PAGE, { after: pageInfo.endCursor })
    expect(error).to.deep.include({ code: 'BAD_ARGUMENT', argument: 'after' })
  })

  it('tell the position before the page was read', async () => {
    const { position } = await pageOf(service)
    expect(position).to.equal(String((await service.feed()).at(-1)?.position))
  })
})

describeWithEachEngine('Pages of workitems, while others write', (engine) => {
  let service: Service
  before(async () => {
    service = await startService(await engine.options())
    await engine.ready(service)
  })
  after(async () => {
    await service.stop()
    await engine.end()
  })

  const LABELS = ['a', 'b', 'c', 'd', 'e']
  const orders: readonly (readonly Told[])[] = [
    [],
    [{ field: 'PROCEDURE_STEP_LABEL' }],
    [{ field: 'SCHEDULED_PROCEDURE_STEP_START_DATE_TIME', direction: 'DESC' }, { field: 'PROCEDURE_STEP_LABEL' }],
  ]
  for (const [round, orderBy] of orders.entries()) {
    it(`hold each of those that are left alone exactly once, in order ${round}`, async () => {
      const filter = { worklistLabel: `Round ${round}` }
      const dataset = (index: number): Dataset => ({
        [WORKLIST_LABEL]: attribute('LO', filter.worklistLabel),
        [LABEL]: attribute('LO', LABELS[index % 5]),
        [START]: attribute('DT', `202611${10 + (index % 7)}`),
      })
      const uid = (index: number): string => `1.2.${round + 10}.${index}`
      const move = (index: number): Promise<unknown> =>
        post(`${service.aet()}/workitems/${uid(index)}`, { [LABEL]: attribute('LO', LABELS[(index + 3) % 5]) })
      for (let index = 0; index < 40; index++) await create(service, uid(index), dataset(index))
      const untouched = Array.from({ length: 40 }, (_, index) => index).filter((index) => index % 4 < 2)

      const seen: string[] = []
      let after: string | null = null
      for (let page = 0; ; page++) {
        const told = await pageOf(service, { filter, orderBy, first: 6, after })
        seen.push(...uidsOf(told))
        if (!told['pageInfo'].hasNextPage) break
        after = told['pageInfo'].endCursor as string
        if (page > 20) throw new Error('no end of pages')
        // Every page: one moves, one goes, and one more comes than the page had before its end.
        await move(page * 4 + 2)
        if (page * 4 + 3 < 40) await deleteWorkitem(service.store, uid(page * 4 + 3))
        await create(service, uid(100 + page), dataset(page))
      }
      for (const index of untouched) {
        expect(
          seen.filter((one) => one === uid(index)),
          uid(index),
        ).to.have.length(1)
      }
      const places = untouched.map((index) => seen.indexOf(uid(index)))
      const whole = (await found(service, { filter, orderBy, first: 100 })).filter((one) =>
        untouched.some((index) => uid(index) === one),
      )
      const order = untouched.map(uid).toSorted((a, b) => seen.indexOf(a) - seen.indexOf(b))
      expect(order).to.deep.equal(whole)
      expect(new Set(places).size).to.equal(untouched.length)
    })
  }
})

describe('workitems(aeTitle:)', () => {
  it('applies the label filter of the AE, unless the filter names labels itself', async () => {
    const service = await startService()
    for (const [index, label] of ['Radiation Oncology', 'Linac QA', 'Remote'].entries()) {
      await create(service, `1.2.${index}`, { [WORKLIST_LABEL]: attribute('LO', label) })
    }
    expect(await found(service)).to.have.length(3)
    expect(await found(service, { aeTitle: 'RADONC' })).to.deep.equal(['1.2.0', '1.2.1'])
    expect(await found(service, { aeTitle: ' RADONC ' })).to.deep.equal(['1.2.0', '1.2.1'])
    expect((await pageOf(service, { aeTitle: 'RADONC' }))['totalCount']).to.equal(2)
    expect(await found(service, { aeTitle: 'WORKLIST' })).to.have.length(3)
    expect(await found(service, { aeTitle: 'RADONC', filter: { worklistLabel: 'Remote' } })).to.deep.equal(['1.2.2'])
    for (const ae of ['RADONC', 'WORKLIST']) {
      expect(await found(service, { aeTitle: ae })).to.deep.equal(uidsIn(await send(`${service.aet(ae)}/workitems`)))
    }
    await service.stop()
  })

  describe('and its limits, or those of the device', () => {
    let folder: Folder
    let service: Service
    before(async () => {
      folder = temporaryFolder()
      const aes = [
        aeEntry('A', 'dcmQidoMaxNumberOfResults: 3'),
        aeEntry('B', 'dcmQueryMaxNumberOfResults: 4', 'dcmQidoMaxNumberOfResults: 0'),
      ]
      service = await startService({ config: writeDirectory(folder.path, aes, 'dcmQidoMaxNumberOfResults: 2') })
      for (let index = 0; index < 5; index++) await create(service, `1.2.${index}`, {}, 'A')
    })
    after(async () => {
      await service.stop()
      folder.remove()
    })

    it('a page has as many as one answer of UPS-RS, and there is a next one', async () => {
      for (const [aeTitle, count] of [
        ['A', 3],
        [undefined, 2],
      ] as const) {
        const page = await pageOf(service, { aeTitle, first: 10 })
        expect([uidsOf(page).length, page['pageInfo'].hasNextPage, page['totalCount']]).to.deep.equal([count, true, 5])
        const next = await pageOf(service, { aeTitle, first: 10, after: page['pageInfo'].endCursor })
        expect(uidsOf(next)[0]).to.equal(`1.2.${count}`)
      }
      expect(await found(service, { aeTitle: 'A', first: 1 })).to.have.length(1)
    })

    it('a search that matches more than the limit is refused, on every page', async () => {
      const error = await errorOf(service, PAGE, { aeTitle: 'B', first: 1 })
      expect(error.code).to.equal('TOO_MANY_MATCHES')
      expect(error.message).to.include('5').and.include('4')
      await deleteWorkitem(service.store, '1.2.4')
      const page = await pageOf(service, { aeTitle: 'B', first: 1 })
      expect(uidsOf(page)).to.deep.equal(['1.2.0'])
      await create(service, '1.2.9', {}, 'A')
      expect((await errorOf(service, PAGE, { aeTitle: 'B', after: page['pageInfo'].endCursor })).code).to.equal(
        'TOO_MANY_MATCHES',
      )
    })
  })
})
