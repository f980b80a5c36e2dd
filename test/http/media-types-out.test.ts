import { expect } from 'chai'
import { parseDatasetXml } from '../../plugin/dicom/xml-read.ts'
import { splitMultipart } from '../../plugin/dicom/multipart.ts'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sample, sampleText } from '../support/workitems.ts'
import { expectRefusal } from './refusal.ts'
import { wire } from './wire.ts'

const JSON_DEFAULT = 'application/dicom+json'
const PLAIN_JSON = 'application/json'
const SINGLE_XML = 'application/dicom+xml'
const MULTIPART = /^multipart\/related; type="application\/dicom\+xml"; boundary=[\w'()+,./:=?-]{1,70}$/
const PATH = '/aets/WORKLIST/rs/workitems'

const typeOf = ({ headers }: Answer): string => headers.get('content-type') ?? 'none'

/** The documents of a multipart answer, each checked to be one. */
function partsOf(answer: Answer): readonly Dataset[] {
  const [, boundary = ''] = /boundary=(.*)$/.exec(typeOf(answer)) ?? []
  const parts = splitMultipart(Buffer.from(answer.text), boundary)
  if (!parts.ok) throw new Error(JSON.stringify(parts.problems))
  return parts.value.map(({ contentType, content }) => {
    expect(contentType).to.equal(SINGLE_XML)
    return datasetIn(content.toString('utf8'))
  })
}

function datasetIn(xml: string): Dataset {
  expect(xml).to.match(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<NativeDicomModel /)
  expect(xml)
    .to.include('xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM"')
    .and.to.include('xml:space="preserve"')
  const dataset = parseDatasetXml(xml)
  if (!dataset.ok) throw new Error(JSON.stringify(dataset.problems))
  return dataset.value
}

/** The keys of every object in a JSON text, in the order of the text. */
function keysByObject(text: string): readonly (readonly string[])[] {
  const closed: string[][] = []
  const open: string[][] = []
  for (const [token, key] of text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') open.push([])
    else if (token === '}') closed.push(open.pop() ?? [])
    else if (key !== undefined) open.at(-1)?.push(key)
  }
  return closed
}

describe('PS3.18 8.7 Media types of answers', () => {
  let service: Service
  let url: string
  before(async () => {
    service = await startService()
    url = `${service.aet()}/workitems`
    const attributes = { '21000140': { vr: 'AE', Value: ['STORE'] }, '00990010': { vr: 'LO', Value: ['ACME'] } }
    for (const uid of ['1.2.1', '1.2.2']) await post(`${url}?${uid}`, { ...attributes, ...sample('ai-triage') })
  })
  after(() => service.stop())

  /** With exactly this Accept, or none. */
  const get = (path: string, accept?: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    wire({
      port: service.port,
      path: PATH + path,
      headers: { ...(accept === undefined ? {} : { Accept: accept }), ...more },
    })

  describe('Retrieve', () => {
    const choices: readonly [string | undefined, string | RegExp][] = [
      [undefined, JSON_DEFAULT],
      ['*/*', JSON_DEFAULT],
      ['application/*', JSON_DEFAULT],
      ['application/dicom+json', JSON_DEFAULT],
      ['Application/DICOM+JSON', JSON_DEFAULT],
      ['application/json', PLAIN_JSON],
      ['application/dicom+xml', SINGLE_XML],
      ['multipart/*', MULTIPART],
      ['multipart/related', MULTIPART],
      ['multipart/related; type="application/dicom+xml"', MULTIPART],
      ['multipart/related; type=application/dicom+xml', MULTIPART],
      ['multipart/related;type="application/dicom+xml";transfer-syntax=*', MULTIPART],
      ['application/dicom+json;q=0.5, application/dicom+xml', SINGLE_XML],
      ['application/dicom+json;q=0.5, application/dicom+xml;q=0.4, multipart/related;q=0.3', JSON_DEFAULT],
      ['application/dicom+xml;q=0.1, multipart/related; type="application/dicom+xml"; q=0.2', MULTIPART],
      ['*/*;q=0.1, application/json;q=0.2', PLAIN_JSON],
      ['*/*, application/dicom+json;q=0', PLAIN_JSON],
      ['application/*;q=0.1, multipart/*;q=0.9', MULTIPART],
      ['application/*;q=0.9, application/dicom+json;q=0.1, application/json;q=0.1', SINGLE_XML],
      ['image/jpeg, */*;q=0.1', JSON_DEFAULT],
      ['rubbish, application/dicom+xml', SINGLE_XML],
      ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', JSON_DEFAULT],
    ]
    for (const [accept, type] of choices) {
      it(`answers ${accept === undefined ? 'without Accept' : `"${accept}"`} with ${String(type)}`, async () => {
        const answer = await get('/1.2.1', accept)
        expect(answer.status, answer.text).to.equal(200)
        if (typeof type === 'string') expect(typeOf(answer)).to.equal(type)
        else expect(typeOf(answer)).to.match(type)
        expect(answer.headers.get('warning')).to.equal(null)
      })
    }

    it('gives the same dataset in every media type, JSON as an array of one', async () => {
      const document = (await get('/1.2.1')).json() as readonly Dataset[]
      expect(document).to.have.length(1)
      expect((await get('/1.2.1', PLAIN_JSON)).json()).to.deep.equal(document)
      expect(datasetIn((await get('/1.2.1', SINGLE_XML)).text)).to.deep.equal(document[0])
      expect(partsOf(await get('/1.2.1', 'multipart/related'))).to.deep.equal(document)
      expect(document[0]?.['00100010']).to.deep.equal(sample('ai-triage')['00100010'])
    })

    it('writes tags in upper case and ascending order, at every depth', async () => {
      const objects = keysByObject((await get('/1.2.1')).text)
      const datasets = objects.filter((keys) => keys.some((key) => /^[0-9A-F]{8}$/.test(key)))
      expect(datasets.length).to.be.above(10)
      expect(datasets.at(-1)?.at(-1), 'JavaScript would have it first').to.equal('21000140')
      for (const keys of datasets) {
        expect(keys).to.deep.equal(keys.toSorted())
        for (const key of keys) expect(key).to.match(/^[0-9A-F]{8}$/)
      }
    })

    it('writes empty attributes with their vr alone', async () => {
      const [dataset] = (await get('/1.2.1')).json() as readonly [Dataset]
      expect(dataset['00081080']).to.deep.equal({ vr: 'LO' })
      expect(dataset['00081084']).to.deep.equal({ vr: 'SQ' })
    })

    const unacceptable = [
      'image/jpeg',
      'text/html',
      'application/dicom',
      'multipart/related; type="application/dicom+json"',
      'multipart/related; type="image/jpeg"',
      'application/dicom+json;q=0',
      '*/*;q=0',
      'rubbish',
    ]
    for (const accept of unacceptable) {
      it(`refuses "${accept}" with 406 and what it has`, async () => {
        expectRefusal(await get('/1.2.1', accept), service.aet(), 'notAcceptable', {
          detail: /application\/dicom\+json.*application\/json.*multipart\/related.*application\/dicom\+xml/,
        })
      })
    }
  })

  describe('The accept parameter', () => {
    const choices: readonly [string, string | undefined, string | RegExp][] = [
      ['application/dicom%2Bxml', undefined, SINGLE_XML],
      ['application/dicom%2Bxml', '*/*', SINGLE_XML],
      ['application/dicom%2Bxml', 'application/dicom+json, */*;q=0.1', SINGLE_XML],
      ['application/json', 'application/*', PLAIN_JSON],
      ['application%2Fdicom%2Bxml', undefined, SINGLE_XML],
      ['multipart/related;type=%22application/dicom%2Bxml%22', undefined, MULTIPART],
      ['application/json;q=0.1,application/dicom%2Bxml;q=0.9', '*/*', SINGLE_XML],
      // A plus is an ordinary character of a query (RFC 3986), and these are the names of the media types.
      ['application/dicom+xml', '*/*', SINGLE_XML],
      ['application/dicom+json', undefined, JSON_DEFAULT],
      ['multipart/related;type="application/dicom+xml"', undefined, MULTIPART],
    ]
    for (const [parameter, header, type] of choices) {
      it(`${parameter} goes before ${header === undefined ? 'no header' : `the header ${header}`}`, async () => {
        const answer = await get(`/1.2.1?accept=${parameter}`, header)
        expect(answer.status, answer.text).to.equal(200)
        if (typeof type === 'string') expect(typeOf(answer)).to.equal(type)
        else expect(typeOf(answer)).to.match(type)
      })
    }

    it('is compared without case', async () => {
      expect(typeOf(await get('/1.2.1?Accept=application/json'))).to.equal(PLAIN_JSON)
    })

    it('is refused with 406 when it names nothing that there is, whatever the header says', async () => {
      expectRefusal(await get('/1.2.1?accept=image/jpeg', '*/*'), service.aet(), 'notAcceptable')
    })
  })

  describe('Search', () => {
    const choices: readonly [string | undefined, string | RegExp][] = [
      [undefined, JSON_DEFAULT],
      ['*/*', JSON_DEFAULT],
      ['application/json', PLAIN_JSON],
      ['multipart/related; type="application/dicom+xml"', MULTIPART],
      ['multipart/related; type=application/dicom+xml', MULTIPART],
      ['application/dicom+json;q=0.1, multipart/related', MULTIPART],
    ]
    for (const [accept, type] of choices) {
      it(`answers ${accept === undefined ? 'without Accept' : `"${accept}"`} with ${String(type)}`, async () => {
        const answer = await get('?limit=2', accept)
        expect(answer.status, answer.text).to.equal(200)
        if (typeof type === 'string') expect(typeOf(answer)).to.equal(type)
        else expect(typeOf(answer)).to.match(type)
        const found = typeof type === 'string' ? (answer.json() as readonly Dataset[]) : partsOf(answer)
        expect(found.map((dataset) => dataset['00080018']?.Value?.[0])).to.deep.equal(['1.2.1', '1.2.2'])
      })
    }

    it('gives the same datasets in JSON and in XML, one part each', async () => {
      expect(partsOf(await get('', 'multipart/related'))).to.deep.equal((await get('')).json())
    })

    for (const accept of ['application/dicom+xml', 'image/jpeg']) {
      it(`refuses "${accept}" with 406`, async () => {
        expectRefusal(await get('', accept), service.aet(), 'notAcceptable')
      })
    }
  })

  describe('Accept-Charset', () => {
    for (const charset of ['utf-8', 'UTF-8', '*', 'iso-8859-1, utf-8;q=0.1', 'iso-8859-1, *;q=0.1', 'utf-8, *;q=0']) {
      it(`"${charset}" allows UTF-8`, async () => {
        expect((await get('/1.2.1', '*/*', { 'Accept-Charset': charset })).status).to.equal(200)
      })
    }
    for (const charset of ['iso-8859-1', 'utf-8;q=0', 'utf-8;q=0, *', 'iso-8859-1, *;q=0']) {
      for (const path of ['/1.2.1', '']) {
        it(`"${charset}" excludes it: 406 of ${path === '' ? 'Search' : 'Retrieve'}`, async () => {
          const answer = await get(path, '*/*', { 'Accept-Charset': charset })
          expectRefusal(answer, service.aet(), 'notAcceptable', { detail: /UTF-8/ })
        })
      }
    }
  })

  it('does not negotiate where there is no payload to answer', async () => {
    const created = await post(`${url}?1.2.3`, sampleText('minimal'), { Accept: 'image/jpeg' })
    expect(created.status).to.equal(201)
    expect((await post(`${url}/1.2.3`, {}, { Accept: 'image/jpeg' })).status).to.equal(200)
    expect((await post(`${url}/1.2.3/cancelrequest`, undefined, { Accept: 'image/jpeg' })).status).to.equal(202)
    const refused = await put(`${url}/1.2.3/state`, {}, { Accept: 'image/jpeg' })
    expectRefusal(refused, service.aet(), 'missingAttribute', { paths: ['00741000'] })
  })

  it('answers errors as problem details, whatever is accepted', async () => {
    const answer = await send(`${url}/1.2.99`, { headers: { Accept: SINGLE_XML } })
    expectRefusal(answer, service.aet(), 'notFound')
  })

  it('names UTF-8 in (0008,0005) of what is not ASCII, in search results too', async () => {
    const [first] = (await get('')).json() as readonly Dataset[]
    expect(first?.['00080005']).to.deep.equal({ vr: 'CS', Value: ['ISO_IR 192'] })
  })
})
