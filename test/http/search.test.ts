import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sample, sampleText, stateChange } from '../support/workitems.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import { attribute } from './datasets.ts'
import { aeEntry, writeDirectory } from './directory.ts'
import { expectRefusal, unchanged } from './refusal.ts'
import { IGNORED, uidsIn } from './searching.ts'
import { wire } from './wire.ts'

/** Return key types 1 and 2 of Table CC.2.5-3 (standard.md A.6): there in every result, also when empty. */
const ALWAYS = (
  '00080016 00080018 00741200 00741204 00741202 00404005 00404041 00741000 00741210 00404025 ' +
  '00404026 00404027 00404034 00404018 00404021 0020000D 00100010 00100020 00100021 00100024 ' +
  '00101002 00100030 00100040 00380010 00380014 00081080 00081084 0040A370 00741002'
).split(' ')

const RETRIEVE_URL = '00081190'

const expectPlain = (answer: Answer): void => {
  for (const name of ['warning', 'location', 'content-location']) expect(answer.headers.get(name), name).to.equal(null)
}

const numbers = (answer: Answer): readonly number[] => uidsIn(answer).map((uid) => Number(uid.slice(7)))

describe('PS3.18 11.9 Search, by state and page by page', () => {
  /** Twelve workitems in order of creation: S I C S I C ... (SCHEDULED, IN PROGRESS, CANCELED). */
  const UIDS = Array.from({ length: 12 }, (_, index) => `1.2.45.${12 - index}`)
  const every = (start: number): readonly string[] => UIDS.filter((_, index) => index % 3 === start)
  const [SCHEDULED, IN_PROGRESS, CANCELED] = [every(0), every(1), every(2)]

  let service: Service
  let url: string
  before(async () => {
    service = await startService()
    url = `${service.aet()}/workitems`
    for (const [index, uid] of UIDS.entries()) {
      await post(`${url}?${uid}`, sampleText('ai-triage'))
      if (index % 3 !== 0) await put(`${url}/${uid}/state`, stateChange('IN PROGRESS'))
      if (index % 3 === 2) await put(`${url}/${uid}/state`, stateChange('CANCELED'))
    }
  })
  after(() => service.stop())

  const search = (query: string, where = url): Promise<Answer> => send(`${where}${query}`)

  it('lists all workitems in order of creation, without Location and without a Warning', async () => {
    const answer = await search('')
    expect(uidsIn(answer)).to.deep.equal(UIDS)
    expectPlain(answer)
    expect(answer.headers.get('content-type')).to.equal('application/dicom+json')
  })

  it('answers 204 without a payload when there is no match', async () => {
    const answer = await search('?ProcedureStepState=COMPLETED')
    expect(answer.status).to.equal(204)
    expect(uidsIn(answer)).to.deep.equal([])
    expectPlain(answer)
  })

  it('does not change the order when a workitem is changed', async () => {
    await post(`${url}/${UIDS[0]}`, { '00741204': attribute('LO', 'changed') })
    expect(uidsIn(await search(''))).to.deep.equal(UIDS)
  })

  describe('The state', () => {
    const keys: readonly [string, readonly string[]][] = [
      ['ProcedureStepState=SCHEDULED', SCHEDULED],
      ['00741000=SCHEDULED', SCHEDULED],
      ['ProcedureStepState=IN%20PROGRESS', IN_PROGRESS],
      ['ProcedureStepState=IN+PROGRESS', IN_PROGRESS],
      ['ProcedureStepState=CANCELED', CANCELED],
      ['ProcedureStepState=SCHEDULED,CANCELED', UIDS.filter((uid) => !IN_PROGRESS.includes(uid))],
      ['ProcedureStepState=CANCELED,SCHEDULED,CANCELED', UIDS.filter((uid) => !IN_PROGRESS.includes(uid))],
      ['00741000=IN%20PROGRESS,COMPLETED', IN_PROGRESS],
      ['ProcedureStepState=SCHED*', SCHEDULED],
      ['ProcedureStepState=*ED', UIDS.filter((uid) => !IN_PROGRESS.includes(uid))],
      ['ProcedureStepState=', UIDS],
      ['ProcedureStepState=*', UIDS],
      ['ProcedureStepState', UIDS],
      ['ProcedureStepState=SCHEDULED&PatientID=', SCHEDULED],
    ]
    for (const [query, uids] of keys) {
      it(`${query} finds ${uids.length}`, async () => {
        const answer = await search(`?${query}`)
        expect(uidsIn(answer)).to.deep.equal(uids)
        expectPlain(answer)
      })
    }

    it('sees what was acknowledged before', async () => {
      const uid = '1.2.46.1'
      await post(`${url}?${uid}`, sampleText('minimal'))
      expect(uidsIn(await search('?ProcedureStepState=SCHEDULED'))).to.include(uid)
      await post(`${url}/${uid}/cancelrequest`)
      expect(uidsIn(await search('?ProcedureStepState=SCHEDULED'))).not.to.include(uid)
      expect(uidsIn(await search('?ProcedureStepState=CANCELED'))).to.include(uid)
      await deleteWorkitem(service.store, uid)
      expect(uidsIn(await search(''))).to.deep.equal(UIDS)
    })
  })

  describe('Pages', () => {
    const pages: readonly [string, readonly string[]][] = [
      ['limit=5', UIDS.slice(0, 5)],
      ['limit=5&offset=5', UIDS.slice(5, 10)],
      ['limit=5&offset=10', UIDS.slice(10)],
      ['LIMIT=5&Offset=10', UIDS.slice(10)],
      ['offset=11', UIDS.slice(11)],
      ['offset=12', []],
      ['offset=9007199254740991', []],
      ['limit=9007199254740991', UIDS],
      ['limit=0', []],
      ['limit=0&offset=3', []],
      ['limit=1&limit=1', UIDS.slice(0, 1)],
      ['ProcedureStepState=CANCELED&limit=2&offset=1', CANCELED.slice(1, 3)],
      [
        'offset=1&ProcedureStepState=CANCELED,SCHEDULED&limit=3',
        UIDS.filter((uid) => !IN_PROGRESS.includes(uid)).slice(1, 4),
      ],
    ]
    for (const [query, uids] of pages) {
      it(`${query}: ${uids.length}, without a Warning, since the client cut it`, async () => {
        const answer = await search(`?${query}`)
        expect(answer.status).to.equal(uids.length === 0 ? 204 : 200)
        expect(uidsIn(answer)).to.deep.equal(uids)
        expectPlain(answer)
      })
    }

    it('never overlap and leave nothing out', async () => {
      for (const size of [1, 5, 7]) {
        const found: string[] = []
        for (let offset = 0; ; offset += size) {
          const page = uidsIn(await search(`?limit=${size}&offset=${offset}`))
          if (page.length === 0) break
          found.push(...page)
        }
        expect(found).to.deep.equal(UIDS)
      }
    })
  })

  describe('400, never "matches everything"', () => {
    const bad: readonly [string, RegExp][] = [
      ['ProcedureStepState=DONE', /ProcedureStepState.*SCHEDULED, IN PROGRESS, COMPLETED, CANCELED.*"DONE"/],
      ['ProcedureStepState=scheduled', /"scheduled"/],
      ['ProcedureStepState=SCHEDULED,DONE', /"DONE"/],
      ['ProcedureStepState=SCHEDULED,', /ProcedureStepState.*more than spaces/],
      // A comma list is split before percent-decoding (decisions.md 5): this is one value.
      ['ProcedureStepState=SCHEDULED%2CCANCELED', /"SCHEDULED,CANCELED"/],
      ['ProcedureStepState=DO*', /"DO\*"/],
      ['00741000=DONE', /00741000.*"DONE"/],
      ['ProcedureStepState=SCHEDULED&ProcedureStepState=CANCELED', /twice/],
      ['ProcedureStepState=SCHEDULED&00741000=SCHEDULED', /twice/],
      ['limit=-1', /limit.*"-1".*unsigned/],
      ['limit=abc', /limit.*"abc"/],
      ['limit=1.5', /limit.*"1\.5"/],
      ['limit=1e3', /limit.*"1e3"/],
      ['limit=', /limit.*""/],
      ['limit', /limit/],
      ['limit=0x10', /limit/],
      ['limit=99999999999999999999', /limit/],
      ['limit=1&limit=2', /limit/],
      ['LIMIT=x', /limit/i],
      ['offset=-1', /offset.*"-1"/],
      ['offset=abc', /offset.*"abc"/],
      ['offset', /offset/],
      ['NoSuchAttribute=x', /NoSuchAttribute.*expected a keyword of PS3\.6 or the 8 hex digits of an attribute/],
      ['12345678=x', /12345678/],
      ['procedurestepstate.x=SCHEDULED', /procedurestepstate\.x/],
      ['TransactionUID=1.2.3', /TransactionUID/],
      ['00081195=1.2.3', /00081195/],
      ['00081195=', /00081195/],
      ['limit=%ZZ', /percent-encoded/],
      ['%E4=1', /percent-encoded/],
    ]
    for (const [query, detail] of bad) {
      it(query, async () => {
        const answer = await unchanged(service, [], () => search(`?${query}`))
        expectRefusal(answer, service.aet(), 'malformedParameter', { detail })
      })
    }
  })

  describe('Parameters that nobody knows', () => {
    for (const query of ['foo=1', 'foo', 'patientID=X', '_=1699', 'foo=1&bar=2']) {
      it(`are ignored, with one Warning: ${query}`, async () => {
        const answer = await search(`?${query}&limit=2`)
        expect(uidsIn(answer)).to.deep.equal(UIDS.slice(0, 2))
        expect(answer.headers.get('warning')).to.equal(`299 ${service.aet()}: ${IGNORED}`)
      })
    }

    it('are warned of in a 204 too', async () => {
      const answer = await search('?foo=1&ProcedureStepState=COMPLETED')
      expect(answer.status).to.equal(204)
      expect(answer.headers.get('warning')).to.equal(`299 ${service.aet()}: ${IGNORED}`)
    })

    it('are not empty components', async () => {
      expectPlain(await search('?&limit=2&'))
    })
  })

  describe('What is returned', () => {
    it('is every attribute of return key type 1 and 2, and the Retrieve URL; never the Transaction UID', async () => {
      await post(`${url}?1.2.47.1`, sampleText('minimal'))
      const results = (await search('')).json() as readonly Dataset[]
      for (const result of results) {
        expect(result).to.include.keys(...ALWAYS, RETRIEVE_URL)
        expect(result).not.to.have.property('00081195')
        expect(result).not.to.have.any.keys('00400400', '00404010', '00404011', '00404070', '00741216')
      }
      const last = results.at(-1)
      expect(last?.['00404034']).to.deep.equal({ vr: 'SQ' })
      expect(last?.['0020000D']).to.deep.equal({ vr: 'UI' })
      expect(last).to.have.all.keys(...ALWAYS, RETRIEVE_URL)
    })

    it('is 1C and 2C where the workitem has it, and sequences whole', async () => {
      const more = {
        '00102000': attribute('LO', 'Latex'),
        '001021C0': attribute('US', 4),
        '00380050': attribute('LO', 'Ramp'),
      }
      await post(`${url}?1.2.47.2`, { ...sample('rt-treatment'), ...more })
      const result = ((await search('')).json() as readonly Dataset[]).at(-1)
      const sent: Dataset = { ...sample('rt-treatment'), ...more }
      expect(result?.['00080005']).to.deep.equal(sent['00080005'])
      for (const tag of ALWAYS.filter((one) => one in sent)) {
        expect(result?.[tag], tag).to.deep.equal(sent[tag])
      }
      expect(result).to.deep.include(more)
    })

    it('has a Retrieve URL that retrieves', async () => {
      const [first] = (await search('?limit=1')).json() as readonly Dataset[]
      const retrieve = String(first?.[RETRIEVE_URL]?.Value?.[0])
      expect(first?.[RETRIEVE_URL]?.vr).to.equal('UR')
      expect(retrieve).to.equal(`${url}/${UIDS[0]}`)
      expect((await send(retrieve)).status).to.equal(200)
    })
  })

  it('answers HEAD as GET, without the payload', async () => {
    const answer = await send(url, { method: 'HEAD' })
    expect(answer.status).to.equal(200)
    expect(answer.text).to.equal('')
    expect(answer.headers.get('content-type')).to.equal('application/dicom+json')
    expect((await send(`${url}?offset=1000`, { method: 'HEAD' })).status).to.equal(204)
    expect((await send(`${url}?limit=x`, { method: 'HEAD' })).status).to.equal(400)
  })

  it('writes one well-formed array when there are more workitems than the store gives at a time', async () => {
    const many = await startService()
    try {
      const target = `${many.aet()}/workitems`
      const uids = Array.from({ length: 450 }, (_, index) => `1.2.48.${index + 1}`)
      await Promise.all(uids.map((uid) => post(`${target}?${uid}`, sampleText('minimal'))))
      const answer = await wire({ port: many.port, path: '/aets/WORKLIST/rs/workitems' })
      expect(new Set(uidsIn(answer))).to.deep.equal(new Set(uids))
      const order = uidsIn(answer)
      expect(uidsIn(await send(`${target}?limit=250&offset=150`))).to.deep.equal(order.slice(150, 400))
    } finally {
      await many.stop()
    }
  })

  describe('Caps of the configuration', () => {
    const folder = temporaryFolder()
    let capped: Service
    before(async () => {
      const config = writeDirectory(folder.path, [
        aeEntry('PAGED', 'dcmQidoMaxNumberOfResults: 3'),
        aeEntry('BOUND', 'dcmQueryMaxNumberOfResults: 4'),
        aeEntry('FREE', 'dcmQidoMaxNumberOfResults: 0', 'dcmQueryMaxNumberOfResults: 0'),
      ])
      capped = await startService({ config })
      for (let index = 1; index <= 7; index++) {
        await post(`${capped.aet('FREE')}/workitems?1.2.49.${index}`, sampleText('ai-triage'))
      }
      for (const uid of ['1.2.49.6', '1.2.49.7']) await post(`${capped.aet('FREE')}/workitems/${uid}/cancelrequest`)
    })
    after(async () => {
      await capped.stop()
      folder.remove()
    })

    const through = (aet: string, query: string): Promise<Answer> => search(query, `${capped.aet(aet)}/workitems`)

    const pages: readonly [string, readonly number[], number | undefined][] = [
      ['', [1, 2, 3], 4],
      ['?offset=3', [4, 5, 6], 1],
      ['?offset=4', [5, 6, 7], undefined],
      ['?limit=3', [1, 2, 3], undefined],
      ['?limit=2', [1, 2], undefined],
      ['?limit=5', [1, 2, 3], 4],
      ['?ProcedureStepState=SCHEDULED', [1, 2, 3], 2],
      ['?ProcedureStepState=CANCELED', [6, 7], undefined],
    ]
    for (const [query, expected, remaining] of pages) {
      it(`dcmQidoMaxNumberOfResults 3, "${query}": ${expected.join()}, ${remaining ?? 'none'} left`, async () => {
        const answer = await through('PAGED', query)
        expect(numbers(answer)).to.deep.equal(expected)
        const text = `There are ${remaining} additional results that can be requested`
        expect(answer.headers.get('warning')).to.equal(
          remaining === undefined ? null : `299 ${capped.aet('PAGED')}: ${text}`,
        )
      })
    }

    it('warn of the cap and of ignored parameters side by side', async () => {
      const answer = await through('PAGED', '?foo=1')
      const base = capped.aet('PAGED')
      expect(answer.headers.get('warning')).to.equal(
        `299 ${base}: ${IGNORED}, 299 ${base}: There are 4 additional results that can be requested`,
      )
    })

    it('dcmQueryMaxNumberOfResults 4 refuses a search that matches more: 413, also when it asks for less', async () => {
      for (const query of ['', '?limit=1', '?offset=6', '?ProcedureStepState=SCHEDULED']) {
        expectRefusal(await through('BOUND', query), capped.aet('BOUND'), 'tooManyMatches', {
          detail: /matches [57] Workitems.*4/,
        })
      }
      expect(numbers(await through('BOUND', '?ProcedureStepState=CANCELED'))).to.deep.equal([6, 7])
    })

    it('are none when they are 0', async () => {
      expect(numbers(await through('FREE', ''))).to.have.length(7)
    })
  })
})
